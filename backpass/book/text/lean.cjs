// A formula as KaTeX sets it, with half the elements and the same look: a chapter has hundreds.
//
// KaTeX builds a tree before it writes HTML. Here the tree loses what only carries a meaning that no
// style sheet knows, rows that only reserve a depth which the strut reserves too, spaces and struts
// that a neighbour can carry (`::before` in book.css draws them), and the boxes around a single index.
// The MathML loses rows of one, and its TeX.

/** A function that changes what katex.__renderToDomTree gives; `style` is KaTeX's style sheet. */
module.exports = ({ SymbolNode }, style) => {
  const styled = new Set([...style.matchAll(/\.(-?[a-zA-Z][\w-]*)/g)].map(([, name]) => name));
  const has = (node, name) => node?.classes?.includes(name) ?? false;
  const em = (length) => parseFloat(length ?? "0");
  const told = (number) => `${+number.toFixed(4)}em`;
  const add = (node, side, length) => {
    node.style = { ...node.style, [side]: told(em(node.style[side]) + em(length)) };
  };
  const bare = (node) =>
    node.classes?.length === 0 && !Object.values(node.style ?? {}).some(Boolean) &&
    !Object.keys(node.attributes ?? {}).length && node.children?.length > 0;
  // Below these the style sheet speaks of children and grandchildren.
  const STRICT = ["vlist", "mult", "delim-size1", "delim-size4", "clap", "llap", "rlap"];
  const strict = (node) => STRICT.some((name) => has(node, name));
  const SIZES = [0, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.44, 1.728, 2.074, 2.488];

  /** A list of one row, moved up or down, with one child: an index becomes its child, moved. */
  const index = (node) => {
    const list = has(node, "vlist-t") && node.children.length === 1 && node.children[0];
    const wrap = has(list, "vlist") && list.children.length === 1 && list.children[0];
    if (!wrap || wrap.classes.length || wrap.children.length !== 2) return node;
    const [strut, box] = wrap.children;
    const [, from] = box.classes.join(" ").match(/\breset-size(\d+)/) ?? [];
    const [, to] = box.classes.join(" ").match(/(?:^| )size(\d+)/) ?? [];
    if (!has(box, "katex-sizing") || !from || !to) return node;
    const scale = SIZES[from] / SIZES[to];
    const { top, marginLeft, marginRight } = wrap.style;
    box.style = { ...box.style, position: "relative", top: told((em(top) + em(strut.style.height)) * scale) };
    if (em(marginLeft)) box.style.marginLeft = told(em(marginLeft) * scale);
    if (em(marginRight)) box.style.marginRight = told(em(marginRight) * scale);
    return box;
  };

  /** Spaces become the padding of a sign beside them. */
  const spaces = (list) => {
    const sign = (node) => node instanceof SymbolNode && node.text.trim() !== "";
    const boxed = (node) =>
      sign(node) && (node.classes.length > 0 || node.italic > 0 || Object.keys(node.style).length > 0);
    const kept = [];
    list.forEach((node, place) => {
      const space = has(node, "mspace") && node.classes.length === 1 && !node.children.length &&
        Object.keys(node.style).join() === "marginRight" && em(node.style.marginRight) > 0;
      const [before, after] = [kept.at(-1), list[place + 1]];
      const to = !space ? null
        : boxed(before) ? before
        : sign(after) ? after
        : sign(before) ? before
        : null;
      if (to) add(to, to === before ? "paddingRight" : "paddingLeft", node.style.marginRight);
      else kept.push(node);
    });
    return kept;
  };

  /** A fraction carries the empty delimiters beside it. */
  const fractions = (list) =>
    list.filter((node, place) => {
      if (!has(node, "nulldelimiter") || node.children.length) return true;
      const [before, after] = [list[place - 1], list[place + 1]];
      const to = has(after, "mfrac") ? after : has(before, "mfrac") ? before : null;
      if (to) add(to, to === after ? "paddingLeft" : "paddingRight", "0.12em");
      return !to;
    });

  const lean = (node, above) => {
    if (!node.classes || !node.toMarkup) return node;
    node.classes = node.classes.filter((name) => styled.has(name));
    if (!node.children) return node;
    node.children = node.children.map((child) => lean(child, node));
    if (has(node, "vlist-t2")) {
      node.classes = node.classes.filter((name) => name !== "vlist-t2");
      node.children.length = 1;
      node.children[0].children.length = 1;
    }
    // A cell has a row of its own in every table.
    if (has(node, "vlist-t") && node.children[0].children.length === 1) node.children = node.children[0].children;
    if (!has(node, "vlist")) {
      const free = !strict(node) && !strict(above);
      node.children = node.children.map(index).flatMap((child) =>
        (free && bare(child)) || (has(child, "msupsub") && has(child.children[0], "katex-sizing"))
          ? child.children
          : [child],
      );
      node.children = spaces(fractions(node.children));
    }
    return node;
  };

  /** Struts are drawn by the elements that hold them, which KaTeX lets have no variables of CSS. */
  const struts = (node) => {
    for (const child of node.children ?? []) struts(child);
    const [strut] = node.children ?? [];
    if (!has(strut, "pstrut") && !(has(strut, "katex-strut") && has(node, "katex-base"))) return;
    const { height, verticalAlign } = strut.style;
    node.children.shift();
    const write = node.toMarkup.bind(node);
    const own = `--h:${height}${verticalAlign ? `;--v:${verticalAlign}` : ""}`;
    node.toMarkup = () => {
      const [, tag, rest] = write().match(/^(<span[^>]*?)(>[^]*)$/);
      const both = tag.replace('style="', `style="${own};`);
      return (both === tag ? `${tag} style="${own}"` : both) + rest;
    };
  };

  const ROWS = ["math", "mrow", "mtd", "mstyle", "mpadded"];
  const mathml = (node) => {
    const row = (child) => child.type === "mrow" && !Object.keys(child.attributes).length;
    node.children = node.children?.map(mathml).flatMap((child) =>
      child.type === "semantics" ? (row(child.children[0]) ? child.children[0].children : [child.children[0]])
      : row(child) && (child.children.length === 1 || ROWS.includes(node.type)) ? child.children
      : [child],
    );
    return node;
  };

  return (tree) => {
    const formula = has(tree, "katex-display") ? tree.children[0] : tree;
    const [spoken, seen] = formula.children;
    const math = mathml(spoken.children[0]); // hidden from the eye without a box around it
    math.setAttribute("class", spoken.classes[0]);
    lean(seen, formula);
    struts(seen);
    if (tree === formula && seen.children.length === 1 && has(seen.children[0], "katex-base")) {
      seen.children[0].classes.push("katex-html"); // a line that cannot break is one box
      seen.children[0].setAttribute("aria-hidden", "true");
      formula.children = [math, seen.children[0]];
    } else formula.children = [math, seen];
    return tree;
  };
};
