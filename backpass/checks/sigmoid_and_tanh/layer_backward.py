"""The gradients of a sigmoid layer's weights, bias and inputs, from that of its outputs."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest, with_multiple
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
#: n examples, d inputs, k units; at the square one a product in the wrong order raises no error.
SIZES = [(3, 3, 3), (6, 4, 3), (1, 2, 4)]


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
            sizes = SIZES if part.raises(*inputs(*SIZES[1])) else [SIZES[1], SIZES[0], SIZES[2]]
            for n, d, k in sizes:
                args = inputs(n, d, k)
                layers = {name: Layer(*args, name) for name in GRADIENTS}
                right = {name: layer.back(layer.delta) for name, layer in layers.items()}

                def of(name, given, layers=layers):
                    return [layers[name], given]

                part.outputs(args, right, wanted, of=of, batch=n, reduction="sum")


def inputs(n: int, d: int, k: int) -> list[np.ndarray]:
    """X (n, d), W (d, k), b (k,) and G (n, k)."""
    x, w, b, g = uniform(8, (n, d), (d, k), k, (n, k))
    return [2 * x, 2 * w, b, g]


@layer_backward.mistake(SLOPE_IS_VALUE)
def slope_is_value(layer, given):
    return layer.back(layer.g * layer.a)


@layer_backward.mistake(AT_VALUE)
def at_value(layer, given):
    return layer.back(vjp(layer.g, sigma, layer.a))


@layer_backward.mistake(INPUT_FOR_OUTPUT)
def input_for_output(layer, given):
    return layer.back(layer.g * layer.z * (1 - layer.z))


@layer_backward.mistake(
    "σ′ is forgotten: G is the gradient at the outputs A, and the chain rule goes on through A ="
    f" σ(Z) to Z. {TWICE}"
)
def slope_forgotten(layer, given):
    return layer.back(layer.g)


@layer_backward.mistake(
    "G is summed over the examples first. The G of each goes through its own σ′ and meets its own"
    " input; the sum over the examples comes last."
)
def summed_first(layer, given):
    sums = np.broadcast_to(layer.g.sum(axis=0), layer.g.shape)
    return layer.back(vjp(sums, sigma, layer.z))


@layer_backward.mistake("The bias is left out of Z = XW + b, so σ′ is taken at another place.")
def bias_forgotten(layer, given):
    return layer.back(vjp(layer.g, sigma, layer.x @ layer.w))


@layer_backward.mistake(
    "Xδ stands where Xᵀδ belongs. Entry (i, j) of ∂L/∂W sums x_i δ_j over the examples, the rows of"
    " both."
)
def inputs_not_transposed(layer, given):
    n, d = layer.x.shape
    return layer.x @ layer.delta if layer.wanted == "dW" and n == d else None


@layer_backward.mistake(
    "δW stands where δWᵀ belongs: an error goes back along the weights by which its value came."
)
def weights_not_transposed(layer, given):
    d, k = layer.w.shape
    return layer.delta @ layer.w if layer.wanted == "dX" and d == k else None


@layer_backward.mistake("1 − a² is the slope of tanh; the sigmoid has a (1 − a).")
def wrong_rule(layer, given):
    return layer.back(layer.g * (1 - layer.a**2))


@layer_backward.mistake(
    "The bias's gradient is summed over the units. There is one for each unit: sum δ over the"
    " examples, axis=0."
)
def over_units(layer, given):
    if layer.wanted != "db":
        return None
    return closest(given, layer.delta.sum(axis=1), layer.delta.sum())


@layer_backward.mistake(
    f"The factor a is missing: this is g (1 − a), and the slope of σ is a (1 − a). {TWICE}"
)
def complement(layer, given):
    return layer.back(layer.g * (1 - layer.a))


@layer_backward.mistake("The slope of σ is a (1 − a): a factor stands twice, or there is a plus.")
def one_factor(layer, given):
    return closest(given, *(layer.back(layer.g * s) for s in (layer.a**2, layer.a * (1 + layer.a))))


@layer_backward.mistake(f"σ′ stands twice: the error comes through A = σ(Z) once. {TWICE}")
def slope_twice(layer, given):
    return layer.back(vjp(layer.delta, sigma, layer.z))


@layer_backward.mistake("The units are tanh here, A = tanh(Z); the layer's are σ.")
def tanh_units(layer, given):
    return layer.back(vjp(layer.g, np.tanh, layer.z))


@layer_backward.mistake("Parentheses are missing: G multiplies all of A (1 − A).")
def parentheses(layer, given):
    return closest(given, *(layer.back(layer.g * layer.a - v) for v in (layer.a, layer.a**2)))


@layer_backward.mistake(
    "G is taken for targets, as in A − G. It is the gradient at the outputs already: multiply it by"
    " σ′."
)
def taken_for_targets(layer, given):
    return layer.back((layer.a - layer.g) * layer.a * (1 - layer.a))


@layer_backward.mistake(
    "G is left out: this is the slope alone. By the chain rule ∂L/∂Z is G = ∂L/∂A times the slope"
    " ∂A/∂Z."
)
def without_g(layer, given):
    return layer.back(vjp(np.ones_like(layer.g), sigma, layer.z))


@layer_backward.mistake(
    "The slope is ¼ everywhere, which is that of σ at 0. Take it where each unit is, a (1 − a)."
)
def slope_at_zero(layer, given):
    return layer.back(layer.g / 4)


@layer_backward.mistake("G stands twice in it.")
def g_twice(layer, given):
    return layer.back(layer.g * layer.delta)


@layer_backward.mistake(
    "Z or A stands where X belongs: ∂L/∂W is (what came into the layer)ᵀ δ, and X came into it."
)
def wrong_input(layer, given):
    if layer.wanted != "dW":
        return None
    return closest(given, layer.z.T @ layer.delta, layer.a.T @ layer.delta)


@layer_backward.mistake("This is δ itself. What goes down to X goes through the weights: δWᵀ.")
def weights_forgotten(layer, given):
    return layer.delta if layer.wanted == "dX" else None


@layer_backward.mistake("Errors and weights are added up by themselves first; δWᵀ adds products.")
def sums_multiplied(layer, given):
    if layer.wanted != "dX":
        return None
    return layer.delta.sum(axis=1, keepdims=True) * layer.w.sum(axis=1)


@layer_backward.mistake(
    "δ comes back through weights that have made their step already. All gradients are taken at one"
    " point, and then W moves."
)
def stepped_first(layer, given):
    if layer.wanted != "dX":
        return None
    return with_multiple(given, layer.back(layer.delta), layer.delta @ (layer.x.T @ layer.delta).T)


@layer_backward.mistake(
    "Only one example is in it: a sum over the examples adds up, +=. Is what the loop found before"
    " written over?"
)
def one_example(layer, given):
    if layer.wanted == "dX" or len(layer.x) == 1:
        return None
    alone = np.eye(len(layer.x))[[0, -1], :, None] * layer.delta
    return closest(given, *map(layer.back, alone))
