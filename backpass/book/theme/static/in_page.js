// Exercises worked in their page: each answer becomes an editor; Run and Check ask Python, which is
// loaded from the book's own files (data-python) with the first press, and runs beside the page.
(() => {
  const { python, notebook, cells: names, symbolic } = document.currentScript.dataset;
  const chapter = names !== undefined; // whose open cells are run, and kept nowhere
  // Python ends an answer after 10 s by itself, and tells what it was doing; this ends what it cannot.
  const SECONDS = chapter ? 70 : 12;

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

  /** Presses a button of the exercise that a field is in, if there is one. */
  const click = (field, name) => {
    const button = field.closest(".exercise, .tried")?.querySelector(`.${name}`);
    button?.click();
    return Boolean(button);
  };

  let leaving = false; // Escape was pressed: the next Tab goes on to what comes next
  const onKey = (field, event) => {
    const { key, shiftKey, ctrlKey, metaKey, altKey, isComposing } = event;
    if (isComposing || altKey) return;
    if (key === "Tab" && !ctrlKey && !metaKey && !leaving) {
      event.preventDefault();
      indent(field, shiftKey);
    } else if (key === "Enter" && (ctrlKey || metaKey || shiftKey)) {
      if (click(field, shiftKey ? "run" : "check")) event.preventDefault();
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

  // --- what is kept -----------------------------------------------------------------------------
  // By exercise and edition: what was answered to another edition of it is shown as such.
  const sheet = notebook.split("/").pop().replace(/\.ipynb\.js$/, "");
  const key = (cell) => `answers:${sheet}/${cell}`;
  const recall = (cell) => {
    if (chapter) return {};
    try {
      return JSON.parse(localStorage.getItem(key(cell))) ?? {};
    } catch {
      return {}; // no storage, or not ours
    }
  };
  let refused = () => {};
  const keep = (cell, edition, kept) => {
    if (chapter) return;
    const all = recall(cell);
    delete all[edition];
    if (kept) all[edition] = kept;
    try {
      if (Object.keys(all).length) localStorage.setItem(key(cell), JSON.stringify(all));
      else localStorage.removeItem(key(cell));
    } catch {
      refused();
    }
  };

  const coming = []; // what each plain field does when a better editor has been loaded
  const editors = new Map(); // by the name of the cell
  const editable = (box) => {
    const { cell, edition, stub: prose } = box.dataset;
    const code = box.querySelector("pre");
    const shown = code ?? box.firstElementChild;
    const stub = prose ?? code.textContent.replace(/\n$/, "");
    const area = made("textarea", "", "editor");
    let field = area; // what stands in its place offers the same
    const section = box.closest(".exercise, .tried");
    const answers = Boolean(section) && section.querySelector(".editable") === box;
    Object.assign(area, { spellcheck: Boolean(prose), autocomplete: "off" });
    if (prose) area.placeholder = "Your answer";
    else {
      Object.assign(area, { value: stub, wrap: "off" });
      area.setAttribute("autocapitalize", "off");
      area.setAttribute("autocorrect", "off");
      area.setAttribute("aria-describedby", help.id);
      area.addEventListener("keydown", (event) => onKey(area, event));
      area.addEventListener("blur", () => { leaving = false; });
    }
    area.setAttribute("aria-label", chapter ? "Code" : answers || prose ? "Your answer" : "Your first thought");
    const size = () => {
      area.rows = Math.max(prose ? 6 : 1, field.value.split("\n").length);
    };

    const reset = made("button", "Start over", "reset");
    reset.type = "button";
    let before; // what starting over, or a notebook that was opened, has replaced
    let checked; // {text, points, html} of the last check
    let due;
    const save = () => {
      clearTimeout(due);
      due = undefined;
      const { text } = editor;
      keep(cell, edition, text === stub && !checked ? undefined : { text, checked });
    };
    const change = (text) => {
      field.value = prose && text === stub ? "" : text;
      size();
      offer();
    };
    const offer = () => {
      reset.hidden = editor.text === stub && before === undefined;
      reset.textContent = before === undefined ? "Start over" : "Bring back my answer";
    };
    const replace = (text) => {
      before = editor.text === stub || editor.text === text ? undefined : editor.text;
      change(text);
      save();
    };
    const editor = {
      box,
      stub,
      get text() { return prose && !field.value ? stub : field.value; },
      set text(text) {
        change(text);
        save();
      },
      replace,
      get checked() { return checked; },
      set checked(told) {
        checked = told;
        save();
      },
    };
    reset.addEventListener("click", () => {
      const text = before ?? stub;
      if (before === undefined) return replace(text);
      before = undefined;
      editor.text = text;
    });
    const changed = () => {
      before = undefined;
      size();
      offer();
      due ??= setTimeout(save, 300);
    };
    area.addEventListener("input", changed);
    if (code) {
      let writes = false; // several keys for one letter, which nothing may interrupt
      area.addEventListener("compositionstart", () => { writes = true; });
      area.addEventListener("compositionend", () => {
        writes = false;
        if (make) setTimeout(take);
      });
      let make;
      const take = () => {
        if (!writes) field = make(area, { changed, press: (name) => click(box, name) });
      };
      coming.push((given) => {
        make = given;
        take();
      });
    }
    addEventListener("pagehide", () => due && save());

    const all = recall(cell);
    if (all[edition]) {
      change(String(all[edition].text ?? stub));
      checked = all[edition].checked;
    } else {
      const [other] = Object.values(all);
      if (other?.text) {
        const note = made("p", "You have answered another edition of this exercise. ", "kept");
        const bring = made("button", "Bring that answer here");
        bring.type = "button";
        bring.addEventListener("click", () => {
          editor.text = String(other.text);
          note.remove();
          field.focus();
        });
        note.append(bring);
        box.append(note);
      }
    }
    // Another tab at the same page, of which this one shows what is written there.
    addEventListener("storage", (event) => {
      if (event.key !== key(cell) || box.contains(document.activeElement)) return;
      change(String(recall(cell)[edition]?.text ?? stub));
    });
    size();
    offer();
    shown.after(area);
    shown.classList.add("stub");
    const tools = answers ? section.querySelector(".work .stop") : null;
    if (tools) tools.before(reset);
    else if (prose) area.after(reset);
    editors.set(cell, editor);
  };
  /** The cells of a chapter that can be run, each in a box with what an exercise has. */
  const tried = [];
  if (chapter) {
    const ids = names.split(":");
    document.querySelectorAll(".runnable").forEach((cell, place) => {
      const box = made("div", "", "tried");
      if (symbolic !== undefined) box.dataset.symbolic = ""; // one Python runs them all
      const work = made("div", "", "work");
      for (const [name, text] of [["run", "Run"], ["stop", "Stop"]]) {
        const button = made("button", text, name);
        button.type = "button";
        button.hidden = name === "stop";
        work.append(button);
      }
      work.append(Object.assign(made("span", "", "loading"), { hidden: true }));
      const shown = made("div", "", "shown");
      shown.setAttribute("aria-live", "polite");
      cell.before(box);
      box.append(cell, work, shown);
      cell.classList.add("editable");
      cell.dataset.cell = ids[place];
      tried.push(box);
    });
  }
  document.querySelectorAll(".editable").forEach(editable);
  addEventListener("beforeprint", () => {
    for (const { box, stub, text } of editors.values()) {
      if (text !== stub) box.querySelector(".stub").textContent = text;
    }
  });

  // --- Python ---------------------------------------------------------------------------------
  const MISSING = "Python for this page cannot be loaded";

  /** What a script gives to the function `called` of this page. */
  const run = (source, called) => new Promise((done, failed) => {
    const before = globalThis[called];
    const script = made("script", "");
    const leave = () => {
      globalThis[called] = before;
      script.remove();
    };
    let given = [];
    globalThis[called] = (...all) => { given = all; };
    Object.assign(script, {
      src: source,
      onload: () => {
        leave();
        done(given);
      },
      onerror: () => {
        leave();
        failed(new Error(`${MISSING}: ${source.split("/").pop()} is missing.`));
      },
    });
    document.head.append(script);
  });

  /** The name and the text of this page's notebook, which stands beside it in a script. */
  let given;
  const read = () => (given ??= run(notebook, "backpassSave").then(([name, text]) => ({ name, text })));

  // From disk the files are scripts; each is loaded once and kept for a second start.
  const DISK = location.protocol === "file:";
  const contents = new Map();
  let loading = Promise.resolve(); // one after the other: they call one function
  const content = (name) => (loading = loading.catch(() => {}).then(async () => {
    if (!contents.has(name)) {
      const [, text] = await run(`${python}disk/${name}.js`, "backpassFile");
      const bytes = Uint8Array.fromBase64?.(text) ?? Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      contents.set(name, bytes.buffer);
    }
    return contents.get(name);
  }));

  // The better editor comes with Python. Where it cannot be had, the plain one stays.
  let better;
  const improve = () => {
    better ??= run(`${python}editor.js`, "backpassEditor").then(([make]) => {
      for (const take of coming) take(make);
    }, () => {});
  };

  let worker;
  const end = () => {
    worker?.terminate();
    for (const one of worker?.beside ?? []) one.terminate();
    worker = undefined;
  };
  const folder = new URL(python, document.baseURI).href;
  const fetched = async (name) => {
    const response = await fetch(folder + name).catch(() => ({ ok: false }));
    if (!response.ok) throw new Error(`${MISSING}: ${name} is missing, or the network is.`);
    return response.arrayBuffer();
  };
  const start = async (symbolic) => {
    // Made of its text it is under this page's content security policy, which of a file it is not.
    const [text, stages] = await Promise.all([(DISK ? content : fetched)("worker.js"), imaged(symbolic)]);
    const script = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const thread = () => new Worker(script, DISK ? {} : { type: "module" });
    const python = Object.assign(thread(), { stages });
    if (!stages) return python;
    // Its memory is unpacked beside it.
    python.beside = Array.from({ length: stages }, thread);
    const gathered = python.beside.map((one, stage) => new Promise((done, failed) => {
      one.onmessage = ({ data: { kind, name, kept } }) => {
        if (kind === "need") hand(one, name);
        else if (kind === "gathered") done(kept);
        else failed();
      };
      one.onerror = (event) => {
        event.preventDefault();
        failed();
      };
      one.postMessage({ gather: stage, folder: DISK ? undefined : folder });
    }));
    Promise.all(gathered).catch(() => undefined).then((all) => {
      python.postMessage({ gathered: all }, all?.map(({ buffer }) => buffer) ?? []);
      for (const one of python.beside) one.terminate();
    });
    return python;
  };
  let starting;
  const running = async (symbolic) => {
    starting ??= worker ?? start(symbolic);
    try {
      return (worker = await starting);
    } finally {
      starting = undefined;
    }
  };

  // Where this very Python has been used before, it starts when somebody comes to an exercise, with
  // the pointer, a finger or the keyboard, and is ready when Check is pressed. It comes from the
  // browser's cache, where its list of files still is, or from the disk; otherwise nothing is loaded
  // before a button is pressed.
  const USED = "python";
  const noted = (what) => {
    try {
      return localStorage.getItem(what) === folder;
    } catch {
      return false;
    }
  };
  const note = (what) => {
    try {
      localStorage.setItem(what, folder);
    } catch {
      // then it starts with the first press, and as it does at a first visit
    }
  };
  const begin = async (symbolic) => {
    if (!noted(USED) || !(DISK || await kept(SIZES))) return;
    const { text } = await read();
    if (worker) return;
    const made = await running(symbolic).finally(improve);
    if (made.onmessage) return; // somebody has pressed a button meanwhile
    made.onmessage = ({ data: { kind, name } }) => {
      if (kind === "need") hand(made, name);
      if (kind === "ready") made.ready = true;
      if (kind === "failed") end();
    };
    made.onerror = (event) => {
      event.preventDefault();
      end();
    };
    made.postMessage(told(JSON.parse(text).cells, { action: "start" }));
  };
  let begun = false;
  const warm = ({ currentTarget }) => {
    if (begun || worker) return;
    begun = true;
    begin("symbolic" in currentTarget.dataset).catch(() => {}); // what is missing is told with the first press
  };
  const kept = (name) =>
    fetch(folder + name, { cache: "only-if-cached", mode: "same-origin" }).then(async (response) => {
      await response.text();
      return response.ok;
    }, () => false);
  const told = (cells, request) => ({
    cells, sheet, chapter, stages: worker.stages, folder: DISK ? undefined : folder, ...request,
  });

  // Python's memory as it is once it has started comes after the first check, since it is more than
  // what starts it: it is there when the reader comes back. What SymPy adds to it comes after the
  // first check that uses it.
  const SIZES = "sizes.json";
  const STAGES = [
    { memory: "python-image", files: /^(image|libraries|numeric)\b/ },
    { memory: "python-symbolic", files: /^symbolic\b/ },
  ];
  /** How many stages of it are there, for an exercise that uses SymPy or not. */
  const imaged = async (symbolic) => {
    const count = symbolic ? 2 : 1;
    if (DISK) return count;
    const there = STAGES.slice(0, count).findIndex(({ memory }) => !noted(memory));
    return there !== 0 && (await kept("image.json.packed")) ? (there < 0 ? count : there) : 0;
  };
  const asked = new Set();
  const foresee = async (symbolic) => {
    const { saveData, type } = navigator.connection ?? {};
    if (DISK || saveData || type === "cellular") return;
    for (const { memory, files } of STAGES.slice(0, symbolic ? 2 : 1)) {
      if (asked.has(memory) || noted(memory)) continue;
      asked.add(memory);
      const names = Object.keys(await (await fetch(folder + SIZES)).json());
      const needed = names.filter((name) => files.test(name));
      for (const name of needed) {
        const response = await fetch(folder + name, { priority: "low" });
        if (!response.ok) return;
        await response.arrayBuffer();
      }
      if (needed.length) note(memory);
    }
  };

  const hand = async (asking, name) => {
    const bytes = await content(name).catch(() => undefined);
    asking.postMessage({ file: name, content: bytes });
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
      const seconds = globalThis.backpassSeconds ?? SECONDS;
      let ended = false;
      const first = stop;
      stop = (reason) => {
        ended = true;
        first(reason);
      };
      read().then(async ({ text }) => {
        const { cells } = JSON.parse(text);
        await running(request.symbolic);
        if (ended) return end();
        worker.onmessage = ({ data: { kind, ...more } }) => {
          if (kind === "need") return hand(worker, more.name);
          clearTimeout(clock);
          if (kind === "done") {
            done(more.told);
            foresee(request.symbolic).catch(() => {}); // then another time
          }
          else if (kind === "failed") {
            const stopped = `Python stopped, and starts again with the next press: ${more.reason}`;
            stop(worker.ready && !more.missing ? stopped : `${MISSING}: ${more.reason}`);
          }
          else {
            if (more.soon) {
              const reason = `It was still running after ${seconds} s, and was stopped.`;
              clock = setTimeout(stop, 1000 * seconds, reason);
            }
            if (kind === "ready") {
              worker.ready = true;
              note(USED);
            }
            hear(kind, more);
          }
        };
        worker.onerror = (event) => {
          event.preventDefault();
          stop(`${MISSING}: ${event.message ?? "its files are missing, or the network is."}`);
        };
        worker.postMessage(told(cells, request));
      }).catch(failed);
    });
    const ended = answer.finally(() => {
      clearTimeout(clock);
      improve(); // which would have kept the answer waiting
    });
    return [ended, (reason) => stop(reason)];
  };

  // --- what is pressed and told -----------------------------------------------------------------
  const sections = [...document.querySelectorAll("section.exercise")];
  const points = new Map();
  const sum = document.querySelector(".mine .sum");
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

  const tell = (section, { points: worth, html, hint }) => {
    const status = section.querySelector("[role=status]");
    status.innerHTML = html;
    link(status);
    add(section, worth);
    section.querySelector(".hint").hidden = !hint;
  };

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
    const editor = editors.get(part(".editable").dataset.cell);
    const texts = () => Object.fromEntries([...editors].map(([name, editor]) => [name, editor.text]));
    const cell = part(".editable").dataset.cell;

    let cancel = () => { cancelled = true; };
    let cancelled = false;
    const stopped = "Stopped.";
    part(".stop").onclick = () => cancel(stopped);
    turn = turn.then(async () => {
      let told;
      const { text } = editor;
      try {
        if (cancelled) throw new Error(stopped);
        loading.replaceChildren(worker ? "Running …" : "Loading Python …");
        const symbolic = "symbolic" in section.dataset;
        const [answer, stop] = ask({ cell, action, answers: texts(), symbolic }, hear);
        cancel = stop;
        told = await answer;
      } catch (error) {
        told = { outputs: [{ kind: "error", text: error.message }], stopped: true };
      }
      const outputs = told.outputs.map(output);
      if (chapter) shown.replaceChildren(...beside(told, outputs));
      else if (action === "run") shown.replaceChildren(...outputs);
      else if (told.html) {
        tell(section, told);
        status.append(...outputs);
        editor.checked = { text, points: told.points, html: told.html };
      } else {
        status.replaceChildren(made("strong", `0 of ${section.dataset.points} points`), ...outputs);
        add(section, 0);
      }
      section.ariaBusy = "false";
      loading.hidden = true;
      if (document.activeElement === part(".stop")) part(action === "run" ? ".run" : ".check").focus();
      part(".stop").hidden = true;
      for (const button of buttons) button.removeAttribute("aria-disabled");
      return told;
    });
    return turn;
  };

  /** What a chapter's cell shows here, unless that is what stands in the page. */
  const beside = ({ same }, outputs) => {
    if (same) return [made("p", outputs.length ? "✓ Run here, with this result." : "✓ Run here.", "same")];
    return outputs.length ? [made("p", "Run here, it shows:", "other"), ...outputs] : [made("p", "Run here.", "other")];
  };

  const runAll = async () => {
    const button = document.querySelector(".run-all");
    const said = made("span", "", "said");
    said.setAttribute("aria-live", "polite");
    button.replaceWith(said);
    let same = 0;
    let stopped = false;
    for (const [place, section] of tried.entries()) {
      said.textContent = `Running the open code: ${place + 1} of ${tried.length}`;
      const told = await press(section, "run");
      same += Boolean(told.same);
      stopped = told.stopped;
      if (stopped) break;
    }
    said.textContent = stopped
      ? `Stopped. Each open piece of code can be run by itself.`
      : `${same} of ${tried.length} pieces of code gave here what this page shows. Change one and run it.`;
  };

  for (const section of sections) {
    for (const kind of ["pointermove", "pointerdown", "focusin"]) {
      section.addEventListener(kind, warm, { once: true, passive: true });
    }
    const editor = editors.get(section.querySelector(".editable").dataset.cell);
    Object.defineProperty(section, "answer", {
      get: () => editor.text,
      set: (text) => { editor.text = String(text); },
    });
    if (editor.checked?.text === editor.text) tell(section, editor.checked);
    for (const action of ["run", "check", "hint"]) {
      section.querySelector(`.${action}`).addEventListener("click", () => press(section, action));
    }
  }
  for (const section of tried) {
    section.querySelector(".run").addEventListener("click", () => press(section, "run"));
  }
  if (chapter) {
    runAll();
    return;
  }

  // --- the notebook, to take along and to hand in ------------------------------------------------
  const bar = document.querySelector(".mine");
  const said = bar.querySelector(".said");
  refused = () => {
    said.textContent = "This browser keeps nothing of a page: download your notebook before you leave.";
  };
  bar.querySelector(".save").addEventListener("click", async () => {
    try {
      const { name, text } = await read();
      const whole = JSON.parse(text);
      for (const cell of whole.cells) {
        const editor = editors.get(cell.id);
        if (editor) cell.source = editor.text.split(/(?<=\n)/);
        if (cell.cell_type === "code") Object.assign(cell, { outputs: [], execution_count: null });
      }
      backpassSave(name, `${JSON.stringify(whole, null, 1)}\n`);
    } catch (error) {
      said.textContent = error.message;
    }
  });
  const choose = bar.querySelector("input");
  bar.querySelector(".open").addEventListener("click", () => choose.click());
  choose.addEventListener("change", async () => {
    const [file] = choose.files;
    if (!file) return;
    let count = 0;
    try {
      for (const cell of JSON.parse(await file.text()).cells) {
        const editor = editors.get(cell.metadata?.nbgrader?.grade_id) ?? editors.get(cell.id);
        if (!editor) continue;
        count += 1;
        editor.replace([cell.source].flat().join(""));
      }
    } catch {
      // no notebook, as is said below
    }
    choose.value = "";
    said.textContent = count
      ? `${file.name} is open: its answers are in this page.`
      : `${file.name} is no notebook of these exercises.`;
  });
})();
