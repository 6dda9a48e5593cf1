// The metric that is talked about: its name among the others, its formula with this class's counts, and a sentence.
// Every term, and the denominator as a whole, is a button that leads to its images.
import { formatCount, formatPercent, formatRange, intervalOf, OUTCOMES, sum, valueOf } from "./counting.js";
import { element, setAttribute, setText } from "./dom.js";
import { ems, fillIn, isJapanese, rich } from "./text.js";

// Widths of the formula in em, roughly: a tag of two letters, a sign between two terms, a gap, the result in large.
const [TAG, SIGN, GAP, VALUE] = [1.75, 1.1, 0.25, 5.2];

export class MetricPanel {
  constructor() {
    this.pills = element("div", "pills", { role: "radiogroup" });
    this.formula = element("div", "formula", { role: "group" });
    this.sentence = element("p", "sentence", { "aria-live": "polite" });
    this.node = element("div", "metric");
    this.node.append(this.pills, this.formula, this.sentence);
    this.metrics = [];
    this.room = Infinity; // for the formula, in em
    this.resized = new ResizeObserver(([{ contentRect }]) => {
      this.room = contentRect.width / parseFloat(getComputedStyle(this.formula).fontSize);
      if (this.drawn) this.fit();
    });
    this.resized.observe(this.formula);
  }

  drop() {
    this.resized.disconnect();
  }

  fill(view) {
    this.metrics = view.metrics;
    setAttribute(this.pills, "aria-label", view.words.metrics_label);
    this.pills.replaceChildren(...view.metrics.map(({ name, title, other }) => {
      const pill = element("button", "pill", { type: "button", role: "radio", "data-metric": name });
      const [first, second, value] = [element("b"), element("small"), element("span", "value")];
      setText(first, title);
      setText(second, other);
      pill.append(first, second, value);
      return pill;
    }));
  }

  // `lit` is the metric whose formula is shown: the one under the mouse, else the chosen one.
  paint(now, lit) {
    const { metric, counts, knows } = now;
    const isKnown = (each) => Object.keys(each.below).every(knows);
    this.metrics.forEach((each, i) => {
      const pill = this.pills.children[i];
      const on = each === metric;
      setAttribute(pill, "aria-checked", String(on));
      setAttribute(pill, "tabindex", on ? "0" : "-1");
      setText(pill.lastElementChild, isKnown(each) ? formatPercent(valueOf(each, counts)) : "?");
    });
    this.paintFormula({ ...now, metric: lit }, isKnown(lit));
    this.paintSentence({ ...now, metric: lit }, isKnown(lit));
  }

  paintFormula({ metric, counts, knows, words, part, name }, known) {
    const told = (outcome) => (knows(outcome) ? formatCount(counts[outcome]) : "?");
    const [above, below] = [sum(metric.above, counts), sum(metric.below, counts)];
    const whole = Object.keys(metric.below).sort((a, b) => OUTCOMES.indexOf(a) - OUTCOMES.indexOf(b)).join(".");
    const term = (outcome, times) => {
      const button = element("button", "term", {
        type: "button", "data-part": outcome, "aria-pressed": String(part.text === outcome),
        "aria-label": `${words.outcomes[outcome]} ${told(outcome)}`,
      });
      const tag = element("span", `tag ${outcome}`);
      const number = element("span", "number");
      setText(tag, outcome.toUpperCase());
      setText(number, told(outcome));
      if (times > 1) button.append(plain(String(times)), plain("\u00d7"));
      button.append(tag, number);
      return button;
    };
    const side = (className, terms) => {
      const node = element("span", className);
      Object.entries(terms).forEach(([outcome, times], place) => {
        node.append(...(place ? [plain("+")] : []), term(outcome, times));
      });
      return node;
    };
    const counted = fraction(element("span", "above"), element("button", "below", {
      type: "button", "data-part": whole, "aria-pressed": String(part.text === whole),
      "aria-label": fillIn(words.parts[whole], { count: known ? formatCount(below) : "?", name }),
    }));
    setText(counted.firstElementChild, known ? formatCount(above) : "?");
    setText(counted.lastElementChild, known ? formatCount(below) : "?");
    const denominator = side("below", metric.below);
    denominator.dataset.part = whole;
    if (whole === OUTCOMES.join(".")) denominator.append(wholeOf(words.total));
    const value = element("strong", "value");
    setText(value, known ? formatPercent(valueOf(metric, counts), 2) : "?");
    const letters = fraction(side("above", metric.above), denominator);
    letters.classList.add("letters");
    setAttribute(this.formula, "aria-label", metric.title);
    this.formula.replaceChildren(letters, plain("="), counted, plain("="), value);
    this.drawn = { metric, counts, known };
    this.fit();
  }

  // Where there is no room for the counts beside the letters they are left out: they stand in the second fraction. Then
  // all four outcomes together become their total. Widths are estimated: to measure them here would make the browser lay
  // the whole board out in the middle of a flip.
  fit() {
    const { metric, counts, known } = this.drawn;
    const terms = Object.entries(metric.below).map(([outcome, times]) => ({
      letters: TAG + (times > 1 ? ems(`${times}\u00d7`) + 2 * GAP : 0), number: known ? ems(formatCount(counts[outcome])) : 1,
    }));
    const result = 2 * SIGN + ems(formatCount(sum(metric.below, counts))) + VALUE;
    const letters = terms.reduce((all, term) => all + term.letters + SIGN, 1);
    const numbers = terms.reduce((all, term) => all + term.number + GAP, 0);
    const { classList } = this.formula;
    classList.toggle("short", letters + numbers + result > this.room);
    classList.toggle("shortest", letters + result > this.room && this.formula.querySelector(".whole") !== null);
  }

  paintSentence({ metric, counts, words, name, facts }, known) {
    const value = valueOf(metric, counts);
    if (!known) this.sentence.replaceChildren(...rich(words.hidden_sentence, { name }));
    else if (value === null) this.sentence.replaceChildren(...rich(words.undefined, { name }));
    else {
      const values = { ...facts, range: formatRange(intervalOf(metric, counts)) };
      const more = element("span", "more");
      more.append(isJapanese(metric.more) ? "" : " ", ...rich(metric.more, values));
      this.sentence.replaceChildren(...rich(metric.sentence, values), more);
    }
  }
}

function wholeOf(total) {
  const node = element("span", "whole");
  setText(node, total);
  return node;
}

function plain(text) {
  const node = element("span", "sign");
  setText(node, text);
  return node;
}

function fraction(above, below) {
  const node = element("span", "fraction");
  node.append(above, below);
  return node;
}
