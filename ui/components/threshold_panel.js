// One class by a threshold of its probability: the images by their probability, a line to drag, the two curves, and the
// thresholds that are best for something. What is counted while dragging is counted here.
import { formatCount, formatPercent } from "./counting.js";
import { Curve } from "./curve.js";
import { element, setAttribute, setText } from "./dom.js";
import { ScoreTiles } from "./score_tiles.js";
import { showPicture, Sprite } from "./sprite.js";
import { fillIn, rich } from "./text.js";

const STEP = 0.001;

export class ThresholdPanel {
  // `choose(threshold, isLast)` is told of every move of the slider, and of its end; `price(value)` of another price.
  constructor({ choose, price }) {
    this.tiles = new ScoreTiles();
    this.slider = element("input", "slider", { type: "range", min: "0", max: "1", step: String(STEP) });
    this.label = element("label", "slider-label");
    this.why = element("p", "why");
    this.example = element("span", "picture");
    this.curves = [new Curve(), new Curve()];
    this.best = element("button", "goto", { type: "button" });
    this.cheapest = element("button", "goto", { type: "button" });
    this.price = element("select", "price");
    this.priceLabel = element("label", "price-label");
    this.priceLabel.append(element("span"), this.price);
    const buttons = element("div", "gotos");
    buttons.append(this.best, this.priceLabel, this.cheapest);
    const charts = element("div", "curves");
    charts.append(...this.curves.map((curve) => curve.node));
    const why = element("div", "why-line");
    why.append(this.example, this.why);
    const [first, second] = [element("div", "scores"), element("div", "judged")];
    first.append(this.tiles.node, this.slider, this.label, why);
    second.append(charts, buttons);
    this.node = element("div", "threshold");
    this.node.append(first, second);
    this.sprite = new Sprite(this.node);
    this.slider.oninput = () => choose(Number(this.slider.value), false);
    this.slider.onchange = () => choose(Number(this.slider.value), true);
    this.tiles.node.onpointerdown = (event) => this.grab(event, choose);
    this.best.onclick = () => choose(readable(this.scores.best_f1), true);
    this.cheapest.onclick = () => choose(readable(this.cheapestThreshold()), true);
    this.price.onchange = () => price(Number(this.price.value));
  }

  // The line follows the pointer over the images, too.
  grab(event, choose) {
    const { node } = this.tiles;
    const at = (each) => {
      const { left, width } = node.getBoundingClientRect();
      return Math.min(Math.max(Math.round((each.clientX - left) / width / STEP) * STEP, 0), 1);
    };
    node.setPointerCapture?.(event.pointerId);
    node.onpointermove = (each) => choose(at(each), false);
    node.onpointerup = (each) => {
      node.onpointermove = node.onpointerup = null;
      choose(at(each), true);
    };
    choose(at(event), false);
  }

  drop() {
    this.sprite.drop();
  }

  // `prices`: of a false negative, where a false positive costs 1.
  fill(scores, { words, prices }) {
    this.scores = scores;
    this.found = null;
    this.positives = numbers(scores.positives);
    this.negatives = numbers(scores.negatives);
    this.sprite.set(scores.sprite);
    this.node.style.setProperty("--columns", scores.columns);
    this.node.style.setProperty("--rows", Math.max(1, Math.ceil(scores.images.length / scores.columns)));
    this.tiles.fill(scores);
    const [pr, roc] = this.curves;
    pr.fill({ points: scores.pr, title: words.pr, across: words.recall, up: words.precision, diagonal: false });
    roc.fill({ points: scores.roc, title: words.roc, across: words.fpr, up: words.tpr, diagonal: true });
    this.price.replaceChildren(...prices.map((price) => {
      const option = element("option", "", { value: String(price) });
      setText(option, String(price));
      return option;
    }));
  }

  // The four counts where an image is predicted as the class if its probability is at least `threshold`.
  countsAt(threshold) {
    const [tp, fp] = [this.positives, this.negatives].map((sorted) => sorted.length - below(sorted, threshold));
    return { tp, fn: this.positives.length - tp, fp, tn: this.negatives.length - fp, wrong: 0 };
  }

  // It does not depend on where the line is dragged, and is looked for once for a class and a price.
  cheapestThreshold() {
    const price = Number(this.price.value);
    if (this.found?.price !== price) this.found = { price, threshold: cheapest(this.positives, this.negatives, price) };
    return this.found.threshold;
  }

  paint({ counts, threshold, priced, words, name, argmax }) {
    if (!this.scores) return;
    const { scores } = this;
    setAttribute(this.slider, "aria-label", fillIn(words.slider_label, { name }));
    setAttribute(this.slider, "aria-valuetext", formatPercent(threshold));
    if (Number(this.slider.value) !== threshold) this.slider.value = String(threshold);
    if (Number(this.price.value) !== priced) this.price.value = String(priced);
    setText(this.label, fillIn(words.threshold, { threshold: formatPercent(threshold), name }));
    this.tiles.paint(threshold, scores, words, name);
    const { tp, fn, fp, tn } = counts;
    const [recall, precision] = [tp + fn ? tp / (tp + fn) : null, tp + fp ? tp / (tp + fp) : null];
    const fpr = fp + tn ? fp / (fp + tn) : null;
    const [pr, roc] = this.curves;
    pr.point(recall, precision, fillIn(words.ap, { value: decimal(scores.ap) }));
    roc.point(fpr, recall, fillIn(words.auc, { value: decimal(scores.auc) }));
    this.best.disabled = scores.best_f1 === null;
    setText(this.best, fillIn(words.best_f1, { threshold: formatPercent(scores.best_f1) }));
    setText(this.priceLabel.firstElementChild, words.price);
    const cheap = this.cheapestThreshold();
    this.cheapest.disabled = cheap === null;
    setText(this.cheapest, fillIn(words.cheapest, { threshold: formatPercent(cheap) }));
    this.paintWhy({ counts, threshold, words, name, argmax });
  }

  // Why these counts are not the matrix's, with an image for which the two differ.
  paintWhy({ counts, threshold, words, name, argmax }) {
    const at = this.differing(threshold);
    this.example.hidden = at === null;
    const facts = { name, threshold: formatPercent(threshold), tp: formatCount(counts.tp), fp: formatCount(counts.fp),
      matrix_tp: formatCount(argmax.tp), matrix_fp: formatCount(argmax.fp) };
    if (at === null) {
      const agrees = counts.tp === argmax.tp && counts.fp === argmax.fp;
      this.why.replaceChildren(...rich(agrees ? words.same : words.differs, facts));
      return;
    }
    const { score, predicted } = this.scores.images[at];
    showPicture(this.example, at, this.scores.columns);
    const template = score >= threshold ? words.differs_above : words.differs_below;
    this.why.replaceChildren(...rich(template, { ...facts, score: formatPercent(score), predicted }));
  }

  // The image nearest to the threshold that the matrix and the threshold disagree about; null for none that is here.
  differing(threshold) {
    let best = null;
    this.scores.images.forEach(({ score, as_class: asClass }, at) => {
      if (score >= threshold === asClass) return;
      if (best === null || Math.abs(score - threshold) < Math.abs(this.scores.images[best].score - threshold)) best = at;
    });
    return best;
  }

  // The images next to the threshold, those just below it first: the next ones to change sides.
  edge(threshold, count) {
    const { images } = this.scores;
    const places = images.map((_, at) => at).sort((a, b) => images[a].score - images[b].score);
    const cut = places.findIndex((at) => images[at].score >= threshold);
    const middle = cut < 0 ? places.length : cut;
    const half = Math.floor(count / 2);
    return { below: places.slice(Math.max(0, middle - half), middle), above: places.slice(middle, middle + count - half) };
  }
}

// Not above the threshold itself, at which an image lies, and short enough for a URL.
const readable = (threshold) => Math.floor(threshold * 1e6) / 1e6;
const decimal = (value) => (value === null ? "\u2013" : value > 0.9995 && value < 1 ? ">0.999" : value.toFixed(3));

// Base64 of float64 numbers, ascending.
function numbers(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Float64Array(bytes.buffer);
}

// How many of the ascending numbers are smaller than `limit`.
function below(sorted, limit) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The threshold at which FP + price * FN is least, the highest of several; as mnistcore/metrics/thresholds.py has it, but
// "no image at all" is 1 here. Null without images.
function cheapest(positives, negatives, price) {
  if (!positives.length && !negatives.length) return null;
  let [i, j, best, least] = [positives.length, negatives.length, 1, positives.length * price];
  if (positives.at(-1) === 1 || negatives.at(-1) === 1) least = Infinity;
  while (i > 0 || j > 0) {
    const at = Math.max(i ? positives[i - 1] : -1, j ? negatives[j - 1] : -1);
    while (i > 0 && positives[i - 1] === at) i -= 1;
    while (j > 0 && negatives[j - 1] === at) j -= 1;
    const cost = negatives.length - j + price * i;
    if (cost < least) [least, best] = [cost, at];
  }
  return best;
}
