"""The gradient of the mean cross-entropy at the logits (n, k), given the targets (n, k)."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.softmax_cross_entropy import _slips
from backpass.checks.softmax_cross_entropy._inputs import (
    AVERAGED_TWICE,
    BATCH,
    LARGE,
    NEAR,
    SIGN,
    SMOOTH,
    SUMMED,
    TOGETHER,
    Case,
    Z,
)

#: A fifth example: with four of them and three classes, √n is 2, and n − 1 the number of classes.
ORDINARY = np.vstack([Z, [-0.4, 0.6, 1.4]])
FAR = np.vstack([LARGE, [0.4, -1.1, 0.9]])
TARGETS = np.vstack([SMOOTH, [0.2, 0.3, 0.5]])


@exercise(
    "The gradient at the logits, for a batch",
    points=3,
    kind="implement",
    mistakes={"sign": SIGN, "summed": SUMMED, "averaged-twice": AVERAGED_TWICE},
)
def logit_gradient(attempt):
    for label, weight, z in [
        ("ordinary logits", 2, ORDINARY),
        ("logits of very different size", 1, FAR),
    ]:
        with attempt.part(label, weight) as part:
            case = Case(z, TARGETS)
            given = part.call(z, TARGETS)
            part.expect(given, case.gradient, of=[case, given], batch=case.n, **NEAR)


_slips.enter(logit_gradient, lambda delta, case: delta, lambda case: case)


@logit_gradient.mistake(
    "This is the loss, or the loss of each row. Its gradient at the logits is asked for."
    f" {TOGETHER}"
)
def loss(case, given):
    rows = np.array(
        [Case(z, t).loss for z, t in zip(case.z[:, None], case.t[:, None], strict=True)]
    )
    return closest(given, rows, rows.mean())


@logit_gradient.mistake(
    "Summed or averaged over the examples. Each example has logits of its own, and its own gradient"
    f" there: the 1/n is there, but no sum. {BATCH}"
)
def over_examples(case, given):
    sums = case.gradient.sum(axis=0)
    return closest(given, sums, sums / case.n)
