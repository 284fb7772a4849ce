"""The exercises on softmax and cross-entropy, in the order of the sheet.

Expected values are slopes of a forward function, taken by complex steps, or the values of SciPy's
own forward functions. What a known wrong derivation gives is built from the same slopes, beside the
sentence that the learner is told. What several exercises share is in ``_inputs``.
"""

from backpass.checks.softmax_cross_entropy.any_targets import any_targets
from backpass.checks.softmax_cross_entropy.cross_entropy import cross_entropy
from backpass.checks.softmax_cross_entropy.hessian_product import hessian_product
from backpass.checks.softmax_cross_entropy.jacobian import jacobian
from backpass.checks.softmax_cross_entropy.label_gradient import label_gradient
from backpass.checks.softmax_cross_entropy.logit_gradient import logit_gradient
from backpass.checks.softmax_cross_entropy.logsumexp import logsumexp
from backpass.checks.softmax_cross_entropy.measure_labels import measure_labels
from backpass.checks.softmax_cross_entropy.predict_labels import predict_labels
from backpass.checks.softmax_cross_entropy.repair_training import repair_training
from backpass.checks.softmax_cross_entropy.stable_softmax import stable_softmax
from backpass.checks.softmax_cross_entropy.stop_gradient import stop_gradient
from backpass.checks.softmax_cross_entropy.weight_gradient import weight_gradient
from backpass.checks.total import Total

EXERCISES = {
    one.slug: one
    for one in (
        stable_softmax,
        jacobian,
        logit_gradient,
        weight_gradient,
        logsumexp,
        cross_entropy,
        any_targets,
        repair_training,
        hessian_product,
        label_gradient,
        predict_labels,
        measure_labels,
        stop_gradient,
    )
}

#: The points of the sheet so far.
total = Total(EXERCISES)

__all__ = [
    "EXERCISES",
    "total",
]
