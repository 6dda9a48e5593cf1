// The 2 x 2 that a confusion matrix collapses to: a tile for each of the four outcomes, and the line that adds them up.
import { element, setAttribute, setText, setVertical } from "./dom.js";
import { axis } from "./square_grid.js";
import { fillIn } from "./text.js";

export const REGIONS = ["tp", "fn", "fp", "tn"]; // as they are read: a row for the class and one for all others

export class TwoByTwo {
  constructor() {
    this.top = axis("top");
    this.side = axis("side");
    this.headings = ["predicted_yes", "predicted_no", "truth_yes", "truth_no"].map((word) => ({
      word, node: element("div", `side-name ${word.replace("_", "-")}`), isVertical: word.startsWith("truth"),
    }));
    this.tiles = Object.fromEntries(REGIONS.map((region) => [region, this.tile(region)]));
    this.sum = element("div", "sum");
    const square = element("div", "square");
    const headings = this.headings.map(({ node }) => node);
    square.append(this.top.node, this.side.node, ...headings, ...REGIONS.map((region) => this.tiles[region]));
    this.node = element("div", "right");
    this.node.append(square, this.sum);
  }

  tile(region) {
    const tile = element("button", `tile ${region}`, { type: "button", "data-tile": region, "data-region": region });
    const line = element("span", "line");
    const tag = element("span", "tag");
    setText(tag, region.toUpperCase());
    line.append(element("span", "title"), tag);
    tile.append(line, element("b"), element("span", "caption"));
    return tile;
  }

  fill(words) {
    setText(this.top.name, words.predicted_axis);
    setVertical(this.side.name, words.truth_axis);
    for (const region of REGIONS) setText(this.tiles[region].querySelector(".title"), words[region]);
  }

  paintClass({ name, tiles, sum }, words) {
    for (const { word, node, isVertical } of this.headings) {
      (isVertical ? setVertical : setText)(node, fillIn(words[word], { name }));
    }
    for (const region of REGIONS) {
      const tile = this.tiles[region];
      const { count, caption } = tiles[region];
      setText(tile.querySelector("b"), count);
      setText(tile.querySelector(".caption"), caption);
      setAttribute(tile, "aria-label", fillIn(words.tile_label, { region: words[region], count, caption }));
    }
    this.paintSum(sum, tiles);
  }

  // Numbers of the sum that are a tile's count, in reading order, get that tile's colour as an underline.
  paintSum(sum, tiles) {
    const open = new Set(REGIONS);
    const pieces = sum.split(/(\d[\d.,\u00a0\u202f']*\d|\d)/).map((piece, i) => {
      const region = i % 2 ? [...open].find((name) => tiles[name].count === piece) : undefined;
      if (!region) return document.createTextNode(piece);
      open.delete(region);
      const mark = element("span", `part ${region}`);
      mark.textContent = piece;
      return mark;
    });
    this.sum.replaceChildren(...pieces);
  }

  paintRegion(region) {
    for (const name of REGIONS) setAttribute(this.tiles[name], "aria-pressed", String(name === region));
  }
}
