"""The gradient at the logits, (n, k), for targets whose rows need not sum to one."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.softmax_cross_entropy._inputs import (
    AVERAGED_TWICE,
    AXIS,
    GLOBAL_MAX,
    LARGE,
    NO_SHIFT,
    SQUARE,
    SUMMED,
    TOGETHER,
    Case,
    Z,
    down_columns,
    hardmax,
    naive,
    shifted_once,
)

SUMS = "Section: “When the targets do not sum to one”."

#: A masked row, a row that counts twice, a weight shared unequally, and an ordinary row.
UNEVEN = np.array([[0.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.5, 0.0, 0.25], [0.2, 0.3, 0.5]])


@exercise(
    "Targets that do not sum to one",
    points=2,
    kind="implement",
    mistakes={
        "sign": "This is t − (Σt) o where (Σt) o − t is meant: descent with it would climb."
        f" {TOGETHER}",
        "summed": SUMMED,
        "averaged-twice": AVERAGED_TWICE,
    },
)
def any_targets(attempt):
    for label, cases in [
        ("ordinary logits", [Case(SQUARE, UNEVEN[:3]), Case(Z, UNEVEN)]),
        ("logits of very different size", [Case(LARGE, UNEVEN)]),
    ]:
        with attempt.part(label) as part:
            for case in cases:
                right = case.gradient + 0.0  # no −0.0
                part.expect(part.call(case.z, case.t), right, of=[case], batch=case.n)


def weighted(case: Case, weights: np.ndarray | float) -> np.ndarray:
    """The gradient if ``weights`` stood where Σt, (n, 1), multiplies o, (n, k)."""
    return case.gradient + (weights - case.sums) * case.o / case.n


@any_targets.mistake(
    "This is o − t, which is right only where Σt = 1. In general every target pulls with its own"
    f" o, and together they pull with (Σt) o. {SUMS}"
)
def sum_assumed(case):
    return weighted(case, 1.0)


@any_targets.mistake(
    "The targets of each row are scaled to sum to 1 first. That is the gradient of another loss,"
    f" in which every row counts the same. {SUMS}"
)
def targets_normalised(case):
    return case.gradient / np.where(case.sums, case.sums, 1.0)


@any_targets.mistake(
    f"The targets of the whole batch are added up; each row needs its own sum, axis=1. {SUMS}"
)
def total(case):
    return weighted(case, case.t.sum())


@any_targets.mistake(
    f"The targets are added up over the examples: add over the classes, axis=1. {SUMS}"
)
def other_axis(case):
    if case.z is SQUARE:  # the first input shows it
        return weighted(case, case.t.sum(axis=0))
    return None


@any_targets.mistake("The sum of row i multiplies column i: sum with keepdims=True.")
def keepdims(case):
    if case.z is SQUARE:  # elsewhere a sum without keepdims raises
        return weighted(case, case.t.sum(axis=1))
    return None


@any_targets.mistake(
    f"Masked rows are left out, and the others are treated as if they summed to 1. {SUMS}"
)
def not_weighted(case):
    return weighted(case, np.sign(case.sums))


@any_targets.mistake(AXIS)
def axis(case):
    return case.gradient_with(down_columns(case.z))


@any_targets.mistake(NO_SHIFT)
def no_max_shift(case):
    return case.gradient_with(naive(case.z))


@any_targets.mistake(GLOBAL_MAX)
def global_max(case):
    return case.gradient_with(shifted_once(case.z))


@any_targets.mistake(
    "Divided by the sum of all targets. The mean here runs over all n rows, the masked ones"
    f" included. {SUMS}"
)
def weighted_mean(case):
    return case.gradient * case.n / case.t.sum()


@any_targets.mistake(
    f"Divided by the number of rows that are not masked. The mean here runs over all n rows. {SUMS}"
)
def unmasked_mean(case):
    return case.gradient * case.n / np.count_nonzero(case.sums)


@any_targets.mistake(f"The targets are taken as one-hot (as by argmax). {SUMS}")
def one_hot_assumed(case):
    return Case(case.z, hardmax(case.t)).gradient
