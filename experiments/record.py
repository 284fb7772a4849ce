"""What the runs share: each says how long it takes and how far it is, and its record has one form.

A record is JSON with ``what`` was asked, the ``command`` that asks it again, the ``versions`` that
answered, the ``settings`` and the ``results``.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from backpass.files import write

ROOT = Path(__file__).parents[1]
WIDTH = 100  # of a line in a record


@dataclass(frozen=True)
class Run:
    """A run: its ``name``, its module's docstring, how long it ``takes`` on one core, and so on.

    ``settings`` are what a reader of the record must know; ``libraries`` are those whose version
    may matter to the results.
    """

    name: str
    doc: str
    takes: str
    settings: dict
    libraries: tuple[str, ...] = ("numpy",)

    @property
    def command(self) -> str:
        return f"python -m experiments.{self.name}"

    @property
    def path(self) -> Path:
        return ROOT / "chapters" / "data" / f"{self.name}.json"

    def record(self, results: Callable[[], dict]) -> None:
        """Say how long it takes, get the results, and write their record."""
        print(f"This takes {self.takes}. The record goes to {self.path}.", flush=True)
        self.write(results())

    def each(self, cases: Iterable) -> Iterator:
        """The cases in turn, each after a line that says how far the run is."""
        cases, start = list(cases), perf_counter()
        for i, case in enumerate(cases, 1):
            told = ", ".join(map(str, case)) if isinstance(case, tuple) else case
            print(f"{i} of {len(cases)}, after {perf_counter() - start:,.0f} s: {told}", flush=True)
            yield case

    def write(self, results: dict) -> None:
        """Replace the record by one with these results, whole or not at all."""
        record = {
            "what": self.doc.splitlines()[0],
            "command": self.command,
            "versions": {
                "python": ".".join(map(str, sys.version_info[:2])),
                **{library: version(library) for library in self.libraries},
            },
            "settings": self.settings,
            "results": results,
        }
        write(self.path, layout(record) + "\n")

    def read(self) -> dict:
        """The record as it was written last."""
        return json.loads(self.path.read_text(encoding="utf-8"))


def layout(value: object, name: str | None = None, indent: str = "") -> str:
    """``value`` as JSON: what fits stands on one line, and so does every plain list of numbers."""
    start = indent if name is None else f"{indent}{json.dumps(name, ensure_ascii=False)}: "
    line = start + json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or len(line) <= WIDTH:
        return line
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        return line
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    items = value.items() if isinstance(value, dict) else ((None, one) for one in value)
    inner = ",\n".join(layout(one, key, f"{indent} ") for key, one in items)
    return f"{start}{opening}\n{inner}\n{indent}{closing}"
