// Every metric of a 2 x 2 table of counts, whole or expected: mnistcore/metrics/two_by_two.py in the browser.
import { formatPercent, valueOf } from "./counting.js";

// name -> value, null where undefined; `definitions` are those of mnistcore/metrics/definitions.py.
export function binaryMetrics(counts, definitions) {
  const values = Object.fromEntries(definitions.map((each) => [each.name, valueOf(each, counts)]));
  const { recall, specificity } = values;
  values.balanced_accuracy = recall === null || specificity === null ? null : (recall + specificity) / 2;
  values.matthews_correlation = matthews(counts);
  return values;
}

function matthews({ tp, fn, fp, tn }) {
  const margins = [tp + fp, tp + fn, tn + fn, tn + fp];
  if (margins.includes(0)) return null;
  return (tp * tn - fp * fn) / margins.reduce((product, margin) => product * Math.sqrt(margin), 1);
}

// A correlation is no share: it is shown as a plain number.
export const formatMetric = (name, value) =>
  value === null ? "\u2013" : name === "matthews_correlation" ? value.toFixed(3) : formatPercent(value);
