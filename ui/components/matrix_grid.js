// The confusion matrix on which a cell, a row, a column, the diagonal or everything is chosen. A choice travels as the
// text that mnistcore/evaluation/selections.py defines.
import { Choice } from "./choice.js";
import { css, ink, shade } from "./colours.js";
import { element, focused, setAttribute, setText, setVertical } from "./dom.js";
import { download, pngOf } from "./export.js";
import { svgOf } from "./matrix_picture.js";
import { render } from "./part.js";
import { SquareGrid } from "./square_grid.js";
import { ems, fillIn, widest } from "./text.js";

const ALL = "all";
const LONGEST_NAME = 9; // em
const STOPS = Array.from({ length: 11 }, (_, i) => i / 10); // of the legend
const CORNER =
  '<svg class="mark" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">' +
  '<path d="M2 2h4v4h-4zM8 8h4v4h-4zM14 14h4v4h-4z" fill="currentColor"/></svg>';
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

// Writing only what differs: the title under the mouse is made of the label.
function setLabel(cell, label) {
  if (cell.getAttribute("aria-label") === label) return;
  cell.setAttribute("aria-label", label);
  cell.removeAttribute("title");
}

class MatrixGrid {
  constructor() {
    this.square = new SquareGrid({
      role: "grid",
      totals: true,
      attributes: (row, column) => ({
        tabindex: "-1", "aria-selected": "false", "data-row": row, "data-column": column,
      }),
      describe: (cell) => cell.getAttribute("aria-label"),
    });
    this.grid = this.square.node;
    this.frame = element("div", "frame", { "aria-hidden": "true" });
    this.hint = element("div", "hint");
    const block = element("div", "block");
    block.append(...this.square.parts, this.makeFoot(), this.hint);
    this.root = element("div", "root");
    this.root.append(block);
    this.choice = new Choice(() => this.paint());
    this.active = [1, 1]; // the one cell that Tab stops at
    this.painted = []; // cells that look chosen
    this.grid.onclick = (event) => {
      const cell = event.target.closest("[data-row]");
      if (cell) this.choose(Number(cell.dataset.row), Number(cell.dataset.column));
    };
    this.grid.onkeydown = (event) => this.key(event);
  }

  // The legend of the colours, and the buttons that save the matrix.
  makeFoot() {
    const foot = element("div", "foot");
    this.exports = element("div", "exports");
    this.legend = element("div", "legend", { role: "img" });
    this.bar = element("i");
    this.ticks = [element("span"), element("span"), element("span")];
    this.legend.append(this.bar, ...this.ticks);
    this.buttons = ["png", "svg", "csv"].map((kind) => {
      const button = element("button", "export", { type: "button", "data-export": kind });
      button.onclick = () => this.save(kind);
      return button;
    });
    this.exports.append(...this.buttons);
    foot.append(this.legend, this.exports);
    return foot;
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

  // ---------------------------------------------------------------- what the view says

  build(size) {
    const hadFocus = focused(this.grid);
    this.square.build(size);
    this.painted = [];
    this.square.cells.forEach((cells, row) => cells.forEach((cell, column) => {
      if (row === column && this.square.isInside(row, column)) cell.classList.add("right");
      if (row > size || column > size) cell.classList.add("total");
    }));
    this.square.cells[0][0].innerHTML = CORNER;
    this.grid.prepend(this.frame);
    this.active = this.active.map((place) => Math.min(place, this.square.last));
    if (hadFocus) this.focus(...this.active);
  }

  fill(view) {
    const { classes, words, swapped } = view;
    const totalWidth = ems(words.total) * 0.85;
    this.view = view;
    if (classes.length !== this.square.size) this.build(classes.length);
    this.square.measure(this.root, view, { least: totalWidth, most: LONGEST_NAME });
    const sums = widest(classes.map((each) => each.row_total));
    this.root.style.setProperty("--sum", Math.max(sums, ems(view.grand_total), totalWidth));
    const axes = [words.truth_axis, words.predicted_axis];
    this.square.setAxes(...(swapped ? axes.reverse() : axes));
    const meanings = ["true_class", "predicted_class"];
    this.square.explainAxes(...(swapped ? meanings.reverse() : meanings));
    setAttribute(this.grid, "aria-label", words.grid_label);
    setText(this.hint, words.hint);
    this.exports.hidden = !view.csv;
    for (const button of this.buttons) setText(button, words[`export_${button.dataset.export}`]);
    classes.forEach((_, i) => {
      this.fillHeadings(i);
      classes.forEach((_, j) => this.fillCell(i, j));
    });
    this.fillCorners();
    this.fillLegend();
  }

  fillHeadings(i) {
    const { classes, words, swapped } = this.view;
    const { last } = this.square;
    const { name, long_name, row_total, column_total } = classes[i];
    const row = [`${i}-${ALL}`, fillIn(words.row_label, { truth: long_name, count: row_total }), row_total];
    const predicted = { predicted: long_name, count: column_total };
    const column = [`${ALL}-${i}`, fillIn(words.column_label, predicted), column_total];
    const [side, top] = swapped ? [column, row] : [row, column];
    setText(this.fillHead(i + 1, 0, side), name);
    setVertical(this.fillHead(0, i + 1, top), name);
    setText(this.fillHead(i + 1, last, side, true), side[2]);
    setText(this.fillHead(last, i + 1, top, true), top[2]);
  }

  fillCorners() {
    const { words, grand_total } = this.view;
    const { last } = this.square;
    const whole = ["everything", `${words.total} ${grand_total}`];
    const totals = [words.row_totals, words.column_totals].map((label) => ["everything", label]);
    const [ofRows, ofColumns] = this.view.swapped ? totals.reverse() : totals;
    this.fillHead(0, 0, ["diagonal", words.diagonal_label]);
    setText(this.fillHead(0, last, ofRows, true), words.total);
    setText(this.fillHead(last, 0, ofColumns, true), words.total);
    setText(this.fillHead(last, last, whole), grand_total);
  }

  // Totals choose the same as their heading; only one of them carries the public hook data-sel.
  fillHead(row, column, [selection, label], isAlias = false) {
    const cell = this.square.cells[row][column];
    cell.selection = selection;
    if (!isAlias) setAttribute(cell, "data-sel", selection);
    setLabel(cell, label);
    return cell;
  }

  fillCell(i, j) {
    const { classes, cells, words, swapped } = this.view;
    const [count, text, intensity] = cells[i][j];
    const cell = swapped ? this.square.cells[j + 1][i + 1] : this.square.cells[i + 1][j + 1];
    cell.selection = `${i}-${j}`;
    setText(cell, text);
    setAttribute(cell, "data-sel", cell.selection);
    setLabel(cell, fillIn(words.cell_label, {
      truth: classes[i].long_name, predicted: classes[j].long_name, count: text.replace("\n", ", "),
    }));
    const kind = intensity === null ? "hatch" : count === 0 ? "zero" : "";
    const colour = kind ? null : shade(intensity, this.dark);
    const look = kind || css(colour);
    if (cell.look === look) return;
    cell.look = look;
    cell.classList.toggle("hatch", kind === "hatch");
    cell.classList.toggle("zero", kind === "zero");
    cell.style.backgroundColor = colour ? css(colour) : "";
    cell.style.color = colour ? ink(colour) : "";
  }

  fillLegend() {
    const { scale_ticks: ticks, words } = this.view;
    this.legend.hidden = !ticks;
    if (!ticks) return;
    this.ticks.forEach((tick, i) => setText(tick, ticks[i]));
    setAttribute(this.legend, "aria-label", fillIn(words.scale_label, { low: ticks[0], high: ticks[2] }));
    this.bar.style.background = `linear-gradient(90deg, ${STOPS.map((at) => css(shade(at, this.dark))).join(",")})`;
  }

  // ---------------------------------------------------------------- what is chosen

  // Where a selection is drawn: row and column, 0 for a whole line; null for none.
  place(selection) {
    if (selection === "diagonal") return [0, 0];
    if (selection === "everything") return [this.square.last, this.square.last];
    const match = /^(all|\d+)-(all|\d+)$/.exec(selection ?? "");
    if (!match) return null;
    const [row, column] = match.slice(1).map((part) => (part === ALL ? 0 : Number(part) + 1));
    if (Math.max(row, column) > this.square.size) return null;
    return this.view.swapped ? [column, row] : [row, column];
  }

  paint() {
    const selection = this.choice.shown;
    const place = this.place(selection);
    for (const cell of this.painted) {
      cell.classList.remove("chosen", "lit");
      cell.setAttribute("aria-selected", "false");
    }
    this.painted = [];
    this.grid.classList.toggle("diagonal", selection === "diagonal");
    this.grid.classList.toggle("errors", selection === "errors");
    this.frame.hidden = !place || selection === "diagonal";
    if (place) this.mark(...place, selection === "everything");
    if (!focused(this.grid)) this.rove(...(place ?? [1, 1]));
  }

  mark(row, column, everything) {
    const { cells, size } = this.square;
    const chosen = cells[row][column];
    chosen.classList.add("chosen");
    chosen.setAttribute("aria-selected", "true");
    const headings = row && column && !everything ? [cells[row][0], cells[0][column]] : [];
    for (const heading of headings) heading.classList.add("lit");
    this.painted = [chosen, ...headings];
    const lines = (place) => (everything || place === 0 ? `2 / ${size + 2}` : `${place + 1} / ${place + 2}`);
    this.frame.style.gridRow = lines(row);
    this.frame.style.gridColumn = lines(column);
  }

  choose(row, column) {
    this.focus(row, column, true); // it is under the pointer or has the focus: nothing to scroll to, no layout to wait for
    this.choice.click(this.square.cells[row][column].selection, (value) =>
      this.component.setTriggerValue("selected", value));
  }

  // ---------------------------------------------------------------- the keyboard

  rove(row, column) {
    const { cells, last } = this.square;
    const [oldRow, oldColumn] = this.active;
    cells[oldRow]?.[oldColumn]?.setAttribute("tabindex", "-1");
    this.active = [row, column].map((place) => Math.min(Math.max(place, 0), last));
    const cell = cells[this.active[0]][this.active[1]];
    cell.setAttribute("tabindex", "0");
    return cell;
  }

  focus(row, column, preventScroll = false) {
    this.rove(row, column).focus({ preventScroll });
  }

  key(event) {
    if (event.altKey || event.metaKey) return;
    const [row, column] = this.active;
    const { last } = this.square;
    const step = STEPS[event.key];
    if (event.key === "Enter" || event.key === " ") this.choose(row, column);
    else if (step) this.focus(row + step[0], column + step[1]);
    else if (event.key === "Home") this.focus(event.ctrlKey ? 0 : row, 0);
    else if (event.key === "End") this.focus(event.ctrlKey ? last : row, last);
    else return;
    event.preventDefault();
  }

  // ---------------------------------------------------------------- files

  async save(kind) {
    const { csv, file_stem, words } = this.view;
    const name = `${file_stem}.${kind}`;
    if (kind === "csv") {
      download(this.root, csv, { type: "text/csv;charset=utf-8", name });
      return;
    }
    const picture = svgOf(this.view, getComputedStyle(this.root).fontFamily);
    if (kind === "svg") {
      download(this.root, picture.text, { type: "image/svg+xml", name });
      return;
    }
    const png = await pngOf(picture);
    if (png) download(this.root, png, { type: "image/png", name });
    else setText(this.hint, words.export_failed);
  }
}

export default function (component) {
  return render(MatrixGrid, component);
}
