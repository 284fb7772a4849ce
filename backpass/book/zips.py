"""A chapter to take along: a zip with its notebook, its data, its exercises and the package.

It needs nothing of the book's folder: only Python and, to install Jupyter, a network. No solution
is in it, in either edition.
"""

import json
import posixpath
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from backpass import files
from backpass.book.pages import download_name
from backpass.book.text.plain import text_of
from backpass.files.wheels import packed, wheel
from backpass.notebooks.links import relinked

START = """{title}
A chapter of {book}

You need Python 3.11 or newer and, for the second line, a network. In a terminal, in this folder:

    python3 -m venv env
    env/bin/python -m pip install "{wheel}[lab]"
    env/bin/python -m jupyterlab {chapter}

On Windows:  py  instead of  python3,  env\\Scripts\\python  instead of  env/bin/python.
{more}"""

#: What a chapter tells to run that did not come along.
RUNS = """\
Its recorded runs came along. What repeats them, python -m experiments…, is in the book's folder.
"""

#: A sentence that names a command of the book's folder.
COMMAND = re.compile(r"(?<=[.!?])\s+[A-Z][^.!?`]*`make [^`]+`[^.!?`]*[.!?]")
#: A recorded run, or another file that a chapter reads.
DATA = re.compile(r"\bdata/[\w.-]*\w")


def contents(root: Path, slug: str, address: str = "") -> dict[str, bytes]:
    """A chapter's files by their names in the zip: the notebook, its data and its exercises.

    ``root`` is the book's folder. A link to what the zip does not hold leads to the book at
    ``address``; without one its words stay.
    """
    chapter, sheet = f"chapters/{slug}", f"exercises/{slug}/{slug}"
    there = [page for page in (chapter, sheet) if (root / f"{page}.ipynb").exists()]
    texts = {page: (root / f"{page}.ipynb").read_text(encoding="utf-8") for page in there}
    data = {name for name in DATA.findall(texts[chapter]) if (root / "chapters" / name).is_file()}
    found = {name: (root / "chapters" / name).read_bytes() for name in data}
    for page, text in texts.items():

        def lead(target: str, folder: str = posixpath.dirname(page)) -> str:
            other = posixpath.splitext(posixpath.normpath(posixpath.join(folder, target)))[0]
            if other in texts:
                return download_name(other)
            return address and f"{address.rstrip('/')}/{other}.html"

        found[download_name(page)] = leading(text, lead)
    if (root / "LICENSE").exists():
        found["LICENSE"] = (root / "LICENSE").read_bytes()
    return found


def leading(text: str, lead: Callable[[str], str]) -> bytes:
    """A notebook whose links to pages lead where ``lead`` says.

    No Makefile comes along, so no sentence tells what it does.
    """
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            source = COMMAND.sub("", relinked("".join(cell["source"]), lead))
            cell["source"] = source.splitlines(keepends=True)
    return f"{json.dumps(notebook, indent=1, ensure_ascii=False)}\n".encode()


def whole(
    found: Mapping[str, bytes], package: tuple[str, bytes], slug: str, book: str, title: str
) -> bytes:
    """A chapter's zip: its files, the package, and how to start, in a folder of their own."""
    sheet = download_name(f"exercises/{slug}/{slug}")
    more = f"The exercises are {sheet}.\n" if sheet in found else ""
    if any(b"-m experiments" in content for content in found.values()):
        more += RUNS
    start = START.format(
        title=title,
        book=book,
        wheel=package[0],
        chapter=download_name(f"chapters/{slug}"),
        more=more,
    )
    everything = {**found, "START.txt": start.encode(), package[0]: package[1]}
    return packed({f"{slug}/{path}": content for path, content in everything.items()})


def offer_zip(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Offer the zip on the pages of the chapter and of its exercises."""
    folder, slug = pagename.split("/")[0], pagename.split("/")[-1]
    if folder in ("chapters", "exercises") and slug in slugs(app):
        context["zip"] = f"{slug}.zip"


def slugs(app: Sphinx) -> list[str]:
    """The names of the chapters that are notebooks."""
    pages = (app.env.doc2path(name, base=False) for name in app.env.found_docs)
    found = (re.fullmatch(r"chapters/(\w+)\.ipynb", page) for page in pages)
    return sorted(match[1] for match in found if match)


def write_zips(app: Sphinx, exception: Exception | None) -> None:
    """Write each chapter's zip."""
    if exception or app.builder.name != "html":
        return
    package, config = wheel(), app.config
    for slug in slugs(app):
        title = text_of(app.env.titles[f"chapters/{slug}"])
        found = contents(Path(app.srcdir), slug, config.html_baseurl)
        content = whole(found, package, slug, config.html_title, title)
        files.write(Path(app.outdir, "_downloads", f"{slug}.zip"), content)


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", offer_zip)
    app.connect("build-finished", write_zips)
