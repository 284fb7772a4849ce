"""The gradient at the logits, (n, k), for targets whose rows need not sum to one."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.softmax_cross_entropy import _slips
from backpass.checks.softmax_cross_entropy._inputs import (
    AVERAGED_TWICE,
    LARGE,
    NEAR,
    SUMMED,
    TOGETHER,
    Case,
    Z,
    hardmax,
    in_telling_order,
)

SUMS = "Section: “When the targets do not sum to one”."

#: A masked row, a row that counts twice, a weight shared unequally, an ordinary row, and a heavy
#: one: as many are not masked as nothing else counts.
UNEVEN = np.array(
    [[0.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.5, 0.0, 0.25], [0.2, 0.3, 0.5], [0.0, 0.1, 1.4]]
)
ORDINARY = np.vstack([Z, [-0.6, 0.8, 0.3]])
FAR = np.vstack([LARGE, [700.0, -3.0, 1.0]])


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
    with attempt.part("ordinary logits") as part:
        for z, t in in_telling_order(part, [ORDINARY, UNEVEN]):
            expect(part, Case(z, t))
    with attempt.part("logits of very different size") as part:
        expect(part, Case(FAR, UNEVEN))


def expect(part, case: Case) -> None:
    """End the part unless the answer is the gradient of this batch."""
    given = part.call(case.z, case.t)
    part.expect(given, case.gradient, of=[case, given], batch=case.n, **NEAR)


def weighted(case: Case, weights: np.ndarray | float) -> np.ndarray:
    """The gradient if ``weights`` stood where Σt, (n, 1), multiplies o, (n, k)."""
    return case.gradient + (weights - case.sums) * case.o / case.n


def normalised(case: Case) -> np.ndarray:
    """The gradient with the targets of each row scaled to sum to 1, a masked row left out."""
    return case.gradient / np.where(case.sums, case.sums, 1.0)


@any_targets.mistake(
    "This is o − t, which is right only where Σt = 1. In general every target pulls with its own"
    f" o, and together they pull with (Σt) o. {SUMS}"
)
def sum_assumed(case, _):
    return weighted(case, 1.0)


@any_targets.mistake(
    "This is (Σt)(o − t): the sum multiplies the targets too. The targets stand for themselves, and"
    f" only o is multiplied: (Σt) o − t. {SUMS}"
)
def sum_over_both(case, given):
    sums = [case.sums]
    if case.n == case.z.shape[1]:  # else a sum without keepdims raises
        sums.append(case.t.sum(axis=1))
    return closest(given, *(one * (case.o - case.t) / case.n for one in sums))


@any_targets.mistake(
    "The targets of each row are scaled to sum to 1 first. That is the gradient of another loss,"
    f" in which every row counts the same. {SUMS}"
)
def targets_normalised(case, _):
    return normalised(case)


@any_targets.mistake(
    "The targets of each row are scaled to sum to 1, also those of the masked row, which then asks"
    f" for o: it should ask for nothing. {SUMS}"
)
def masked_too(case, _):
    return np.where(case.sums, normalised(case), case.o / case.n)


@any_targets.mistake(
    "Divided by the sum of each row, and for a masked row that is 0/0. No division by Σt is needed:"
    f" it multiplies o. {SUMS}"
)
def divided_by_sum(case, _):
    return np.where(case.sums, normalised(case), np.nan)


@any_targets.mistake(
    "This is o(Σt − t), or o(1 − t). The first is one of the two parts of (Σt) o − t = o(Σt − t) −"
    f" t(1 − o): what a class's own target sends back is missing. {SUMS}"
)
def off_target(case, given):
    return closest(given, *(case.o * (one - case.t) / case.n for one in (case.sums, 1)))


@any_targets.mistake(
    f"The targets of the whole batch are added up; each row needs its own sum, axis=1. {SUMS}"
)
def total(case, _):
    return weighted(case, case.t.sum())


@any_targets.mistake(
    f"The largest target of the row, or their mean, stands where their sum multiplies o. {SUMS}"
)
def not_the_sum(case, given):
    numbers = (f(case.t, axis=1, keepdims=True) for f in (np.max, np.mean))
    return closest(given, *(weighted(case, number) for number in numbers))


@any_targets.mistake(
    f"The targets are added up over the examples: add over the classes, axis=1. {SUMS}"
)
def other_axis(case, _):
    return weighted(case, case.t.sum(axis=0))


@any_targets.mistake("The sum of row i multiplies column i: sum with keepdims=True.")
def keepdims(case, _):
    if case.n != case.z.shape[1]:  # a sum without keepdims raises
        return None
    return weighted(case, case.t.sum(axis=1))


@any_targets.mistake(
    f"Masked rows are left out, and the others are treated as if they summed to 1. {SUMS}"
)
def not_weighted(case, _):
    return weighted(case, np.sign(case.sums))


@any_targets.mistake(
    "Divided by the sum of all targets. The mean here runs over all n rows, the masked ones"
    f" included. {SUMS}"
)
def weighted_mean(case, _):
    return case.gradient * case.n / case.t.sum()


@any_targets.mistake(
    f"Divided by the number of rows that are not masked. The mean here runs over all n rows. {SUMS}"
)
def unmasked_mean(case, _):
    return case.gradient * case.n / np.count_nonzero(case.sums)


@any_targets.mistake(
    "The targets of a row are taken as one-hot, with all their sum on the largest. But they may"
    f" share it among several classes. {SUMS}"
)
def one_class(case, _):
    return Case(case.z, case.sums * hardmax(case.t)).gradient


#: What is told of slips where o − t, which the usual sentences have, is (Σt) o − t.
TOLD = {
    "diagonal_only": "This is −t(1 − o): each output is followed back to its own logit only. But"
    " every logit moves every output, so all of them send something back to it, and that is added"
    f" up: Σ_i ∂E/∂o_i ∂o_i/∂z_j = (Σt) o_j − t_j. {TOGETHER}",
    "o_alone": f"(Σt) o stands where (Σt) o − t belongs: the targets are missing. {SUMS}",
    "targets_added": f"The targets are added; they are subtracted, (Σt) o − t. {SUMS}",
    "targets_only": "Only classes with a target get an error. The others have one too, (Σt) o − 0:"
    f" their outputs should fall. {SUMS}",
    "parentheses": "Only t is divided by n. The whole error is: ((Σt) o − t) / n, in parentheses.",
    "sigmoid_error": "This is (o − t) o (1 − o), as for a squared error behind one sigmoid. Behind"
    f" the cross-entropy of a softmax the slopes cancel, and (Σt) o − t is left. {SUMS}",
}

_slips.enter(
    any_targets, lambda delta, case: delta, lambda case: case, leave=("off_target",), told=TOLD
)
