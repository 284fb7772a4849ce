"""A backward pass through tanh and σ that gives their slopes the wrong arguments."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.sigmoid_and_tanh._inputs import (
    AT_VALUE,
    SLOPE_IS_VALUE,
    TWICE,
    sigma,
    uniform,
)
from backpass.gradcheck import slope, vjp

#: The slips in what comes back through the outputs.
AT_THE_OUTPUT = {
    "tanh-at-output",
    "tanh-of-input",
    "one-minus-tanh",
    "other-scale",
    *("sign", "slope-forgotten", "summed"),
}
GRADIENTS = ("dW1", "db1", "dW2", "db2")
# (n, d), (n, k); and W₁, b₁, W₂, b₂, with h hidden units
X, T, *PARAMETERS = uniform(6, (5, 3), (5, 6), (3, 4), 4, (4, 6), 6)


@dataclass(frozen=True, eq=False)
class Net:
    """tanh(Z₂), Z₂ = HW₂ + b₂, H = σ(Z₁), Z₁ = XW₁ + b₁, and which of ``GRADIENTS`` is wanted.

    The loss L is half the squared error, summed over the outputs, averaged over the examples.
    """

    w1: np.ndarray  # (d, h)
    b1: np.ndarray  # (h,)
    w2: np.ndarray  # (h, k)
    b2: np.ndarray  # (k,)
    wanted: str

    @property
    def outer(self) -> bool:
        """Is the gradient of W₂ or b₂ wanted, and not of W₁ or b₁?"""
        return self.wanted in ("dW2", "db2")

    @cached_property
    def z1(self) -> np.ndarray:
        """Z₁, (n, h)."""
        return X @ self.w1 + self.b1

    @cached_property
    def h(self) -> np.ndarray:
        """H, (n, h)."""
        return sigma(self.z1)

    @cached_property
    def z2(self) -> np.ndarray:
        """Z₂, (n, k)."""
        return self.h @ self.w2 + self.b2

    @cached_property
    def g(self) -> np.ndarray:
        """The gradient at the outputs, (n, k)."""
        return (np.tanh(self.z2) - T) / len(X)

    @cached_property
    def v(self) -> np.ndarray:
        """∂L/∂H, (n, h)."""
        return self.back(vjp(self.g, np.tanh, self.z2))

    def back(self, delta: np.ndarray) -> np.ndarray:
        """∂L/∂H, (n, h), with ``delta``, (n, k), for ∂L/∂Z₂."""
        return vjp(delta, lambda h: h @ self.w2, self.h)

    def by_outer(self, delta: np.ndarray) -> np.ndarray:
        """The gradient wanted, with ``delta``, (n, k), for ∂L/∂Z₂ and all else right."""
        if self.outer:
            return self.h.T @ delta if self.wanted == "dW2" else delta.sum(axis=0)
        return self.by_inner(vjp(self.back(delta), sigma, self.z1))

    def by_inner(self, delta: np.ndarray) -> np.ndarray | None:
        """The gradient wanted, with ``delta``, (n, h), for ∂L/∂Z₁; W₂ and b₂ do not feel it."""
        if self.outer:
            return None
        return X.T @ delta if self.wanted == "dW1" else delta.sum(axis=0)


@exercise("Repair: whose argument?", section=TWICE, points=3, kind="repair", exact=True)
def repair_argument(attempt):
    def loss(p):
        y = np.tanh(sigma(X @ p["dW1"] + p["db1"]) @ p["dW2"] + p["db2"])
        return np.sum((y - T) ** 2) / 2 / len(X)

    right = slope(loss, dict(zip(GRADIENTS, PARAMETERS, strict=True)))

    def of(wanted, given):
        return [Net(*PARAMETERS, wanted), given]

    for pair, weight in [(("dW2", "db2"), 1), (("dW1", "db1"), 2)]:
        after = AT_THE_OUTPUT.intersection(attempt.mistakes)  # the hidden layer may be mended alone
        with attempt.part(" and ".join(pair), weight=weight) as part:
            options = {"after": after, "batch": len(X), "rows": False}
            part.outputs([X, T, *PARAMETERS], right, pair, of=of, **options)


@repair_argument.mistake(*SLOPE_IS_VALUE)
def slope_is_value(net, given):
    return net.by_inner(net.v * net.h)


@repair_argument.mistake(*AT_VALUE)
def at_value(net, given):
    return net.by_inner(vjp(net.v, sigma, net.h))


@repair_argument.mistake(
    "Of the two slopes one is right now. What does the other function ask for, and what is it"
    " given? Section: “The same net twice”.",
    "sigmoid_slope asks for the output of σ: give it H.",
)
def input_for_output(net, given):
    return net.by_inner(net.v * net.z1 * (1 - net.z1))


@repair_argument.mistake(
    "Both slopes are still taken at the wrong place: what does each function ask for, and what"
    " is it given?",
    "tanh_slope asks for Z2, sigmoid_slope for H.",
)
def both(net, given):
    v = net.back(vjp(net.g, np.tanh, np.tanh(net.z2)))
    return net.by_inner(v * net.z1 * (1 - net.z1))


@repair_argument.mistake(
    "The slope at the output is taken at the wrong place: what does tanh_slope ask for?",
    "For the pre-activation: give it Z2, not Y.",
)
def tanh_at_output(net, given):
    return net.by_outer(vjp(net.g, np.tanh, np.tanh(net.z2)))


@repair_argument.mistake(
    "1 − z² has the pre-activation in it. In what is this short form written?",
    "In the output: 1 − Y², or tanh_slope(Z2).",
)
def tanh_of_input(net, given):
    return net.by_outer(net.g * (1 - net.z2**2))


@repair_argument.mistake(
    "The slope of tanh has lost its square. Section: “The same net twice”.",
    "1 − tanh².",
)
def one_minus_tanh(net, given):
    return net.by_outer(net.g * (1 - np.tanh(net.z2)))


@repair_argument.mistake(
    "A slope is missing: through how many functions do the errors come back?",
    "Through both: multiply by tanh_slope(Z2), and behind W2 by sigmoid_slope(H).",
)
def slope_forgotten(net, given):
    if net.outer:
        return net.by_outer(net.g)
    return closest(given, net.by_inner(net.v), net.by_outer(net.g))


@repair_argument.mistake(
    "The two slopes are exchanged, or one stands in both places. Which function has which layer?",
    "sigmoid_slope belongs to the hidden layer, tanh_slope to the outputs.",
)
def exchanged(net, given):
    y = np.tanh(net.z2)
    if not net.outer:
        v = net.back(net.g * y * (1 - y))
        hidden = [(1 - np.tanh(net.z1) ** 2) * net.v, (1 - np.tanh(net.h) ** 2) * net.v]
        hidden += [net.v * (1 - net.h**2), v * net.h * (1 - net.h), v * (1 - np.tanh(net.z1) ** 2)]
        return closest(given, *map(net.by_inner, hidden))
    return net.by_outer(net.g * y * (1 - y))


@repair_argument.mistake(
    "A factor is missing in the hidden slope. Section: “The same net twice”.",
    "σ′ is a (1 − a): multiply by a too.",
)
def complement(net, given):
    return net.by_inner(net.v * (1 - net.h))


@repair_argument.mistake(
    "The hidden units have gone through tanh; what are they in the sheet's net?",
    "σ: leave the forward pass as it is.",
)
def tanh_hidden(net, given):
    h = np.tanh(net.z1)
    y = np.tanh(h @ net.w2 + net.b2)
    delta_2 = (y - T) / len(X) * (1 - y**2)
    if net.outer:
        return h.T @ delta_2 if net.wanted == "dW2" else delta_2.sum(axis=0)
    return net.by_inner(delta_2 @ net.w2.T * (1 - h**2))


@repair_argument.mistake(
    "The scale of the error is another than in the sheet's code.",
    "Half the squared error, summed over the outputs and averaged over the examples, gives (Y −"
    " T) / n.",
)
def other_scale(net, given):
    right = net.by_outer(vjp(net.g, np.tanh, net.z2))
    k = T.shape[1]
    return closest(given, *(c * right for c in (2, 1 / k, 2 / k, 2 * len(X))))
