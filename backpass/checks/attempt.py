"""One learner's answer while it is being checked, part by part."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backpass.checks import safely
from backpass.checks.safely import NotAttempted, Runner, Wrong
from backpass.checks.score import Score
from backpass.gradcheck import diagnose
from backpass.gradcheck.plain import described, shown

if TYPE_CHECKING:
    from backpass.checks.exercise import Exercise


class Stop(Wrong):
    """Ends the whole attempt with 0 points."""


class Unlisted(Exception):
    """A fault of the check: it names a mistake that its exercise does not list."""


class Attempt:
    """What a check's body works with.

    ``exercise`` is a :class:`backpass.checks.Exercise`, ``answer`` what the learner gave.
    """

    def __init__(self, exercise: "Exercise") -> None:
        self.exercise, self.answer = exercise, None
        self.right = self.total = 0
        self.feedback, self.mistakes, self.warned = [], [], ""
        self.runner = Runner()

    def run(self, body: Callable[["Attempt"], None], answers: tuple) -> Score:
        """The ``Score`` of what was given to the check, by the parts that ``body`` states."""
        most, slug = self.exercise.points, self.exercise.slug
        try:
            with safely.listening():
                if len(answers) != 1:
                    text = f"Give the check one thing, your answer: check.{slug}(answer)."
                    raise Stop(f"{text} It was given {len(answers)}.", "type")
                self.answer = answers[0]
                body(self)
        except Wrong as wrong:  # outside any part, so there is nothing to go on with
            text = f"Not attempted, 0 of {most:g}. " * isinstance(wrong, NotAttempted)
            text = (text + wrong.message).strip()
            return Score(0, most, text, [wrong.mistake] if wrong.mistake else ())
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            text = f"The check itself failed ({type(error).__name__}: {error}). That is not your"
            return Score(0, most, f"{text} fault: please report it.", ["internal"])
        points = most
        if not self.total or self.right < self.total:
            # Rounded for the grade book; but only the whole work has the whole points.
            points = min(round(most * self.right / (self.total or 1), 2), most - 0.01)
        replaced = sorted(self.runner.restored)
        notes = [f"{name} had been replaced; it is itself again." for name in replaced]
        return Score(points, most, self.feedback + notes, dict.fromkeys(self.mistakes))

    @cached_property
    def value(self) -> object:
        """The answer itself, or what it returns if it is a function (called once, without
        arguments).
        """
        if callable(self.answer) and not isinstance(self.answer, type):
            return self.call()
        safely.refuse_placeholder(self.answer)
        return self.runner.in_time("your answer", safely.plainly, self.answer)

    def call(self, *args, outputs: tuple[str, ...] | None = None, repeat: bool = True):
        """What the learner's function returns; see :meth:`Part.call`."""
        safely.refuse_placeholder(self.answer)
        if not callable(self.answer) or isinstance(self.answer, type):
            text = "Give the check your function itself, not its result and without calling it: "
            text += f"check.{self.exercise.slug}(your_function). It was given "
            raise Stop(text + described(self.answer), "type")
        result, heard = self.runner.call(self.answer, args, outputs=outputs, repeat=repeat)
        self.warned = heard.numpy_warnings()
        return result

    def case(
        self,
        label: str,
        args: list | None,
        expected: ArrayLike,
        *,
        weight: float = 1,
        at: dict | list | None = None,
        repeat: bool = True,
        **options,
    ) -> None:
        """One part: the answer called with the list ``args`` should give ``expected``.

        With ``args=None`` the answer itself is the value. With ``at`` the value is a SymPy
        expression (or matrix), judged by its numbers there: see :meth:`Part.numbers`. The other
        ``options`` are those of :meth:`Part.expect`; the exercise's mistakes are functions of
        ``args`` unless ``of`` says otherwise.
        """
        options.setdefault("of", args)
        with self.part(label, weight) as part:
            value = self.value if args is None else part.call(*args, repeat=repeat)
            part.expect(value if at is None else part.numbers(value, at), expected, **options)

    def part(self, label: str, weight: float = 1) -> "Part":
        """A part of the exercise, as a context manager: see :class:`Part`."""
        return Part(self, label, weight)


class Part:
    """A part with more to it than one case. Its methods end the part when something is wrong::

        with attempt.part("the gradients of W and b", weight=2) as part:
            dW, db = part.call(X, T, W, b, outputs=("dW", "db"))
            part.expect(dW, DW, batch=4, of=[X, T, W, b])
            part.require(db.ndim == 1, "db has one entry per class.", "shape")

    The next part is tried all the same.
    """

    def __init__(self, attempt: Attempt, label: str, weight: float) -> None:
        self.attempt, self.label, self.weight = attempt, label, weight

    def call(self, *args, outputs: tuple[str, ...] | None = None, repeat: bool = True):
        """Call the learner's function with copies of ``args``; its result as plain arrays.

        What is not made of numbers (a SymPy expression, text, a dict) comes as it is. With
        ``outputs``, a tuple of names, the function must return as many things. It is called twice,
        to see whether it gives the same result, unless ``repeat`` is false. Any exception, changed
        input, missing ``return`` or wrong number of arguments ends the part.
        """
        return self.attempt.call(*args, outputs=outputs, repeat=repeat)

    def expect(
        self,
        value: object,
        expected: ArrayLike,
        *,
        of: Iterable | None = None,
        mistakes: dict | None = None,
        reduction: str | None = "mean",
        **options,
    ) -> None:
        """End the part unless ``value`` is ``expected``; see :func:`backpass.gradcheck.diagnose`.

        ``of`` is a list of what the exercise's mistakes are functions of: see
        :meth:`.Exercise.mistake`. Without it only the generic mistakes are looked for, with the
        exercise's sentences. The loss is a mean over the batch unless ``reduction`` says otherwise.
        """
        if not mistakes and diagnose(value, expected, reduction=reduction, **options):
            return  # what could have been wrong need not be worked out
        meanings, known = self.attempt.exercise.mistakes, self.attempt.exercise.foreseen(of)
        for slug, wrong in (mistakes or {}).items():
            if slug not in meanings:
                raise Unlisted(f"the exercise does not list the mistake {slug!r}")
            known[slug] = wrong if isinstance(wrong, tuple) else (wrong, meanings[slug])
        found = diagnose(value, expected, mistakes=known, reduction=reduction, **options)
        if not found:
            raise Wrong(found.message, found.mistake)

    def require(self, condition: object, message: str, mistake: str | None = None) -> None:
        """End the part with ``message`` unless ``condition``."""
        if not condition:
            raise Wrong(message, mistake)

    def blame(self, mistake: str) -> NoReturn:
        """End the part with the exercise's sentence for the slug ``mistake``."""
        raise Wrong(self.attempt.exercise.mistakes[mistake], mistake)

    def each(self, cases: Iterable, here: str) -> Iterator:
        """Yield the cases one by one; a message then says which, as ``here`` formats it::

            for t, k in part.each([(12, 6), (7, 7)], "T = {}, K = {}"):

        After the last the part has its own name again.
        """
        label = self.label
        for case in cases:
            told = here.format(*case) if isinstance(case, tuple | list) else here.format(case)
            self.label = f"{label}, here {told}"
            yield case
        self.label = label

    def choose(self, value: object, right: str, wrong: dict[str, str] | None = None) -> None:
        """End the part unless ``value`` is the word ``right`` (in any case, in brackets or not).

        ``wrong`` maps each other word to a slug of the exercise's mistakes, whose sentence is the
        feedback; without it the slugs themselves are the words.
        """
        meanings = self.attempt.exercise.mistakes
        wrong = {slug: slug for slug in meanings} if wrong is None else wrong
        words = ", ".join(sorted([right, *wrong]))
        if not isinstance(value, str):
            raise Wrong(f"Answer with one of the words {words}, as text in quotes.", "type")
        word = str.strip(value, " \t\n.:()'\"").lower()
        if word in wrong:
            raise Wrong(meanings[wrong[word]], wrong[word])
        if word != right:
            raise Wrong(f"{shown(word)} is not one of the choices: {words}.", "type")

    def numbers(self, expression: object, at: dict | list) -> NDArray:
        """The values of a SymPy expression or matrix (or a list of them) at a point.

        ``at`` maps the names of symbols to numbers; for a list of such dicts the values are
        stacked along a new first axis. Symbols are known by name, whatever their assumptions. A
        matrix of one row or one column is a vector, since SymPy has no other.
        """
        if isinstance(at, list):
            return np.stack([self.numbers(expression, point) for point in at])
        if isinstance(expression, str | dict) or callable(expression):
            raise Wrong(f"A SymPy expression is expected, not {described(expression)}", "type")
        return self.attempt.runner.in_time("your answer", self._evaluated, expression, at)

    @staticmethod
    def _evaluated(expression, at):
        import sympy  # takes a second; only some checks need it

        entries = np.array(expression, dtype=object)
        if isinstance(expression, sympy.MatrixBase) and 1 in entries.shape:
            entries = entries.ravel()
        values = np.empty(entries.shape, complex)
        for where, entry in np.ndenumerate(entries):
            try:
                entry = sympy.sympify(entry, strict=True)
                names = {symbol.name: symbol for symbol in entry.free_symbols}
                if unknown := sorted(set(names) - set(at)):
                    text = f"The answer contains {', '.join(unknown)}; it should be written in "
                    raise Wrong(f"{text}{', '.join(at)}.", "symbols")
                point = {symbol: at[name] for name, symbol in names.items()}
                values[where] = complex(entry.evalf(30, subs=point))
                if np.isnan(values[where]):
                    raise ValueError
            except (TypeError, AttributeError, ValueError, sympy.SympifyError):
                text = f"{shown(entry)} does not become a number when its symbols do."
                raise Wrong(f"The answer cannot be evaluated: {text}", "type") from None
        return values if np.any(values.imag) else values.real

    def __enter__(self):
        self.attempt.warned = ""
        return self

    def __exit__(self, kind, error, traceback):
        attempt = self.attempt
        attempt.total += self.weight
        if error is None:
            attempt.right += self.weight
            attempt.feedback.append(f"✓ {self.label}")
            return True
        untouched = isinstance(error, NotAttempted) and not attempt.right
        if untouched or not isinstance(error, Exception) or isinstance(error, Stop | Unlisted):
            return False  # the whole attempt ends
        if not isinstance(error, Wrong):
            error = Wrong(f"The check cannot use this answer ({error}).", "type")
        message = " ".join([error.message or "Not attempted.", attempt.warned]).strip()
        for told in attempt.feedback:
            earlier = told.removeprefix("✗ ").removesuffix(f": {message}")
            if told == f"✗ {earlier}: {message}" and earlier:
                message = f"the same as at “{earlier}”."
                break
        attempt.feedback.append(f"✗ {self.label}: {message}")
        attempt.mistakes += [error.mistake] if error.mistake else []
        return True
