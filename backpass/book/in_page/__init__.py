"""Exercises worked in their page: an answer is an editor, its check runs in the reader's browser.

What the browser runs is written beside the pages, into ``_python/<hash of it>/``: Pyodide and the
packages (`backpass.files.runtime`), the package's own rooms as they are, and ``sheet``, which runs
a sheet's cells. ``theme/static/in_page.js`` has ``worker.js`` load them when a reader first asks. A
page names only that folder, so a browser may keep what is in it for ever. For pages from disk the
same files lie in ``disk`` as scripts. Python's memory as it is once it has started (``image``,
``keeping``) lies there too: who comes back begins with it.

Where Python for the pages was not fetched, pages are as they would be without this module.
"""

import ast
import base64
import functools
import gzip
import hashlib
import importlib.util
import io
import json
import re
import sys
import zipfile
from html import escape
from importlib import metadata
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

import backpass
from backpass import files
from backpass.book.folding import is_cell
from backpass.book.in_page import image, sheet
from backpass.book.search import without_comments
from backpass.book.sheets import answered, graded
from backpass.files import bytecode, fetched, runtime
from backpass.files.wheels import packed

HERE = Path(__file__).parent
PACKAGE = Path(backpass.__file__).parent

#: Rooms of the package that no sheet and no check imports.
ELSEWHERE = ("book", "course", "explore", "files", "notebooks")

#: What is called: `check.bptt(bptt)`.
CALL = re.compile(r"\bcheck\.(\w+)\(")
#: A cell for a first thought: `my_prediction = ...`.
THOUGHT = re.compile(r"\w+(?:, \w+)* = \.\.\.")

#: The licences of what is brought without its own text, by their names in SPDX's list.
LICENCES = {"Pyodide": "MPL-2.0", "CPython": "Python-2.0.1"}
#: What the packages are by and under, for who finds them in the folder.
ABOUT = """\
Python for this book's pages. Each licence stands beside this file.

{}
Of the packages and of Python's own library, the modules that the exercises import are compiled,
and have no docstrings then, except NumPy's; files that are of no use in a page are left out. What
begins with "image" is Python's memory when these modules have been imported, "libraries" NumPy's
compiled code, "packages" what of NumPy has not been imported.

Pyodide's sources, with those of what it was built from: https://github.com/pyodide/pyodide
"""


class exercise(nodes.General, nodes.Element):
    """An answer, what tries it and its check; with ``slug``, ``points``, ``title`` and whether it
    is ``symbolic``.
    """


class editable(nodes.General, nodes.Element):
    """A cell that a learner fills in; ``cell`` is its name in the notebook."""


def mark(app: Sphinx, doctree: nodes.document) -> None:
    """Find the exercises of a sheet, and the cells that a learner fills in."""
    if not app.env.docname.startswith("exercises/"):
        return
    notebook = json.loads(Path(app.env.doc2path(app.env.docname)).read_text(encoding="utf-8"))
    names = [cell["id"] for cell in notebook["cells"]]
    page = sheet.Sheet(notebook["cells"])

    def fill_in(cell, *others):
        told = "\n".join(one.astext() for one in [cell, *others])
        box = editable("", cell=names[cell["cell_index"]], edition=edition(told))
        cell.replace_self(box)
        box += cell

    for answer, *others in list(answered(doctree)):
        *_, last = others or [answer]
        parent, section = answer.parent, answer.parent
        found = CALL.search(last.astext())
        while section and not isinstance(section, nodes.section):
            section = section.parent
        title = section[0].astext() if section else ""
        name = names[answer["cell_index"]]
        box = exercise(
            "",
            slug=found[1] if found else name,
            title=re.sub(r" \([^()]* points?\)$", "", title),
            points=last["cell_metadata"]["nbgrader"].get("points", 0),
            symbolic=bool(
                found and symbolic(page.needed(names[answer["cell_index"]], "check", {}))
            ),
        )
        place = parent.index(answer)
        parent[place : place + 1 + len(others)] = [box]
        box += [answer, *others]
        fill_in(answer, *others)
    for cell in list(doctree.findall(is_cell)):
        if THOUGHT.match(cell.astext()) and not graded(cell, "solution"):
            fill_in(cell)


#: What a page does not bring along, and what of the package draws with it.
AWAY = {"autograd", "cma", "matplotlib", "pathlib", "scipy", "tracemalloc"}
DRAWS = {f"backpass.{name}" for name in ("draw", "explore", "labels", "picture", "style")}
#: What is SymPy or brings it along.
SYMBOLIC = {"sympy", "mpmath", "backpass.symbolic"}


def mark_chapter(app: Sphinx, doctree: nodes.document) -> None:
    """Find the open cells of a chapter that a page can run, once the others have been folded.

    What draws, reads a recorded run or asks another library stays as it is.
    """
    if not app.env.docname.startswith("chapters/"):
        return
    notebook = json.loads(Path(app.env.doc2path(app.env.docname)).read_text(encoding="utf-8"))
    chapter = sheet.Chapter(notebook["cells"])
    for cell in doctree.findall(is_cell):
        name = notebook["cells"][cell["cell_index"]]["id"]
        if runnable(chapter.needed(name, "run", {})):
            cell["classes"].append("runnable")
            cell["runs"] = name
            cell["symbolic"] = symbolic(chapter.needed(name, "run", {}))


def runnable(source: str) -> bool:
    """Whether a page has all that the source imports."""
    return not _imported(source) & (AWAY | DRAWS)


def symbolic(source: str) -> bool:
    """Whether the source imports SymPy, or what does."""
    return bool(_imported(source) & SYMBOLIC)


def _imported(source: str) -> set[str]:
    """The packages that the source imports, and the modules of this one."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            top, *inner = name.split(".")
            found.add(".".join([top, *inner[:1]]) if top == "backpass" else top)
    return found


def edition(text: str) -> str:
    """What tells this form of an exercise from another one."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def fill_in_prose(app: Sphinx, docname: str, source: list[str]) -> None:
    """Mark an answer in prose: of a cell of text no node of the page says that it was one."""
    if not docname.startswith("exercises/"):
        return
    notebook = json.loads(source[0])
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and cell["metadata"].get("nbgrader", {}).get("solution"):
            text = "".join(cell["source"])
            told = f'data-cell="{cell["id"]}" data-stub="{escape(text)}"'
            told += f' data-edition="{edition(text)}"'
            cell["source"] = f'<div class="editable prose" {told}>\n\n{text}\n\n</div>\n'
    source[0] = json.dumps(notebook)


#: What stands below an exercise's check. Without the script nothing of it is seen.
WORK = """\
<div class="work">
<button type="button" class="run">Run</button>
<button type="button" class="check">Check</button>
<button type="button" class="hint" hidden>How to mend it</button>
<button type="button" class="stop" hidden>Stop</button>
<span class="loading" hidden></span>
</div>
<div class="shown" aria-live="polite"></div>
<div role="status"></div>
</section>
"""


def visit_exercise(self, node: exercise) -> None:
    if self.config.backpass_in_page:
        tag = {"data-exercise": node["slug"], "data-points": f"{node['points']:g}"}
        tag |= {"data-symbolic": ""} if node["symbolic"] else {}
        title = f"Exercise: {node['title']}"
        self.body.append(
            self.starttag(node, "section", CLASS="exercise", **tag, **{"aria-label": title})
        )


def depart_exercise(self, node: exercise) -> None:
    if self.config.backpass_in_page:
        self.body.append(WORK)


def visit_editable(self, node: editable) -> None:
    if self.config.backpass_in_page:
        told = {"data-cell": node["cell"], "data-edition": node["edition"]}
        self.body.append(self.starttag(node, "div", CLASS="editable", **told))


def depart_editable(self, node: editable) -> None:
    if self.config.backpass_in_page:
        self.body.append("</div>\n")


def choose(app: Sphinx, config: Config) -> None:
    """Have pages run Python if there is what they would run."""
    try:
        config.backpass_in_page = name_of(contents())
    except fetched.FetchError:
        config.backpass_in_page = ""


@functools.cache
def contents() -> dict[str, bytes]:
    """The files that a browser loads, by their names; no name of them tells a version.

    Raises `fetched.FetchError` if there is no Python for the pages.
    """
    # Packages are loaded by their names: what the list says of others nobody asks.
    known = json.loads(fetched.read(runtime.LIST)) | {"packages": {}}
    own = {"pyodide-lock.json": json.dumps(known).encode()} | archives()
    python = runtime.packed()
    try:
        ahead = started(python)
    except fetched.FetchError as error:
        print(f"Each visit to a page starts Python anew: {error}", file=sys.stderr)
        ahead = {}
    found = python | bytecode.pack(own) | ahead
    sizes = {name: len(content) for name, content in found.items()}
    found["sizes.json"] = json.dumps(sizes).encode()
    scripts = [(HERE / name).read_bytes() for name in ("image.js", "worker.js")]
    return found | {"worker.js": b"".join(scripts), EDITOR: editor()}


#: The files of what `started` gives, which a page loads ahead for the next visit.
AHEAD = re.compile(r"(image|libraries|numeric|symbolic)\b.*")
#: What a sheet uses, besides the checks, and what where it uses SymPy.
USED = ("numpy", "numpy.fft", "numpy.linalg", "numpy.random", "numpy.typing", "sheet")
USED_SYMBOLIC = ("sympy", "backpass.symbolic")
#: Cells that bring in what is imported only when they run, at their end or when they go wrong.
CELLS = ("x = [n / 3 for n in range(3)]\nx", "def f(a):\n    return a / 0\n\nf(1)", "x.y", "if x:")
CELLS_SYMBOLIC = (
    "import sympy as sp\nimport numpy as np",
    'y = sp.Symbol("y", real=True)\nz = sp.diff(sp.exp(y) / (1 + y**2), y)\nz',
    'sp.lambdify(y, z, modules="numpy", cse=True)(np.ones(2))',
    "sp.simplify(sp.Matrix([z, z]) - sp.Matrix([y, y]).diff(y)).subs(y, sp.Rational(1, 3)).evalf()",
)


def started(python: dict[str, bytes]) -> dict[str, bytes]:
    """Python with what exercises import, as it is once it has started.

    `python` are its files, packed. Raises `fetched.FetchError` if it cannot be started here.
    """

    def unpacked(name: str) -> bytes:
        return gzip.decompress(python[f"{name}{bytecode.PACKED}"])

    def within(*zips: bytes) -> dict[str, bytes]:
        found = {}
        for archive in zips:
            with zipfile.ZipFile(io.BytesIO(archive)) as opened:
                found |= {name: opened.read(name) for name in opened.namelist()}
        return found

    packages = within(unpacked("numpy.zip"), *archives().values())
    checks = [name for name in packages if name.startswith("backpass/checks/")]
    modules = [re.sub(r"(/__init__)?\.py$", "", name).replace("/", ".") for name in checks]
    symbolic = within(unpacked("mpmath.zip"), unpacked("sympy.zip"))
    stages = [
        image.Stage("numeric", packages, {*USED, *modules}, CELLS),
        image.Stage("symbolic", symbolic, USED_SYMBOLIC, CELLS_SYMBOLIC),
    ]
    return image.keep(runtime.folders(), unpacked(image.LIBRARY), stages)


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
    modules["editor"] = (HERE / EDITOR).read_text(encoding="utf-8")
    parts = (
        f"{json.dumps(name)}: (module, exports, require) => {{\n{text}}},"
        for name, text in modules.items()
    )
    return JOINED.format("\n".join(parts)).encode()


def scripts(found: dict[str, bytes]) -> dict[str, bytes]:
    """The same files as scripts, where they are none, since a page from disk loads nothing else.

    ``backpassFile`` is called with the file's name and its content in base64.
    """
    return {
        f"{name}.js": f'backpassFile("{name}", "{base64.b64encode(content).decode()}");\n'.encode()
        for name, content in found.items()
        if name != EDITOR
    }


def name_of(found: dict[str, bytes]) -> str:
    """The folder of these contents: another one for each other content."""
    digest = hashlib.sha256()
    for name, content in sorted(found.items()):
        digest.update(name.encode() + hashlib.sha256(content).digest())
    return f"_python/{digest.hexdigest()[:10]}"


def archives() -> dict[str, bytes]:
    """Zips of what is imported besides: the checks of each chapter, as they are, and the rest."""
    parts: dict[str, dict[str, bytes]] = {"backpass.zip": {}}
    for path in sorted(PACKAGE.rglob("*.py")):
        room, *inner = path.relative_to(PACKAGE).parts
        if room in ELSEWHERE:
            continue
        name = f"checks-{inner[0]}.zip" if room == "checks" and inner[1:] else "backpass.zip"
        within = f"backpass/{path.relative_to(PACKAGE).as_posix()}"
        parts.setdefault(name, {})[within] = path.read_bytes()
    own = parts["backpass.zip"]
    own["sheet.py"] = (HERE / "sheet.py").read_bytes()
    # The one module of IPython that prints a value as Jupyter does; it imports no other.
    printer = Path(importlib.util.find_spec("IPython").origin).with_name("lib") / "pretty.py"
    own["IPython/lib/pretty.py"] = printer.read_bytes()
    own["IPython/display.py"] = b"display = print  # what IPython does where there is no notebook\n"
    return {name: packed(found, zipfile.ZIP_STORED) for name, found in parts.items()}


def licences() -> dict[str, str]:
    """The texts of the licences of what is not this book's own, and a note on each."""
    found = {}
    for name, code in LICENCES.items():
        listed = json.loads(fetched.read(f"spdx-license-list/licenses/{code}.json"))
        found[f"{name}.txt"] = f"{listed['licenseText'].strip()}\n"
    for name in runtime.PACKAGES:
        with zipfile.ZipFile(io.BytesIO(runtime.read(name))) as wheel:
            texts = [
                one for one in wheel.namelist() if re.search(r"info/licenses/LICENSE[^/]*$", one)
            ]
            found[f"{name}.txt"] = wheel.read(texts[0]).decode()
    printer = metadata.distribution("ipython")
    found["IPython.txt"] = next(
        one.read_text(encoding="utf-8") for one in printer.files if one.name.startswith("LICENSE")
    )
    texts = {}
    for file in fetched.locked():
        if MODULE.fullmatch(file):
            name = MODULE.fullmatch(file)[1]
            texts.setdefault(fetched.read(f"{name}/LICENSE").decode(), []).append(name)
    found["CodeMirror.txt"] = "\n\n".join(
        f"{', '.join(names)}\n\n{text}" for text, names in texts.items()
    )
    what = [file for file, _ in runtime.listed().values()]
    lines = [
        "Pyodide and, compiled by it, CPython",
        *what,
        f"IPython {printer.version}, one module",
        "CodeMirror, the editor, with what it is made of",
    ]
    found["ABOUT.txt"] = ABOUT.format("".join(f"- {line}\n" for line in lines))
    return found


def offer(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Tell a page what to load when somebody works or runs something in it."""
    found = list(doctree.findall(exercise)) if doctree is not None else []
    if found and app.config.backpass_in_page:
        context["in_page"] = app.config.backpass_in_page
        context["in_page_points"] = f"{sum(one['points'] for one in found):g}"
    runs = [one for one in doctree.findall(is_cell) if "runs" in one] if doctree else []
    if runs and app.config.backpass_in_page:
        context["in_page_folder"] = app.config.backpass_in_page
        context["in_page_cells"] = ":".join(one["runs"] for one in runs)  # which is no address
        context["in_page_symbolic"] = any(one["symbolic"] for one in runs)


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write what the pages load, and remove what no page loads any more."""
    if exception or app.builder.name != "html":
        return
    kept = {}
    if app.config.backpass_in_page:
        folder = Path(app.outdir, app.config.backpass_in_page)
        texts = {f"licences/{name}": text.encode() for name, text in licences().items()}
        found = contents()
        disk = {f"disk/{name}": script for name, script in scripts(found).items()}
        kept = {folder / name: content for name, content in (found | disk | texts).items()}
    for path, content in kept.items():
        if not path.exists():  # the folder's name tells what is in it
            files.write(path, content)
    for path in sorted(Path(app.outdir, "_python").rglob("*"), reverse=True):
        if path.is_file() and path not in kept:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def leave_out(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Leave out what is true only of a book with Python for its pages."""
    if not app.config.backpass_in_page:
        for box in list(doctree.findall(nodes.container)):
            if "in-page" in box["classes"]:
                box.parent.remove(box)
        for cell in doctree.findall(is_cell):
            cell["classes"] = [name for name in cell["classes"] if name != "runnable"]


def setup(app: Sphinx) -> None:
    app.add_config_value("backpass_in_page", "", "html")
    app.add_node(exercise, html=(visit_exercise, depart_exercise))
    app.add_node(editable, html=(visit_editable, depart_editable))
    app.connect("config-inited", choose)
    app.connect("source-read", fill_in_prose)
    app.connect("doctree-read", mark)
    app.connect("doctree-read", mark_chapter, priority=900)  # when all is folded that will be
    app.connect("doctree-resolved", leave_out)
    app.connect("html-page-context", offer)
    app.connect("build-finished", write)
