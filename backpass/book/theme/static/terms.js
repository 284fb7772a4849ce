// What a term means, beside it: when the pointer rests on it, when it has the focus, when it is
// touched. Without this script a term is a link to the glossary.
(() => {
  const { glossary } = document.currentScript.dataset;
  let meanings; // the definitions by their addresses, once they are asked for
  const load = () =>
    (meanings ??= new Promise((done) => {
      globalThis.backpassGlossary = done;
      const script = document.createElement("script");
      script.src = glossary;
      script.onerror = () => done({});
      document.head.append(script);
    }));

  const note = document.createElement("div");
  note.id = "term-note";
  note.setAttribute("role", "tooltip");
  note.popover = "manual";
  let shown = null; // the term whose meaning is to be seen
  let due = 0;

  const show = async (term) => {
    const told = (await load())[decodeURIComponent(term.hash.slice(1))];
    if (!told || term !== shown) return;
    note.innerHTML = told;
    if (!note.isConnected) document.body.append(note);
    if (!note.matches(":popover-open")) note.showPopover();
    term.setAttribute("aria-describedby", note.id);
    // Below the term, or above it where there is no room below; never beyond the page's sides.
    const line = term.getClientRects()[0];
    const { width, height } = note.getBoundingClientRect();
    const room = document.documentElement.clientWidth - width - 8;
    const above = line.bottom + height + 12 > innerHeight && line.top - height > 60;
    note.style.left = `${Math.max(8, Math.min(line.left, room)) + scrollX}px`;
    note.style.top = `${(above ? line.top - height - 6 : line.bottom + 6) + scrollY}px`;
  };
  const want = (term, wait = 0) => {
    clearTimeout(due);
    if (term === shown) return;
    hide();
    shown = term;
    due = setTimeout(show, wait, term);
  };
  const hide = () => {
    clearTimeout(due);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    if (note.matches(":popover-open")) note.hidePopover();
  };

  const term = ({ target }) => target.closest?.("a.term");
  let touched = false;
  addEventListener("pointerdown", (event) => {
    touched = event.pointerType !== "mouse";
    if (!term(event) && !note.contains(event.target)) hide();
  });
  addEventListener("click", (event) => {
    const one = term(event);
    if (!one || !touched || (one === shown && note.matches(":popover-open"))) return;
    event.preventDefault(); // the first touch shows, the second follows the link
    want(one);
  });
  addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const one = term(event);
    if (one) want(one, 250);
    else if (note.contains(event.target)) clearTimeout(due);
    else if (shown && shown !== document.activeElement) {
      clearTimeout(due);
      due = setTimeout(hide, 250); // time to move the pointer onto the meaning
    }
  });
  addEventListener("focusin", (event) => {
    const one = term(event);
    if (one && !touched) want(one);
    else if (!one) hide();
  });
  addEventListener("keydown", (event) => {
    touched = false;
    if (event.key === "Escape" && shown) {
      event.preventDefault();
      hide();
    }
  });
})();
