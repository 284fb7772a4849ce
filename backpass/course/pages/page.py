"""A page that is whole in itself: its look within it, no script, and a policy that allows none.

Templates escape all that they are given. The policy is the second wall: a page runs nothing and
asks nothing of anybody, whatever stands in it.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from backpass.checks.markup import html
from backpass.course.pages.markdown import rendered
from backpass.style import palette

THEME = Path(__file__).parent / "theme"

#: As many characters of a name the name of its file keeps: with four bytes each still few enough.
KEPT = 40


@cache
def style() -> str:
    """The look of all pages, as CSS."""
    return palette() + (THEME / "page.css").read_text(encoding="utf-8")


def fill(template: str, **values: object) -> str:
    """A template of the theme with these values."""
    return (
        _templates()
        .get_template(template)
        .render(style=Markup(style()), policy=_policy(), **values)
    )


def file_name(name: str) -> str:
    """A name for a file about somebody, who may be called anything.

    Letters and digits of any script stay, with their marks. What follows them tells apart who would
    have the same name, also where capitals do not count.
    """
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    parts = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in text).split()
    words = "-".join(parts)[:KEPT].strip("-")
    tail = hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()[:10]
    return f"{words or 'student'}-{tail}"


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(THEME),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"markdown": rendered, "points": points, "words": words}
    return templates


def words(text: str) -> Markup:
    """What a check says, as HTML: all is escaped, code and stress are marked."""
    return Markup(html(text))


def points(value: float, of: float | None = None) -> str:
    """Points in words: ``1 point``, ``2.5 of 4 points``."""
    said = f"{value:g}" if of is None else f"{value:g} of {of:g}"
    return f"{said} point" + "s" * ((value if of is None else of) != 1)


@cache
def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
