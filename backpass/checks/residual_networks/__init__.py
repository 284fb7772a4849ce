"""Checks for the exercises on residual networks.

Right values are slopes of a forward function by complex steps, coefficients of a polynomial, means
over all cases, or the inputs from which a block's outputs were made. Wrong ones come from the same
slopes with other gradients sent along the two paths. Layers of equal and of unequal width, and
batches of one.
"""

from backpass.checks.residual_networks.block_backward import block_backward
from backpass.checks.residual_networks.by_length import by_length
from backpass.checks.residual_networks.judge_flow import judge_flow
from backpass.checks.residual_networks.no_way_back import no_way_back
from backpass.checks.residual_networks.repair_mask import repair_mask
from backpass.checks.residual_networks.repair_stack import repair_stack
from backpass.checks.residual_networks.side_by_side import side_by_side
from backpass.checks.residual_networks.stretches import stretches
from backpass.checks.residual_networks.survey import survey
from backpass.checks.residual_networks.undo_blocks import undo_blocks
from backpass.checks.total import Total

#: In the order of the sheet.
EXERCISES = {
    one.slug: one
    for one in (
        side_by_side,
        block_backward,
        by_length,
        undo_blocks,
        no_way_back,
        judge_flow,
        stretches,
        repair_mask,
        repair_stack,
        survey,
    )
}

#: The points of the sheet so far.
total = Total(EXERCISES)

__all__ = [
    "EXERCISES",
    "block_backward",
    "by_length",
    "judge_flow",
    "no_way_back",
    "repair_mask",
    "repair_stack",
    "side_by_side",
    "stretches",
    "survey",
    "total",
    "undo_blocks",
]
