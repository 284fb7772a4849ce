"""The cross-entropy of each row, (n,), from logits and targets (n, k), without forming o."""

import numpy as np
import scipy.special as library

from backpass.checks import exercise
from backpass.checks.closest import closest, with_multiple
from backpass.checks.softmax_cross_entropy._inputs import (
    AXIS,
    LARGE,
    LARGEST_CAP,
    NO_SHIFT,
    ONE_HOT_ASSUMED,
    ONE_ROW,
    SMOOTH,
    SMOOTHED_AGAIN,
    STABLE,
    Z,
    hardmax,
    loss,
    naive,
    near,
    one_row,
    outputs,
    shifted,
)

#: For ``LARGE``: every row but the third puts its weight on one class; those of the first and the
#: last have outputs that underflow.
HARD = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])


def losses(z: np.ndarray, t: np.ndarray) -> np.ndarray:
    """The loss of each row, (n,)."""
    return np.array([loss(*row) for row in zip(z[:, None], t[:, None], strict=True)])


@exercise(
    "Cross-entropy straight from the logits",
    points=2,
    kind="implement",
    mistakes={
        "sign": "The sign is reversed: log o is never positive, so a cross-entropy never is"
        " negative.",
        "shape": "One number for each row, shape (n,): sum over the classes, and take no mean.",
    },
)
def cross_entropy(attempt):
    for label, z, t, tight in [
        ("smoothed targets", Z, SMOOTH, {"rtol": 1e-12, "atol": 1e-15}),
        ("very large logits", LARGE, HARD, {"rtol": 1e-10}),
    ]:
        with attempt.part(label) as part:
            given, right = part.call(z, t), losses(z, t)
            capped = right > LARGEST_CAP
            if near_at(given, right, ~capped) and np.all(given[capped] < LARGEST_CAP):
                part.require(not capped.any(), EPSILON, "epsilon")
            part.expect(given, right, of=[z, t, given], **tight)


def near_at(given: object, right: np.ndarray, places: np.ndarray) -> bool:
    """Is the answer about right at these places, and a number elsewhere?"""
    same = isinstance(given, np.ndarray) and given.shape == right.shape
    return same and bool(np.all(np.isfinite(given))) and near(given[places], right[places], 1e-3)


EPSILON = (
    "A small number is added inside the logarithm, or o is clipped or left out where it is 0: no"
    " loss can then exceed −log of that number, and small ones are a little wrong. log o = z −"
    f" lse(z) needs none. {STABLE}"
)


@cross_entropy.mistake(EPSILON)
def epsilon(z, t, given):
    right, o = losses(z, t), outputs(z)
    if not np.all(o > 0):
        return None
    slopes = [-np.sum(t / o, axis=1), *(1 / p.sum(axis=1) for p in shifted(z))]
    added = [with_multiple(given, right, along) for along in slopes]
    exact = [-np.sum(t * np.log(o + constant), axis=1) for constant in np.logspace(-12, -3, 10)]
    return closest(given, *exact, *(one for one in added if one is not None))


@cross_entropy.mistake(
    "An output underflows to 0, and the log of 0 is −∞ (times a target of 0 it is nan). Take"
    f" log o = z − lse(z) without forming o. {STABLE}"
)
@np.errstate(divide="ignore", invalid="ignore")
def log_of_zero(z, t, given):
    o = outputs(z)
    left_out = -np.sum(np.where(t > 0, t * np.log(o), 0), axis=1)
    return closest(given, -np.sum(t * np.log(o), axis=1), left_out)


@cross_entropy.mistake(
    f"The nan is hidden, but its cause is not mended: a loss that came from log 0 is lost. {STABLE}"
)
@np.errstate(divide="ignore", invalid="ignore")
def nan_hidden(z, t, given):
    values = -np.sum(t * np.log(outputs(z)), axis=1)
    return None if np.all(np.isfinite(values)) else np.nan_to_num(values)


@cross_entropy.mistake(NO_SHIFT)
@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def no_max_shift(z, t, given):
    own = np.log(np.exp(z).sum(axis=1)) - np.sum(t * z, axis=1)
    return closest(given, -np.sum(t * np.log(naive(z)), axis=1), own)


@cross_entropy.mistake(
    "The largest logit of the whole batch is taken out of lse(z). A row far below it underflows to"
    f" log 0: each row needs its own. {STABLE}"
)
@np.errstate(divide="ignore")
def global_max(z, t, _):
    total = np.log(np.exp(z - z.max()).sum(axis=1)) + z.max()
    return total - np.sum(t * z, axis=1)


@cross_entropy.mistake(
    "The largest logit is missing once: it is subtracted within lse and not added back, or not"
    f" subtracted from the target's logit. {STABLE}"
)
def shift_once(z, t, given):
    right, m = losses(z, t), z.max(axis=1)
    return closest(given, right - m, right + m)


@cross_entropy.mistake(
    "The largest logit stands for lse(z). It is a part of it only, and the rest is missing."
    f" {STABLE}"
)
def max_for_lse(z, t, _):
    return z.max(axis=1) - np.sum(t * z, axis=1)


@cross_entropy.mistake(ONE_HOT_ASSUMED)
def one_hot_assumed(z, t, _):
    return losses(z, hardmax(t))


@cross_entropy.mistake(
    "This is the mean, or the sum; here each row keeps its own loss, shape (n,)."
)
def mean(z, t, given):
    return closest(given, losses(z, t).mean(), losses(z, t).sum())


@cross_entropy.mistake(ONE_ROW)
def last_row(z, t, given):
    return one_row(given, losses(z, t))


@cross_entropy.mistake(
    "These are the shares −t log o of the classes. The loss of a row is their sum, axis=1."
)
@np.errstate(divide="ignore", invalid="ignore")
def not_summed(z, t, given):
    shares = -t * library.log_softmax(z, axis=1)
    return closest(given, shares, shares.sum(axis=0))


@cross_entropy.mistake("Divided by the number of classes: the sum over j is a sum, not a mean.")
def over_classes(z, t, _):
    return losses(z, t) / z.shape[1]


@cross_entropy.mistake("The logarithm has another base. In nats it is the natural one, np.log.")
def base(z, t, given):
    return closest(given, losses(z, t) / np.log(2), losses(z, t) / np.log(10))


@cross_entropy.mistake("This is lse(z) alone; the logit of the target is missing.")
def targets_forgotten(z, t, _):
    return library.logsumexp(z, axis=1)


@cross_entropy.mistake("This is Σ t z, or minus that; lse(z) is missing.")
def lse_forgotten(z, t, given):
    return closest(given, -np.sum(t * z, axis=1), np.sum(t * z, axis=1))


@cross_entropy.mistake(
    "Targets and outputs have changed places: this is −Σ o log t. The logarithm is that of o."
)
@np.errstate(divide="ignore", invalid="ignore")
def swapped(z, t, given):
    o = outputs(z)
    constants = (0, 1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7)
    return closest(given, *(-np.sum(o * np.log(t + c), axis=1) for c in constants))


@cross_entropy.mistake(
    "The entropy of the targets is taken away, which leaves the divergence KL(t‖o). The"
    " cross-entropy is −Σ t log o, with it."
)
def divergence(z, t, _):
    return losses(z, t) - library.entr(t).sum(axis=1)


@cross_entropy.mistake(
    "This has −(1 − t) log(1 − o) too, as for classes that are each true or false by themselves."
    " Behind a softmax it is −Σ t log o."
)
@np.errstate(divide="ignore", invalid="ignore")
def binary(z, t, given):
    o = outputs(z)
    values = []
    for c in (0, 1e-300, 1e-15, 1e-12, 1e-10, 1e-8, 1e-7):
        values.append(-np.sum(t * np.log(o + c) + (1 - t) * np.log(1 - o + c), axis=1))
    return closest(given, *values)


@cross_entropy.mistake(
    "This is the squared error of the outputs. Section: “Why not squared error?”."
)
def squared_error(z, t, given):
    squares = np.sum((outputs(z) - t) ** 2, axis=1)
    return closest(given, squares, squares / 2, squares / z.shape[1])


@cross_entropy.mistake(SMOOTHED_AGAIN)
def smoothed_again(z, t, given):
    evenly = np.full(t.shape, 1 / t.shape[1])
    right, spread = losses(z, t), losses(z, evenly)
    near = with_multiple(given, right, spread - right)
    if near is None or not 0 < np.vdot(near - right, spread - right) < np.sum(
        (spread - right) ** 2
    ):
        return None  # a part of each target goes to all classes, and not the other way
    return near


@cross_entropy.mistake(AXIS)
def axis(z, t, given):
    shares = -t * library.log_softmax(z, axis=0)
    return closest(given, shares.sum(axis=1), shares.sum(axis=0))
