// Python of the pages, in Node: node bytecode.mjs CORE SCRIPT FOLDER runs the script, which finds
// and leaves its files in the folder.
import { readFileSync } from "node:fs";

// Node would show the line of Pyodide that raises it, which is all of Pyodide, and nothing else.
process.on("uncaughtException", ({ message }) => {
  console.error(message);
  process.exitCode = 1;
});

const [core, script, folder] = process.argv.slice(2);
const { loadPyodide } = await import(new URL(`${core}/pyodide.mjs`));
const python = await loadPyodide({
  // What is compiled depends on nothing but its source, and tells lines, not columns.
  env: { PYTHONHASHSEED: "0", PYTHONNODEBUGRANGES: "1", HOME: "/home/pyodide" },
});
python.mountNodeFS("/given", folder);
python.runPython(readFileSync(script, "utf8"));
