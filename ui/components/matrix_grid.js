const ALL = "all";
// What every browser of today can draw on: Safari's limit is the smallest. Beyond it a picture comes out empty.
const LONGEST_SIDE = 16384;
const LARGEST_AREA = 16384 * 4096;
const DENSE = 20; // above this many classes the cells are too small for a gap, a zero or a wide header

class MatrixGrid {
  constructor() {
    this.root = element("div", "root");
    this.block = element("div", "block");
    this.top = element("div", "axis top");
    this.side = element("div", "axis side");
    this.topName = element("span");
    this.sideName = element("span");
    this.top.append(this.topName, arrow());
    this.side.append(this.sideName, arrow());
    this.scroll = element("div", "scroll");
    this.grid = element("div", "grid", { role: "grid" });
    this.frame = element("div", "frame", { "aria-hidden": "true" });
    this.scroll.append(this.grid);
    this.foot = element("div", "foot");
    this.legend = element("div", "legend", { "aria-hidden": "true" });
    this.legend.append(element("span"), element("i"), element("span"));
    this.hint = element("div", "hint");
    this.exports = element("div", "exports");
    this.buttons = ["png", "svg", "csv"].map((kind) => {
      const button = element("button", "export", { type: "button", "data-export": kind });
      button.onclick = () => this.save(kind);
      this.exports.append(button);
      return button;
    });
    this.foot.append(this.legend, this.exports);
    this.block.append(this.top, this.side, this.scroll, this.foot, this.hint);
    this.root.append(this.block);
    this.choice = new Choice(() => this.paint());
    this.size = -1;
    this.active = [1, 1];
    this.grid.onclick = (event) => {
      const cell = event.target.closest("[data-row]");
      if (cell) this.choose(Number(cell.dataset.row), Number(cell.dataset.column));
    };
    this.grid.onkeydown = (event) => this.key(event);
    this.grid.onmouseover = (event) => {
      const cell = event.target.closest("[data-row]");
      if (cell && !cell.title) cell.title = cell.getAttribute("aria-label");
    };
  }

  show(data, changed) {
    if (changed) this.fill(data.view);
    const before = this.choice.shown;
    this.choice.confirm(data.selected, changed);
    if (changed || this.choice.shown !== before) this.paint();
  }

  drop() {
    this.choice.drop();
  }

  // Row and column 0 are the headers, row and column size + 1 the totals, as drawn.
  build(size) {
    const hadFocus = this.grid.contains(this.grid.getRootNode().activeElement);
    this.size = size;
    this.painted = [];
    this.cells = [];
    this.grid.replaceChildren(this.frame);
    for (let row = 0; row <= size + 1; row++) {
      const line = element("div", "row", { role: "row" });
      const cells = [];
      for (let column = 0; column <= size + 1; column++) {
        const inside = row >= 1 && row <= size && column >= 1 && column <= size;
        // The corner heads nothing: it is what chooses the diagonal.
        const corner = row === 0 && column === 0;
        const role = inside || corner ? "gridcell" : row === 0 ? "columnheader" : column === 0 ? "rowheader" : "gridcell";
        const cell = element("div", inside ? "cell" : "head", {
          role, tabindex: "-1", "aria-selected": "false", "data-row": row, "data-column": column,
        });
        if (inside && row === column) cell.classList.add("right");
        if (row === 0) cell.classList.add("first");
        if (column === 0) cell.classList.add("lead");
        if (!inside && (row > size || column > size)) cell.classList.add("total");
        cells.push(cell);
        line.append(cell);
      }
      this.cells.push(cells);
      this.grid.append(line);
    }
    this.cells[0][0].innerHTML =
      '<svg class="mark" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">' +
      '<path d="M2 2h4v4h-4zM8 8h4v4h-4zM14 14h4v4h-4z" fill="currentColor"/></svg>';
    this.grid.style.setProperty("--n", size);
    this.active = this.active.map((place) => Math.min(place, size + 1));
    if (hadFocus) this.focus(...this.active);
  }

  fill(view) {
    const { classes, words, swapped } = view;
    const names = classes.map((each) => each.name);
    const size = names.length;
    this.view = view;
    if (size !== this.size) this.build(size);
    this.root.classList.toggle("dense", size > DENSE);
    this.root.hidden = size === 0;
    setText(this.topName, swapped ? words.truth_axis : words.predicted_axis);
    setVertical(this.sideName, swapped ? words.predicted_axis : words.truth_axis);
    setAttribute(this.grid, "aria-label", words.grid_label);
    setText(this.hint, words.hint);
    for (const button of this.buttons) setText(button, words[`export_${button.dataset.export}`]);

    const nameWidth = widest(names);
    const style = this.root.style;
    style.setProperty("--text", widest(cellTexts(view)) || 1);
    style.setProperty("--name", Math.min(Math.max(nameWidth, ems(words.total) * 0.85), 9));
    style.setProperty("--sum", Math.max(widest(classes.map((each) => each.row_total)), ems(view.grand_total), ems(words.total) * 0.85));
    this.root.classList.toggle("tall", nameWidth > (size > DENSE ? 1.4 : 3.2));

    const last = size + 1;
    for (let i = 0; i < size; i++) {
      const { long_name, row_total, column_total } = classes[i];
      const truth = [`${i}-${ALL}`, fillIn(words.row_label, { truth: long_name, count: row_total }), row_total];
      const predicted = { predicted: long_name, count: column_total };
      const called = [`${ALL}-${i}`, fillIn(words.column_label, predicted), column_total];
      const [side, top] = swapped ? [called, truth] : [truth, called];
      this.header(i + 1, 0, names[i], side[0], side[1]);
      this.header(i + 1, last, side[2], side[0], side[1], true);
      this.header(0, i + 1, names[i], top[0], top[1]);
      setStance(this.cells[0][i + 1], names[i]);
      this.header(last, i + 1, top[2], top[0], top[1], true);
      for (let j = 0; j < size; j++) this.cell(i, j);
    }
    this.header(0, 0, null, "diagonal", words.diagonal_label);
    const whole = `${words.total} ${view.grand_total}`;
    this.header(0, last, words.total, "everything", whole, true);
    this.header(last, 0, words.total, "everything", whole, true);
    this.header(last, last, view.grand_total, "everything", whole);

    this.legend.hidden = !view.scale_ends;
    if (view.scale_ends) {
      const [low, bar, high] = this.legend.children;
      setText(low, view.scale_ends[0]);
      setText(high, view.scale_ends[1]);
      const stops = Array.from({ length: 11 }, (_, i) => css(shade(i / 10, this.dark)));
      bar.style.background = `linear-gradient(90deg, ${stops.join(",")})`;
    }
  }

  // Totals choose the same as their header; only one of them carries the public hook data-sel.
  header(row, column, text, selection, label, alias = false) {
    const cell = this.cells[row][column];
    if (text !== null) setText(cell, text);
    cell.selection = selection;
    if (!alias) setAttribute(cell, "data-sel", selection);
    if (cell.getAttribute("aria-label") !== label) {
      cell.setAttribute("aria-label", label);
      cell.removeAttribute("title");
    }
  }

  cell(truth, called) {
    const { view, dark } = this;
    const cell = view.swapped ? this.cells[called + 1][truth + 1] : this.cells[truth + 1][called + 1];
    const [count, text, level] = view.cells[truth][called];
    setText(cell, text);
    const selection = `${truth}-${called}`;
    cell.selection = selection;
    setAttribute(cell, "data-sel", selection);
    const label = fillIn(view.words.cell_label, {
      truth: view.classes[truth].long_name, predicted: view.classes[called].long_name, count: text,
    });
    if (cell.getAttribute("aria-label") !== label) {
      cell.setAttribute("aria-label", label);
      cell.removeAttribute("title");
    }
    const kind = level === null ? "hatch" : count === 0 ? "zero" : "";
    const colour = kind ? null : shade(level, dark);
    const look = kind || css(colour);
    if (cell.look === look) return;
    cell.look = look;
    cell.classList.toggle("hatch", kind === "hatch");
    cell.classList.toggle("zero", kind === "zero");
    cell.style.backgroundColor = colour ? css(colour) : "";
    cell.style.color = colour ? ink(colour) : "";
  }

  // Where a selection is drawn: row and column as drawn, ALL for a whole line; null for none.
  place(selection) {
    if (selection === "diagonal") return [0, 0];
    if (selection === "everything") return [this.size + 1, this.size + 1];
    const match = /^(all|\d+)-(all|\d+)$/.exec(selection ?? "");
    if (!match) return null;
    const [truth, called] = match.slice(1).map((part) => (part === ALL ? 0 : Number(part) + 1));
    if (Math.max(truth, called) > this.size) return null;
    return this.view.swapped ? [called, truth] : [truth, called];
  }

  paint() {
    const { size, frame, cells } = this;
    for (const cell of this.painted) {
      cell.classList.remove("chosen", "lit");
      cell.setAttribute("aria-selected", "false");
    }
    this.painted = [];
    const selection = this.choice.shown;
    const place = this.place(selection);
    this.grid.classList.toggle("diagonal", selection === "diagonal");
    this.grid.classList.toggle("errors", selection === "errors");
    frame.hidden = !place || selection === "diagonal";
    if (place) {
      const [row, column] = place;
      const whole = selection === "everything";
      const mark = (cell, name, selected) => {
        cell.classList.add(name);
        if (selected) cell.setAttribute("aria-selected", "true");
        this.painted.push(cell);
      };
      if (!frame.hidden) {
        frame.classList.toggle("wide", row === 0 || column === 0 || whole);
        frame.style.gridRow = whole || row === 0 ? `2 / ${size + 2}` : `${row + 1} / ${row + 2}`;
        frame.style.gridColumn = whole || column === 0 ? `2 / ${size + 2}` : `${column + 1} / ${column + 2}`;
      }
      mark(cells[row][column], "chosen", true);
      if (row && column && !whole) {
        mark(cells[row][0], "lit", false);
        mark(cells[0][column], "lit", false);
      }
    }
    if (!this.grid.contains(this.grid.getRootNode().activeElement)) this.rove(...(place ?? [1, 1]));
  }

  rove(row, column) {
    const [oldRow, oldColumn] = this.active;
    this.cells[oldRow]?.[oldColumn]?.setAttribute("tabindex", "-1");
    this.active = [Math.min(row, this.size + 1), Math.min(column, this.size + 1)];
    this.cells[this.active[0]][this.active[1]].setAttribute("tabindex", "0");
  }

  focus(row, column, preventScroll = false) {
    this.rove(row, column);
    this.cells[this.active[0]][this.active[1]].focus({ preventScroll });
  }

  choose(row, column) {
    this.focus(row, column, true); // it is under the pointer or has the focus: nothing to scroll to, no layout to wait for
    this.choice.click(this.cells[row][column].selection, (value) =>
      this.component.setTriggerValue("selected", value));
  }

  key(event) {
    if (event.altKey || event.metaKey) return;
    const last = this.size + 1;
    let [row, column] = this.active;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.choose(row, column);
      return;
    }
    if (event.key === "ArrowUp") row -= 1;
    else if (event.key === "ArrowDown") row += 1;
    else if (event.key === "ArrowLeft") column -= 1;
    else if (event.key === "ArrowRight") column += 1;
    else if (event.key === "Home") [row, column] = [event.ctrlKey ? 0 : row, 0];
    else if (event.key === "End") [row, column] = [event.ctrlKey ? last : row, last];
    else return;
    event.preventDefault();
    this.focus(Math.min(Math.max(row, 0), last), Math.min(Math.max(column, 0), last));
  }

  save(kind) {
    if (kind === "csv") return this.download(this.view.csv, "text/csv;charset=utf-8", "csv");
    const family = getComputedStyle(this.root).fontFamily;
    const { text, width, height } = svgOf(this.view, family);
    if (kind === "svg") return this.download(text, "image/svg+xml", "svg");
    const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    const picture = new Image();
    picture.onload = () => {
      const canvas = element("canvas");
      const scale = Math.min(2, LONGEST_SIDE / width, LONGEST_SIDE / height, Math.sqrt(LARGEST_AREA / width / height));
      canvas.width = Math.floor(width * scale);
      canvas.height = Math.floor(height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      URL.revokeObjectURL(url);
      canvas.toBlob((blob) => (blob ? this.download(blob, "image/png", "png") : this.fail()), "image/png");
    };
    picture.onerror = () => {
      URL.revokeObjectURL(url);
      this.fail();
    };
    picture.src = url;
    return undefined;
  }

  fail() {
    setText(this.hint, this.view.words.export_failed);
  }

  download(content, type, extension) {
    const url = URL.createObjectURL(new Blob([content], { type }));
    const link = element("a", "", { href: url, download: `${this.view.file_stem}.${extension}` });
    link.hidden = true;
    this.root.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000); // some browsers read it only after the click has returned
  }
}

// Text for the inside of XML. Some signs are not allowed in it in any form, and one of them is the end of the picture.
const NOT_IN_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const escape = (text) =>
  String(text).replace(NOT_IN_XML, "")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

// A picture that stands alone, in the colours of the light theme because it goes onto paper.
function svgOf(view, family) {
  const { classes, words, swapped } = view;
  const names = classes.map((each) => each.name);
  const rowTotals = classes.map((each) => each.row_total);
  const columnTotals = classes.map((each) => each.column_total);
  const size = names.length;
  const dense = size > DENSE;
  const font = dense ? 11 : 14;
  const cell = Math.ceil(Math.max(dense ? 24 : 46, widest(cellTexts(view)) * font + 8));
  const line = dense ? 22 : 38;
  const gap = dense ? 1 : 2;
  const tall = widest(names) * font > cell - 4;
  const nameWidth = Math.ceil(Math.max(widest(names), ems(words.total)) * font) + 14;
  const topHeight = tall ? nameWidth : 24;
  const sumWidth = Math.ceil(Math.max(widest(rowTotals), ems(view.grand_total), ems(words.total)) * font) + 14;
  const left = 20 + 26 + nameWidth;
  const above = 20 + 30 + 26 + topHeight;
  const right = left + size * (cell + gap);
  const below = above + size * (line + gap);
  const width = Math.max(right + sumWidth + 20, 40 + Math.ceil(ems(words.grid_label) * 18));
  const height = below + 26 + 20;
  const out = [];
  const text = (x, y, content, { anchor = "middle", size: points = font, weight = 400, fill = "#1c2430", extra = "" } = {}) =>
    out.push(`<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${points}" font-weight="${weight}" ` +
      `fill="${fill}" dominant-baseline="central" ${extra}>${escape(content)}</text>`);
  const topAxis = swapped ? words.truth_axis : words.predicted_axis;
  const sideAxis = swapped ? words.predicted_axis : words.truth_axis;
  const [sideSums, topSums] = swapped ? [columnTotals, rowTotals] : [rowTotals, columnTotals];
  text(20, 34, words.grid_label, { anchor: "start", size: 18, weight: 600 });
  text((left + right) / 2, 64, `${topAxis} \u2192`, { weight: 600, fill: "#4a5567" });
  upright(text, 34, above, below, sideAxis);
  const column = (j) => left + j * (cell + gap);
  const row = (i) => above + i * (line + gap);
  for (let i = 0; i < size; i++) {
    const middle = row(i) + line / 2;
    text(left - 8, middle, names[i], { anchor: "end", weight: 600 });
    text(right + sumWidth - 8, middle, sideSums[i], { anchor: "end", fill: "#4a5567" });
    const centre = column(i) + cell / 2;
    if (tall) text(centre, above - 8, names[i], { anchor: "start", weight: 600, extra: `transform="rotate(-90 ${centre} ${above - 8})"` });
    else text(centre, above - 13, names[i], { weight: 600 });
    text(centre, below + 14, topSums[i], { fill: "#4a5567", size: dense ? 8 : font - 1 });
    for (let j = 0; j < size; j++) {
      const [truth, called] = swapped ? [j, i] : [i, j];
      const [count, content, level] = view.cells[truth][called];
      const zero = count === 0;
      const colour = level === null || zero ? [241, 243, 246] : shade(level, false);
      const hex = `#${colour.map((v) => v.toString(16).padStart(2, "0")).join("")}`;
      out.push(`<rect x="${column(j)}" y="${row(i)}" width="${cell}" height="${line}" rx="${dense ? 1 : 4}" fill="${hex}"/>`);
      if (level === null) out.push(`<rect x="${column(j)}" y="${row(i)}" width="${cell}" height="${line}" rx="${dense ? 1 : 4}" fill="url(#hatch)"/>`);
      if (!(zero && dense)) text(column(j) + cell / 2, middle, content, { fill: zero || level === null ? "#5b6676" : ink(colour) });
    }
  }
  text(left - 8, below + 14, words.total, { anchor: "end", fill: "#4a5567" });
  text(right + sumWidth - 8, above - 13, words.total, { anchor: "end", fill: "#4a5567" });
  text(right + sumWidth - 8, below + 14, view.grand_total, { anchor: "end", weight: 600 });
  const hatch =
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
    '<path d="M0 0v6" stroke="#cfd5de" stroke-width="2"/></pattern></defs>';
  const head =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `font-family="${escape(family)}" style="font-variant-numeric:tabular-nums" role="img">` +
    `<title>${escape(words.grid_label)}</title>${hatch}<rect width="100%" height="100%" fill="#fff"/>`;
  return { text: `${head}${out.join("")}</svg>`, width, height };
}

// A name along the left edge. Chinese characters and kana are stacked upright, never turned on their side, and
// what has a vertical form gets it; a name in Latin letters is turned as a whole.
const VERTICAL = {
  "\uff08": "\ufe35", "\uff09": "\ufe36", "(": "\ufe35", ")": "\ufe36",
  "\u300c": "\ufe41", "\u300d": "\ufe42", "\u30fc": "\ufe31", "\u3001": "\ufe11", "\u3002": "\ufe12",
};

function upright(text, x, above, below, name) {
  const middle = (above + below) / 2;
  const style = { weight: 600, fill: "#4a5567" };
  if (!isJapanese(name)) {
    text(x, middle, `\u2190 ${name}`, { ...style, extra: `transform="rotate(-90 ${x} ${middle})"` });
    return;
  }
  const signs = [...[...name].map((c) => VERTICAL[c] ?? c), "\u2193"];
  signs.forEach((sign, i) => text(x, middle + (i - (signs.length - 1) / 2) * 15, sign, style));
}

export default function (component) {
  return render(MatrixGrid, component);
}
