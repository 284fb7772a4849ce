"""The largest learning rate of a linear unit, its inputs as they are and centred."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.sigmoid_and_tanh._inputs import (
    GRAND_MEAN,
    HIDDEN,
    ROW_MEANS,
    SCALED,
    VALLEY,
    WRONG_AXIS,
    uniform,
)

ZIGZAG = "Section: “The zig-zag”."

AS_IT_IS, CENTRED = "as it is", "centred"
#: n examples, d inputs, about what means. At the square one, means of rows do not raise.
BATCHES = [(9, 3, -2.0), (4, 4, 1.0), (7, 5, 0.5)]


def limit(x: np.ndarray, n: int | None = None) -> float:
    """The rate below which descent on a loss with the Hessian xᵀx/n converges.

    n is the number of rows of x unless it is given.
    """
    return 2 / np.linalg.eigvalsh(x.T @ x / (n or len(x)))[-1]


@dataclass(frozen=True, eq=False)
class Batch:
    """Inputs, and whether the limit for them as they are or for them centred is wanted."""

    x: np.ndarray  # (n, d)
    wanted: str  # AS_IT_IS or CENTRED

    @property
    def c(self) -> np.ndarray:
        """The inputs centred, (n, d)."""
        return self.x - self.x.mean(axis=0)

    @property
    def seen(self) -> np.ndarray:
        """What the unit is given, (n, d)."""
        return self.c if self.wanted == CENTRED else self.x

    @cached_property
    def curvatures(self) -> np.ndarray:
        """The eigenvalues of the loss's Hessian, ascending, (d,)."""
        return np.linalg.eigvalsh(self.seen.T @ self.seen / len(self.x))


@exercise("How fast may it learn?", section=VALLEY, points=4, kind="implement")
def largest_rates(attempt):
    for wanted in (AS_IT_IS, CENTRED):
        with attempt.part(f"X {wanted}") as part:
            square = BATCHES[1][:2]
            first = part.raises(*uniform(13, BATCHES[0][:2]))
            for n, d, means in sorted(BATCHES, key=lambda size: (size[:2] == square) != first):
                (x,) = uniform(13, (n, d))
                x = x + means + np.linspace(0, 1, d)
                batches = {name: Batch(x, name) for name in (AS_IT_IS, CENTRED)}
                right = {name: limit(batch.seen) for name, batch in batches.items()}

                def of(name, given, batches=batches):
                    return [batches[name], given]

                part.outputs([x], right, wanted, of=of, rtol=1e-10)


@largest_rates.mistake(WRONG_AXIS)
def wrong_axis(batch, given):
    return limit(batch.x - batch.x.mean(axis=1, keepdims=True)) if batch.wanted == CENTRED else None


@largest_rates.mistake(ROW_MEANS)
def row_means(batch, given):
    n, d = batch.x.shape
    return limit(batch.x - batch.x.mean(axis=1)) if batch.wanted == CENTRED and n == d else None


@largest_rates.mistake(GRAND_MEAN)
def grand_mean(batch, given):
    return limit(batch.x - batch.x.mean()) if batch.wanted == CENTRED else None


@largest_rates.mistake(SCALED)
def scaled(batch, given):
    return limit(batch.c / batch.c.std(axis=0)) if batch.wanted == CENTRED else None


@largest_rates.mistake(
    "The smallest eigenvalue stands in the limit. The steepest direction diverges first: 2/λmax."
    " The smallest says how long the flattest takes."
)
def lambda_min(batch, given):
    with np.errstate(all="ignore"):  # four examples centred leave one direction flat
        return 2 / batch.curvatures[0]


@largest_rates.mistake(
    "This is 1/λmax, the rate that settles the steepest direction in one step. Up to 2/λmax it"
    " still shrinks there, from alternating sides. (If it came from 2XᵀX/n: the ½ of the loss"
    f" cancels the 2 of the square.) {ZIGZAG}"
)
def one_over(batch, given):
    return 1 / batch.curvatures[-1]


@largest_rates.mistake("λmax is squared. The error is multiplied by 1 − ηλ at each step.")
def squared(batch, given):
    return 2 / batch.curvatures[-1] ** 2


@largest_rates.mistake(
    "This has the largest singular value of X. Its square, divided by n, is the eigenvalue of"
    " XᵀX/n."
)
def singular_value(batch, given):
    return 2 / np.linalg.norm(batch.seen, 2)


@largest_rates.mistake("The trace is the sum of all eigenvalues; the limit has the largest only.")
def trace(batch, given):
    return 2 / batch.curvatures.sum()


@largest_rates.mistake(
    "This is the limit for centred inputs, which comes second. The unit sees X as it is, with its"
    f" means: what counts is the second moment, not the covariance. {HIDDEN}"
)
def centred(batch, given):
    return limit(batch.c) if batch.wanted == AS_IT_IS else None


@largest_rates.mistake(
    "This is the limit for X as it is: the second moment in place of the covariance. The means must"
    " be taken away before the products are averaged."
)
def not_centred(batch, given):
    return limit(batch.x) if batch.wanted == CENTRED else None


@largest_rates.mistake("The loss is the mean over the n examples, so its Hessian is XᵀX/n.")
def n_forgotten(batch, given):
    return limit(batch.seen, n=1)


@largest_rates.mistake(
    "Divided by n − 1, as np.cov does unless told otherwise. The loss is a mean over n examples, so"
    " its Hessian has 1/n."
)
def bessel(batch, given):
    return limit(batch.seen, n=len(batch.x) - 1)


@largest_rates.mistake("This is λmax itself; the limit is 2/λmax.")
def eigenvalue(batch, given):
    return batch.curvatures[-1]


@largest_rates.mistake(
    "This is 2/(λmax + λmin), the rate that shrinks the slowest direction fastest. It is below the"
    f" limit, which only the steepest direction sets: 2/λmax. {ZIGZAG}"
)
def best_rate(batch, given):
    return 2 / (batch.curvatures[-1] + batch.curvatures[0])


@largest_rates.mistake("A column of ones is added, as for a bias. This unit has none: f = w·x.")
def with_bias(batch, given):
    return limit(np.hstack([batch.seen, np.ones((len(batch.x), 1))]))


@largest_rates.mistake(
    "The mean of the eigenvalues, or of the squares of all inputs, stands for the largest. The"
    " steepest direction is along a mixture of the inputs."
)
def mean_curvature(batch, given):
    mean = batch.curvatures.mean()
    return closest(given, 2 / mean, 2 / batch.seen.var(), 2 / batch.x.var())


@largest_rates.mistake(
    "The largest entry of XᵀX/n, or of its rows' sums, stands for λmax. They only enclose it."
)
def largest_entry(batch, given):
    hessian = batch.seen.T @ batch.seen / len(batch.x)
    return closest(given, 2 / np.diag(hessian).max(), 2 / np.abs(hessian).sum(axis=1).max())


@largest_rates.mistake(
    "Divided by the number of inputs, d; the loss is a mean over the n examples."
)
def inputs_counted(batch, given):
    return limit(batch.seen, n=batch.x.shape[1])


@largest_rates.mistake(
    "λmax is rooted. It is the square of a singular value already, over n: the limit is 2/λmax."
)
def rooted(batch, given):
    return 2 / np.sqrt(batch.curvatures[-1])


@largest_rates.mistake("The limit is upside down, λmax/2: the steeper, the slower.")
def upside_down(batch, given):
    return batch.curvatures[-1] / 2


@largest_rates.mistake("Twice the limit: with it the error would be multiplied by −3 at each step.")
def twice(batch, given):
    return 2 * limit(batch.seen)


@largest_rates.mistake(
    "Not all of the limit is given. It is 2/λmax itself, above which it diverges."
)
def safely_below(batch, given):
    return closest(given, *(c * limit(batch.seen) for c in (0.9, 0.95, 0.98, 0.99, 0.995, 0.999)))


@largest_rates.mistake("A small constant is added to λmax, which is far from 0.")
def constant(batch, given):
    return closest(given, *(2 / (batch.curvatures[-1] + c) for c in np.logspace(-10, -4, 7)))


@largest_rates.mistake(
    "This is an eigenvalue in another place. np.linalg.eig gives them in no order, and"
    " np.linalg.eigvalsh ascending: take the largest."
)
def other_eigenvalue(batch, given):
    inner = batch.curvatures[1:-1]
    return closest(given, *(2 / inner)) if len(inner) and inner[0] > 1e-9 else None


@largest_rates.mistake(
    "The condition number stands for λmax. It says how much longer the flattest direction takes,"
    " not how fast the steepest may go."
)
def condition_number(batch, given):
    with np.errstate(all="ignore"):  # four examples centred leave one direction flat
        return 2 * batch.curvatures[0] / batch.curvatures[-1]
