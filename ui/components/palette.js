// Shared by all browser parts; Python puts this text in front of each part's own script, and in front of this the
// steps of the scale as CIVIDIS, from low to high.

function cividis(t) {
  const place = Math.min(Math.max(t, 0), 1) * (CIVIDIS.length - 1);
  const low = Math.min(Math.floor(place), CIVIDIS.length - 2);
  return CIVIDIS[low].map((v, i) => Math.round(v + (CIVIDIS[low + 1][i] - v) * (place - low)));
}

// More is always further from the page: dark on a light page, bright on a dark one. So an empty cell, which has
// the page's own tone, is the end of the scale in both themes; on white the scale's bright yellow fades in, or a
// single mistake would shout.
function shade(t, dark) {
  if (dark) return cividis(0.08 + 0.92 * t);
  const strength = Math.min(1, 0.42 + 2 * t);
  return cividis(1 - t).map((v) => Math.round(255 + (v - 255) * strength));
}

const css = (rgb) => `rgb(${rgb.join(",")})`;

function luminance(rgb) {
  const [r, g, b] = rgb.map((v) => {
    const c = v / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// Black or white, whichever stands out more: never below 4.58 to 1 on any colour.
const ink = (rgb) => (luminance(rgb) > 0.179 ? "#000" : "#fff");

// The style sheets give each root an invisible outline in the page's colour; here it comes back as numbers.
function isDark(root) {
  const parts = getComputedStyle(root).outlineColor.match(/[\d.]+/g);
  return parts !== null && luminance(parts.slice(0, 3).map(Number)) < 0.179;
}

const fillIn = (template, values) => template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

// Rough width in em of a text in a proportional font with tabular digits.
function ems(text) {
  let sum = 0;
  for (const c of text) sum += c > "\u2e7f" ? 1 : /[.,:;'|!il \u00a0\u202f]/.test(c) ? 0.3 : /[%mwMW]/.test(c) ? 0.88 : 0.58;
  return sum;
}

const cellTexts = (view) => view.cells.flatMap((row) => row.map(([, text]) => text));

const widest = (texts) => texts.reduce((most, text) => Math.max(most, ems(text)), 0);

function element(tag, className, attributes = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// Touching the page only where something differs is what keeps an unchanged rerender free.
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

const isJapanese = (text) => [...text].some((c) => c > "\u2e7f");

// Where the style sheet sets a text vertically, Japanese stands upright, digits in it too; Latin words are turned.
const setStance = (node, text) => node.classList.toggle("upright", isJapanese(text) || text.length === 1);

function setVertical(node, text) {
  setText(node, text);
  setStance(node, text);
}

// An arrow drawn instead of typed: fonts disagree about how a typed one stands in vertical Japanese.
function arrow() {
  const holder = element("span", "arrow", { "aria-hidden": "true" });
  holder.innerHTML =
    '<svg viewBox="0 0 24 10" width="24" height="10"><path d="M1 5h21M17.5 1l4.5 4-4.5 4" fill="none" ' +
    'stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/></svg>';
  return holder;
}

// What is shown as chosen: a click at once, then whatever the server says. One click is under way at a time; of
// those that come meanwhile only the last is sent, once the answer is there. So somebody who flips faster than the
// server draws sees every class and costs it only the first and the last, and an old answer undoes no newer click.
// A click that stays without an answer (the server kept what it had, or is gone) ends in what the server said last.
const ANSWER_SECONDS = 6;

class Choice {
  constructor(paint) {
    this.paint = paint;
    this.server = undefined;
    this.underWay = undefined;
    this.waiting = undefined;
    this.timer = 0;
  }

  get shown() {
    return this.waiting ?? this.underWay ?? this.server;
  }

  click(value, send) {
    if (value === this.shown) return;
    this.send = send;
    if (this.underWay === undefined) this.start(value);
    else this.waiting = value;
    this.paint();
  }

  start(value) {
    this.underWay = value;
    this.send(value);
    this.timer = setTimeout(() => {
      this.finish();
      this.paint();
    }, ANSWER_SECONDS * 1000);
  }

  // The click under way is answered, or no longer expected to be: on with the one that waited.
  finish() {
    const next = this.waiting;
    this.forget();
    if (next !== undefined && next !== this.server) this.start(next);
  }

  forget() {
    clearTimeout(this.timer);
    this.underWay = this.waiting = undefined;
  }

  // The caller paints when what is shown has changed.
  confirm(value, viewChanged) {
    const news = value !== this.server;
    this.server = value;
    if (viewChanged) this.forget();
    else if (value === this.underWay) this.finish();
    else if (news) this.forget();
  }

  drop() {
    clearTimeout(this.timer);
  }
}

// One object per mounted element, kept across reruns so that focus and scroll position survive them.
const mounted = new WeakMap();

function render(Part, component) {
  const { parentElement, data } = component;
  let part = mounted.get(parentElement);
  if (!part) {
    part = new Part();
    mounted.set(parentElement, part);
    parentElement.appendChild(part.root);
  }
  part.component = component;
  if (data) {
    const dark = isDark(part.root);
    const text = JSON.stringify(data.view);
    const changed = text !== part.viewText || dark !== part.dark;
    part.viewText = text;
    part.dark = dark;
    part.root.dataset.theme = dark ? "dark" : "light";
    part.show(data, changed);
  }
  return () => {
    mounted.delete(parentElement);
    part.drop();
    part.root.remove();
  };
}
