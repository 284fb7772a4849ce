// Exercises worked in their page: each answer becomes an editor; Run and Check ask Python, which is
// loaded from the book's own files (data-python) with the first press, and runs beside the page.
(() => {
  if (!("worked" in document.documentElement.dataset)) return;
  const { python, notebook } = document.currentScript.dataset;
  const SECONDS = 12; // Python ends an answer after 10 s by itself, and tells what it was doing

  const made = (tag, text, name) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    element.textContent = text;
    return element;
  };

  // --- editors --------------------------------------------------------------------------------
  // Typed as one, so that the browser's own "undo" takes it back.
  const put = (field, from, to, text) => {
    field.setSelectionRange(from, to);
    if (document.execCommand(text ? "insertText" : "delete", false, text)) return;
    field.setRangeText(text, from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const lineStart = (text, at) => text.lastIndexOf("\n", at - 1) + 1;

  const indent = (field, back) => {
    const { value, selectionStart: from, selectionEnd: to } = field;
    const start = lineStart(value, from);
    if (from === to && !back) {
      put(field, from, to, " ".repeat(4 - ((from - start) % 4)));
      return;
    }
    const text = value.slice(start, to);
    const moved = text.replace(back ? /^ {1,4}/gm : /^(?=.)/gm, back ? "" : "    ");
    if (moved === text) return;
    const first = moved.indexOf("\n") < 0 ? moved : moved.slice(0, moved.indexOf("\n"));
    const before = text.indexOf("\n") < 0 ? text : text.slice(0, text.indexOf("\n"));
    put(field, start, to, moved);
    const shift = first.length - before.length;
    field.setSelectionRange(Math.max(start, from + shift), start + moved.length);
  };
  const breakLine = (field) => {
    const { value, selectionStart: from, selectionEnd: to } = field;
    const line = value.slice(lineStart(value, from), from);
    const [space] = line.match(/^ */);
    const deeper = /:\s*(#.*)?$/.test(line) ? "    " : "";
    const ends = /^\s*(return|pass|break|continue|raise)\b/.test(line) && space.length >= 4;
    put(field, from, to, `\n${ends ? space.slice(4) : space}${deeper}`);
  };

  let leaving = false; // Escape was pressed: the next Tab goes on to what comes next
  const onKey = (field, event) => {
    const { key, shiftKey, ctrlKey, metaKey, altKey, isComposing } = event;
    if (isComposing || altKey) return;
    if (key === "Tab" && !ctrlKey && !metaKey && !leaving) {
      event.preventDefault();
      indent(field, shiftKey);
    } else if (key === "Enter" && (ctrlKey || metaKey || shiftKey)) {
      const button = field.closest("section.exercise")?.querySelector(shiftKey ? ".run" : ".check");
      if (!button) return;
      event.preventDefault();
      button.click();
    } else if (key === "Enter") {
      event.preventDefault();
      breakLine(field);
    } else if (key === "Backspace" && field.selectionStart === field.selectionEnd) {
      const { value, selectionStart: at } = field;
      const before = value.slice(lineStart(value, at), at);
      if (before && !before.trim()) {
        event.preventDefault();
        put(field, at - (((before.length - 1) % 4) + 1), at, "");
      }
    }
    if (key !== "Shift") leaving = key === "Escape";
  };

  const help = made("p", "Tab indents. To leave the field, press Escape and then Tab.", "heard");
  help.id = "editor-help";
  document.getElementById("main").append(help);

  const editors = new Map(); // by the name of the cell
  for (const box of document.querySelectorAll(".editable")) {
    const code = box.querySelector("pre");
    const stub = code.textContent.replace(/\n$/, "");
    const field = made("textarea", "", "editor");
    Object.assign(field, { value: stub, spellcheck: false, wrap: "off", autocomplete: "off" });
    field.setAttribute("autocapitalize", "off");
    field.setAttribute("autocorrect", "off");
    field.setAttribute("aria-describedby", help.id);
    const answer = box.closest("section.exercise");
    const first = answer && answer.querySelector(".editable") === box;
    field.setAttribute("aria-label", first ? "Your answer" : "Your first thought");
    const size = () => { field.rows = field.value.split("\n").length; };
    size();
    field.addEventListener("input", size);
    field.addEventListener("keydown", (event) => onKey(field, event));
    field.addEventListener("blur", () => { leaving = false; });
    code.after(field);
    code.classList.add("stub");
    const editor = {
      box,
      stub,
      get text() { return field.value; },
      set text(text) {
        field.value = text;
        size();
      },
    };
    editors.set(box.dataset.cell, editor);
  }
  addEventListener("beforeprint", () => {
    for (const { box, stub, text } of editors.values()) {
      if (text !== stub) box.querySelector("pre").textContent = text;
    }
  });

  // --- Python ---------------------------------------------------------------------------------
  const MISSING = "Python for this page cannot be loaded";

  /** The cells of this page's notebook, which stands beside it in a script. */
  let cells;
  const read = () => (cells ??= new Promise((done, failed) => {
    const save = globalThis.backpassSave;
    globalThis.backpassSave = (name, text) => {
      globalThis.backpassSave = save;
      done(JSON.parse(text).cells);
    };
    const script = made("script", "");
    script.src = notebook;
    script.onerror = () => {
      globalThis.backpassSave = save;
      cells = undefined;
      failed(new Error(`${MISSING}: ${notebook.split("/").pop()} is missing.`));
    };
    document.head.append(script);
  }));

  let worker;
  const end = () => {
    worker?.terminate();
    worker = undefined;
  };

  /** What came of a press; `hear` is told of what is under way. `stop` ends it, with a reason. */
  const ask = (request, hear) => {
    let stop;
    let clock;
    const answer = new Promise((done, failed) => {
      stop = (reason) => {
        end();
        failed(new Error(reason));
      };
      const limit = 1000 * (globalThis.backpassSeconds ?? SECONDS);
      read().then((all) => {
        worker ??= new Worker(new URL(`${python}worker.js`, document.baseURI), { type: "module" });
        worker.onmessage = ({ data: { kind, ...more } }) => {
          clearTimeout(clock);
          if (kind === "done") done(more.told);
          else if (kind === "failed") stop(`${MISSING}: ${more.reason}`);
          else {
            if (kind === "running") {
              clock = setTimeout(stop, limit, "It ran for longer than 10 s, and was stopped.");
            }
            hear(kind, more);
          }
        };
        worker.onerror = (event) => {
          event.preventDefault();
          stop(`${MISSING}: ${event.message ?? "its files are missing, or the network is."}`);
        };
        worker.postMessage({ cells: all, ...request });
      }).catch(failed);
    });
    return [answer.finally(() => clearTimeout(clock)), (reason) => stop(reason)];
  };

  // --- what is pressed and told -----------------------------------------------------------------
  const sections = [...document.querySelectorAll("section.exercise")];
  const points = new Map();
  const sum = document.querySelector(".notebook .sum");
  const add = (section, value) => {
    points.set(section, value);
    const all = [...points.values()].reduce((one, other) => one + other, 0);
    sum.textContent = `${+all.toFixed(2)} of ${sum.dataset.most} points`;
  };

  // Sections of the chapter that the words name, as links: this page has them already.
  const places = new Map(
    [...document.querySelectorAll('main a[href*="/chapters/"][href*="#"]')].map((link) => [link.textContent, link.href]),
  );
  const link = (status) => {
    for (const paragraph of status.querySelectorAll("p")) {
      paragraph.innerHTML = paragraph.innerHTML.replace(/(Section: “)([^”<]+)(?=”)/g, (all, before, title) => {
        const address = places.get(title);
        return address ? `${before}<a href="${encodeURI(decodeURI(address))}">${title}</a>` : all;
      });
    }
  };

  const output = ({ kind, text, html }) => {
    if (!html) return made("pre", text, kind);
    const box = made("div", "", kind);
    box.innerHTML = html;
    return box;
  };
  const MB = (bytes) => (bytes / 1e6).toFixed(1);

  let turn = Promise.resolve(); // one press after the other
  const press = (section, action) => {
    const part = (name) => section.querySelector(name);
    const [status, shown, loading] = ["[role=status]", ".shown", ".loading"].map(part);
    const buttons = [...section.querySelectorAll(".work button:not(.stop)")];
    if (section.ariaBusy === "true") return;
    section.ariaBusy = "true";
    part(".stop").hidden = false;
    if (action === "run") shown.replaceChildren();
    else status.replaceChildren();
    for (const button of buttons) button.setAttribute("aria-disabled", "true");
    loading.hidden = false;
    loading.replaceChildren("Waiting …");
    let bar;
    const hear = (kind, { loaded, total }) => {
      if (kind === "loading") {
        if (!bar) {
          bar = made("progress", "");
          bar.setAttribute("aria-label", "Loading Python");
          loading.replaceChildren("Loading Python ", bar, made("span", ""));
        }
        Object.assign(bar, { max: total, value: Math.min(loaded, total) });
        loading.lastChild.textContent = ` ${MB(loaded)} of ${MB(total)} MB`;
      } else {
        bar = undefined;
        loading.replaceChildren(kind === "running" ? "Running …" : "Starting …");
      }
    };
    const texts = () => Object.fromEntries([...editors].map(([name, editor]) => [name, editor.text]));
    const cell = part(".editable").dataset.cell;

    let cancel = () => { cancelled = true; };
    let cancelled = false;
    const stopped = "Stopped.";
    part(".stop").onclick = () => cancel(stopped);
    turn = turn.then(async () => {
      let told;
      try {
        if (cancelled) throw new Error(stopped);
        loading.replaceChildren(worker ? "Running …" : "Loading Python …");
        const [answer, stop] = ask({ cell, action, answers: texts() }, hear);
        cancel = stop;
        told = await answer;
      } catch (error) {
        told = { outputs: [{ kind: "error", text: error.message }] };
      }
      const outputs = told.outputs.map(output);
      if (action === "run") shown.replaceChildren(...outputs);
      else if (told.html) {
        status.innerHTML = told.html;
        link(status);
        status.append(...outputs);
        add(section, told.points);
        part(".hint").hidden = !told.hint;
      } else {
        status.replaceChildren(made("strong", `0 of ${section.dataset.points} points`), ...outputs);
        add(section, 0);
      }
      section.ariaBusy = "false";
      loading.hidden = true;
      if (document.activeElement === part(".stop")) part(action === "run" ? ".run" : ".check").focus();
      part(".stop").hidden = true;
      for (const button of buttons) button.removeAttribute("aria-disabled");
    });
  };

  for (const section of sections) {
    const editor = editors.get(section.querySelector(".editable").dataset.cell);
    Object.defineProperty(section, "answer", {
      get: () => editor.text,
      set: (text) => { editor.text = text; },
    });
    for (const action of ["run", "check", "hint"]) {
      section.querySelector(`.${action}`).addEventListener("click", () => press(section, action));
    }
  }
})();
