"""The editor in which an answer is written: CodeMirror, joined into one script."""

import json
import re
from pathlib import Path

from backpass.book.scripts import without_comments
from backpass.files import fetched

#: The editor of code, which a page loads by itself.
EDITOR = "editor.js"
#: A module of it, below node_modules.
MODULE = re.compile(r"((?:@[\w-]+/)?[\w-]+)/(?:dist/)?[\w-]+\.cjs")

#: What joins modules that ask for each other by name.
JOINED = """\
(() => {{
const parts = {{
{}
}};
const made = {{}};
const require = (name) => {{
  if (!made[name]) {{
    made[name] = {{ exports: {{}} }};
    parts[name](made[name], made[name].exports, require);
  }}
  return made[name].exports;
}};
require("editor");
}})();
"""


def editor() -> bytes:
    """CodeMirror and how it is used here, as one script."""
    modules = {
        found[1]: without_comments(fetched.read(file).decode())
        for file in fetched.locked()
        if (found := MODULE.fullmatch(file))
    }
    modules["editor"] = Path(__file__).with_name(EDITOR).read_text(encoding="utf-8")
    parts = (
        f"{json.dumps(name)}: (module, exports, require) => {{\n{text}}},"
        for name, text in modules.items()
    )
    return JOINED.format("\n".join(parts)).encode()
