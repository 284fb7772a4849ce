"""Output weights in closed form, from a function with slips."""

from dataclasses import dataclass

import numpy as np

from backpass.checks import exercise
from backpass.checks.why_gradients._inputs import CLOSED, normal


@dataclass(frozen=True, eq=False)
class Data:
    """Inputs X (n, d), targets y (n,), and hidden weights A (d, h), b (h,)."""

    x: np.ndarray
    y: np.ndarray
    a: np.ndarray
    b: np.ndarray

    @property
    def hidden(self) -> np.ndarray:
        """(n, h)"""
        return np.tanh(self.x @ self.a + self.b)

    def solved(self, hidden: np.ndarray, scale: float = 1.0) -> dict[str, np.ndarray]:
        """The output weights and bias that are best for these states of the units."""
        seen = np.column_stack([hidden, np.ones(len(hidden))])
        weights = scale * np.linalg.lstsq(seen, self.y)[0]
        return {"v": weights[:-1], "c": weights[-1]}

    def apart(self, targets: np.ndarray, scale: float = 1.0) -> np.ndarray:
        """The output weights without a bias beside them."""
        return scale * np.linalg.lstsq(self.hidden, targets)[0]


def drawn(seed: int, n: int, d: int, h: int) -> Data:
    x, y, a, b = normal(seed, (n, d), n, (d, h), h)
    return Data(x, y + 2, a, b)


CASES = [drawn(0, 9, 3, 3), drawn(1, 12, 4, 2), drawn(2, 8, 3, 2)]


@exercise("Repair: the last layer", section=CLOSED, points=3, kind="repair")
def output_layer(attempt):
    for name, weight in (("v", 2), ("c", 1)):
        with attempt.part({"v": "the weights v", "c": "the bias c"}[name], weight) as part:
            for data in CASES:
                args, right = [data.x, data.y, data.a, data.b], data.solved(data.hidden)
                part.outputs(args, right, name, of=[data], reduction=None, rtol=1e-7)


@output_layer.mistake(
    "Two slips are left: one side of the normal equations is divided by n, and the bias has no part"
    " in them.",
    "Divide both sides or none, and give the states a column of ones.",
)
def both(data, name):
    return data.apart(data.y, len(data.y)) if name == "v" else None


@output_layer.mistake(
    "One side of the normal equations is divided by the number of examples, the other is not.",
    "Divide both or none.",
)
def n_on_one_side(data, name):
    return data.solved(data.hidden, len(data.y))[name]


@output_layer.mistake(
    "The weights are solved for as if there were no bias.",
    "Give the states a column of ones: its weight is the bias.",
)
def bias_apart(data, name):
    return data.apart(data.y) if name == "v" else None


@output_layer.mistake(
    "The mean is taken from the targets but not from the states.",
    "Give the states a column of ones: its weight is the bias.",
)
def targets_centred(data, name):
    return data.apart(data.y - data.y.mean()) if name == "v" else None


@output_layer.mistake(
    "The bias is the mean of the targets. What do the units give on average?",
    "Solve for it together with the weights, or subtract what they give: the mean of y − Hv.",
)
def mean_of_targets(data, name):
    return data.y.mean() if name == "c" else None


@output_layer.mistake(
    "The units are linear here.",
    "H = tanh(X A + b).",
)
def tanh_forgotten(data, name):
    linear = data.x @ data.a + data.b
    return data.solved(linear)[name]
