// Python beside the page, in a thread of its own: it is told a sheet's cells, then which button was
// pressed, and tells what came of it. The page ends it where something takes too long. Where there
// is Python's memory, other threads of this kind gather it meanwhile, each a stage.
//
// Served, it loads what it needs from its own folder. From disk a browser lets a thread load
// nothing: there it is made of its text, and asks the page, which may load scripts, for each file.
// image.js stands before it in that text.
(() => {
  const say = (kind, more = {}, given = []) => postMessage({ kind, ...more }, given);

  const TYPES = { mjs: "text/javascript", wasm: "application/wasm", json: "application/json" };
  const type = (name) => TYPES[name.split(".").pop()] ?? "application/octet-stream";
  const SIZES = "sizes.json";
  const last = (address) => String(address).split("/").pop();

  let folder; // the address of the files, where they can be fetched
  const waiting = new Map(); // by the name of a file that the page was asked for
  const ask = (name) => new Promise((done, failed) => {
    waiting.set(name, [done, failed]);
    say("need", { name });
  });

  // How much has come, of how much.
  let sizes = {};
  let loaded = 0;
  let total = 0;
  const expect = (...parts) => {
    for (const [name, size] of Object.entries(sizes)) {
      if (parts.some((part) => name.startsWith(part))) total += size;
    }
  };
  const come = (bytes) => {
    loaded += bytes;
    if (total) say("loading", { loaded, total });
  };

  const counter = () => new TransformStream({
    transform(chunk, out) {
      come(chunk.length);
      out.enqueue(chunk);
    },
  });
  let counted = true; // which takes time, and only who waits for a download sees it

  const missing = (name) => Object.assign(new Error(`${name} is missing, or the network is.`), { missing: true });

  // The content of a file of the book, which is kept compressed, and stays so if it is to be `packed`.
  const fetched = globalThis.fetch;
  const take = async (name, packed = false) => {
    const kept = name === SIZES ? name : `${name}.packed`;
    if (name !== SIZES && !(kept in sizes)) throw new TypeError(`${name} is none of the book's files.`);
    const response = folder
      ? await fetched(folder + kept).catch(() => ({ ok: false }))
      : new Response(await ask(kept));
    if (!response.ok) throw missing(kept);
    const stream = counted ? response.body.pipeThrough(counter()) : response.body;
    return new Response(
      name === SIZES || packed ? stream : stream.pipeThrough(new DecompressionStream("gzip")),
      { headers: { "Content-Type": type(name) } },
    );
  };
  const instead = new Map(); // by name, what Pyodide is given in place of a file
  globalThis.fetch = async (source) => {
    const name = last(source.url ?? source);
    return instead.has(name) ? new Response(instead.get(name)) : take(name);
  };
  const bring = async (name) => {
    const script = new Blob([await (await take(name)).arrayBuffer()], { type: type(name) });
    return import(URL.createObjectURL(script));
  };

  // What somebody else's answer has no use for: what other pages keep, and the network.
  const withdraw = () => {
    const names = ["indexedDB", "caches", "XMLHttpRequest", "WebSocket", "WebTransport", "EventSource"];
    const taken = [...names, "BroadcastChannel", "Worker", "SharedWorker"].map((name) => [globalThis, name]);
    for (const [owner, name] of [...taken, [navigator, "storage"]]) {
      Object.defineProperty(owner, name, { value: undefined });
    }
  };

  // Pyodide as it starts by itself, or as it is `changed` to.
  const pyodide = async (changed = ({ default: create }) => ({ createPyodideModule: create })) => {
    const [{ loadPyodide }, core] = await Promise.all(["pyodide.mjs", "pyodide.asm.mjs"].map(bring));
    return loadPyodide({
      indexURL: "https://here.invalid/", // asked of nobody: all goes through fetch above
      ...changed(core),
    });
  };
  const bytes = async (...what) => new Uint8Array(await (await take(...what)).arrayBuffer());
  const EMPTY = Uint8Array.of(80, 75, 5, 6, ...Array(18).fill(0)); // a zip without files

  // A stage of the memory. The next file is asked for while one is unpacked; not all at once, since
  // from disk they come one after the other, with those that start Python.
  const gather = async (stage) => {
    sizes = await (await take(SIZES)).json();
    const { stages } = await (await take("image.json")).json();
    const { parts, length } = stages[stage];
    const kept = new Uint8Array(length);
    let coming = take(parts[0]);
    let place = 0;
    for (const next of [...parts.slice(1), undefined]) {
      const part = await coming;
      coming = next && take(next);
      coming?.catch(() => {}); // told where it is waited for
      const content = new Uint8Array(await part.arrayBuffer());
      kept.set(content, place);
      place += content.length;
    }
    return kept;
  };

  let symbolic = false; // SymPy has come
  let arrive;
  const arrived = new Promise((done) => { arrive = done; }); // the stages, if they could be gathered

  // Python as it was when it had imported what exercises import, which the book keeps.
  const resume = async (count) => {
    const { creating, sum, differ } = globalThis.backpassImage;
    const told = await (await take("image.json")).json();
    const stages = told.stages.slice(0, count);
    const last = stages.at(-1);
    const cut = (all) => {
      let place = 0;
      const parts = told.libraries.map(([name, size]) => [name, all.subarray(place, place += size)]);
      return Promise.all(parts.map(async ([name, code]) => [name, await WebAssembly.compile(code)]));
    };
    const head = new Uint8Array(last.head); // what Pyodide notes of its memory
    instead.set("python_stdlib.zip", EMPTY); // which is unpacked when something of it is imported
    let later;
    const python = await pyodide(({ default: create }) => {
      // These come while the browser compiles Python.
      const libraries = bytes("libraries.bin").then(cut);
      later = libraries.then(() => Promise.all(last.later.map(async (name) => [name, await bytes(name, true)])));
      later.catch(() => {}); // told where it is waited for
      let memory;
      let begins;
      const begin = creating(create, {
        libraries,
        size: last.size,
        lives: true,
        begun: (found) => {
          memory = found;
          begins = sum(new Int32Array(memory.buffer, 0, told.begins / 4));
        },
      });
      return {
        _loadSnapshot: head,
        createPyodideModule: async (settings) => {
          const [module, gathered] = await Promise.all([begin(settings), arrived]);
          if (!gathered) throw missing("Python's memory");
          if (begins !== told.sum) throw new Error("This browser begins otherwise.");
          gathered.forEach((kept, place) => {
            const { head: size, runs } = stages[place];
            differ(new Int32Array(memory.buffer), runs, new Int32Array(kept.buffer, size));
          });
          head.set(gathered.at(-1).subarray(0, last.head));
          return module;
        },
      };
    });
    for (const [name, content] of await later) python.FS.writeFile(`/${name}`, content);
    python.runPython("begin()"); // of keeping.py
    symbolic = count > 1;
    return python;
  };

  const unpack = async (python, name) => {
    const content = await (await take(name)).arrayBuffer();
    const place = python.runPython("import sysconfig; sysconfig.get_path('purelib')");
    python.unpackArchive(new Uint8Array(content), "zip", { extractDir: place });
  };
  const start = async () => {
    const python = await pyodide();
    for (const name of ["numpy.zip", "backpass.zip"]) await unpack(python, name);
    return python;
  };

  let whole = false; // all checks are there
  const begin = async (stages) => {
    sizes = await (await take(SIZES)).json();
    let python;
    if (stages && "image.json.packed" in sizes) {
      counted = false;
      python = await resume(stages).catch(() => undefined); // then as at a first visit
      whole = python !== undefined;
      counted = true;
    }
    if (!python) {
      expect("pyodide", "python_stdlib", "numpy", "backpass");
      instead.clear();
      python = await start();
    }
    withdraw();
    return python;
  };

  let begun;
  const open = async ({ cells, sheet: name, chapter, stages }) => {
    const python = await (begun ??= begin(stages));
    if (chapter) {
      python.runPython("import os; os.environ['BACKPASS_SECONDS'] = '60'"); // of reader's own code
    } else if (!whole) {
      const checks = `checks-${name}.zip`;
      expect(checks);
      await unpack(python, checks);
    }
    const made = python.pyimport("sheet")[chapter ? "Chapter" : "Sheet"];
    const sheet = made(python.toPy(cells), (cell, soon) => say("running", { cell, soon }));
    say("ready");
    return { python, sheet };
  };

  // What brings SymPy along.
  const SYMBOLIC = /\b(?:import|from)\s+(?:sympy|mpmath|backpass\.symbolic)\b/;

  const opened = {}; // by the name of the sheet
  const press = async ({ cell, action, answers, ...given }) => {
    const { python, sheet } = await (opened[given.sheet] ??= open(given));
    if (action === "start") return;
    const texts = python.toPy(answers);
    const needed = sheet.needed(cell, action, texts);
    if (SYMBOLIC.test(needed) && !symbolic) {
      expect("sympy", "mpmath");
      for (const name of ["mpmath.zip", "sympy.zip"]) await unpack(python, name);
      symbolic = true;
    }
    const told = sheet.press(cell, action, texts);
    say("done", { told: told.toJs({ dict_converter: Object.fromEntries }) });
  };

  // Pyodide takes no script for a thread that is no module; from disk there is no other, and what
  // it looks for is only whether this function works.
  if (globalThis.importScripts) {
    globalThis.importScripts = () => { throw new TypeError("not here"); };
  }
  globalThis.onmessage = async ({ data }) => {
    if (data.file) {
      const [done, failed] = waiting.get(data.file);
      waiting.delete(data.file);
      if (data.content) done(data.content);
      else failed(missing(data.file));
      return;
    }
    if ("gathered" in data) {
      arrive(data.gathered);
      return;
    }
    folder = data.folder;
    try {
      if ("gather" in data) {
        counted = false;
        const kept = await gather(data.gather);
        say("gathered", { kept }, [kept.buffer]);
      } else await press(data);
    } catch (error) {
      // What Pyodide tells of itself is long; its last line says what happened.
      const reason = String(error?.message ?? error).trim().split("\n").pop();
      say("failed", { reason, missing: error?.missing });
    }
  };
})();
