// What axe finds wrong with a page, and how a page of the book is made small enough for it: see
// accessibility.py. An expression: an object of functions.
(() => {
  /** The rules that look at colours, and at which elements. */
  const colours = { "color-contrast": ["*"], "link-in-text-block": ["a[href]", "[role=link]"] };

  // No preload: from disk axe cannot fetch style sheets, and no rule that it applies reads them.
  const faults = async (rules) => {
    const set = { resultTypes: ["violations"], preload: false };
    if (rules === "contrast") set.runOnly = Object.keys(colours);
    if (judge()) {
      const among = (all) => all.flatMap((one) => [`${one}[data-judged]`, `[data-judged] ${one}`]);
      axe.configure({ rules: Object.entries(colours).map(([id, all]) =>
        ({ id, selector: among(all).join() })) });
      if (rules === "contrast") strip();
    }
    const { violations } = await axe.run(document, set);
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

  /** Marks of what axe has to judge the contrast. In prose, where nothing is taken away, of three
   *  elements of each look: the first, the one in the middle and the last. What has no look has come
   *  since. Returns false, and axe judges all, if nobody noted how things look. */
  const judge = () => {
    const looks = Map.groupBy(prose(), ({ look }) => look);
    const unknown = looks.get(undefined) ?? [];
    looks.delete(undefined);
    if (!looks.size) return false;
    const picked = [...looks.values()].flatMap((alike) =>
      [alike[0], alike[alike.length >> 1], alike.at(-1)]);
    const words = document.querySelectorAll(`:is(${inside}) *`);
    picked.push(...unknown, ...[...words].filter((word) => own(word) && (word.first || !word.look)));
    picked.push(...document.querySelectorAll("input, select, textarea"));
    for (const one of picked) one.dataset.judged = "";
    return true;
  };

  /** How an element paints what lies behind it, if it does. */
  const paint = (element) => {
    const style = getComputedStyle(element);
    const { backgroundColor, backgroundImage, opacity, filter, mixBlendMode } = style;
    const facts = [backgroundColor, backgroundImage, opacity, filter, mixBlendMode].join();
    return facts === "rgba(0, 0, 0, 0),none,1,none,normal" ? "" : facts;
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
        const under = ground(element.parentElement), painted = paint(element);
        grounds.set(element, painted ? number(painted, under) : under);
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

  /** Takes away the strokes of drawings, of which axe says nothing, and gradients: it judges no words
   *  on them. Those of the book are shadows at the ends of boxes that scroll; the words stand on the
   *  colour below. */
  const flatten = () => {
    for (const drawing of document.querySelectorAll("svg[role=img]")) {
      if (only("g, defs, clipPath, path, rect, use, image", drawing)) drawing.replaceChildren();
    }
    for (const element of document.querySelectorAll("main :not(:is(.katex, svg) *)")) {
      const { backgroundImage, backgroundColor } = getComputedStyle(element);
      const opaque = !backgroundColor.includes("a(");
      if (opaque && backgroundImage.includes("gradient")) element.style.backgroundImage = "none";
    }
  };

  /** Whether an element has but such parts in it: what has a role, a name or the focus is more. */
  const only = (parts, element) =>
    !element.querySelector(`:not(${parts}), [id]:not(defs *), [role], [tabindex], [title]`);

  /** Takes away words of code, glyphs of formulas and rows of tables that look like others which stay,
   *  and are not more than that, see `only`. A formula keeps its size and what is read aloud. */
  const thin = () => {
    const seen = new Set();
    const isNew = (word) => {
      word.first = word.look && !seen.has(word.look);
      if (word.first) seen.add(word.look);
      return word.first;
    };

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
      const formula = glyphs.parentElement;
      const spoken = formula.querySelector(".katex-mathml");
      glyphs.remove();
      formula.style = `display: inline-block; width: ${width}px; height: ${height}px`;
      if (!spoken) continue;
      spoken.textContent = spoken.textContent; // the first part of a formula has it
      spoken.look = "spoken";
    }

    // A part as others are, in a cell as others are.
    const kind = (part) => [
      part.tagName, part.className, part.getAttribute("scope"), part.look, part.parentElement.tagName,
    ].join();
    for (const row of document.querySelectorAll("tbody > tr")) {
      const parts = [row, ...row.querySelectorAll("*")].map(kind);
      const alike = parts.every((part) => seen.has(part));
      parts.forEach((part) => seen.add(part));
      const plain = only("th, td, p, code, em, strong, span, sub, sup, wbr", row);
      if (alike && plain && row.previousElementSibling) row.remove();
    }
  };

  /** Takes away what does not matter where contrast alone is asked about: what is not judged, and has
   *  nothing in it that is, nor is painted where it is judged. */
  const strip = () => {
    const box = (element) => element.getBoundingClientRect();
    const judged = [...document.querySelectorAll("[data-judged]")];
    const boxes = judged.map(box);
    const isNear = ({ left, right, top, bottom }) => boxes.some((one) =>
      one.left < right && left < one.right && one.top < bottom && top < one.bottom);
    const needed = new Set();
    const need = (element) => {
      for (let one = element; one && !needed.has(one); one = one.parentElement) needed.add(one);
    };
    judged.forEach(need);
    const others = [...document.body.querySelectorAll(":not([data-judged], [data-judged] *)")];
    others.filter((one) => !needed.has(one) && paint(one) && isNear(box(one))).forEach(need);
    others.filter((one) => !needed.has(one)).forEach((one) => one.remove());
  };

  return { faults, flatten, note, thin };
})()
