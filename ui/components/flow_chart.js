// The flow of the images: all of them, split by their true class and then by the prediction, or the other way round. The
// first way shows what recall divides by, the second what precision does.
import { countOf, dividesBy, formatCount, OUTCOMES } from "./counting.js";
import { element, setAttribute, setText } from "./dom.js";
import { showPicture, Sprite } from "./sprite.js";
import { fillIn } from "./text.js";

// Each way: the two groups that all images split into, and the two outcomes of each.
const WAYS = {
  truth: [["tp.fn", "truth_yes", ["tp", "fn"]], ["fp.tn", "truth_no", ["fp", "tn"]]],
  predicted: [["tp.fp", "predicted_yes", ["tp", "fp"]], ["fn.tn", "predicted_no", ["fn", "tn"]]],
};
const WORD = { truth: { tp: "predicted_yes", fn: "predicted_no", fp: "predicted_yes", tn: "predicted_no" },
  predicted: { tp: "truth_yes", fp: "truth_no", fn: "truth_yes", tn: "truth_no" } };
const WIDEST = 14; // px of a stream that holds every image
const NARROWEST = 1.5;

export class FlowChart {
  constructor() {
    this.ways = element("div", "ways", { role: "radiogroup" });
    this.wayButtons = Object.keys(WAYS).map((way) => element("button", "way", { type: "button", role: "radio", "data-way": way }));
    this.ways.append(...this.wayButtons);
    this.all = node("all", OUTCOMES.join("."));
    this.groups = [node("group"), node("group")];
    this.leaves = [0, 1, 2, 3].map(() => node("leaf"));
    this.streams = [streams(2), streams(4)];
    const tree = element("div", "tree");
    tree.append(this.all, this.streams[0], ...this.groups, this.streams[1], ...this.leaves);
    this.node = element("div", "flow");
    this.node.append(this.ways, tree);
    this.sprite = new Sprite(tree);
    this.tree = tree;
  }

  drop() {
    this.sprite.drop();
  }

  // `samples`: a few images of each outcome, of the class that the server knows to be chosen.
  paint(now, samples) {
    const { way, counts, words, name, knows, metric, part } = now;
    this.wayButtons.forEach((button) => {
      const on = button.dataset.way === way;
      setText(button, words[`way_${button.dataset.way}`]);
      setAttribute(button, "aria-checked", String(on));
      setAttribute(button, "tabindex", on ? "0" : "-1");
    });
    setAttribute(this.ways, "aria-label", words.ways_label);
    const total = countOf(OUTCOMES, counts);
    const told = (outcomes) => (outcomes.every(knows) ? formatCount(countOf(outcomes, counts)) : "?");
    const show = (target, { text, outcomes, partText, of }) => {
      const [heading, count, share] = target.querySelectorAll(".what, .count, .of");
      setText(heading, text);
      setText(count, told(outcomes));
      setText(share, of ? fillIn(words.of, { total: told(of) }) : "");
      setAttribute(target, "data-part", partText);
      setAttribute(target, "aria-pressed", String(part.text === partText));
      target.classList.toggle("below", dividesBy(metric, outcomes));
      target.classList.toggle("above", outcomes.length === 1 && outcomes[0] in metric.above);
    };
    show(this.all, { text: words.all_images, outcomes: OUTCOMES, partText: OUTCOMES.join(".") });
    const sizes = { groups: [], leaves: [] };
    WAYS[way].forEach(([partText, word, outcomes], i) => {
      show(this.groups[i], { text: fillIn(words[word], { name }), outcomes, partText, of: OUTCOMES });
      sizes.groups.push(countOf(outcomes, counts));
      outcomes.forEach((outcome, j) => {
        const leaf = this.leaves[2 * i + j];
        leaf.dataset.region = knows(outcome) ? outcome : "unknown";
        setText(leaf.querySelector(".tag"), outcome.toUpperCase());
        show(leaf, { text: fillIn(words[WORD[way][outcome]], { name }), outcomes: [outcome], partText: outcome, of: outcomes });
        sizes.leaves.push(counts[outcome]);
        this.paintSamples(leaf, outcome, now, samples);
      });
    });
    widen(this.streams[0], sizes.groups, total, OUTCOMES.every(knows));
    widen(this.streams[1], sizes.leaves, total, OUTCOMES.every(knows));
  }

  paintSamples(leaf, outcome, { chosen, knows }, samples) {
    const place = leaf.querySelector(".samples");
    const fits = samples && samples.for === chosen && knows(outcome);
    place.classList.toggle("late", !fits);
    if (!fits) return;
    this.sprite.set(samples.sprite);
    this.tree.style.setProperty("--columns", samples.columns);
    this.tree.style.setProperty("--rows", samples.rows);
    const mine = samples.places[outcome];
    while (place.children.length > mine.length) place.lastElementChild.remove();
    while (place.children.length < mine.length) place.append(element("span", "picture"));
    mine.forEach((at, i) => showPicture(place.children[i], at, samples.columns));
  }
}

function node(kind, part = "") {
  const button = element("button", `node ${kind}`, { type: "button", "data-part": part });
  const line = element("span", "line");
  if (kind === "leaf") line.append(element("span", "tag"));
  line.append(element("span", "what"));
  button.append(line, element("b", "count"), element("small", "of"));
  if (kind === "leaf") button.append(element("span", "samples", { "aria-hidden": "true" }));
  return button;
}

// Lines from each box of one row to the two below it, as wide as they hold images.
function streams(to) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `streams to-${to}`);
  svg.setAttribute("viewBox", "0 0 4 1");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  for (let i = 0; i < to; i++) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    const end = ((i + 0.5) * 4) / to;
    const start = (Math.floor(i / 2) * 2 + 1) * (4 / to);
    path.setAttribute("d", `M${start} 0C${start} 0.6 ${end} 0.4 ${end} 1`);
    path.setAttribute("vector-effect", "non-scaling-stroke");
    svg.append(path);
  }
  return svg;
}

function widen(svg, sizes, total, known) {
  [...svg.children].forEach((path, i) => {
    const share = total && known ? sizes[i] / total : 0;
    path.style.strokeWidth = `${(NARROWEST + (WIDEST - NARROWEST) * share).toFixed(1)}px`;
  });
}
