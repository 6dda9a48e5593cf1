// The square of a confusion matrix as both parts draw it: two named axes, headings, a cell for each pair of classes.
//
// Row and column 0 hold the headings, class i has row and column i + 1; behind the classes there may be totals.
import { element, setAttribute, setText, setVertical } from "./dom.js";
import { widest } from "./text.js";

export const DENSE = 20; // above this many classes the cells are too small for a gap, a zero or a wide heading
const TURNED = { roomy: 3, dense: 1.4 }; // em: names wider than that are turned along the top

// The name of an axis with an arrow along it, "top" or "side"; its name goes into `name`. The arrow is
// drawn instead of typed: fonts disagree about how a typed one stands in vertical Japanese.
function axis(edge) {
  const node = element("div", `axis ${edge}`);
  const name = element("span");
  const arrow = element("span", "arrow", { "aria-hidden": "true" });
  arrow.innerHTML =
    '<svg viewBox="0 0 24 10" width="24" height="10"><path d="M1 5h21M17.5 1l4.5 4-4.5 4" fill="none" ' +
    'stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/></svg>';
  node.append(name, arrow);
  return { node, name };
}

// Every line that stands in a cell.
export const cellTexts = (view) => view.cells.flatMap((row) => row.flatMap(([, text]) => text.split("\n")));

export class SquareGrid {
  // `role` is "grid" where cells are chosen, else "table"; `totals` is whether a line of them stands behind the
  // classes; `attributes(row, column)` are a cell's own; `describe(cell)` is what it says under the mouse.
  constructor({ role, totals, attributes, describe }) {
    this.top = axis("top");
    this.side = axis("side");
    this.scroll = element("div", "scroll");
    this.node = element("div", "grid", { role });
    this.scroll.append(this.node);
    this.parts = [this.top.node, this.side.node, this.scroll];
    this.cellRole = role === "grid" ? "gridcell" : "cell";
    this.totals = totals;
    this.attributes = attributes;
    this.size = -1; // number of classes; none yet
    this.cells = [];
    this.node.onmouseover = (event) => {
      const cell = event.target.closest(".cell, .head");
      const words = cell && !cell.title ? describe(cell) : "";
      if (words) cell.title = words;
    };
  }

  // The place of the last line.
  get last() {
    return this.size + (this.totals ? 1 : 0);
  }

  isInside(row, column) {
    return row >= 1 && row <= this.size && column >= 1 && column <= this.size;
  }

  build(size) {
    this.size = size;
    const places = Array.from({ length: this.last + 1 }, (_, place) => place);
    this.cells = places.map((row) => places.map((column) => this.make(row, column)));
    const rows = this.cells.map((cells) => {
      const row = element("div", "row", { role: "row" });
      row.append(...cells);
      return row;
    });
    this.node.replaceChildren(...rows);
    this.node.style.setProperty("--n", size);
  }

  make(row, column) {
    const inside = this.isInside(row, column);
    // The corner heads nothing.
    const heads = inside || (row === 0 && column === 0) ? "" : row === 0 ? "column" : column === 0 ? "row" : "";
    const cell = element("div", inside ? "cell" : "head", {
      role: heads ? `${heads}header` : this.cellRole, ...this.attributes(row, column),
    });
    if (row === 0) cell.classList.add("first");
    if (column === 0) cell.classList.add("lead");
    return cell;
  }

  setAxes(side, top) {
    setVertical(this.side.name, side);
    setText(this.top.name, top);
  }

  // The terms of the glossary that explain the two names.
  explainAxes(side, top) {
    for (const [axis, term] of [[this.side, side], [this.top, top]]) {
      for (const [name, value] of [["data-term", term], ["role", "button"], ["tabindex", "0"]]) {
        setAttribute(axis.name, name, value);
      }
    }
  }

  // What the style sheet makes the cells of, with the room there is: `least` and `most` em for the headings of rows.
  measure(root, view, { least, most }) {
    const name = widest(view.classes.map((each) => each.name));
    const dense = this.size > DENSE;
    root.hidden = this.size === 0;
    root.classList.toggle("dense", dense);
    root.classList.toggle("tall", name > TURNED[dense ? "dense" : "roomy"]);
    root.style.setProperty("--text", widest(cellTexts(view)) || 1);
    root.style.setProperty("--name", Math.min(Math.max(name, least), most));
  }
}
