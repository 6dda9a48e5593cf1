// One image after the other, which the reader labels by a key or a button. All answers travel as one text, so that a
// slow server loses none.
import { Choice } from "./choice.js";
import { element, setAttribute, setText } from "./dom.js";
import { render } from "./part.js";
import { Sprite } from "./sprite.js";
import { fillIn } from "./text.js";

const JOINT = "."; // between answers, as in ui/lessons/lesson.py

class Labelling {
  constructor() {
    this.root = element("div", "root");
    this.panel = element("div", "panel", { tabindex: "0", role: "group" });
    this.progress = element("p", "progress", { "aria-live": "polite" });
    this.picture = element("div", "picture", { role: "img" });
    this.classes = element("div", "classes", { role: "group" });
    this.back = element("button", "back", { type: "button" });
    const side = element("div", "side");
    side.append(this.progress, this.classes, this.back);
    this.panel.append(this.picture, side);
    this.root.append(this.panel);
    this.sprite = new Sprite(this.picture);
    this.choice = new Choice(() => this.paint());
    this.panel.onkeydown = (event) => this.key(event);
    this.back.onclick = () => this.undo();
  }

  get answers() {
    const text = this.choice.shown;
    return text ? text.split(JOINT) : [];
  }

  show(data, changed) {
    if (changed) this.fill(data.view);
    const before = this.choice.shown;
    this.choice.confirm(data.answers, changed);
    if (changed || before !== this.choice.shown) this.paint();
  }

  drop() {
    this.choice.drop();
    this.sprite.drop();
  }

  fill(view) {
    this.view = view;
    this.sprite.set(view.sprite);
    this.picture.style.setProperty("--columns", view.columns);
    setAttribute(this.panel, "aria-label", view.words.label);
    setAttribute(this.classes, "aria-label", view.words.classes);
    setText(this.back, view.words.back);
    this.classes.replaceChildren(...view.names.map((name, i) => {
      const button = element("button", "class", { type: "button", "data-class": i });
      const [key, text] = [element("kbd"), element("span")];
      setText(key, view.keys[i]);
      setText(text, name);
      button.append(...(view.keys[i] && view.keys[i] !== name ? [key] : []), text);
      button.onclick = () => this.answer(i);
      return button;
    }));
  }

  paint() {
    const { view, answers } = this;
    const place = Math.min(answers.length, view.count - 1);
    this.picture.style.setProperty("--x", place % view.columns);
    this.picture.style.setProperty("--y", Math.floor(place / view.columns));
    const told = fillIn(view.words.progress, { place: place + 1, count: view.count });
    setText(this.progress, told);
    setAttribute(this.picture, "aria-label", told);
    this.back.disabled = !answers.length;
  }

  answer(index) {
    const { answers } = this;
    if (answers.length >= this.view.count) return;
    this.send([...answers, String(index)]);
  }

  undo() {
    if (this.answers.length) this.send(this.answers.slice(0, -1));
  }

  send(answers) {
    this.choice.click(answers.join(JOINT), (value) => this.component.setTriggerValue("answers", value || "none"));
  }

  key(event) {
    if (event.altKey || event.metaKey || event.ctrlKey) return;
    const index = this.view.keys.indexOf(event.key);
    if (event.key === "Backspace") this.undo();
    else if (event.key && index >= 0) this.answer(index);
    else return;
    event.preventDefault();
    event.stopPropagation(); // or P would present, and 4 flip a class
  }
}

export default function (component) {
  return render(Labelling, component);
}
