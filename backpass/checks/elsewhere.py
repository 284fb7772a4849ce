"""An answer that lives in another process: a check works with it as with one of its own.

Who grades a class keeps a learner's code out of the process that decides the grade. What is called,
watched or evaluated is so where it lives, by the same code as here; what comes back are plain
values, and in the same words what happened there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike, NDArray

from backpass.checks.watched import Watched


@dataclass(frozen=True)
class Came:
    """What came of a call: the ``result``, what NumPy ``warned`` of in a sentence, what was
    ``measured`` on the way, and the names of the NumPy functions that had to be ``restored``.
    """

    result: object
    warned: str
    measured: tuple[NDArray, ...]
    restored: frozenset[str]


class Elsewhere:
    """Something that lives in another process.

    ``shadowed`` is what :func:`backpass.checks.shadowed.shadowed` says of it there.
    """

    shadowed = ""


class Function(Elsewhere):
    """A function that lives elsewhere, with its name and signature.

    ``watched`` says whether a check has asked how its results come about.
    """

    watched = False

    def call(
        self,
        args: tuple,
        *,
        outputs: Sequence[str] | Mapping[str, ArrayLike] | None,
        seconds: float,
    ) -> Came:
        """As :meth:`backpass.checks.safely.Runner.call`, once, within ``seconds``. Raises
        ``Wrong``.
        """
        raise NotImplementedError

    def watch(self, args: tuple, *, seconds: float) -> Watched:
        """As :meth:`backpass.checks.given.Given.watch`."""
        raise NotImplementedError

    def __call__(self, *args: object) -> object:
        """What the function gives, for other code that was handed it."""
        raise NotImplementedError


class Expression(Elsewhere):
    """One of SymPy's expressions, of which only values are asked."""

    def value(self, at: Mapping[str, float]) -> complex:
        """Its value where symbols have these numbers, by their names. Raises ``Wrong``."""
        raise NotImplementedError


# Whoever asks an object's type where it comes from (`is_symbolic`, `described`) shall hear this.
Expression.__module__ = "sympy.elsewhere"
