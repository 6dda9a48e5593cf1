// What a part saves as a file: any content, an SVG picture as PNG too.
import { element } from "./dom.js";

// What every browser of today can draw on: Safari's limit is the smallest. Beyond it a picture comes out empty.
const LONGEST_SIDE = 16384;
const LARGEST_AREA = 16384 * 4096;

// Text for the inside of XML. Some signs are not allowed in it in any form, and one of them is the end of the picture.
const NOT_IN_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
export const escape = (text) =>
  String(text).replace(NOT_IN_XML, "")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

// Offers `content` to the reader as a file; `root` is where the link stands for a moment.
export function download(root, content, { type, name }) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = element("a", "", { href: url, download: name });
  link.hidden = true;
  root.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000); // some browsers read it only after the click has returned
}

// The SVG picture as PNG, twice as large where a browser can draw that; null where it cannot draw it at all.
export async function pngOf({ text, width, height }) {
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  const picture = new Image();
  try {
    await new Promise((resolve, reject) => {
      picture.onload = resolve;
      picture.onerror = reject;
      picture.src = url;
    });
    const canvas = element("canvas");
    const scale = Math.min(2, LONGEST_SIDE / width, LONGEST_SIDE / height, Math.sqrt(LARGEST_AREA / width / height));
    canvas.width = Math.floor(width * scale);
    canvas.height = Math.floor(height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}
