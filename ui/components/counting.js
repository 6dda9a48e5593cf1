// What the board counts in the browser, so that a flip or a drag repaints at once: outcomes, sums, shares, intervals.
// The definitions of the metrics come from Python (mnistcore/metrics/definitions.py); numbers look as in ui/format.py.
export const OUTCOMES = ["tp", "fn", "fp", "tn"]; // as they are read: the images of the class, then all others
const Z = 1.959963984540054; // the normal quantile of 97.5 %: what an interval of 95 % reaches to
const UNDEFINED = "\u2013";

// Which outcome an image is for a class, by whether it is of the class and predicted as it.
export const outcomeIf = (isClass, isPredicted) => (isClass ? (isPredicted ? "tp" : "fn") : isPredicted ? "fp" : "tn");

// Which outcome the images of true class i, predicted as j, are for the class `chosen`.
export const outcomeOf = (i, j, chosen) => outcomeIf(i === chosen, j === chosen);

// The four counts of one class; `wrong` of its true negatives are misclassified.
export function countsOf(cells, chosen) {
  const counts = { tp: 0, fn: 0, fp: 0, tn: 0, wrong: 0 };
  cells.forEach((row, i) => row.forEach((count, j) => {
    const outcome = outcomeOf(i, j, chosen);
    counts[outcome] += count;
    if (outcome === "tn" && i !== j) counts.wrong += count;
  }));
  return counts;
}

// `terms`: outcome -> how often it is counted.
export const sum = (terms, counts) =>
  Object.entries(terms).reduce((total, [outcome, times]) => total + times * counts[outcome], 0);

// How many images have one of these outcomes.
export const countOf = (outcomes, counts) => outcomes.reduce((all, outcome) => all + counts[outcome], 0);

// Whether a metric divides by these outcomes together, each counted once.
export const dividesBy = (metric, outcomes) =>
  Object.keys(metric.below).length === outcomes.length && outcomes.every((outcome) => metric.below[outcome] === 1);

// A metric's value, from 0 to 1; null where its denominator is 0.
export function valueOf(metric, counts) {
  const below = sum(metric.below, counts);
  return below ? sum(metric.above, counts) / below : null;
}

// Wilson's interval of 95 %, as mnistcore/metrics/intervals.py has it; null where there is nothing to know.
function wilson(successes, of) {
  if (!of) return null;
  const middle = successes + (Z * Z) / 2;
  const reach = Z * Math.sqrt((successes * (of - successes)) / of + (Z * Z) / 4);
  return [
    successes === 0 ? 0 : Math.max(0, (middle - reach) / (of + Z * Z)),
    successes === of ? 1 : Math.min(1, (middle + reach) / (of + Z * Z)),
  ];
}

// F1 is no share, but rises with one: see rate_intervals in mnistcore/metrics/intervals.py.
export function intervalOf(metric, counts) {
  if (metric.name !== "f1") return wilson(sum(metric.above, counts), sum(metric.below, counts));
  const ends = wilson(counts.tp, counts.tp + counts.fp + counts.fn);
  return ends && ends.map((share) => (2 * share) / (1 + share));
}

// ---------------------------------------------------------------- parts of the board

// A part of the board, from its text in the URL: an outcome or several ("tp.fn"), with ".wrong" those of them that are
// misclassified; or a cell, row or column of the matrix ("4-9", "4-all", "all-9").
export function parsePart(text) {
  const match = /^(all|\d+)-(all|\d+)$/.exec(text);
  if (match) {
    const [truth, predicted] = match.slice(1).map((each) => (each === "all" ? null : Number(each)));
    return { text, truth, predicted, outcomes: null, wrong: false };
  }
  const names = text.split(".");
  return { text, outcomes: names.filter((name) => OUTCOMES.includes(name)), wrong: names.includes("wrong") };
}

export function holds(part, i, j, chosen) {
  if (part.outcomes) return part.outcomes.includes(outcomeOf(i, j, chosen)) && !(part.wrong && i === j);
  return (part.truth === null || part.truth === i) && (part.predicted === null || part.predicted === j);
}

// How many images a part holds.
export function sizeOf(part, cells, counts, chosen) {
  if (part.wrong) return counts.wrong;
  if (part.outcomes) return countOf(part.outcomes, counts);
  return cells.reduce((all, row, i) => all + row.reduce((some, count, j) =>
    (holds(part, i, j, chosen) ? some + count : some), 0), 0);
}

// ---------------------------------------------------------------- how numbers look

const grouped = new Intl.NumberFormat("en-US");

export const formatCount = (count) => grouped.format(count);

// As Python rounds: what lies in the middle goes to the even digit, where toFixed goes up.
function fixed(value, digits) {
  const scale = 10 ** digits;
  const isMiddle = Number.isInteger(value * 8) && (value * scale) % 1 === 0.5;
  const low = Math.floor(value * scale);
  return (isMiddle ? (low + (low % 2)) / scale : value).toFixed(digits);
}

// A share that is not 1 is never rounded up to 100 %, nor one to 0 %.
export function formatPercent(share, digits = 1) {
  if (share === null) return UNDEFINED;
  if (share === 0 || share === 1) return `${share * 100}%`;
  const step = 10 ** -(digits + 2);
  if (share > 1 - step / 2) return `>${fixed((1 - step) * 100, digits)}%`;
  if (share < step / 2) return `<${fixed(step * 100, digits)}%`;
  return `${fixed(share * 100, digits)}%`;
}

// The ends of an interval, outwards, so that what is said to be covered is.
export function formatRange(ends, digits = 1) {
  if (!ends) return UNDEFINED;
  const scale = 10 ** digits;
  const outwards = [Math.floor(100 * scale * ends[0]) / scale, Math.ceil(100 * scale * ends[1]) / scale];
  return `${outwards.map((end) => (end > 0 && end < 100 ? fixed(end, digits) : end.toFixed(0))).join("\u2013")}%`;
}
