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
  }

  // The buttons of one image; the same ones stay, so that whoever tabs to them is not thrown out.
  offer(classes) {
    if (JSON.stringify(classes) === JSON.stringify(this.offered)) return;
    if (this.classes.contains(this.root.getRootNode().activeElement)) this.panel.focus();
    this.offered = classes;
    this.classes.replaceChildren(...classes.map(({ index, name, key: sign }) => {
      const button = element("button", "class", { type: "button", "data-class": index });
      const [key, text] = [element("kbd"), element("span")];
      setText(key, sign);
      setText(text, name);
      button.append(...(sign && sign !== name ? [key] : []), text);
      button.onclick = () => this.answer(index);
      return button;
    }));
  }

  paint() {
    const { view, answers } = this;
    const place = Math.min(answers.length, view.count - 1);
    this.picture.style.setProperty("--x", place % view.columns);
    this.picture.style.setProperty("--y", Math.floor(place / view.columns));
    const told = fillIn(view.words.progress, { place: place + 1, count: view.count });
    this.offer(view.offered[place]);
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
    const found = this.offered.find(({ key }) => key && key === event.key);
    if (event.key === "Backspace") this.undo();
    else if (found) this.answer(found.index);
    else return;
    event.preventDefault();
    event.stopPropagation(); // or P would present, and 4 flip a class
  }
}

export default function (component) {
  return render(Labelling, component);
}
