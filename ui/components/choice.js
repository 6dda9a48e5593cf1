// What is shown as chosen: a click at once, then whatever the server says. One click is under way at a time; of
// those that come meanwhile only the last is sent, once the answer is there. So somebody who flips faster than the
// server draws sees every class and costs it only the first and the last, and an old answer undoes no newer click.
// A click that stays without an answer (the server kept what it had, or is gone) ends in what the server said last.
const ANSWER_SECONDS = 6;

export class Choice {
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
