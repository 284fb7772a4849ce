"""A backward pass through batch centring that takes the batch's mean for a constant.

The mean is a weighted one, so that the way back is not the way there: Z − 1pᵀZ, and δ − p1ᵀδ.
"""

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
    """tanh(Z − pᵀZ + b), Z = XW, and which gradient is wanted.

    The loss L is half the squared error, summed over the units, averaged over the examples.
    """

    x: np.ndarray  # (n, d)
    t: np.ndarray  # (n, k)
    w: np.ndarray  # (d, k)
    b: np.ndarray  # (k,)
    p: np.ndarray  # (n,), weights of the examples in the mean, which sum to 1
    wanted: str  # "dW" or "dX"

    def loss(self, x: np.ndarray, w: np.ndarray) -> float:
        """L for these inputs and weights."""
        z = x @ w
        return np.sum((np.tanh(z - self.p @ z + self.b) - self.t) ** 2) / 2 / len(x)

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
        """Z − pᵀZ + b, (n, k)."""
        return self.z - self.p @ self.z + self.b

    @cached_property
    def g(self) -> np.ndarray:
        """The gradient at the outputs, (n, k)."""
        return (np.tanh(self.c) - self.t) / len(self.x)

    @cached_property
    def delta(self) -> np.ndarray:
        """The gradient at Z − pᵀZ + b, (n, k)."""
        return vjp(self.g, np.tanh, self.c)

    def centred(self, delta: np.ndarray) -> np.ndarray:
        """The gradient at Z, (n, k), if ``delta``, (n, k), is that at Z − pᵀZ."""
        return vjp(delta, lambda z: z - self.p @ z, self.z)

    def back(self, delta: np.ndarray) -> np.ndarray:
        """The gradient wanted, with ``delta``, (n, k), for ∂L/∂Z."""
        return self.x.T @ delta if self.wanted == "dW" else delta @ self.w.T


#: Slips in δ that spoil both gradients and are paid for once: not what the sheet's own code does,
#: nor what the chapter's mean does.
IN_DELTA = {
    *("added", "b-forgotten", "forward-changed", "forward-mean", "grand-mean", "mean-of-delta"),
    *("median", "other-share", "own-share-only", "scaled", "slope-of-input", "sum-subtracted"),
    *("too-early", "wrong-axis"),
}


@exercise("Repair: the mean moves too", section=REMEDIES, points=3, kind="repair", exact=True)
def repair_centring(attempt):
    for wanted, weight in [("dW", 2), ("dX", 1)]:
        after = IN_DELTA.intersection(attempt.mistakes)
        with attempt.part(wanted, weight=weight) as part:
            for n, d, k in SIZES:
                x, t, w, b, p = uniform(16, (n, d), (n, k), (d, k), k, n)
                p = (p + 1.1) / np.sum(p + 1.1)
                args = [x + 1, t, w, b, p]
                layers = {name: Layer(*args, name) for name in ("dW", "dX")}
                right = {name: layer.gradient for name, layer in layers.items()}

                def of(name, given, layers=layers):
                    return [layers[name], given]

                part.outputs(args, right, wanted, of=of, after=after, batch=n)


@repair_centring.mistake(
    "The batch mean is treated as a constant. What does it do when one z is moved?",
    "It contains every z, with the weight p_r, so all centred values move: before you go on,"
    " subtract from the δ of each example its p_r times the sum of δ over the batch.",
)
def mean_constant(layer, given):
    return layer.back(layer.delta)


@repair_centring.mistake(
    "Each z's own share in the mean is there, but not what it does to the other examples.",
    "In place of the factor 1 − p_r subtract from each example its p_r times the sum of δ.",
)
def own_share_only(layer, given):
    share = layer.p[:, None]
    return closest(given, *(layer.back(layer.delta * (1 - c)) for c in (share, 1 / len(layer.x))))


@repair_centring.mistake(
    "The plain mean of δ is subtracted, which is right where all examples have the same weight in"
    " the mean, as in the chapter. How much of the mean is the z of example r?",
    "Its share is p_r: subtract p_r times the sum of δ.",
)
def plain_mean(layer, given):
    return layer.back(layer.delta - layer.delta.mean(axis=0))


@repair_centring.mistake(
    "The weighted mean of δ is subtracted, alike from each example, as it is on the way forward. On"
    " the way back the sum runs over those that have z_r in their mean, which are all.",
    "Transpose it: the sum of δ is plain, and p_r stands before it: subtract"
    " p[:, None] * delta.sum(axis=0).",
)
def mean_of_delta(layer, given):
    return layer.back(layer.delta - layer.p @ layer.delta)


@repair_centring.mistake(
    "The weights p have no part in it, forward or back: the mean is the plain one of the chapter.",
    "Keep the forward pass as it is, with p @ Z.",
)
def weights_ignored(layer, given):
    c = layer.z - layer.z.mean(axis=0) + layer.b
    delta = vjp((np.tanh(c) - layer.t) / len(layer.x), np.tanh, c)
    return closest(given, layer.back(delta - delta.mean(axis=0)), layer.back(layer.centred(delta)))


@repair_centring.mistake(
    "The bias b is not in what goes into tanh.",
    "C + b goes into tanh: keep the forward pass as it is.",
)
def b_forgotten(layer, given):
    c = layer.c - layer.b
    delta = vjp((np.tanh(c) - layer.t) / len(layer.x), np.tanh, c)
    return layer.back(layer.centred(delta))


@repair_centring.mistake(
    "The sum of δ is subtracted. What share has each z in the mean?",
    "p_r: subtract p_r times the sum of δ.",
)
def sum_subtracted(layer, given):
    return layer.back(layer.delta - layer.delta.sum(axis=0))


@repair_centring.mistake(
    "The sum or the mean of δ is taken along the other axis. Along which did the mean run"
    " forwards?",
    "Over the examples: axis=0.",
)
def wrong_axis(layer, given):
    total, n = layer.delta.sum(axis=1, keepdims=True), layer.delta.shape[1]
    shares = (1 / n, layer.p[:, None], 1)
    return closest(given, *(layer.back(layer.delta - c * total) for c in shares))


@repair_centring.mistake(
    "One sum or mean of all of δ is subtracted, and each unit has one of its own.",
    "delta.sum(axis=0).",
)
def grand_mean(layer, given):
    sums = (layer.delta.mean(), layer.p[:, None] * layer.delta.sum())
    return closest(given, *(layer.back(layer.delta - one) for one in sums))


@repair_centring.mistake(
    "What comes through the mean has the wrong sign.",
    "In Z − mean it has a minus: subtract.",
)
def added(layer, given):
    return layer.back(2 * layer.delta - layer.centred(layer.delta))


@repair_centring.mistake(
    "The mean of Z is subtracted from δ.",
    "It is δ's own sum that goes, in shares of p_r.",
)
def forward_mean(layer, given):
    return layer.back(layer.delta - layer.p @ layer.z)


@repair_centring.mistake(
    "The gradient is centred before it has come through tanh. In which order were the two done"
    " forwards?",
    "The way back is reversed: first tanh′, then the centring.",
)
def too_early(layer, given):
    return layer.back(vjp(layer.centred(layer.g), np.tanh, layer.c))


@repair_centring.mistake(
    "The sum of δ is taken away with another share. How much of the mean is z_r?",
    "The share of example r is p_r, once.",
)
def other_share(layer, given):
    n, total, p = len(layer.x), layer.delta.sum(axis=0), layer.p[:, None]
    shares = (p / n, p * n, p**2, 1 / (n - 1))
    return closest(given, *(layer.back(layer.delta - c * total) for c in shares))


@repair_centring.mistake(
    "Another middle of δ is taken away than the mean.",
    "Subtract p_r times the sum of δ.",
)
def median(layer, given):
    return layer.back(layer.delta - np.median(layer.delta, axis=0))


@repair_centring.mistake(
    "It is divided by a standard deviation too, which this layer does not do.",
    "Leave the scale as it is.",
)
def scaled(layer, given):
    centred = layer.centred(layer.delta)
    spreads = (layer.z.std(axis=0), layer.delta.std(axis=0))
    return closest(given, *(layer.back(centred / spread) for spread in spreads))


@repair_centring.mistake(
    "The centring is done to the gradient of W itself.",
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
    delta = layer.centred(layer.delta)
    return delta @ (layer.w - layer.w.mean(axis=0)).T


@repair_centring.mistake(
    "The error at Y has not come through tanh.",
    "Multiply by 1 − Y² first.",
)
def slope_forgotten(layer, given):
    g = layer.g
    return closest(given, layer.back(layer.centred(g)), layer.back(g))


@repair_centring.mistake(
    "The short form 1 − y² is written with what went into tanh.",
    "It holds for what came out: 1 − Y².",
)
def slope_of_input(layer, given):
    delta = layer.g * (1 - layer.c**2)
    return closest(given, layer.back(layer.centred(delta)), layer.back(delta))


@repair_centring.mistake(
    "The forward pass has changed.",
    "Y = tanh(Z − mean + b), with the weighted mean of Z.",
)
def forward_changed(layer, given):
    values = []
    out = np.tanh(layer.c)
    for y in (out - out.mean(axis=0), out - layer.p @ out, np.tanh(layer.z + layer.b)):
        delta = (y - layer.t) / len(layer.x) * (1 - y**2)
        values += [layer.back(delta), layer.back(layer.centred(delta))]
    return closest(given, *values)


@repair_centring.mistake(
    "W stands as it did on the way forward.",
    "δWᵀ.",
)
def not_transposed(layer, given):
    delta = layer.centred(layer.delta)
    square = layer.w.shape[0] == layer.w.shape[1]
    return delta @ layer.w if layer.wanted == "dX" and square else None
