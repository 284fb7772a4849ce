"""Markup in what a check says, as HTML: `code`, *stress*, an index (h_t, x_{t−1}), a power (u^T).

Nothing else is marked. An index belongs to one letter, and has two signs at most unless it is in
braces: log_sizes is a name.
"""

import re
from collections.abc import Iterator
from html import escape

#: What is marked, by the kind of its group. What is “quoted” is somebody else's and stays as it is.
MARKED = re.compile(
    r"“[^”]*”|`(?P<code>[^`\s](?:[^`\n]*[^`\s])?)`|(?<!\w)\*(?P<em>\w+)\*(?!\w)"
    r"|(?<=[^\W\d_])(?<![^\W_]{2})_(?:\{(?P<sub>[^{}]+)\}|(?P<sub_>[^\W_]{1,2}))(?![\w{])"
    r"|(?<=[\w)\]|‖])\^(?:\((?P<sup>[^()]+)\)|(?P<sup_>[−-]?\w+(?:\.\d+)?))"
)


def marked(text: str) -> Iterator[tuple[str | None, str]]:
    """The parts of a text in their order, each with the name of its element in HTML, or None."""
    begin = 0
    for found in MARKED.finditer(text):
        if kind := found.lastgroup:
            yield None, text[begin : found.start()]
            yield kind.rstrip("_"), found[kind]
            begin = found.end()
    yield None, text[begin:]


def html(text: str) -> str:
    """The text as HTML; markup that stands in it stays text."""
    parts = ((kind, escape(words)) for kind, words in marked(text))
    return "".join(f"<{kind}>{words}</{kind}>" if kind else words for kind, words in parts)
