"""log Σ exp(z) of each row, (n,), also where exp overflows."""

import numpy as np
import scipy.special as library

from backpass.checks import exercise
from backpass.checks.softmax_cross_entropy._inputs import LARGE, SQUARE, STABLE, Z


def lse(z: np.ndarray) -> np.ndarray:
    """Log-sum-exp of each row, (n,)."""
    return library.logsumexp(z, axis=1)


@exercise(
    "Log-sum-exp",
    points=2,
    kind="implement",
    mistakes={"shape": "One number for each row, shape (n,)."},
)
def logsumexp(attempt):
    for label, inputs in [
        ("ordinary logits", [SQUARE, Z]),
        ("logits of very different size", [LARGE]),
    ]:
        with attempt.part(label) as part:
            for z in inputs:
                part.expect(part.call(z), lse(z), of=[z])


@logsumexp.mistake(
    "exp overflows, or a whole row of it underflows to log 0: take the largest logit of each row"
    f" out of the sum first. {STABLE}"
)
@np.errstate(over="ignore", divide="ignore")
def no_max_shift(z):
    return np.log(np.exp(z).sum(axis=1))


@logsumexp.mistake(
    "The largest logit of the whole batch is taken out. A row far below it underflows to log 0:"
    f" each row needs its own. {STABLE}"
)
@np.errstate(divide="ignore")
def global_max(z):
    return np.log(np.exp(z - z.max()).sum(axis=1)) + z.max()


@logsumexp.mistake(
    f"The largest logit was subtracted and not added back: log Σ exp(z − m) is lse(z) − m. {STABLE}"
)
def max_not_restored(z):
    return lse(z) - z.max(axis=1)


@logsumexp.mistake(
    "The sum runs down the columns, over the examples: use axis=1, over the classes."
)
def axis(z):
    return library.logsumexp(z, axis=0)


@logsumexp.mistake(f"This is the maximum alone; the others add up to log k more. {STABLE}")
def max_only(z):
    return z.max(axis=1)


@logsumexp.mistake(f"This is max z + log k, the value only when all are equal. {STABLE}")
def upper_bound(z):
    return z.max(axis=1) + np.log(z.shape[1])


@logsumexp.mistake(
    f"This is the log of the mean of the exponentials, lse(z) − log k; it is a sum. {STABLE}"
)
def mean(z):
    return lse(z) - np.log(z.shape[1])


@logsumexp.mistake(f"This is the sum of the exponentials; take its logarithm. {STABLE}")
@np.errstate(over="ignore")
def no_log(z):
    return np.exp(lse(z))


@logsumexp.mistake("The logarithm has another base: the book's log is the natural one, np.log.")
def base(z):
    return lse(z) / np.log(10)


@logsumexp.mistake(
    "The maximum of row i is subtracted from column i: take it with keepdims=True, and add it back"
    " without."
)
def keepdims(z):
    if z is SQUARE:  # elsewhere a maximum without keepdims raises
        return z.max(axis=1) + lse(z - z.max(axis=1))
    return None
