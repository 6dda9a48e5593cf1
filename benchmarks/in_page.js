// Put into each page before its own scripts. A frame is looked at when the browser is about to draw it; once
// everything is there, the time is taken after the frame that follows the decoded pictures: never too early,
// up to one frame (17 ms) too late. Times are the browser's own; a click counts from when the browser got it.
(() => {
  const main = () => document.querySelector("[data-testid=stMain]");
  const parts = () =>
    [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")].filter((node) => node.shadowRoot);
  const inParts = (selector) => parts().flatMap((node) => [...node.shadowRoot.querySelectorAll(selector)]);
  const text = (selector) => main().querySelector(selector)?.textContent ?? "";
  const sentences = () => [...main().querySelectorAll("[data-testid=stMarkdownContainer]")]
    .map((node) => node.textContent).filter((words) => words.length > 30);
  const idle = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning";
  const gallery = () => inParts("[data-image]").filter((tile) => !tile.closest(".strip")); // not the board's own few
  const shows = (images) => {
    const tiles = gallery();
    return tiles.length === images.length && tiles.every((tile, i) => tile.dataset.image === images[i]);
  };
  const detail = (image) => image === undefined || text(".detail .quiet").match(/\d+/)?.[0] === image;
  const afterFrame = () => new Promise((resolve) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve(performance.now());
    channel.port2.postMessage(0);
  }));
  const until = (condition) => new Promise((resolve, reject) => {
    const patience = performance.now() + 30_000;
    const look = () => {
      if (condition()) resolve();
      else if (performance.now() > patience) reject(new Error("the page never showed " + condition));
      else requestAnimationFrame(look);
    };
    look();
  });
  const pictures = async () => {
    const grid = gallery()[0]?.parentElement;
    const address = grid?.style.getPropertyValue("--sprite").match(/url\("(.*)"\)/)?.[1];
    if (!address) return;
    const picture = new Image();
    picture.src = address;
    await picture.decode();
  };
  const answers = {
    cell: ({ images, sentence }) => {
      return sentences().some((words) => !sentence.includes(words)) && shows(images) && detail(images[0]);
    },
    flip: ({ images, counts, heading }) => {
      const painted = inParts("[data-tile] b").map((node) => node.textContent);
      return counts.every((count, i) => count === painted[i]) && text("h2") !== heading
        && shows(images) && detail(images[0]);
    },
  };
  const optimistic = {
    cell: ({ target }) => inParts(`[data-sel="${target}"]`)[0].getAttribute("aria-selected") === "true",
    flip: ({ target }) => inParts("[data-shown]")[0].dataset.shown.startsWith(`${target}-`),
  };
  window.bench = {
    arm(kind, expected) {
      expected.sentence = sentences();
      expected.heading = text("h2");
      this.result = new Promise((resolve) => addEventListener("click", (event) => {
        const began = event.timeStamp;
        const first = until(() => optimistic[kind](expected)).then(afterFrame);
        const last = until(() => answers[kind](expected)).then(pictures).then(afterFrame);
        resolve(Promise.all([first, last]).then((times) => times.map((time) => (time - began) / 1000)));
      }, { capture: true, once: true }));
    },
    idle: () => until(() => main()?.querySelector("h1") && idle()),
    async completeMatrix() {
      await until(() => main() && idle() && inParts("[data-sel]").length >= 100 && gallery().length
        && text(".detail .quiet") && main().querySelector(".detail img").complete);
      await pictures();
      return (performance.timeOrigin + await afterFrame()) / 1000;
    },
  };
})();
