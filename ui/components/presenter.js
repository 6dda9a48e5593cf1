// The presenter mode: the class `presenting` on the document, the key that turns it on and off, the button that ends it.
import { element, setText } from "./dom.js";
import { Fitting } from "./fitting.js";
import { render } from "./part.js";

const TYPED = 'input, textarea, select, [contenteditable="true"]';

class Presenter {
  constructor() {
    this.root = element("div", "root");
    this.leave = element("button", "leave", { type: "button" });
    this.root.append(this.leave);
    this.fitting = new Fitting();
    this.leave.onclick = () => this.toggle();
    this.onKey = (event) => {
      const isTyping = event.composedPath().some((node) => node.matches?.(TYPED));
      if (event.key.toLowerCase() !== "p" || event.altKey || event.ctrlKey || event.metaKey || isTyping) return;
      this.toggle();
    };
    document.addEventListener("keydown", this.onKey);
  }

  show({ view }) {
    this.root.hidden = !view.on;
    setText(this.leave, view.leave);
    document.documentElement.classList.toggle("presenting", view.on);
    if (view.on) this.fitting.begin();
    else this.fitting.end();
    window.dispatchEvent(new Event("resize")); // parts that fill the window measure it again
  }

  toggle() {
    this.component.setTriggerValue("toggle", "yes");
  }

  drop() {
    document.removeEventListener("keydown", this.onKey);
    this.fitting.end();
    document.documentElement.classList.remove("presenting");
  }
}

export default function (component) {
  return render(Presenter, component);
}
