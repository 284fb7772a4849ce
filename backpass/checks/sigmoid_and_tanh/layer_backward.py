"""The gradients of a sigmoid layer's weights, bias and inputs, from that of its outputs."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest, with_multiple
from backpass.checks.remembered import by_value
from backpass.checks.sigmoid_and_tanh._inputs import (
    AT_VALUE,
    BATCH,
    SLOPE_IS_VALUE,
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
        return through_sigma(self.g, self.z)

    def back(self, delta: np.ndarray) -> np.ndarray:
        """The gradient wanted, with ``delta``, (n, k), for ∂L/∂Z."""
        return sent_back(delta, self.wanted, self.x, self.w, self.b)


@by_value
def through_sigma(g: np.ndarray, z: np.ndarray) -> np.ndarray:
    """What comes back to z, of g at σ(z)."""
    return vjp(g, sigma, z)


@by_value
def sent_back(
    delta: np.ndarray, wanted: str, x: np.ndarray, w: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """The gradient wanted, of ``delta`` at x w + b."""
    if wanted == "dW":
        return vjp(delta, lambda w: x @ w, w)
    if wanted == "db":
        return vjp(delta, lambda b: b + 0 * delta, b)
    return vjp(delta, lambda x: x @ w, x)


#: The slips on the way from G to δ, in the slope of σ or in the scale. A slope that is not there at
#: all is none of them.
IN_DELTA = {
    *("slope-is-value", "at-value", "input-for-output", "complement", "one-factor", "slope-twice"),
    *("tanh-units", "parentheses", "slope-at-zero", "bias-forgotten"),
    *("averaged", "sign", "wrong-rule"),
}


@exercise(
    "Back through a sigmoid layer",
    section=BATCH,
    points=4,
    kind="implement",
    exact=True,
    mistakes={
        "transposed": (
            "This is the transpose of what is asked for.",
            "A gradient has the shape of what it is the gradient of: ∂L/∂W = Xᵀδ has that of W,"
            " ∂L/∂X = δWᵀ that of X.",
        ),
        "averaged": (
            "It is divided by the number of examples. Where is the 1/n of the mean, if there is"
            " one?",
            "G has it already: sum over the examples.",
        ),
        "unreduced": (
            "There is one number for each example, and the bias is added to all of them.",
            "Sum over the examples.",
        ),
    },
)
def layer_backward(attempt):
    for wanted, weight in zip(GRADIENTS, (2, 1, 1), strict=True):
        after = IN_DELTA.intersection(attempt.mistakes)  # what is wrong with δ is paid for once
        with attempt.part(wanted, weight=weight) as part:
            sizes = SIZES if part.raises(*inputs(*SIZES[1])) else [SIZES[1], SIZES[0], SIZES[2]]
            for n, d, k in sizes:
                args = inputs(n, d, k)
                layers = {name: Layer(*args, name) for name in GRADIENTS}
                right = {name: layer.back(layer.delta) for name, layer in layers.items()}

                def of(name, given, layers=layers):
                    return [layers[name], given]

                options = {"after": after, "batch": n, "reduction": "sum", "rows": False}
                part.outputs(args, right, wanted, of=of, **options)


def inputs(n: int, d: int, k: int) -> list[np.ndarray]:
    """X (n, d), W (d, k), b (k,) and G (n, k)."""
    x, w, b, g = uniform(8, (n, d), (d, k), k, (n, k))
    return [2 * x, 2 * w, b, g]


@layer_backward.mistake(*SLOPE_IS_VALUE)
def slope_is_value(layer, given):
    return layer.back(layer.g * layer.a)


@layer_backward.mistake(*AT_VALUE)
def at_value(layer, given):
    return layer.back(through_sigma(layer.g, layer.a))


@layer_backward.mistake(
    "z (1 − z), or 1 − z²: in what are these short forms written? Section: “The same net twice”.",
    "In σ(z) and tanh(z): put the output where the input stands.",
)
def input_for_output(layer, given):
    return layer.back(layer.g * layer.z * (1 - layer.z))


@layer_backward.mistake(
    "G is used as if it stood at Z; between A and Z there is σ. Section: “The same net twice”.",
    "Multiply G by a (1 − a), entry by entry.",
)
def slope_forgotten(layer, given):
    return layer.back(layer.g)


@layer_backward.mistake(
    "G is summed over the examples before it has gone back through σ.",
    "Multiply each example's G by its own slope first; the sum over the examples comes last.",
)
def summed_first(layer, given):
    sums = np.broadcast_to(layer.g.sum(axis=0), layer.g.shape)
    return layer.back(through_sigma(sums, layer.z))


@layer_backward.mistake(
    "σ′ is taken at another place than the layer's pre-activation.",
    "The bias belongs into it: Z = XW + b.",
)
def bias_forgotten(layer, given):
    return layer.back(through_sigma(layer.g, layer.x @ layer.w))


@layer_backward.mistake(
    "X and δ are multiplied in an order in which a row of X meets a column of δ. What is to be"
    " summed over?",
    "Sum over the examples: Xᵀδ.",
)
def inputs_not_transposed(layer, given):
    n, d = layer.x.shape
    return layer.x @ layer.delta if layer.wanted == "dW" and n == d else None


@layer_backward.mistake(
    "W stands as it did on the way forward. Which index of it does δ share?",
    "That of the units: δWᵀ.",
)
def weights_not_transposed(layer, given):
    d, k = layer.w.shape
    return layer.delta @ layer.w if layer.wanted == "dX" and d == k else None


@layer_backward.mistake(
    "This is the slope of another activation, of tanh.",
    "The sigmoid has a (1 − a).",
)
def wrong_rule(layer, given):
    return layer.back(layer.g * (1 - layer.a**2))


@layer_backward.mistake(
    "The bias's gradient is summed over the units. How many biases are there?",
    "One for each unit: sum δ over the examples, axis=0.",
)
def over_units(layer, given):
    if layer.wanted != "db":
        return None
    return closest(given, layer.delta.sum(axis=1), layer.delta.sum())


@layer_backward.mistake(
    "One factor of the slope is missing. Section: “The same net twice”.",
    "The slope of σ is a (1 − a): multiply by a too.",
)
def complement(layer, given):
    return layer.back(layer.g * (1 - layer.a))


@layer_backward.mistake(
    "One factor of the slope of σ is not right: it stands twice, or a sign in it is wrong.",
    "Write a (1 − a).",
)
def one_factor(layer, given):
    return closest(given, *(layer.back(layer.g * s) for s in (layer.a**2, layer.a * (1 + layer.a))))


@layer_backward.mistake(
    "σ′ stands twice, though the error comes through σ once. Section: “The same net twice”.",
    "Take one of the two out.",
)
def slope_twice(layer, given):
    return layer.back(through_sigma(layer.delta, layer.z))


@layer_backward.mistake(
    "The units are tanh here, and the layer's are σ.",
    "Write A = σ(Z), and its slope a (1 − a).",
)
def tanh_units(layer, given):
    return layer.back(vjp(layer.g, np.tanh, layer.z))


@layer_backward.mistake(
    "G multiplies only part of the slope.",
    "Put the slope in parentheses: G · (A (1 − A)).",
)
def parentheses(layer, given):
    return closest(given, *(layer.back(layer.g * layer.a - v) for v in (layer.a, layer.a**2)))


@layer_backward.mistake(
    "G is taken for targets, as in A − G. What is it?",
    "It is the gradient at the outputs already: multiply it by σ′.",
)
def taken_for_targets(layer, given):
    return layer.back((layer.a - layer.g) * layer.a * (1 - layer.a))


@layer_backward.mistake(
    "This is the slope alone. What does the chain rule multiply it by?",
    "By G = ∂L/∂A.",
)
def without_g(layer, given):
    return layer.back(through_sigma(np.ones_like(layer.g), layer.z))


@layer_backward.mistake(
    "The slope is the same everywhere, which it has at 0 only.",
    "Take it where each unit is: a (1 − a).",
)
def slope_at_zero(layer, given):
    return layer.back(layer.g / 4)


@layer_backward.mistake(
    "G stands twice in it.",
    "Take one of the two out.",
)
def g_twice(layer, given):
    return layer.back(layer.g * layer.delta)


@layer_backward.mistake(
    "Something else stands where X belongs: what came into the layer?",
    "X did: ∂L/∂W = Xᵀδ.",
)
def wrong_input(layer, given):
    if layer.wanted != "dW":
        return None
    return closest(given, layer.z.T @ layer.delta, layer.a.T @ layer.delta)


@layer_backward.mistake(
    "This is δ itself. What does it go through on its way to X?",
    "Through the weights: δWᵀ.",
)
def weights_forgotten(layer, given):
    return layer.delta if layer.wanted == "dX" else None


@layer_backward.mistake(
    "Errors and weights are added up by themselves, and then multiplied.",
    "δWᵀ adds products: multiply first.",
)
def sums_multiplied(layer, given):
    if layer.wanted != "dX":
        return None
    return layer.delta.sum(axis=1, keepdims=True) * layer.w.sum(axis=1)


@layer_backward.mistake(
    "The weights have taken a step before the error goes back through them.",
    "Use the W that was given, everywhere.",
)
def stepped_first(layer, given):
    if layer.wanted != "dX":
        return None
    return with_multiple(given, layer.back(layer.delta), layer.delta @ (layer.x.T @ layer.delta).T)


@layer_backward.mistake(
    "Only one example is in it.",
    "All go in: Xᵀδ sums over them.",
)
def one_example(layer, given):
    if layer.wanted == "dX" or len(layer.x) == 1:
        return None
    alone = np.eye(len(layer.x))[[0, -1], :, None] * layer.delta
    return closest(given, *map(layer.back, alone))
