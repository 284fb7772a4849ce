"""A backward pass through batch centring that takes the batch's mean for a constant."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.sigmoid_and_tanh._inputs import REMEDIES, uniform
from backpass.gradcheck import slope, vjp

SIZES = [(7, 4, 3), (3, 3, 3)]  # n examples, d inputs, k units


@dataclass(frozen=True, eq=False)
class Layer:
    """tanh(Z − mean(Z) + b), Z = XW, and which gradient is wanted.

    The loss L is half the squared error, summed over the units, averaged over the examples.
    """

    x: np.ndarray  # (n, d)
    t: np.ndarray  # (n, k)
    w: np.ndarray  # (d, k)
    b: np.ndarray  # (k,)
    wanted: str  # "dW" or "dX"

    def loss(self, x: np.ndarray, w: np.ndarray) -> float:
        """L for these inputs and weights."""
        z = x @ w
        return np.sum((np.tanh(z - z.mean(axis=0) + self.b) - self.t) ** 2) / 2 / len(x)

    @property
    def gradient(self) -> np.ndarray:
        """The one wanted, (d, k) or (n, d)."""
        if self.wanted == "dW":
            return slope(lambda w: self.loss(self.x, w), self.w)
        return slope(lambda x: self.loss(x, self.w), self.x)

    @cached_property
    def z(self) -> np.ndarray:
        """Z, (n, k)."""
        return self.x @ self.w

    @cached_property
    def c(self) -> np.ndarray:
        """Z − mean(Z) + b, (n, k)."""
        return self.z - self.z.mean(axis=0) + self.b

    @cached_property
    def g(self) -> np.ndarray:
        """The gradient at the outputs, (n, k)."""
        return (np.tanh(self.c) - self.t) / len(self.x)

    @cached_property
    def delta(self) -> np.ndarray:
        """The gradient at Z − mean(Z) + b, (n, k)."""
        return vjp(self.g, np.tanh, self.c)

    def back(self, delta: np.ndarray) -> np.ndarray:
        """The gradient wanted, with ``delta``, (n, k), for ∂L/∂Z."""
        return self.x.T @ delta if self.wanted == "dW" else delta @ self.w.T


@exercise("Repair: the mean moves too", section=REMEDIES, points=3, kind="repair", exact=True)
def repair_centring(attempt):
    for wanted, weight in [("dW", 2), ("dX", 1)]:
        with attempt.part(wanted, weight=weight) as part:
            for n, d, k in SIZES:
                x, t, w, b = uniform(16, (n, d), (n, k), (d, k), k)
                args = [x + 1, t, w, b]
                layers = {name: Layer(*args, name) for name in ("dW", "dX")}
                right = {name: layer.gradient for name, layer in layers.items()}

                def of(name, given, layers=layers):
                    return [layers[name], given]

                part.outputs(args, right, wanted, of=of, batch=n)


@repair_centring.mistake(
    "The batch mean is treated as a constant. What does it do when one z is moved?",
    "It contains every z, so all centred values move: subtract the mean of δ over the batch"
    " before you go on.",
)
def mean_constant(layer, given):
    return layer.back(layer.delta)


@repair_centring.mistake(
    "Each z's own share in the mean is there, but not what it does to the other examples.",
    "Subtract the mean of δ over the batch in place of the factor 1 − 1/n.",
)
def own_share_only(layer, given):
    return layer.back(layer.delta * (1 - 1 / len(layer.x)))


@repair_centring.mistake(
    "The sum of δ is subtracted. What share has each z in the mean?",
    "1/n: subtract the mean of δ.",
)
def sum_subtracted(layer, given):
    return layer.back(layer.delta - layer.delta.sum(axis=0))


@repair_centring.mistake(
    "The mean of δ is taken along the other axis. Along which did the mean run forwards?",
    "Over the examples: axis=0.",
)
def wrong_axis(layer, given):
    return layer.back(layer.delta - layer.delta.mean(axis=1, keepdims=True))


@repair_centring.mistake(
    "One mean of all of δ is subtracted, and each unit has one of its own.",
    "mean(axis=0).",
)
def grand_mean(layer, given):
    return layer.back(layer.delta - layer.delta.mean())


@repair_centring.mistake(
    "The mean of δ has the wrong sign.",
    "In Z − mean it has a minus: subtract.",
)
def added(layer, given):
    return layer.back(layer.delta + layer.delta.mean(axis=0))


@repair_centring.mistake(
    "The mean of Z is subtracted from δ.",
    "It is δ's own mean that goes: centring, taken backwards, is centring again.",
)
def forward_mean(layer, given):
    return layer.back(layer.delta - layer.z.mean(axis=0))


@repair_centring.mistake(
    "The gradient is centred before it has come through tanh. In which order were the two done"
    " forwards?",
    "The way back is reversed: first tanh′, then the centring.",
)
def too_early(layer, given):
    return layer.back(vjp(layer.g - layer.g.mean(axis=0), np.tanh, layer.c))


@repair_centring.mistake(
    "The mean of δ is taken away with another share.",
    "The sum is divided by n, once.",
)
def other_share(layer, given):
    n, total = len(layer.x), layer.delta.sum(axis=0)
    return closest(given, *(layer.back(layer.delta - total / c) for c in (n - 1, n**2, 2 * n)))


@repair_centring.mistake(
    "Another middle of δ is taken away than the mean.",
    "np.mean instead of the median.",
)
def median(layer, given):
    return layer.back(layer.delta - np.median(layer.delta, axis=0))


@repair_centring.mistake(
    "It is divided by a standard deviation too, which this layer does not do.",
    "Leave the scale as it is.",
)
def scaled(layer, given):
    centred = layer.delta - layer.delta.mean(axis=0)
    spreads = (layer.z.std(axis=0), layer.delta.std(axis=0))
    return closest(given, *(layer.back(centred / spread) for spread in spreads))


@repair_centring.mistake(
    "The centring is taken out of the gradient of W itself.",
    "It belongs at δ, before Xᵀ.",
)
def gradient_centred(layer, given):
    values = layer.back(layer.delta)
    return values - values.mean(axis=0) if layer.wanted == "dW" else None


@repair_centring.mistake(
    "W is centred on the way to dX.",
    "Leave it as it is: δWᵀ.",
)
def weights_centred(layer, given):
    if layer.wanted != "dX":
        return None
    delta = layer.delta - layer.delta.mean(axis=0)
    return delta @ (layer.w - layer.w.mean(axis=0)).T


@repair_centring.mistake(
    "The error at Y has not come through tanh.",
    "Multiply by 1 − Y² first.",
)
def slope_forgotten(layer, given):
    g = layer.g
    return closest(given, layer.back(g - g.mean(axis=0)), layer.back(g))


@repair_centring.mistake(
    "The short form 1 − y² is written with what went into tanh.",
    "It holds for what came out: 1 − Y².",
)
def slope_of_input(layer, given):
    delta = layer.g * (1 - layer.c**2)
    return closest(given, layer.back(delta - delta.mean(axis=0)), layer.back(delta))


@repair_centring.mistake(
    "The forward pass has changed.",
    "Y = tanh(Z − mean + b), with the mean of Z.",
)
def forward_changed(layer, given):
    values = []
    for y in (np.tanh(layer.c) - np.tanh(layer.c).mean(axis=0), np.tanh(layer.z + layer.b)):
        delta = (y - layer.t) / len(layer.x) * (1 - y**2)
        values += [layer.back(delta), layer.back(delta - delta.mean(axis=0))]
    return closest(given, *values)


@repair_centring.mistake(
    "W stands as it did on the way forward.",
    "δWᵀ.",
)
def not_transposed(layer, given):
    delta = layer.delta - layer.delta.mean(axis=0)
    square = layer.w.shape[0] == layer.w.shape[1]
    return delta @ layer.w if layer.wanted == "dX" and square else None
