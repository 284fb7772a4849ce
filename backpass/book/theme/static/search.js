// The search: asks the index that backpass/book/search.py wrote, as one types or on a page of its own.
// Both scripts that it needs are loaded when somebody first searches, also from disk.
(() => {
  const form = document.querySelector(".bar form.search");
  const root = document.documentElement.dataset.content_root || "";

  const STOP = new Set(
    `a an and are as at be by can do does for from has have how i if in is it its my not of on or than that
     the their then there this to was we what when where which who why will with you your`.split(/\s+/),
  );
  // Words as they are compared: British as American, ₂ as 2, without the endings of their forms.
  const normal = (word) => {
    let term = word.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
    term = term.replace(/is(e[sd]?|ing|ations?)$/, "iz$1");
    term = term.replace(/entr(e|ed|ing)$/, (_, end) => `enter${end === "e" ? "" : end}`);
    if (/[^aeiousy]s$|[aeo]es$/.test(term)) term = term.slice(0, -1);
    return term.length > 6 ? term.replace(/(?:ing|ion|ed|e)$/, "") : term;
  };
  const words = (text) => text.normalize("NFKC").match(/[\p{L}\p{N}]+/gu) ?? [];
  // "pre-activation" is found as "preactivation" too.
  const written = (text) => [
    ...words(text),
    ...(text.match(/\p{L}+(?:-\p{L}+)+/gu) ?? []).map((word) => word.replaceAll("-", "")),
  ];

  // Chapters before exercises, and "The questions" where it has the words in a question.
  const KINDS = [
    [/^pages\/questions/, 1.25],
    [/^pages\/(glossary|notation)/, 1.1],
    [/^chapters\//, 1],
    [/^exercises\//, 0.45],
    [/^solutions\//, 0.3],
    [/^pages\/api/, 0.35],
    [/./, 0.6],
  ];
  // What a chapter says twice is looked for where it is said first.
  const AGAIN = /#(summary|further-reading|common-claims-tested|reported-and-measured)$/;
  const weight = (address) =>
    KINDS.find(([kind]) => kind.test(address))[1] *
    (AGAIN.test(address) ? 0.5 : /^chapters\/\w+\.html$/.test(address) ? 1.15 : 1);

  let ready;
  const load = (source) =>
    new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = source;
      script.onload = done;
      script.onerror = () => failed(new Error(source));
      document.head.append(script);
    });
  const index = () =>
    (ready ??= (async () => {
      let pages;
      globalThis.backpassSearch = (found) => (pages = found);
      await Promise.all([load(form.dataset.library), load(form.dataset.index)]);
      const search = new MiniSearch({
        fields: ["heading", "page", "text"],
        storeFields: ["address", "heading", "page", "text"],
        tokenize: written,
        processTerm: normal,
        searchOptions: {
          tokenize: words,
          boost: { heading: 5, page: 1.5 },
          boostDocument: (id, term, entry) => weight(entry.address),
          prefix: (term) => term.length > 2,
          fuzzy: (term) => (term.length > 4 ? 0.2 : false),
          weights: { fuzzy: 0.25, prefix: 0.6 },
        },
      });
      const entries = pages.flatMap(([address, page, sections]) =>
        sections.map(([anchor, heading, text]) => ({
          address: anchor ? `${address}#${anchor}` : address,
          heading,
          page,
          text,
        })),
      );
      search.addAll(entries.map((entry, id) => ({ id, ...entry })));
      return search;
    })());

  // The best sections first; one that holds only some of the words must be much better.
  const find = async (query, most = 30) => {
    const search = await index();
    const asked = words(query);
    const telling = asked.filter((word) => !STOP.has(word.toLowerCase()));
    const text = (telling.length ? telling : asked).join(" ");
    const all = search.search(text, { combineWith: "AND" });
    if (all.length >= 10) return all.slice(0, most);
    const whole = new Set(all.map(({ id }) => id));
    const value = ({ id, score }) => (whole.has(id) ? 1 : 0.5) * score;
    return search.search(text).sort((a, b) => value(b) - value(a)).slice(0, most);
  };

  // The part of a text around what was found, with the found words marked.
  const snippet = (text, terms, length = 170) => {
    const places = [...text.matchAll(/[\p{L}\p{N}₀-₉]+/gu)];
    const hit = ({ 0: word }) => words(word).some((part) => terms.has(normal(part)));
    const hits = places.filter(hit);
    const count = ({ index: start }) =>
      hits.filter(({ index: at }) => at >= start && at < start + length - 40).length;
    const best = hits.reduce((most, one) => (most && count(most) >= count(one) ? most : one), null);
    let start = text.length > length ? Math.max(0, (best?.index ?? 0) - 40) : 0;
    if (start) start = text.indexOf(" ", start) + 1;
    let end = Math.min(text.length, start + length);
    if (end < text.length) end = text.lastIndexOf(" ", end);
    const made = document.createElement("span");
    made.append(start ? "… " : "");
    let at = start;
    for (const place of hits) {
      if (place.index < start || place.index + place[0].length > end) continue;
      const mark = document.createElement("mark");
      mark.textContent = place[0];
      made.append(text.slice(at, place.index), mark);
      at = place.index + place[0].length;
    }
    made.append(text.slice(at, end), end < text.length ? " …" : "");
    return made;
  };

  const shown = (result) => {
    const terms = new Set(result.terms);
    const heading = document.createElement("strong");
    heading.append(...snippet(result.heading, terms, Infinity).childNodes);
    const parts = [heading];
    if (result.page !== result.heading) {
      const page = document.createElement("small");
      page.textContent = result.page;
      parts.push(page);
    }
    if (result.text) parts.push(snippet(result.text, terms));
    return parts;
  };

  const missing = (error) =>
    `The search cannot be used: ${error.message.split("/").pop()} is missing from the book's folder.`;

  // As one types: a list below the field, to be walked through with the arrow keys.
  const field = form.querySelector("input");
  const list = document.createElement("div");
  list.id = "search-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Sections found");
  list.hidden = true;
  form.append(list);
  const close = () => {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (way) => {
    const options = [...list.children];
    const before = options.findIndex((option) => option.ariaSelected === "true");
    const place = before < 0 && way < 0 ? options.length - 1 : before + way;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === place)));
    const option = options[place];
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };
  let turn = 0;
  const propose = async () => {
    const mine = ++turn;
    const query = field.value.trim();
    if (query.length < 2 && !/[^\x00-\x7f]/.test(query)) return close();
    const results = await find(query, 8).catch(() => []);
    if (mine !== turn || document.activeElement !== field) return;
    list.replaceChildren(
      ...results.map((result, place) => {
        const option = document.createElement("a");
        option.id = `search-list-${place}`;
        option.href = root + result.address;
        option.tabIndex = -1;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.append(...shown(result));
        return option;
      }),
    );
    list.hidden = !results.length;
    field.setAttribute("aria-expanded", String(results.length > 0));
  };
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-autocomplete", "list");
  field.addEventListener("input", propose);
  field.addEventListener("keydown", (event) => {
    const option = list.querySelector('[aria-selected="true"]');
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) propose();
      else choose(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && option && !list.hidden) option.click();
    else if (event.key === "Escape" && !list.hidden) close();
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", close);
  form.addEventListener("focusout", ({ relatedTarget }) => {
    if (!form.contains(relatedTarget)) close();
  });
  if (document.activeElement === field) propose();

  // A page of its own: search.html?q=…
  const results = document.getElementById("search-results");
  const show = async () => {
    const query = new URLSearchParams(location.search).get("q")?.trim() ?? "";
    const own = document.querySelector("main form.search input");
    own.value = query;
    if (!query) return own.focus();
    document.title = `${query} · ${document.title}`;
    const said = document.createElement("p");
    try {
      const found = await find(query);
      said.textContent = found.length
        ? `${found.length} section${found.length > 1 ? "s" : ""}, the best first:`
        : "No section holds these words.";
      const items = found.map((result) => {
        const item = document.createElement("li");
        const [heading, ...rest] = shown(result);
        const link = document.createElement("a");
        link.href = root + result.address;
        link.append(heading);
        item.append(link, ...rest);
        return item;
      });
      const ordered = document.createElement("ol");
      ordered.append(...items);
      results.replaceChildren(said, ...(items.length ? [ordered] : []));
    } catch (error) {
      said.textContent = missing(error);
      results.replaceChildren(said);
    }
    results.focus({ preventScroll: true });
  };
  if (results) show();

  globalThis.backpassFind = find;
})();
