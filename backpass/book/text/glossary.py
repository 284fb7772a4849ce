"""Terms in the text of a chapter lead to the glossary, and show there what they mean.

A term is linked where a section first uses it. The definitions stand in a script beside the pages,
which ``theme/static/terms.js`` loads when a reader first dwells on a term.
"""

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from backpass import files
from backpass.book.text import words
from backpass.book.text.plain import term_of

PAGE = "pages/glossary"

#: Sections whose text is not about what it says.
NOT_IN = {"exercises", "further-reading"}


def entries(doctree: nodes.document) -> dict[str, nodes.paragraph]:
    """The paragraphs of the glossary by their addresses."""
    paragraphs = doctree.findall(nodes.paragraph)
    return {one["ids"][0]: one for one in paragraphs if one["ids"] and term_of(one)}


def forms(term: str) -> list[str]:
    """How a term is written: “Overflow, underflow.”, “Dead unit (dying ReLU).” are two each."""
    inside = re.findall(r"\(([^)]*)\)", term)
    outside = re.sub(r"\s*\([^)]*\)", "", term).rstrip(".")
    found = [part.strip() for part in [*outside.split(", "), *inside]]
    return [form for form in found if re.search("[A-Za-z]{3}", form)]


def known(doctree: nodes.document) -> dict[str, str]:
    """The address of each form of each term, in small letters."""
    return {
        plain(form): address
        for address, paragraph in entries(doctree).items()
        for form in forms(term_of(paragraph))
    }


def plain(form: str) -> str:
    """A form as it is compared: in small letters, with straight apostrophes, and nothing unseen."""
    return form.lower().replace("’", "'").replace("\N{WORD JOINER}", "")


def pattern(terms: dict[str, str]) -> re.Pattern:
    """What finds the terms, the longest first, also in the plural."""
    longest = sorted(terms, key=len, reverse=True)
    either = "|".join(re.escape(term).replace("'", "['’]") for term in longest)
    either = either.replace("-", "-\N{WORD JOINER}?")  # `lines.typeset` may have put one there
    return re.compile(rf"(?<![\w–-])({either})(?:s|es)?(?![\w–-])", re.I)


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Link the first use of each term in each section of a chapter."""
    if not docname.startswith("chapters/") or PAGE not in app.env.found_docs:
        return
    terms = known(app.env.get_doctree(PAGE))
    finder = pattern(terms)
    for part in parts(doctree):
        used = set()

        def link(found: re.Match, used: set[str] = used) -> nodes.reference | None:
            address = terms[plain(found[1])]
            if address in used:
                return None
            used.add(address)
            return words.reference(app, docname, PAGE, address, found[0], "term")

        for child in part:
            for text in list(words.texts(child)):
                words.link(text, finder, link)


def parts(doctree: nodes.document) -> list[list[nodes.Node]]:
    """A page in parts, within each of which a term is linked once: its start, and each section."""
    page = next(doctree.findall(nodes.section))
    start = [child for child in page if not isinstance(child, nodes.section)]
    sections = [child for child in page if isinstance(child, nodes.section)]
    return [start, *([one] for one in sections if not NOT_IN & {*one["ids"]})]


def depend(app: Sphinx, doctree: nodes.document) -> None:
    """A chapter is made anew when the glossary has changed."""
    if app.env.docname.startswith("chapters/") and PAGE in app.env.found_docs:
        app.env.note_dependency(app.env.doc2path(PAGE))


def offer(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Tell the page whether it has terms."""
    context["terms"] = doctree is not None and any(
        "term" in one["classes"] for one in doctree.findall(nodes.reference)
    )


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write what the terms mean, as it stands in the glossary."""
    if exception or app.builder.name != "html" or PAGE not in app.env.found_docs:
        return
    told = {}
    for address, paragraph in entries(app.env.get_doctree(PAGE)).items():
        kept = [one for one in paragraph.children if "headerlink" not in _classes(one)]
        told[address] = app.builder.render_partial(nodes.paragraph("", "", *kept))["fragment"]
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    files.write(Path(app.outdir, "_static", "glossary.js"), f"backpassGlossary({text});\n")


def _classes(node: nodes.Node) -> list[str]:
    return node["classes"] if isinstance(node, nodes.Element) else []


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", depend)
    app.connect("doctree-resolved", link_terms)
    app.connect("html-page-context", offer)
    app.connect("build-finished", write)
