"""Descent on three logistic layers that share W and b, and what may be otherwise in it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from backpass.checks.backpropagation._inputs import bias_gradient, mean_error, weights_gradient
from backpass.checks.remembered import by_value
from backpass.gradcheck import vjp

LAYERS = 3
#: What a training returns.
NAMES = ("dW", "db", "losses")
GRADIENTS = NAMES[:2]


def logistic(a: np.ndarray) -> np.ndarray:
    """σ of every entry, complex ones too."""
    return 1 / (1 + np.exp(-a))


class Layer(NamedTuple):
    """What a layer got, its pre-activations, and what came out of it."""

    x: np.ndarray
    a: np.ndarray
    y: np.ndarray


def through(g: np.ndarray, layer: Layer) -> np.ndarray:
    """g, which arrives at the layer's outputs, led back through σ."""
    return through_logistic(g, layer.a)


@by_value
def through_logistic(g: np.ndarray, a: np.ndarray) -> np.ndarray:
    """What comes back to a, of g at σ(a)."""
    return vjp(g, logistic, a)


@by_value
def through_weights(delta: np.ndarray, w: np.ndarray) -> np.ndarray:
    """What comes back to what met w, of ``delta`` at their product."""
    return vjp(delta, lambda h: h @ w, np.zeros(delta.shape))


@dataclass(frozen=True, eq=False)
class Back:
    """One way back through three logistic layers that share W and b, with what may be wrong in it.

    ``rule(g, layer)`` leads g back through σ, ``back(delta, w)`` through the weights;
    ``inputs(hs)`` are what the layers are taken to have seen, the top one first.
    """

    rule: Callable = through
    inputs: Callable = lambda hs: hs[-2::-1]
    back: Callable = through_weights
    error: Callable = lambda o, t: (o - t) / len(o)
    within: bool = False  # does W move before the layer below?


@dataclass(frozen=True, eq=False)
class Case:
    """What the answer is called with: descent on three logistic layers that share W and b."""

    x: np.ndarray
    t: np.ndarray
    w: np.ndarray
    b: np.ndarray
    rate: float
    steps: int

    @property
    def args(self) -> list:
        return [self.x, self.t, self.w, self.b, self.rate, self.steps]

    def start(self, name: str) -> np.ndarray:
        """Where what has this gradient starts."""
        return {"dW": self.w, "db": self.b}[name]

    def forward(self, w: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        hs = [self.x]
        for _ in range(LAYERS):
            hs.append(logistic(hs[-1] @ w + b))
        return hs

    def loss(self, w: np.ndarray, b: np.ndarray) -> float:
        return mean_error(self.forward(w, b)[-1], self.t)

    def parts(self, back: Back, w: np.ndarray, b: np.ndarray) -> dict[str, list[np.ndarray]]:
        """What the layers give to dW and to db at these parameters, the top one first."""
        hs, moved, found = self.forward(w, b), w, {"dW": [], "db": []}
        g = back.error(hs[-1], self.t)
        for x, y, seen in zip(hs[-2::-1], hs[:0:-1], back.inputs(hs), strict=True):
            delta = back.rule(g, Layer(x, x @ w + b, y))
            found["dW"].append(weights_gradient(delta, seen))
            found["db"].append(bias_gradient(delta, seen))
            if back.within:
                moved = moved - self.rate * found["dW"][-1]
            g = back.back(delta, moved)
        return found

    def path(self, found: Mapping, times: float = 1) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """W and b before each step, and after the last, if these steps are made."""
        w, b = self.w, self.b
        yield w, b
        for dw, db in zip(found["dW"], found["db"], strict=True):
            w, b = w - times * self.rate * dw, b - times * self.rate * db
            yield w, b

    def along(self, found: Mapping) -> dict[str, np.ndarray]:
        """What is right at the parameters to which these steps lead."""
        right = {name: [] for name in NAMES}
        for w, b in list(self.path(found))[: self.steps]:
            for name, parts in self.parts(Back(), w, b).items():
                right[name].append(sum(parts))
            right["losses"].append(self.loss(w, b))
        return {name: np.array(values) for name, values in right.items()}

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """dW, db and the loss of each step."""
        w, b, found = self.w, self.b, {name: [] for name in NAMES}
        for _ in range(self.steps):
            parts = self.parts(Back(), w, b)
            found["losses"].append(self.loss(w, b))
            for name in parts:
                found[name].append(sum(parts[name]))
            w, b = w - self.rate * found["dW"][-1], b - self.rate * found["db"][-1]
        return {name: np.array(values) for name, values in found.items()}
