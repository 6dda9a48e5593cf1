// A slider thins a class: expected counts, every metric of the model, and the same of "always no" beside them.
import { binaryMetrics } from "./binary_metrics.js";
import { formatCount, formatPercent, OUTCOMES } from "./counting.js";
import { element, setAttribute, setText } from "./dom.js";
import { MetricBars } from "./metric_bars.js";
import { render } from "./part.js";
import { fillIn } from "./text.js";

const STEPS = 200; // of the slider, which multiplies: each step takes the same share of what is left

// Of the class only `share` is kept, drawn at random: mnistcore/metrics/prevalence.py in the browser.
function thinned({ tp, fn, fp, tn }, share) {
  const counts = { tp: share * tp, fn: share * fn, fp, tn };
  return { counts, blind: { tp: 0, fn: counts.tp + counts.fn, fp: 0, tn: fp + tn } };
}

const roughly = (count) => (Number.isInteger(count) ? formatCount(count) : count.toFixed(count < 1 ? 2 : 1));

class Prevalence {
  constructor() {
    this.root = element("div", "root");
    this.label = element("label", "label", { for: "kept" });
    this.slider = element("input", "slider", { id: "kept", type: "range", min: 0, max: STEPS, step: 1 });
    this.told = element("output", "told", { for: "kept" });
    this.counts = element("div", "counts");
    this.tiles = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, this.tile(outcome)]));
    this.bars = new MetricBars();
    this.top = element("div", "top");
    this.top.append(this.label, this.slider, this.told);
    this.root.append(this.top, this.counts, this.bars.node);
    this.slider.oninput = () => this.paint();
  }

  tile(outcome) {
    const tile = element("span", `count ${outcome}`);
    const [tag, number] = [element("b"), element("span")];
    setText(tag, outcome.toUpperCase());
    tile.append(tag, number);
    this.counts.append(tile);
    return { tile, number };
  }

  show(data, changed) {
    if (!changed) return;
    const { view } = data;
    this.view = view;
    this.support = view.counts.tp + view.counts.fn;
    setText(this.label, view.words.slider);
    this.slider.disabled = !view.thins;
    this.top.classList.toggle("still", !view.thins);
    this.slider.value = view.kept < this.support ? STEPS * (1 - Math.log(view.kept) / Math.log(this.support)) : 0;
    for (const outcome of OUTCOMES) setAttribute(this.tiles[outcome].tile, "title", view.words.outcomes[outcome]);
    this.bars.fill(view.metrics, view.words.table, [view.words.model, view.words.always_no]);
    this.before = binaryMetrics(view.counts, view.definitions);
    this.paint();
  }

  drop() {}

  // So many of the class are left: whole images, at least one.
  get kept() {
    return Math.max(1, Math.round(this.support ** (1 - this.slider.value / STEPS)));
  }

  paint() {
    const { view, support, kept } = this;
    const { counts, blind } = thinned(view.counts, kept / support);
    const values = binaryMetrics(counts, view.definitions);
    const share = formatPercent(kept / (kept + counts.fp + counts.tn), 2);
    const told = fillIn(view.words.told, { kept: formatCount(kept), support: formatCount(support), share });
    setText(this.told, told);
    setAttribute(this.slider, "aria-valuetext", told);
    for (const outcome of OUTCOMES) setText(this.tiles[outcome].number, roughly(counts[outcome]));
    const before = kept < support ? this.before : null;
    this.bars.paint(values, { before, beside: binaryMetrics(blind, view.definitions), words: view.words });
    this.values = values;
  }
}

export default function (component) {
  return render(Prevalence, component);
}
