"""A step from several parts of a batch: three slips to mend."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from backpass.checks import exercise, judging
from backpass.checks.minibatches._inputs import APART, LAST, normal
from backpass.gradcheck import slope


@dataclass(frozen=True, eq=False)
class Batch:
    """Weights, the parts of a batch, and the settings of a step."""

    w: np.ndarray  # (d,)
    parts: tuple[tuple[np.ndarray, np.ndarray], ...]  # inputs (n, d) and targets (n,)
    rate: float
    decay: float
    clip: float

    @property
    def given(self) -> list:
        """The learner's arguments."""
        return [self.w, [list(part) for part in self.parts], self.rate, self.decay, self.clip]

    @cached_property
    def means(self) -> np.ndarray:
        """Of each part, the gradient of half the mean squared error, (parts, d)."""
        return np.array([slope(lambda w: np.mean((x @ w - t) ** 2) / 2, self.w)  # noqa: B023
                         for x, t in self.parts])  # fmt: skip

    @property
    def right_mean(self) -> np.ndarray:
        """The gradient of all examples, (d,)."""
        return np.average(self.means, axis=0, weights=[len(t) for _, t in self.parts])

    def stepped(self, *slips: str) -> np.ndarray:
        """The weights after a step with these slips in it, (d,)."""
        counts = np.array([len(t) for _, t in self.parts])
        shares = counts / counts.sum()
        if "averages-averaged" in slips:
            shares = np.full(len(counts), 1 / len(counts))
        decay, each = self.decay * self.w, self.means
        if "decay-first" in slips:
            each, decay = each + decay, 0 * decay
        if "parts-clipped" in slips:
            return self.w - self.rate * (shares @ np.array([*map(self.cut, each)]) + decay)
        return self.w - self.rate * (self.cut(shares @ each) + decay)

    def cut(self, g: np.ndarray) -> np.ndarray:
        """Not longer than the threshold."""
        return g * min(1.0, self.clip / np.linalg.norm(g))


def batch(seed: int, d: int, counts: tuple[int, ...], decay: float, clip: float) -> Batch:
    """Parts whose targets lie far apart, so that their gradients are of different length."""
    rng = normal(seed, d, *((n, d) for n in counts), *counts)
    inputs, targets = rng[1 : len(counts) + 1], rng[len(counts) + 1 :]
    parts = tuple((x, t + 2 * i) for i, (x, t) in enumerate(zip(inputs, targets, strict=True)))
    return Batch(rng[0], parts, 0.3, decay, clip)


BATCHES = [
    batch(4, 3, (3, 5), 0.6, 90.0),  # not even the sum of all is cut
    batch(1, 3, (4, 2), 0.5, 0.8),
    batch(2, 2, (5, 3, 1), 0.7, 1.1),
    batch(3, 4, (2, 6), 0.4, 1.5),
]
SLIPS = ("averages-averaged", "decay-first", "parts-clipped")


@exercise(
    "Repair: a step in parts",
    section=APART,
    points=3,
    kind="repair",
    mistakes={
        "averages-averaged": (
            f"The parts' averages are averaged, though the parts are not alike. {LAST}",
            "Weigh each part's mean by its share of the examples, len(t) / n.",
        ),
        "decay-first": (
            "The decay is added before the gradient is cut, and so it is cut with it: where"
            " gradients are long hardly any decay is left.",
            "Cut the gradient of the loss alone, then add decay * w.",
        ),
        "parts-clipped": (
            "Each part is cut for itself. Cut parts do not add up to the cut whole: a part that is"
            " long loses its weight.",
            "Add up all parts first, and cut their sum.",
        ),
    },
)
def repair_step(attempt):
    left = slips_left(attempt)
    attempt.repair(left, 3, WHERE) if left is not None else None


WHERE = "The weights after a step are others."


def slips_left(attempt) -> list[str] | None:
    """The slips that are still there, by what comes out; None if that could be told in a part."""
    fits = [list(some) for n in range(4) for some in combos(n)]
    for case in BATCHES:
        value = attempt.call(*case.given)
        fits = [some for some in fits if judging.is_right(value, case.stepped(*some), {})]
        if not fits:
            with attempt.part("the weights after a step") as part:
                part.expect(value, case.stepped(), of=[case], rtol=1e-10)
            return None
    return fits[0]


def combos(n: int) -> list[tuple[str, ...]]:
    """Each choice of so many of the slips, in their order."""
    chosen = product((False, True), repeat=len(SLIPS))
    return [
        tuple(slip for slip, there in zip(SLIPS, some, strict=True) if there)
        for some in chosen
        if sum(some) == n
    ]


@repair_step.mistake(
    "The gradients are those of sums: each part's is to be a mean over its examples, or the sum of"
    " all is to be divided by all of them.",
    "Divide by the number of all examples, once.",
)
def summed(case):
    n = sum(len(t) for _, t in case.parts)
    counts = [len(t) for _, t in case.parts]
    return (
        case.w - case.rate * (case.cut(np.array(counts) @ case.means) + case.decay * case.w)
        if n > 1
        else None
    )


@repair_step.mistake(
    "It is divided twice: the parts' means by the number of all examples.",
    "Weigh each mean by len(t) / n, which adds up to 1.",
)
def divided_twice(case):
    n = sum(len(t) for _, t in case.parts)
    return case.w - case.rate * (case.cut(np.sum(case.means, axis=0) / n) + case.decay * case.w)


@repair_step.mistake(
    "The gradient is always brought to the length of the threshold, a short one too.",
    "Only what is longer is cut: multiply by min(1, clip / norm).",
)
def always_cut(case):
    g = case.right_mean
    return case.w - case.rate * (g * case.clip / np.linalg.norm(g) + case.decay * case.w)


@repair_step.mistake(
    "Nothing is cut.",
    "Multiply the gradient by min(1, clip / its norm).",
)
def never_cut(case):
    return case.w - case.rate * (case.right_mean + case.decay * case.w)
