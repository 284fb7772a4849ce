"""The Sphinx extension that makes the book: offline, light, never stale.

It replays explorers without a kernel (`Renderer`), sets formulas at build time (:mod:`.katex`),
chooses the notebook cache by what the notebooks' outputs depend on (`fingerprint`) and leaves the
solutions out of the student edition (`configure`). :mod:`.output` looks after the output folder.
"""

import errno
import hashlib
import json
import os
import re
import shutil
import sys
from importlib import metadata
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.errors import ConfigError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from backpass.book import katex
from backpass.book.output import Builder, explain, prune, stop, write
from backpass.style import PALETTE

HERE = Path(__file__).parent
PACKAGE = HERE.parent
EXPLORER = "application/vnd.backpass.explorer+json"
#: Folders whose files, other than notebooks and prose, a notebook may read.
SOURCES = ("chapters", "exercises", "solutions")
#: Rooms whose modules make pages and never run in a notebook.
MAKERS = ("book", "notebooks")

logger = logging.getLogger(__name__)


# Explorers -------------------------------------------------------------------------------------


class explorer(nodes.General, nodes.Element):
    """An explorer on a page; ``recording`` is the dict of ``Explorer.recording()``."""


class Renderer:
    """Turns a recording among a notebook's outputs into a figure (a myst-nb MIME renderer).

    Only the HTML builder chooses it; others show the recording's plain text beside it.
    """

    mime_priority_overrides = (("html", EXPLORER, 0),)

    @staticmethod
    def handle_mime(renderer, data, inline):
        if data.mime_type != EXPLORER:
            return None
        recording = data.content
        env = renderer.renderer.sphinx_env
        number = env.new_serialno(recording["id"]) if env else 0
        if number:  # the same explorer, shown again on this page, needs ids of its own
            own = f"{recording['id']}-{number + 1}"
            recording = json.loads(json.dumps(recording).replace(recording["id"], own))
        return [explorer(recording=recording)]


def visit_explorer(self, node):
    """Write the first state into the page, all states into a script of their own.

    The script is written here, with the page that loads it, from the recording in the page's
    doctree: so it is there whether the page was read now or in an earlier build.
    """
    recording = dict(node["recording"])
    figure = recording.pop("figure")
    recording.pop("background", None)
    name = f"explorers/{recording['id']}.js"
    states = json.dumps(recording, separators=(",", ":"), ensure_ascii=False)
    write(
        Path(self.builder.outdir, "_static", name),
        f'backpassExplorer.replay(document.getElementById("{recording["id"]}"),{states});\n',
    )
    root = "../" * self.builder.current_docname.count("/")
    self.body.append(figure.replace("<figure ", f'<figure data-states="{root}_static/{name}" ', 1))
    raise nodes.SkipNode


# Formulas --------------------------------------------------------------------------------------


def formula(self, node, display):
    try:
        return katex.render(node.astext(), display)
    except katex.FormulaError as error:
        logger.warning("This formula cannot be set. %s", error, location=node)
        return f"<code>{self.encode(node.astext())}</code>"


def visit_math(self, node):
    kind = "math tied" if "tied" in node else "math"
    html = f"{formula(self, node, False)}{node.get('tied', '')}"
    self.body.append(f'<span class="{kind}">{html}</span>')
    raise nodes.SkipNode


def visit_displaymath(self, node):
    self.body.append(self.starttag(node, "div", CLASS="math display"))
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(f"{formula(self, node, True)}</div>\n")
    raise nodes.SkipNode


# What a page is made of ------------------------------------------------------------------------


def visit_hidden(self, node):
    self.body.append(f'<details class="hidden-code"><summary>{node["prompt_show"]}</summary>\n')


def depart_hidden(self, node):
    self.body.append("</details>\n")


def typeset(app, doctree, docname):
    """Tie punctuation to the formula before it; give every table a box of its own to scroll in.

    A browser may break the line between a formula and its comma. A long formula is not tied: it
    must be free to break at its own signs.
    """
    if app.builder.format != "html":
        return
    for math in doctree.findall(nodes.math):
        siblings = math.parent.children
        place = siblings.index(math) + 1
        after = siblings[place] if place < len(siblings) else None
        short = len(math.astext()) < 30
        if short and isinstance(after, nodes.Text) and re.match("[,.;:!?)’”]", after):
            math["tied"] = after[0]
            # By place, not by value: another sibling may be the same text.
            math.parent[place] = nodes.Text(after[1:])
    for table in list(doctree.findall(nodes.table)):
        box = nodes.container(classes=["table"])
        table.replace_self(box)
        box += table


def name_solutions(app, doctree):
    """A solution's first heading is its exercise's; in the book the two must be told apart."""
    if app.env.docname.startswith("solutions/"):
        title = next(doctree.findall(nodes.title))
        text = next(title.findall(nodes.Text))
        text.parent.replace(text, nodes.Text(re.sub("^Exercises?", "Solutions", text)))


def palette():
    """The book's colours as CSS variables, from :data:`backpass.style.PALETTE`."""
    light, dark = (
        " ".join(f"--bp-{name}: {pair[i]};" for name, pair in PALETTE.items()) for i in (0, 1)
    )
    return (
        f":root {{ color-scheme: light; {light} }}\n@media screen {{\n"
        f':root[data-theme="dark"] {{ color-scheme: dark; {dark} }}\n'
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme]) "
        f"{{ color-scheme: dark; {dark} }} }}\n}}\n"
    )


def classic(module):
    """explorer.js as a classic script: a page opened from disk cannot load a module."""
    head, found, rest = module.rpartition("export default { render };")
    if not found or rest.strip():
        raise ConfigError("explorer.js must end with: export default { render };")
    return f"(() => {{\n{head}globalThis.backpassExplorer = {{ replay }};\n}})();\n"


def page_context(app, pagename, templatename, context, doctree):
    """Offer a notebook's page as the notebook.

    From disk a browser shows a link's .ipynb as text instead of saving it, and a page cannot read
    it. So the notebook stands beside it once more in a script, loaded when it is asked for.
    """
    source = Path(app.env.doc2path(pagename)) if doctree is not None else Path()
    if source.suffix == ".ipynb":
        context["notebook"] = source.name
        text = source.read_text(encoding="utf-8")
        write(
            Path(app.outdir, "_sources", f"{context['sourcename']}.js"),
            f"backpassSave({json.dumps(source.name)}, {json.dumps(text, ensure_ascii=False)});\n",
        )


# The cache, the editions -----------------------------------------------------------------------


def fingerprint(srcdir, package=PACKAGE):
    """A digest of all that a notebook's outputs depend on, besides the notebook itself.

    jupyter-cache sees the notebook's own code only. Here are the package's modules, the data
    beside the notebooks, and the versions of Python and of what the package requires.
    """
    files = [p for p in package.rglob("*.py") if p.relative_to(package).parts[0] not in MAKERS]
    for folder in SOURCES:
        files += (p for p in Path(srcdir, folder).rglob("*") if p.is_file() and fit(p))
    digest = hashlib.sha256(sys.version.encode())
    for requirement in sorted(metadata.requires("backpass")):
        if "extra ==" not in requirement:
            name = re.match(r"[\w.-]+", requirement)[0]
            digest.update(f"{name} {metadata.version(name)}\n".encode())
    for path in sorted(files):
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def fit(path):
    hidden = any(part.startswith((".", "__")) for part in path.parts[-3:])
    return not hidden and path.suffix not in (".ipynb", ".md")


def configure(app, config):
    """Choose the edition and the cache, once the table of contents is read."""
    config.backpass_fingerprint = fingerprint(app.srcdir)
    config.backpass_code = hashlib.sha256(
        b"".join(path.read_bytes() for path in sorted(HERE.glob("*.py")))
    ).hexdigest()
    caches = Path(app.outdir).parent / ".jupyter_cache"
    config.nb_execution_cache_path = str(caches / config.backpass_fingerprint)
    if config.backpass_edition not in ("full", "student"):
        stop(
            f"There is no {config.backpass_edition!r} edition: EDITION (or BACKPASS_EDITION) is "
            '"full", with the solutions, or "student", without.'
        )
    if config.backpass_edition == "student":
        site = config.external_site_map
        for document in site.values():
            for tree in document.subtrees:
                tree.items = [i for i in tree.items if not str(i).startswith("solutions/")]
            document.subtrees = [tree for tree in document.subtrees if tree.items]
        for name in [name for name in site if name.startswith("solutions/")]:
            del site[name]
        config.exclude_patterns = [*config.exclude_patterns, "solutions"]


def begin(app):
    """Let kernels record, and stop now if the result cannot be kept."""
    os.environ["BACKPASS_RECORD"] = "1"
    for folder in (app.outdir, app.doctreedir, Path(app.outdir).parent):
        if not os.access(folder, os.W_OK | os.X_OK):
            error = PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
            stop(explain(error, app))


def check_notebook(app, docname, source):
    """Say which notebook cannot be read, and why; Sphinx would show a traceback of its own."""
    path = Path(app.env.doc2path(docname))
    if path.suffix != ".ipynb":
        return
    name = path.relative_to(app.srcdir)
    try:
        if not isinstance(json.loads(source[0])["cells"], list):
            raise TypeError
    except json.JSONDecodeError as error:
        found = "It holds the marks of a merge that was not finished (<<<<<<<). "
        stop(
            f"{name} is not a readable notebook: {error.msg} in line {error.lineno}. "
            f"{found if '<<<<<<<' in source[0] else ''}Save it again from Jupyter, or take back "
            f"the last good version: git checkout -- {name}. No page was changed."
        )
    except (KeyError, TypeError):
        stop(f"{name} is not a notebook: it has no list of cells. No page was changed.")


def finish(app, exception):
    if exception:
        reason = explain(exception, app)
        if reason:
            stop(reason)
    elif app.builder.name == "html":
        static = Path(app.outdir, "_static")
        write(static / "palette.css", palette())
        front_end = {
            name: (PACKAGE / "explore" / name).read_text(encoding="utf-8")
            for name in ("explorer.css", "explorer.js")
        }
        write(static / "explorer.css", front_end["explorer.css"])
        write(static / "explorer.js", classic(front_end["explorer.js"]))
        root = app.config.root_doc
        if root != "index":
            start = START.format(root=root, title=app.config.html_title)
            write(Path(app.outdir, "index.html"), start)
        pages = [f"{name}.html" for name in (*app.env.found_docs, "search", "index")]
        prune(app.outdir, pages)
        cache = Path(app.config.nb_execution_cache_path)
        for old in cache.parent.glob("*"):
            if old.is_dir() and re.fullmatch("[0-9a-f]{12}", old.name) and old != cache:
                shutil.rmtree(old)


START = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="refresh" content="0; url={root}.html"></head>
<body><p><a href="{root}.html">{title}</a></p></body></html>
"""


def setup(app):
    app.add_builder(Builder, override=True)
    app.add_html_theme("backpass", str(HERE / "theme"))
    app.add_html_math_renderer("katex", (visit_math, None), (visit_displaymath, None))
    app.add_node(explorer, html=(visit_explorer, None))
    app.add_node(HideCodeCellNode, override=True, html=(visit_hidden, depart_hidden))
    app.add_config_value("backpass_edition", os.environ.get("BACKPASS_EDITION", "full"), "env")
    app.add_config_value("backpass_fingerprint", "", "env")
    app.add_config_value("backpass_code", "", "env")
    app.connect("config-inited", configure, priority=950)  # after the table of contents is read
    app.connect("builder-inited", begin)
    app.connect("source-read", check_notebook)
    app.connect("doctree-read", name_solutions, priority=400)  # before titles are collected
    app.connect("doctree-resolved", typeset)
    app.connect("html-page-context", page_context)
    app.connect("build-finished", finish, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
