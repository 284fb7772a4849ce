// Sets formulas for katex.py, which says what goes to and fro: a line of JSON in, a line of JSON out.
const lines = require("node:readline").createInterface({ input: process.stdin });
let katex;

lines.on("line", (line) => {
  const { source, tex, options } = JSON.parse(line);
  if (source !== undefined) {
    const module = { exports: {} };
    new Function("module", "exports", source)(module, module.exports);
    katex = module.exports;
    return;
  }
  let answer;
  try {
    answer = { html: katex.renderToString(tex, options) };
  } catch (error) {
    if (!(error instanceof katex.ParseError)) throw error;
    answer = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
