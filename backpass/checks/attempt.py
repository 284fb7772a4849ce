"""One learner's answer while it is being checked, part by part."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from backpass.checks import choices, forms, judging, safely, stages
from backpass.checks.errors import NotAttempted, Stop, Wrong
from backpass.checks.part import Part
from backpass.checks.remembered import key_of
from backpass.checks.safely import Runner
from backpass.checks.score import Score
from backpass.checks.shadowed import shadowed
from backpass.checks.symbols import is_symbolic
from backpass.gradcheck.measure import overheard
from backpass.gradcheck.plain import described

if TYPE_CHECKING:
    from backpass.checks.exercise import Exercise


#: What is told of a derivative that `numerical_gradient` gave, whatever its method.
MEASURED = (
    "This is what `numerical_gradient`, `slope` or `vjp` gave: the numbers are measured, and the"
    " derivative itself is asked for."
)


class Attempt:
    """What a check's body works with.

    ``exercise`` is a :class:`backpass.checks.Exercise`, ``answer`` what the learner gave,
    ``prediction`` what they had written down before (``...``: nothing). ``hint`` asks for the way
    out of each mistake.
    """

    def __init__(
        self, exercise: "Exercise", *, hint: bool = False, prediction: object = ...
    ) -> None:
        self.exercise, self.answer, self.hint, self.prediction = exercise, None, hint, prediction
        self._called = (None, ())  # the function, and what it was last called with
        self.right = self.total = 0
        self.feedback, self.mistakes, self.warned = [], [], ""
        self.notes: list[str] = []  # what is told besides, at the end
        self.runner, self._refused, self._results = Runner(), {}, {}
        self._told, self._stages = {}, set()  # of this run, by the parts' labels

    def run(self, body: Callable[["Attempt"], None], answers: tuple) -> Score:
        """The ``Score`` of what was given to the check, by the parts that ``body`` states."""
        most, slug = self.exercise.points, self.exercise.slug
        try:
            with safely.listening():
                if len(answers) != 1:
                    text = f"Give the check one thing, your answer: check.{slug}(answer)."
                    raise Stop(f"{text} It was given {len(answers)}.", "type")
                self.answer = self._listed(answers[0])
                body(self)
        except Wrong as wrong:  # outside any part, so there is nothing to go on with
            text = f"Not attempted, 0 of {most:g}. " * isinstance(wrong, NotAttempted)
            text = (text + self._with_shadow(wrong).message).strip()
            return Score(
                0, most, text, [wrong.mistake] if wrong.mistake else (), self.exercise.chapter
            )
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            text = f"The check itself failed ({type(error).__name__}: {error}). That is not your"
            return Score(0, most, f"{text} fault: please report it.", ["internal"])
        self.exercise.told = self._told
        points = most
        if not self.total or self.right < self.total:
            # Rounded for the grade book; but only the whole work has the whole points.
            points = min(round(most * self.right / (self.total or 1), 2), most - 0.01)
        replaced = sorted(self.runner.restored)
        replaced = [f"{name} had been replaced; it is itself again." for name in replaced]
        more = stages.advice(self._stages, slug)
        told = [*self.feedback, *self.notes, *[more] * bool(more), *replaced]
        return Score(points, most, told, dict.fromkeys(self.mistakes), self.exercise.chapter)

    @cached_property
    def value(self) -> object:
        """The answer itself, or what it returns if it is a function (called once, without
        arguments).
        """
        value = self._listed(self.call()) if self._is_function else self.answer
        safely.refuse_placeholder(value)
        return self.runner.in_time("your answer", forms.read, value)

    def _listed(self, value: object) -> object:
        """An iterator as a list: it gives its values once, and several parts look at them."""
        if isinstance(value, Iterator):
            return self.runner.in_time("your answer", list, islice(value, 1000))
        return value

    @property
    def _is_function(self) -> bool:
        return (
            callable(self.answer)
            and not isinstance(self.answer, type)
            and not is_symbolic(self.answer)
        )

    def call(
        self,
        *args: object,
        outputs: Sequence[str] | Mapping[str, ArrayLike] | None = None,
        asked: Iterable[str] | None = None,
        repeat: bool = True,
    ) -> object:
        """What the learner's function returns; see :meth:`.Part.call`.

        A function without arguments may also be given as its value.
        """
        safely.refuse_placeholder(self.answer)
        function = self.answer
        if not self._is_function:
            if args:
                text = "Give the check your function itself, not its result and without calling it:"
                text += f" check.{self.exercise.slug}(your_function). It was given "
                raise Stop(text + described(self.answer), "type")

            if isinstance(self.answer, Iterator):  # it gives its values once
                self.answer = self.runner.in_time("your answer", list, islice(self.answer, 1000))

            def your_answer():
                return self.answer

            function, repeat = your_answer, False
        try:
            with overheard() as measured:
                result, heard = self.runner.call(function, args, outputs=outputs, repeat=repeat)
        except NotAttempted:
            raise
        except Wrong as wrong:
            raise self._in_its_words(wrong) from None
        looked_at = result
        if asked is not None:
            named = zip(outputs, result, strict=True) if outputs else ()
            looked_at = [one for name, one in named if name in asked]
        if self.exercise.exact and judging.comes_of(looked_at, measured):
            raise Wrong(MEASURED, "finite-differences", fix=stages.FIXES["finite-differences"])
        self.warned = heard.numpy_warnings()
        self._called = function, args
        return result

    def recall(self, *args: object, **options: object) -> object:
        """As :meth:`call` of an answer that need not be called again with these numbers, what came
        of them in an earlier part is told.
        """
        key = key_of(args)
        if key is None or key not in self._results:
            result = self.call(*args, **options)
            self._results[key] = result, self.warned, self._called
        result, self.warned, self._called = self._results[key]
        return result

    @property
    def given(self) -> list[tuple[str, object]]:
        """The parameters' names, and what the answer was last called with."""
        function, args = self._called
        names = safely.parameters(function, args) if args else []
        return list(zip(names, args, strict=True))

    def _in_its_words(self, wrong: Wrong) -> Wrong:
        """What came of calling the answer, with the exercise's sentence if it has one."""
        sentences = self.exercise.mistakes
        if wrong.mistake in sentences:
            return Wrong(f"{wrong.message} {sentences[wrong.mistake]}", wrong.mistake)
        return wrong

    def case(
        self,
        label: str,
        args: list | None,
        expected: ArrayLike,
        *,
        weight: float = 1,
        at: dict | list | None = None,
        repeat: bool = True,
        **options: object,
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

    def repair(self, left: Sequence[str], count: int, where: str = "") -> None:
        """A part for each of the ``count`` slips of a repair: those that are mended are right.

        Of those ``left``, slugs of mistakes, the first is told, and that there are more; ``where``
        is told first, which result is off and in which entries.
        """
        mended = max(count - len(left), 0)
        for i in range(count):
            with self.part(f"slip {i + 1} of {count}", 1 / count) as part:
                if i == mended:
                    more = f" (One of {len(left)} that are left.)" if len(left) > 1 else ""
                    sentence = self.exercise.mistakes[left[0]]
                    raise Wrong(sentence + more, left[0], where=where, fix=sentence.fix)
                part.require(i < mended, "It is told when the one before is mended.")

    def refuse(self, label: str, error: Wrong) -> None:
        """Enter a part that is wrong: what was told of an earlier part is told once."""
        error = self._with_shadow(error)
        error.fix = error.fix or stages.fix_of(error.mistake, self.exercise.mistakes)
        message = error.message or "Not attempted."
        # The same slip, though other numbers show it.
        slip = (error.mistake, _without_numbers(message) if error.mistake else message)
        self._told[label] = slip
        if earlier := self._refused.get(slip):
            message = f"the same as at “{earlier}”."
        else:
            self._refused[slip] = label
            stage = stages.stage(self.exercise.told.get(label) == slip, self.hint)
            if error.where or stage == "points":
                if error.mistake or stage == "where":  # of what nobody knows there is no hint
                    self._stages.add(stage)
                message = error.told(stage)
            elif error.fix and self.hint and stage == "full":
                message = f"{message} {error.fix}"
            elif error.fix:
                self._stages.add("kind")
            message = f"{message} {self.warned}".strip()
        self.feedback.append(f"✗ {label}: {message}" if message else f"✗ {label}")
        self.mistakes += [error.mistake] if error.mistake else []

    def judge(self, right: Mapping[str, tuple[bool, str]]) -> None:
        """The whole exercise: which of several sentences are true?

        ``right`` maps the letter of each sentence to whether it is true and to the slug of the
        mistake of who thinks otherwise. A sentence judged wrongly takes one judged rightly with
        it, so that guessing earns nothing on average; one that is open takes none.
        """
        self.exercise.judged, wrong = dict(right), []
        with self.part(f"the {choices.NUMBERS[len(right)]} sentences", len(right)) as part:
            found = choices.judgments(self.value, tuple(right))
            left = [letter for letter in right if found[letter] is None]
            judged = {letter: true for letter, (true, _) in right.items() if letter not in left}
            wrong += [letter for letter, true in judged.items() if found[letter] != true]
            if not wrong and not left:
                return
            self.right += max(0, len(judged) - 2 * len(wrong))
            count = f"{len(judged) - len(wrong)} of {len(right)} are judged rightly."
            count += f" Nothing is said of {', '.join(left)}." if left else ""
            part.require(wrong, count)
            sentence = self.exercise.mistakes[right[wrong[0]][1]]
            others = f" ({len(wrong) - 1} more of them.)" if len(wrong) > 1 else ""
            text = f"{count} Look at {wrong[0]} again. {sentence}{others}"
            part.refuse(text, right[wrong[0]][1], where=count)
        self.mistakes += [right[letter][1] for letter in wrong[1:]]

    def compare(self, what: str, value: object, predicted: object = ...) -> None:
        """Tell the learner how far the prediction was off; nothing is graded.

        ``what`` was predicted, ``value`` it is by their own measurement: call it where that has
        been found right. ``predicted`` is instead of the whole prediction, where it has several.
        """
        predicted = self.prediction if predicted is ... else predicted
        if predicted is not ... and predicted is not None:
            self.notes.append(choices.compared(what, predicted, value))

    def compare_cases(self, found: Mapping[str, float], counted: str) -> None:
        """Tell what was predicted of each case beside what was ``found`` there, by its letter.

        ``counted`` is what the numbers are, for whoever predicts something else than as many.
        """
        guesses = self.prediction
        guesses = guesses.tolist() if isinstance(guesses, np.ndarray) else guesses
        if isinstance(guesses, tuple | list) and len(guesses) == len(found):
            for guess, (letter, number) in zip(guesses, found.items(), strict=True):
                self.compare(f"case {letter}", number, guess)
        elif guesses is not ... and guesses is not None:
            many, shape = choices.NUMBERS[len(found)], ", ".join("…" * len(found))
            self.notes.append(
                f"The prediction is to be {many} numbers, ({shape}): so it can be set beside the"
                f" {counted}."
            )

    def _with_shadow(self, wrong: Wrong) -> Wrong:
        """Begin with a name that the notebook gave to something else, if the answer uses one."""
        if isinstance(wrong, NotAttempted) or not (found := shadowed(self.answer)):
            return wrong
        mistake = "shadowed" if wrong.mistake in (None, "exception") else wrong.mistake
        return Wrong(f"{found} ({wrong.message})" if wrong.message else found, mistake)


def _without_numbers(message: str) -> str:
    """The message without the entry, or the shapes, that it quotes."""
    quote = r"(?:At \[[^]]*\](?: \([^)]*\))?|Here) yours is [^,]*, right is \S*"
    shapes = r"The shape is \([^)]*\); it should be \([^)]*\)\."
    return re.sub(f"{quote}|{shapes}|to about \\d+ digits", "", message)
