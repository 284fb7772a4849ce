"""What the book's texts cite, found without building it."""

import re
from functools import lru_cache

import nbformat
from places import ROOT

from backpass.book.text.citations import Finder
from backpass.book.text.references import PAGE, Entry, known

#: What is no running text: code between fences, and formulas.
APART = re.compile(r"^```.*?^```|\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]+`", re.S | re.M)
LINK = re.compile(r"\[[^]]*\]\([^)\s]*\)")


@lru_cache
def texts() -> dict[str, str]:
    """The words of the book's pages, by their path: Markdown, and tables of evidence as text."""
    notebooks = [*ROOT.glob("chapters/*.ipynb"), *ROOT.glob("solutions/*/*.ipynb")]
    pages = [ROOT / "intro.md", *ROOT.glob("pages/*.md")]
    found = {path: in_notebook(nbformat.read(path, as_version=4)) for path in notebooks}
    found |= {path: path.read_text(encoding="utf-8") for path in pages}
    found.pop(ROOT / f"{PAGE}.md")
    return {str(path.relative_to(ROOT)): words(text) for path, text in sorted(found.items())}


def in_notebook(notebook: nbformat.NotebookNode) -> str:
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.source.startswith("evidence("):
            parts += [one["data"]["text/plain"] for one in cell.outputs]
    return "\n\n".join(parts)


def words(text: str) -> str:
    """A text without headings, code, formulas and emphasis; with § for each link."""
    text = re.sub(r"^#+ .*", "", APART.sub(" ", text), flags=re.M)
    return LINK.sub("§", text).replace("*", "")


def cited_in(text: str) -> tuple[list[Entry], str]:
    """What a text cites, in its order, and the text with § for each citation."""
    finder, found = Finder(known(ROOT)), []

    def mark(match: re.Match) -> str:
        entry = finder.meant(match, text[match.end() :])
        found.extend([entry] * (entry is not None))
        return match[0] if entry is None else "§"

    return found, finder.pattern.sub(mark, text)
