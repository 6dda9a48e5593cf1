// What the board of a class has to keep to in front of a class: asked of the page by test_classroom.py.
(() => {
  const host = [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")]
    .find((node) => node.shadowRoot?.querySelector(".board"));
  const root = host.shadowRoot;
  const all = (selector) => [...root.querySelectorAll(selector)].filter((node) => node.getClientRects().length);
  const named = (node) => `${node.className || node.tagName} "${node.textContent.slice(0, 30)}"`;
  const pixels = document.createElement("canvas").getContext("2d");

  function measured(node, text) {
    const { fontStyle, fontWeight, fontSize, fontFamily } = getComputedStyle(node);
    pixels.font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
    return pixels.measureText(text);
  }

  // How high a digit is, in CSS pixels, as `node` would draw it.
  const digitHeight = (node) => measured(node, "0").actualBoundingBoxAscent;

  // Where the ink of a node's text is; a line's box is higher than that.
  function ink(node) {
    const range = document.createRange();
    range.selectNodeContents(node);
    const { left, right, top, bottom, height } = range.getBoundingClientRect();
    const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down, actualBoundingBoxAscent, actualBoundingBoxDescent } =
      measured(node, node.textContent);
    if (height > 1.5 * (up + down)) return { left, right, top, bottom }; // several lines, or vertical
    const baseline = top + (height * up) / (up + down);
    return { left, right, top: baseline - actualBoundingBoxAscent, bottom: baseline + actualBoundingBoxDescent };
  }

  const isWithin = (inner, outer, slack = 1) => inner.left >= outer.left - slack && inner.right <= outer.right + slack
    && inner.top >= outer.top - slack && inner.bottom <= outer.bottom + slack;
  const overlap = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;

  // The images of the strip that are seen whole.
  const images = () => all(".image").filter((node) => node.clientHeight > 20 && isWithin(node.getBoundingClientRect(), node.parentElement.getBoundingClientRect()));

  function faults(isPresenting) {
    const found = [];
    const window_ = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    for (const part of [".tabs", ".matrix", ".square", ".formula", ".sentence", ".strip"]) {
      const node = all(part)[0];
      if (!node) found.push(`${part} is not there`);
      else if (!isWithin(node.getBoundingClientRect(), window_, 0)) found.push(`${part} is not wholly in the window`);
    }
    for (const node of all(".tabs, .scroll, .formula, .tab, .pill, .sum, .heading, .tile .caption, .strip-head, .image .caption")) {
      const isClipped = getComputedStyle(node).overflowY !== "visible";
      if (node.scrollWidth > node.clientWidth + 1 || (isClipped && node.scrollHeight > node.clientHeight + 1)) {
        found.push(`${named(node)} is cut: ${node.scrollWidth} x ${node.scrollHeight} in ${node.clientWidth} x ${node.clientHeight}`);
      }
    }
    for (const tile of all(".tile")) {
      for (const node of tile.querySelectorAll("b, .tag")) {
        if (!isWithin(ink(node), tile.getBoundingClientRect())) found.push(`${named(tile)} cuts ${named(node)}`);
      }
      const [tag, count] = [...tile.querySelectorAll(".tag, b")].map(ink);
      if (overlap(tag, count)) found.push(`${named(tile)}: its count lies on its tag`);
    }
    const leave = [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")]
      .map((node) => node.shadowRoot?.querySelector(".leave")).find((node) => node?.getClientRects().length);
    const boxes = [
      ...all(".tab, .step, .view, .hide, .tile, .pill, .formula, .sentence, .tags, .strip h2").map((node) => [named(node), node.getBoundingClientRect()]),
      ...all(".matrix .cell, .matrix .head:not(.corner), .heading, .square .sum").map((node) => [named(node), ink(node)]),
      ...images().map((node) => [named(node), node.getBoundingClientRect()]),
      ...(leave ? [["leave", leave.getBoundingClientRect()]] : []),
      ...[...document.querySelectorAll(".st-key-head h1, .st-key-head p")].map((node) => [named(node), ink(node)]),
    ];
    boxes.forEach(([one, a], i) => boxes.slice(i + 1).forEach(([other, b]) => {
      if (overlap(a, b)) found.push(`${one} and ${other} overlap`);
    }));
    if (isPresenting) {
      for (const node of all(".cell, .head:not(.total), .formula .tag, .formula .value, .fraction:not(.letters) > *, .tile b, .tile .tag, .tab b")) {
        const height = digitHeight(node);
        if (height < 20) found.push(`digits of ${height} px on ${node.className.split(" ")[0] || node.tagName}`);
      }
    }
    return found;
  }

  const click = (selector) => root.querySelector(selector).click();

  // What the formula and the sentence say.
  function said() {
    const [above, below] = all(".fraction:not(.letters) > *").map((node) => node.textContent);
    return { above, below, value: all(".formula > .value")[0].textContent, sentence: all(".sentence")[0].textContent };
  }

  return {
    images,
    said,
    // Every metric of every class: what is wrong with the `looked` ones, what is said of all, and the median of the milliseconds from a click on a class
    // to the laid out board.
    tour(isPresenting, looked) {
      const found = {};
      const times = [];
      const told = {};
      for (const metric of all(".pill").map((node) => node.dataset.metric)) {
        click(`[data-metric="${metric}"]`);
        told[metric] = all(".tab").map((tab, index) => {
          const began = performance.now();
          tab.click();
          root.querySelector(".board").getBoundingClientRect();
          times.push(performance.now() - began);
          for (const fault of looked.includes(index) ? faults(isPresenting) : []) (found[fault] ??= []).push(`${metric} ${index}`);
          return said();
        });
      }
      times.sort((a, b) => a - b);
      return {
        told,
        faults: Object.entries(found).map(([fault, where]) => `${fault}, ${where.length} times: ${where.slice(0, 3)}`),
        median: times[times.length >> 1],
        unnamed: all("button, [role=gridcell], [role=rowheader], [role=columnheader]")
          .filter((node) => /[{}]/.test(node.getAttribute("aria-label") ?? "") || !(node.getAttribute("aria-label") ?? node.textContent).trim())
          .filter((node) => !node.classList.contains("corner")).map(named),
      };
    },
  };
})()
