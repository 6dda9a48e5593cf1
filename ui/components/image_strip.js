// Some of the images behind the chosen part of the board, as many as stand in one line.
import { formatCount, formatPercent, outcomeIf, OUTCOMES } from "./counting.js";
import { element, setAttribute, setText } from "./dom.js";
import { showPicture, Sprite } from "./sprite.js";
import { fillIn, widest } from "./text.js";

export class ImageStrip {
  constructor() {
    this.tag = element("span", "tags", { "aria-hidden": "true" });
    this.heading = element("h2");
    this.wrong = element("button", "filter", { type: "button", "aria-pressed": "false" });
    this.all = element("button", "link", { type: "button", "data-all": "" });
    const line = element("div", "strip-head");
    line.append(this.tag, this.heading, this.wrong, this.all);
    this.images = element("div", "images", { role: "group" });
    this.reason = element("p", "reason");
    this.node = element("section", "strip");
    this.node.append(line, this.images, this.reason);
    this.sprite = new Sprite(this.images);
    this.painted = "";
  }

  drop() {
    this.sprite.drop();
  }

  // `strip` is the server's last answer; until it is the one for what is shown, the old images are faded.
  paint({ words, part, count, counts, name, names, hidden }, strip) {
    const tags = part.outcomes ?? [];
    this.tag.replaceChildren(...(hidden ? [] : tags.length < OUTCOMES.length ? tags : []).map((outcome) => {
      const tag = element("span", `tag ${outcome}`);
      setText(tag, outcome.toUpperCase());
      return tag;
    }));
    const told = { count: formatCount(count), name, truth: names[part.truth], predicted: names[part.predicted] };
    setText(this.heading, hidden ? words.hidden_images : fillIn(this.template(words, part), told));
    this.paintFilter(words, part, counts, hidden);
    setAttribute(this.images, "aria-label", this.heading.textContent);
    const fits = strip?.for === `${name}|${part.text}` && !hidden;
    this.images.classList.toggle("late", !fits && !hidden);
    this.images.hidden = hidden || !strip?.tiles.length;
    this.all.hidden = this.images.hidden;
    setText(this.all, words.see_all);
    setText(this.reason, hidden ? "" : strip?.reason ?? "");
    if (fits) this.fill(strip);
  }

  // The images next to a threshold, those below it first, in the order in which they change sides.
  paintEdge({ words, threshold, name }, scores, { below, above }) {
    this.tag.replaceChildren();
    setText(this.heading, fillIn(words.edge, { threshold: formatPercent(threshold), name }));
    this.wrong.hidden = this.all.hidden = true;
    this.images.classList.remove("late");
    this.images.hidden = !scores.images.length;
    setText(this.reason, scores.images.length ? "" : scores.reason);
    const tiles = [...below, ...above].map((at) => {
      const { id, score, positive, truth } = scores.images[at];
      const told = { truth, score: formatPercent(score) };
      return {
        id, at, region: outcomeIf(positive, score >= threshold),
        caption: fillIn(words.edge_image, told), label: fillIn(words.edge_image, told),
      };
    });
    this.fill({ ...scores, tiles, rows: Math.max(1, Math.ceil(scores.images.length / scores.columns)) });
  }

  template(words, part) {
    if (part.outcomes) return words.parts[part.text];
    return part.truth === null ? words.column : part.predicted === null ? words.row : words.cell;
  }

  // Misclassified images among the true negatives: a switch, because they surprise.
  paintFilter(words, part, counts, hidden) {
    const isAbout = part.outcomes?.length === 1 && part.outcomes[0] === "tn" && counts.wrong > 0;
    this.wrong.hidden = hidden || !isAbout;
    setText(this.wrong, fillIn(words.only_wrong, { wrong: formatCount(counts.wrong), tn: formatCount(counts.tn) }));
    setAttribute(this.wrong, "data-part", part.wrong ? "tn" : "tn.wrong");
    setAttribute(this.wrong, "aria-pressed", String(part.wrong));
  }

  fill(strip) {
    const text = JSON.stringify(strip.tiles);
    if (strip.sprite === this.sprite.text && text === this.painted) return;
    this.painted = text;
    this.sprite.set(strip.sprite);
    const { style } = this.images;
    style.setProperty("--columns", strip.columns);
    style.setProperty("--caption", widest(strip.tiles.map((tile) => tile.caption)));
    style.setProperty("--rows", strip.rows ?? Math.ceil(strip.tiles.length / strip.columns));
    this.images.replaceChildren(...strip.tiles.map(({ id, caption, label, at, region }, index) => {
      const tile = element("button", "image", { type: "button", "data-image": id, "aria-label": label, title: label });
      const picture = element("span", "picture", { "aria-hidden": "true" });
      showPicture(picture, at ?? index, strip.columns);
      const words = element("span", "caption", { "aria-hidden": "true" });
      setText(words, caption);
      if (region) tile.dataset.region = region;
      tile.append(picture, words);
      return tile;
    }));
  }
}
