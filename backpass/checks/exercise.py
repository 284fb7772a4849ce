"""An auto-checked exercise: what it asks for, and each mistake it names beside its sentence.

A module holds one exercise. Its body states the parts; each mistake is a function that gives the
values of a known wrong derivation, under the sentence that a learner who made it is told::

    @exercise("A softmax that does not overflow", points=2, kind="implement",
              mistakes={"shape": "One row of probabilities for each row of logits."})
    def softmax(attempt):
        with attempt.part("ordinary logits") as part:
            part.expect(part.call(Z), O, of=[Z])

    @softmax.mistake("The sum runs over the examples; it belongs over the classes.")
    def axis(z):
        return np.exp(z) / np.exp(z).sum(axis=0)

A sentence says what kind of slip it is. The way out, told on request only, stands behind it:
``@softmax.mistake("The sum runs over the examples.", "It belongs over the classes: axis=1.")``,
and in ``mistakes`` as a pair (:mod:`backpass.checks.stages`).

``softmax(answer)`` then returns a :class:`~backpass.checks.Score`, whatever it is given: it
raises nothing and lets nothing reach stderr (which nbgrader would score as 0). Expected values are
data or finite differences; no reference formula stands here.

A body states all its parts on every run, whatever came of the earlier ones, because their weights
add up to the points. See :class:`~backpass.checks.Attempt` and
:class:`~backpass.checks.Part`.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping

from backpass.checks.attempt import Attempt
from backpass.checks.axes import Axes
from backpass.checks.score import Score
from backpass.checks.stages import Told
from backpass.gradcheck.compare import ROUNDING

KINDS = ("derive", "implement", "repair", "predict", "choose", "synthesis")

#: The sentence of a mistake, or also the way out of it.
Sentence = str | tuple[str, str]


class Exercise:
    """What an exercise is called, what it is worth, which mistakes it names; and its check.

    ``slug`` names the check; ``mistakes`` maps a slug to the sentence that a learner who makes it
    is told, a ``Told`` with its fix. Its keys may be generic ones
    (:data:`backpass.gradcheck.GENERIC`) too: their explanation is then followed by the exercise's
    sentence. Mistakes send the learner to ``section``, a sentence such as ``"Section: “The
    zig-zag”."``, unless they name one themselves. ``axes`` has words for the axes of the answer, or
    of each of its results by name; they stand behind the indices that a message quotes
    (``backpass.checks.axes``). ``exact`` says that derivatives are asked for, and what is
    right is known to rounding: differences are then told as such, and are not right. ``ValueError``
    if anything is amiss.
    """

    def __init__(
        self,
        body: Callable[[Attempt], None],
        title: str,
        *,
        points: float,
        kind: str,
        section: str = "",
        mistakes: Mapping[str, Sentence] | None = None,
        axes: Axes | Mapping[str, Axes] | None = None,
        exact: bool = False,
    ) -> None:
        self.slug = self.__name__ = body.__name__
        self.__doc__, self.__module__ = body.__doc__, body.__module__
        self.title, self.points, self.kind, self.section = title, points, kind, section
        self.axes, self.exact = axes, exact
        #: How far off rounding may leave a right answer: 0 where all is right that is near.
        self.rounding = ROUNDING if exact else 0.0
        #: Whose exercise it is: the checks of a chapter are a package of its name.
        self.chapter = self.__module__.split(".")[-2] if "." in self.__module__ else ""
        if kind not in KINDS:
            raise ValueError(f"{self.slug}: kind is one of {', '.join(KINDS)}, not {kind!r}")
        if not points > 0:
            raise ValueError(f"{self.slug}: points must be positive, not {points!r}")
        self._body = body
        self._values: dict[str, Callable] = {}
        self.mistakes: dict[str, Told] = {}
        for name, sentence in (mistakes or {}).items():
            self._tell(name, sentence)
        #: If sentences are judged: by letter, is it true, and which mistake makes who denies it.
        self.judged: dict[str, tuple[bool, str]] = {}
        #: What this kernel's last check of it gave, and what was told there, by the part's label.
        self.last: Score | None = None
        self.told: dict[str, object] = {}
        answer = inspect.Parameter("answer", inspect.Parameter.POSITIONAL_ONLY)
        self.__signature__ = inspect.Signature(
            [answer]
            + [
                inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
                for name, default in (("hint", False), ("prediction", ...))
            ]
        )

    def mistake(self, sentence: Sentence, fix: str = "") -> Callable[[Callable], Callable]:
        """Enter a mistake: the decorated function gives its values, ``sentence`` is told, and
        ``fix`` to those who ask for the way out.

        The function's name is the slug, with hyphens. It gets what :meth:`.Part.expect` is given as
        ``of`` and returns the values that the mistake gives there, or ``(values, sentence)`` to say
        something else this once (a ``Told`` has a fix of its own), or None where it makes no
        difference or could not be computed. Mistakes are tried in the order in which they are
        entered.
        """

        def enter(function: Callable) -> Callable:
            slug = function.__name__.strip("_").replace("_", "-")
            self._tell(slug, (sentence, fix) if fix else sentence)
            self._values[slug] = function
            return function

        return enter

    def _tell(self, slug: str, sentence: Sentence) -> None:
        if slug in self.mistakes:
            raise ValueError(f"{self.slug} names the mistake {slug!r} twice")
        kind, fix = (sentence, "") if isinstance(sentence, str) else sentence
        names_one = not self.section or "Section:" in kind + fix
        self.mistakes[slug] = Told(kind if names_one else f"{kind} {self.section}", fix)

    def foreseen(self, of: Iterable | None) -> dict[str, tuple]:
        """The values of each mistake for the arguments ``of``, with the sentences, by slug.

        A mistake without values of its own comes with None: its sentence goes with the generic
        mistake of its name. So do all if ``of`` is None.
        """
        known = {slug: (None, sentence) for slug, sentence in self.mistakes.items()}
        for slug, function in self._values.items() if of is not None else ():
            values = function(*of)
            if values is not None:
                told = isinstance(values, tuple)
                known[slug] = values if told else (values, self.mistakes[slug])
        return known

    def __call__(
        self, *answers: object, hint: bool = False, prediction: object = ..., **named: object
    ) -> Score:
        attempt = Attempt(self, hint=bool(hint), prediction=prediction)
        self.last = attempt.run(self._body, (*answers, *named.values()))
        return self.last

    def __repr__(self) -> str:
        return f"<check of “{self.title}”: {self.slug}(answer)>"


def exercise(
    title: str,
    *,
    points: float,
    kind: str,
    section: str = "",
    mistakes: Mapping[str, Sentence] | None = None,
    axes: Axes | Mapping[str, Axes] | None = None,
    exact: bool = False,
) -> Callable[[Callable[[Attempt], None]], Exercise]:
    """Make the decorated body an :class:`Exercise`; see there for the arguments.

    ``mistakes`` are those that have no values of their own: generic ones, choices, and what the
    body finds out by itself.
    """

    def enter(body: Callable[[Attempt], None]) -> Exercise:
        return Exercise(
            body,
            title,
            points=points,
            kind=kind,
            section=section,
            mistakes=mistakes,
            axes=axes,
            exact=exact,
        )

    return enter
