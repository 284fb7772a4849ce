"""The links of a notebook that leaves the book's folder."""

import re
from collections.abc import Callable

#: A link to another page of the book, in Markdown: its words, the page, the place on it.
LINK = re.compile(r"\[((?:[^][]|\[[^][]*\])*)\]\(([\w./-]+\.(?:ipynb|md))(#[^()\s]*)?\)")


def relinked(text: str, lead: Callable[[str], str]) -> str:
    """Markdown whose links to pages of the book lead where ``lead`` says; of those to nowhere
    (``""``) the words.
    """

    def link(found: re.Match) -> str:
        words, target, place = found.groups(default="")
        return f"[{words}]({to}{place})" if (to := lead(target)) else words

    return LINK.sub(link, text)
