// Colours as the browser parts calculate them: red, green and blue, each from 0 to 255.
import { BLACK_OR_WHITE, CIVIDIS, PAGE } from "./values.js";

// The scale at `t`, from 0 (its dark end) to 1.
function cividis(t) {
  const place = Math.min(Math.max(t, 0), 1) * (CIVIDIS.length - 1);
  const low = Math.min(Math.floor(place), CIVIDIS.length - 2);
  return CIVIDIS[low].map((v, i) => Math.round(v + (CIVIDIS[low + 1][i] - v) * (place - low)));
}

// Few is yellow and many is blue, on a light page and on a dark one, so that everybody in a room speaks of the same
// colours. An empty cell has the page's own tone, and the scale's bright yellow fades in from there, or a single mistake
// would shout; on a dark page the blue stops short of its darkest.
const DARKEST = { light: 0, dark: 0.16 };

export function shade(t, dark) {
  const theme = dark ? "dark" : "light";
  const strength = Math.min(1, 0.42 + 2 * t);
  const colour = cividis(1 - t * (1 - DARKEST[theme]));
  return colour.map((v, i) => Math.round(PAGE[theme][i] + (v - PAGE[theme][i]) * strength));
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
