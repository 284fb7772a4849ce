"""One check per exercise, one module per chapter.

A chapter's module is a dict of exercises and, under each slug, the check that a learner calls::

    EXERCISES = {}

    @exercise(EXERCISES, "A softmax that does not overflow", points=2, kind="implement",
              mistakes={"axis": "The sum runs over the examples; it belongs over the classes.",
                        "no-shift": "exp overflows: subtract each row's maximum first.",
                        "shape": "One row of probabilities for each row of logits."})
    def softmax(attempt):
        attempt.case("ordinary logits", [Z], O, mistakes={"axis": O_BY_COLUMN})
        attempt.case("logits near 1000", [Z_LARGE], O_LARGE, mistakes={"no-shift": O_NAN})

``check.softmax(my_softmax)`` then returns a :class:`~backpass.score.Score`, whatever it is given:
it raises nothing and lets nothing reach stderr (which nbgrader would score as 0). Expected values
are data or finite differences; no reference formula stands here.

A body states all its parts on every run, whatever came of the earlier ones, because their weights
add up to the points. See :class:`~backpass.attempt.Attempt` and :class:`~backpass.attempt.Part`.
"""

import functools
import inspect
from dataclasses import dataclass

from backpass.attempt import Attempt, Part

__all__ = ["KINDS", "Attempt", "Exercise", "Part", "exercise"]

KINDS = ("derive", "implement", "repair", "predict", "choose")


@dataclass(frozen=True)
class Exercise:
    """An auto-checked exercise: what it is called, what it is worth, which mistakes it names.

    ``slug`` names the check function; ``mistakes`` maps a slug to the sentence that a learner who
    makes it is told. Its keys may be generic ones (:data:`backpass.gradcheck.GENERIC`) too: their
    explanation is then followed by the exercise's sentence. ``ValueError`` if anything is amiss.
    """

    slug: str
    title: str
    points: float
    kind: str
    mistakes: dict

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"{self.slug}: kind is one of {', '.join(KINDS)}, not {self.kind!r}")
        if not self.points > 0:
            raise ValueError(f"{self.slug}: points must be positive, not {self.points!r}")


def exercise(registry, title, *, points, kind, mistakes, section=""):
    """Decorate a check's body: enter it in ``registry`` and make it safe to call with anything.

    Mistakes send the learner to ``section``, a sentence such as ``"Section: “The zig-zag”."``,
    unless they name one themselves.

    The body is called with an :class:`Attempt`. The check that takes its place is called with the
    learner's answer, a function or a value, and returns a ``Score``. It goes by the body's name,
    which is also the slug, so that list and functions cannot drift apart.
    """

    told = {
        name: text if not section or "Section:" in text else f"{text} {section}"
        for name, text in mistakes.items()
    }

    def enter(body):
        slug = body.__name__
        if slug in registry:
            raise ValueError(f"there are two checks called {slug}")
        entry = registry[slug] = Exercise(slug, title, points, kind, told)

        @functools.wraps(body)
        def check(*answers, **named):
            return Attempt(entry).run(body, (*answers, *named.values()))

        del check.__wrapped__
        answer = inspect.Parameter("answer", inspect.Parameter.POSITIONAL_ONLY)
        check.__signature__ = inspect.Signature([answer])
        return check

    return enter
