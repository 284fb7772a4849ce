"""Softmax of each row, also where exp overflows."""

import numpy as np
import scipy.special as library

from backpass.checks import exercise
from backpass.checks.softmax_cross_entropy._inputs import (
    AXIS,
    GLOBAL_MAX,
    LARGE,
    NO_SHIFT,
    SQUARE,
    STABLE,
    Z,
    down_columns,
    hardmax,
    naive,
    outputs,
    shifted_once,
)


@exercise("Softmax that survives large logits", points=3, kind="implement")
def stable_softmax(attempt):
    for label, weight, inputs in [
        ("ordinary logits", 2, [SQUARE, Z]),
        ("logits of very different size", 1, [LARGE]),
    ]:
        with attempt.part(label, weight) as part:
            for z in inputs:
                # So close to 0 that outputs kept from vanishing, by clipping or an ε, show.
                part.expect(part.call(z), outputs(z), of=[z], atol=1e-15)


@stable_softmax.mistake(NO_SHIFT)
def no_max_shift(z):
    return naive(z)


@stable_softmax.mistake(GLOBAL_MAX)
def global_max(z):
    return shifted_once(z)


@stable_softmax.mistake(AXIS)
def axis(z):
    return down_columns(z)


@stable_softmax.mistake("The batch as a whole sums to 1; each row should: sum over axis=1.")
def whole_batch(z):
    return library.softmax(z)


@stable_softmax.mistake(
    "The sum of row i divides column i: sum with keepdims=True, so that it stays a column and"
    " broadcasts along its own row."
)
def keepdims(z):
    if z is SQUARE:  # elsewhere a sum without keepdims raises
        return np.exp(z) / np.exp(z).sum(axis=1)
    return None


@stable_softmax.mistake(
    "The maximum of row i is subtracted from column i: take the maximum with keepdims=True."
)
def keepdims_max(z):
    if z is SQUARE:  # elsewhere a maximum without keepdims raises
        return naive(z - z.max(axis=1))
    return None


@stable_softmax.mistake(
    "The logits are clipped. Beyond the limit they all become alike, and the outputs are wrong:"
    f" subtract the largest logit of each row. {STABLE}"
)
def clipped(z):
    return naive(np.clip(z, -700, 700))


@stable_softmax.mistake("These are exp(z − max z), between 0 and 1; divide each row by its sum.")
def not_normalised(z):
    return np.exp(z - z.max(axis=1, keepdims=True))


@stable_softmax.mistake("These are the exponentials; divide each row by its sum.")
def exponentials(z):
    return np.exp(z) if z is SQUARE else None  # the first input shows it; on LARGE they overflow


@stable_softmax.mistake("This is log softmax: the numerator should be exp(z), not z.")
def log(z):
    return library.log_softmax(z, axis=1)


@stable_softmax.mistake(
    "The logits themselves are divided by their sum; take their exponentials first."
)
def no_exp(z):
    return z / z.sum(axis=1, keepdims=True)


@stable_softmax.mistake("This is the hard maximum: 1 for the largest logit. Softmax shares.")
def one_hot(z):
    return hardmax(z)
