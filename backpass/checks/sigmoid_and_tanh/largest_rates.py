"""The largest learning rate of a linear unit with a bias, its inputs as they are and centred."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.judging import is_right
from backpass.checks.sigmoid_and_tanh._inputs import (
    GRAND_MEAN,
    ROW_MEANS,
    SCALED,
    VALLEY,
    WRONG_AXIS,
    uniform,
)

ZIGZAG = "Section: “The zig-zag”."

AS_IT_IS, CENTRED = "as it is", "centred"
#: n examples, d inputs, about what means, how widely spread. At the square one, means of rows do
#: not raise. The last are so close together that, centred, the bias alone sets the limit.
BATCHES = [(9, 3, -2.0, 3.0), (4, 4, 1.0, 3.0), (7, 5, 0.5, 3.0), (8, 2, 1.5, 0.3)]


def with_ones(x: np.ndarray) -> np.ndarray:
    """The inputs x (n, d) and that of the bias, (n, d + 1)."""
    return np.hstack([x, np.ones((len(x), 1))])


def limit(x: np.ndarray, n: int | None = None, bias: bool = True) -> float:
    """The rate below which descent on a loss with the Hessian of x, (n, d), and a bias converges.

    The mean is over n examples, the number of rows of x unless it is given.
    """
    seen = with_ones(x) if bias else x
    return 2 / np.linalg.eigvalsh(seen.T @ seen / (n or len(x)))[-1]


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
        """The inputs that the unit is given, (n, d)."""
        return self.c if self.wanted == CENTRED else self.x

    @cached_property
    def curvatures(self) -> np.ndarray:
        """The eigenvalues of the loss's Hessian, ascending, (d + 1,)."""
        return np.linalg.eigvalsh(self.moment)

    @property
    def moment(self) -> np.ndarray:
        """The loss's Hessian, (d + 1, d + 1)."""
        seen = with_ones(self.seen)
        return seen.T @ seen / len(self.x)


@exercise("How fast may it learn?", section=VALLEY, points=4, kind="implement")
def largest_rates(attempt):
    for wanted in (AS_IT_IS, CENTRED):
        with attempt.part(f"X {wanted}") as part:
            square = BATCHES[1][:2]
            first = part.raises(*uniform(13, BATCHES[0][:2]))
            for n, d, means, spread in sorted(
                BATCHES, key=lambda size: (size[:2] == square) != first
            ):
                (x,) = uniform(13, (n, d))
                x = spread * x + means + np.linspace(0, 1, d)
                batches = {name: Batch(x, name) for name in (AS_IT_IS, CENTRED)}
                right = {name: limit(batch.seen) for name, batch in batches.items()}

                def of(name, given, batches=batches):
                    return [batches[name], given]

                if spread >= 1:
                    part.outputs([x], right, wanted, of=of, rtol=1e-10)
                    continue
                # Where the bias sets the limit many a slip gives 2 too, and was told before.
                values = part.call(x, outputs=right)
                value = dict(zip(right, values, strict=True))[wanted]
                if is_right(value, limit(batches[wanted].seen, bias=False), {}):
                    part.blame("bias-forgotten", "With inputs that vary little it is not so.")
                text = "With inputs that vary little the largest eigenvalue is another's."
                part.require(is_right(value, right[wanted], {"rtol": 1e-10}), text)


@largest_rates.mistake(*WRONG_AXIS)
def wrong_axis(batch, given):
    return limit(batch.x - batch.x.mean(axis=1, keepdims=True)) if batch.wanted == CENTRED else None


@largest_rates.mistake(*ROW_MEANS)
def row_means(batch, given):
    n, d = batch.x.shape
    return limit(batch.x - batch.x.mean(axis=1)) if batch.wanted == CENTRED and n == d else None


@largest_rates.mistake(*GRAND_MEAN)
def grand_mean(batch, given):
    return limit(batch.x - batch.x.mean()) if batch.wanted == CENTRED else None


@largest_rates.mistake(*SCALED)
def scaled(batch, given):
    return limit(batch.c / batch.c.std(axis=0)) if batch.wanted == CENTRED else None


@largest_rates.mistake(
    "The smallest eigenvalue stands in the limit. Which direction diverges first?",
    "The steepest: take the largest.",
)
def lambda_min(batch, given):
    with np.errstate(all="ignore"):  # four examples centred leave one direction flat
        return 2 / batch.curvatures[0]


@largest_rates.mistake(
    "This is the rate that settles the steepest direction in one step. May it go faster?"
    " Section: “The zig-zag”.",
    "Up to twice that, 2/λmax, it still shrinks, from alternating sides. (If λ came from"
    " 2XᵀX/n: the ½ of the loss cancels the 2.)",
)
def one_over(batch, given):
    return 1 / batch.curvatures[-1]


@largest_rates.mistake(
    "The eigenvalue is squared.",
    "The error is multiplied by 1 − ηλ at each step: the limit is 2/λmax.",
)
def squared(batch, given):
    return 2 / batch.curvatures[-1] ** 2


@largest_rates.mistake(
    "This has the largest singular value of X in it.",
    "Square it and divide by n: that is the eigenvalue of XᵀX/n.",
)
def singular_value(batch, given):
    return 2 / np.linalg.norm(with_ones(batch.seen), 2)


@largest_rates.mistake(
    "This has the sum of all eigenvalues in it.",
    "Only the largest counts.",
)
def trace(batch, given):
    return 2 / batch.curvatures.sum()


@largest_rates.mistake(
    "This is the limit for centred inputs, and here the unit sees X as it is. Section: “Hidden"
    " activations have means”.",
    "Use X with its means: the second moment, not the covariance. The centred one comes second.",
)
def centred(batch, given):
    return limit(batch.c) if batch.wanted == AS_IT_IS else None


@largest_rates.mistake(
    "This is the limit for X as it is, with its means.",
    "Take the mean of each input away before the products are averaged.",
)
def not_centred(batch, given):
    return limit(batch.x) if batch.wanted == CENTRED else None


@largest_rates.mistake(
    "The products are summed over the examples, and the loss is a mean.",
    "Divide by n.",
)
def n_forgotten(batch, given):
    return limit(batch.seen, n=1)


@largest_rates.mistake(
    "It is divided by another number than that of the examples.",
    "Divide by n, not by n − 1 as np.cov does unless told otherwise.",
)
def bessel(batch, given):
    return limit(batch.seen, n=len(batch.x) - 1)


@largest_rates.mistake(
    "This is the largest eigenvalue itself. Is a steep valley one for a large rate?",
    "The limit is 2/λmax.",
)
def eigenvalue(batch, given):
    return batch.curvatures[-1]


@largest_rates.mistake(
    "This is the rate that shrinks the slowest direction fastest, which is below the limit."
    " Section: “The zig-zag”.",
    "The limit is set by the steepest direction alone: 2/λmax.",
)
def best_rate(batch, given):
    return 2 / (batch.curvatures[-1] + batch.curvatures[0])


@largest_rates.mistake(
    "The bias is not in it: this is the limit of a unit with weights alone, f = w·x. (LeCun and"
    " others forgot it, too.) Section: “A mean makes a narrow valley”.",
    "Give X a column of ones, whose weight is the bias, before XᵀX/n is formed.",
)
def bias_forgotten(batch, given):
    return limit(batch.seen, bias=False)


@largest_rates.mistake(
    "An average of the curvatures stands for the largest.",
    "Take the largest eigenvalue of the Hessian.",
)
def mean_curvature(batch, given):
    mean = batch.curvatures.mean()
    return closest(given, 2 / mean, 2 / batch.seen.var(), 2 / batch.x.var())


@largest_rates.mistake(
    "An entry of the Hessian, or a sum of a row, stands for its eigenvalue.",
    "Take np.linalg.eigvalsh of the whole matrix, and the largest.",
)
def largest_entry(batch, given):
    hessian = batch.moment
    return closest(given, 2 / np.diag(hessian).max(), 2 / np.abs(hessian).sum(axis=1).max())


@largest_rates.mistake(
    "It is divided by the number of inputs.",
    "The loss is a mean over the n examples: divide by len(X).",
)
def inputs_counted(batch, given):
    return limit(batch.seen, n=batch.x.shape[1])


@largest_rates.mistake(
    "The eigenvalue is rooted.",
    "It is the square of a singular value already: leave the root out.",
)
def rooted(batch, given):
    return 2 / np.sqrt(batch.curvatures[-1])


@largest_rates.mistake(
    "The limit grows with the eigenvalue here.",
    "The steeper, the slower: turn the fraction over, 2/λmax.",
)
def upside_down(batch, given):
    return batch.curvatures[-1] / 2


@largest_rates.mistake(
    "This is twice the limit. By what would the error be multiplied there?",
    "By −3: it is 2/λmax.",
)
def twice(batch, given):
    return 2 * limit(batch.seen)


@largest_rates.mistake(
    "This is a share of the limit.",
    "Give all of it, 2/λmax.",
)
def safely_below(batch, given):
    return closest(given, *(c * limit(batch.seen) for c in (0.9, 0.95, 0.98, 0.99, 0.995, 0.999)))


@largest_rates.mistake(
    "A small constant is added to the eigenvalue.",
    "Leave it out: λmax is far from 0.",
)
def constant(batch, given):
    return closest(given, *(2 / (batch.curvatures[-1] + c) for c in np.logspace(-10, -4, 7)))


@largest_rates.mistake(
    "This is an eigenvalue in another place.",
    "np.linalg.eig gives them in no order, np.linalg.eigvalsh ascending: take the largest.",
)
def other_eigenvalue(batch, given):
    inner = batch.curvatures[1:-1]
    if batch.wanted == CENTRED:  # that of the bias aside, they are those of the weights
        inner = inner[~np.isclose(2 / inner, limit(batch.c, bias=False))]
    return closest(given, *(2 / inner)) if len(inner) and inner[0] > 1e-9 else None


@largest_rates.mistake(
    "The condition number stands for the eigenvalue. Does it say how fast the steepest"
    " direction may go?",
    "It does not: take λmax alone.",
)
def condition_number(batch, given):
    with np.errstate(all="ignore"):  # four examples centred leave one direction flat
        return 2 * batch.curvatures[0] / batch.curvatures[-1]
