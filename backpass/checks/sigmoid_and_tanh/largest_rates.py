"""The largest learning rate of a linear unit with a bias and a decay of its weights, its inputs as
they are and centred.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.judging import is_right, slips
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
#: n examples, d inputs, about what means, how widely spread, the decay. The last input varies
#: least, so that the smallest eigenvalue is not the bias's. At the square one, means of rows do not
#: raise. The last are so close together that, centred, the bias alone sets the
#: limit.
BATCHES = [
    (9, 3, -2.0, 3.0, 0.4),
    (4, 4, 1.0, 3.0, 0.3),
    (7, 5, 0.5, 3.0, 0.6),
    (8, 2, 1.5, 0.3, 0.5),
]


def with_ones(x: np.ndarray) -> np.ndarray:
    """The inputs x (n, d) and that of the bias, (n, d + 1)."""
    return np.hstack([x, np.ones((len(x), 1))])


def hessian(
    x: np.ndarray, decay: float, n: int | None = None, bias: bool = True, bias_too: bool = False
) -> np.ndarray:
    """That of the loss with a decay of the weights, (d + 1, d + 1), or (d, d) without a bias.

    The mean is over n examples, the number of rows of x unless it is given. ``bias_too``: does the
    bias decay?
    """
    seen = with_ones(x) if bias else x
    decays = np.full(seen.shape[1], decay)
    if bias and not bias_too:
        decays[-1] = 0
    return seen.T @ seen / (n or len(x)) + np.diag(decays)


def limit(x: np.ndarray, decay: float, **options) -> float:
    """The rate below which descent converges on a loss with this :func:`hessian`."""
    return 2 / np.linalg.eigvalsh(hessian(x, decay, **options))[-1]


@dataclass(frozen=True, eq=False)
class Batch:
    """Inputs, the decay, and whether the limit for them as they are or centred is wanted."""

    x: np.ndarray  # (n, d)
    decay: float
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
        return hessian(self.seen, self.decay)

    def limit(self, x: np.ndarray | None = None, **options) -> float:
        """The limit for the inputs that are wanted, or for other ones."""
        return limit(self.seen if x is None else x, self.decay, **options)


#: Slips on the way from the Hessian to its limit, and in the decay, that spoil both limits. A decay
#: or a bias that is not there is none of them.
IN_BOTH = {"decay-of-the-bias", "lambda-min", "n-forgotten", "one-over", "other-decay"}


@exercise("How fast may it learn?", section=VALLEY, points=4, kind="implement")
def largest_rates(attempt):
    for wanted in (AS_IT_IS, CENTRED):
        after = IN_BOTH.intersection(attempt.mistakes)  # a slip in both is paid for once
        with attempt.part(f"X {wanted}") as part:
            square = BATCHES[1][:2]
            first = part.raises(*uniform(13, BATCHES[0][:2]), BATCHES[0][-1])
            for n, d, means, spread, decay in sorted(
                BATCHES, key=lambda size: (size[:2] == square) != first
            ):
                (x,) = uniform(13, (n, d))
                x = spread * np.linspace(1, 0.2, d) * x + means + np.linspace(0, 1, d)
                batches = {name: Batch(x, decay, name) for name in (AS_IT_IS, CENTRED)}
                right = {name: batch.limit() for name, batch in batches.items()}

                def of(name, given, batches=batches):
                    return [batches[name], given]

                if spread >= 1:
                    part.outputs([x, decay], right, wanted, of=of, after=after, rtol=1e-10)
                    continue
                # Where the bias sets the limit many a slip gives 2 too, and was told before.
                values = part.call(x, decay, outputs=right)
                value = dict(zip(right, values, strict=True))[wanted]
                if after and (after & slips(value, attempt.exercise.foreseen(of(wanted, value)))):
                    part.told_above()
                    continue
                few = "With inputs that vary little it is not so."
                if is_right(value, batches[wanted].limit(bias=False), {}):
                    part.blame("bias-forgotten", few)
                if is_right(value, batches[wanted].limit(bias_too=True), {}):
                    part.blame("decay-of-the-bias", few)
                text = "With inputs that vary little the largest eigenvalue is another's."
                part.require(is_right(value, right[wanted], {"rtol": 1e-10}), text)


@largest_rates.mistake(
    "The decay has no part in it: this is the limit for the squared error alone.",
    "½ decay |w|² has the second derivative decay along each weight: add it to the Hessian's"
    " diagonal there, not at the bias.",
)
def decay_forgotten(batch, given):
    return closest(given, limit(batch.seen, 0), limit(batch.seen, 0, bias=False))


@largest_rates.mistake(
    "The bias decays too. The penalty has the weights in it alone.",
    "Add the decay to the diagonal for the weights; the bias's place has 0.",
)
def decay_of_the_bias(batch, given):
    return batch.limit(bias_too=True)


@largest_rates.mistake(
    "The decay is there with another factor.",
    "The second derivative of ½ decay w² is decay: no 2, no ½, no n.",
)
def other_decay(batch, given):
    n, decay = len(batch.x), batch.decay
    factors = (2, 0.5, 1 / n, n, decay)
    return closest(given, *(limit(batch.seen, decay * factor) for factor in factors))


@largest_rates.mistake(
    "The decay is added to every entry of the Hessian. Which second derivatives does ½ decay |w|²"
    " have?",
    "Only those of a weight along itself: add it to the diagonal, for the weights.",
)
def decay_everywhere(batch, given):
    seen = with_ones(batch.seen)
    plain = seen.T @ seen / len(seen)
    block = np.pad(np.full((len(plain) - 1,) * 2, batch.decay), (0, 1))
    whole = (plain + batch.decay, plain + block)
    return closest(given, *(2 / np.linalg.eigvalsh(one)[-1] for one in whole))


@largest_rates.mistake(*WRONG_AXIS)
def wrong_axis(batch, given):
    return (
        batch.limit(batch.x - batch.x.mean(axis=1, keepdims=True))
        if batch.wanted == CENTRED
        else None
    )


@largest_rates.mistake(*ROW_MEANS)
def row_means(batch, given):
    n, d = batch.x.shape
    return (
        batch.limit(batch.x - batch.x.mean(axis=1)) if batch.wanted == CENTRED and n == d else None
    )


@largest_rates.mistake(*GRAND_MEAN)
def grand_mean(batch, given):
    return batch.limit(batch.x - batch.x.mean()) if batch.wanted == CENTRED else None


@largest_rates.mistake(*SCALED)
def scaled(batch, given):
    return batch.limit(batch.c / batch.c.std(axis=0)) if batch.wanted == CENTRED else None


@largest_rates.mistake(
    "The smallest eigenvalue stands in the limit. Which direction diverges first?",
    "The steepest: take the largest.",
)
def lambda_min(batch, given):
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
    return batch.limit(batch.c) if batch.wanted == AS_IT_IS else None


@largest_rates.mistake(
    "This is the limit for X as it is, with its means.",
    "Take the mean of each input away before the products are averaged.",
)
def not_centred(batch, given):
    return batch.limit(batch.x) if batch.wanted == CENTRED else None


@largest_rates.mistake(
    "The products are summed over the examples, and the loss is a mean.",
    "Divide by n.",
)
def n_forgotten(batch, given):
    return batch.limit(n=1)


@largest_rates.mistake(
    "It is divided by another number than that of the examples.",
    "Divide by n, not by n − 1 as np.cov does unless told otherwise.",
)
def bessel(batch, given):
    return batch.limit(n=len(batch.x) - 1)


@largest_rates.mistake(
    "This is the largest eigenvalue itself. Is a steep valley one for a large rate?",
    "The limit is 2/λmax.",
)
def eigenvalue(batch, given):
    return batch.curvatures[-1]


@largest_rates.mistake(
    "The 1 of the bias is added to the largest eigenvalue of the weights. The bias is one more"
    " dimension; does it make another direction steeper by 1?",
    "Give X a column of ones before XᵀX/n is formed, and take the largest eigenvalue of all.",
)
def bias_added(batch, given):
    weights_alone = 2 / batch.limit(bias=False)
    return 2 / (weights_alone + 1)


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
    return batch.limit(bias=False)


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
    return batch.limit(n=batch.x.shape[1])


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
    return 2 * batch.limit()


@largest_rates.mistake(
    "This is a share of the limit.",
    "Give all of it, 2/λmax.",
)
def safely_below(batch, given):
    return closest(given, *(c * batch.limit() for c in (0.9, 0.95, 0.98, 0.99, 0.995, 0.999)))


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
        inner = inner[~np.isclose(2 / inner, batch.limit(batch.c, bias=False))]
    return closest(given, *(2 / inner)) if len(inner) and inner[0] > 1e-9 else None


@largest_rates.mistake(
    "The condition number stands for the eigenvalue. Does it say how fast the steepest"
    " direction may go?",
    "It does not: take λmax alone.",
)
def condition_number(batch, given):
    return 2 * batch.curvatures[0] / batch.curvatures[-1]
