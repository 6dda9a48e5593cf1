// The epochs of a training as a film: the matrix, each class's recall, and the images learned and forgotten since the
// epoch before. All epochs travel at once, so that it plays without the server.
import { css, ink, shade } from "./colours.js";
import { formatCount, formatPercent } from "./counting.js";
import { element, setAttribute, setText } from "./dom.js";
import { render } from "./part.js";
import { showPicture, Sprite } from "./sprite.js";
import { DENSE, SquareGrid } from "./square_grid.js";
import { ems, fillIn } from "./text.js";

const WHOLE_MS = 9000; // of a film, about; but each epoch is seen
const FRAME_MS = { least: 250, most: 1200 };
const LONGEST_NAME = 5; // em, of the headings
const LABELLED = 12; // more classes than that have no room for a name and a value below their bar

class EpochFilm {
  constructor() {
    this.root = element("div", "root");
    this.play = element("button", "play", { type: "button" });
    this.slider = element("input", "slider", { type: "range", min: "0", step: "1" });
    this.told = element("output", "told");
    this.square = new SquareGrid({
      role: "table", totals: false, attributes: () => ({}), describe: (cell) => cell.getAttribute("aria-label") ?? "",
    });
    this.recallHead = element("p", "line");
    this.recalls = element("div", "recalls", { role: "img" });
    this.changes = Object.fromEntries(["learned", "forgotten"].map((kind) => [kind, change(kind)]));
    this.reason = element("p", "reason");
    const top = element("div", "top");
    const [matrix, side, columns] = [element("div", "matrix"), element("div", "side-column"), element("div", "columns")];
    top.append(this.play, this.slider, this.told);
    matrix.append(...this.square.parts);
    side.append(this.recallHead, this.recalls, this.changes.learned.node, this.changes.forgotten.node, this.reason);
    columns.append(matrix, side);
    this.root.append(top, columns);
    this.sprite = new Sprite(side);
    this.place = 0;
    this.timer = 0;
    this.play.onclick = () => (this.timer ? this.stop() : this.start());
    this.slider.oninput = () => {
      const place = Number(this.slider.value); // stopping paints, which puts the knob back
      this.stop(false);
      this.go(place);
    };
    this.slider.onchange = () => this.send();
  }

  show(data, changed) {
    if (changed) this.fill(data.view);
    if (!this.timer && data.selected !== this.sent) {
      this.sent = data.selected;
      this.place = Math.max(0, this.view.frames.findIndex(({ epoch }) => epoch === data.selected));
      this.paint();
    } else if (changed) this.paint();
  }

  drop() {
    clearInterval(this.timer);
    this.sprite.drop();
  }

  fill(view) {
    this.view = view;
    const { words, names, frames } = view;
    const still = frames.length < 2;
    this.play.hidden = this.slider.hidden = still;
    this.slider.max = frames.length - 1;
    setAttribute(this.slider, "aria-label", words.slider);
    if (this.square.size !== names.length) this.square.build(names.length);
    const shape = { classes: names.map((name) => ({ name })), cells: frames[0].cells.map((row) => row.map((n) => [n, formatCount(n)])) };
    this.square.measure(this.root, shape, { least: 1, most: LONGEST_NAME });
    this.square.setAxes(words.truth_axis, words.predicted_axis);
    setAttribute(this.square.node, "aria-label", words.matrix);
    names.forEach((name, i) => {
      setText(this.square.cells[0][i + 1], name);
      setText(this.square.cells[i + 1][0], name);
    });
    // One scale for all epochs: a mistake that is made less often fades.
    this.most = Math.max(1, ...frames.flatMap(({ cells }) => cells.flatMap((row, i) => row.filter((_, j) => i !== j))));
    this.sprite.set(view.sprite);
    this.root.style.setProperty("--columns", view.columns);
    setText(this.recallHead, fillIn(words.recalls, { low: formatPercent(view.low, 0) }));
    this.bars = names.map((name) => bar(name, names.length));
    this.recalls.replaceChildren(...this.bars.map(({ node }) => node));
    this.recalls.classList.toggle("many", names.length > LABELLED);
    setText(this.reason, view.reason);
  }

  start() {
    const { frames } = this.view;
    if (this.place === frames.length - 1) this.go(0);
    const each = Math.min(Math.max(WHOLE_MS / frames.length, FRAME_MS.least), FRAME_MS.most);
    this.timer = setInterval(() => {
      this.go(this.place + 1);
      if (this.place === frames.length - 1) this.stop();
    }, each);
    this.paint();
  }

  stop(tell = true) {
    clearInterval(this.timer);
    this.timer = 0;
    this.paint();
    if (tell) this.send();
  }

  go(place) {
    this.place = Math.min(place, this.view.frames.length - 1);
    this.paint();
  }

  send() {
    const { epoch } = this.view.frames[this.place];
    if (epoch === this.sent) return;
    this.sent = epoch;
    this.component.setTriggerValue("epoch", String(epoch));
  }

  paint() {
    const { view, place } = this;
    const frame = view.frames[place];
    const told = fillIn(view.words.told, {
      epoch: frame.epoch, correct: formatCount(frame.correct), total: formatCount(view.total),
      accuracy: formatPercent(view.total ? frame.correct / view.total : null),
    });
    setText(this.told, told);
    setText(this.play, this.timer ? view.words.pause : view.words.play);
    this.play.dataset.playing = String(Boolean(this.timer));
    this.slider.value = place;
    setAttribute(this.slider, "aria-valuetext", told);
    this.paintMatrix(frame);
    frame.recalls.forEach((recall, i) => this.paintBar(i, recall));
    setAttribute(this.recalls, "aria-label", frame.recalls.map((recall, i) => `${view.names[i]} ${formatPercent(recall)}`).join(", "));
    const before = view.frames[place - 1]?.epoch;
    for (const [kind, { node, heading, images }] of Object.entries(this.changes)) {
      const found = frame[kind];
      node.hidden = !found;
      if (!found) continue;
      setText(heading, fillIn(view.words[kind], { before, after: frame.epoch, count: formatCount(found.count) }));
      images.replaceChildren(...found.tiles.map(({ at, caption, label }) => picture(at, caption, label, view.columns)));
    }
  }

  paintMatrix({ cells }) {
    const { view, dark, square } = this;
    cells.forEach((row, i) => row.forEach((count, j) => {
      const cell = square.cells[i + 1][j + 1];
      const text = formatCount(count);
      if (cell.painted === text && cell.dark === dark) return;
      [cell.painted, cell.dark] = [text, dark];
      setText(cell, count || square.size <= DENSE ? text : "");
      cell.classList.toggle("right", i === j);
      cell.classList.toggle("zero", count === 0);
      const colour = i === j ? null : shade(Math.sqrt(count / this.most), dark);
      cell.style.backgroundColor = colour && count ? css(colour) : "";
      cell.style.color = colour && count ? ink(colour) : "";
      setAttribute(cell, "aria-label", fillIn(view.words.cell, { truth: view.names[i], predicted: view.names[j], count: text }));
      cell.removeAttribute("title");
    }));
  }

  paintBar(i, recall) {
    const { low } = this.view;
    const { node, fill, value } = this.bars[i];
    fill.style.height = `${recall === null ? 0 : 100 * Math.max(0, (recall - low) / (1 - low))}%`;
    setText(value, recall === null ? "\u2013" : recall === 1 ? "100" : (100 * recall).toFixed(1));
    setAttribute(node, "title", `${this.view.names[i]} ${formatPercent(recall)}`);
  }
}

function bar(name, classes) {
  const node = element("div", "class");
  const [value, track, fill, label] = [element("span", "number"), element("div", "track"), element("i"), element("b")];
  track.append(fill);
  setText(label, name);
  label.classList.toggle("long", ems(name) > 40 / classes);
  node.append(value, track, label);
  return { node, fill, value };
}

function change(kind) {
  const node = element("section", `change ${kind}`);
  const [heading, images] = [element("p", "line"), element("div", "images")];
  node.append(heading, images);
  return { node, heading, images };
}

function picture(at, caption, label, columns) {
  const tile = element("figure", "image", { title: label });
  const [shown, text] = [element("span", "picture", { role: "img", "aria-label": label }), element("figcaption")];
  showPicture(shown, at, columns);
  setText(text, caption);
  tile.append(shown, text);
  return tile;
}

export default function (component) {
  return render(EpochFilm, component);
}
