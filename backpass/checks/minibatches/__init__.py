"""Checks for the exercises on mini-batches.

Right values are those of all batches that can be drawn, each as likely, or slopes of a loss, by
complex steps. The numbers of the examples in the parts differ, and the batches are small, so that
B, B − 1 and N are far apart.
"""

from backpass.checks.minibatches.accumulate import accumulate
from backpass.checks.minibatches.how_large import how_large
from backpass.checks.minibatches.noise_scale import noise_scale
from backpass.checks.minibatches.other_batch import other_batch
from backpass.checks.minibatches.repair_noise import repair_noise
from backpass.checks.minibatches.repair_step import repair_step
from backpass.checks.minibatches.statements import statements
from backpass.checks.minibatches.steps_to import steps_to
from backpass.checks.minibatches.sum_rates import sum_rates
from backpass.checks.minibatches.sum_variance import sum_variance
from backpass.checks.minibatches.two_parts import two_parts
from backpass.checks.total import Total

#: In the order of the sheet.
EXERCISES = {
    one.slug: one
    for one in (
        two_parts,
        other_batch,
        accumulate,
        sum_variance,
        noise_scale,
        sum_rates,
        steps_to,
        statements,
        repair_step,
        repair_noise,
        how_large,
    )
}

#: The points of the sheet so far.
total = Total(EXERCISES)

__all__ = [
    "EXERCISES",
    "accumulate",
    "how_large",
    "noise_scale",
    "other_batch",
    "repair_noise",
    "repair_step",
    "statements",
    "steps_to",
    "sum_rates",
    "sum_variance",
    "total",
    "two_parts",
]
