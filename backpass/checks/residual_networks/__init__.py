"""Checks for the exercises on residual networks.

Right values are slopes of a forward function by complex steps, coefficients of a polynomial, or the
inputs from which a block's outputs were made. Wrong ones come from the same slopes with other
gradients sent along the two paths. Layers of equal and of unequal width, and batches of one.
"""

from backpass.checks.residual_networks.add_backward import add_backward
from backpass.checks.residual_networks.block_backward import block_backward
from backpass.checks.residual_networks.by_length import by_length
from backpass.checks.residual_networks.choose_profile import choose_profile
from backpass.checks.residual_networks.choose_weights import choose_weights
from backpass.checks.residual_networks.no_way_back import no_way_back
from backpass.checks.residual_networks.path_share import path_share
from backpass.checks.residual_networks.predict_fifty import predict_fifty
from backpass.checks.residual_networks.repair_mask import repair_mask
from backpass.checks.residual_networks.repair_stack import repair_stack
from backpass.checks.residual_networks.scaled_shortcut import scaled_shortcut
from backpass.checks.residual_networks.undo_block import undo_block
from backpass.checks.total import Total

#: In the order of the sheet.
EXERCISES = {
    one.slug: one
    for one in (
        add_backward,
        block_backward,
        choose_weights,
        repair_mask,
        repair_stack,
        scaled_shortcut,
        predict_fifty,
        choose_profile,
        by_length,
        path_share,
        undo_block,
        no_way_back,
    )
}

#: The points of the sheet so far.
total = Total(EXERCISES)

__all__ = [
    "EXERCISES",
    "add_backward",
    "block_backward",
    "by_length",
    "choose_profile",
    "choose_weights",
    "no_way_back",
    "path_share",
    "predict_fifty",
    "repair_mask",
    "repair_stack",
    "scaled_shortcut",
    "total",
    "undo_block",
]
