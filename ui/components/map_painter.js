// The cells of a large matrix on a canvas: those in sight, as large as the zoom says; where several share a pixel, the
// strongest is seen.
import { css, ink, shade } from "./colours.js";

const GAP_FROM = 6; // pixels of a cell from which a line is left between cells
const TEXT_FROM = 15; // and from which numbers stand in it, if they have room
const LETTER = 0.6; // width of a digit in its own size
const SMALLEST = 8; // pixels of a number
const LARGEST = 14;
const LEVELS = 64; // shades that are told apart

export class MapPainter {
  // `texts(cell)` gives the lines that stand in a cell.
  constructor(canvas, texts) {
    this.canvas = canvas;
    this.texts = texts;
    this.context = canvas.getContext("2d");
  }

  // `cells`: { rows, columns, intensities, starts }, sorted by row; those of row r are from starts[r] to starts[r + 1].
  set(cells, { size, dark, tones, undefinedRows, undefinedColumns }) {
    Object.assign(this, { cells, size, dark, tones, undefinedRows, undefinedColumns });
    this.shades = Array.from({ length: LEVELS }, (_, i) => {
      const colour = shade(i / (LEVELS - 1), dark);
      return { fill: css(colour), ink: ink(colour) };
    });
  }

  // What is seen of the field: `left` and `top` in pixels of the whole, `width` and `height` of the canvas.
  paint({ cell, left, top, width, height }) {
    const { canvas, context, size } = this;
    const ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== w) canvas.width = w;
    if (canvas.height !== h) canvas.height = h;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = this.tones.plain;
    context.fillRect(0, 0, w, h);
    context.setTransform(ratio, 0, 0, ratio, -left * ratio, -top * ratio);
    const seen = {
      rows: [Math.max(0, Math.floor(top / cell)), Math.min(size, Math.ceil((top + height) / cell))],
      columns: [Math.max(0, Math.floor(left / cell)), Math.min(size, Math.ceil((left + width) / cell))],
    };
    if (cell >= GAP_FROM) this.lines(seen, cell);
    this.hatch(seen, cell);
    const least = 1 / ratio; // a pixel of the screen: a cell is never less than seen
    const side = Math.max(cell >= GAP_FROM ? cell - 1 : cell, least);
    // The strongest last, so that it lies on top where several share a pixel.
    for (const at of cell < 2 ? this.byStrength(seen) : this.inside(seen)) this.cell(at, cell, side);
  }

  *inside({ rows, columns }) {
    const { starts, columns: places } = this.cells;
    for (let row = rows[0]; row < rows[1]; row++) {
      for (let at = starts[row]; at < starts[row + 1]; at++) {
        if (places[at] >= columns[0] && places[at] < columns[1]) yield at;
      }
    }
  }

  byStrength(seen) {
    const { intensities } = this.cells;
    return [...this.inside(seen)].sort((a, b) => intensities[a] - intensities[b]);
  }

  cell(at, cell, side) {
    const { context, cells } = this;
    const [x, y] = [cells.columns[at] * cell, cells.rows[at] * cell];
    const strength = cells.intensities[at];
    const isPlain = Number.isNaN(strength); // of what is not on the scale
    const tone = isPlain ? null : this.shades[Math.round(strength * (LEVELS - 1))];
    context.fillStyle = isPlain ? this.tones.aside : tone.fill;
    context.fillRect(x, y, side, side);
    if (cell >= TEXT_FROM) this.write(this.texts(at), x + side / 2, y + side / 2, side, isPlain ? this.tones.text : tone.ink);
  }

  write(lines, x, y, side, colour) {
    const { context } = this;
    const longest = Math.max(...lines.map((line) => line.length));
    const font = Math.min(LARGEST, (side - 2) / (longest * LETTER), (side - 2) / lines.length / 1.1);
    if (font < SMALLEST) return;
    context.font = `${font}px ${this.tones.family}`;
    context.fillStyle = colour;
    context.textAlign = "center";
    context.textBaseline = "middle";
    lines.forEach((line, i) => context.fillText(line, x, y + (i - (lines.length - 1) / 2) * font * 1.1 + 0.5));
  }

  lines({ rows, columns }, cell) {
    const { context, size } = this;
    context.fillStyle = this.tones.page;
    for (let row = rows[0]; row < rows[1]; row++) context.fillRect(0, (row + 1) * cell - 1, size * cell, 1);
    for (let column = columns[0]; column < columns[1]; column++) context.fillRect((column + 1) * cell - 1, 0, 1, size * cell);
  }

  // Rows or columns in which a share is undefined, as nothing can be divided by.
  hatch(seen, cell) {
    const { context, size } = this;
    context.fillStyle = this.tones.aside;
    for (const row of this.undefinedRows) context.fillRect(0, row * cell, size * cell, Math.max(cell - 1, 0.5));
    for (const column of this.undefinedColumns) context.fillRect(column * cell, 0, Math.max(cell - 1, 0.5), size * cell);
  }
}
