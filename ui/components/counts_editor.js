// The 2 x 2 whose counts the reader sets: typed, dragged, locked, or found for a metric that is dragged.
import { binaryMetrics, formatMetric } from "./binary_metrics.js";
import { countOf, formatCount, OUTCOMES } from "./counting.js";
import { element, setAttribute, setText } from "./dom.js";
import { render } from "./part.js";
import { reachedCounts } from "./reached_counts.js";
import { fillIn } from "./text.js";

const STEPS = 1000; // of a slider
const LONGEST = 9; // digits of a count
const LEAST_RANGE = 1000; // a count's slider reaches so far at least
const TOTALS = { right: ["tp", "fn"], "right-2": ["fp", "tn"], below: ["tp", "fp"], "below-2": ["fn", "tn"], all: OUTCOMES };

// Small counts have room on the slider, too: it goes with the square root.
const toSlider = (count, most) => STEPS * Math.sqrt(count / most);
const fromSlider = (value, most) => Math.round(most * (value / STEPS) ** 2);

class CountsEditor {
  constructor() {
    this.root = element("div", "root");
    this.presets = element("div", "presets", { role: "group" });
    this.square = element("div", "square");
    this.heads = ["top", "top-2", "side", "side-2", "sum", "sum-2"].map((place) => element("div", `heading ${place}`));
    this.tiles = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, this.tile(outcome)]));
    this.totals = Object.fromEntries(Object.keys(TOTALS).map((place) => [place, element("output", `total ${place}`)]));
    this.square.append(...this.heads, ...OUTCOMES.map((outcome) => this.tiles[outcome].node), ...Object.values(this.totals));
    this.table = element("div", "rows", { role: "group" });
    const columns = element("div", "columns");
    columns.append(this.square, this.table);
    this.root.append(this.presets, columns);
    this.locked = [];
  }

  tile(outcome) {
    const node = element("div", `tile ${outcome}`);
    const [line, tag, name] = [element("div", "line"), element("b"), element("span")];
    setText(tag, outcome.toUpperCase());
    line.append(tag, " ", name);
    const lock = element("button", "lock", { type: "button" });
    const number = element("input", "number", { type: "number", min: "0", step: "1", inputmode: "numeric" });
    const slider = element("input", "slider", { type: "range", min: "0", max: STEPS, step: "1" });
    node.append(line, number, lock, slider);
    number.oninput = () => this.set({ [outcome]: wholeCount(number.value) }, number);
    slider.oninput = () => this.set({ [outcome]: fromSlider(slider.value, this.most) }, slider);
    number.onchange = slider.onchange = () => this.send();
    lock.onclick = () => this.toggle(outcome);
    return { node, name, lock, number, slider };
  }

  show(data, changed) {
    const { view } = data;
    if (changed) this.fill(view);
    if (data.counts.join(".") !== this.told) {
      this.told = data.counts.join(".");
      this.counts = Object.fromEntries(OUTCOMES.map((outcome, place) => [outcome, data.counts[place]]));
      this.paint();
    } else if (changed) this.paint();
  }

  drop() {}

  reach() {
    return Math.max(LEAST_RANGE, 1.5 * Math.max(...Object.values(this.counts)));
  }

  fill(view) {
    this.view = view;
    const { words } = view;
    setAttribute(this.presets, "aria-label", words.presets);
    this.presets.replaceChildren(...view.presets.map(({ label, counts }) => {
      const button = element("button", "preset", { type: "button", "data-counts": counts.join(".") });
      setText(button, label);
      button.onclick = () => this.start(counts);
      return button;
    }));
    [words.predicted_yes, words.predicted_no, words.truth_yes, words.truth_no, words.total, words.total]
      .forEach((text, place) => setText(this.heads[place], text));
    for (const outcome of OUTCOMES) {
      const { name, number, slider, lock } = this.tiles[outcome];
      setText(name, words.outcomes[outcome]);
      setAttribute(number, "aria-label", words.outcomes[outcome]);
      setAttribute(slider, "aria-label", words.outcomes[outcome]);
      setText(lock, words.lock);
      setAttribute(lock, "aria-label", fillIn(words.lock_label, { outcome: words.outcomes[outcome] }));
    }
    setAttribute(this.table, "aria-label", words.table);
    this.rows = view.metrics.map((row) => this.row(row));
    this.table.replaceChildren(...this.rows.map(({ node }) => node));
  }

  // A metric of the definitions can be dragged; the others follow only.
  row({ name, title, other }) {
    const definition = this.view.definitions.find((each) => each.name === name);
    const node = element("label", "row", { "data-metric": name });
    const [names, first, second, value] = [element("span", "names"), element("b"), element("small"), element("output", "value")];
    setText(first, title);
    setText(second, other);
    names.append(first, " ", second);
    const bar = definition
      ? element("input", "slider", { type: "range", min: "0", max: STEPS, step: "1" }) : element("span", "track");
    node.append(names, bar, value);
    if (!definition) {
      const fill = element("i");
      bar.append(fill);
      return { name, node, value, show: (share) => { fill.style.width = `${100 * Math.max(share ?? 0, 0)}%`; } };
    }
    bar.onpointerdown = bar.onkeydown = () => { this.from = this.counts; };
    bar.oninput = () => {
      // From where the drag began: else what was rounded away would add up.
      const found = reachedCounts(definition, bar.value / STEPS, this.from ?? this.counts, this.locked);
      if (found) this.set(found, bar);
    };
    bar.onchange = () => { this.from = undefined; this.paint(); this.send(); };
    const show = (share) => {
      if (bar !== this.held) bar.value = STEPS * (share ?? 0);
      bar.disabled = Object.keys(definition.below).every((outcome) => this.locked.includes(outcome));
    };
    return { name, node, value, show };
  }

  start(counts) {
    this.locked = [];
    this.counts = Object.fromEntries(OUTCOMES.map((outcome, place) => [outcome, counts[place]]));
    this.paint();
    this.send();
  }

  toggle(outcome) {
    const { locked } = this;
    this.locked = locked.includes(outcome) ? locked.filter((each) => each !== outcome) : [...locked, outcome];
    this.paint();
  }

  // `held`: the control that the reader has in hand; its own text is left alone.
  set(changes, held) {
    this.counts = { ...this.counts, ...changes };
    this.held = held;
    this.paint();
    this.held = undefined;
  }

  send() {
    const text = OUTCOMES.map((outcome) => this.counts[outcome]).join(".");
    if (text === this.told) return;
    this.told = text;
    this.component.setTriggerValue("counts", text);
  }

  paint() {
    const { counts, view } = this;
    const drags = OUTCOMES.some((outcome) => this.tiles[outcome].slider === this.held);
    if (!drags) this.most = this.reach(); // else the knob would run away from the finger
    for (const outcome of OUTCOMES) {
      const { node, lock, number, slider } = this.tiles[outcome];
      const isLocked = this.locked.includes(outcome);
      if (number !== this.held) number.value = counts[outcome];
      if (slider !== this.held) slider.value = toSlider(counts[outcome], this.most);
      setAttribute(slider, "aria-valuetext", formatCount(counts[outcome]));
      number.disabled = slider.disabled = isLocked;
      setAttribute(lock, "aria-pressed", String(isLocked));
      node.classList.toggle("locked", isLocked);
    }
    for (const [place, outcomes] of Object.entries(TOTALS)) {
      setText(this.totals[place], formatCount(countOf(outcomes, counts)));
    }
    const values = binaryMetrics(counts, view.definitions);
    for (const { name, value, show } of this.rows) {
      const share = values[name];
      setText(value, formatMetric(name, share));
      show(share);
    }
    const text = OUTCOMES.map((outcome) => counts[outcome]).join(".");
    for (const button of this.presets.children) {
      setAttribute(button, "aria-pressed", String(button.dataset.counts === text));
    }
  }
}

const wholeCount = (text) => Number(text.replace(/\D/g, "").slice(0, LONGEST));

export default function (component) {
  return render(CountsEditor, component);
}
