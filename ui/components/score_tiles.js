// The images by the probability that they were given: those of the class above the line, all others below. Where a bin's
// images fit they are shown themselves; else a bar, whose length follows the square root of their number.
import { formatCount, outcomeIf } from "./counting.js";
import { element, setAttribute, setText } from "./dom.js";
import { showPicture } from "./sprite.js";
import { fillIn } from "./text.js";

const ROWS = 4; // images that stand on each other, on each side
const FEW = 12; // up to so many in a bin, some of them stand for all, with their number
const HALVES = [["positives", true], ["negatives", false]];

export class ScoreTiles {
  constructor() {
    this.line = element("div", "limit", { "aria-hidden": "true" });
    this.halves = HALVES.map(([side]) => element("div", `half ${side}`));
    this.caption = element("div", "score-caption");
    this.axis = element("div", "score-axis", { "aria-hidden": "true" });
    for (const text of ["0%", "50%", "100%"]) {
      const mark = element("span");
      setText(mark, text);
      this.axis.append(mark);
    }
    this.node = element("div", "score-tiles", { role: "img" });
    this.node.append(this.caption, ...this.halves, this.line, this.axis);
    this.items = []; // what is drawn: a tile or a bar, with its score and its side
  }

  // `scores.bins`: for each side the number of images in each bin; `scores.images`: those that can be shown.
  fill(scores) {
    this.items = [];
    const bins = scores.bins.positives.length;
    const most = Math.max(1, ...scores.bins.positives, ...scores.bins.negatives);
    HALVES.forEach(([side, positive], half) => {
      const columns = Array.from({ length: bins }, (_, bin) => {
        const column = element("div", "bin");
        const count = scores.bins[side][bin];
        const mine = scores.images.map((image, at) => ({ ...image, at }))
          .filter((image) => image.positive === positive && Math.min(Math.floor(image.score * bins), bins - 1) === bin);
        if (count && count <= FEW && mine.length === count) {
          mine.sort((a, b) => a.score - b.score);
          for (const image of count > ROWS ? mine.slice(0, ROWS) : mine) column.append(this.tile(image, scores));
          if (count > ROWS) column.append(more(count));
        } else if (count) column.append(this.bar(count, most, (bin + 0.5) / bins, positive));
        return column;
      });
      this.halves[half].replaceChildren(...columns);
    });
  }

  tile({ at, score, positive }, scores) {
    const tile = element("span", "score picture");
    showPicture(tile, at, scores.columns);
    this.items.push({ node: tile, score, positive });
    return tile;
  }

  bar(count, most, score, positive) {
    const bar = element("span", "score bar-of-images");
    bar.style.setProperty("--length", Math.sqrt(count / most).toFixed(4));
    const number = element("small");
    setText(number, formatCount(count));
    bar.append(number);
    this.items.push({ node: bar, score, positive });
    return bar;
  }

  paint(threshold, scores, words, name) {
    this.node.style.setProperty("--t", threshold);
    for (const { node, score, positive } of this.items) {
      setAttribute(node, "data-region", outcomeIf(positive, score >= threshold));
    }
    setText(this.caption, fillIn(words.scores_label, { name }));
    setAttribute(this.node, "aria-label", fillIn(words.scores_label, { name }));
  }
}

function more(count) {
  const number = element("small", "more-images");
  setText(number, formatCount(count));
  return number;
}
