"""Repair: the ReLU has moved."""

from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import (
    SHORTCUTS,
    SKIP_FORGOTTEN,
    Block,
    by_output,
    relu,
    residual,
    uniform,
)
from backpass.gradcheck import slope


class Case(Block):
    """A block whose output is Y = relu(S), S = X + F(X), without biases; ``g`` is ∂L/∂Y."""

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """What each of the outputs should be."""
        found = slope(lambda q: np.sum(self.g * relu(q["X"] + residual(q))), self.p)
        return by_output(found)

    @property
    def at_s(self) -> np.ndarray:
        """∂L/∂S, shape (n, d): what arrives, where S > 0."""
        return self.g * (self.s > 0)

    @property
    def old(self) -> np.ndarray:
        """What arrives, where F(X) > 0, as it was masked before the ReLU moved; (n, d)."""
        return self.g * (self.f > 0)


def drawn(n: int, d: int, h: int) -> Case:
    """A case of n examples, with d inputs and h hidden units."""
    x, w1, w2, g = uniform(502, (n, d), (d, h), (h, d), (n, d))
    return Case({"X": x, "W1": w1, "W2": w2}, g)


CASES = [drawn(6, 3, 4), drawn(6, 3, 3), drawn(1, 5, 4)]


@exercise("Repair: the ReLU has moved", section=SHORTCUTS, points=3, kind="repair")
def repair_mask(attempt):
    for asked, weight in [(["dX"], 2), (["dW1", "dW2"], 1)]:
        with attempt.part(" and ".join(asked), weight=weight) as part:
            for case in CASES:
                args, over = [*case.p.values(), case.g], {"batch": len(case.g), "reduction": "sum"}
                part.outputs(args, case.right, asked, of=[case], **over)


# Where mistakes give the weights the same numbers, one of them speaks for all.


@repair_mask.mistake(
    "This is still the backward pass of x + relu(F(x)): its mask is where F > 0, and on the block's"
    " path only. Now the ReLU comes after the add."
)
def before_add(case, output):
    return case.back(case.g, case.old)["dX"] if output == "dX" else None


@repair_mask.mistake(
    "The block's path is masked now, the skip's is not. The ReLU stands above the add, so its mask"
    " comes before the gradient is copied to the two paths."
)
def skip_unmasked(case, output):
    return case.back(case.g, case.at_s)[output]


@repair_mask.mistake(
    "The skip's path is masked now, the block's is not. The mask comes before the gradient is"
    " copied to the two paths."
)
def block_unmasked(case, output):
    return case.back(case.at_s, case.g)["dX"] if output == "dX" else None


@repair_mask.mistake(
    "The ReLU after the add is not in it: where S = X + F is negative nothing comes back, on either"
    " path."
)
def unmasked(case, output):
    return case.back(case.g, case.g)[output]


@repair_mask.mistake("The mask is still taken where F > 0. The ReLU sees the sum, S = X + F.")
def mask_of_block(case, output):
    return case.back(case.old, case.old)[output]


@repair_mask.mistake(
    "The block's path has two masks: the new one, and still that where F > 0. No ReLU is left on F."
)
def old_mask(case, output):
    return case.back(case.at_s, case.at_s * (case.f > 0))[output]


@repair_mask.mistake("The mask is taken where X > 0. The ReLU sees the sum, S = X + F.")
def mask_of_input(case, output):
    masked = case.g * (case.p["X"] > 0)
    return case.back(masked, masked)[output]


@repair_mask.mistake(
    "The mask is put on the sum at x, on the wrong side of the add. Going back, the ReLU comes"
    " first, then the add."
)
def masked_at_x(case, output):
    return case.back(case.g, case.g)["dX"] * (case.s > 0) if output == "dX" else None


@repair_mask.mistake(
    "The sum at x is masked as well. The mask comes before the gradient is copied; what the two"
    " paths bring back to x is added, and that is all."
)
def masked_twice(case, output):
    return case.back(case.g, case.at_s)["dX"] * (case.s > 0) if output == "dX" else None


@repair_mask.mistake(SKIP_FORGOTTEN)
def skip_forgotten(case, output):
    return case.right["dX"] - case.at_s if output == "dX" else None


@repair_mask.mistake("The mask of the ReLU *inside* the block has got lost.")
def inner_mask_forgotten(case, output):
    return case.unmasked(case.at_s, case.at_s)[output]
