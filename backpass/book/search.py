"""What the search of the built book looks through: each section, question and term by itself.

The index is a script beside the pages, loaded when somebody first searches; `MiniSearch
<https://github.com/lucaong/minisearch>`_ finds in it, misspelt words too. Both work from disk.
``theme/static/search.js`` asks and shows.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from backpass import files
from backpass.files import fetched

#: What a formula's commands are called in a query.
GREEK = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho
           varsigma sigma tau upsilon varphi chi psi omega"""
SYMBOLS = {name: chr(code) for code, name in enumerate(GREEK.split(), start=ord("α"))}
SYMBOLS |= {name.capitalize(): symbol.upper() for name, symbol in SYMBOLS.items()}
SYMBOLS |= {
    "phi": "φ", "varepsilon": "ε", "partial": "∂", "nabla": "∇", "sum": "Σ", "prod": "Π",
    "odot": "⊙", "cdot": "·", "times": "×", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥",
    "approx": "≈", "ne": "≠", "neq": "≠", "to": "→", "infty": "∞", "sqrt": "√", "top": "ᵀ",
    "pm": "±", "log": "log", "exp": "exp", "max": "max", "min": "min", "tanh": "tanh",
}  # fmt: skip
LOW, HIGH = (str.maketrans("0123456789-", digits) for digits in ("₀₁₂₃₄₅₆₇₈₉₋", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))
#: Comments that have lines of their own.
COMMENTS = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*\n", re.DOTALL | re.MULTILINE)
#: What nobody looks for by its words; the index has 150 kB.
UNREAD = (nodes.literal_block, nodes.math_block, nodes.raw, nodes.comment, nodes.system_message)
#: Pages on which a paragraph that begins in bold is an entry of its own, with an address.
ENTRIES = ("pages/questions", "pages/glossary")


def plain(tex: str) -> str:
    """A formula as a reader would type it: ``\\delta_1 = o - t`` becomes ``δ₁ = o - t``."""
    tex = re.sub(r"\\(?:begin|end)\{\w+\*?\}", " ", tex)
    for sign, digits in (("_", LOW), (r"\^", HIGH)):
        tex = re.sub(sign + r"\{?(-?[0-9]+)\}?", lambda n, to=digits: n[1].translate(to), tex)
    tex = re.sub(r"\^\{?\\top\}?", "ᵀ", tex)
    tex = re.sub(r"[_^]\{([^{}]*)\}", r"_\1", tex)  # else the arguments of a fraction do not end
    tex = re.sub(r"\\(?:text|mathrm|operatorname|mathbf|boldsymbol)\s*\{([^{}]*)\}", r"\1", tex)
    tex = re.sub(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"\1/\2", tex)
    tex = re.sub(r"\\([A-Za-z]+)", lambda found: f" {SYMBOLS.get(found[1], '')} ", tex)
    tex = re.sub(r"[\\{}&]|\s+", " ", tex.replace("_", ""))
    tex = re.sub(r"(?<=[∂∇])\s+|\s+(?=[₀-₉⁰¹²³⁴-⁹⁻ᵀ/,.;:)])|(?<=/)\s+", "", tex)
    return " ".join(tex.split())


def text_of(node: nodes.Node) -> str:
    """The words of a part of a page; not its code, what code printed, nor displayed formulas."""
    if isinstance(node, nodes.Text):
        # `pages.typeset` put them there.
        return str(node).replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "")
    if isinstance(node, nodes.math):
        return plain(node.astext()).join(node.get("tied", ("", "")))
    if isinstance(node, UNREAD):
        return ""
    if {"cell", "headerlink"} & set(node.get("classes", ())):
        return ""
    parts = [text_of(child) for child in node.children]
    return ("" if isinstance(node, nodes.TextElement) else " ").join(parts)


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


def term_of(paragraph: nodes.paragraph) -> str:
    """What a paragraph begins with in bold, or nothing."""
    told = [child for child in paragraph.children if child.astext()]
    return text_of(told[0]) if told and isinstance(told[0], nodes.strong) else ""


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


def without_comments(script: str) -> str:
    """A script without the comments that have lines of their own: it is loaded, and not read."""
    return COMMENTS.sub("", script)


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
