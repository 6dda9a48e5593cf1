const COLOUR_TYPE = 25; // where a PNG says what its pixels are
const GREY = 0;

// One picture file for many small pictures, decoded once: as a data address it would be parsed again for every tile.
export class Sprite {
  constructor(node) {
    this.node = node; // its style sheet shows --sprite
    this.text = "";
    this.url = "";
  }

  // `text`: a PNG in base64, with `columns` pictures to a row; "" for none.
  set(text) {
    if (text === this.text) return;
    this.text = text;
    const old = this.url;
    this.url = "";
    if (text) {
      const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      this.url = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
      // Drawings come in shades of grey and turn round on a light page; a file in colour holds photos, which never do.
      this.node.style.setProperty("--blend", bytes[COLOUR_TYPE] === GREY ? "difference" : "normal");
    }
    this.node.style.setProperty("--sprite", this.url ? `url("${this.url}")` : "none");
    if (old) URL.revokeObjectURL(old);
  }

  drop() {
    if (this.url) URL.revokeObjectURL(this.url);
  }
}

// Where the picture at `place` lies in the file, for `background-position`; each is drawn `width` x `height`.
export const placeOf = (place, columns, width, height) =>
  `${-(place % columns) * width}px ${-Math.floor(place / columns) * height}px`;

// The same as custom properties, for a style sheet that knows the size (--side) and how many there are (--columns, --rows).
export function showPicture(node, at, columns) {
  node.style.setProperty("--x", at % columns);
  node.style.setProperty("--y", Math.floor(at / columns));
}
