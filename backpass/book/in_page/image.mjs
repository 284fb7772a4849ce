// Start Python in Node as a page does, and keep its memory: node image.mjs CORE SCRIPT FOLDER.
//
// The folder has Python's library, python_stdlib.zip, the packages as files, and stages.json: what is
// imported first, and what besides. After each stage the memory is kept, of a later one what it
// changes. What comes of it is written into the folder: the memories, in parts, and what has to be
// known to take them up, image.json.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import "./image.js";

// Node would show the line of Pyodide that raises it, which is all of Pyodide, and nothing else.
process.on("uncaughtException", ({ message }) => {
  console.error(message);
  process.exitCode = 1;
});

Date.now = () => 10 ** 12; // so that the same comes of the same

const [core, script, folder] = process.argv.slice(2);
const { creating, sum, differences } = globalThis.backpassImage;
const { loadPyodide } = await import(`${core}/pyodide.mjs`);
const { default: create } = await import(`${core}/pyodide.asm.mjs`);

const names = readdirSync(`${folder}/packages`, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`.slice(`${folder}/packages/`.length))
  .filter((name) => !name.includes(".dist-info/")) // which Pyodide would keep a list of
  .sort();
const content = (name) => readFileSync(`${folder}/packages/${name}`);
const libraries = names.filter((name) => name.endsWith(".so"));
const compiled = libraries.map(async (name) => [name, await WebAssembly.compile(content(name))]);

let before;
const python = await loadPyodide({
  stdLibURL: new URL(`file://${folder}/python_stdlib.zip`).href,
  _makeSnapshot: true,
  fsInit: async (files, { sitePackages }) => {
    for (const name of names) {
      const path = `${sitePackages}/${name}`;
      files.mkdirTree(path.slice(0, path.lastIndexOf("/")));
      files.writeFile(path, content(name));
    }
  },
  createPyodideModule: creating(create, {
    libraries: Promise.all(compiled),
    begun: (memory) => {
      before = memory.slice();
    },
  }),
});
// Not the folder itself: its dates would be in the memory.
python.FS.mkdirTree("/given");
python.FS.writeFile("/given/stages.json", readFileSync(`${folder}/stages.json`));
python.runPython(readFileSync(script, "utf8"));

const PART = 1 << 22; // bytes; a browser may not keep what is larger, packed, than a few megabytes
const begun = new Int32Array(before.buffer);
const stages = [];
const imported = {};
let last = begun;
while (python.runPython("bring()")) {
  const image = python.makeMemorySnapshot();
  const head = new Uint32Array(image.buffer)[1];
  const words = new Int32Array(image.buffer, head);
  const [runs, differing] = differences(last, words);
  const kept = new Uint8Array(head + differing.byteLength);
  kept.set(image.subarray(0, head));
  kept.set(new Uint8Array(differing.buffer), head);
  const told = JSON.parse(python.FS.readFile("/given/told.json", { encoding: "utf8" }));
  imported[told.name] = told.imported;
  const parts = [];
  for (let place = 0; place < kept.length; place += PART) {
    parts.push(`${told.name}-${parts.length}.bin`);
    writeFileSync(`${folder}/${parts.at(-1)}`, kept.subarray(place, place + PART));
  }
  stages.push({
    parts,
    length: kept.length,
    runs,
    head, // bytes before the memory
    size: image.length - head, // of the memory
    later: told.later,
  });
  last = words;
}
writeFileSync(`${folder}/imported.json`, JSON.stringify(imported));
writeFileSync(`${folder}/image.json`, JSON.stringify({
  stages,
  begins: before.length,
  sum: sum(begun),
  libraries: libraries.map((name) => [name, content(name).length]),
}));
