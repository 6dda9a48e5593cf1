// A lesson is one screen: while it is presented, its letters are as large as the window allows.
const FITTED = ".st-key-lesson_screen";
const SMALLEST = 0.66;
const STEP = 0.04;

export class Fitting {
  constructor() {
    this.sizes = new ResizeObserver(() => this.plan());
    this.changes = new MutationObserver(() => this.plan());
    this.onResize = () => this.plan(true);
  }

  begin() {
    if (this.isOn) return;
    this.isOn = true;
    this.changes.observe(document.body, { childList: true, subtree: true });
    window.addEventListener("resize", this.onResize);
    this.plan(true);
  }

  end() {
    this.isOn = false;
    this.changes.disconnect();
    this.sizes.disconnect();
    window.removeEventListener("resize", this.onResize);
    if (this.node) this.node.style.zoom = "";
    this.node = null;
  }

  // Soon, and once for many changes.
  plan(isForced = false) {
    this.isForced ||= isForced;
    if (this.planned) return;
    this.planned = requestAnimationFrame(() => {
      this.planned = 0;
      if (this.isOn) this.fit();
    });
  }

  fit() {
    const node = document.querySelector(FITTED);
    if (node !== this.node) {
      this.sizes.disconnect();
      if (node) this.sizes.observe(node);
      this.node = node;
      this.isForced = true;
    }
    if (!node) return;
    const height = () => node.getBoundingClientRect().height;
    if (!this.isForced && Math.abs(height() - this.height) < 1) return; // it was this that has changed its size
    this.isForced = false;
    const main = node.closest('[data-testid="stMain"]') ?? document.documentElement;
    for (let zoom = 1; zoom >= SMALLEST; zoom -= STEP) {
      node.style.zoom = zoom;
      if (main.scrollHeight <= main.clientHeight) break;
    }
    this.height = height();
  }
}
