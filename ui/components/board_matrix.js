// The confusion matrix in the four regions of one class, with its totals: every cell, heading and total leads to images.
import { dividesBy, formatCount, holds, outcomeOf, OUTCOMES } from "./counting.js";
import { element, focused, setAttribute, setText, setVertical } from "./dom.js";
import { SquareGrid } from "./square_grid.js";
import { fillIn, widest } from "./text.js";

const NAMES = { least: 1, most: 8 }; // em, of the headings
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const SIDES = { top: [-1, 0], bottom: [1, 0], left: [0, -1], right: [0, 1] };

export class BoardMatrix {
  constructor() {
    this.square = new SquareGrid({
      role: "grid",
      totals: true,
      attributes: (row, column) => ({ tabindex: "-1", "data-row": row, "data-column": column }),
      describe: (cell) => cell.getAttribute("aria-label") ?? "",
    });
    this.grid = this.square.node;
    this.node = element("div", "matrix");
    this.node.append(...this.square.parts);
    this.active = [1, 1]; // the one cell that Tab stops at
    this.grid.onkeydown = (event) => this.key(event);
    this.resized = new ResizeObserver(([{ contentRect }]) => {
      if (!contentRect.width) return;
      this.grid.style.setProperty("--width", `${contentRect.width}px`);
      this.grid.style.setProperty("--height", `${contentRect.height}px`);
    });
  }

  drop() {
    this.resized.disconnect();
  }

  // ---------------------------------------------------------------- what the view says

  fill(root, view) {
    const { classes, cells, words, swapped } = view;
    this.view = view;
    // In large letters a number of four digits has no room for its comma.
    const format = (count) => (view.present && count < 10_000 ? String(count) : formatCount(count));
    this.format = format;
    const size = classes.length;
    if (size !== this.square.size) this.build(size);
    this.square.measure(root, { classes, cells: cells.map((row) => row.map((n) => [n, format(n)])) }, NAMES);
    const sums = cells.map((row) => format(row.reduce((all, n) => all + n, 0)));
    root.style.setProperty("--sum", widest([...sums, formatCount(sumOf(cells))]));
    this.square.setAxes(...(swapped ? [words.predicted_axis, words.truth_axis] : [words.truth_axis, words.predicted_axis]));
    classes.forEach((_, i) => {
      this.fillLine(i);
      classes.forEach((_, j) => this.fillCell(i, j));
    });
    const { last } = this.square;
    for (const [row, column] of [[0, last], [last, 0]]) setText(this.square.cells[row][column], words.total);
    this.fillHead(last, last, OUTCOMES.join("."), formatCount(sumOf(cells)), "");
  }

  build(size) {
    this.square.build(size);
    const { last } = this.square;
    this.square.cells.forEach((cells, row) => cells.forEach((cell, column) => {
      if (row === last || column === last) cell.classList.add("total");
    }));
    this.square.cells[0][0].classList.add("corner");
    this.resized.disconnect();
    if (size) this.resized.observe(this.square.cells[1][1]);
    this.active = this.active.map((place) => Math.min(place, last));
  }

  // The heading and the total of a class, as truth and as prediction.
  fillLine(i) {
    const { classes, cells, words, swapped } = this.view;
    const { last } = this.square;
    const { name, long_name } = classes[i];
    const row = this.format(cells[i].reduce((all, n) => all + n, 0));
    const column = this.format(cells.reduce((all, line) => all + line[i], 0));
    const truth = [`${i}-all`, row, fillIn(words.row, { truth: long_name, count: row })];
    const predicted = [`all-${i}`, column, fillIn(words.column, { predicted: long_name, count: column })];
    const [side, top] = swapped ? [predicted, truth] : [truth, predicted];
    this.fillHead(i + 1, 0, side[0], name, side[2]);
    this.fillHead(0, i + 1, top[0], name, top[2]);
    this.fillHead(i + 1, last, ...side);
    this.fillHead(last, i + 1, ...top);
  }

  fillHead(row, column, part, text, label) {
    const cell = this.square.cells[row][column];
    (row === 0 ? setVertical : setText)(cell, text);
    setAttribute(cell, "data-part", part);
    setAttribute(cell, "aria-label", label || `${this.view.words.total} ${text}`);
    cell.removeAttribute("title");
  }

  // The cell of true class i and predicted class j.
  at(i, j) {
    return this.view.swapped ? this.square.cells[j + 1][i + 1] : this.square.cells[i + 1][j + 1];
  }

  fillCell(i, j) {
    const cell = this.at(i, j);
    const count = this.view.cells[i][j];
    setText(cell, this.format(count));
    setAttribute(cell, "data-part", `${i}-${j}`);
    setAttribute(cell, "data-cell", `${i}-${j}`);
    cell.classList.toggle("zero", count === 0);
  }

  // ---------------------------------------------------------------- what is chosen

  paint({ chosen, part, metric, knows, words }) {
    const { classes, cells, swapped } = this.view;
    const size = classes.length;
    const isTold = (i, j) => i >= 0 && j >= 0 && i < size && j < size && knows(outcomeOf(i, j, chosen));
    const isBelow = (i, j) => isTold(i, j) && outcomeOf(i, j, chosen) in metric.below;
    const isChosen = (i, j) => isTold(i, j) && holds(part, i, j, chosen);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const cell = this.at(i, j);
        const outcome = outcomeOf(i, j, chosen);
        setAttribute(cell, "data-region", knows(outcome) ? outcome : "unknown");
        setAttribute(cell, "data-lit", edges(i, j, isBelow, swapped));
        setAttribute(cell, "data-ring", edges(i, j, isChosen, swapped));
        setAttribute(cell, "aria-selected", String(isChosen(i, j)));
        cell.classList.toggle("above", knows(outcome) && outcome in metric.above);
        const label = fillIn(words.cell_label, {
          truth: classes[i].long_name, predicted: classes[j].long_name, count: formatCount(cells[i][j]),
          region: knows(outcome) ? words.outcomes[outcome] : "?",
        });
        if (cell.getAttribute("aria-label") !== label) {
          cell.setAttribute("aria-label", label);
          cell.removeAttribute("title");
        }
      }
    }
    this.paintLines(chosen, metric, part);
    setAttribute(this.grid, "aria-label", fillIn(words.grid_label, { name: classes[chosen].long_name }));
  }

  // Headings of the chosen class stand out; the total that is the metric's denominator is framed.
  paintLines(chosen, metric, part) {
    const { cells, last, size } = this.square;
    const totals = [[["tp", "fn"], `${chosen}-all`], [["tp", "fp"], `all-${chosen}`], [OUTCOMES, OUTCOMES.join(".")]];
    const denominator = totals.find(([outcomes]) => dividesBy(metric, outcomes))?.[1];
    for (let place = 1; place <= size; place++) {
      for (const heading of [cells[place][0], cells[0][place]]) heading.classList.toggle("on", place === chosen + 1);
    }
    for (let place = 1; place <= last; place++) {
      for (const sum of new Set([cells[place][last], cells[last][place]])) {
        sum.classList.toggle("below", sum.dataset.part === denominator);
        setAttribute(sum, "aria-selected", String(sum.dataset.part === part.text));
      }
    }
  }

  // ---------------------------------------------------------------- the keyboard

  rove(row, column) {
    const { cells, last } = this.square;
    cells[this.active[0]]?.[this.active[1]]?.setAttribute("tabindex", "-1");
    this.active = [row, column].map((place) => Math.min(Math.max(place, 0), last));
    const cell = cells[this.active[0]][this.active[1]];
    cell.setAttribute("tabindex", "0");
    return cell;
  }

  // Tab stops at the chosen class, unless the reader is somewhere in here.
  settle(chosen) {
    if (!focused(this.grid)) this.rove(chosen + 1, chosen + 1);
  }

  key(event) {
    const cell = event.target.closest("[data-row]");
    if (!cell || event.altKey || event.metaKey || event.ctrlKey) return;
    const step = STEPS[event.key];
    if (event.key === "Enter" || event.key === " ") cell.click();
    else if (step) this.rove(Number(cell.dataset.row) + step[0], Number(cell.dataset.column) + step[1]).focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

const sumOf = (cells) => cells.reduce((all, row) => all + row.reduce((some, n) => some + n, 0), 0);

// On which sides of a cell the set that it belongs to ends, as on the screen; "" for a cell outside of it.
function edges(i, j, isIn, swapped) {
  if (!isIn(i, j)) return "";
  return Object.entries(SIDES).filter(([, [down, right]]) => {
    const [di, dj] = swapped ? [right, down] : [down, right];
    return !isIn(i + di, j + dj);
  }).map(([side]) => side).join(" ") || "inside";
}
