"""Checks for the exercises on backpropagation.

Right values are slopes of a forward function, by complex steps. Wrong ones come from the same: a
derivation with one slip is the right vector–Jacobian product of another function, or at another
point. The inputs tell mistakes apart: a batch of another size than any layer, and a net whose
layers are equally wide, where a slip gives numbers that elsewhere would not multiply.

Where an answer has several outputs, a mistake's function is told which one is judged.
"""

from backpass.checks.backpropagation.backward_pass import backward_pass
from backpass.checks.backpropagation.central_differences import central_differences
from backpass.checks.backpropagation.cost import cost
from backpass.checks.backpropagation.hidden_delta import hidden_delta
from backpass.checks.backpropagation.measure_units import measure_units
from backpass.checks.backpropagation.predict_units import predict_units
from backpass.checks.backpropagation.repair_accumulation import repair_accumulation
from backpass.checks.backpropagation.repair_value import repair_value
from backpass.checks.backpropagation.repair_zeroing import repair_zeroing
from backpass.checks.backpropagation.step_size import step_size
from backpass.checks.backpropagation.tape_operation import tape_operation
from backpass.checks.backpropagation.two_paths import two_paths
from backpass.checks.total import Total

#: The exercises by slug, in the order of the sheet.
EXERCISES = {
    one.slug: one
    for one in (
        two_paths,
        hidden_delta,
        backward_pass,
        tape_operation,
        central_differences,
        step_size,
        cost,
        repair_zeroing,
        repair_accumulation,
        repair_value,
        predict_units,
        measure_units,
    )
}

#: The points of the sheet so far.
total = Total(EXERCISES)

__all__ = [
    "EXERCISES",
    "backward_pass",
    "central_differences",
    "cost",
    "hidden_delta",
    "measure_units",
    "predict_units",
    "repair_accumulation",
    "repair_value",
    "repair_zeroing",
    "step_size",
    "tape_operation",
    "total",
    "two_paths",
]
