"""Chapters, their sections and figures are numbered, and the formulas that the text leads back to.

Sphinx counts: ``numbered`` in _toc.yml and ``numfig`` in _config.yml say what. No number stands in
a notebook: a link to a section with the title "formula" is meant for the framed formula of that
section, "formula 2" for its second. Exercises and solutions belong to their chapter and are no
sections of it.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from backpass.book.cells.explorers import explorer

logger = logging.getLogger(__name__)

#: The title of a link that is meant for a framed formula of the section it names.
MEANT = re.compile(r"formula(?: ([1-9]))?")


def lead(app: Sphinx, doctree: nodes.document) -> None:
    """Give each formula of a chapter that links are meant for a number, and lead them to it."""
    if not app.env.docname.startswith("chapters/"):
        return
    meant = {}
    for link in doctree.findall(nodes.reference):
        found = MEANT.fullmatch(link.get("reftitle", ""))
        if not found:
            continue
        section = doctree.ids.get(link.get("refid"), doctree)
        framed = [math for math in section.findall(nodes.math_block) if r"\boxed" in math.astext()]
        place = int(found[1] or 1) - 1
        if place >= len(framed):
            told = f"No framed formula: {link.astext()!r} is meant for one there."
            logger.warning(told, location=link)
            continue
        meant[link] = framed[place]
    numbered = [math for math in doctree.findall(nodes.math_block) if math in meant.values()]
    for number, math in enumerate(numbered, start=1):
        math["number"] = number
        math["ids"].append(f"equation-{number}")
    for link, math in meant.items():
        del link["reftitle"]
        link["refid"] = link["formula"] = math["ids"][-1]


def tell(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the number of its formula behind each such link."""
    for link in doctree.findall(nodes.reference):
        if "formula" in link:
            number = app.env.toc_fignumbers[docname]["displaymath"][link["formula"]]
            link += nodes.Text(f"\N{NO-BREAK SPACE}({'.'.join(map(str, number))})")


def recall(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Let Sphinx find the numbers that it gave the sheets, or it would write each page anew."""
    env.toc_secnumbers |= getattr(env, "backpass_sheets", {})
    return []


def leave_out(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Take from the sheets the numbers that they got as pages below their chapter."""
    numbers = env.toc_secnumbers
    env.backpass_sheets = {name: numbers[name] for name in numbers if is_sheet(name)}
    for name in env.backpass_sheets:
        numbers[name] = {}
        for link in env.tocs[name].findall(nodes.reference):
            link["secnumber"] = None
        env.titles[name]["secnumber"] = None
    return []


def is_sheet(name: str) -> bool:
    return name.startswith(("exercises/", "solutions/"))


def title(node: explorer) -> str:
    """What a figure shows; Sphinx counts no figure that has none."""
    return node["recording"]["title"]


def setup(app: Sphinx) -> None:
    app.add_enumerable_node(explorer, "figure", title, override=True)
    app.connect("doctree-read", lead)
    app.connect("doctree-resolved", tell)
    app.connect("env-get-updated", recall, priority=400)
    app.connect("env-get-updated", leave_out, priority=600)  # in between Sphinx counts
