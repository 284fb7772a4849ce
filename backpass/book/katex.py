"""Formulas set when the book is built, so that a page carries no mathematics engine.

`KaTeX <https://katex.org>`_ (vendored, ``static/katex.min.js``) runs here, in V8, and leaves HTML
for the eye and MathML for a screen reader. A reader downloads only its style sheet and the few
fonts that the page uses; an author hears of a bad formula from the build, not from a reader.
"""

import atexit
from functools import cache
from pathlib import Path

from py_mini_racer import JSEvalException, MiniRacer


class FormulaError(ValueError):
    """KaTeX cannot set this formula; the message is KaTeX's own, in one line."""


@cache
def _engine():
    engine = MiniRacer()
    atexit.register(engine.close)  # closed during the interpreter's own teardown, it would hang
    engine.eval(Path(__file__).with_name("static").joinpath("katex.min.js").read_text("utf-8"))
    return engine


@cache
def render(tex, display=False):
    """HTML (with MathML inside) of the formula `tex`, in display style if `display`.

    Raises `FormulaError`.
    """
    options = {"displayMode": display, "throwOnError": True, "strict": False}
    try:
        return _engine().call("katex.renderToString", tex, options)
    except JSEvalException as error:
        _, _, reason = str(error).splitlines()[0].partition("KaTeX parse error: ")
        # KaTeX underlines the culprit with combining characters; a terminal shows them as noise.
        raise FormulaError((reason or str(error)).replace("\u0332", "")) from None
