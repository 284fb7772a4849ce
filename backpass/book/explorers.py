"""Explorers replay without a kernel: a first state in the page, all states in a script beside it.

A kernel that is asked to (`BACKPASS_RECORD`) leaves an explorer's recording among a notebook's
outputs. `Renderer` turns it into a node of the page, `visit_explorer` into HTML and a script.
"""

import html
import json
import os
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ConfigError

from backpass import explore, files

#: Where the front end lies that Jupyter and the book share.
FRONT_END = Path(explore.__file__).parent


class explorer(nodes.General, nodes.Element):
    """An explorer on a page.

    ``recording`` is the dict of ``Explorer.recording()``, ``script`` where its states will be.
    """


class Renderer:
    """Turns a recording among a notebook's outputs into a figure (a myst-nb MIME renderer).

    Only the HTML builder chooses it; others show the recording's plain text beside it.
    """

    mime_priority_overrides = (("html", explore.MIME, 0),)

    @staticmethod
    def handle_mime(renderer, data, inline: bool) -> list[nodes.Element] | None:
        """The node for a recording; None for any other output.

        On the page the figure is called after its title, so that it has an address that stays.
        """
        if data.mime_type != explore.MIME:
            return None
        name = data.content["id"]
        own = nodes.make_id(f"figure {data.content['title']}")
        env = renderer.renderer.sphinx_env
        if again := env.new_serialno(own) if env else 0:
            own += f"-{again + 1}"
        recording = json.loads(json.dumps(data.content).replace(name, own))
        return [explorer(recording=recording, script=f"explorers/{name}-{own}.js", ids=[own])]


def visit_explorer(self, node: explorer) -> None:
    """Write the first state into the page, all states into a script of their own.

    The script is written here, with the page that loads it, from the recording in the page's
    doctree: so it is there whether the page was read now or in an earlier build.
    """
    recording = dict(node["recording"])
    figure = recording.pop("figure")
    recording.pop("background", None)
    states = json.dumps(recording, separators=(",", ":"), ensure_ascii=False)
    files.write(
        Path(self.builder.outdir, "_static", node["script"]),
        f'backpassExplorer.replay(document.getElementById("{recording["id"]}"),{states});\n',
    )
    root = "../" * self.builder.current_docname.count("/")
    source = f'data-states="{root}_static/{node["script"]}"'
    figure = figure.replace("<figure ", f"<figure {source} ", 1)
    # Before the sentence and outside it: the sentence is read aloud whenever it changes.
    place, title = f"#{node['ids'][0]}", html.escape(recording["title"])
    links = f'<div class="tools"><a href="{place}" aria-label="Link: {title}">Link</a></div>'
    if number := self.builder.fignumbers.get("figure", {}).get(node["ids"][0]):
        links += f'<a class="number" href="{place}">Figure {".".join(map(str, number))}</a>'
    figure = figure.replace("<figcaption ", f"{links}<figcaption ", 1)
    self.body.append(figure)
    raise nodes.SkipNode


def classic(module: str) -> str:
    """The text of explorer.js as a classic script: a page from disk cannot load a module.

    Raises `ConfigError` if the module does not end with its one export.
    """
    head, found, rest = module.rpartition("export default { render };")
    if not found or rest.strip():
        raise ConfigError("explorer.js must end with: export default { render };")
    return f"(() => {{\n{head}globalThis.backpassExplorer = {{ replay }};\n}})();\n"


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
    app.connect("build-finished", write_front_end)
