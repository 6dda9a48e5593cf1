const REGIONS = ["tp", "fn", "fp", "tn"]; // in the order of the 2 x 2: rows truth yes/no, columns called yes/no
const DENSE = 20; // above this many classes the cells are too small for a gap or a zero

const regionOf = (truth, called, chosen) =>
  truth === chosen ? (called === chosen ? "tp" : "fn") : called === chosen ? "fp" : "tn";

class ClassBoard {
  constructor() {
    this.root = element("div", "root");
    this.strip = element("div", "strip");
    this.previous = this.step(-1);
    this.tabs = element("div", "tabs", { role: "tablist" });
    this.next = this.step(1);
    this.strip.append(this.previous, this.tabs, this.next);
    this.hint = element("div", "hint");
    this.board = element("div", "board", { role: "tabpanel" });
    this.buildMatrix();
    this.buildSquare();
    this.board.append(this.left, this.right);
    this.root.append(this.strip, this.hint, this.board);
    this.classChoice = new Choice(() => this.paint());
    this.regionChoice = new Choice(() => this.paint());
    this.size = -1;
    this.root.onclick = (event) => this.click(event);
    this.root.onkeydown = (event) => this.key(event);
    this.grid.onmouseover = (event) => this.name(event.target);
  }

  step(by) {
    const button = element("button", "step", { type: "button", "data-step": by });
    button.innerHTML =
      '<svg viewBox="0 0 10 16" width="10" height="16" aria-hidden="true"><path d="' +
      (by < 0 ? "M8 2L2 8l6 6" : "M2 2l6 6-6 6") +
      '" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>';
    return button;
  }

  axis(className) {
    const holder = element("div", `axis ${className}`);
    const name = element("span");
    holder.append(name, arrow());
    return [holder, name];
  }

  buildMatrix() {
    this.left = element("div", "left");
    [this.matrixTop, this.matrixTopName] = this.axis("top");
    [this.matrixSide, this.matrixSideName] = this.axis("side");
    this.scroll = element("div", "scroll");
    this.grid = element("div", "grid", { role: "table" });
    this.scroll.append(this.grid);
    this.left.append(this.matrixTop, this.matrixSide, this.scroll);
    // The bars along two edges name the regions of a column and of a row, so that colour is not the only sign.
    this.bars = [0, 1, 2, 3, 4, 5].map(() => element("div", "bar", { "aria-hidden": "true" }));
    this.frames = [0, 1, 2, 3].map(() => element("div", "frame", { "aria-hidden": "true" }));
  }

  buildSquare() {
    this.right = element("div", "right");
    this.square = element("div", "square");
    [this.squareTop, this.squareTopName] = this.axis("top");
    [this.squareSide, this.squareSideName] = this.axis("side");
    this.sides = ["called-yes", "called-no", "truth-yes", "truth-no"].map((name) => element("div", `side-name ${name}`));
    this.tiles = {};
    for (const region of REGIONS) {
      const tile = element("button", `tile ${region}`, { type: "button", "data-tile": region, "data-region": region });
      const line = element("span", "line");
      line.append(element("span", "title"), element("span", "tag"));
      tile.append(line, element("b"), element("span", "caption"));
      setText(tile.querySelector(".tag"), region.toUpperCase());
      this.tiles[region] = tile;
    }
    this.square.append(this.squareTop, this.squareSide, ...this.sides, ...REGIONS.map((region) => this.tiles[region]));
    this.sum = element("div", "sum");
    this.right.append(this.square, this.sum);
  }

  show(data, changed) {
    const before = `${this.classChoice.shown} ${this.regionChoice.shown}`;
    if (changed) this.fill(data.view);
    this.classChoice.confirm(data.class, changed);
    this.regionChoice.confirm(data.region, changed);
    if (changed || before !== `${this.classChoice.shown} ${this.regionChoice.shown}`) this.paint();
  }

  drop() {
    this.classChoice.drop();
    this.regionChoice.drop();
  }

  build(size) {
    const focused = this.root.getRootNode().activeElement;
    const hadFocus = this.tabs.contains(focused);
    this.size = size;
    this.tab = Array.from({ length: size }, (_, i) => {
      const tab = element("button", "tab", { type: "button", role: "tab", "data-class": i, "aria-selected": "false", tabindex: "-1" });
      tab.append(element("b"), element("small"));
      return tab;
    });
    this.tabs.replaceChildren(...this.tab);
    this.painted = null;
    this.cells = [];
    this.tops = [];
    this.leads = [];
    const head = element("div", "row", { role: "row" });
    head.append(element("div", "corner", { role: "cell" }));
    for (let j = 0; j < size; j++) {
      this.tops.push(element("div", "head first", { role: "columnheader", "data-class": j }));
      head.append(this.tops[j]);
    }
    const rows = [head];
    for (let i = 0; i < size; i++) {
      const row = element("div", "row", { role: "row" });
      this.leads.push(element("div", "head lead", { role: "rowheader", "data-class": i }));
      row.append(this.leads[i]);
      this.cells.push([]);
      for (let j = 0; j < size; j++) {
        const cell = element("div", "cell", { role: "cell", "data-cell": `${i}-${j}` });
        this.cells[i].push(cell);
        row.append(cell);
      }
      rows.push(row);
    }
    this.grid.replaceChildren(...rows, ...this.bars, ...this.frames);
    this.grid.style.setProperty("--n", size);
    if (hadFocus && size) this.refocus = true;
  }

  fill(view) {
    const { classes, words } = view;
    const size = classes.length;
    this.view = view;
    if (size !== this.size) this.build(size);
    this.root.hidden = size === 0;
    this.root.classList.toggle("dense", size > DENSE);
    const nameWidth = widest(classes.map((each) => each.name));
    const style = this.root.style;
    style.setProperty("--text", widest(cellTexts(view)) || 1);
    style.setProperty("--name", Math.min(Math.max(nameWidth, 1), 8));
    style.setProperty("--tab", Math.min(Math.max(widest(classes.map((each) => each.tab)), nameWidth * 1.1, 2.5), 10));
    style.setProperty("--figure", widest(classes.flatMap(({ tiles }) => REGIONS.map((region) => tiles[region].count))) || 1);
    this.root.classList.toggle("tall", nameWidth > (size > DENSE ? 1.4 : 3));
    this.root.classList.toggle("wordy", nameWidth > 2.2);
    setAttribute(this.tabs, "aria-label", words.classes_label);
    for (const [button, word] of [[this.previous, words.previous], [this.next, words.next]]) {
      setAttribute(button, "aria-label", word);
      setAttribute(button, "title", word);
    }
    setText(this.hint, words.hint);
    for (const node of [this.matrixTopName, this.squareTopName]) setText(node, words.predicted_axis);
    for (const node of [this.matrixSideName, this.squareSideName]) setVertical(node, words.truth_axis);
    for (const region of REGIONS) setText(this.tiles[region].querySelector(".title"), words[region]);
    for (let i = 0; i < size; i++) {
      const [title, small] = this.tab[i].children;
      const { name, tab } = classes[i];
      setText(title, name);
      setText(small, tab);
      setVertical(this.tops[i], name);
      setText(this.leads[i], name);
      for (let j = 0; j < size; j++) {
        const cell = this.cells[i][j];
        const [count, text] = view.cells[i][j];
        setText(cell, text);
        cell.classList.toggle("zero", count === 0);
        cell.removeAttribute("title");
      }
    }
    this.painted = null;
  }

  paint() {
    const { size, view } = this;
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
    return view;
  }

  paintClass(chosen) {
    const { size, view } = this;
    const { words } = view;
    for (let i = 0; i < size; i++) {
      const on = i === chosen;
      setAttribute(this.tab[i], "aria-selected", String(on));
      setAttribute(this.tab[i], "tabindex", on ? "0" : "-1");
      this.tops[i].classList.toggle("on", on);
      this.leads[i].classList.toggle("on", on);
      for (let j = 0; j < size; j++) {
        const cell = this.cells[i][j];
        const region = regionOf(i, j, chosen);
        if (cell.dataset.region !== region) {
          cell.dataset.region = region;
          cell.removeAttribute("title");
        }
      }
    }
    const { name, long_name, tiles, sum } = view.classes[chosen];
    setAttribute(this.grid, "aria-label", fillIn(words.grid_label, { name: long_name }));
    const [calledYes, calledNo, truthYes, truthNo] = this.sides;
    setText(calledYes, fillIn(words.predicted_yes, { name }));
    setText(calledNo, fillIn(words.predicted_no, { name }));
    setVertical(truthYes, fillIn(words.truth_yes, { name }));
    setVertical(truthNo, fillIn(words.truth_no, { name }));
    for (const region of REGIONS) {
      const tile = this.tiles[region];
      const { count, caption } = tiles[region];
      setText(tile.querySelector("b"), count);
      setText(tile.querySelector(".caption"), caption);
      setAttribute(tile, "aria-label", fillIn(words.tile_label, { region: words[region], count, caption }));
    }
    this.paintSum(sum, tiles);
    this.paintBars(chosen);
    this.painted = chosen;
  }

  // Numbers of the sum that are a tile's total, in reading order, get that tile's colour as an underline.
  paintSum(sum, tiles) {
    const open = new Set(REGIONS);
    const pieces = sum.split(/(\d[\d.,\u00a0\u202f']*\d|\d)/).map((piece, i) => {
      const region = i % 2 ? [...open].find((name) => tiles[name].count === piece) : undefined;
      if (!region) return document.createTextNode(piece);
      open.delete(region);
      const mark = element("span", `part ${region}`);
      mark.textContent = piece;
      return mark;
    });
    this.sum.replaceChildren(...pieces);
  }

  // Lines 1 and 2 are the headers; class i stands between the lines i + 2 and i + 3; the bars behind the last one.
  paintBars(chosen) {
    const first = 2;
    const own = chosen + first;
    const end = this.size + first;
    const spans = [["tn", first, own], ["fp", own, own + 1], ["tn", own + 1, end]];
    spans.forEach(([region, from, to], i) => {
      this.bar(this.bars[i], region, to - from, `${end} / ${end + 1}`, `${from} / ${to}`);
      this.bar(this.bars[i + 3], region === "fp" ? "fn" : region, to - from, `${from} / ${to}`, `${end} / ${end + 1}`);
      this.bars[i + 3].classList.add("tall");
    });
  }

  bar(node, region, length, row, column) {
    node.hidden = length === 0;
    node.dataset.region = region;
    setText(node, region.toUpperCase());
    node.style.gridRow = row;
    node.style.gridColumn = column;
  }

  paintRegion(chosen, region) {
    for (const name of REGIONS) setAttribute(this.tiles[name], "aria-pressed", String(name === region));
    setAttribute(this.board, "data-chosen", region);
    const own = chosen + 2;
    const end = this.size + 2;
    const before = [2, own];
    const at = [own, own + 1];
    const after = [own + 1, end];
    const boxes = {
      tp: [[at, at]],
      fn: [[at, before], [at, after]],
      fp: [[before, at], [after, at]],
      tn: [[before, before], [before, after], [after, before], [after, after]],
    }[region];
    this.frames.forEach((frame, i) => {
      const box = boxes[i];
      frame.hidden = !box || box.some(([from, to]) => from >= to);
      if (frame.hidden) return;
      frame.style.gridRow = box[0].join(" / ");
      frame.style.gridColumn = box[1].join(" / ");
      frame.dataset.region = region;
    });
  }

  name(target) {
    const cell = target.closest("[data-cell]");
    if (!cell || cell.title) return;
    const [truth, called] = cell.dataset.cell.split("-").map(Number);
    const { view } = this;
    cell.title = fillIn(view.words.cell_label, {
      truth: view.classes[truth].long_name, predicted: view.classes[called].long_name, count: view.cells[truth][called][1],
      region: view.words[cell.dataset.region],
    });
  }

  click(event) {
    const target = event.target.closest("[data-step], [data-class], [data-region]");
    if (!target) return;
    if (target.dataset.step) this.flip(this.classChoice.shown + Number(target.dataset.step));
    else if (target.dataset.class) this.flip(Number(target.dataset.class));
    else this.regionChoice.click(target.dataset.region, (value) => this.component.setTriggerValue("region", value));
  }

  flip(to) {
    if (!this.size) return;
    const chosen = (to + this.size) % this.size;
    const focused = this.root.getRootNode().activeElement;
    this.classChoice.click(chosen, (value) => this.component.setTriggerValue("class", String(value)));
    if (this.tabs.contains(focused)) this.tab[chosen].focus();
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.size) return;
    const inTabs = this.tabs.contains(event.target);
    if (event.key === "ArrowLeft") this.flip(this.classChoice.shown - 1);
    else if (event.key === "ArrowRight") this.flip(this.classChoice.shown + 1);
    else if (inTabs && event.key === "Home") this.flip(0);
    else if (inTabs && event.key === "End") this.flip(this.size - 1);
    else if (/^[0-9]$/.test(event.key)) {
      const named = this.view.classes.findIndex((each) => each.name === event.key);
      const to = named >= 0 ? named : Number(event.key);
      if (to >= this.size) return;
      this.flip(to);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

export default function (component) {
  return render(ClassBoard, component);
}
