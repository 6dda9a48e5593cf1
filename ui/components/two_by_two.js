// The 2 x 2 that a confusion matrix collapses to, with its totals: what the metrics divide by stands on the board.
import { countOf, dividesBy, formatCount, OUTCOMES } from "./counting.js";
import { element, setAttribute, setText } from "./dom.js";
import { fillIn } from "./text.js";

// The totals behind the rows, below the columns and in the corner: which outcomes each adds up.
const TOTALS = {
  "truth-yes": ["tp", "fn"], "truth-no": ["fp", "tn"], "predicted-yes": ["tp", "fp"], "predicted-no": ["fn", "tn"],
  whole: OUTCOMES,
};
const HEADINGS = ["predicted-yes", "predicted-no", "truth-yes", "truth-no"];

export class TwoByTwo {
  constructor() {
    this.headings = Object.fromEntries(HEADINGS.map((place) => [place, element("div", `heading ${place}`)]));
    this.tiles = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, this.tile(outcome)]));
    this.totals = Object.fromEntries(Object.entries(TOTALS).map(([place, outcomes]) => [
      place, element("button", `sum ${place}`, { type: "button", "data-part": outcomes.join(".") }),
    ]));
    this.corners = [element("div", "heading total-top"), element("div", "heading total-side")];
    this.node = element("div", "square");
    this.node.append(
      ...Object.values(this.headings), ...this.corners, ...Object.values(this.tiles), ...Object.values(this.totals),
    );
  }

  tile(outcome) {
    const tile = element("button", `tile ${outcome}`, { type: "button", "data-tile": outcome, "data-part": outcome });
    const line = element("span", "line");
    const tag = element("span", "tag");
    setText(tag, outcome.toUpperCase());
    line.append(tag, element("span", "title"), element("small", "other"));
    tile.append(line, element("b"), element("span", "caption"));
    return tile;
  }

  paint({ words, name, counts, knows, part, metric, swapped }) {
    this.node.classList.toggle("swapped", swapped);
    for (const [place, node] of Object.entries(this.headings)) {
      setText(node, fillIn(words[place.replace("-", "_")], { name }));
    }
    for (const corner of this.corners) setText(corner, words.total);
    for (const outcome of OUTCOMES) this.paintTile(outcome, { words, name, counts, knows, part, metric });
    for (const [place, outcomes] of Object.entries(TOTALS)) {
      const node = this.totals[place];
      const count = countOf(outcomes, counts);
      const told = outcomes.every(knows) ? formatCount(count) : "?";
      setText(node, told);
      setAttribute(node, "aria-label", fillIn(words.parts[node.dataset.part], { count: told, name }));
      setAttribute(node, "aria-pressed", String(part.text === node.dataset.part));
      node.classList.toggle("below", dividesBy(metric, outcomes));
    }
  }

  paintTile(outcome, { words, name, counts, knows, part, metric }) {
    const tile = this.tiles[outcome];
    const [line, count, caption] = tile.children;
    const known = knows(outcome);
    const told = known ? formatCount(counts[outcome]) : "?";
    const [title, other] = [...line.children].slice(1);
    setText(title, words.outcomes[outcome]);
    setText(other, words.outcomes_other[outcome]);
    setText(count, told);
    setText(caption, known ? fillIn(words.captions[outcome], { name }) : words.reveal);
    setAttribute(tile, "aria-label", fillIn(words.tile_label, {
      region: words.outcomes[outcome], count: told, caption: caption.textContent,
    }));
    setAttribute(tile, "aria-pressed", String(part.text === outcome));
    tile.classList.toggle("unknown", !known);
    tile.classList.toggle("above", outcome in metric.above);
    tile.classList.toggle("below", outcome in metric.below);
  }
}
