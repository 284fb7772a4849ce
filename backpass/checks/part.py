"""A part of an attempt: what is asked there, and what to say if it is not so."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backpass.checks import forms, order, symbols
from backpass.checks.axes import Axes, in_words
from backpass.checks.errors import NotAttempted, Stop, Unlisted, Wrong
from backpass.checks.watched import Watched, watching, weighing
from backpass.gradcheck import Diagnosis, diagnose
from backpass.gradcheck.plain import shown

if TYPE_CHECKING:
    from backpass.checks.attempt import Attempt

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


class Part:
    """A part with more to it than one case. Its methods end the part when something is wrong::

        with attempt.part("the gradients of W and b", weight=2) as part:
            for case in part.each(CASES, "n = {0.n}"):
                part.outputs(case.args, case.right, ["dW", "db"], of=[case], batch=case.n)

    The next part is tried all the same.
    """

    def __init__(self, attempt: "Attempt", label: str, weight: float) -> None:
        self.attempt, self.label, self.weight = attempt, label, weight
        self._here: list[str] = []  # which case it is, and which of its results
        self._given = ""  # what of an earlier result it was right for

    @property
    def exercise(self):
        return self.attempt.exercise

    # --- what the learner gave -------------------------------------------------------------

    def call(self, *args, outputs=None, repeat: bool = True):
        """Call the learner's function with copies of ``args``; its result as plain arrays.

        What is not made of numbers (a SymPy expression, text, a dict) comes as it is. With
        ``outputs``, names, the function must return as many things, by these names or in this
        order; names that map to arrays say of what shape each is. It is called twice, to see
        whether it gives the same result, unless ``repeat`` is false. Any exception, changed input,
        missing ``return`` or wrong number of arguments ends the part.
        """
        return self.attempt.call(*args, outputs=outputs, repeat=repeat)

    def watch(self, *args) -> Watched:
        """Look on while the learner's function is called with copies of ``args``, whatever comes
        of it.
        """
        answer, runner = self.attempt.answer, self.attempt.runner
        with watching() as seen, weighing(seen), suppress(Wrong):
            runner.call(lambda *args: answer(*map(seen.counting, args)), args, repeat=False)
        return seen

    def raises(self, *args) -> bool:
        """Does the learner's function stop with an exception when it is called with ``args``?"""
        try:
            self.call(*args, repeat=False)
        except NotAttempted:
            return False
        except Wrong as wrong:
            return wrong.mistake == "exception"
        return False

    def numbers(
        self, expression: object, at: dict | list, outputs: Iterable[str] | None = None
    ) -> NDArray:
        """The values of a SymPy expression or matrix (or a list of them) at a point.

        ``at`` maps the names of symbols to numbers; for a list of such dicts the values are
        stacked along a new first axis: see ``backpass.checks.symbols.numbers``. With
        ``outputs``, names, there must be as many expressions, by these names or in this order.
        """
        names = None if outputs is None else tuple(outputs)

        def values():
            if names is None:
                return symbols.numbers(expression, at)
            try:
                found = forms.several(expression, names)
            except forms.OtherForm as error:
                one = symbols.is_symbolic(expression)
                text = self.exercise.mistakes.get("shape", f"{_counted(names)} are wanted.")
                raise Wrong(f"{text} Yours is {'one.' if one else error}", "shape") from None
            return symbols.numbers(list(found), at)

        return self.attempt.runner.in_time("your answer", values)

    def entry(self, name: str, names: Iterable[str]) -> float:
        """The number under ``name`` in an answer of one number for each of the ``names``."""
        names = tuple(names)
        text = f"Give {NUMBERS[len(names)]} numbers, one for each of {', '.join(names)}."
        try:
            found = forms.several(self.attempt.value, names, [()] * len(names))
        except forms.OtherForm:
            raise Wrong(text, "shape") from None
        value = dict(zip(names, found, strict=True))[name]
        if not (isinstance(value, np.ndarray | np.number) and np.shape(value) == ()):
            raise Wrong(text, "shape")
        if np.isnan(value) or np.iscomplexobj(value):
            raise Wrong(f"{text} {name} is {shown(value.item())}.", "type")
        return value.item()

    # --- what it should be -----------------------------------------------------------------

    def expect(
        self,
        value: object,
        expected: ArrayLike,
        *,
        of: Iterable | None = None,
        reduction: str | None = "mean",
        axes: Axes | None = None,
        **options,
    ) -> None:
        """End the part unless ``value`` is ``expected``; see :func:`backpass.gradcheck.diagnose`.

        ``of`` is a list of what the exercise's mistakes are functions of: see
        :meth:`.Exercise.mistake`. Without it only the generic mistakes are looked for, with the
        exercise's sentences. The loss is a mean over the batch unless ``reduction`` says otherwise.
        ``axes`` has words for the axes of the value: see ``backpass.checks.axes``. If the first
        has a name for each place, then right entries in another order are told so.
        """
        options["reduction"] = reduction
        if self._right(value, expected, options):
            return  # what could have been wrong need not be worked out
        axes = axes or self._axes(None)
        if axes and not isinstance(axes[0], str):
            self.in_order(value, expected, axes[0], of)
        found = self._diagnosed(value, expected, options, self.exercise.foreseen(of))
        raise Wrong(in_words(found.message, axes), found.mistake)

    def outputs(
        self,
        args: list | None,
        right: Mapping[str, ArrayLike],
        asked: Iterable[str] | str | None = None,
        *,
        of: Iterable | Callable[[str, object], Iterable] | None = None,
        at: dict | list | None = None,
        here: str | None = None,
        follows: Callable[[dict], Mapping[str, ArrayLike]] | None = None,
        repeat: bool = True,
        reduction: str | None = "mean",
        **options,
    ) -> None:
        """End the part unless the answer, called with ``args``, gives the results ``right``.

        ``right`` maps the name of every result to its value, in the order asked for; this part is
        about those ``asked`` only (a name, or several), else about all. With ``at`` the answer
        itself is SymPy expressions, judged by their numbers there. With ``here`` ``args`` is a list
        of cases, as for :meth:`each`, and the results are numbers: those of all cases are judged
        together, as ``right`` has them in an array, since one number alone may come of many slips.

        The exercise's mistakes are functions of what ``of`` holds and of the name of a result,
        unless ``of`` is itself a function, of this name and of what was given under it, that makes
        their arguments; without ``of`` only generic mistakes are looked for.

        Right results in another order are told so, before anything else. ``follows``, if given,
        takes the results by name and returns what would follow from those that are asked for in
        earlier parts: that is right here too.
        """
        names = tuple(right)
        asked = names if asked is None else (asked,) if isinstance(asked, str) else tuple(asked)
        options["reduction"] = reduction
        places = None
        if here is not None:
            places = [here.format(*case) for case in args]
            values = self._of_cases(args, right, here, repeat)
            options["lengths"] = False
        elif at is None:
            values = self.call(*args, outputs=right, repeat=repeat)
        else:
            values = self.numbers(self.attempt.value, at, outputs=names)
            values = np.moveaxis(values, -1, 0)  # several points have an axis of their own
            values = [np.real_if_close(value) for value in values]  # another may be complex
            if isinstance(at, list):
                places, options["lengths"] = _points(at), False
        results = order.Results(
            dict(zip(names, values, strict=True)),
            right,
            lambda value, expected: self._right(value, expected, options),
        )
        wrong = [name for name in asked if name in results.wrong]
        if not wrong:
            return
        if follows is not None and self._follows(results, wrong, follows):
            return

        def known(name):
            if callable(of):
                return self.exercise.foreseen(of(name, results.found[name]))
            return self.exercise.foreseen(None if of is None else [*of, name])

        name = wrong[0]
        if not _only_low(results.found[name], right[name]):
            self._refuse_other_order(
                results, wrong, lambda name: self._slips(results.found[name], known(name))
            )
        if len(asked) > 1:
            self._here.append(name)
        found = self._diagnosed(results.found[name], right[name], options, known(name))
        message = in_words(found.message, [places] if places else self._axes(name))
        if here is not None:
            message = re.sub(r"(\d) entries\b", r"\1 cases", message.replace("Every entry", "Each"))
        raise Wrong(message, found.mistake)

    def _of_cases(self, cases, right, here, repeat) -> list:
        """For each result the numbers that the answer gives in all cases."""
        alone = {name: np.zeros(()) for name in right}
        found = [self.call(*case, outputs=alone, repeat=repeat) for case in self.each(cases, here)]
        return [forms.read(list(numbers)) for numbers in zip(*found, strict=True)]

    def _right(self, value: object, expected: ArrayLike, options: dict) -> bool:
        value = forms.fit(value, np.shape(expected))
        if _is_low(value) and np.array_equal(value, expected):
            return True  # whole numbers lose nothing in float32
        return bool(diagnose(value, expected, **options))

    def _diagnosed(self, value, expected, options, known) -> Diagnosis:
        """What is wrong with a value that is not right."""
        value = forms.fit(value, np.shape(expected))
        if text := forms.refused(value):
            raise Wrong(self._explained("type", text), "type")
        if isinstance(value, tuple | list):
            for i, one in enumerate(value):
                if self._right(forms.read(one), expected, options):
                    text = f"{len(value)} things are returned, and [{i}] of them is right: return"
                    raise Wrong(self._explained("type", f"{text} that alone."), "type")
        if _only_low(value, expected):
            text = f"Right, but computed in {value.dtype}; the exercise asks for float64."
            raise Wrong(self._explained("precision", text), "precision")
        found = diagnose(value, expected, mistakes=known, **options)
        return found if found.mistake else self._left_over(value, expected, options, found)

    def _left_over(self, value, expected, options, otherwise: Diagnosis) -> Diagnosis:
        """What is wrong with a value if a multiple of an argument is left over in it."""
        for name, argument in self.attempt.given:
            hint = f"What is left over is a multiple of {name}."
            for x in _arrays(argument):
                if x.shape == np.shape(expected):
                    known = {"decay": (None, hint)}
                    found = diagnose(value, expected, mistakes=known, **{**options, "x": x})
                    if found.mistake == "decay":
                        return found
        return otherwise

    def _refuse_other_order(self, results, wrong, slips) -> None:
        """End the part if one of the ``wrong`` results was exchanged with others.

        ``slips`` gives for a name the mistakes that were foreseen to give what stands there. If one
        of them explains all that is wrong, then that is it.
        """
        alike, columns = results.alike, order.in_columns(results)
        moved = columns or any(order.exchanged(alike, name) for name in wrong)
        if moved and not set.intersection(*map(slips, results.wrong)):
            text = order.COLUMNS if columns else order.told(alike)
            raise Wrong(self._explained("order", text), "order")

    def in_order(
        self, value: object, expected: ArrayLike, names: Sequence[str], of: Iterable | None = None
    ) -> None:
        """End the part if the entries of ``value``, along its first axis, are right ones exchanged.

        ``names`` are what the entries are called. A mistake that was foreseen ``of`` something
        comes first.
        """
        expected = np.asarray(expected)
        value = forms.fit(value, expected.shape)
        if np.shape(value) != expected.shape or len(expected) != len(names):
            return
        size = np.max(np.abs(expected), initial=0, where=np.isfinite(expected))
        results = order.Results(
            dict(zip(names, value, strict=True)),
            dict(zip(names, expected, strict=True)),
            lambda value, expected: self._right(value, expected, {"atol": 1e-10 * size}),
        )
        if wrong := results.wrong:
            self._refuse_other_order(
                results, wrong, lambda name: self._slips(value, self.exercise.foreseen(of))
            )

    def _slips(self, value: object, known: Mapping) -> set[str]:
        """The foreseen mistakes that give this value."""
        wrong = {slug: values for slug, (values, _) in known.items() if values is not None}
        return {slug for slug, values in wrong.items() if self._right(value, values, {})}

    def _follows(self, results, wrong, follows) -> bool:
        """Are the wrong ones right for what came before them? It is then said in the feedback."""
        try:
            expected = follows(dict(results.found))
        except (TypeError, ValueError, ArithmeticError):
            return False
        if not all(results.same(results.found[name], expected[name]) for name in wrong):
            return False
        earlier = [name for name in results.wrong if name not in wrong]
        self._given = f" (right for your {', '.join(earlier)})"
        return True

    def _explained(self, slug: str, text: str) -> str:
        """``text``, and the exercise's sentence for this generic mistake if it has one."""
        return f"{text} {self.exercise.mistakes.get(slug, '')}".strip()

    def _axes(self, name: str | None) -> Axes | None:
        axes = self.exercise.axes
        return axes.get(name) if isinstance(axes, Mapping) else axes

    def require(self, condition: object, message: str, mistake: str | None = None) -> None:
        """End the part with ``message`` unless ``condition``."""
        if not condition:
            raise Wrong(message, mistake)

    def blame(self, mistake: str) -> NoReturn:
        """End the part with the exercise's sentence for the slug ``mistake``."""
        if mistake not in self.exercise.mistakes:
            raise Unlisted(f"the exercise does not list the mistake {mistake!r}")
        raise Wrong(self.exercise.mistakes[mistake], mistake)

    def each(self, cases: Iterable, here: str) -> Iterator:
        """Yield the cases one by one; a message then says which, as ``here`` formats it::

            for t, k in part.each([(12, 6), (7, 7)], "T = {}, K = {}"):

        After the last the part has its own name again.
        """
        for case in cases:
            self._here = [here.format(*case if isinstance(case, tuple) else (case,))]
            yield case
        self._here = []

    def choose(self, value: object, right: str, wrong: dict[str, str] | None = None) -> None:
        """End the part unless ``value`` is the word ``right`` (in any case, in brackets or not).

        ``wrong`` maps each other word to a slug of the exercise's mistakes, whose sentence is the
        feedback; without it the slugs themselves are the words.
        """
        meanings = self.exercise.mistakes
        wrong = {slug: slug for slug in meanings} if wrong is None else wrong
        words = ", ".join(sorted([right, *wrong]))
        if not isinstance(value, str):
            raise Wrong(f"Answer with one of the words {words}, as text in quotes.", "type")
        word = str.strip(value, " \t\n.:()'\"").lower()
        if word in wrong:
            raise Wrong(meanings[wrong[word]], wrong[word])
        if word != right:
            raise Wrong(f"{shown(word)} is not one of the choices: {words}.", "type")

    def predict(
        self,
        value: float,
        right: float,
        wrong: Mapping[float, str] | None = None,
        *,
        what: str,
        of: Iterable | None = None,
        near: float = 0,
    ) -> None:
        """End the part unless the number ``value`` is ``right``, without telling what is.

        ``wrong`` maps numbers to the slugs of the mistakes that lead to them; those of ``of`` come
        after them, as for :meth:`expect`. Who gives another number is told ``what`` to work out, in
        a sentence. Numbers that differ by less than ``near`` are alike.
        """

        def alike(number):
            return value == number or abs(value - number) < near

        if alike(right):
            return
        for number, slug in (wrong or {}).items():
            if alike(number):
                self.blame(slug)
        for slug, (number, sentence) in self.exercise.foreseen(of).items():
            if number is not None and alike(number):
                raise Wrong(sentence, slug)
        raise Wrong(f"{value:g} is not it. {what}")

    # --- how it ends -----------------------------------------------------------------------

    @property
    def told(self) -> str:
        """The part's name, with the case and the result that it stopped at."""
        if not self._here:
            return self.label
        return f"{self.label}, here {', '.join(self._here)}"

    def __enter__(self):
        self.attempt.warned = ""
        return self

    def __exit__(self, kind, error, traceback):
        attempt = self.attempt
        attempt.total += self.weight
        if error is None:
            attempt.right += self.weight
            attempt.feedback.append(f"✓ {self.label}{self._given}")
            return True
        untouched = isinstance(error, NotAttempted) and not attempt.right
        if untouched or not isinstance(error, Exception) or isinstance(error, Stop | Unlisted):
            return False  # the whole attempt ends
        if not isinstance(error, Wrong):
            error = Wrong(f"The check cannot use this answer ({error}).", "type")
        attempt.refuse(self.told, error)
        return True


def _arrays(argument: object) -> Iterator[NDArray]:
    """The arrays that an argument is, or holds."""
    if isinstance(argument, np.ndarray):
        yield argument
    elif isinstance(argument, list | tuple | dict):
        for value in argument.values() if isinstance(argument, dict) else argument:
            yield from _arrays(value)


def _points(at: list[Mapping[str, float]]) -> list[str]:
    """Words for points: ``n = 4, a = 0.2``, or just their number if there is much to tell."""
    if len(at[0]) > 5:
        return [f"point {i}" for i in range(1, len(at) + 1)]
    return [", ".join(f"{name} = {value:g}" for name, value in point.items()) for point in at]


def _is_low(value: object) -> bool:
    """Are these numbers of a type with fewer digits than float64?"""
    return (
        isinstance(value, np.ndarray | np.number)
        and value.dtype.kind in "fc"
        and bool(np.finfo(value.dtype).eps > 1e-10)
    )


def _only_low(value: object, expected: ArrayLike) -> bool:
    """Is it right, but for what computing in a type with fewer digits loses?"""
    expected = np.asarray(expected)
    if not _is_low(value) or np.shape(value) != expected.shape or not np.isfinite(expected).all():
        return False
    size = np.max(np.abs(expected), initial=0)
    few = min(1e3 * float(np.finfo(value.dtype).eps), 0.03)
    return bool(np.all(np.abs(value - expected) <= few * (np.abs(expected) + size / 10)))


def _counted(names: tuple[str, ...]) -> str:
    """``Three expressions (a, b, c)``."""
    number = NUMBERS[len(names)] if len(names) < len(NUMBERS) else str(len(names))
    return f"{number.capitalize()} expressions ({', '.join(names)})"
