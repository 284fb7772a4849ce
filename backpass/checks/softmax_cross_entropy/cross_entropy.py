"""The cross-entropy of each row, (n,), from logits and targets (n, k), without forming o."""

import numpy as np
import scipy.special as library

from backpass.checks import exercise
from backpass.checks.softmax_cross_entropy._inputs import (
    AXIS,
    LARGE,
    LARGEST_CAP,
    NO_SHIFT,
    ONE_HOT_ASSUMED,
    SMOOTH,
    STABLE,
    Z,
    hardmax,
    loss,
    naive,
    near,
    outputs,
)

#: For ``LARGE``: every row but the third puts its weight on one class.
HARD = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])


def losses(z: np.ndarray, t: np.ndarray) -> np.ndarray:
    """The loss of each row, (n,)."""
    return np.array([loss(*row) for row in zip(z[:, None], t[:, None], strict=True)])


@exercise(
    "Cross-entropy straight from the logits",
    points=2,
    kind="implement",
    mistakes={
        "epsilon": "A small number is added inside the logarithm, or o is clipped: no loss can then"
        f" exceed −log of that number. log o = z − lse(z) needs none. {STABLE}",
        "sign": "The sign is reversed: log o is never positive, so a cross-entropy never is"
        " negative.",
        "shape": "One number for each row, shape (n,): sum over the classes, and take no mean.",
    },
)
def cross_entropy(attempt):
    for label, z, t in [("smoothed targets", Z, SMOOTH), ("very large logits", LARGE, HARD)]:
        with attempt.part(label) as part:
            given, right = part.call(z, t), losses(z, t)
            high = right > LARGEST_CAP
            low_ones_right = given.shape == right.shape and near(given[~high], right[~high], 1e-3)
            if low_ones_right and np.any(given[high] < LARGEST_CAP):
                part.blame("epsilon")
            part.expect(given, right, of=[z, t])


@cross_entropy.mistake(
    "An output underflows to 0, and the log of 0 is −∞ (times a target of 0 it is nan). Take"
    f" log o = z − lse(z) without forming o. {STABLE}"
)
@np.errstate(divide="ignore", invalid="ignore")
def log_of_zero(z, t):
    return -np.sum(t * np.log(outputs(z)), axis=1)


@cross_entropy.mistake(NO_SHIFT)
@np.errstate(divide="ignore", invalid="ignore")
def no_max_shift(z, t):
    return -np.sum(t * np.log(naive(z)), axis=1)


@cross_entropy.mistake(ONE_HOT_ASSUMED)
def one_hot_assumed(z, t):
    return losses(z, hardmax(t))


@cross_entropy.mistake("This is the mean; here each row keeps its own loss, shape (n,).")
def mean(z, t):
    return losses(z, t).mean()


@cross_entropy.mistake("Divided by the number of classes: the sum over j is a sum, not a mean.")
def over_classes(z, t):
    return losses(z, t) / z.shape[1]


@cross_entropy.mistake("This is lse(z) alone; the logit of the target is missing.")
def targets_forgotten(z, t):
    return library.logsumexp(z, axis=1)


@cross_entropy.mistake(AXIS)
def axis(z, t):
    return -np.sum(t * library.log_softmax(z, axis=0), axis=1)
