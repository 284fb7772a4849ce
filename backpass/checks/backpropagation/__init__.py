"""Checks for the exercises on backpropagation.

Right values are slopes of a forward function, by complex steps. Wrong ones come from the same: a
derivation with one slip is the right vector–Jacobian product of another function, or at another
point. The inputs tell mistakes apart: a batch of another size than any layer, and a net whose
layers are equally wide, where a slip gives numbers that elsewhere would not multiply.

Where an answer has several outputs, a mistake's function is told which one is judged.
"""

from backpass.checks.backpropagation import suspect
from backpass.checks.backpropagation.backward_pass import backward_pass
from backpass.checks.backpropagation.central_differences import central_differences
from backpass.checks.backpropagation.find_faults import find_faults
from backpass.checks.backpropagation.hidden_delta import hidden_delta
from backpass.checks.backpropagation.measure_units import measure_units
from backpass.checks.backpropagation.own_error import own_error
from backpass.checks.backpropagation.repair_training import repair_training
from backpass.checks.backpropagation.step_size import step_size
from backpass.checks.backpropagation.tape_operation import tape_operation
from backpass.checks.backpropagation.two_paths import two_paths
from backpass.checks.backpropagation.whose_error import whose_error
from backpass.checks.total import Total

#: The exercises by slug, in the order of the sheet.
EXERCISES = {
    one.slug: one
    for one in (
        two_paths,
        hidden_delta,
        backward_pass,
        whose_error,
        own_error,
        tape_operation,
        measure_units,
        central_differences,
        step_size,
        repair_training,
        find_faults,
    )
}

#: The points of the sheet so far.
total = Total(EXERCISES)

__all__ = [
    "EXERCISES",
    "backward_pass",
    "central_differences",
    "find_faults",
    "hidden_delta",
    "measure_units",
    "own_error",
    "repair_training",
    "step_size",
    "suspect",
    "tape_operation",
    "total",
    "two_paths",
    "whose_error",
]
