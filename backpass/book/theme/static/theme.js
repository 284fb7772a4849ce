// Runs before the page is drawn, so that it never flashes in the wrong colours, and code that the
// reader wants open never pushes the text away.
(() => {
  const root = document.documentElement;
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

  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = recall("theme");
  const colour = () => {
    root.dataset.theme = chosen ?? (system.matches ? "dark" : "light");
    document.querySelector("button.theme")?.setAttribute("aria-pressed", root.dataset.theme === "dark");
  };
  colour();
  system.addEventListener("change", colour);

  let open = recall("code") === "open";
  const fold = () => {
    for (const code of document.querySelectorAll("details.folded")) code.open = open;
    // There is code in it; who folds code may be reading it.
    if (open) for (const part of document.querySelectorAll("details.further")) part.open = true;
  };
  const reading = new MutationObserver(fold); // code opens as it arrives
  if (open) reading.observe(root, { childList: true, subtree: true });

  addEventListener("DOMContentLoaded", () => {
    reading.disconnect();
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
    if (open) fold();
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
