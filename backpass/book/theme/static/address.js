// The state of an explorer in the page's address: bptt.html?K=5&cut=windows#figure-the-terms-that-a-truncation-keeps
//
// The fragment names the explorer, as for any place of the page: a browser goes there by itself, also
// without this script. The query has its controls. What it says of other controls, or what cannot be
// read, is left out; a number between two values, or beyond them, means the nearest.
(() => {
  // Texts and numbers are written alike in a picture and in an address but for the minus sign.
  const plain = (text) => String(text).replaceAll("\u2212", "-").trim();
  const number = (text) => (plain(text) ? Number(plain(text).replaceAll(",", "")) : NaN);

  /** What stands in the address for each value of a control. */
  const words = ({ kind, values, texts }) => (kind === "checkbox" ? texts : values).map(plain);

  /** The place of the value that the address means; undefined if it means none. */
  const find = (control, asked) => {
    const known = words(control);
    const exact = known.indexOf(plain(asked));
    const wanted = number(asked);
    const numbers = known.map(number);
    if (exact >= 0) return exact;
    if (!Number.isFinite(wanted) || numbers.some(Number.isNaN)) return undefined;
    const distances = numbers.map((one) => Math.abs(one - wanted));
    return distances.indexOf(Math.min(...distances));
  };

  /** The address of the page with the state of this explorer; at its start, of its place alone. */
  const address = (figure) => {
    const { controls, places } = figure.explorer;
    const now = places();
    const query = new URLSearchParams(controls.map((one, i) => [one.name, words(one)[now[i]]]));
    const url = new URL(location.href);
    url.search = controls.some(({ initial }, i) => initial !== now[i]) ? query : "";
    url.hash = figure.id;
    return url.href;
  };

  const restore = (figure) => {
    const { controls, places, go } = figure.explorer;
    const asked = new URLSearchParams(location.search);
    const now = places();
    const wanted = controls.map((control, i) => {
      const value = asked.get(control.name);
      return (value === null ? undefined : find(control, value)) ?? now[i];
    });
    if (wanted.some((place, i) => place !== now[i])) go(wanted);
  };

  const show = (url) => {
    try {
      history.replaceState(history.state, "", url);
    } catch {
      // A browser may let a page from disk change nothing but the fragment. The link has the state.
    }
  };

  const linked = (figure) => figure.querySelector(".tools a");
  const ready = new WeakSet();
  const begin = (figure) => {
    ready.add(figure);
    if (location.hash === `#${figure.id}`) restore(figure);
    linked(figure).href = address(figure);
  };
  for (const figure of document.querySelectorAll("figure.explorer")) {
    if (figure.explorer) begin(figure);
  }
  let waiting; // a browser takes only so many changes of the address
  addEventListener("explorer", ({ target: figure }) => {
    if (!ready.has(figure)) return begin(figure);
    const link = linked(figure);
    link.href = address(figure);
    clearTimeout(waiting);
    waiting = setTimeout(show, 400, link.href);
  });

  // The link puts its own address into the bar, and onto the clipboard where that is allowed.
  addEventListener("click", async (event) => {
    const link = event.target.closest?.(".explorer .tools a");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    clearTimeout(waiting);
    show(link.href);
    const said = document.createElement("span");
    said.role = "status";
    link.after(said);
    try {
      await navigator.clipboard.writeText(link.href);
      said.textContent = "Link copied";
    } catch {
      said.textContent = "The link is in the address bar";
    }
    setTimeout(() => said.remove(), 2000);
  });
})();
