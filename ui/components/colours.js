// Colours as the browser parts calculate them: red, green and blue, each from 0 to 255.
import { BLACK_OR_WHITE, CIVIDIS } from "./values.js";

// The scale at `t`, from 0 (its dark end) to 1.
function cividis(t) {
  const place = Math.min(Math.max(t, 0), 1) * (CIVIDIS.length - 1);
  const low = Math.min(Math.floor(place), CIVIDIS.length - 2);
  return CIVIDIS[low].map((v, i) => Math.round(v + (CIVIDIS[low + 1][i] - v) * (place - low)));
}

// More is always further from the page: dark on a light page, bright on a dark one. So an empty cell, which has
// the page's own tone, is the end of the scale in both themes; on white the scale's bright yellow fades in, or a
// single mistake would shout.
export function shade(t, dark) {
  if (dark) return cividis(0.08 + 0.92 * t);
  const strength = Math.min(1, 0.42 + 2 * t);
  return cividis(1 - t).map((v) => Math.round(255 + (v - 255) * strength));
}

export const css = (rgb) => `rgb(${rgb.join(",")})`;

export const hex = (rgb) => `#${rgb.map((v) => v.toString(16).padStart(2, "0")).join("")}`;

// Relative luminance as in ui/colours.py.
function luminance(rgb) {
  const [r, g, b] = rgb.map((v) => {
    const c = v / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// Black or white, whichever stands out more.
export const ink = (rgb) => (luminance(rgb) > BLACK_OR_WHITE ? "black" : "white");

// part.css gives each root an invisible outline in the page's colour; here it comes back as numbers.
export function isDark(root) {
  const channels = getComputedStyle(root).outlineColor.match(/[\d.]+/g);
  return channels !== null && luminance(channels.slice(0, 3).map(Number)) < BLACK_OR_WHITE;
}
