"""The words of a check as HTML: `code` and *stress* are marked in them, and nothing else is."""

import re
from collections.abc import Iterator
from html import escape

#: What is marked, by the kind of its group. What is “quoted” is somebody else's and stays as it is.
MARKED = re.compile(r"“[^”]*”|`(?P<code>[^`\s](?:[^`\n]*[^`\s])?)`|(?<!\w)\*(?P<em>\w+)\*(?!\w)")


def marked(text: str) -> Iterator[tuple[str | None, str]]:
    """The parts of a text in their order, each with its kind: ``"code"``, ``"em"``, or None."""
    begin = 0
    for found in MARKED.finditer(text):
        if kind := found.lastgroup:
            yield None, text[begin : found.start()]
            yield kind, found[kind]
            begin = found.end()
    yield None, text[begin:]


def html(text: str) -> str:
    """The text as HTML; markup that stands in it stays text."""
    parts = ((kind, escape(words)) for kind, words in marked(text))
    return "".join(f"<{kind}>{words}</{kind}>" if kind else words for kind, words in parts)
