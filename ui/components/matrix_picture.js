// The matrix as an SVG picture that stands alone, in the colours of the light theme because it goes onto paper.
import { hex, ink, shade } from "./colours.js";
import { escape } from "./export.js";
import { cellTexts, DENSE } from "./square_grid.js";
import { ems, isJapanese, widest } from "./text.js";
import { PICTURE } from "./values.js";

const EDGE = 20;
const TITLE = 30; // pixels that the title takes
const AXIS = 26; // and the name of an axis, and a line of totals
const TITLE_SIZE = 18;
const SIGN = 15; // from one upright sign to the next

// `family` is the font; gives the picture's text with its width and height in pixels.
export function svgOf(view, family) {
  const layout = layoutOf(view);
  const { width, height } = layout;
  const out = [...axes(view, layout), ...headings(view, layout), ...cells(view, layout), ...totals(view, layout)];
  const hatch =
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
    `<path d="M0 0v6" stroke="${PICTURE.hatch}" stroke-width="2"/></pattern></defs>`;
  const head =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `font-family="${escape(family)}" style="font-variant-numeric:tabular-nums" role="img">` +
    `<title>${escape(view.words.grid_label)}</title>${hatch}<rect width="100%" height="100%" fill="${PICTURE.page}"/>`;
  return { text: `${head}${out.join("")}</svg>`, width, height };
}

// What is drawn where, in pixels; the lines as they are drawn, whichever classes stand along the top.
function layoutOf(view) {
  const { classes, words, swapped } = view;
  const names = classes.map((each) => each.name);
  const size = names.length;
  const dense = size > DENSE;
  const font = dense ? 11 : 14;
  const room = (texts) => Math.ceil(Math.max(widest(texts), ems(words.total)) * font) + 14;
  const rowTotals = classes.map((each) => each.row_total);
  const columnTotals = classes.map((each) => each.column_total);
  const [sideTotals, topTotals] = swapped ? [columnTotals, rowTotals] : [rowTotals, columnTotals];
  const cellWidth = Math.ceil(Math.max(dense ? 24 : 46, widest(cellTexts(view)) * font + 8));
  const lines = view.cells[0]?.[0]?.[1].split("\n").length ?? 1;
  const cellHeight = (dense ? 22 : 38) + (lines - 1) * (dense ? 12 : 6);
  const gap = dense ? 1 : 2;
  const turned = widest(names) * font > cellWidth - 4;
  const nameWidth = room(names);
  const left = EDGE + AXIS + nameWidth;
  const top = EDGE + TITLE + AXIS + (turned ? nameWidth : 24);
  const right = left + size * (cellWidth + gap);
  const bottom = top + size * (cellHeight + gap);
  const sums = right + room([...rowTotals, view.grand_total]);
  return {
    names, size, dense, font, sideTotals, topTotals, cellWidth, cellHeight, turned, left, top, right, bottom,
    sums: sums - 8, // where the totals of the rows end
    width: Math.max(sums + EDGE, 2 * EDGE + Math.ceil(ems(words.grid_label) * TITLE_SIZE)),
    height: bottom + AXIS + EDGE,
    x: (column) => left + column * (cellWidth + gap),
    y: (row) => top + row * (cellHeight + gap),
  };
}

function label(x, y, content, size, { anchor = "middle", weight = 400, fill = PICTURE.text, extra = "" } = {}) {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" font-weight="${weight}" ` +
    `fill="${fill}" dominant-baseline="central" ${extra}>${escape(content)}</text>`;
}

const turn = (x, y) => `transform="rotate(-90 ${x} ${y})"`;

function axes({ words, swapped }, { left, right, top, bottom, font }) {
  const names = [words.truth_axis, words.predicted_axis];
  const [side, above] = swapped ? names.reverse() : names;
  const style = { weight: 600, fill: PICTURE.quiet };
  return [
    label(EDGE, 34, words.grid_label, TITLE_SIZE, { anchor: "start", weight: 600 }),
    label((left + right) / 2, 64, `${above} \u2192`, font, style),
    ...along(34, (top + bottom) / 2, side, font, style),
  ];
}

const VERTICAL = {
  "\uff08": "\ufe35", "\uff09": "\ufe36", "(": "\ufe35", ")": "\ufe36",
  "\u300c": "\ufe41", "\u300d": "\ufe42", "\u30fc": "\ufe31", "\u3001": "\ufe11", "\u3002": "\ufe12",
};

// A name along the left edge. Chinese characters and kana are stacked upright, never turned on their side, and
// what has a vertical form gets it; a name in Latin letters is turned as a whole.
function along(x, middle, name, font, style) {
  if (!isJapanese(name)) return [label(x, middle, `\u2190 ${name}`, font, { ...style, extra: turn(x, middle) })];
  const signs = [...[...name].map((sign) => VERTICAL[sign] ?? sign), "\u2193"];
  return signs.map((sign, i) => label(x, middle + (i - (signs.length - 1) / 2) * SIGN, sign, font, style));
}

function headings(view, { names, font, cellWidth, cellHeight, turned, left, top, x, y }) {
  return names.flatMap((name, i) => {
    const centre = x(i) + cellWidth / 2;
    const above = turned
      ? label(centre, top - 8, name, font, { anchor: "start", weight: 600, extra: turn(centre, top - 8) })
      : label(centre, top - 13, name, font, { weight: 600 });
    return [label(left - 8, y(i) + cellHeight / 2, name, font, { anchor: "end", weight: 600 }), above];
  });
}

function cells(view, { size, dense, font, cellWidth, cellHeight, x, y }) {
  const out = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const [count, text, intensity] = view.swapped ? view.cells[column][row] : view.cells[row][column];
      const faint = intensity === null || count === 0;
      const colour = faint ? null : shade(intensity, false);
      const box = `x="${x(column)}" y="${y(row)}" width="${cellWidth}" height="${cellHeight}" rx="${dense ? 1 : 4}"`;
      out.push(`<rect ${box} fill="${faint ? PICTURE.empty : hex(colour)}"/>`);
      if (intensity === null) out.push(`<rect ${box} fill="url(#hatch)"/>`);
      if (dense && count === 0) continue;
      const fill = faint ? PICTURE.faint : ink(colour);
      const lines = text.split("\n");
      lines.forEach((line, i) => {
        const middle = y(row) + cellHeight / 2 + (i - (lines.length - 1) / 2) * font * 1.15;
        out.push(label(x(column) + cellWidth / 2, middle, line, lines.length > 1 ? font - 1 : font, { fill }));
      });
    }
  }
  return out;
}

function totals(view, { dense, font, sideTotals, topTotals, cellWidth, cellHeight, left, top, bottom, sums, x, y }) {
  const quiet = { fill: PICTURE.quiet };
  const below = bottom + 14;
  return [
    ...sideTotals.map((total, i) => label(sums, y(i) + cellHeight / 2, total, font, { ...quiet, anchor: "end" })),
    ...topTotals.map((total, i) => label(x(i) + cellWidth / 2, below, total, dense ? 8 : font - 1, quiet)),
    label(left - 8, below, view.words.total, font, { ...quiet, anchor: "end" }),
    label(sums, top - 13, view.words.total, font, { ...quiet, anchor: "end" }),
    label(sums, below, view.grand_total, font, { anchor: "end", weight: 600 }),
  ];
}
