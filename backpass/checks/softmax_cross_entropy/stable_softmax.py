"""Softmax of each row at a temperature, over the classes that are allowed: also with large logits.

Every mistake is a function of the logits, the temperature, what is allowed, and what was given.
"""

from collections.abc import Iterable

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.softmax_cross_entropy import _library as library
from backpass.checks.softmax_cross_entropy._inputs import (
    AXIS,
    CONSTANT,
    GLOBAL_MAX,
    LARGE,
    NO_SHIFT,
    ONE_ROW,
    STABLE,
    WHOLE_BATCH,
    Z,
    down_columns,
    hardmax,
    naive,
    near,
    one_row,
    outputs,
    with_constant,
)

TEMPERATURE = "Section: “Temperature”."

ALL = np.ones(Z.shape, dtype=bool)
#: What is allowed; no row and no column is all of it.
SOME = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1], [1, 0, 0]], dtype=bool)
#: For ``LARGE``: in three rows the largest logit is not allowed.
NOT_THE_LARGEST = np.array([[0, 1, 1], [0, 1, 1], [1, 0, 1], [1, 1, 0]], dtype=bool)
#: As far below 0, with what is not allowed above them.
FAR_BELOW = np.array([[-1e60, 0, -1e60], [-5e9, -5e9 - 1, 3], [7, -2e35, -2e35], [1, -2e3, -2e3]])
NOT_THOSE_ABOVE = np.array([[1, 0, 1], [1, 1, 0], [0, 1, 1], [0, 1, 1]], dtype=bool)


def masked(z: np.ndarray, tau: float, allowed: np.ndarray) -> np.ndarray:
    """The exponents, (n, k): −∞ where a class is not allowed."""
    return np.where(allowed, z / tau, -np.inf)


def right(z: np.ndarray, tau: float, allowed: np.ndarray) -> np.ndarray:
    """The outputs, (n, k)."""
    return outputs(masked(z, tau, allowed))


@exercise("Softmax, warm and cold", points=4, kind="implement")
def stable_softmax(attempt):
    with attempt.part("all classes allowed", 1) as part:
        # Without keepdims a sum raises an error on the whole, and tells more on the square.
        square, whole = (Z[:3], ALL[:3]), (Z, ALL)
        for z, allowed in (square, whole) if part.raises(Z, 2.5, ALL) else (whole, square):
            expect(part, z, 2.5, allowed)
        expect(part, Z, 0.4, ALL)
        told = "With allowed=True, which stands for all classes, it is not so."
        part.require(near(part.call(Z, 0.4, True), right(Z, 0.4, ALL)), told)
    # Who has the temperature wrong has lost a point for it, and may have the rest right.
    after = {"no-temperature", "times-temperature"}.intersection(attempt.mistakes)
    with attempt.part("some classes left out", 2) as part:
        expect(part, Z, 1.6, SOME, after)
    with attempt.part("very large logits, at a low temperature", 1) as part:
        expect(part, LARGE, 0.5, NOT_THE_LARGEST, after)
        # Where little is left of the numbers, many a slip gives the same, and was told before.
        args = [FAR_BELOW, 0.5, NOT_THOSE_ABOVE]
        given, wanted = part.call(*args), right(*args)
        if near(given, not_below_all(*args, given)):
            part.blame("not-below-all", "With logits near −10⁹ and lower it is not so.")
        if near(given, by_log_sum_exp(*args, given)):
            part.blame("by-log-sum-exp", "With logits near −10⁹ and lower it is not so.")
        temperatures = {"no-temperature": no_temperature, "times-temperature": times_temperature}
        told = any(near(given, temperatures[slug](*args, given)) for slug in after)
        text = "With logits near −10⁹ and lower, where classes above are not allowed, it is not so."
        part.require(told or near(given, wanted), text)


def expect(part, z: np.ndarray, tau: float, allowed: np.ndarray, after: Iterable = ()) -> None:
    """End the part unless the answer is the softmax, where it is 0 too, or off only by a slip that
    was told before, one of those ``after``.
    """
    given = part.call(z, tau, allowed)
    wanted = right(z, tau, allowed)
    of = [z, tau, allowed, given]
    part.expect(given, wanted, of=of, after=after, rtol=1e-12, atol=1e-300)


@stable_softmax.mistake(
    f"The temperature makes no difference: this is softmax(z). {TEMPERATURE}",
    "Divide the logits by tau before anything else.",
)
def no_temperature(z, tau, allowed, _):
    return right(z, 1, allowed)


@stable_softmax.mistake(
    "A higher temperature makes the outputs surer here; it should make them more alike."
    f" {TEMPERATURE}",
    "Divide by tau, where it multiplies now.",
)
def times_temperature(z, tau, allowed, _):
    return right(z * tau, 1, allowed)


@stable_softmax.mistake(
    f"The temperature divides, or is a power of, what has been a softmax already. {TEMPERATURE}",
    "The logits are divided by tau, and then comes exp.",
)
def outside(z, tau, allowed, given):
    o = right(z, 1, allowed)
    return closest(given, o / tau, o**tau, o ** (1 / tau))


@stable_softmax.mistake(
    "The powers are divided by tau twice, or by their sum without it: the rows do not sum to 1."
    f" {TEMPERATURE}",
    "Use the same exponents above the fraction bar and below.",
)
@np.errstate(all="ignore")
def one_side_of_it(z, tau, allowed, given):
    warm, plain = (np.exp(masked(z, c, allowed)) for c in (tau, 1))
    sums = [p.sum(axis=1, keepdims=True) for p in (warm, plain)]
    return closest(given, warm / sums[1], plain / sums[0])


@stable_softmax.mistake(
    "Classes that are not allowed have a share, as if all were. Is `allowed` used?",
    "Let exp give 0 for them: np.where(allowed, Z / tau, -np.inf) has exponents of −∞ there.",
)
def mask_ignored(z, tau, allowed, given):
    return None if allowed.all() else closest(given, outputs(z / tau), outputs(z))


@stable_softmax.mistake(
    "What is not allowed gets the logit 0 here, and exp(0) is 1: it still takes its share.",
    "An exponent of −∞ gives a power of 0: np.where(allowed, …, -np.inf).",
)
def logit_zero(z, tau, allowed, given):
    return None if allowed.all() else outputs(np.where(allowed, z / tau, 0))


@stable_softmax.mistake(
    "What is not allowed has a finite exponent, and logits that are allowed may lie as far below 0:"
    f" then it takes its share, or all. {STABLE}",
    "Nothing lies below −∞: np.where(allowed, Z / tau, -np.inf).",
)
def not_below_all(z, tau, allowed, given):
    if allowed.all():
        return None
    e = z / tau
    lows = [
        -(10.0**power) for power in (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 18, 20, 30, 32, 38)
    ]
    lows += [*(low / tau for low in lows), e.min() - 1e3, e.min() - 1e4, e.min() - 1e9]
    wanted = right(z, tau, allowed)
    values = [outputs(np.where(allowed, e, low)) for low in lows]
    values = [one for one in values if not np.array_equal(one, wanted)]
    return closest(given, *values) if values else None


@stable_softmax.mistake(
    "What is not allowed is set to 0 when the sum has been taken, so that a row no longer sums to"
    " 1. Whose shares are in the denominator?",
    "Take the powers that are not allowed out before the sum.",
)
def after_the_sum(z, tau, allowed, _):
    return None if allowed.all() else outputs(z / tau) * allowed


@stable_softmax.mistake(
    "Where the largest logit of a row is not allowed, the others have underflowed to 0 before they"
    f" are divided. Which logits is the largest one of? {STABLE}",
    "Take the maximum over the allowed ones alone: after np.where(allowed, …, -np.inf).",
)
@np.errstate(all="ignore")
def largest_of_all(z, tau, allowed, given):
    if allowed.all():
        return None
    shift = (z / tau).max(axis=1, keepdims=True)
    powers = np.exp(z / tau - shift) * allowed
    wrong = powers / powers.sum(axis=1, keepdims=True)
    return closest(given, wrong, np.nan_to_num(wrong))


@stable_softmax.mistake(*NO_SHIFT)
@np.errstate(all="ignore")
def no_max_shift(z, tau, allowed, given):
    unmasked = np.exp(z / tau) * allowed
    hidden = unmasked / unmasked.sum(axis=1, keepdims=True)
    return closest(given, naive(masked(z, tau, allowed)), hidden)


@stable_softmax.mistake(*GLOBAL_MAX)
@np.errstate(all="ignore")
def global_max(z, tau, allowed, given):
    e = masked(z, tau, allowed)
    return closest(given, naive(e - e.max()), naive(e - (z / tau).max()))


@stable_softmax.mistake(*AXIS)
@np.errstate(all="ignore")
def axis(z, tau, allowed, given):
    e = masked(z, tau, allowed)
    return closest(given, down_columns(e), naive(e.T - e.max()).T)


@stable_softmax.mistake(*WHOLE_BATCH)
def whole_batch(z, tau, allowed, given):
    e = masked(z, tau, allowed)
    powers = np.exp(e - e.max(axis=1, keepdims=True))
    return closest(given, library.softmax(e), powers / powers.sum())


@stable_softmax.mistake(
    "The sum, or the maximum, of row i meets column i.",
    "Take it with keepdims=True, so that it stays a column and broadcasts along its own row.",
)
@np.errstate(all="ignore")
def keepdims(z, tau, allowed, given):
    if len(z) != z.shape[1]:  # without keepdims it raises
        return None
    e = masked(z, tau, allowed)
    powers = [np.exp(e), np.exp(e - e.max(axis=1, keepdims=True)), np.exp(e - e.max())]
    return closest(given, naive(e - e.max(axis=1)), *(p / p.sum(axis=1) for p in powers))


@stable_softmax.mistake(
    "What is subtracted from a row is not its own largest exponent, so that it does not cancel, or"
    f" that a power still overflows, or all of them vanish. {STABLE}",
    "It is the maximum over the classes of one row: max(axis=1, keepdims=True), of what is"
    " exponentiated, above the fraction bar and below.",
)
@np.errstate(all="ignore")
def other_shift(z, tau, allowed, given):
    e = masked(z, tau, allowed)
    plain = z.max(axis=1, keepdims=True)  # not divided by tau
    shifts = [f(z / tau, axis=1, keepdims=True) for f in (np.mean, np.median, np.min)]
    shifts += [e.max(axis=0), z[:, :1] / tau, np.abs(z / tau).max(axis=1, keepdims=True), plain]
    values = [naive(e - shift) for shift in shifts]
    powers, low = np.exp(e), np.exp(e - e.max(axis=1, keepdims=True))
    sides = [a / b.sum(axis=1, keepdims=True) for a, b in ((low, powers), (powers, low))]
    unlike = [v for v in values if not np.allclose(v, right(z, tau, allowed), equal_nan=True)]
    return closest(given, *unlike, *sides)


@stable_softmax.mistake(
    "The nan is hidden, but its cause is not mended: an output that came from ∞/∞ is lost."
    f" {STABLE}",
    "Subtract the largest exponent of each row before exp, and no nan arises.",
)
@np.errstate(all="ignore")
def nan_hidden(z, tau, allowed, given):
    wrong = naive(masked(z, tau, allowed))
    values = [np.nan_to_num(wrong, nan=number) for number in (0, 1)]
    return closest(given, *values) if np.isnan(wrong).any() else None


@stable_softmax.mistake(*CONSTANT)
def epsilon(z, tau, allowed, given):
    return with_constant(given, masked(z, tau, allowed))


@stable_softmax.mistake(*ONE_ROW)
def last_row(z, tau, allowed, given):
    return one_row(given, right(z, tau, allowed))


@stable_softmax.mistake(
    "The powers are not divided by their sum: the rows do not sum to 1.",
    "Divide each row by its sum, axis=1.",
)
@np.errstate(all="ignore")
def not_normalised(z, tau, allowed, given):
    e = masked(z, tau, allowed)
    return closest(given, np.exp(e - e.max(axis=1, keepdims=True)), np.exp(e), np.exp(z / tau))


@stable_softmax.mistake(
    "This is the hard maximum: 1 for the largest logit. At any temperature above 0 softmax shares.",
    "Take exp of the exponents, and divide each row by its sum.",
)
def one_hot(z, tau, allowed, _):
    return hardmax(masked(z, tau, allowed))


@stable_softmax.mistake(
    "exp(z − lse) is right on paper. Where all that is allowed lies far below 0, lse is rounded to"
    f" fewer digits than its logarithm has, and a row no longer sums to 1. {STABLE}",
    "Divide instead of taking a logarithm: exp of what the largest exponent leaves, over the sum of"
    " these.",
)
@np.errstate(all="ignore")
def by_log_sum_exp(z, tau, allowed, given):
    low = masked(z, tau, allowed)
    powers = np.exp(low - library.logsumexp(low, axis=1, keepdims=True))
    return None if near(powers, right(z, tau, allowed)) else powers
