"""log Σ exp(z) of each row, (n,), also where exp overflows."""

import numpy as np
import scipy.special as library

from backpass.checks import exercise
from backpass.checks.closest import closest, with_multiple
from backpass.checks.softmax_cross_entropy._inputs import (
    LARGE,
    ONE_ROW,
    STABLE,
    Z,
    in_telling_order,
    one_row,
    shifted,
)


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
    with attempt.part("ordinary logits") as part:
        for (z,) in in_telling_order(part, [Z]):
            expect(part, z)
    with attempt.part("logits of very different size") as part:
        expect(part, LARGE)


def expect(part, z: np.ndarray) -> None:
    """End the part unless the answer is right at ``z``."""
    given = part.call(z)
    part.expect(given, lse(z), of=[z, given], rtol=1e-13, atol=1e-15)


@logsumexp.mistake(
    "exp overflows, or a whole row of it underflows to log 0: take the largest logit of each row"
    f" out of the sum first. {STABLE}"
)
@np.errstate(over="ignore", divide="ignore")
def no_max_shift(z, given):
    total = np.exp(z).sum(axis=1)
    with_floor = [np.log(total + c) for c in (1e-300, 1e-100, 1e-30, 1e-15, 1e-12, 1e-10, 1e-8)]
    return closest(given, np.log(total), *(with_floor if np.isinf(total).any() else []))


@logsumexp.mistake(
    "The largest logit of the whole batch is taken out. A row far below it underflows to log 0:"
    f" each row needs its own. {STABLE}"
)
@np.errstate(divide="ignore")
def global_max(z, _):
    return np.log(np.exp(z - z.max()).sum(axis=1)) + z.max()


@logsumexp.mistake(
    "What is taken out of a row is not its largest logit, so that a power still overflows, or all"
    f" of them vanish. {STABLE}"
)
@np.errstate(over="ignore", divide="ignore")
def other_shift(z, given):
    shifts = [f(z, axis=1) for f in (np.mean, np.median, np.min)] + [z[:, 0], np.abs(z).max(axis=1)]
    values = [c + np.log(np.exp(z - c[:, None]).sum(axis=1)) for c in shifts]
    return closest(given, *(v for v in values if not np.all(np.isfinite(v))))


@logsumexp.mistake(
    f"The largest logit was subtracted and not added back: log Σ exp(z − m) is lse(z) − m. {STABLE}"
)
def max_not_restored(z, _):
    return lse(z) - z.max(axis=1)


@logsumexp.mistake(f"The largest logit is subtracted again where it is to be added back. {STABLE}")
def subtracted_again(z, _):
    return lse(z) - 2 * z.max(axis=1)


@logsumexp.mistake(
    "The largest logit is added within the exponent; there it is subtracted, and added outside."
    f" {STABLE}"
)
@np.errstate(over="ignore", divide="ignore")
def added_inside(z, _):
    m = z.max(axis=1)
    return m + np.log(np.exp(z + m[:, None]).sum(axis=1))


@logsumexp.mistake(
    f"The largest logit multiplies the logarithm; it comes out of it as a summand. {STABLE}"
)
def multiplied(z, _):
    return (lse(z) - z.max(axis=1)) * z.max(axis=1)


@logsumexp.mistake(
    "A 1 too much stands in the sum (np.log1p?): the largest logit gives exp(0) = 1 already."
)
def one_too_much(z, _):
    m = z.max(axis=1)
    return m + np.log1p(np.exp(z - m[:, None]).sum(axis=1))


@logsumexp.mistake(
    "Right but for a small constant that is added inside the logarithm. With the largest logit"
    f" taken out, the sum is at least 1, and needs no such help. {STABLE}"
)
def epsilon(z, given):
    near = [with_multiple(given, lse(z), 1 / powers.sum(axis=1)) for powers in shifted(z)]
    exact = [
        lse(z) + np.log1p(constant / powers.sum(axis=1))
        for constant in np.logspace(-12, -3, 10)
        for powers in shifted(z)
    ]
    return closest(given, *exact, *(one for one in near if one is not None))


@logsumexp.mistake(
    "The sum runs down the columns, over the examples: use axis=1, over the classes."
)
def axis(z, _):
    return library.logsumexp(z, axis=0)


@logsumexp.mistake("This is one number for the whole batch; each row has its own: axis=1.")
def whole_batch(z, _):
    return library.logsumexp(z)


@logsumexp.mistake(ONE_ROW)
def last_row(z, given):
    return one_row(given, lse(z)[-1:])


@logsumexp.mistake(
    "The maximum was kept as a column, (n, 1), and NumPy stretched it against the row of logarithms"
    " to (n, n): add it back without keepdims."
)
def kept_column(z, _):
    m = z.max(axis=1, keepdims=True)
    return m + (lse(z) - m[:, 0])


@logsumexp.mistake(
    "The logits are clipped. lse(z) lies next to the largest of them, however large that is:"
    f" subtract it, and add it back. {STABLE}"
)
def clipped(z, given):
    limits = (20, 30, 50, 88, 100, 500, 600, 700, 709)
    return closest(given, *(lse(np.clip(z, -limit, limit)) for limit in limits))


@logsumexp.mistake(f"This is the maximum alone; the others add up to log k more. {STABLE}")
def max_only(z, _):
    return z.max(axis=1)


@logsumexp.mistake(f"This is max z + log k, the value only when all are equal. {STABLE}")
def upper_bound(z, _):
    return z.max(axis=1) + np.log(z.shape[1])


@logsumexp.mistake(
    f"This is the log of the mean of the exponentials, lse(z) − log k; it is a sum. {STABLE}"
)
def mean(z, _):
    return lse(z) - np.log(z.shape[1])


@logsumexp.mistake(
    "This is log softmax, or its sum: z − lse(z). It is lse(z) that is asked for, one number for"
    " each row."
)
def log_softmax(z, given):
    values = library.log_softmax(z, axis=1)
    return closest(given, values, values.sum(axis=1))


@logsumexp.mistake(f"This is the sum of the exponentials; take its logarithm. {STABLE}")
@np.errstate(over="ignore")
def no_log(z, _):
    return np.exp(lse(z))


@logsumexp.mistake("This is the sum of the logits: the log of each exp by itself. Add up first.")
def sum_of_logs(z, _):
    return z.sum(axis=1)


@logsumexp.mistake("The logarithm has another base: the book's log is the natural one, np.log.")
@np.errstate(over="ignore", divide="ignore")
def base(z, given):
    m = z.max(axis=1)
    scales = np.log([2, 10])
    whole, naive = [lse(z) / c for c in scales], [np.log(np.exp(z).sum(axis=1)) / c for c in scales]
    return closest(given, *whole, *(m + (lse(z) - m) / c for c in scales), *naive)


@logsumexp.mistake(
    "The maximum of row i is subtracted from column i: take it with keepdims=True, and add it back"
    " without."
)
def keepdims(z, _):
    if len(z) != z.shape[1]:  # a maximum without keepdims raises
        return None
    return z.max(axis=1) + lse(z - z.max(axis=1))
