"""What the search of the built book looks through: each section, question and term by itself.

The index is a script beside the pages, loaded when somebody first searches; `MiniSearch
<https://github.com/lucaong/minisearch>`_ finds in it, misspelt words too. Both work from disk.
``theme/static/search.js`` asks and shows.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from backpass import files
from backpass.book.scripts import without_comments
from backpass.book.text.plain import term_of, text_of
from backpass.files import fetched

#: Pages on which a paragraph that begins in bold is an entry of its own, with an address.
ENTRIES = ("pages/questions", "pages/glossary")


def entries(doctree: nodes.document) -> Iterator[tuple[str, str, str]]:
    """(address in the page, heading, text) of each section, question and term.

    The address of the page itself is empty.
    """
    for section in doctree.findall(nodes.section):
        heading, parts = "", []
        for child in section.children:
            if isinstance(child, nodes.title):
                heading = text_of(child)
            elif isinstance(child, nodes.paragraph) and child["ids"]:
                term = term_of(child)
                yield child["ids"][0], term.rstrip("."), text_of(child).removeprefix(term)
            elif not isinstance(child, nodes.section):
                parts.append(text_of(child))
        whole = isinstance(section.parent, nodes.document)
        yield "" if whole else section["ids"][0], heading, " ".join(parts)


def give_addresses(app: Sphinx, doctree: nodes.document) -> None:
    """Give each question and each term an address, and a link that shows it."""
    if app.env.docname not in ENTRIES:
        return
    taken = {one for node in doctree.findall(nodes.section) for one in node["ids"]}
    for paragraph in doctree.findall(nodes.paragraph):
        term = term_of(paragraph)
        if term and isinstance(paragraph.parent, nodes.section):
            address = nodes.make_id(term)
            while address in taken:
                address += "-2"
            taken.add(address)
            paragraph["ids"].append(address)
            link = nodes.reference("", "#", refid=address, classes=["headerlink"], internal=True)
            link["reftitle"] = "Link to this entry"
            paragraph += link


def tidy(text: str) -> str:
    return " ".join(text.split())


def write_index(app: Sphinx, exception: Exception | None) -> None:
    """Write what is searched, in the order of the book, and put the library beside it."""
    if exception or app.builder.name != "html":
        return
    Path(app.outdir, "searchindex.js").unlink(missing_ok=True)  # of a build before this search
    pages = []
    for name in [app.config.root_doc, *sorted(app.env.found_docs - {app.config.root_doc})]:
        found = [[address, tidy(heading), tidy(text)]
                 for address, heading, text in entries(app.env.get_doctree(name))]  # fmt: skip
        # What solutions say is found where it is asked, on the exercises' page.
        if "no-search" in app.env.metadata[name]:
            found = [entry for entry in found if not entry[0]]  # the page itself
        elif name.startswith("solutions/"):
            found = [[address, heading, ""] for address, heading, _ in found if not address]
        # The works that a chapter names at its end stand on the references' page.
        found = [entry for entry in found if entry[1] != "Further reading"]
        pages.append([app.builder.get_target_uri(name), tidy(text_of(app.env.titles[name])), found])
    static = Path(app.outdir, "_static")
    listed = json.dumps(pages, ensure_ascii=False, separators=(",", ":"))
    files.write(static / "search-index.js", f"backpassSearch({listed});\n")
    library = fetched.read("minisearch/dist/umd/index.js").decode()
    files.write(static / "minisearch/minisearch.js", without_comments(library))
    files.write(static / "minisearch/LICENSE", fetched.read("minisearch/LICENSE.txt"))


def setup(app: Sphinx) -> None:
    app.connect("html-collect-pages", lambda app: [("search", {}, "search.html")])
    app.connect("doctree-read", give_addresses)
    app.connect("build-finished", write_index)
