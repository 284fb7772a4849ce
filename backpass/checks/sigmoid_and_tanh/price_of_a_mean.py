"""The condition number that inputs with means have, that of centred ones, and the bias's share."""

from dataclasses import dataclass, replace

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.sigmoid_and_tanh._inputs import VALLEY

AS_THEY_ARE, CENTRED, WITH_BIAS = "as they are", "centred", "the largest eigenvalue with a bias"
#: The slips in a condition number that show whether the means are there or not.
IN_BOTH = {"own-pair", "smallest-is-v", "largest-only", "upside-down", "rooted"}
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
    mistakes={
        "shape": (
            "Three expressions are wanted: two condition numbers and an eigenvalue.",
            "Return a list of three, in this order.",
        )
    },
)
def price_of_a_mean(attempt):
    weights = {AS_THEY_ARE: 1, CENTRED: 1, WITH_BIAS: 2}
    for taken, weight in weights.items():
        after = IN_BOTH.intersection(attempt.mistakes)  # a slip in both fractions is paid for once
        with attempt.part(taken, weight=weight) as part:
            for values in VALUES:
                at = dict(zip("dmvc", values, strict=True))
                inputs = {name: Inputs(*values, name) for name in weights}
                right = {name: one.asked for name, one in inputs.items()}

                def of(name, given, inputs=inputs):
                    return [inputs[name], given]

                part.outputs(None, right, taken, at=at, of=of, after=after, rtol=1e-9)


@price_of_a_mean.mistake(
    "The covariance is taken for the second moment, while the means are still there.",
    "Add m² to every entry of the covariance: E[x_i x_j] = Cov + m².",
)
def means_forgotten(inputs, given):
    centred = replace(inputs, taken=CENTRED)
    if inputs.taken == WITH_BIAS:
        return max(centred.ends[1], 1)  # the bias's 1 stands alone
    return centred.asked if inputs.taken == AS_THEY_ARE else None


@price_of_a_mean.mistake(
    "The means are still in it, though they have been taken away.",
    "Set m = 0: centred inputs have the covariance for their second moment.",
)
def not_centred(inputs, given):
    return replace(inputs, taken=AS_THEY_ARE).asked if inputs.taken == CENTRED else None


@price_of_a_mean.mistake(
    "The number of inputs is missing beside m²: what does a matrix that is m² everywhere do to"
    " a vector of ones?",
    "Put d m² where m² stands.",
)
def width_forgotten(inputs, given):
    smallest, largest = replace(inputs, taken=CENTRED).ends
    if inputs.taken == AS_THEY_ARE:
        return (largest + inputs.m**2) / smallest
    if inputs.taken == CENTRED:
        return None
    along = largest + inputs.d * inputs.m**2
    return (along + 1 + np.sqrt((along - 1) ** 2 + 4 * inputs.m**2)) / 2


@price_of_a_mean.mistake(
    "The mean enters with its first power. What is E[x_i x_j]?",
    "It is c + m²: square the mean.",
)
def mean_not_squared(inputs, given):
    smallest, largest = replace(inputs, taken=CENTRED).ends
    return (largest + inputs.d * inputs.m) / smallest if inputs.taken == AS_THEY_ARE else None


@price_of_a_mean.mistake(
    "This is for uncorrelated inputs: c has no part in it. Section: “Hidden activations have"
    " means”.",
    "Put v on the diagonal of the covariance and c everywhere else, and take both eigenvalues"
    " anew.",
)
def correlation_forgotten(inputs, given):
    return replace(inputs, c=0).asked


@price_of_a_mean.mistake(
    "With how many others does an input have a covariance?",
    "With d − 1: a row of the covariance sums to v + (d − 1) c.",
)
def own_pair(inputs, given):
    smallest, largest = inputs.ends
    return (largest + inputs.c) / smallest if inputs.taken != WITH_BIAS else None


@price_of_a_mean.mistake(
    "The smallest eigenvalue is taken to be v. Multiply a vector whose entries sum to 0 by the"
    " covariance.",
    "The others' c is lacking in that sum, which leaves v − c.",
)
def smallest_is_v(inputs, given):
    return inputs.ends[1] / inputs.v if inputs.taken != WITH_BIAS else None


@price_of_a_mean.mistake(
    "This is the largest eigenvalue, not yet a condition number.",
    "Divide it by the smallest.",
)
def largest_only(inputs, given):
    return inputs.ends[1] if inputs.taken != WITH_BIAS else None


@price_of_a_mean.mistake(
    "The condition number is below 1.",
    "It is the largest eigenvalue over the smallest: turn the fraction over.",
)
def upside_down(inputs, given):
    return 1 / inputs.asked if inputs.taken != WITH_BIAS else None


@price_of_a_mean.mistake(
    "This is as without the bias.",
    "Add a row and a column: m beside each input, and 1 on the diagonal.",
)
def bias_ignored(inputs, given):
    return replace(inputs, taken=AS_THEY_ARE).ends[1] if inputs.taken == WITH_BIAS else None


@price_of_a_mean.mistake(
    "The bias is counted as one more input like the others. What are the mean and the variance"
    " of an input that is always 1?",
    "Its mean is 1, its variance 0, and its covariance with the others 0: only its last row and"
    " column are new.",
)
def bias_as_input(inputs, given):
    one_more = replace(inputs, taken=AS_THEY_ARE, d=inputs.d + 1)
    return one_more.ends[1] if inputs.taken == WITH_BIAS else None


@price_of_a_mean.mistake(
    "The bias's 1 is added to the eigenvalue. That gives a sum of eigenvalues.",
    "It is the trace: the sum of the two that mix equal entries and bias. Their product is v +"
    " (d − 1) c; solve the quadratic.",
)
def bias_added(inputs, given):
    without = replace(inputs, taken=AS_THEY_ARE)
    return without.ends[1] + 1 if inputs.taken == WITH_BIAS else None


@price_of_a_mean.mistake(
    "Of the two eigenvalues that mix equal entries and bias this is not the largest.",
    "Take the root with +.",
)
def smaller_root(inputs, given):
    product = replace(inputs, taken=CENTRED).ends[1]  # of the two, whatever the mean
    return product / inputs.asked if inputs.taken == WITH_BIAS else None


@price_of_a_mean.mistake(
    "The number of inputs stands twice beside m².",
    "A matrix of ones has the eigenvalue d: write d m².",
)
def width_squared(inputs, given):
    smallest, largest = replace(inputs, taken=CENTRED).ends
    if inputs.taken != AS_THEY_ARE:
        return None
    return (largest + inputs.d**2 * inputs.m**2) / smallest


@price_of_a_mean.mistake(
    "The mean makes the largest eigenvalue smaller here.",
    "Covariance and means add up: write + d m².",
)
def mean_subtracted(inputs, given):
    smallest, largest = replace(inputs, taken=CENTRED).ends
    return (largest - inputs.d * inputs.m**2) / smallest if inputs.taken == AS_THEY_ARE else None


@price_of_a_mean.mistake(
    "m² is in the smallest eigenvalue too. What does a vector whose entries sum to 0 feel of"
    " what all inputs have in common?",
    "Nothing: v − c is left.",
)
def mean_in_smallest(inputs, given):
    if inputs.taken != AS_THEY_ARE:
        return None
    return inputs.ends[1] / (inputs.ends[0] + inputs.m**2)


@price_of_a_mean.mistake(
    "This holds for two inputs only.",
    "Write it for any d: a row has d − 1 entries off the diagonal.",
)
def two_inputs(inputs, given):
    if inputs.taken != AS_THEY_ARE:
        return replace(inputs, d=2).asked
    with_all_means = inputs.v + inputs.c + inputs.d * inputs.m**2
    return closest(given, replace(inputs, d=2).asked, with_all_means / (inputs.v - inputs.c))


@price_of_a_mean.mistake(
    "This is the root of the condition number: that of the inputs themselves, not of the Hessian.",
    "Leave the root out.",
)
def rooted(inputs, given):
    return np.sqrt(inputs.asked) if inputs.taken != WITH_BIAS else None


@price_of_a_mean.mistake(
    "The quadratic for the two eigenvalues that mix equal entries and bias has another product"
    " under its root.",
    "In λ² − (sum) λ + (product) = 0 the product is v + (d − 1) c, whatever the mean.",
)
def wrong_root(inputs, given):
    if inputs.taken != WITH_BIAS:
        return None
    product = replace(inputs, taken=CENTRED).ends[1]
    total = inputs.asked + product / inputs.asked
    roots = [total**2 + 4 * product, total**2 - product, total**2 - 2 * product]
    values = [(total + np.sqrt(root)) / 2 for root in roots if root > 0]
    return closest(given, *values)


@price_of_a_mean.mistake(
    "This is a condition number, where the largest eigenvalue alone is wanted.",
    "Leave out the division.",
)
def divided(inputs, given):
    if inputs.taken != WITH_BIAS:
        return None
    across = replace(inputs, taken=CENTRED).ends[0]
    return closest(given, inputs.asked / across, inputs.asked / inputs.ends[0])


@price_of_a_mean.mistake(
    "Twice what it should be.",
    "The roots of a quadratic are divided by 2.",
)
def not_halved(inputs, given):
    return 2 * inputs.asked if inputs.taken == WITH_BIAS else None
