"""The gradient of the mean cross-entropy at the logits (n, k), given the targets (n, k)."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.softmax_cross_entropy._inputs import (
    AVERAGED_TWICE,
    AXIS,
    BATCH,
    GLOBAL_MAX,
    JACOBIAN,
    LARGE,
    NO_SHIFT,
    ONE_HOT_ASSUMED,
    SIGN,
    SMOOTH,
    SUMMED,
    TOGETHER,
    Case,
    Z,
    down_columns,
    hardmax,
    naive,
    outputs,
    own_slope,
    shifted_once,
)
from backpass.gradcheck import slope


@exercise(
    "The gradient at the logits, for a batch",
    points=3,
    kind="implement",
    mistakes={"sign": SIGN, "summed": SUMMED, "averaged-twice": AVERAGED_TWICE},
)
def logit_gradient(attempt):
    for label, weight, z in [
        ("ordinary logits", 2, Z),
        ("logits of very different size", 1, LARGE),
    ]:
        case = Case(z, SMOOTH)
        right = case.gradient
        attempt.case(label, [z, SMOOTH], right, weight=weight, batch=case.n, of=[case])


@logit_gradient.mistake(
    "This is −t/o, the gradient at the outputs o. The chain rule goes on through the softmax to"
    f" the logits. {TOGETHER}"
)
def chain_stopped(case):
    return case.at_outputs


@logit_gradient.mistake(f"These are the outputs o; the targets are missing. {TOGETHER}")
def o_alone(case):
    return case.o / case.n


@logit_gradient.mistake(
    "Only the diagonal of the softmax's Jacobian is used, which gives −t(1 − o). Each logit moves"
    f" every output. {JACOBIAN}"
)
@np.errstate(invalid="ignore")  # where an output is 0
def diagonal_only(case):
    return case.at_outputs * own_slope(case.z)


@logit_gradient.mistake(ONE_HOT_ASSUMED)
def one_hot_assumed(case):
    return Case(case.z, hardmax(case.t)).gradient


@logit_gradient.mistake(
    f"Divided by all n·k entries, as np.mean does: the mean runs over the n examples only. {BATCH}"
)
def all_entries(case):
    return case.gradient * case.n / case.z.size


@logit_gradient.mistake(
    "This is the gradient of the squared error ½Σ(o − t)². Section: “Why not squared error?”."
)
def squared_error(case):
    return slope(lambda z: np.sum((outputs(z) - case.t) ** 2) / 2 / case.n, case.z)


@logit_gradient.mistake(AXIS)
def axis(case):
    return case.gradient_with(down_columns(case.z))


@logit_gradient.mistake(NO_SHIFT)
def no_max_shift(case):
    return case.gradient_with(naive(case.z))


@logit_gradient.mistake(GLOBAL_MAX)
def global_max(case):
    return case.gradient_with(shifted_once(case.z))
