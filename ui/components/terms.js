// What a technical word means, shown at the word: on hover, on a click or tap, and on keyboard focus.
//
// One listener for the whole page. A word is whatever has `data-term`, in the page's own HTML or inside a part. The
// explanation stands in the browser's top layer, so that nothing cuts it off.
import { element, setText } from "./dom.js";
import { render } from "./part.js";

const OPEN_MS = 300; // of hovering, so that a pointer on its way opens nothing
const CLOSE_MS = 250; // to get from the word to its explanation
const EDGE = 8; // pixels to the window's edges, and to the word

const path = (event) => event.composedPath();
const termOf = (event) => path(event).find((node) => node.dataset?.term);

class Terms {
  constructor() {
    this.root = element("div", "root");
    this.note = element("div", "term-note", { popover: "manual" });
    this.title = element("strong");
    this.text = element("p", "", { id: "term-text" });
    this.formula = element("p", "term-formula");
    this.more = element("a", "", { target: "_self" });
    this.note.append(this.title, this.text, this.formula, this.more);
    this.word = null; // that is explained now
    this.pinned = false; // by a click: it stays when the pointer leaves
    this.listeners = {
      pointerover: (event) => this.over(event),
      focusin: (event) => this.focusin(event),
      click: (event) => this.click(event),
      keydown: (event) => this.key(event),
      scroll: () => this.place(),
    };
    for (const [name, listener] of Object.entries(this.listeners)) document.addEventListener(name, listener, true);
    window.addEventListener("resize", this.listeners.scroll);
  }

  show({ view }) {
    this.view = view;
    const app = document.querySelector('[data-testid="stApp"]') ?? document.body; // which knows the theme
    if (this.note.parentNode !== app) app.append(this.note);
    if (this.word && !this.word.isConnected) this.close();
    this.goToEntry();
  }

  drop() {
    this.later();
    for (const [name, listener] of Object.entries(this.listeners)) document.removeEventListener(name, listener, true);
    window.removeEventListener("resize", this.listeners.scroll);
    this.note.remove();
  }

  // The browser looked for the entry that a link names before the page was there.
  goToEntry(looks = 50) {
    const id = location.hash.slice(1);
    if (!id.startsWith("term-") || this.arrived === id) return;
    const entry = document.getElementById(id);
    if (!entry) {
      if (looks && this.root.isConnected) setTimeout(() => this.goToEntry(looks - 1), 100);
      return;
    }
    this.arrived = id;
    entry.classList.add("sought");
    entry.scrollIntoView({ block: "center" });
  }

  // ---------------------------------------------------------------- what opens and closes it

  over(event) {
    if (event.pointerType !== "mouse") return;
    const word = termOf(event);
    if (word) {
      if (word === this.word) this.later();
      else this.later(() => this.open(word), OPEN_MS);
    } else if (path(event).includes(this.note)) this.later();
    else if (this.word && !this.pinned && !this.word.matches(":focus-visible")) this.later(() => this.close(), CLOSE_MS);
    else this.later();
  }

  focusin(event) {
    const word = termOf(event);
    if (word?.matches(":focus-visible")) this.open(word);
    else if (word !== this.word && !path(event).includes(this.note)) this.close();
  }

  click(event) {
    const word = termOf(event);
    if (word) {
      const again = word === this.word && this.pinned;
      again ? this.close() : this.open(word, true);
    } else if (!path(event).includes(this.note)) this.close();
  }

  key(event) {
    if (event.key !== "Escape" || !this.word) return;
    const { word } = this;
    const back = this.note.contains(document.activeElement);
    this.close();
    if (back) word.focus();
    event.stopPropagation();
  }

  // One thing at a time is about to happen; nothing, where no action is given.
  later(action, after) {
    clearTimeout(this.timer);
    if (action) this.timer = setTimeout(action, after);
  }

  open(word, pinned = false) {
    this.later();
    const words = this.view?.terms[word.dataset.term];
    if (!words) return;
    if (this.word !== word) this.close();
    this.word = word;
    this.pinned = pinned;
    setText(this.title, words.title);
    setText(this.text, words.text);
    setText(this.formula, words.formula);
    setText(this.more, this.view.more);
    this.more.href = `${this.view.page}${location.search}#term-${word.dataset.term}`;
    this.more.hidden = location.pathname.endsWith(`/${this.view.page}`);
    if ("ariaDescribedByElements" in word) word.ariaDescribedByElements = [this.text];
    this.note.showPopover();
    this.place();
  }

  close() {
    this.later();
    if (!this.word) return;
    if ("ariaDescribedByElements" in this.word) this.word.ariaDescribedByElements = [];
    this.word = null;
    this.note.hidePopover();
  }

  // Under the word, or above it where there is more room; never over the window's edges.
  place() {
    if (!this.word) return;
    const at = this.word.getBoundingClientRect();
    if (!this.word.isConnected || at.bottom < 0 || at.top > innerHeight) return this.close();
    const { offsetWidth: width, offsetHeight: height } = this.note;
    const below = at.bottom + EDGE + height <= innerHeight || at.top < innerHeight - at.bottom;
    const top = below ? at.bottom + EDGE : at.top - EDGE - height;
    const left = at.left + at.width / 2 - width / 2;
    this.note.style.top = `${Math.max(EDGE, Math.min(top, innerHeight - height - EDGE))}px`;
    this.note.style.left = `${Math.max(EDGE, Math.min(left, document.documentElement.clientWidth - width - EDGE))}px`;
  }
}

export default function (component) {
  return render(Terms, component);
}
