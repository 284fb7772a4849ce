// What axe finds wrong with a page, and how a page of the book is made small enough for it: see
// accessibility.py. An expression: an object of functions.
(() => {
  // No preload: from disk axe cannot fetch style sheets, and no rule that it applies reads them.
  const faults = async (rules) => {
    const set = { resultTypes: ["violations"], preload: false };
    const colours = ["color-contrast", "link-in-text-block"]; // two thirds of the time
    const contrast = { ...set, runOnly: colours };
    const off = Object.fromEntries(colours.map((rule) => [rule, { enabled: false }]));
    const others = { ...set, rules: off };
    const { violations } = await axe.run(judged(), contrast);
    if (rules !== "contrast") violations.push(...(await axe.run(document, others)).violations);
    return violations.filter(({ impact }) => impact !== "minor").map(({ id, help, nodes }) =>
      [id, help, nodes.map(({ html }) => html.slice(0, 200))]);
  };

  /** What stands in an element itself, and the words of a box: elements in which something does. */
  const own = ({ childNodes }) =>
    [...childNodes].map((one) => (one.nodeType === Node.TEXT_NODE ? one.data : "")).join("").trim();
  const words = (box) => [...box.querySelectorAll("span")].filter(own);

  const inside = "pre, .katex-html"; // where one word of each look stays
  const notProse = `:is(${inside}, svg) *, script, style`;
  const prose = () => [...document.body.querySelectorAll(`:not(${notProse})`)].filter(own);

  /** Of what contrast axe has to judge. In prose, where nothing is taken away, of three elements of
   *  each look: the first, the one in the middle and the last. What has no look has come since. */
  const judged = () => {
    const looks = Map.groupBy(prose(), ({ look }) => look);
    const unknown = looks.get(undefined) ?? [];
    looks.delete(undefined);
    if (!looks.size) return document; // nobody noted how things look
    const picked = [...looks.values()].flatMap((alike) =>
      [alike[0], alike[alike.length >> 1], alike.at(-1)]);
    const words = document.querySelectorAll(`:is(${inside}) *`);
    picked.push(...unknown, ...[...words].filter((word) => own(word) && (word.first || !word.look)));
    return { include: [...picked, ...document.querySelectorAll("input, select, textarea")] };
  };

  /** Notes at each element with words how it looks in the colours of now: what its contrast depends
   *  on, and whether axe judges it (not what is hidden, cut off or one letter). */
  const note = () => {
    const numbers = new Map();
    const number = (...facts) => {
      const key = facts.join();
      if (!numbers.has(key)) numbers.set(key, numbers.size + 1);
      return numbers.get(key);
    };
    const grounds = new Map(); // what is painted behind an element's words
    const ground = (element) => {
      if (!element) return 0;
      if (!grounds.has(element)) {
        const style = getComputedStyle(element), under = ground(element.parentElement);
        const { backgroundColor, backgroundImage, opacity, filter, mixBlendMode } = style;
        const paint = [backgroundColor, backgroundImage, opacity, filter, mixBlendMode];
        const clear = paint.join() === "rgba(0, 0, 0, 0),none,1,none,normal";
        grounds.set(element, clear ? under : number(...paint, under));
      }
      return grounds.get(element);
    };
    const noteWord = (word, { left, right }) => {
      const { color, fontSize, fontWeight, textShadow } = getComputedStyle(word);
      const place = word.getBoundingClientRect();
      word.look = number(
        word.look, ground(word), color, fontSize, fontWeight, textShadow, own(word).length > 1,
        word.checkVisibility({ visibilityProperty: true }),
        left <= place.left && place.right <= right,
      );
    };
    for (const box of document.querySelectorAll(inside)) {
      const bounds = box.parentElement.getBoundingClientRect();
      for (const word of words(box)) noteWord(word, bounds);
    }
    const bounds = document.body.getBoundingClientRect();
    for (const word of prose()) noteWord(word, bounds);
  };

  /** Axe judges no words on a gradient. Those of the book are shadows at the ends of boxes that
   *  scroll; the words stand on the colour below. */
  const flatten = () => {
    for (const element of document.querySelectorAll("main *")) {
      const { backgroundImage, backgroundColor } = getComputedStyle(element);
      const opaque = !backgroundColor.includes("a(");
      if (opaque && backgroundImage.includes("gradient")) element.style.backgroundImage = "none";
    }
  };

  /** Takes away words of code, glyphs of formulas, rows of tables and strokes of drawings that look
   *  like others which stay. What is more than that stays: what has a role, a name or the focus. A formula
   *  keeps its size and what is read aloud. */
  const thin = () => {
    const seen = new Set();
    const isNew = (word) => {
      word.first = word.look && !seen.has(word.look);
      if (word.first) seen.add(word.look);
      return word.first;
    };
    const only = (parts, element) =>
      !element.querySelector(`:not(${parts}), [id]:not(defs *), [role], [tabindex], [title]`);

    for (const word of document.querySelectorAll("pre span[class]:not(:has(*))")) {
      if (word.attributes.length === 1 && !isNew(word)) word.replaceWith(...word.childNodes);
    }
    for (const code of document.querySelectorAll("pre")) code.normalize();

    const formulas = [...document.querySelectorAll(".katex-html")].map((glyphs) => {
      const { width, height } = glyphs.getBoundingClientRect();
      return { glyphs, parts: words(glyphs), width: Math.max(width, glyphs.scrollWidth), height };
    });
    formulas.sort((one, other) => one.parts.length - other.parts.length);
    for (const { glyphs, parts, width, height } of formulas) {
      if (parts.filter(isNew).length || !only("span, svg, path, line", glyphs)) continue;
      glyphs.replaceChildren();
      glyphs.style = `display: inline-block; width: ${width}px; height: ${height}px`;
      const spoken = glyphs.parentElement.querySelector(".katex-mathml");
      if (spoken) spoken.textContent = spoken.textContent; // the first part of a formula has it
    }

    // A part as others are, in a cell as others are.
    const kind = ({ tagName, className, look, parentElement }) =>
      [tagName, className, look, parentElement.tagName].join();
    for (const row of document.querySelectorAll("tbody > tr")) {
      const parts = [row, ...row.querySelectorAll("*")].map(kind);
      const alike = parts.every((part) => seen.has(part));
      parts.forEach((part) => seen.add(part));
      if (alike && only("td, p, code, em, strong, span, sub, sup, wbr", row)) row.remove();
    }

    for (const drawing of document.querySelectorAll("svg[role=img]")) {
      if (only("g, defs, clipPath, path, rect, use", drawing)) drawing.replaceChildren();
    }
  };

  return { faults, flatten, note, thin };
})()
