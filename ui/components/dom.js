// Nodes of a part: how they are made and changed.
import { isJapanese } from "./text.js";

export function element(tag, className, attributes = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// Touching the page only where something differs is what keeps an unchanged rerender free.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

// Where the style sheet sets a text vertically, Japanese stands upright, digits in it too; Latin words are turned.
export function setVertical(node, text) {
  setText(node, text);
  node.classList.toggle("upright", isJapanese(text) || text.length === 1);
}

// What has the focus within `node`, if anything has.
export function focused(node) {
  const active = node.getRootNode().activeElement;
  return node.contains(active) ? active : null;
}
