// The life of a part: mounted once, shown anew with each answer of the server, dropped in the end.
//
// A part is a class with its `root`, `show(data, changed)` and `drop()`. It finds the `component` to send through, and
// whether the page is `dark`, on itself.
import { isDark } from "./colours.js";

// One object per mounted element, kept across reruns so that focus and scroll position survive them.
const mounted = new WeakMap();

export function render(Part, component) {
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
