// Python beside the page, in a thread of its own: it is told a sheet's cells, then which button was
// pressed, and tells what came of it. The page ends it where something takes too long.
import { loadPyodide } from "./pyodide.mjs";
import sizes from "./sizes.mjs";

const here = new URL(".", import.meta.url).href;
const quiet = { messageCallback() {} };
const say = (kind, more = {}) => postMessage({ kind, ...more });

// How much has come, of how much: all that is loaded goes through here but two scripts.
const fetched = globalThis.fetch;
let loaded = 0;
let total = 0;
const expect = (names) => {
  total += names.reduce((sum, name) => sum + sizes[name], 0);
};
globalThis.fetch = async (...request) => {
  const response = await fetched(...request);
  if (!response.ok || !response.body) return response;
  const counter = new TransformStream({
    transform(chunk, out) {
      loaded += chunk.length;
      say("loading", { loaded, total });
      out.enqueue(chunk);
    },
  });
  const { headers, status, statusText } = response;
  return new Response(response.body.pipeThrough(counter), { headers, status, statusText });
};

const named = (part) => Object.keys(sizes).filter((name) => name.startsWith(part));

const begin = async (cells) => {
  expect(["pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json", "backpass.zip", ...named("numpy-")]);
  const archive = fetch(`${here}backpass.zip`).then((response) => response.arrayBuffer());
  const python = await loadPyodide({ indexURL: here, packages: ["numpy"] });
  const place = python.runPython("import sysconfig; sysconfig.get_path('purelib')");
  python.unpackArchive(await archive, "zip", { extractDir: place });
  const { Sheet } = python.pyimport("sheet");
  const sheet = Sheet(python.toPy(cells), (cell) => say("running", { cell }));
  say("ready");
  return { python, sheet };
};

let ready;
onmessage = async ({ data: { cells, cell, action, answers } }) => {
  try {
    const { python, sheet } = await (ready ??= begin(cells));
    const texts = python.toPy(answers);
    const needed = sheet.needed(cell, action, texts);
    if (/\bsympy\b/.test(needed) && !python.loadedPackages.sympy) expect([...named("sympy-"), ...named("mpmath-")]);
    await python.loadPackagesFromImports(needed, quiet);
    const told = sheet.press(cell, action, texts);
    say("done", { told: told.toJs({ dict_converter: Object.fromEntries }) });
  } catch (error) {
    say("failed", { reason: String(error?.message ?? error) });
  }
};
