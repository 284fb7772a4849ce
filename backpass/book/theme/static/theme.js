// Runs before the page is drawn, so that it never flashes in the wrong colours, and neither code that
// the reader wants open nor an explorer's controls push the text away.
(() => {
  const root = document.documentElement;
  const SECTION = "main > section > section";
  const recall = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null; // No storage (some browsers, from disk): a choice lasts as long as the page.
    }
  };
  const remember = (name, value) => {
    try {
      localStorage.setItem(name, value);
    } catch {
      // As above.
    }
  };

  // Where exercises can be worked in the page there is room for it from the start.
  root.dataset.worked = "";

  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = recall("theme");
  const colour = () => {
    root.dataset.theme = chosen ?? (system.matches ? "dark" : "light");
    document.querySelector("button.theme")?.setAttribute("aria-pressed", root.dataset.theme === "dark");
  };
  colour();
  system.addEventListener("change", colour);

  // Formulas move the text around them when their letters come: it is shown together with them, or
  // after a second without.
  if ("formulas" in document.currentScript.dataset) {
    const letters = ["1em KaTeX_Main", "italic 1em KaTeX_Math", "1em KaTeX_Size1"];
    const second = new Promise((done) => setTimeout(done, 1000));
    const show = () => root.classList.remove("waiting");
    root.classList.add("waiting");
    Promise.race([second, Promise.all(letters.map((font) => document.fonts.load(font)))]).then(show, show);
  }

  let open = recall("code") === "open";
  const fold = () => {
    for (const code of document.querySelectorAll("details.folded")) code.open = open;
    // There is code in it; who folds code may be reading it.
    if (open) for (const part of document.querySelectorAll("details.further")) part.open = true;
  };
  // A form makes the browser lay out where it stands, so only what is seen first has its own at once:
  // the figures before the first section, and those of the section that the address names.
  const control = () => {
    const named = document.getElementById(location.hash.slice(1))?.closest(SECTION);
    for (const figure of document.querySelectorAll("figure.explorer[data-controls]")) {
      const section = figure.closest(SECTION);
      const whole = figure.querySelector("figcaption"); // the last of its parts
      if (whole && (!section || section === named)) globalThis.backpassExplorer?.prepare(figure);
    }
  };
  const arrive = () => {
    if (open) fold();
    control();
  };
  const reading = new MutationObserver(arrive); // before what arrived is drawn
  reading.observe(root, { childList: true, subtree: true });

  addEventListener("DOMContentLoaded", () => {
    reading.disconnect();
    arrive();
    const theme = document.querySelector("button.theme");
    theme.hidden = false;
    colour();
    theme.addEventListener("click", () => {
      chosen = root.dataset.theme === "dark" ? "light" : "dark";
      remember("theme", chosen);
      colour();
    });
    const code = document.querySelector("button.code");
    if (!code) return;
    const name = () => {
      code.querySelector("span").textContent = open ? "Fold the code" : "Show all code";
    };
    name();
    code.hidden = false;
    code.addEventListener("click", () => {
      open = !open;
      remember("code", open ? "open" : "folded");
      fold();
      name();
    });
  });
})();
