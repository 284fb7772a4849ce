"""A piece: an author's function with its title, its controls and the stage that it plays on."""

import inspect
import itertools
import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from backpass.explore.controls import control
from backpass.explore.errors import ExplorerError
from backpass.explore.stage import Stage
from backpass.explore.target import Target
from backpass.numerals import printed, together


@dataclass(frozen=True)
class Piece:
    """``function(stage.target, **values)`` draws a state and returns its sentence.

    A sentence's numbers are set as in print, see :func:`.printed` and :func:`.together`, and it
    starts as one does.

    ``controls`` are those of a reader in Jupyter; ``kept``, as many, what a recording keeps of
    them.
    """

    function: Callable[..., str]
    title: str
    controls: tuple
    kept: tuple
    stage: Stage

    def perform(self, values: dict) -> str:
        """The sentence of one state; what is drawn is taken away."""
        return self.stage.perform(self._act(values))

    def shoot(self, values: dict) -> tuple[str, dict[str, str], str]:
        """One state as ``(sentence, definitions, layer)``, see :meth:`.Stage.shoot`."""
        return self.stage.shoot(self._act(values))

    def grid(self) -> Iterator[dict]:
        """Yield the values of every state that a recording keeps, the last control fastest."""
        names = [one.name for one in self.kept]
        for values in itertools.product(*(one.values for one in self.kept)):
            yield dict(zip(names, values, strict=True))

    @property
    def start(self) -> dict:
        """The values at which it starts."""
        return {one.name: one.values[one.initial] for one in self.controls}

    def _act(self, values):
        unknown = values.keys() - self.start.keys()
        if unknown:
            raise TypeError(
                f"{self.stage.name} has no control {', '.join(sorted(unknown))}; "
                f"its controls are {', '.join(self.start) or 'none'}."
            )

        def act():
            sentence = self.function(self.stage.target, **self.start | values)
            if not isinstance(sentence, str) or not sentence.strip():
                raise ExplorerError(
                    f"{self.stage.name} must return one sentence, the picture in words; it "
                    f"returned {sentence!r}."
                )
            return opened(together(printed(sentence)))

        return act

    def say(self, values: dict) -> str:
        """The values in a line, for example ``gain=1, depth=10``."""
        told = []
        for one in self.controls:
            value = values[one.name]
            text = one.text(value) if one.step is None else f"{value:g}"
            told.append(f"{one.name}={text}")
        return ", ".join(told)

    def explain(self, error: Exception) -> list[str]:
        """What went wrong, and where in the author's function if it did there: one or two texts."""
        if isinstance(error, ExplorerError):
            return [str(error)]
        what = f"{type(error).__name__}: {error}".removesuffix(": ")
        file = inspect.unwrap(self.function).__code__.co_filename
        lines = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
        return [what, *(f"line {line.lineno}: {line.line}" for line in lines[-1:])]


def opened(sentence: str) -> str:
    """The sentence with a capital, if a word is first: often a choice's name. σ and u stay."""
    word = re.match(r"[a-z]{2,}(?=[\s,:;-])", sentence)
    return sentence[0].upper() + sentence[1:] if word else sentence


def read(
    function: Callable[..., str],
    ax: Target,
    recorded: Mapping[str, Iterable] | None,
    abbreviations: Mapping[str, object],
) -> Piece:
    """Put a piece together; raises ExplorerError if its parts do not fit."""
    name = getattr(function, "__name__", "the function")
    title = (inspect.getdoc(function) or "").partition("\n")[0].strip()
    if not title:
        raise ExplorerError(
            f"{name} needs a docstring: its first line is the explorer's accessible name."
        )
    signature = inspect.signature(function)
    try:
        signature.bind(None, **abbreviations)
    except TypeError as error:
        raise ExplorerError(
            f"{name}{signature} does not fit its controls ({', '.join(abbreviations) or 'none'}): "
            f"{error}."
        ) from None
    controls = {}
    for key, given in abbreviations.items():
        parameter = signature.parameters.get(key)
        has_default = parameter is not None and parameter.default is not parameter.empty
        controls[key] = control(key, given, *([parameter.default] if has_default else []))
    kept = dict(controls)
    for key, values in (recorded or {}).items():
        if key not in kept:
            raise ExplorerError(f"recorded names {key!r}, which is no control of {name}.")
        kept[key] = kept[key].thinned(values)
    return Piece(function, title, tuple(controls.values()), tuple(kept.values()), Stage(ax, name))
