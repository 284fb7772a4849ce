// Sets formulas for katex.py, which says what goes to and fro: a line of JSON in, a line of JSON out.
const lines = require("node:readline").createInterface({ input: process.stdin });
let katex, lean;

lines.on("line", (line) => {
  const { source, style, tex, options } = JSON.parse(line);
  if (source !== undefined) {
    const module = { exports: {} };
    new Function("module", "exports", source)(module, module.exports);
    katex = module.exports;
    lean = require("./lean.cjs")(katex.__domTree, style);
    return;
  }
  let answer;
  try {
    answer = { html: lean(katex.__renderToDomTree(tex, options)).toMarkup() };
  } catch (error) {
    if (!(error instanceof katex.ParseError)) throw error;
    answer = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
