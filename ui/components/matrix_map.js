// The confusion matrix of many classes: it fits the window, can be made larger, and its headings stay in sight. A choice
// travels as the text that mnistcore/evaluation/selections.py defines. Rows and columns are as they are drawn: with
// `swapped`, true classes stand along the top.
import { Choice } from "./choice.js";
import { css, shade } from "./colours.js";
import { formatCount, formatPercent } from "./counting.js";
import { element, setAttribute, setText, setVertical } from "./dom.js";
import { download, pngOf } from "./export.js";
import { MapPainter } from "./map_painter.js";
import { svgOf } from "./matrix_picture.js";
import { render } from "./part.js";
import { ems, fillIn } from "./text.js";

const ALL = "all";
const FIT = "fit";
const SIZES = [2, 4, 8, 12, 16, 22, 30, 42]; // pixels of a cell
const LONGEST_NAME = 9; // em
const FONT = 12; // pixels of a heading
const ROOM = 13; // from one heading to the next, at least
const LARGEST_PICTURE = 130; // classes: a picture of more has no room for numbers
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const STOPS = Array.from({ length: 11 }, (_, i) => i / 10); // of the legend

const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;

class MatrixMap {
  constructor() {
    this.root = element("div", "root");
    this.scroll = element("div", "scroll", { tabindex: "0", role: "application" });
    this.corner = element("button", "corner", { type: "button", tabindex: "-1", "data-sel": "diagonal" });
    this.tops = element("div", "tops");
    this.sides = element("div", "sides");
    this.field = element("div", "field");
    this.canvas = element("canvas", "cells", { "aria-hidden": "true" });
    this.marks = ["band row", "band column", "sought row", "sought column", "frame", "cursor"].map((kind) => element("div", kind));
    this.field.append(this.canvas, ...this.marks);
    const inner = element("div", "inner");
    inner.append(this.corner, this.tops, this.sides, this.field);
    this.scroll.append(inner);
    this.topAxis = element("div", "axis top");
    this.sideAxis = element("div", "axis side");
    this.said = element("p", "said", { "aria-live": "polite" });
    this.hint = element("p", "hint");
    this.root.append(this.topAxis, this.sideAxis, this.scroll, this.said, this.makeFoot(), this.hint);
    this.painter = new MapPainter(this.canvas, (at) => this.texts(at));
    this.choice = new Choice(() => this.place());
    this.zoom = new Choice(() => this.lay());
    this.cursor = null; // row and column that the keyboard is at
    this.listen();
  }

  listen() {
    this.scroll.onscroll = () => this.later();
    this.resized = new ResizeObserver(() => this.lay());
    this.resized.observe(this.root);
    this.field.onclick = (event) => this.choose(...this.under(event));
    this.field.onpointermove = (event) => this.say(this.labelOf(...this.under(event)));
    this.field.onpointerleave = () => this.say("");
    this.scroll.onkeydown = (event) => this.key(event);
    this.scroll.onblur = () => {
      this.cursor = null;
      this.place();
    };
    const heading = (event) => event.target.closest("[data-sel]")?.dataset.sel;
    for (const strip of [this.tops, this.sides, this.corner]) {
      strip.onclick = (event) => this.send(heading(event));
      strip.onpointerover = (event) => this.say(event.target.closest("[data-sel]")?.title ?? "");
    }
  }

  makeFoot() {
    const foot = element("div", "foot");
    this.legend = element("div", "legend", { role: "img" });
    this.bar = element("i");
    this.ticks = [element("span"), element("span"), element("span")];
    this.legend.append(this.bar, ...this.ticks);
    const zoom = element("div", "buttons", { role: "group" });
    this.zooms = ["out", "fit", "in"].map((kind) => {
      const button = element("button", "button", { type: "button", "data-zoom": kind });
      button.onclick = () => this.step(kind);
      return button;
    });
    zoom.append(...this.zooms);
    this.exports = ["png", "svg"].map((kind) => {
      const button = element("button", "button", { type: "button", "data-export": kind });
      button.onclick = () => this.save(kind);
      return button;
    });
    const files = element("div", "buttons");
    files.append(...this.exports);
    foot.append(zoom, this.legend, files);
    return foot;
  }

  show(data, changed) {
    if (changed) this.fill(data.view);
    const before = [this.choice.shown, this.zoom.shown, this.sought].join();
    this.choice.confirm(data.selected, changed);
    this.zoom.confirm(data.zoom, changed);
    const isNew = data.sought !== this.sought;
    this.sought = data.sought;
    if (changed || before !== [this.choice.shown, this.zoom.shown, this.sought].join()) this.lay();
    if (isNew || (changed && this.sought !== null)) this.seek();
  }

  drop() {
    this.choice.drop();
    this.zoom.drop();
    this.resized.disconnect();
    cancelAnimationFrame(this.frame);
  }

  // ---------------------------------------------------------------- what the view says

  fill(view) {
    this.view = view;
    const { classes, words, swapped } = view;
    this.size = classes.length;
    const truths = new Uint16Array(bytesOf(view.truths));
    const predicted = new Uint16Array(bytesOf(view.predicted));
    this.counts = new Float64Array(bytesOf(view.counts));
    this.shares = new Float32Array(bytesOf(view.shares));
    this.sort(swapped ? [predicted, truths] : [truths, predicted], new Float32Array(bytesOf(view.intensities)));
    this.at = new Map(classes.map(({ index }, place) => [index, place]));
    const axes = [words.truth_axis, words.predicted_axis];
    const [side, top] = swapped ? axes.reverse() : axes;
    setText(this.topAxis, `${top} \u2192`);
    setVertical(this.sideAxis, side);
    setAttribute(this.scroll, "aria-label", words.grid_label);
    setAttribute(this.corner, "title", words.diagonal_label);
    setAttribute(this.corner, "aria-label", words.diagonal_label);
    setText(this.hint, words.hint);
    for (const button of this.zooms) {
      setText(button, { out: "\u2212", fit: words.zoom_fit, in: "+" }[button.dataset.zoom]);
      setAttribute(button, "aria-label", words[`zoom_${button.dataset.zoom}`]);
      setAttribute(button, "title", words[`zoom_${button.dataset.zoom}`]);
    }
    for (const button of this.exports) {
      setText(button, words[`export_${button.dataset.export}`]);
      button.hidden = this.size > LARGEST_PICTURE;
    }
    const longest = Math.max(...classes.map(({ name }) => ems(name)), ems(words.total));
    this.head = Math.ceil(Math.min(longest, LONGEST_NAME) * FONT) + 12;
    this.fillLegend();
    this.paintedView = null;
  }

  // As the painter wants them: by row, as they are drawn.
  sort([rows, columns], intensities) {
    const order = [...rows.keys()].sort((a, b) => rows[a] - rows[b] || columns[a] - columns[b]);
    const pick = (from) => from.constructor.from(order, (at) => from[at]);
    this.cells = { rows: pick(rows), columns: pick(columns), intensities: pick(intensities) };
    this.counts = pick(this.counts);
    this.shares = pick(this.shares);
    const starts = new Uint32Array(this.size + 1);
    for (const row of this.cells.rows) starts[row + 1]++;
    for (let row = 0; row < this.size; row++) starts[row + 1] += starts[row];
    this.cells.starts = starts;
  }

  fillLegend() {
    const { scale_ticks: ticks, words } = this.view;
    this.legend.hidden = !ticks;
    if (!ticks) return;
    this.ticks.forEach((tick, i) => setText(tick, ticks[i]));
    setAttribute(this.legend, "aria-label", fillIn(words.scale_label, { low: ticks[0], high: ticks[2] }));
    this.bar.style.background = `linear-gradient(90deg, ${STOPS.map((at) => css(shade(at, this.dark))).join(",")})`;
  }

  tones() {
    const style = getComputedStyle(this.root);
    return {
      page: this.resolve("var(--page)"), plain: this.resolve("var(--plain)"), aside: this.resolve("var(--aside)"),
      text: style.color, family: style.fontFamily,
    };
  }

  // A colour of the style sheet as the canvas knows it.
  resolve(value) {
    this.hint.style.backgroundColor = value;
    const colour = getComputedStyle(this.hint).backgroundColor;
    this.hint.style.backgroundColor = "";
    return colour;
  }

  // ---------------------------------------------------------------- where things are

  get cellSize() {
    return this.zoom.shown === FIT || this.zoom.shown === undefined ? this.fitting : Number(this.zoom.shown);
  }

  lay() {
    if (!this.view || !this.root.clientWidth) return;
    const { style } = this.scroll;
    style.setProperty("--head", `${this.head}px`);
    const width = this.root.clientWidth - this.sideAxis.offsetWidth;
    const height = parseFloat(getComputedStyle(this.scroll).maxHeight);
    const room = Math.min(width, height) - this.head - 14; // of a bar to scroll with
    const fitting = Math.max(room / this.size, 0.2);
    this.fitting = fitting >= 4 ? Math.floor(fitting) : fitting;
    style.setProperty("--side", `${this.cellSize * this.size}px`);
    const cell = this.cellSize;
    this.zooms[0].disabled = this.zoom.shown === FIT;
    this.zooms[1].disabled = this.zoom.shown === FIT;
    this.zooms[2].disabled = cell >= SIZES.at(-1);
    setAttribute(this.root, "data-cell", String(Math.round(cell * 100) / 100));
    this.place();
  }

  later() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.place());
  }

  // Draws what is in sight.
  place() {
    if (!this.view || !this.fitting) return;
    const { scroll, size } = this;
    const cell = this.cellSize;
    const whole = cell * size;
    const [left, top] = [scroll.scrollLeft, scroll.scrollTop];
    const width = Math.max(1, Math.min(whole, scroll.clientWidth - this.head));
    const height = Math.max(1, Math.min(whole, scroll.clientHeight - this.head));
    if (this.paintedView !== this.view) {
      const { undefined_truths: truths, undefined_predicted: predicted, swapped } = this.view;
      const [undefinedRows, undefinedColumns] = swapped ? [predicted, truths] : [truths, predicted];
      this.painter.set(this.cells, { size, dark: this.dark, tones: this.tones(), undefinedRows, undefinedColumns });
      this.paintedView = this.view;
    }
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.painter.paint({ cell, left: Math.min(left, whole - width), top: Math.min(top, whole - height), width, height });
    this.headings(this.tops, left, width, cell);
    this.headings(this.sides, top, height, cell);
    this.mark(cell);
  }

  headings(strip, start, length, cell) {
    const isSide = strip === this.sides;
    const step = Math.max(1, Math.ceil(ROOM / cell));
    const places = new Set();
    for (let i = Math.max(0, Math.floor(start / cell)); i < Math.min(this.size, (start + length) / cell); i++) {
      if (i % step === 0) places.add(i);
    }
    const special = this.special(isSide);
    for (const place of special.keys()) {
      for (const other of places) if (Math.abs(other - place) < step) places.delete(other);
    }
    for (const place of special.keys()) places.add(place);
    strip.replaceChildren(...[...places].sort((a, b) => a - b).map((place) => {
      const node = element("button", `head ${special.get(place) ?? ""}`, { type: "button", tabindex: "-1" });
      const [selection, label] = this.lineOf(place, isSide);
      node.dataset.sel = selection;
      node.dataset.place = place;
      node.title = label;
      if (isSide) setText(node, this.view.classes[place].name);
      else setVertical(node, this.view.classes[place].name);
      node.style[isSide ? "top" : "left"] = `${(place + 0.5) * cell}px`;
      return node;
    }));
  }

  // Headings that are there whatever the zoom: of the choice, and of the class that was looked for.
  special(isSide) {
    const found = new Map();
    const [row, column] = this.drawn(this.choice.shown) ?? [];
    const chosen = isSide ? row : column;
    if (this.at.has(this.sought)) found.set(this.at.get(this.sought), "sought");
    if (chosen !== undefined && chosen !== null) found.set(chosen, "chosen");
    return found;
  }

  // ---------------------------------------------------------------- what is chosen

  idOf(place) {
    return this.view.classes[place].index ?? ALL; // the others together are none of their own
  }

  // What a heading chooses, and what it says.
  lineOf(place, isSide) {
    const { classes, words, swapped } = this.view;
    const { index, long_name: name, row_total, column_total } = classes[place];
    if (index === null) return ["everything", name];
    return isSide !== swapped
      ? [`${index}-${ALL}`, fillIn(words.row_label, { truth: name, count: row_total })]
      : [`${ALL}-${index}`, fillIn(words.column_label, { predicted: name, count: column_total })];
  }

  selectionOf(row, column) {
    const [truth, predicted] = this.view.swapped ? [column, row] : [row, column];
    const text = `${this.idOf(truth)}-${this.idOf(predicted)}`;
    return text === `${ALL}-${ALL}` ? "everything" : text;
  }

  // Row and column of a choice as they are drawn, null for a whole line; null where it is none of the map.
  drawn(selection) {
    const match = /^(all|\d+)-(all|\d+)$/.exec(selection ?? "");
    if (!match) return null;
    const others = this.view.classes.at(-1).index === null ? this.size - 1 : undefined;
    const places = match.slice(1).map((part) => (part === ALL ? null : this.at.get(Number(part)) ?? others));
    if (places.includes(undefined)) return null;
    return this.view.swapped ? places.reverse() : places;
  }

  find(row, column) {
    const { starts, columns } = this.cells;
    for (let at = starts[row]; at < starts[row + 1]; at++) if (columns[at] === column) return at;
    return -1;
  }

  texts(at) {
    const count = formatCount(this.counts[at]);
    if (this.view.show === "count") return [count];
    const share = Number.isNaN(this.shares[at]) ? "\u2013" : formatPercent(this.shares[at]);
    return this.view.show === "both" ? [count, share] : [share.replace("%", "")];
  }

  labelOf(row, column) {
    if (!(row >= 0 && column >= 0 && row < this.size && column < this.size)) return "";
    const { classes, words, swapped } = this.view;
    const [truth, predicted] = (swapped ? [column, row] : [row, column]).map((place) => classes[place]);
    const at = this.find(row, column);
    const count = at < 0 ? 0 : this.counts[at];
    const told = truth.total ? `${formatCount(count)} (${formatPercent(count / truth.total)})` : formatCount(count);
    return fillIn(words.cell_label, { truth: truth.long_name, predicted: predicted.long_name, count: told });
  }

  under(event) {
    const box = this.field.getBoundingClientRect();
    const cell = this.cellSize;
    return [Math.floor((event.clientY - box.top) / cell), Math.floor((event.clientX - box.left) / cell)];
  }

  say(text) {
    setText(this.said, text || this.chosenLabel());
  }

  chosenLabel() {
    const place = this.drawn(this.choice.shown);
    return place && !place.includes(null) ? this.labelOf(...place) : "";
  }

  choose(row, column) {
    if (row >= 0 && column >= 0 && row < this.size && column < this.size) this.send(this.selectionOf(row, column));
  }

  send(selection) {
    if (selection) this.choice.click(selection, (value) => this.component.setTriggerValue("selected", value));
  }

  mark(cell) {
    const place = this.drawn(this.choice.shown);
    const [row, column] = place ?? [null, null];
    const sought = this.at.get(this.sought);
    const [rowBand, columnBand, soughtRow, soughtColumn, frame, cursor] = this.marks;
    const across = (node, at) => this.box(node, at, null, cell);
    const down = (node, at) => this.box(node, null, at, cell);
    across(rowBand, row ?? undefined);
    down(columnBand, column ?? undefined);
    across(soughtRow, sought);
    down(soughtColumn, sought);
    const isCell = place !== null && row !== null && column !== null;
    this.box(frame, isCell ? row : undefined, column, cell);
    this.box(cursor, this.cursor?.[0], this.cursor?.[1], cell);
    setAttribute(this.root, "data-chosen", this.choice.shown ?? "");
    if (!this.said.textContent || !this.scroll.matches(":hover")) this.say(this.cursor ? this.labelOf(...this.cursor) : "");
  }

  // A box around a cell, or around a whole row (no column) or column (no row); undefined: around nothing.
  box(node, row, column, cell) {
    node.hidden = row === undefined || column === undefined;
    if (node.hidden) return;
    const [top, height] = row === null ? [0, cell * this.size] : [row * cell, cell];
    const [left, width] = column === null ? [0, cell * this.size] : [column * cell, cell];
    Object.assign(node.style, { top: `${top}px`, left: `${left}px`, width: `${width}px`, height: `${height}px` });
  }

  // Brings the class that was looked for into sight, in the middle.
  seek() {
    const place = this.at.get(this.sought);
    if (place === undefined) return;
    const middle = (place + 0.5) * this.cellSize;
    this.scroll.scrollTo({
      left: middle - (this.scroll.clientWidth - this.head) / 2, top: middle - (this.scroll.clientHeight - this.head) / 2,
    });
    this.later();
  }

  // ---------------------------------------------------------------- zoom and keyboard

  step(kind) {
    const cell = this.cellSize;
    const smaller = SIZES.filter((size) => size < cell && size > this.fitting).at(-1);
    const to = { fit: FIT, in: SIZES.find((size) => size > cell), out: smaller ?? FIT }[kind];
    if (to === undefined) return;
    const { scroll, head } = this;
    const centre = this.drawn(this.choice.shown)?.map((place) => (place ?? 0) + 0.5)
      ?? [scroll.scrollTop + (scroll.clientHeight - head) / 2, scroll.scrollLeft + (scroll.clientWidth - head) / 2].map((at) => at / cell);
    this.zoom.click(String(to), (value) => this.component.setTriggerValue("zoom", value));
    this.lay();
    scroll.scrollTo({
      top: centre[0] * this.cellSize - (scroll.clientHeight - head) / 2,
      left: centre[1] * this.cellSize - (scroll.clientWidth - head) / 2,
    });
    this.later();
  }

  key(event) {
    if (event.altKey || event.metaKey || event.ctrlKey || event.target !== this.scroll) return;
    const step = STEPS[event.key];
    const [row, column] = this.cursor ?? this.drawn(this.choice.shown)?.map((place) => place ?? 0) ?? [0, 0];
    if (event.key === "+" || event.key === "-") this.step(event.key === "+" ? "in" : "out");
    else if ((event.key === "Enter" || event.key === " ") && this.cursor) this.choose(row, column);
    else if (step) this.move(row + step[0], column + step[1]);
    else if (event.key === "Home") this.move(row, 0);
    else if (event.key === "End") this.move(row, this.size - 1);
    else return;
    event.preventDefault();
  }

  move(row, column) {
    this.cursor = [row, column].map((place) => Math.min(Math.max(place, 0), this.size - 1));
    const { scroll, head } = this;
    const cell = this.cellSize;
    const into = (start, room, at) => Math.min(Math.max(start, (at + 1) * cell - room), at * cell);
    scroll.scrollTop = into(scroll.scrollTop, scroll.clientHeight - head, this.cursor[0]);
    scroll.scrollLeft = into(scroll.scrollLeft, scroll.clientWidth - head, this.cursor[1]);
    this.place();
    this.say(this.labelOf(...this.cursor));
  }

  // ---------------------------------------------------------------- files

  async save(kind) {
    const { file_stem, words } = this.view;
    const name = `${file_stem}.${kind}`;
    const picture = svgOf(this.asGrid(), getComputedStyle(this.root).fontFamily);
    if (kind === "svg") {
      download(this.root, picture.text, { type: "image/svg+xml", name });
      return;
    }
    const png = await pngOf(picture);
    if (png) download(this.root, png, { type: "image/png", name });
    else setText(this.hint, words.export_failed);
  }

  // The same with every cell, as the picture is made of it.
  asGrid() {
    const { view, size } = this;
    const cells = Array.from({ length: size }, () => Array.from({ length: size }, () => [0, "0", 0]));
    this.cells.rows.forEach((row, at) => {
      const [i, j] = view.swapped ? [this.cells.columns[at], row] : [row, this.cells.columns[at]];
      const strength = this.cells.intensities[at];
      cells[i][j] = [this.counts[at], this.texts(at).join(" "), Number.isNaN(strength) ? null : strength];
    });
    return { ...view, cells };
  }
}

export default function (component) {
  return render(MatrixMap, component);
}
