"""What a learner gave, as a part of an attempt gets at it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backpass.checks import choices, forms, safely, symbols
from backpass.checks.elsewhere import Function
from backpass.checks.errors import NotAttempted, Wrong
from backpass.checks.watched import Watched, watching, weighing

if TYPE_CHECKING:
    from backpass.checks.attempt import Attempt
    from backpass.checks.exercise import Exercise


class Given:
    """The answer of an ``attempt``, called, watched, or read as numbers.

    Where that cannot be, ``Wrong`` says why. ``here`` has words for the case that is looked at.
    """

    def __init__(self, attempt: "Attempt") -> None:
        self.attempt = attempt
        self.here: list[str] = []

    @property
    def exercise(self) -> "Exercise":
        return self.attempt.exercise

    def call(
        self,
        *args: object,
        outputs: Sequence[str] | Mapping[str, ArrayLike] | None = None,
        asked: Iterable[str] | None = None,
        repeat: bool = True,
    ) -> object:
        """Call the learner's function with copies of ``args``; its result as plain arrays.

        What is not made of numbers (a SymPy expression, text, a dict) comes as it is. With
        ``outputs``, names, the function must return as many things, by these names or in this
        order; names that map to arrays say of what shape each is. Where a derivative is asked for,
        one that was measured ends the part, unless it is none of those ``asked`` for. The function
        is called twice, to see whether it gives the same result, unless ``repeat`` is false. Any
        exception, changed input, missing ``return`` or wrong number of arguments ends the part.
        """
        return self.attempt.call(*args, outputs=outputs, asked=asked, repeat=repeat)

    def watch(self, *args: object) -> Watched:
        """Look on while the learner's function is called with copies of ``args``, whatever comes
        of it. Ends the part if it works otherwise when somebody looks on.
        """
        answer, runner = self.attempt.answer, self.attempt.runner
        if isinstance(answer, Function):
            with runner.elsewhere():
                seen = answer.watch(args, seconds=runner.clock.left)
        else:
            seen = watched(runner, answer, args)
        if seen.lost:
            raise Wrong(seen.lost, "time" if runner.clock.left <= 0 else None)
        return seen

    def raises(self, *args: object) -> bool:
        """Does the learner's function stop with an exception when it is called with ``args``?"""
        try:
            self.call(*args, repeat=False)
        except NotAttempted:
            return False
        except Wrong as wrong:
            return wrong.mistake == "exception"
        return False

    def numbers(
        self,
        expression: object,
        at: dict | list,
        outputs: Iterable[str] | None = None,
        asked: Iterable[str] | None = None,
    ) -> NDArray:
        """The values of a SymPy expression or matrix (or a list of them) at a point.

        ``at`` maps the names of symbols to numbers; for a list of such dicts the values are
        stacked along a new first axis: see ``backpass.checks.symbols.numbers``. With
        ``outputs``, names, there must be as many expressions, by these names or in this order. Of
        those that are not ``asked`` for, one that is open or has no value is NaN.
        """
        names = None if outputs is None else tuple(outputs)
        asked = names if asked is None else tuple(asked)

        def values():
            if names is None:
                return symbols.numbers(expression, at)
            try:
                found = forms.several(expression, names)
            except forms.OtherForm as error:
                one = symbols.is_symbolic(expression)
                text = self.exercise.mistakes.get("shape", f"{choices.counted(names)} are wanted.")
                raise Wrong(f"{text} Yours is {'one.' if one else error}", "shape") from None
            if all(map(safely.is_placeholder, found)):
                raise NotAttempted("")
            pairs = zip(names, found, strict=True)
            return np.stack([value(entry, name in asked) for name, entry in pairs], axis=-1)

        def value(entry, wanted):
            try:
                if safely.is_placeholder(entry):
                    raise Wrong("Not attempted.")
                alone = np.empty(1, dtype=object)  # a pair stays one entry
                alone[0] = entry
                return symbols.numbers(alone, at)[..., 0]
            except Wrong:
                if wanted:
                    raise
                return np.full(len(at) if isinstance(at, list) else (), np.nan)

        return self.attempt.runner.in_time("your answer", values)

    def entry(self, name: str, names: Iterable[str]) -> float:
        """The number under ``name`` in an answer of one number for each of the ``names``."""
        return choices.entry(self.attempt.value, name, tuple(names))

    def each(self, cases: Iterable, here: str) -> Iterator:
        """Yield the cases one by one; a message then says which, as ``here`` formats it::

            for t, k in part.each([(12, 6), (7, 7)], "T = {}, K = {}"):

        After the last the part has its own name again.
        """
        for case in cases:
            self.here = [here.format(*case if isinstance(case, tuple) else (case,))]
            yield case
        self.here = []

    def results(
        self,
        args: list | None,
        right: Mapping[str, ArrayLike],
        at: dict | list | None,
        here: str | None,
        repeat: bool,
        asked: Iterable[str],
    ) -> tuple[list[str] | None, Iterable]:
        """Words for the places in each result, if it has one for each case or point, else None; and
        the results that the answer gives, with the arguments as for :meth:`.Part.outputs`.
        """
        if here is not None:
            return [here.format(*case) for case in args], self._of_cases(args, right, here, repeat)
        if at is None:
            return None, self.call(*args, outputs=right, asked=asked, repeat=repeat)
        values = self.numbers(self.attempt.value, at, outputs=right, asked=asked)
        values = np.moveaxis(values, -1, 0)  # several points have an axis of their own
        values = [np.real_if_close(value) for value in values]  # another may be complex
        return _points(at) if isinstance(at, list) else None, values

    def _of_cases(self, cases, right, here, repeat) -> list:
        """For each result the numbers that the answer gives in all cases."""
        alone = {name: np.zeros(()) for name in right}
        call = self.call if repeat else self.attempt.recall
        found = [call(*case, outputs=alone, repeat=repeat) for case in self.each(cases, here)]
        return [forms.read(list(numbers)) for numbers in zip(*found, strict=True)]


def watched(runner: safely.Runner, function: Callable, args: tuple) -> Watched:
    """Look on while ``function`` is called with copies of ``args``, whatever comes of it.

    Then it is called once more: who knows when somebody looks on shall not work otherwise then.
    """

    results, told = [], []
    with watching() as seen, weighing(seen):
        _call(runner, lambda *args: function(*map(seen.counting, args)), args, results, told)
    _call(runner, function, args, results, told)
    over = [wrong.message for wrong in told if wrong.mistake == "time"]
    if over:
        seen.lost = over[0]
    elif len(results) == 1 or (results and not safely.alike(*results)):
        seen.lost = "When somebody looks on, it gives another result than else."
    return seen


def _call(runner, function, args, results: list, told: list[Wrong]) -> None:
    """Keep what comes of a call, or what went wrong."""
    try:
        results.append(runner.call(function, args, repeat=False)[0])
    except Wrong as wrong:
        told.append(wrong)


def _points(at: list[Mapping[str, float]]) -> list[str]:
    """Words for points: ``n = 4, a = 0.2``, or just their number if there is much to tell."""
    if len(at[0]) > 5:
        return [f"point {i}" for i in range(1, len(at) + 1)]
    return [", ".join(f"{name} = {value:g}" for name, value in point.items()) for point in at]
