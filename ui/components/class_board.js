// One class against all others: the strip of classes, the matrix in its four regions, and the 2 x 2 beside it.
import { Choice } from "./choice.js";
import { element, focused, setAttribute, setText, setVertical } from "./dom.js";
import { render } from "./part.js";
import { SquareGrid } from "./square_grid.js";
import { fillIn, widest } from "./text.js";
import { REGIONS, TwoByTwo } from "./two_by_two.js";

const NAMES = { least: 1, most: 8 }; // em, of the headings
const WORDS = 2.2; // em: names wider than that are words, for which a tab has smaller letters

const regionOf = (row, column, chosen) =>
  row === chosen ? (column === chosen ? "tp" : "fn") : column === chosen ? "fp" : "tn";

// The heading of class i, or the cell of true class i and predicted class j.
function attributes(row, column) {
  if (row && column) return { "data-cell": `${row - 1}-${column - 1}` };
  return row || column ? { "data-class": row + column - 1 } : {};
}

class ClassBoard {
  constructor() {
    this.square = new SquareGrid({ role: "table", totals: false, attributes, describe: (cell) => this.describe(cell) });
    this.grid = this.square.node;
    this.twoByTwo = new TwoByTwo();
    // The bars along two edges name the regions of a column and of a row, so that colour is not the only sign.
    this.bars = [0, 1, 2, 3, 4, 5].map(() => element("div", "bar", { "aria-hidden": "true" }));
    this.frames = [0, 1, 2, 3].map(() => element("div", "frame", { "aria-hidden": "true" }));
    this.hint = element("div", "hint");
    this.board = element("div", "board", { role: "tabpanel" });
    const left = element("div", "left");
    left.append(...this.square.parts);
    this.board.append(left, this.twoByTwo.node);
    this.root = element("div", "root");
    this.root.append(this.makeStrip(), this.hint, this.board);
    this.classChoice = new Choice(() => this.paint());
    this.regionChoice = new Choice(() => this.paint());
    this.root.onclick = (event) => this.click(event);
    this.root.onkeydown = (event) => this.key(event);
  }

  makeStrip() {
    const strip = element("div", "strip");
    this.tabs = element("div", "tabs", { role: "tablist" });
    this.previous = this.makeStep(-1, "M8 2L2 8l6 6");
    this.next = this.makeStep(1, "M2 2l6 6-6 6");
    strip.append(this.previous, this.tabs, this.next);
    return strip;
  }

  makeStep(by, path) {
    const button = element("button", "step", { type: "button", "data-step": by });
    button.innerHTML =
      `<svg viewBox="0 0 10 16" width="10" height="16" aria-hidden="true"><path d="${path}" fill="none" ` +
      'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>';
    return button;
  }

  get shown() {
    return `${this.classChoice.shown}-${this.regionChoice.shown}`;
  }

  show(data, changed) {
    const before = this.shown;
    if (changed) this.fill(data.view);
    this.classChoice.confirm(data.class, changed);
    this.regionChoice.confirm(data.region, changed);
    if (changed || before !== this.shown) this.paint();
  }

  drop() {
    this.classChoice.drop();
    this.regionChoice.drop();
  }

  // ---------------------------------------------------------------- what the view says

  build(size) {
    const hadFocus = focused(this.tabs);
    this.square.build(size);
    this.square.cells[0][0].classList.add("corner");
    this.grid.append(...this.bars, ...this.frames);
    this.tab = Array.from({ length: size }, (_, i) => {
      const tab = element("button", "tab", {
        type: "button", role: "tab", "data-class": i, "aria-selected": "false", tabindex: "-1",
      });
      tab.append(element("b"), element("small"));
      return tab;
    });
    this.tabs.replaceChildren(...this.tab);
    if (hadFocus && size) this.refocus = true;
  }

  fill(view) {
    const { classes, words } = view;
    this.view = view;
    if (classes.length !== this.square.size) this.build(classes.length);
    this.square.measure(this.root, view, NAMES);
    const nameWidth = widest(classes.map((each) => each.name));
    const tabWidth = Math.max(widest(classes.map((each) => each.tab)), nameWidth * 1.1, 2.5);
    const counts = classes.flatMap(({ tiles }) => REGIONS.map((region) => tiles[region].count));
    this.root.style.setProperty("--tab", Math.min(tabWidth, 10));
    this.root.style.setProperty("--figure", widest(counts) || 1);
    this.root.classList.toggle("wordy", nameWidth > WORDS);
    this.fillWords(words);
    classes.forEach((each, i) => this.fillClass(i, each));
    this.painted = null;
  }

  fillWords(words) {
    setAttribute(this.tabs, "aria-label", words.classes_label);
    for (const [button, word] of [[this.previous, words.previous], [this.next, words.next]]) {
      setAttribute(button, "aria-label", word);
      setAttribute(button, "title", word);
    }
    setText(this.hint, words.hint);
    this.square.setAxes(words.truth_axis, words.predicted_axis);
    this.twoByTwo.fill(words);
  }

  fillClass(i, { name, tab }) {
    const [title, small] = this.tab[i].children;
    const [heading, ...row] = this.square.cells[i + 1];
    setText(title, name);
    setText(small, tab);
    setText(heading, name);
    setVertical(this.square.cells[0][i + 1], name);
    row.forEach((cell, j) => {
      const [count, text] = this.view.cells[i][j];
      setText(cell, text);
      cell.classList.toggle("zero", count === 0);
      cell.removeAttribute("title");
    });
  }

  describe(cell) {
    if (!cell.dataset.cell) return "";
    const [i, j] = cell.dataset.cell.split("-").map(Number);
    const { cells, classes, words } = this.view;
    return fillIn(words.cell_label, {
      truth: classes[i].long_name, predicted: classes[j].long_name, count: cells[i][j][1],
      region: words[cell.dataset.region],
    });
  }

  // ---------------------------------------------------------------- what is chosen

  paint() {
    const { size } = this.square;
    if (!size) return;
    const chosen = Math.min(this.classChoice.shown, size - 1);
    const region = this.regionChoice.shown;
    if (chosen !== this.painted) this.paintClass(chosen);
    this.paintRegion(chosen, region);
    setAttribute(this.root, "data-shown", `${chosen}-${region}`);
    if (this.refocus) {
      this.refocus = false;
      this.tab[chosen].focus();
    }
  }

  paintClass(chosen) {
    const { classes, words } = this.view;
    const [tops, ...rows] = this.square.cells;
    rows.forEach(([lead, ...cells], i) => {
      const on = i === chosen;
      setAttribute(this.tab[i], "aria-selected", String(on));
      setAttribute(this.tab[i], "tabindex", on ? "0" : "-1");
      tops[i + 1].classList.toggle("on", on);
      lead.classList.toggle("on", on);
      cells.forEach((cell, j) => {
        const region = regionOf(i, j, chosen);
        if (cell.dataset.region === region) return;
        cell.dataset.region = region;
        cell.removeAttribute("title");
      });
    });
    setAttribute(this.grid, "aria-label", fillIn(words.grid_label, { name: classes[chosen].long_name }));
    this.twoByTwo.paintClass(classes[chosen], words);
    this.paintBars(chosen);
    this.painted = chosen;
  }

  // The lines of the style sheet's grid at which the chosen class begins, the one behind it does, and all end; the
  // first is the one behind the headings.
  lines(chosen) {
    return { first: 2, own: chosen + 2, after: chosen + 3, end: this.square.size + 2 };
  }

  // The bars stand behind the last class, below and beside.
  paintBars(chosen) {
    const { first, own, after, end } = this.lines(chosen);
    const edge = `${end} / ${end + 1}`;
    const spans = [["tn", first, own], ["fp", own, after], ["tn", after, end]];
    spans.forEach(([region, from, to], i) => {
      const [below, beside] = [this.bars[i], this.bars[i + 3]];
      this.paintBar(below, region, { length: to - from, row: edge, column: `${from} / ${to}` });
      this.paintBar(beside, region === "fp" ? "fn" : region, { length: to - from, row: `${from} / ${to}`, column: edge });
      beside.classList.add("tall");
    });
  }

  paintBar(bar, region, { length, row, column }) {
    bar.hidden = length === 0;
    bar.dataset.region = region;
    setText(bar, region.toUpperCase());
    bar.style.gridRow = row;
    bar.style.gridColumn = column;
  }

  paintRegion(chosen, region) {
    const { first, own, after, end } = this.lines(chosen);
    const [before, at, behind] = [[first, own], [own, after], [after, end]];
    const boxes = {
      tp: [[at, at]],
      fn: [[at, before], [at, behind]],
      fp: [[before, at], [behind, at]],
      tn: [[before, before], [before, behind], [behind, before], [behind, behind]],
    }[region];
    this.twoByTwo.paintRegion(region);
    setAttribute(this.board, "data-chosen", region);
    this.frames.forEach((frame, i) => {
      const box = boxes[i];
      frame.hidden = !box || box.some(([from, to]) => from >= to);
      if (frame.hidden) return;
      frame.style.gridRow = box[0].join(" / ");
      frame.style.gridColumn = box[1].join(" / ");
      frame.dataset.region = region;
    });
  }

  click(event) {
    const target = event.target.closest("[data-step], [data-class], [data-region]");
    if (!target) return;
    const { step, class: index, region } = target.dataset;
    if (step) this.flip(this.classChoice.shown + Number(step));
    else if (index) this.flip(Number(index));
    else this.regionChoice.click(region, (value) => this.component.setTriggerValue("region", value));
  }

  flip(to) {
    const { size } = this.square;
    if (!size) return;
    const chosen = (to + size) % size;
    const hadFocus = focused(this.tabs);
    this.classChoice.click(chosen, (value) => this.component.setTriggerValue("class", String(value)));
    if (hadFocus) this.tab[chosen].focus();
  }

  key(event) {
    const { size } = this.square;
    if (event.altKey || event.ctrlKey || event.metaKey || !size) return;
    const inTabs = this.tabs.contains(event.target);
    if (event.key === "ArrowLeft") this.flip(this.classChoice.shown - 1);
    else if (event.key === "ArrowRight") this.flip(this.classChoice.shown + 1);
    else if (inTabs && event.key === "Home") this.flip(0);
    else if (inTabs && event.key === "End") this.flip(size - 1);
    else if (/^[0-9]$/.test(event.key)) {
      const named = this.view.classes.findIndex((each) => each.name === event.key);
      const to = named >= 0 ? named : Number(event.key);
      if (to >= size) return;
      this.flip(to);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

export default function (component) {
  return render(ClassBoard, component);
}
