"""What a student wrote, as HTML that runs nothing and fetches nothing.

Markup of HTML stays text, pictures become links, and links lead only to web pages and mail
addresses. A formula stays as its TeX.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup, escape
from mdit_py_plugins.dollarmath import dollarmath_plugin

#: As many characters of an answer are shown: ten times what a question asks for.
MOST = 20_000

#: A box of a checklist, empty or ticked, at the beginning of a point.
_BOX = re.compile(r"^\[([ xX])\] ")

#: Characters that turn the direction of what follows them, and the like.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def rendered(text: str, *, below: int = 2) -> Markup:
    """A Markdown text as HTML; its headings are of levels ``below`` this one."""
    cut = text[:MOST]
    html = _MARKDOWN.render(_TURNS.sub("", cut), {"below": below})
    left = len(text) - len(cut)
    more = f"<p><em>{left:,} more characters are in the notebook.</em></p>" if left else ""
    return Markup(html + more)


def _allowed(url: str) -> bool:
    try:
        return urlsplit(url).scheme.lower() in ("http", "https", "mailto")
    except ValueError:
        return False


def _lower(state: StateCore) -> None:
    """Headings go below those of the page, and no level is left out."""
    level = 0
    for token in state.tokens:
        if token.type == "heading_open":
            level = min(int(token.tag[1:]), level + 1)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, level + state.env['below'])}"


def _boxes(state: StateCore) -> None:
    """The boxes of a checklist."""
    for token in state.tokens:
        for child in (token.children or [])[:1]:
            child.content = _BOX.sub(lambda box: f"{'☐☒'[box[1] != ' ']} ", child.content)


def _plain(state: StateCore) -> None:
    """Columns have no style of their own, which the pages would refuse."""
    for token in state.tokens:
        token.attrs.pop("style", None)


def _link(tokens: list, at: int, *_: object) -> str:
    """No site is told where its visitor came from."""
    url = escape(tokens[at].attrs["href"])
    return f'<a href="{url}" rel="noopener noreferrer nofollow" target="_blank">'


def _made() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    made.disable("image").use(
        dollarmath_plugin, allow_labels=False, renderer=lambda tex, options: escape(tex)
    )
    made.validateLink = _allowed
    for rule in (_lower, _boxes, _plain):
        made.core.ruler.push(rule.__name__, rule)
    made.renderer.rules["link_open"] = _link
    return made


_MARKDOWN = _made()
