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
        with attempt.part(label, weight) as part:
            case = Case(z, SMOOTH)
            given = part.call(z, SMOOTH)
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
