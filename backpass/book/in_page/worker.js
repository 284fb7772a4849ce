// Python beside the page, in a thread of its own: it is told a sheet's cells, then which button was
// pressed, and tells what came of it. The page ends it where something takes too long.
//
// Served, it loads what it needs from its own folder. From disk a browser lets a thread load
// nothing: there it is made of its text, and asks the page, which may load scripts, for each file.
(() => {
  const port = globalThis.backpassPort ?? globalThis; // the page's own thread, where there is no other
  const quiet = { messageCallback() {} };
  const say = (kind, more = {}) => port.postMessage({ kind, ...more });

  const TYPES = { mjs: "text/javascript", wasm: "application/wasm", json: "application/json" };
  const type = (name) => TYPES[name.split(".").pop()] ?? "application/octet-stream";
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

  const fetched = globalThis.fetch;
  globalThis.fetch = async (source, options) => {
    const name = last(source.url ?? source);
    if (!(name in sizes)) throw new TypeError(`${name} is none of the book's files.`);
    if (!folder) {
      const content = await ask(name);
      come(content.byteLength);
      return new Response(content, { headers: { "Content-Type": type(name) } });
    }
    const response = await fetched(source, options);
    if (!response.ok || !response.body) return response;
    const counter = new TransformStream({
      transform(chunk, out) {
        come(chunk.length);
        out.enqueue(chunk);
      },
    });
    const { headers, status, statusText } = response;
    return new Response(response.body.pipeThrough(counter), { headers, status, statusText });
  };
  const bring = async (name) => {
    if (folder) return import(folder + name);
    const script = new Blob([await ask(name)], { type: "text/javascript" });
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

  const unpack = async (python, name) => {
    const content = await (await fetch((folder ?? "") + name)).arrayBuffer();
    const place = python.runPython("import sysconfig; sysconfig.get_path('purelib')");
    python.unpackArchive(content, "zip", { extractDir: place });
  };
  const begin = async () => {
    ({ default: sizes } = await bring("sizes.mjs"));
    expect("pyodide.asm.wasm", "python_stdlib", "pyodide-lock", "numpy", "backpass.zip");
    const { loadPyodide } = await bring("pyodide.mjs");
    const python = await loadPyodide({
      indexURL: folder ?? "https://here.invalid/", // asked of nobody: all goes through fetch above
      createPyodideModule: (await bring("pyodide.asm.mjs")).default,
      packages: ["numpy"],
    });
    await unpack(python, "backpass.zip");
    withdraw();
    return python;
  };

  let begun;
  const open = async ({ cells, sheet: chapter }) => {
    const python = await (begun ??= begin());
    const checks = `checks-${chapter}.zip`;
    expect(checks);
    await unpack(python, checks);
    const { Sheet } = python.pyimport("sheet");
    const sheet = Sheet(python.toPy(cells), (cell, soon) => say("running", { cell, soon }));
    say("ready");
    return { python, sheet };
  };

  // What brings SymPy along.
  const SYMBOLIC = /\b(?:import|from)\s+(?:sympy|mpmath|backpass\.symbolic)\b/;

  const opened = {}; // by the name of the sheet
  const press = async ({ cell, action, answers, ...given }) => {
    const { python, sheet } = await (opened[given.sheet] ??= open(given));
    const texts = python.toPy(answers);
    const needed = sheet.needed(cell, action, texts);
    if (SYMBOLIC.test(needed) && !python.loadedPackages.sympy) {
      expect("sympy", "mpmath");
      await python.loadPackage(["sympy", "mpmath"], quiet);
      if (!python.loadedPackages.sympy) throw new Error("SymPy is missing, or the network is.");
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
      else failed(new Error(`${data.file} is missing.`));
      return;
    }
    folder = data.folder;
    try {
      await press(data);
    } catch (error) {
      // What Pyodide tells of itself is long; its last line says what happened.
      const reason = String(error?.message ?? error).trim().split("\n").pop();
      say("failed", { reason });
    }
  };
})();
