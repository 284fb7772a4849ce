"""Chapters, their sections and figures are numbered, and the formulas in a frame.

Sphinx counts: ``numbered`` in _toc.yml and ``numfig`` in _config.yml say what. No number stands in
a notebook. Exercises and solutions belong to their chapter and are no sections of it.
"""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from backpass.book.explorers import explorer


def frame(app: Sphinx, doctree: nodes.document) -> None:
    """Give each framed formula of a chapter, which is a result of it, a number and an address."""
    if not app.env.docname.startswith("chapters/"):
        return
    framed = [math for math in doctree.findall(nodes.math_block) if r"\boxed" in math.astext()]
    for number, math in enumerate(framed, start=1):
        math["number"] = number
        math["ids"].append(f"equation-{number}")


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
    app.connect("doctree-read", frame)
    app.connect("env-get-updated", recall, priority=400)
    app.connect("env-get-updated", leave_out, priority=600)  # in between Sphinx counts
