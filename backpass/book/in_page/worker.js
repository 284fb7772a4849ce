// Python beside the page, in a thread of its own: it is told a sheet's cells, then which button was
// pressed, and tells what came of it. The page ends it where something takes too long.
//
// Served, it loads what it needs from its own folder. From disk a browser lets a thread load
// nothing: there it is made of its text, and asks the page, which may load scripts, for each file.
// image.js stands before it in that text.
(() => {
  const port = globalThis.backpassPort ?? globalThis; // the page's own thread, where there is no other
  const say = (kind, more = {}) => port.postMessage({ kind, ...more });

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

  const missing = (name) => Object.assign(new Error(`${name} is missing, or the network is.`), { missing: true });

  // The content of a file of the book, which is kept compressed.
  const fetched = globalThis.fetch;
  const take = async (name) => {
    const kept = name === SIZES ? name : `${name}.packed`;
    if (name !== SIZES && !(kept in sizes)) throw new TypeError(`${name} is none of the book's files.`);
    const counter = new TransformStream({
      transform(chunk, out) {
        come(chunk.length);
        out.enqueue(chunk);
      },
    });
    const response = folder
      ? await fetched(folder + kept).catch(() => ({ ok: false }))
      : new Response(await ask(kept));
    if (!response.ok) throw missing(kept);
    const stream = response.body.pipeThrough(counter);
    return new Response(
      name === SIZES ? stream : stream.pipeThrough(new DecompressionStream("gzip")),
      { headers: { "Content-Type": type(name) } },
    );
  };
  globalThis.fetch = async (source) => take(last(source.url ?? source));
  const bring = async (name) => {
    const script = new Blob([await (await take(name)).arrayBuffer()], { type: type(name) });
    return import(URL.createObjectURL(script));
  };

  // What somebody else's answer has no use for: what other pages keep, and the network.
  const withdraw = () => {
    const names = ["indexedDB", "caches", "XMLHttpRequest", "WebSocket", "WebTransport", "EventSource"];
    const taken = [...names, "BroadcastChannel", "Worker", "SharedWorker"].map((name) => [globalThis, name]);
    if (port !== globalThis) return; // the page's own
    for (const [owner, name] of [...taken, [navigator, "storage"]]) {
      Object.defineProperty(owner, name, { value: undefined });
    }
  };

  // Pyodide as it starts by itself, or as it is `changed` to.
  const pyodide = async (changed = ({ default: create }) => ({ createPyodideModule: create })) => {
    const { loadPyodide } = await bring("pyodide.mjs");
    return loadPyodide({
      indexURL: "https://here.invalid/", // asked of nobody: all goes through fetch above
      ...changed(await bring("pyodide.asm.mjs")),
    });
  };
  const bytes = async (name) => new Uint8Array(await (await take(name)).arrayBuffer());

  // Python as it was when it had imported what exercises import, which the book keeps.
  const resume = async () => {
    const { creating, sum, differ } = globalThis.backpassImage;
    const told = await (await take("image.json")).json();
    const kept = Promise.all(told.parts.map(bytes));
    const later = bytes("packages.zip");
    const cut = async () => {
      const all = await bytes("libraries.bin");
      let place = 0;
      const parts = told.libraries.map(([name, size]) => [name, all.subarray(place, place += size)]);
      return Promise.all(parts.map(async ([name, code]) => [name, await WebAssembly.compile(code)]));
    };
    const libraries = cut();
    Promise.all([kept, later, libraries]).catch(() => {}); // it is told where they are waited for
    const image = new Uint8Array(told.length);
    const python = await pyodide(({ default: create }) => {
      let memory;
      const begin = creating(create, {
        libraries, size: told.size, lives: true, begun: (found) => { memory = found; },
      });
      return {
        _loadSnapshot: image,
        createPyodideModule: async (settings) => {
          const module = await begin(settings);
          let place = 0;
          for (const part of await kept) {
            image.set(part, place);
            place += part.length;
          }
          const before = new Uint32Array(memory.buffer, 0, told.begins / 4);
          if (sum(before) !== told.sum) throw new Error("This browser begins otherwise.");
          differ(new Uint32Array(image.buffer, told.head), before);
          return module;
        },
      };
    });
    python.FS.writeFile(told.later, await later);
    python.runPython("import random, numpy; random.seed(); numpy.random.seed()"); // as if just imported
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
  const begin = async (image) => {
    sizes = await (await take(SIZES)).json();
    expect("pyodide", "python_stdlib");
    let python;
    if (image && "image.json.packed" in sizes) {
      expect("image", "libraries", "packages");
      python = await resume().catch(() => undefined); // then as at a first visit
      whole = python !== undefined;
    }
    if (!python) {
      expect("numpy", "backpass");
      python = await start();
    }
    withdraw();
    return python;
  };

  let begun;
  const open = async ({ cells, sheet: name, chapter, image }) => {
    const python = await (begun ??= begin(image));
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

  let symbolic = false; // SymPy has come
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
  port.onmessage = async ({ data }) => {
    if (data.file) {
      const [done, failed] = waiting.get(data.file);
      waiting.delete(data.file);
      if (data.content) done(data.content);
      else failed(missing(data.file));
      return;
    }
    folder = data.folder;
    try {
      await press(data);
    } catch (error) {
      // What Pyodide tells of itself is long; its last line says what happened.
      const reason = String(error?.message ?? error).trim().split("\n").pop();
      say("failed", { reason, missing: error?.missing });
    }
  };
})();
