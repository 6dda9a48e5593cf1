// One class against all others, on one screen: the classes, the matrix in its four regions, the 2 x 2 that it collapses
// to, a metric as a formula, and some of the images. A flip repaints all but the images before the server has heard of it.
import { BoardMatrix } from "./board_matrix.js";
import { Choice } from "./choice.js";
import { ClassTabs } from "./class_tabs.js";
import { countOf, countsOf, formatCount, formatPercent, OUTCOMES, parsePart, sizeOf } from "./counting.js";
import { element, focused, setAttribute, setText } from "./dom.js";
import { FlowChart } from "./flow_chart.js";
import { ImageStrip } from "./image_strip.js";
import { MetricPanel } from "./metric_panel.js";
import { render } from "./part.js";
import { ThresholdPanel } from "./threshold_panel.js";
import { TwoByTwo } from "./two_by_two.js";

const CHOICES = ["class", "part", "metric", "hidden", "view", "way", "threshold", "price"];
const CLICKED = ["step", "class", "metric", "image", "all", "part", "view", "way"].map((name) => `[data-${name}]`).join(", ");
const TYPED = 'input, textarea, select, [contenteditable="true"]';
const EDGE = 10; // images next to the threshold
const SPOTS = ["", "matrix", "row", "column", "formula", "images"]; // what a presenter's key leads through

class ClassBoard {
  constructor() {
    this.tabs = new ClassTabs();
    this.matrix = new BoardMatrix();
    this.twoByTwo = new TwoByTwo();
    this.metricPanel = new MetricPanel();
    this.strip = new ImageStrip();
    this.flow = new FlowChart();
    this.threshold = new ThresholdPanel({
      choose: (value, isLast) => this.drag(value, isLast),
      price: (value) => this.send("price", value),
    });
    this.views = element("div", "views", { role: "radiogroup" });
    this.hide = element("button", "hide", { type: "button", "aria-pressed": "false" });
    const top = element("div", "top-line");
    top.append(this.tabs.node, this.views, this.hide);
    this.right = element("div", "right", { role: "tabpanel" });
    this.right.append(this.twoByTwo.node, this.metricPanel.node);
    this.board = element("div", "board");
    this.left = element("div", "left");
    this.noScores = element("p", "no-scores");
    this.left.append(this.matrix.node, this.flow.node, this.threshold.node, this.noScores);
    this.board.append(top, this.left, this.right, this.strip.node);
    this.root = element("div", "root");
    this.root.append(this.board);
    const paint = () => this.paint();
    this.choices = Object.fromEntries(CHOICES.map((name) => [name, new Choice(paint)]));
    this.revealed = new Set(); // outcomes whose answer was uncovered
    this.root.onclick = (event) => this.click(event);
    this.root.onpointerover = (event) => this.hover(event);
    this.root.onpointerleave = () => this.hover({});
    this.root.onkeydown = (event) => this.key(event);
    // In front of a class no click has to come first; keys that were typed into something are not meant.
    this.onDocumentKey = (event) => {
      const path = event.composedPath();
      const isElsewhere = !path.includes(this.root) && !path.some((node) => node.matches?.(TYPED));
      if (this.present && isElsewhere) this.key(event);
    };
    document.addEventListener("keydown", this.onDocumentKey);
    this.resized = new ResizeObserver(() => this.place());
    this.resized.observe(this.root);
  }

  show(data, changed) {
    const before = this.shown;
    if (changed) this.fill(data.view);
    this.stripData = data.strip;
    this.samples = data.samples;
    const scoresText = data.scores ? JSON.stringify(data.scores) : null;
    if (!data.scores && data.view_shown === "threshold") this.scores = this.scoresText = null;
    if (data.scores && scoresText !== this.scoresText) {
      this.scores = data.scores;
      this.scoresText = scoresText;
      this.threshold.fill(data.scores, data.view);
      changed = true;
    }
    for (const [name, choice] of Object.entries(this.choices)) choice.confirm(data[name === "view" ? "view_shown" : name], changed);
    if (changed || before !== this.shown) this.paint();
    else this.paintAnswer();
    this.place();
  }

  drop() {
    for (const choice of Object.values(this.choices)) choice.drop();
    document.removeEventListener("keydown", this.onDocumentKey);
    this.resized.disconnect();
    for (const part of [this.matrix, this.strip, this.flow, this.threshold, this.metricPanel]) part.drop();
  }

  get shown() {
    return Object.values(this.choices).map((choice) => choice.shown).join("|");
  }

  fill(view) {
    this.view = view;
    this.present = view.present;
    this.root.classList.toggle("present", view.present);
    this.root.hidden = view.classes.length === 0;
    this.matrix.fill(this.root, view);
    this.tabs.fill(this.root, view);
    this.metricPanel.fill(view);
    this.views.replaceChildren(...view.views.map(({ name, title }) => {
      const button = element("button", "view", { type: "button", role: "radio", "data-view": name });
      setText(button, title);
      return button;
    }));
    setAttribute(this.views, "aria-label", view.words.views_label);
  }

  // The board ends where the window does: how much of that lies above it is known only here.
  place() {
    const scrolled = document.querySelector('[data-testid="stMain"]')?.scrollTop ?? 0;
    const above = Math.round(this.root.getBoundingClientRect().top + scrolled);
    if (above === this.above || above <= 0) return;
    this.above = above;
    this.root.style.setProperty("--above", `${above}px`);
  }

  // ---------------------------------------------------------------- what is chosen

  look() {
    const { view, choices } = this;
    const { classes, cells, metrics, words } = view;
    const chosen = Math.min(choices.class.shown, classes.length - 1);
    const hidden = choices.hidden.shown;
    const shownView = choices.view.shown;
    const argmax = { ...countsOf(cells, chosen), wrong: view.wrong[chosen] };
    const isByThreshold = shownView === "threshold" && this.scores?.for === chosen;
    const threshold = this.dragged ?? Number(choices.threshold.shown);
    const counts = isByThreshold ? this.threshold.countsAt(threshold) : argmax;
    const part = parsePart(choices.part.shown);
    return {
      chosen, hidden, counts, argmax, part, words, threshold, isByThreshold,
      shownView,
      way: choices.way.shown,
      priced: choices.price.shown,
      name: classes[chosen].name,
      names: classes.map((each) => each.name),
      count: sizeOf(part, cells, counts, chosen),
      metric: metrics.find(({ name }) => name === choices.metric.shown) ?? metrics[0],
      knows: (outcome) => !hidden || this.revealed.has(outcome),
      swapped: view.swapped,
      facts: this.facts(chosen, counts),
    };
  }

  // What fills the placeholders of the sentences.
  facts(chosen, counts) {
    const { classes, overall, mean } = this.view;
    const { tp, fn, fp, tn, wrong } = counts;
    const all = countOf(OUTCOMES, counts);
    const told = { tp, fn, fp, tn, wrong, support: tp + fn, others: fp + tn, called: tp + fp, total: all, right: tp + tn };
    return {
      ...Object.fromEntries(Object.entries(told).map(([name, count]) => [name, formatCount(count)])),
      name: classes[chosen].name, overall, mean, classes: this.view.class_count,
      p: formatPercent(tp + fp ? tp / (tp + fp) : null, 2), r: formatPercent(tp + fn ? tp / (tp + fn) : null, 2),
    };
  }

  paint() {
    if (!this.view?.classes.length) return;
    const now = this.look();
    this.now = now;
    const { words } = now;
    this.tabs.paint({ ...now, hidden: now.hidden || now.shownView === "threshold" });
    this.paintView(now);
    this.metricPanel.paint(now, this.lit(now));
    setAttribute(this.right, "aria-label", now.name);
    this.paintImages();
    setText(this.hide, now.hidden ? words.show_answer : words.hide_answer);
    setAttribute(this.hide, "aria-pressed", String(now.hidden));
    setAttribute(this.root, "data-shown", `${now.chosen}-${now.part.text}-${now.metric.name}`);
  }

  paintView(now) {
    for (const button of this.views.children) {
      const on = button.dataset.view === now.shownView;
      setAttribute(button, "aria-checked", String(on));
      setAttribute(button, "tabindex", on ? "0" : "-1");
    }
    const panels = { matrix: this.matrix, flow: this.flow, threshold: this.threshold };
    for (const [name, panel] of Object.entries(panels)) panel.node.hidden = name !== now.shownView;
    const lacks = now.shownView === "threshold" && !this.scores;
    if (lacks) this.threshold.node.hidden = true;
    setText(this.noScores, lacks ? now.words.no_scores : "");
    this.left.classList.toggle("late", now.shownView === "threshold" && !now.isByThreshold && !lacks);
    if (now.shownView === "flow") this.flow.paint(now, this.samples);
    else if (now.shownView === "threshold") this.threshold.paint(now);
    else {
      this.matrix.paint({ ...now, metric: this.lit(now) });
      this.matrix.settle(now.chosen);
    }
    this.twoByTwo.paint({ ...now, metric: this.lit(now) });
  }

  // The metric whose terms are framed: that under the mouse, else the chosen one.
  lit(now) {
    return this.view.metrics.find(({ name }) => name === this.hovered) ?? now.metric;
  }

  hover(event) {
    const over = event.pointerType === "mouse" ? event.target.closest?.("[data-metric]")?.dataset.metric : undefined;
    if (over === this.hovered) return;
    this.hovered = over;
    if (!this.view?.classes.length) return;
    this.paintView(this.now);
    this.metricPanel.paint(this.now, this.lit(this.now));
  }

  paintImages() {
    const { now } = this;
    if (now.isByThreshold) this.strip.paintEdge(now, this.scores, this.threshold.edge(now.threshold, EDGE));
    else {
      const isCovered = now.hidden && !(now.part.outcomes ?? OUTCOMES).every(now.knows);
      this.strip.paint({ ...now, hidden: isCovered }, this.stripData);
    }
  }

  // What only the server knows has come: images. All else is painted already.
  paintAnswer() {
    this.paintImages();
    if (this.now.shownView === "flow") this.flow.paint(this.now, this.samples);
  }

  // The line of the threshold moves: everything that is counted follows at once, the server hears of its last place.
  drag(value, isLast) {
    this.dragged = isLast ? undefined : value;
    if (isLast) this.send("threshold", value);
    this.paint();
  }

  click(event) {
    const target = event.target.closest(CLICKED);
    if (event.target.closest(".hide")) this.toggleAnswer();
    if (!target) return;
    const { step, class: index, metric, image, part, view, way } = target.dataset;
    if (step) this.turn(Number(step));
    else if (index) this.flip(Number(index));
    else if (metric) this.choose(metric);
    else if (view) this.send("view", view);
    else if (way) this.send("way", way);
    else if (image) this.component.setTriggerValue("image", image);
    else if (part) this.open(part);
    else this.showAll();
  }

  // Of two clicks on this part that a busy server has not looked at yet, Streamlit keeps the later one alone. So a click
  // is sent with those that are under way; to choose the same once more changes nothing.
  send(name, value) {
    this.choices[name].click(value, (sent) => {
      for (const [other, { underWay }] of Object.entries(this.choices)) {
        if (other !== name && underWay !== undefined) this.component.setTriggerValue(other, String(underWay));
      }
      this.component.setTriggerValue(name, String(sent));
    });
  }

  // Chooses a metric. Images that it does not count make room for those that lower it: of precision the FP, not the FN.
  choose(name) {
    this.send("metric", name);
    const { above, below } = this.view.metrics.find((each) => each.name === name);
    const { outcomes } = this.now.part;
    if (this.now.hidden || !outcomes || outcomes.every((outcome) => below[outcome])) return;
    this.send("part", OUTCOMES.find((outcome) => (below[outcome] ?? 0) > (above[outcome] ?? 0)));
  }

  // Uncovers what was hidden of a part, and leads to its images.
  open(part) {
    const { outcomes } = parsePart(part);
    if (this.now.hidden) {
      for (const outcome of outcomes ?? []) this.revealed.add(outcome);
      this.paint();
      if (!outcomes) return;
    }
    this.send("part", part);
  }

  toggleAnswer() {
    this.revealed.clear();
    this.send("hidden", !this.now.hidden);
  }

  // The classes that can be positive: all but the others together.
  get size() {
    return this.view.classes.filter((each) => !each.is_others).length;
  }

  // One class on or back. Of many, the next one need not be here.
  turn(by) {
    if (this.size === this.view.class_count) this.flip(this.choices.class.shown + by);
    else this.component.setTriggerValue("step", String(by));
  }

  flip(to) {
    const { size } = this;
    const hadFocus = focused(this.tabs.list);
    this.revealed.clear();
    this.send("class", (to + size) % size);
    if (hadFocus) this.tabs.tabs[this.now.chosen].focus();
  }

  showAll() {
    const gallery = document.querySelector('[class*="st-key-gallery_"]');
    gallery?.scrollIntoView({ behavior: "smooth", block: "start" });
  }

  // ---------------------------------------------------------------- the keyboard

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.view?.classes.length) return;
    const { size } = this;
    const inTabs = this.tabs.list.contains(event.target);
    const inPills = this.metricPanel.pills.contains(event.target);
    if (event.target.matches?.("input, select")) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && inPills) this.nextMetric(by);
    else if (by) this.turn(by);
    else if (inTabs && event.key === "Home") this.flip(0);
    else if (inTabs && event.key === "End") this.flip(size - 1);
    else if (/^[0-9]$/.test(event.key)) this.flipTo(event.key);
    else if (this.present && event.key === "PageDown") this.step(1);
    else if (this.present && event.key === "PageUp") this.step(-1);
    else if (this.present && event.key === " " && !event.target.closest?.("button")) this.step(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  flipTo(digit) {
    const named = this.view.classes.findIndex((each) => each.name === digit);
    const to = named >= 0 ? named : Number(digit);
    if (to < this.size) this.flip(to);
  }

  nextMetric(by) {
    const names = this.view.metrics.map(({ name }) => name);
    const place = (names.indexOf(this.now.metric.name) + by + names.length) % names.length;
    this.choose(names[place]);
    this.metricPanel.pills.children[place].focus();
  }

  // Leads the eyes of a class from the matrix to a row, a column, the formula and the images.
  step(by) {
    const at = SPOTS.indexOf(this.board.dataset.spot ?? "");
    const spot = SPOTS[(at + by + SPOTS.length) % SPOTS.length];
    this.board.dataset.spot = spot;
    if (spot === "row") this.open("tp.fn");
    if (spot === "column") this.open("tp.fp");
  }
}

export default function (component) {
  return render(ClassBoard, component);
}
