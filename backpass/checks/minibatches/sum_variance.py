"""The variance of a batch's summed gradient, with and without replacement."""

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.minibatches._inputs import KNOWS, SUM, normal
from backpass.checks.remembered import by_value

SIZES = [(6, 6, 3), (6, 3, 4), (7, 2, 5)]  # N examples, d weights, B
WITH, WITHOUT = "with replacement", "without replacement"


@dataclass(frozen=True, eq=False)
class Batches:
    """All batches of B of the examples whose gradients are ``G``, each as likely."""

    G: np.ndarray  # (N, d)
    B: int
    replace: bool

    def scatter(self, replace: bool) -> np.ndarray:
        """The variance of the sums of all batches that can be drawn so, (d,)."""
        return scatter(self.G, self.B, replace)

    @property
    def right(self) -> np.ndarray:
        """The variance that is asked for, (d,)."""
        return self.scatter(self.replace)

    @property
    def left(self) -> float:
        """Without replacement, the part of it that is left."""
        return float((self.right / self.scatter(True))[0])

    @property
    def single(self) -> np.ndarray:
        """The variance of one example's gradient, (d,)."""
        return self.G.var(axis=0)


@by_value
def scatter(G: np.ndarray, B: int, replace: bool) -> np.ndarray:
    """The variance of the sums of all batches of B of the rows of G (N, d): (d,)."""
    N = len(G)
    ways = product(range(N), repeat=B) if replace else combinations(range(N), B)
    return G[np.array(list(ways))].sum(axis=1).var(axis=0)


#: Slips that both ways to draw show, and that are paid for once.
IN_BOTH = {"of-the-mean", "sample-variance", "spread", "squared", "wrong-axis", "not-centred"}


@exercise(
    "How far do sums scatter?",
    section=KNOWS,
    points=4,
    kind="implement",
    axes=("weights",),
)
def sum_variance(attempt):
    for label, replace in ((WITH, True), (WITHOUT, False)):
        after = IN_BOTH.intersection(attempt.mistakes)
        with attempt.part(label, weight=2) as part:
            for N, d, B in part.each(SIZES, "N = {}, d = {}, B = {}"):
                (G,) = normal(10 * N, (N, d))
                case = Batches(G * np.arange(1, d + 1) + 1, B, replace)
                value = part.call(case.G, B, replace)
                part.expect(value, case.right, of=[case, value], after=after, rtol=1e-10)


@sum_variance.mistake(
    f"This is the variance of the mean. The sum is B times as long. {SUM}",
    "A factor B in a number is a factor B² in its variance: B σ², not σ²/B.",
)
def of_the_mean(case, given):
    return case.right / case.B**2


@sum_variance.mistake(
    "The variance of single examples is taken with 1/(N − 1). These N are all there are, not a"
    " sample of more.",
    "np.var without ddof, which divides by N.",
)
def sample_variance(case, given):
    return case.right * len(case.G) / (len(case.G) - 1)


@sum_variance.mistake(
    "This is the formula for draws with replacement, and here none can come twice.",
    "Multiply by 1 − (B − 1)/(N − 1).",
)
def with_for_without(case, given):
    if case.replace:
        return None
    (plain, scaled) = case.right / case.left, case.right / case.left / case.B**2
    return closest(given, plain, scaled)


@sum_variance.mistake(
    "This is for draws without replacement, and here an example may come twice.",
    "Draws with replacement know nothing of each other: leave the factor out.",
)
def without_for_with(case, given):
    return case.scatter(False) if case.replace else None


@sum_variance.mistake(
    "The part that is left has other numbers in it. At B = 1 all is left, at B = N nothing.",
    "1 − (B − 1)/(N − 1).",
)
def other_share(case, given):
    if case.replace:
        return None
    N, B = len(case.G), case.B
    shares = 1 - B / N, 1 - (B - 1) / N, 1 - B / (N - 1), (B - 1) / (N - 1), 1 - B / (N + 1)
    return closest(given, *(case.right / case.left * share for share in shares))


@sum_variance.mistake(
    "The variance is taken over the weights of an example. What varies from batch to batch?",
    "The examples: axis=0.",
)
def wrong_axis(case, given):
    return case.G.var(axis=1) * case.B * case.left


@sum_variance.mistake(
    "This is the spread, the root of the variance.",
    "Leave the root out.",
)
def spread(case, given):
    return closest(given, np.sqrt(case.right), np.sqrt(case.right) / case.B)


@sum_variance.mistake(
    "The variance has B² in it, as if the B examples of a batch were one example B times.",
    "They vary each for itself: variances add up, B of them.",
)
def squared(case, given):
    return case.right * case.B


@sum_variance.mistake(
    "This is the variance of a single example's gradient, as if B were 1.",
    "Add up B of them.",
)
def one_example(case, given):
    return closest(given, case.single, case.single * case.left)


@sum_variance.mistake(
    "This is a mean square: the mean has not been taken away.",
    "np.var takes the mean of each weight's gradients away before it squares.",
)
def not_centred(case, given):
    return (case.G**2).mean(axis=0) * case.B * case.left


@sum_variance.mistake(
    "All weights have one number.",
    "Each weight has its own variance: axis=0.",
)
def of_all_weights(case, given):
    factor = case.B * case.left
    whole = (case.G.var(), case.single.sum(), case.single.mean())
    found = [np.asarray(one * factor) for one in whole]
    return closest(given, *found, *(np.full(case.G.shape[1], one) for one in found))
