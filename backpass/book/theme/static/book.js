// What a page of the book does beyond being read: it loads recorded explorers when they come near,
// saves its notebook, opens the search, lets the keyboard reach what scrolls, closes a drawer that was used,
// opens what is folded for whom a link leads into it, and marks the section in view.
(() => {
  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

  // A script, not fetch: a page opened from disk may load nothing else.
  const load = (source, failed) => {
    const script = document.createElement("script");
    script.src = source;
    script.onerror = failed;
    document.head.append(script);
  };
  const states = (figure) => {
    load(figure.dataset.states, () => {
      for (const part of figure.querySelectorAll("form, .reset")) part.remove();
      const note = document.createElement("p");
      note.className = "note";
      note.textContent = `The other states are missing: ${figure.dataset.states} cannot be loaded.`;
      figure.append(note);
    });
  };
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        backpassExplorer.prepare(target);
        states(target);
      }
    },
    { rootMargin: "100% 0px" },
  );
  each("figure.explorer[data-states]", (figure) => near.observe(figure));

  globalThis.backpassSave = (name, text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/x-ipynb+json" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };
  each("a[data-script]", (link) => {
    if (location.protocol !== "file:") return; // a server's link saves by itself
    link.addEventListener("click", (event) => {
      event.preventDefault();
      load(link.dataset.script, () => location.assign(link.href));
    });
  });

  // The search is loaded when its field is first used; "/" leads there.
  const field = document.querySelector(".bar form.search input");
  field.addEventListener("focus", () => {
    const source = field.form.dataset.search;
    if (!document.querySelector(`script[src="${source}"]`)) load(source);
  });
  addEventListener("keydown", (event) => {
    const writing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writing) return;
    event.preventDefault();
    field.focus();
  });

  // A box that scrolls sideways is a stop for the keyboard, only while it does.
  const sized = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  each("main pre, main div.table, main div.math, main .text_html", (box) => sized.observe(box));

  each(".drawer", (drawer) => {
    drawer.addEventListener("click", ({ target }) => {
      if (target.closest("a") && drawer.matches(":popover-open")) drawer.hidePopover();
    });
  });

  // Newer browsers open what is folded around a link's target by themselves, without scripts too.
  const named = (hash) => {
    try {
      return document.getElementById(decodeURIComponent(hash.slice(1)));
    } catch {
      return null; // “#%” names nothing
    }
  };
  const reveal = (hash) => {
    const target = named(hash);
    const around = target?.closest("details.further:not([open])");
    if (!around) return;
    around.open = true;
    target.scrollIntoView();
  };
  reveal(location.hash);
  addEventListener("hashchange", () => reveal(location.hash));
  addEventListener("beforeprint", () => each("details.further", (part) => (part.open = true)));

  const links = new Map();
  each("#page-nav a", (link) => {
    const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (section) links.set(section, link);
  });
  const inView = () =>
    [...links.keys()]
      .filter((one) => !one.closest("details:not([open])"))
      .findLast((one) => one.getBoundingClientRect().top < innerHeight / 4);
  const mark = () => {
    const here = inView();
    for (const [section, link] of links) link.classList.toggle("here", section === here);
  };

  // Back on a page the browser would go to a height, where another text stands until the sections
  // above are laid out: what is kept is the place within a section.
  const top = (section) => section.getBoundingClientRect().top;
  const keep = () => {
    const section = inView() ?? document.getElementById("main");
    try {
      history.replaceState({ ...history.state, place: [section.id, top(section)] }, "");
    } catch {
      // Some browser, from disk: it goes to the height.
    }
  };
  let due = false;
  let resting;
  addEventListener("scroll", () => {
    clearTimeout(resting);
    resting = setTimeout(keep, 200);
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      mark();
    });
  }, { passive: true });
  mark();
  const [id, before] = history.state?.place ?? [];
  const section = document.getElementById(id);
  if (section) {
    let moved = false; // by the reader, who then stays where that led
    for (const kind of ["wheel", "touchstart", "pointerdown", "keydown"]) {
      addEventListener(kind, () => { moved = true; }, { once: true, passive: true });
    }
    const go = () => moved || scrollBy(0, top(section) - before);
    history.scrollRestoration = "manual";
    reveal(`#${id}`);
    addEventListener("load", async () => {
      go();
      await document.fonts.ready;
      for (let frame = 0; frame < 3; frame += 1) { // what comes into view gets its true height
        await new Promise(requestAnimationFrame);
        go();
      }
      history.scrollRestoration = "auto";
    });
  }
})();

// A chapter's open code is run by Python in the page. What does that is loaded when it is asked for.
(() => {
  const button = document.querySelector(".run-all");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    const { script, style, policy } = button.dataset;
    const meta = document.createElement("meta");
    meta.httpEquiv = "Content-Security-Policy"; // from here on
    meta.content = policy;
    document.head.append(meta);
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: style }));
    const element = Object.assign(document.createElement("script"), { src: script });
    Object.assign(element.dataset, button.dataset);
    document.head.append(element);
  }, { once: true });
})();
