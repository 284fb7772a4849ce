"""Explorers replay without a kernel: a first state in the page, all states in a script beside it.

The controls are in the page too: they stand there as it arrives, and nothing moves later.

A kernel that is asked to (`BACKPASS_RECORD`) leaves an explorer's recording among a notebook's
outputs. `Renderer` turns it into a node of the page, `visit_explorer` into HTML and a script.
"""

import hashlib
import html
import json
import os
import re
from pathlib import Path

from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx.application import Sphinx
from sphinx.errors import ConfigError

from backpass import explore, files
from backpass.explore.recording import pack

#: Where the front end lies that Jupyter and the book share.
FRONT_END = Path(explore.__file__).parent

#: The definition of a shape in a picture, and its id.
SHAPE = re.compile(r'<path id="(s-[0-9a-f]{8})"[^>]*/>')


class explorer(nodes.General, nodes.Element):
    """An explorer on a page; ``recording`` is the dict of ``Explorer.recording()``."""


class Renderer:
    """Turns a recording among a notebook's outputs into a figure (a myst-nb MIME renderer).

    Only the HTML builder chooses it; others show the recording's plain text beside it.
    """

    mime_priority_overrides = (("html", explore.MIME, 0),)

    @staticmethod
    def handle_mime(
        renderer: NbElementRenderer, data: MimeData, inline: bool
    ) -> list[nodes.Element] | None:
        """The node for a recording; None for any other output.

        On the page the figure is called after its title, so that it has an address that stays.
        """
        if data.mime_type != explore.MIME:
            return None
        own = nodes.make_id(f"figure {data.content['title']}")
        env = renderer.renderer.sphinx_env
        number = env.new_serialno("explorer") if env else 0
        if again := env.new_serialno(own) if env else 0:
            own += f"-{again + 1}"
        return [explorer(recording=called(data.content, own, number), ids=[own])]


def called(recording: dict, own: str, number: int) -> dict:
    """The recording with ``own`` for the id of its figure, and short ids within.

    A shape is called after what it is, in every figure of a page alike, so that one may use
    another's. A clip path is only its figure's, the page's ``number``-th: none works from a figure
    that is not seen.
    """
    name = re.escape(recording["id"])
    shapes = set(re.findall(r'<path\b[^>]* id="([^"]+)"', recording["defs"]))
    text = re.sub(
        rf"{name}-([0-9a-f]{{8}})\b",
        lambda match: f"{'s' if match[0] in shapes else f'e{number}'}-{match[1]}",
        json.dumps(recording),
    )
    return json.loads(text.replace(recording["id"], own))


def share_shapes(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Leave out of each figure and its recording the shapes that a figure above it defines."""
    known = set()

    def first(match):
        if match[1] in known:
            return ""
        known.add(match[1])
        return match[0]

    for node in doctree.findall(explorer):
        recording = dict(node["recording"])
        recording["figure"] = SHAPE.sub(first, recording["figure"])
        recording["defs"] = SHAPE.sub(
            lambda match: "" if match[1] in known else match[0], recording["defs"]
        )
        node["recording"] = recording


def visit_explorer(self, node: explorer) -> None:
    """Write the first state and the controls into the page, all states into a script.

    The script is written here, with the page that loads it, from the recording in the page's
    doctree: so it is there whether the page was read now or in an earlier build. Its name tells
    what is in it, or a browser might replay an older one.
    """
    recording, place = node["recording"], node["ids"][0]
    states = (
        f'backpassExplorer.replay(document.getElementById("{place}"),{dense(pack(recording))});\n'
    )
    script = f"explorers/{hashlib.sha256(states.encode()).hexdigest()[:10]}-{place}.js"
    files.write(Path(self.builder.outdir, "_static", script), states)
    root = "../" * self.builder.current_docname.count("/")
    source = f'data-states="{root}_static/{script}"'
    figure = with_controls(recording).replace("<figure ", f"<figure {source} ", 1)
    # Before the sentence and outside it: the sentence is read aloud whenever it changes.
    title = html.escape(recording["title"])
    links = f'<div class="tools"><a href="#{place}" aria-label="Link: {title}">Link</a></div>'
    if number := self.builder.fignumbers.get("figure", {}).get(place):
        links += f'<a class="number" href="#{place}">Figure {".".join(map(str, number))}</a>'
    figure = figure.replace("<figcaption ", f"{links}<figcaption ", 1)
    self.body.append(figure)
    raise nodes.SkipNode


def with_controls(recording: dict) -> str:
    """The figure of a recording, with what explorer.js needs for its controls."""
    told = dense({key: recording[key] for key in ("title", "controls", "note")})
    told = html.escape(told, quote=False).replace("'", "&#39;")
    return recording["figure"].replace("<figure ", f"<figure data-controls='{told}' ", 1)


def dense(value: object) -> str:
    """The value as JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def classic(module: str) -> str:
    """The text of explorer.js as a classic script: a page from disk cannot load a module.

    Raises `ConfigError` if the module does not end with its one export.
    """
    head, found, rest = module.rpartition("export default { render };")
    if not found or rest.strip():
        raise ConfigError("explorer.js must end with: export default { render };")
    return f"(() => {{\n{head}globalThis.backpassExplorer = {{ prepare, replay }};\n}})();\n"


def ask_for_recordings(app: Sphinx) -> None:
    """Let the kernels that run from here on record."""
    os.environ["BACKPASS_RECORD"] = "1"


def write_front_end(app: Sphinx, exception: Exception | None) -> None:
    """Put explorer.js and explorer.css where the pages load them."""
    if exception or app.builder.name != "html":
        return
    static = Path(app.outdir, "_static")
    style, script = (
        FRONT_END.joinpath(name).read_text(encoding="utf-8")
        for name in ("explorer.css", "explorer.js")
    )
    files.write(static / "explorer.css", style)
    files.write(static / "explorer.js", classic(script))


def setup(app: Sphinx) -> None:
    app.add_node(explorer, html=(visit_explorer, None))
    app.connect("builder-inited", ask_for_recordings)
    app.connect("doctree-resolved", share_shapes, priority=900)  # after all that place explorers
    app.connect("build-finished", write_front_end)
