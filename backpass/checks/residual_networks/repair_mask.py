"""Repair: the ReLU has moved."""

from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import (
    NOT_AROUND,
    SHORTCUTS,
    SKIP_FORGOTTEN,
    Block,
    by_output,
    either,
    relu,
    residual,
    uniform,
)
from backpass.gradcheck import slope, vjp


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


@exercise(
    "Repair: the ReLU has moved",
    section=SHORTCUTS,
    points=3,
    kind="repair",
    mistakes={"zeros": NOT_AROUND},
)
def repair_mask(attempt):
    for asked, weight in [(["dX"], 2), (["dW1", "dW2"], 1)]:
        with attempt.part(" and ".join(asked), weight=weight) as part:
            for case in CASES:
                args, over = [*case.p.values(), case.g], {"batch": len(case.g), "reduction": "sum"}
                part.outputs(args, case.right, asked, of=lambda *of, case=case: (case, *of), **over)


# Where mistakes give the weights the same numbers, one of them speaks for all.


@repair_mask.mistake(
    "This is still the backward pass of x + relu(F(x)): its mask is where F > 0, and on the block's"
    " path only. Now the ReLU comes after the add."
)
def before_add(case, output, _):
    return case.back(case.g, case.old)["dX"] if output == "dX" else None


@repair_mask.mistake(
    "The block's path is masked now, the skip's is not. The ReLU stands above the add, so its mask"
    " comes before the gradient is copied to the two paths."
)
def skip_unmasked(case, output, _):
    return case.back(case.g, case.at_s)[output]


@repair_mask.mistake(
    "The skip's path is masked now, the block's is not. The mask comes before the gradient is"
    " copied to the two paths."
)
def block_unmasked(case, output, _):
    return case.back(case.at_s, case.g)["dX"] if output == "dX" else None


@repair_mask.mistake(
    "The ReLU after the add is not in it: where S = X + F is negative nothing comes back, on either"
    " path."
)
def unmasked(case, output, _):
    return case.back(case.g, case.g)[output] if output == "dX" else None


@repair_mask.mistake(
    "The weights get G itself. What arrives at them has passed the ReLU after the add: G where"
    " S > 0, and 0 elsewhere."
)
def weights_unmasked(case, output, _):
    return None if output == "dX" else case.back(case.g, case.g)[output]


@repair_mask.mistake(
    "That is no mask of the ReLU after the add: what arrives passes as it is where S > 0, and is 0"
    " elsewhere."
)
def no_mask(case, output, given):
    wrong = case.g * (case.s <= 0), case.g * relu(case.s), relu(case.g)
    return either(given, *(case.back(v, v)[output] for v in wrong))


@repair_mask.mistake(
    "A mask X > 0 is put on what comes back to X. There is no ReLU at X: the masks are where S > 0"
    " and, inside the block, where Z > 0."
)
def mask_at_x(case, output, given):
    if output != "dX":
        return None
    positive, block = case.p["X"] > 0, case.right["dX"] - case.at_s
    return either(given, case.right["dX"] * positive, case.at_s + block * positive)


@repair_mask.mistake("F stands where H belongs: ∂L/∂W₂ is (what came into W₂)ᵀ times ∂L/∂S.")
def block_for_hidden(case, output, _):
    if output != "dW2" or case.f.shape[1] != case.p["W2"].shape[0]:
        return None
    return vjp(case.at_s, lambda w2: case.f @ w2, case.p["W2"])


@repair_mask.mistake("The mask is still taken where F > 0. The ReLU sees the sum, S = X + F.")
def mask_of_block(case, output, _):
    return case.back(case.old, case.old)[output]


@repair_mask.mistake(
    "The block's path has two masks: the new one, and still that where F > 0. No ReLU is left on F."
)
def old_mask(case, output, _):
    return case.back(case.at_s, case.at_s * (case.f > 0))[output]


@repair_mask.mistake("The mask is taken where X > 0. The ReLU sees the sum, S = X + F.")
def mask_of_input(case, output, _):
    masked = case.g * (case.p["X"] > 0)
    return case.back(masked, masked)[output]


@repair_mask.mistake(
    "The mask is put on the sum at x, on the wrong side of the add. Going back, the ReLU comes"
    " first, then the add."
)
def masked_at_x(case, output, _):
    return case.back(case.g, case.g)["dX"] * (case.s > 0) if output == "dX" else None


@repair_mask.mistake(
    "The sum at x is masked as well. The mask comes before the gradient is copied; what the two"
    " paths bring back to x is added, and that is all."
)
def masked_twice(case, output, _):
    return case.back(case.g, case.at_s)["dX"] * (case.s > 0) if output == "dX" else None


@repair_mask.mistake(SKIP_FORGOTTEN)
def skip_forgotten(case, output, _):
    return case.right["dX"] - case.at_s if output == "dX" else None


@repair_mask.mistake("The mask of the ReLU *inside* the block has got lost.")
def inner_mask_forgotten(case, output, _):
    return case.unmasked(case.at_s, case.at_s)[output]


@repair_mask.mistake(
    "tanh stands where a ReLU belongs, inside the block or after the add. Both are max(0, z) on the"
    " way forward, and on the way back 1 where z > 0."
)
def tanh_units(case, output, given):
    def whole(inner, outer):
        found = slope(lambda q: np.sum(case.g * outer(q["X"] + residual(q, inner))), case.p)
        return by_output(found)

    h = np.tanh(case.z1)
    at_s = case.g * (case.p["X"] + h @ case.p["W2"] > 0)
    forward_only = case.back(at_s, at_s) | {"dW2": vjp(at_s, lambda w2: h @ w2, case.p["W2"])}
    forms = whole(np.tanh, relu), whole(relu, np.tanh), whole(np.tanh, np.tanh), forward_only
    return either(given, *(form[output] for form in forms))
