"""The gradients of a sigmoid layer's weights, bias and inputs, from that of its outputs."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.sigmoid_and_tanh._inputs import (
    AT_VALUE,
    BATCH,
    INPUT_FOR_OUTPUT,
    SLOPE_IS_VALUE,
    TWICE,
    sigma,
    uniform,
)
from backpass.gradcheck import vjp

GRADIENTS = ("dW", "db", "dX")
SIZES = [(3, 3, 3), (5, 3, 2), (1, 2, 4)]  # n examples, d inputs, k units


@dataclass(frozen=True, eq=False)
class Layer:
    """A = σ(Z), Z = XW + b, with G = ∂L/∂A, and which of ``GRADIENTS`` is wanted."""

    x: np.ndarray  # (n, d)
    w: np.ndarray  # (d, k)
    b: np.ndarray  # (k,)
    g: np.ndarray  # (n, k)
    wanted: str

    @cached_property
    def z(self) -> np.ndarray:
        """Z, (n, k)."""
        return self.x @ self.w + self.b

    @cached_property
    def a(self) -> np.ndarray:
        """A, (n, k)."""
        return sigma(self.z)

    @cached_property
    def delta(self) -> np.ndarray:
        """δ = ∂L/∂Z, (n, k)."""
        return vjp(self.g, sigma, self.z)

    def back(self, delta: np.ndarray) -> np.ndarray:
        """The gradient wanted, with ``delta``, (n, k), for ∂L/∂Z."""
        if self.wanted == "dW":
            return vjp(delta, lambda w: self.x @ w, self.w)
        if self.wanted == "db":
            return vjp(delta, lambda b: b + 0 * self.z, self.b)
        return vjp(delta, lambda x: x @ self.w, self.x)


@exercise(
    "Back through a sigmoid layer",
    section=BATCH,
    points=4,
    kind="implement",
    mistakes={
        "transposed": "For a batch of rows ∂L/∂W = Xᵀδ, of the shape of W; δᵀX is its transpose.",
        "averaged": "Divided by the number of examples. G is the gradient of the whole loss"
        " already, with the 1/n of the mean in it if there is one: sum over the examples.",
        "unreduced": "The bias is added to every example, so its gradient is the sum over the"
        " examples.",
    },
)
def layer_backward(attempt):
    for wanted, weight in zip(GRADIENTS, (2, 1, 1), strict=True):
        with attempt.part(wanted, weight=weight) as part:
            for n, d, k in SIZES:
                x, w, b, g = uniform(8, (n, d), (d, k), k, (n, k))
                args = [2 * x, 2 * w, b, g]
                layers = {name: Layer(*args, name) for name in GRADIENTS}
                right = {name: layer.back(layer.delta) for name, layer in layers.items()}

                def of(name, _, layers=layers):
                    return [layers[name]]

                part.outputs(args, right, wanted, of=of, batch=n, reduction="sum")


@layer_backward.mistake(SLOPE_IS_VALUE)
def slope_is_value(layer):
    return layer.back(layer.g * layer.a)


@layer_backward.mistake(AT_VALUE)
def at_value(layer):
    return layer.back(vjp(layer.g, sigma, layer.a))


@layer_backward.mistake(INPUT_FOR_OUTPUT)
def input_for_output(layer):
    return layer.back(layer.g * layer.z * (1 - layer.z))


@layer_backward.mistake(
    "σ′ is forgotten: G is the gradient at the outputs A, and the chain rule goes on through A ="
    f" σ(Z) to Z. {TWICE}"
)
def slope_forgotten(layer):
    return layer.back(layer.g)


@layer_backward.mistake("The bias is left out of Z = XW + b, so σ′ is taken at another place.")
def bias_forgotten(layer):
    return layer.back(vjp(layer.g, sigma, layer.x @ layer.w))


@layer_backward.mistake(
    "Xδ stands where Xᵀδ belongs. Entry (i, j) of ∂L/∂W sums x_i δ_j over the examples, the rows of"
    " both."
)
def inputs_not_transposed(layer):
    n, d = layer.x.shape
    return layer.x @ layer.delta if layer.wanted == "dW" and n == d else None


@layer_backward.mistake(
    "δW stands where δWᵀ belongs: an error goes back along the weights by which its value came."
)
def weights_not_transposed(layer):
    d, k = layer.w.shape
    return layer.delta @ layer.w if layer.wanted == "dX" and d == k else None


@layer_backward.mistake("1 − a² is the slope of tanh; the sigmoid has a (1 − a).")
def wrong_rule(layer):
    return layer.back(layer.g * (1 - layer.a**2))


@layer_backward.mistake(
    "The bias's gradient is summed over the units. There is one for each unit: sum δ over the"
    " examples, axis=0."
)
def over_units(layer):
    return layer.delta.sum(axis=1) if layer.wanted == "db" else None
