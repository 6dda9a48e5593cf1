// A small curve in the unit square, with the point at which one stands.
import { element, setAttribute, setText, setVertical } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";

export class Curve {
  constructor() {
    this.node = element("figure", "curve");
    this.title = element("figcaption");
    this.up = element("span", "up");
    this.across = element("span", "across");
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("viewBox", "-3 -3 106 106");
    this.svg.setAttribute("role", "img");
    this.frame = make("rect", { x: 0, y: 0, width: 100, height: 100, class: "frame-line" });
    this.diagonal = make("path", { d: "M0 100L100 0", class: "guide" });
    this.path = make("path", { class: "line" });
    this.dot = make("circle", { r: 4.5, class: "dot" });
    this.svg.append(this.frame, this.diagonal, this.path, this.dot);
    this.node.append(this.title, this.up, this.svg, this.across);
  }

  // `points`: pairs from 0 to 1, across and up.
  fill({ points, title, across, up, diagonal }) {
    this.name = title;
    setVertical(this.up, up);
    setText(this.across, across);
    this.diagonal.style.display = diagonal ? "" : "none";
    this.path.setAttribute("d", points.map(([x, y], i) => `${i ? "L" : "M"}${(100 * x).toFixed(2)} ${(100 - 100 * y).toFixed(2)}`).join(""));
  }

  point(x, y, value) {
    setText(this.title, `${this.name}\u3000${value}`);
    setAttribute(this.svg, "aria-label", `${this.name} ${value}`);
    this.dot.style.display = x === null || y === null ? "none" : "";
    if (x === null || y === null) return;
    this.dot.setAttribute("cx", 100 * x);
    this.dot.setAttribute("cy", 100 - 100 * y);
  }
}

function make(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
