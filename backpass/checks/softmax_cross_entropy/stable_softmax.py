"""Softmax of each row, also where exp overflows."""

import numpy as np
import scipy.special as library

from backpass.checks import exercise
from backpass.checks.closest import closest
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
    in_telling_order,
    naive,
    one_row,
    outputs,
    shifted_once,
    with_constant,
)


@exercise("Softmax that survives large logits", points=3, kind="implement")
def stable_softmax(attempt):
    with attempt.part("ordinary logits", 2) as part:
        for (z,) in in_telling_order(part, [Z]):
            expect(part, z, rtol=1e-13)
    with attempt.part("logits of very different size", 1) as part:
        expect(part, LARGE)


def expect(part, z: np.ndarray, rtol: float = 1e-12) -> None:
    """End the part unless the answer is softmax at ``z``, where it is 0 too."""
    given = part.call(z)
    part.expect(given, outputs(z), of=[z, given], rtol=rtol, atol=1e-300)


@stable_softmax.mistake(NO_SHIFT)
def no_max_shift(z, _):
    return naive(z)


@stable_softmax.mistake(GLOBAL_MAX)
def global_max(z, _):
    return shifted_once(z)


@stable_softmax.mistake(AXIS)
def axis(z, given):
    return closest(given, down_columns(z), naive(z.T - z.max()).T)


@stable_softmax.mistake(WHOLE_BATCH)
def whole_batch(z, given):
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return closest(given, library.softmax(z), powers / powers.sum())


@stable_softmax.mistake(
    "The sum of row i divides column i: sum with keepdims=True, so that it stays a column and"
    " broadcasts along its own row."
)
def keepdims(z, given):
    if len(z) != z.shape[1]:  # a sum without keepdims raises
        return None
    powers = [np.exp(z), np.exp(z - z.max(axis=1, keepdims=True))]
    return closest(given, *(p / p.sum(axis=1) for p in powers))


@stable_softmax.mistake(
    "The maximum of row i is subtracted from column i: take the maximum with keepdims=True."
)
def keepdims_max(z, _):
    if len(z) != z.shape[1]:  # a maximum without keepdims raises
        return None
    return naive(z - z.max(axis=1))


@stable_softmax.mistake(
    "The largest logit of each column is subtracted. That is another number for each class, and"
    " does not cancel: each row needs its own, axis=1."
)
def columns_max(z, _):
    return naive(z - z.max(axis=0))


@stable_softmax.mistake(
    "The powers are right, but the sum runs over the examples: each row is divided by its own sum,"
    " axis=1."
)
def columns_sum(z, _):
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=0)


@stable_softmax.mistake(
    "The largest logit is subtracted above the fraction bar or below it, and not in both places:"
    " only then does it cancel."
)
@np.errstate(all="ignore")
def one_side(z, given):
    powers, shifted = np.exp(z), np.exp(z - z.max(axis=1, keepdims=True))
    total, total_shifted = (p.sum(axis=1, keepdims=True) for p in (powers, shifted))
    return closest(given, shifted / total, powers / total_shifted)


@stable_softmax.mistake(
    "What is subtracted from a row is not its largest logit, so that a power still overflows, or"
    f" all of them vanish. {STABLE}"
)
def other_shift(z, given):
    shifts = [np.mean, np.median, np.min, lambda z, **over: np.max(np.abs(z), **over)]
    values = [naive(z - shift(z, axis=1, keepdims=True)) for shift in shifts]
    values += [naive(z + z.max(axis=1, keepdims=True)), naive(z - z[:, :1])]
    return closest(given, *(v for v in values if np.isnan(v).any()))


@stable_softmax.mistake(
    "The logits are clipped. Beyond the limit they all become alike, and the outputs are wrong:"
    f" subtract the largest logit of each row. {STABLE}"
)
def clipped(z, given):
    values = [naive(np.clip(z, -limit, limit)) for limit in (20, 30, 50, 88, 100, 500, 700, 709)]
    low = z - z.max(axis=1, keepdims=True)
    return closest(given, *values, *(naive(np.maximum(low, -limit)) for limit in (10, 20, 30, 50)))


@stable_softmax.mistake(
    "The nan is hidden, but its cause is not mended: an output that came from ∞/∞ is lost."
    f" {STABLE}"
)
def nan_hidden(z, given):
    values = [np.nan_to_num(naive(z), nan=number) for number in (0, 1)]
    return closest(given, *values) if np.isnan(naive(z)).any() else None


@stable_softmax.mistake(CONSTANT)
def epsilon(z, given):
    return with_constant(given, z)


@stable_softmax.mistake(ONE_ROW)
def last_row(z, given):
    return one_row(given, outputs(z))


@stable_softmax.mistake(
    "The signs are reversed, as with exp(max − z): the largest logit should win."
)
def reversed_(z, given):
    return closest(given, outputs(-z), naive(-z), naive(z.max(axis=1, keepdims=True) - z))


@stable_softmax.mistake(
    "The rows have length 1, as if divided by np.linalg.norm. They should sum to 1."
)
def norm(z, _):
    return outputs(z) / np.linalg.norm(outputs(z), axis=1, keepdims=True)


@stable_softmax.mistake(
    "This is the logistic function of each logit by itself, and the rows do not sum to 1. A softmax"
    " divides by the sum over its row."
)
def sigmoid(z, _):
    return library.expit(z)


@stable_softmax.mistake("These are exp(z − max z), between 0 and 1; divide each row by its sum.")
def not_normalised(z, _):
    return np.exp(z - z.max(axis=1, keepdims=True))


@stable_softmax.mistake("These are the exponentials; divide each row by its sum.")
@np.errstate(over="ignore")
def exponentials(z, _):
    return np.exp(z)


@stable_softmax.mistake("This is log softmax: the numerator should be exp(z), not z.")
def log(z, _):
    return library.log_softmax(z, axis=1)


@stable_softmax.mistake(
    "The logits themselves are divided by their sum; take their exponentials first."
)
def no_exp(z, _):
    return z / z.sum(axis=1, keepdims=True)


@stable_softmax.mistake("This is the hard maximum: 1 for the largest logit. Softmax shares.")
def one_hot(z, _):
    return hardmax(z)


@stable_softmax.mistake("The powers are those of 2; softmax has those of e, np.exp.")
def base(z, given):
    return outputs(z * np.log(2))


@stable_softmax.mistake(
    "This is the slope o (1 − o) of each output along its own logit; the outputs are asked for."
)
def derivative(z, _):
    return outputs(z) * (1 - outputs(z))
