// Pictures as tiles, of which one is chosen by mouse or keyboard.
import { Choice } from "./choice.js";
import { element, focused, setAttribute, setText } from "./dom.js";
import { render } from "./part.js";
import { placeOf, Sprite } from "./sprite.js";

class ImageGrid {
  constructor() {
    this.root = element("div", "root");
    this.grid = element("div", "grid", { role: "group" });
    this.empty = element("p", "empty");
    this.root.append(this.grid, this.empty);
    this.tiles = [];
    this.sprite = new Sprite(this.grid);
    this.active = 0;
    this.choice = new Choice(() => this.paint());
    this.grid.onclick = (event) => {
      const tile = event.target.closest("button");
      if (tile) this.choose(this.tiles.indexOf(tile));
    };
    this.grid.onkeydown = (event) => this.key(event);
  }

  show(data, changed) {
    if (changed) this.fill(data.view);
    const before = this.choice.shown;
    this.choice.confirm(data.selected, changed);
    if (changed || before !== this.choice.shown) this.paint();
  }

  drop() {
    this.choice.drop();
    this.sprite.drop();
  }

  build(count) {
    const place = this.tiles.indexOf(focused(this.grid));
    while (this.tiles.length > count) this.tiles.pop().remove();
    const added = document.createDocumentFragment();
    while (this.tiles.length < count) {
      const tile = element("button", "tile", { type: "button", "aria-pressed": "false", tabindex: "-1" });
      const picture = element("span", "picture", { "aria-hidden": "true" });
      tile.append(picture, element("span", "caption", { "aria-hidden": "true" }));
      this.tiles.push(tile);
      added.append(tile);
    }
    this.grid.append(added);
    if (place >= count && count) this.focus(count - 1);
    this.active = Math.max(Math.min(this.active, count - 1), 0);
  }

  fill(view) {
    const count = view.tiles.length;
    this.view = view;
    this.sprite.set(view.sprite);
    this.build(count);
    setText(this.empty, count ? "" : view.words.empty);
    this.grid.hidden = count === 0;
    setAttribute(this.grid, "aria-label", view.words.grid_label);
    // Whole multiples keep every pixel of the picture the same size on the screen.
    const scale = Math.max(1, Math.floor(view.tile_width / Math.max(view.width, view.height)));
    const [width, height] = [view.width * scale, view.height * scale];
    const style = this.grid.style;
    style.setProperty("--tile", `${Math.max(view.tile_width, width)}px`);
    style.setProperty("--width", `${width}px`);
    style.setProperty("--height", `${height}px`);
    style.setProperty("--sheet", `${view.columns * width}px`);
    this.tiles.forEach((tile, i) => {
      const [picture, caption] = tile.children;
      const at = placeOf(i, view.columns, width, height);
      if (picture.at !== at) {
        picture.at = at;
        picture.style.backgroundPosition = at;
      }
      const { id, caption: text, label } = view.tiles[i];
      setText(caption, text);
      setAttribute(tile, "data-image", id);
      setAttribute(tile, "aria-label", label);
      setAttribute(tile, "title", label);
    });
  }

  paint() {
    const { tiles, view } = this;
    if (!tiles.length) return;
    const chosen = view.tiles.findIndex((tile) => tile.id === this.choice.shown);
    tiles.forEach((tile, i) => setAttribute(tile, "aria-pressed", String(i === chosen)));
    this.rove(focused(this.grid) ? this.active : Math.max(chosen, 0));
  }

  rove(to) {
    this.tiles[this.active]?.setAttribute("tabindex", "-1");
    this.active = to;
    this.tiles[to].setAttribute("tabindex", "0");
  }

  focus(to) {
    this.rove(to);
    this.tiles[to].focus();
  }

  choose(index) {
    if (index < 0) return;
    this.focus(index);
    this.choice.click(this.view.tiles[index].id, (value) => this.component.setTriggerValue("image", value));
  }

  // Enter and Space need nothing here: the tiles are buttons.
  key(event) {
    if (event.altKey || event.metaKey) return;
    const last = this.tiles.length - 1;
    const top = this.tiles[0].offsetTop;
    const next = this.tiles.findIndex((tile) => tile.offsetTop !== top);
    const columns = next < 0 ? this.tiles.length : next;
    const start = this.active - (this.active % columns);
    const steps = {
      ArrowLeft: this.active - 1,
      ArrowRight: this.active + 1,
      ArrowUp: this.active - columns,
      ArrowDown: this.active + columns,
      Home: event.ctrlKey ? 0 : start,
      End: event.ctrlKey ? last : Math.min(start + columns - 1, last),
    };
    const to = steps[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to >= 0 && to <= last) this.focus(to);
  }
}

export default function (component) {
  return render(ImageGrid, component);
}
