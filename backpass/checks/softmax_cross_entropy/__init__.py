"""The exercises on softmax and cross-entropy, in the order of the sheet.

Expected values are slopes of a forward function, taken by complex steps, or the values of SciPy's
own forward functions. What a known wrong derivation gives is built from the same slopes, beside the
sentence that the learner is told. What several exercises share is in ``_inputs``.
"""

from backpass.checks.softmax_cross_entropy.distil import distil
from backpass.checks.softmax_cross_entropy.jacobian import jacobian
from backpass.checks.softmax_cross_entropy.label_gradient import label_gradient
from backpass.checks.softmax_cross_entropy.logit_gradient import logit_gradient
from backpass.checks.softmax_cross_entropy.measure_pulls import measure_pulls
from backpass.checks.softmax_cross_entropy.repair_training import repair_training
from backpass.checks.softmax_cross_entropy.set_loss import set_loss
from backpass.checks.softmax_cross_entropy.stable_softmax import stable_softmax
from backpass.checks.softmax_cross_entropy.stop_gradient import stop_gradient
from backpass.checks.softmax_cross_entropy.weight_gradient import weight_gradient
from backpass.checks.total import Total

EXERCISES = {
    one.slug: one
    for one in (
        jacobian,
        stable_softmax,
        logit_gradient,
        weight_gradient,
        set_loss,
        measure_pulls,
        repair_training,
        label_gradient,
        stop_gradient,
        distil,
    )
}

#: The points of the sheet so far.
total = Total(EXERCISES)

__all__ = [
    "EXERCISES",
    "total",
]
