// The metrics of a 2 x 2 table one below the other: name, bar, value, and the value of something to compare with.
import { formatMetric } from "./binary_metrics.js";
import { element, setAttribute, setText } from "./dom.js";
import { fillIn } from "./text.js";

export class MetricBars {
  constructor() {
    this.node = element("table", "metrics");
    this.head = element("tr");
    this.body = element("tbody");
    const top = element("thead");
    top.append(this.head);
    this.node.append(top, this.body);
  }

  // `metrics`: name, title and other name of each; `heads`: what stands above the columns, the second may be missing.
  fill(metrics, label, heads) {
    setAttribute(this.node, "aria-label", label);
    this.head.replaceChildren(element("td"), ...heads.map((text, place) => {
      const head = element("th", "", { scope: "col", ...(place ? {} : { colspan: "2" }) });
      setText(head, text);
      return head;
    }));
    this.rows = metrics.map(({ name, title, other }) => {
      const row = element("tr", "", { "data-metric": name });
      const head = element("th", "", { scope: "row" });
      const [first, second] = [element("b"), element("small")];
      setText(first, title);
      setText(second, other);
      head.append(first, " ", second);
      const track = element("span", "track");
      const [bar, mark] = [element("i"), element("u")];
      track.append(bar, mark);
      const place = element("td", "bar", { "aria-hidden": "true" });
      place.append(track);
      const cells = heads.map((_, column) => element("td", column ? "beside" : "value"));
      const [number, moved] = [element("b"), element("small")];
      cells[0].append(number, " ", moved);
      row.append(head, place, ...cells);
      return { name, row, bar, mark, cells, number, moved };
    });
    this.body.replaceChildren(...this.rows.map(({ row }) => row));
  }

  // `before`: where each value was, marked on its bar and told by `words`, its `stays` and `from`; both may be missing.
  paint(values, { before = null, beside = null, words = null } = {}) {
    for (const { name, row, bar, mark, cells, number, moved } of this.rows) {
      const [value, start] = [values[name], before && before[name]];
      bar.style.width = `${100 * Math.max(value ?? 0, 0)}%`;
      mark.hidden = start === null;
      if (start !== null) mark.style.left = `${100 * Math.max(start, 0)}%`;
      const way = wayOf(name, start, value);
      row.dataset.way = way;
      setText(number, formatMetric(name, value));
      setText(moved, !way ? "" : way === "stays" ? words.stays : fillIn(words.from, { before: formatMetric(name, start) }));
      if (beside) setText(cells[1], formatMetric(name, beside[name]));
    }
  }
}

// A difference that the digits do not show is none.
function wayOf(name, before, now) {
  if (before === null || now === null) return "";
  if (formatMetric(name, before) === formatMetric(name, now)) return "stays";
  return now < before ? "falls" : "rises";
}
