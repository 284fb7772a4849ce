"""A part of an attempt: what is asked there, and what to say if it is not so."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from numpy.typing import ArrayLike

from backpass.checks import choices, forms, judging, order, stages
from backpass.checks.axes import Axes, in_words
from backpass.checks.errors import NotAttempted, Stop, Unlisted, Wrong
from backpass.checks.given import Given
from backpass.gradcheck import Diagnosis, diagnose

if TYPE_CHECKING:
    from backpass.checks.attempt import Attempt


#: How a diagnosis begins what else fits: by a slug, which is no word for a learner.
ALSO = re.compile("Or, with the same numbers, “[^”]*”: ")

#: What is said of a part that only a slip of an earlier one spoils.
TOLD_ABOVE = " (but for what is told above)"


class Part(Given):
    """A part with more to it than one case. Its methods end the part when something is wrong::

        with attempt.part("the gradients of W and b", weight=2) as part:
            for case in part.each(CASES, "n = {0.n}"):
                part.outputs(case.args, case.right, ["dW", "db"], of=[case], batch=case.n)

    The next part is tried all the same.
    """

    def __init__(self, attempt: "Attempt", label: str, weight: float) -> None:
        super().__init__(attempt)
        self.label, self.weight = label, weight
        self._for = ""  # what of an earlier result it was right for

    def expect(
        self,
        value: object,
        expected: ArrayLike,
        *,
        of: Iterable | None = None,
        reduction: str | None = "mean",
        axes: Axes | None = None,
        rows: bool = True,
        after: Iterable[str] = (),
        **options: object,
    ) -> None:
        """End the part unless ``value`` is ``expected``; see :func:`backpass.gradcheck.diagnose`.

        ``of`` is a list of what the exercise's mistakes are functions of: see
        :meth:`.Exercise.mistake`. Without it only the generic mistakes are looked for, with the
        exercise's sentences. The loss is a mean over the batch unless ``reduction`` says otherwise.
        ``axes`` has words for the axes of the value: see ``backpass.checks.axes``. If the first
        has a name for each place, then right entries in another order are told so. A vector may
        come as a single row, unless ``rows`` is false. What one of the mistakes ``after`` explains,
        which were told in an earlier part, is right here.
        """
        options = {"reduction": reduction, "rounding": self.exercise.rounding, **options}
        if judging.is_right(value, expected, options):
            if not rows:
                self._refuse_row(value, expected)
            return  # what could have been wrong need not be worked out
        axes = axes or self._axes(None)
        if axes and not isinstance(axes[0], str):
            self.in_order(value, expected, axes[0], of)
        known = self.exercise.foreseen(of)
        found = self._diagnosed(value, expected, options, known)
        if self._explained(after, [value], [known], [found]):
            return
        raise self._wrong(found, known, lambda text: in_words(text, axes))

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
        after: Iterable[str] = (),
        repeat: bool = True,
        reduction: str | None = "mean",
        rows: bool = True,
        **options: object,
    ) -> None:
        """End the part unless the answer, called with ``args``, gives the results ``right``.

        ``right`` maps the name of every result to its value, in the order asked for; this part is
        about those ``asked`` only, else about all. Of a list of names the message says which is
        wrong; a single name is in the part's label. With ``at`` the answer itself is SymPy
        expressions, judged by their numbers there. With ``here`` ``args`` is a list of cases, as
        for :meth:`each`, and the results are numbers: those of all cases are judged together, as
        ``right`` has them in an array, since one number alone may come of many slips.

        The exercise's mistakes are functions of what ``of`` holds and of the name of a result,
        unless ``of`` is itself a function, of this name and of what was given under it, that makes
        their arguments; without ``of`` only generic mistakes are looked for.

        Right results in another order are told so, before anything else; in a later part they are
        right. ``follows``, if given,
        takes the results by name and returns what would follow from those that are asked for in
        earlier parts: that is right here too. And so is what one of the mistakes ``after`` explains
        wholly, which were told there: a slip costs the points of the first part that shows it. A
        vector may come as a single row, unless ``rows`` is false.
        """
        one = isinstance(asked, str)
        asked = (asked,) if one else tuple(right if asked is None else asked)
        options = {"reduction": reduction, "rounding": self.exercise.rounding, **options}
        places, values = self.results(args, right, at, here, repeat, asked)
        if places:
            options["lengths"] = False
        results = order.Results(
            dict(zip(right, values, strict=True)),
            right,
            lambda value, expected: judging.is_right(value, expected, options),
        )
        wrong = [name for name in asked if name in results.wrong]
        if not wrong and not rows:
            self._refuse_rows(args, right, asked)
        if not wrong:
            return
        if follows is not None and self._follows(results, wrong, follows):
            return

        def known(name):
            if callable(of):
                return self.exercise.foreseen(of(name, results.found[name]))
            return self.exercise.foreseen(None if of is None else [*of, name])

        if after:
            given = {name: results.found[name] for name in wrong}
            foreseen = [known(name) for name in given]
            found = [
                self._diagnosed(one, right[name], options, mistakes)
                for (name, one), mistakes in zip(given.items(), foreseen, strict=True)
            ]
            if self._explained(after, given.values(), foreseen, found):
                return
        if "order" in self.attempt.mistakes and all(
            order.exchanged(results.alike, name) for name in wrong
        ):
            return self.told_above()
        name = wrong[0]
        if not judging.only_low(results.found[name], right[name]):
            order.refuse_exchanged(
                results,
                wrong,
                lambda name: judging.slips(results.found[name], known(name)),
                self.exercise.mistakes,
            )
        if not one and len(right) > 1:
            self.here.append(name)
        foreseen = known(name)
        found = self._diagnosed(results.found[name], right[name], options, foreseen)

        def words(message):
            message = in_words(message, [places] if places else self._axes(name))
            if here is None:
                return message
            return re.sub(r"(\d) entries\b", r"\1 cases", message.replace("Every entry", "Each"))

        raise self._wrong(found, foreseen, words)

    def _refuse_rows(self, args: list, right: Mapping, asked: tuple[str, ...]) -> None:
        """End the part if one of the vectors that are ``asked`` for comes as a single row."""
        values = self.call(*args, asked=(), repeat=False)
        with suppress(forms.OtherForm):  # results of one shape come as an array of them
            values = forms.several(values, tuple(right))
        for name, value in zip(right, values, strict=True):
            if name in asked:
                self._refuse_row(value, right[name], name)

    def _refuse_row(self, value: object, expected: ArrayLike, name: str = "") -> None:
        """End the part if ``value``, a vector that is right, comes as a single row."""
        if np.ndim(expected) == 1 and np.shape(value) == (1, *np.shape(expected)):
            self.here += [name] if name else []
            known = self.exercise.foreseen(None)
            raise self._wrong(diagnose(value, expected, mistakes=known), known, str)

    def _wrong(self, found: Diagnosis, known: judging.Known, words: Callable[[str], str]) -> Wrong:
        """What was found, in the learner's ``words``, with the way out that is known of it."""
        sentences = {slug: sentence for slug, (_, sentence) in known.items()}
        fix = stages.fix_of(found.mistake, sentences)
        if not fix:
            fix = f"No hint fits it. {self.exercise.section}".strip()
        message = ALSO.sub("Or, with the same numbers: ", words(found.message))
        return Wrong(message, found.mistake, where=words(found.quote), fix=fix)

    def _diagnosed(self, value, expected, options, known) -> Diagnosis:
        """What is wrong with a value that is not right."""
        sentences, given = self.exercise.mistakes, self.attempt.given
        return judging.diagnosed(value, expected, options, known, sentences=sentences, given=given)

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
            lambda value, expected: judging.is_right(value, expected, {"atol": 1e-10 * size}),
        )
        if wrong := results.wrong:
            order.refuse_exchanged(
                results,
                wrong,
                lambda name: judging.slips(value, self.exercise.foreseen(of)),
                self.exercise.mistakes,
            )

    def _follows(self, results, wrong, follows) -> bool:
        """Are the wrong ones right for what came before them? It is then said in the feedback."""
        try:
            expected = follows(dict(results.found))
        except (TypeError, ValueError, ArithmeticError):
            return False
        if not all(results.same(results.found[name], expected[name]) for name in wrong):
            return False
        earlier = [name for name in results.wrong if name not in wrong]
        if earlier:
            self.right_for(f"your {', '.join(earlier)}")
        else:
            self.told_above()
        return True

    def _explained(self, after, values, known, found) -> bool:
        """Is one of the mistakes ``after`` behind all these wrong ``values``? It is then said.

        With each come the mistakes that are ``known`` of it, and the diagnosis that was ``found``.
        """
        made = [
            judging.slips(value, mistakes) | {diagnosis.mistake}
            for value, mistakes, diagnosis in zip(values, known, found, strict=True)
        ]
        if not set(after).intersection(*made):
            return False
        self.told_above()
        return True

    def right_for(self, what: str) -> None:
        """Tell, once the part is right, for ``what`` that was wrong before it is so."""
        self._for = f" (right for {what})"

    def told_above(self) -> None:
        """Say, if the part is right in the end, that only a slip of an earlier part spoils it."""
        self._for = TOLD_ABOVE

    def _axes(self, name: str | None) -> Axes | None:
        axes = self.exercise.axes
        return axes.get(name) if isinstance(axes, Mapping) else axes

    def require(self, condition: object, message: str, mistake: str | None = None) -> None:
        """End the part with ``message`` unless ``condition``."""
        if not condition:
            raise Wrong(message, mistake)

    def blame(self, mistake: str, where: str = "") -> NoReturn:
        """End the part with the exercise's sentence for the slug ``mistake``.

        What is told first is ``where``; without it the sentence is told at once.
        """
        if mistake not in self.exercise.mistakes:
            raise Unlisted(f"the exercise does not list the mistake {mistake!r}")
        self.refuse(self.exercise.mistakes[mistake], mistake, where=where)

    def refuse(self, message: str, mistake: str, *, where: str) -> NoReturn:
        """End the part with ``message`` for a mistake that the exercise lists; first with
        ``where``.
        """
        raise Wrong(message, mistake, where=where, fix=self.exercise.mistakes[mistake].fix)

    def choose(self, value: object, right: str, wrong: dict[str, str] | None = None) -> None:
        """End the part unless ``value`` is the word ``right`` (in any case, in brackets or not).

        ``wrong`` maps each other word to a slug of the exercise's mistakes, whose sentence is the
        feedback; without it the slugs themselves are the words.
        """
        meanings = self.exercise.mistakes
        wrong = {slug: slug for slug in meanings} if wrong is None else wrong
        choices.chosen(value, right, wrong, meanings)

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
        if choices.alike(value, right, near):
            return
        where = f"{value:g} is not it."
        for number, slug in (wrong or {}).items():
            if choices.alike(value, number, near):
                self.blame(slug, where)
        for slug, (number, sentence) in self.exercise.foreseen(of).items():
            if number is not None and choices.alike(value, number, near):
                fix = getattr(sentence, "fix", "")
                raise Wrong(sentence, slug, where=where, fix=fix)
        raise Wrong(f"{where} {what}")

    # --- how it ends -----------------------------------------------------------------------

    @property
    def told(self) -> str:
        """The part's name, with the case and the result that it stopped at."""
        if not self.here:
            return self.label
        return f"{self.label}, here {', '.join(self.here)}"

    def __enter__(self):
        self.attempt.warned = ""
        return self

    def __exit__(self, kind, error, traceback):
        attempt = self.attempt
        attempt.total += self.weight
        if error is None:
            attempt.right += self.weight
            attempt.feedback.append(f"✓ {self.label}{self._for}")
            return True
        untouched = isinstance(error, NotAttempted) and not attempt.right
        if untouched or not isinstance(error, Exception) or isinstance(error, Stop | Unlisted):
            return False  # the whole attempt ends
        if not isinstance(error, Wrong):
            error = Wrong(f"The check cannot use this answer ({error}).", "type")
        attempt.refuse(self.told, error)
        return True
