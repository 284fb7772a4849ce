"""Checks for the exercises on why to follow the gradient.

Right values are found as a learner would test theirs: the lowest point of a parabola from three of
its values, a Hessian from differences that are exact for it, a net that is run, a mean over all
directions, one factor of a product solved for after the other; or they are data.
"""

from backpass.checks.total import Total
from backpass.checks.why_gradients.census import census
from backpass.checks.why_gradients.decayed_line import decayed_line
from backpass.checks.why_gradients.estimate import estimate
from backpass.checks.why_gradients.hessian import hessian
from backpass.checks.why_gradients.judge import judge
from backpass.checks.why_gradients.kind import kind
from backpass.checks.why_gradients.leave import leave
from backpass.checks.why_gradients.low_rank import low_rank
from backpass.checks.why_gradients.output_layer import output_layer
from backpass.checks.why_gradients.signs import signs
from backpass.checks.why_gradients.turn_units import turn_units

#: In the order of the sheet.
EXERCISES = {
    one.slug: one
    for one in (
        decayed_line,
        hessian,
        signs,
        kind,
        turn_units,
        leave,
        low_rank,
        estimate,
        judge,
        output_layer,
        census,
    )
}

#: The points of the sheet so far.
total = Total(EXERCISES)

__all__ = [
    "EXERCISES",
    "census",
    "decayed_line",
    "estimate",
    "hessian",
    "judge",
    "kind",
    "leave",
    "low_rank",
    "output_layer",
    "signs",
    "total",
    "turn_units",
]
