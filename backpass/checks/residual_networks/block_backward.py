"""The backward pass of a residual block."""

from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import (
    BLOCK_FORGOTTEN,
    FROM_X,
    HALVED,
    MULTIPLIED,
    NOT_AROUND,
    ONE_FOR_G,
    SHORTCUTS,
    SKIP_FORGOTTEN,
    SKIP_TWICE,
    WEIGHTS,
    Block,
    by_output,
    either,
    relu,
    uniform,
)
from backpass.gradcheck import slope, vjp


class Case(Block):
    """A block whose output is Y = S = X + F(X), with biases."""

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """What each of the outputs should be."""
        return self.back(self.g, self.g)

    @property
    def through_f(self) -> np.ndarray:
        """What reaches X through F alone, shape (n, d)."""
        return self.right["dX"] - self.g

    @property
    def delta(self) -> np.ndarray:
        """δ₁ = ∂L/∂Z₁, shape (n, h)."""
        return vjp(self.g, lambda z1: relu(z1) @ self.p["W2"], self.z1)

    @property
    def square(self) -> bool:
        """Is h = d? Elsewhere some mistakes only raise an error."""
        return self.z1.shape == self.g.shape

    def from_z1(self, at_z1: np.ndarray) -> dict[str, np.ndarray]:
        """The gradients of W1 and b1, if ``at_z1`` (n, h) arrives at Z₁."""
        dw1 = vjp(at_z1, lambda w1: self.p["X"] @ w1, self.p["W1"])
        return {"dW1": dw1, "db1": at_z1.sum(axis=0)}

    def with_delta(self, at_z1: np.ndarray) -> dict[str, np.ndarray]:
        """:meth:`from_z1`, and the gradient of X."""
        through = vjp(at_z1, lambda x: x @ self.p["W1"], self.p["X"])
        return self.from_z1(at_z1) | {"dX": self.g + through}

    def into_w2(self, came: np.ndarray) -> dict[str, np.ndarray]:
        """The gradient of W2, if it had been given ``came`` (n, h) on the way forward."""
        return {"dW2": vjp(self.g, lambda w2: came @ w2, self.p["W2"])}


def drawn(n: int, d: int, h: int) -> Case:
    """A case of n examples, with d inputs and h hidden units."""
    *p, g = uniform(7, (n, d), (d, h), h, (h, d), d, (n, d))
    return Case(dict(zip(("X", "W1", "b1", "W2", "b2"), p, strict=True)), g)


CASES = [drawn(5, 3, 3), drawn(5, 3, 4), drawn(1, 4, 3), drawn(3, 3, 3)]


@exercise(
    "The backward pass of a residual block",
    section=WEIGHTS,
    points=5,
    kind="implement",
    mistakes={
        "zeros": NOT_AROUND,
        "averaged": "G has every factor of the loss in it already, the 1/n of a mean too: the"
        " gradients of weights and biases are sums over the examples.",
        "unreduced": "A bias is added to every example: sum what comes back over axis 0.",
    },
)
def block_backward(attempt):
    for asked, weight in [(["dX"], 2), (["dW1"], 1), (["dW2"], 1), (["db1", "db2"], 1)]:
        with attempt.part(" and ".join(asked), weight=weight) as part:
            for case in CASES:
                args, over = [*case.p.values(), case.g], {"batch": len(case.g), "reduction": "sum"}
                part.outputs(args, case.right, asked, of=lambda *of, case=case: (case, *of), **over)


@block_backward.mistake(
    "The hidden units are tanh here. The block has relu(Z₁): max(0, z) on the way forward, and on"
    " the way back 1 where z > 0."
)
def tanh_units(case, output, given):
    def block(p):
        return p["X"] + np.tanh(p["X"] @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]

    whole = by_output(slope(lambda p: np.sum(case.g * block(p)), case.p))
    forward_only = case.into_w2(np.tanh(case.z1))
    return either(given, whole[output], forward_only.get(output, whole[output]))


@block_backward.mistake(SKIP_FORGOTTEN)
def skip_forgotten(case, output, _):
    return case.through_f if output == "dX" else None


@block_backward.mistake(BLOCK_FORGOTTEN)
def block_forgotten(case, output, _):
    return case.g if output == "dX" else None


@block_backward.mistake(MULTIPLIED)
def multiplied(case, output, _):
    return case.g * case.through_f if output == "dX" else None


@block_backward.mistake(SKIP_TWICE)
def skip_twice(case, output, _):
    return 2 * case.g + case.through_f if output == "dX" else None


@block_backward.mistake(ONE_FOR_G)
def one_for_g(case, output, given):
    if output != "dX":
        return None
    forms = 1 + case.through_f, case.p["X"] + case.through_f, case.g * (1 + case.through_f)
    return either(given, *forms)


@block_backward.mistake(HALVED)
def halved(case, output, _):
    return case.right[output] / 2


@block_backward.mistake(HALVED)
def skip_halved(case, output, _):
    return case.g / 2 + case.through_f if output == "dX" else None


@block_backward.mistake(HALVED)
def block_halved(case, output, _):
    return case.g + case.through_f / 2 if output == "dX" else None


@block_backward.mistake(FROM_X)
def weights_from_x(case, output, _):
    return None if output == "dX" else case.back(case.g, case.right["dX"])[output]


@block_backward.mistake(
    "G itself stands where δ₁ belongs. G goes down the skip as it is; to W₁ and b₁ it comes through"
    " W₂ and the ReLU."
)
def weights_get_skip(case, output, _):
    return case.from_z1(case.g).get(output) if case.square else None


@block_backward.mistake(
    "G comes down the skip and is added to δ₁ before W₁ gets its gradient. The skip ends at x:"
    " nothing of it reaches the inside of the block."
)
def added_to_weights(case, output, _):
    return case.from_z1(case.g + case.delta).get(output) if case.square else None


@block_backward.mistake(
    "The ReLU's derivative is forgotten: where its input is negative nothing comes back."
)
def mask_forgotten(case, output, _):
    return case.unmasked(case.g, case.g)[output]


@block_backward.mistake(
    "The ReLU's mask is put on G, with the signs of Y. The ReLU stands inside the block, before the"
    f" add: its mask is where Z₁ > 0. {SHORTCUTS}"
)
def mask_at_output(case, output, _):
    masked = case.g * (case.s > 0)
    return case.back(masked, masked)[output]


@block_backward.mistake(
    "The mask is the wrong way round, or not a mask: what comes back to Z₁ passes where Z₁ > 0, and"
    " is 0 elsewhere."
)
def no_mask(case, output, given):
    v = vjp(case.g, lambda h: h @ case.p["W2"], case.z1)
    wrong = v * (case.z1 <= 0), v * relu(case.z1), relu(v), v * case.z1
    forms = (case.with_delta(delta).get(output) for delta in wrong)
    return None if output in ("dW2", "db2") else either(given, *forms)


@block_backward.mistake("The ReLU decides by Z₁ = X W₁ + b₁; here its mask is taken without b₁.")
def mask_without_bias(case, output, _):
    v = vjp(case.g, lambda h: h @ case.p["W2"], case.z1)
    return case.with_delta(v * (case.z1 - case.p["b1"] > 0)).get(output)


@block_backward.mistake(
    "A mask X > 0 is put on what reaches X. There is no ReLU at X: the one in the block is at Z₁."
)
def mask_at_input(case, output, given):
    if output != "dX":
        return None
    forms = case.right["dX"] * (case.p["X"] > 0), case.g + case.through_f * (case.p["X"] > 0)
    return either(given, *forms)


@block_backward.mistake("b₂ is added after W₂, to Y itself: it gets the sum of G, not of δ₁.")
def other_bias(case, output, _):
    return case.delta.sum(axis=0) if output == "db2" and case.square else None


@block_backward.mistake("H stands where X belongs: ∂L/∂W₁ is (what came into W₁)ᵀ δ₁.")
def hidden_for_input(case, output, _):
    if output != "dW1" or not case.square:
        return None
    return vjp(case.delta, lambda w1: relu(case.z1) @ w1, case.p["W1"])


@block_backward.mistake("Z₁ stands where H = relu(Z₁) belongs: W₂ saw H.")
def pre_activations(case, output, _):
    return case.into_w2(case.z1).get(output)


@block_backward.mistake("X stands where H belongs: ∂L/∂W₂ is (what came into W₂)ᵀ G.")
def wrong_input(case, output, _):
    return case.into_w2(case.p["X"]).get(output) if case.square else None


@block_backward.mistake("The weights are not transposed on the way back: G W₂ᵀ, then δ₁ W₁ᵀ.")
def not_transposed(case, output, _):
    if not case.square:
        return None
    w1, w2 = case.p["W1"], case.p["W2"]
    delta = vjp(case.g, lambda h: h @ w2.T, case.z1) * (case.z1 > 0)
    dx = case.g + vjp(delta, lambda x: x @ w1.T, case.p["X"])
    return (case.from_z1(delta) | {"dX": dx}).get(output)
