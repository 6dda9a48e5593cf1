// The strip of classes: which one is positive, and how each does in the metric that is talked about.
import { countsOf, formatPercent, valueOf } from "./counting.js";
import { element, focused, setAttribute, setText } from "./dom.js";
import { widest } from "./text.js";

const WORDS = 2.2; // em: names wider than that are words, for which a tab has smaller letters

export class ClassTabs {
  constructor() {
    this.node = element("div", "classes");
    this.list = element("div", "tabs", { role: "tablist" });
    this.previous = makeStep(-1, "M8 2L2 8l6 6");
    this.next = makeStep(1, "M2 2l6 6-6 6");
    this.node.append(this.previous, this.list, this.next);
    this.tabs = [];
  }

  fill(root, { classes, cells, words }) {
    const hadFocus = focused(this.list);
    if (this.tabs.length !== classes.length) {
      this.tabs = classes.map((_, i) => {
        const tab = element("button", "tab", {
          type: "button", role: "tab", "data-class": i, "aria-selected": "false", tabindex: "-1",
        });
        tab.append(element("b"), element("small"));
        return tab;
      });
      this.list.replaceChildren(...this.tabs);
    }
    const width = widest(classes.map((each) => each.name));
    root.style.setProperty("--tab", Math.min(Math.max(width * 1.1, 2.6), 10));
    root.classList.toggle("wordy", width > WORDS);
    setAttribute(this.list, "aria-label", words.classes_label);
    for (const [button, word] of [[this.previous, words.previous], [this.next, words.next]]) {
      setAttribute(button, "aria-label", word);
      setAttribute(button, "title", word);
    }
    classes.forEach(({ name, is_others: isOthers }, i) => {
      setText(this.tabs[i].firstElementChild, name);
      this.tabs[i].hidden = isOthers;
    });
    this.counts = classes.map((_, i) => countsOf(cells, i));
    this.hadFocus = Boolean(hadFocus);
  }

  paint({ chosen, metric, hidden }) {
    this.tabs.forEach((tab, i) => {
      setAttribute(tab, "aria-selected", String(i === chosen));
      setAttribute(tab, "tabindex", i === chosen ? "0" : "-1");
      const value = hidden ? "" : formatPercent(valueOf(metric, this.counts[i]));
      setText(tab.lastElementChild, value);
      setAttribute(tab, "title", value && `${metric.title} ${value}`);
    });
    if (this.hadFocus) this.tabs[chosen].focus();
    this.hadFocus = false;
  }
}

function makeStep(by, path) {
  const button = element("button", "step", { type: "button", "data-step": by });
  button.innerHTML =
    `<svg viewBox="0 0 10 16" width="10" height="16" aria-hidden="true"><path d="${path}" fill="none" ` +
    'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>';
  return button;
}
