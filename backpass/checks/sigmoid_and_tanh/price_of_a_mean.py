"""The condition number that inputs with means have, that of centred ones, and the bias's share."""

from dataclasses import dataclass, replace

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.sigmoid_and_tanh._inputs import HIDDEN, VALLEY

AS_THEY_ARE, CENTRED, WITH_BIAS = "as they are", "centred", "the largest eigenvalue with a bias"
VALUES = [(7, 0.6, 1.7, 0.3), (10, -0.7, 0.04, 0.01), (4, 0.5, 0.31, 0.07)]  # d, m, v, c


@dataclass(frozen=True)
class Inputs:
    """``d`` inputs of mean ``m`` and variance ``v``, every two of covariance ``c``."""

    d: int
    m: float
    v: float
    c: float
    taken: str  # AS_THEY_ARE, CENTRED or WITH_BIAS

    @property
    def ends(self) -> np.ndarray:
        """The smallest and the largest eigenvalue of their second moment, (2,)."""
        covariance = self.v * np.eye(self.d) + self.c * (1 - np.eye(self.d))
        mean = np.full(self.d, 0.0 if self.taken == CENTRED else self.m)
        if self.taken == WITH_BIAS:  # one more input, always 1
            covariance, mean = np.pad(covariance, (0, 1)), np.append(mean, 1.0)
        return np.linalg.eigvalsh(covariance + np.outer(mean, mean))[[0, -1]]

    @property
    def asked(self) -> float:
        """The condition number of their second moment; with the bias, its largest eigenvalue."""
        smallest, largest = self.ends
        return largest if self.taken == WITH_BIAS else largest / smallest


@exercise(
    "The price of a mean",
    section=VALLEY,
    points=4,
    kind="derive",
    mistakes={"shape": "Three expressions are wanted."},
)
def price_of_a_mean(attempt):
    weights = {AS_THEY_ARE: 1, CENTRED: 1, WITH_BIAS: 2}
    for taken, weight in weights.items():
        with attempt.part(taken, weight=weight) as part:
            for values in VALUES:
                at = dict(zip("dmvc", values, strict=True))
                inputs = {name: Inputs(*values, name) for name in weights}
                right = {name: one.asked for name, one in inputs.items()}

                def of(name, given, inputs=inputs):
                    return [inputs[name], given]

                part.outputs(None, right, taken, at=at, of=of, rtol=1e-9)


@price_of_a_mean.mistake(
    "The covariance is taken for the second moment. The curvature is covariance + mean · meanᵀ, and"
    " the means are still there."
)
def means_forgotten(inputs, given):
    centred = replace(inputs, taken=CENTRED)
    if inputs.taken == WITH_BIAS:
        return max(centred.ends[1], 1)  # the bias's 1 stands alone
    return centred.asked if inputs.taken == AS_THEY_ARE else None


@price_of_a_mean.mistake("The means are still in it. Centred inputs have the second moment Cov.")
def not_centred(inputs, given):
    return replace(inputs, taken=AS_THEY_ARE).asked if inputs.taken == CENTRED else None


@price_of_a_mean.mistake(
    "The number d of inputs is missing: m² times the matrix of ones has the eigenvalue d m²."
)
def width_forgotten(inputs, given):
    smallest, largest = replace(inputs, taken=CENTRED).ends
    if inputs.taken == AS_THEY_ARE:
        return (largest + inputs.m**2) / smallest
    if inputs.taken == CENTRED:
        return None
    along = largest + inputs.d * inputs.m**2
    return (along + 1 + np.sqrt((along - 1) ** 2 + 4 * inputs.m**2)) / 2


@price_of_a_mean.mistake("The mean enters the second moment squared: E[x_i x_j] = c + m².")
def mean_not_squared(inputs, given):
    smallest, largest = replace(inputs, taken=CENTRED).ends
    return (largest + inputs.d * inputs.m) / smallest if inputs.taken == AS_THEY_ARE else None


@price_of_a_mean.mistake(
    "This is for uncorrelated inputs, c = 0. Off the diagonal the covariance holds c, which both"
    f" eigenvalues feel. {HIDDEN}"
)
def correlation_forgotten(inputs, given):
    return replace(inputs, c=0).asked


@price_of_a_mean.mistake(
    "An input has d − 1 others, not d: a row of the covariance sums to v + (d − 1) c."
)
def own_pair(inputs, given):
    smallest, largest = inputs.ends
    return (largest + inputs.c) / smallest if inputs.taken != WITH_BIAS else None


@price_of_a_mean.mistake(
    "v is not the smallest eigenvalue here: for entries that sum to 0, the others' c is lacking,"
    " which leaves v − c."
)
def smallest_is_v(inputs, given):
    return inputs.ends[1] / inputs.v if inputs.taken != WITH_BIAS else None


@price_of_a_mean.mistake("This is the largest eigenvalue. Divide by the smallest.")
def largest_only(inputs, given):
    return inputs.ends[1] if inputs.taken != WITH_BIAS else None


@price_of_a_mean.mistake("This is the smallest over the largest; the condition number is ≥ 1.")
def upside_down(inputs, given):
    return 1 / inputs.asked if inputs.taken != WITH_BIAS else None


@price_of_a_mean.mistake(
    "This is as without the bias: its input of 1 adds a row and a column, with m beside x and 1 on"
    " the diagonal."
)
def bias_ignored(inputs, given):
    return replace(inputs, taken=AS_THEY_ARE).ends[1] if inputs.taken == WITH_BIAS else None


@price_of_a_mean.mistake(
    "The bias is counted as one more input like the others. Its input is 1 always: mean 1, variance"
    " 0, no correlation."
)
def bias_as_input(inputs, given):
    one_more = replace(inputs, taken=AS_THEY_ARE, d=inputs.d + 1)
    return one_more.ends[1] if inputs.taken == WITH_BIAS else None


@price_of_a_mean.mistake(
    "The bias's 1 is added to the eigenvalue. That is the trace, the sum of the *two* eigenvalues"
    " that mix equal entries and bias."
)
def bias_added(inputs, given):
    without = replace(inputs, taken=AS_THEY_ARE)
    return without.ends[1] + 1 if inputs.taken == WITH_BIAS else None


@price_of_a_mean.mistake(
    "Of the two eigenvalues that mix equal entries and bias this is the smaller one."
)
def smaller_root(inputs, given):
    product = replace(inputs, taken=CENTRED).ends[1]  # of the two, whatever the mean
    return product / inputs.asked if inputs.taken == WITH_BIAS else None


@price_of_a_mean.mistake("d stands twice: m² times the matrix of ones has the eigenvalue d m².")
def width_squared(inputs, given):
    smallest, largest = replace(inputs, taken=CENTRED).ends
    if inputs.taken != AS_THEY_ARE:
        return None
    return (largest + inputs.d**2 * inputs.m**2) / smallest


@price_of_a_mean.mistake("The mean is subtracted; it makes the largest eigenvalue larger.")
def mean_subtracted(inputs, given):
    smallest, largest = replace(inputs, taken=CENTRED).ends
    return (largest - inputs.d * inputs.m**2) / smallest if inputs.taken == AS_THEY_ARE else None


@price_of_a_mean.mistake(
    "m² is in the smallest eigenvalue too. Its eigenvectors' entries sum to 0, and such a sum does"
    " not feel what all inputs have in common: v − c is left."
)
def mean_in_smallest(inputs, given):
    if inputs.taken != AS_THEY_ARE:
        return None
    return inputs.ends[1] / (inputs.ends[0] + inputs.m**2)


@price_of_a_mean.mistake("This is for d = 2 only. Write it for any d.")
def two_inputs(inputs, given):
    return replace(inputs, d=2).asked if inputs.d != 2 else None


@price_of_a_mean.mistake(
    "This is the root of the condition number, that of X itself. The Hessian has E[xxᵀ]."
)
def rooted(inputs, given):
    return np.sqrt(inputs.asked) if inputs.taken != WITH_BIAS else None


@price_of_a_mean.mistake(
    "In the root the product of the two eigenvalues has the wrong sign, or another value:"
    " λ² − (sum) λ + (product) = 0, and the product is v + (d − 1) c, whatever the mean."
)
def wrong_root(inputs, given):
    if inputs.taken != WITH_BIAS:
        return None
    product = replace(inputs, taken=CENTRED).ends[1]
    total = inputs.asked + product / inputs.asked
    roots = [total**2 + 4 * product, total**2 - product, total**2 - 2 * product]
    values = [(total + np.sqrt(root)) / 2 for root in roots if root > 0]
    return closest(given, *values)


@price_of_a_mean.mistake("This is a condition number. The third is the largest eigenvalue alone.")
def divided(inputs, given):
    if inputs.taken != WITH_BIAS:
        return None
    across = replace(inputs, taken=CENTRED).ends[0]
    return closest(given, inputs.asked / across, inputs.asked / inputs.ends[0])


@price_of_a_mean.mistake("Twice what it should be: the roots of a quadratic are divided by 2.")
def not_halved(inputs, given):
    return 2 * inputs.asked if inputs.taken == WITH_BIAS else None
