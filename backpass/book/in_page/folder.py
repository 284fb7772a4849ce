"""The folder beside the pages with all that they run, and what each page is told of it.

A page names only that folder, which is called after what is in it: a browser may keep it for ever.
"""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from backpass import files
from backpass.book.cells.folding import is_cell
from backpass.book.in_page.contents import contents, name_of, scripts
from backpass.book.in_page.licences import licences
from backpass.book.in_page.marks import exercise
from backpass.files import fetched


def choose(app: Sphinx, config: Config) -> None:
    """Have pages run Python if there is what they would run."""
    try:
        config.backpass_in_page = name_of(contents())
    except fetched.FetchError:
        config.backpass_in_page = ""


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


def setup(app: Sphinx) -> None:
    app.add_config_value("backpass_in_page", "", "html")
    app.connect("config-inited", choose)
    app.connect("html-page-context", offer)
    app.connect("build-finished", write)
