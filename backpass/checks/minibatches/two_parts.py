"""The variance of an average of two averages, drawn without replacement."""

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.minibatches._inputs import KNOWS, LAST, normal
from backpass.checks.remembered import by_value

SIZES = [(2, 3, 7), (1, 4, 7), (4, 1, 6)]  # n1, n2, N
COVARIANCE, AVERAGE, RATIO = "the covariance", "the average of the two", "what it costs"


@dataclass(frozen=True, eq=False)
class Draws:
    """All ways to draw ``n1`` and then ``n2`` of some numbers, each as likely."""

    n1: int
    n2: int
    values: np.ndarray  # (N,)
    asked: str  # COVARIANCE, AVERAGE or RATIO

    @cached_property
    def means(self) -> np.ndarray:
        """Of the first part, of the second, and of both, (3, ways)."""
        return means(self.values, self.n1, self.n2)

    @cached_property
    def table(self) -> np.ndarray:
        """The covariances of the three means, (3, 3)."""
        return covariances(self.values, self.n1, self.n2)

    @property
    def variance(self) -> float:
        """Of the numbers."""
        return float(self.values.var())

    @property
    def N(self) -> int:
        return len(self.values)

    @property
    def average(self) -> float:
        """The variance of the average of the two means."""
        return float(self.means[:2].mean(axis=0).var())

    @property
    def right(self) -> float:
        """What is asked."""
        found = {COVARIANCE: self.table[0, 1], AVERAGE: self.average}
        return found.get(self.asked, self.average / self.table[2, 2])

    def of(self, covariance: float = 0.0, average: float = 0.0, whole: float = 1.0) -> float:
        """What is asked, of other variances."""
        return {COVARIANCE: covariance, AVERAGE: average}.get(self.asked, average / whole)


@by_value
def means(values: np.ndarray, n1: int, n2: int) -> np.ndarray:
    """Those of :class:`Draws`."""
    drawn = np.array(list(permutations(values, n1 + n2)))
    return np.array([drawn[:, :n1].mean(axis=1), drawn[:, n1:].mean(axis=1), drawn.mean(axis=1)])


@by_value
def covariances(values: np.ndarray, n1: int, n2: int) -> np.ndarray:
    """Of these means."""
    return np.cov(means(values, n1, n2), bias=True)


@exercise(
    "The price of averaging averages",
    section=KNOWS,
    points=4,
    kind="derive",
    mistakes={
        "shape": (
            "Three expressions are wanted: a covariance, a variance and a ratio.",
            "Return a list of three, in this order.",
        ),
        "zeros": (
            "The two parts are not independent. What does it tell of the second that an example is"
            " in the first?",
            "That it is not in the second: two draws have the covariance −v/(N − 1).",
        ),
    },
)
def two_parts(attempt):
    for asked, weight in {COVARIANCE: 1, AVERAGE: 2, RATIO: 1}.items():
        after = {"with-replacement", "sample-variance"}.intersection(attempt.mistakes)
        with attempt.part(asked, weight=weight) as part:
            for seed, (n1, n2, N) in enumerate(SIZES):
                values = 2 * normal(seed, N)[0]
                draws = {name: Draws(n1, n2, values, name) for name in (COVARIANCE, AVERAGE, RATIO)}
                right = {name: one.right for name, one in draws.items()}
                at = {"n1": n1, "n2": n2, "N": N, "v": values.var()}

                def of(name, given, draws=draws):
                    return [draws[name], given]

                part.outputs(None, right, asked, at=at, of=of, after=after, rtol=1e-9)


@two_parts.mistake(
    "This is for draws with replacement, which know nothing of each other. What does it tell of"
    " the other part that an example was drawn into this one?",
    "Two different draws have the covariance −v/(N − 1); put it wherever two draws meet.",
)
def with_replacement(draws, given):
    if draws.asked == COVARIANCE:
        return None
    apart = draws.variance * (1 / draws.n1 + 1 / draws.n2) / 4
    return draws.of(0.0, apart, draws.variance / (draws.n1 + draws.n2))


@two_parts.mistake(
    "The variance of each part is right, and that they know of each other is left out.",
    "Var ½(a + b) = ¼(Var a + Var b + 2 Cov(a, b)).",
)
def covariance_forgotten(draws, given):
    if draws.asked == COVARIANCE:
        return None
    return draws.of(0.0, (draws.table[0, 0] + draws.table[1, 1]) / 4, draws.table[2, 2])


@two_parts.mistake(
    "The covariance comes in once. How often does it stand in the variance of a sum of two?",
    "Twice: Var(a + b) = Var a + Var b + 2 Cov(a, b).",
)
def covariance_once(draws, given):
    if draws.asked == COVARIANCE:
        return None
    average = (draws.table[0, 0] + draws.table[1, 1] + draws.table[0, 1]) / 4
    return draws.of(0.0, average, draws.table[2, 2])


@two_parts.mistake(
    "The covariance has the wrong sign. If one part has got the large ones, what is left for the"
    " other?",
    "Small ones: write −v/(N − 1).",
)
def positive(draws, given):
    if draws.asked == COVARIANCE:
        return None
    average = (draws.table[0, 0] + draws.table[1, 1] - 2 * draws.table[0, 1]) / 4
    return draws.of(-draws.table[0, 1], average, draws.table[2, 2])


@two_parts.mistake(
    "The covariance of two draws has another number below. What do all N draws add up to, and so"
    " what is the variance of their sum?",
    "A constant, so 0 = N v + N(N − 1) c: divide by N − 1.",
)
def other_number(draws, given):
    return (
        closest(given, *(-draws.variance / n for n in (draws.N, draws.N + 1, draws.N - 2)))
        if draws.asked == COVARIANCE
        else None
    )


@two_parts.mistake(
    "The covariance of two means is smaller here than that of two draws. A mean of n1 and one of"
    " n2 have n1 n2 pairs between them.",
    "n1 n2 pairs, divided by n1 n2: it stays −v/(N − 1), whatever the parts' sizes.",
)
def divided_by_sizes(draws, given):
    if draws.asked != COVARIANCE:
        return None
    right, total = draws.table[0, 1], draws.n1 + draws.n2
    return closest(given, right / (draws.n1 * draws.n2), right / total, right * draws.n1 * draws.n2)


@two_parts.mistake(
    "The factor ½ of the average is not squared, or is left out.",
    "Var(½ x) = ¼ Var x.",
)
def not_squared(draws, given):
    if draws.asked == COVARIANCE:
        return None
    averages = 2 * draws.average, 4 * draws.average
    return closest(given, *(draws.of(0.0, one, draws.table[2, 2]) for one in averages))


@two_parts.mistake(
    f"This is the variance of the mean of all n1 + n2 examples, each of the same weight. {LAST}",
    "Here each part counts half, whatever its size: begin with ½(m1 + m2).",
)
def pooled(draws, given):
    return draws.table[2, 2] if draws.asked == AVERAGE else None


@two_parts.mistake(
    "The ratio is the wrong way up: averaging averages never makes it better.",
    "The variance of the average of the two means goes above.",
)
def upside_down(draws, given):
    return 1 / draws.right if draws.asked == RATIO else None


@two_parts.mistake(
    "Here v is taken for the variance with 1/(N − 1). It is the one with 1/N.",
    "With 1/N the covariance is −v/(N − 1), and a mean of n has (v/n)(1 − (n − 1)/(N − 1)).",
)
def sample_variance(draws, given):
    if draws.asked != AVERAGE:
        return None
    factor = (draws.N - 1) / draws.N
    return closest(given, draws.right * factor, draws.right / factor)


@two_parts.mistake(
    "The part of a mean that is drawn without replacement has another share of the data in it:"
    " (n − 1)/(N − 1) is to be taken from 1.",
    "Var of a mean of n is (v/n)(1 − (n − 1)/(N − 1)) = (v/n)(N − n)/(N − 1).",
)
def other_share(draws, given):
    if draws.asked == COVARIANCE:
        return None

    def with_share(share):
        def var(n):
            return draws.variance / n * (1 - share(n))

        average = (var(draws.n1) + var(draws.n2) + 2 * draws.table[0, 1]) / 4
        return draws.of(0.0, average, var(draws.n1 + draws.n2))

    N = draws.N
    shares = (lambda n: n / N, lambda n: (n - 1) / N, lambda n: n / (N - 1))
    with np.errstate(divide="ignore"):
        found = [with_share(share) for share in shares]
    return closest(given, *(one for one in found if np.isfinite(one)))
