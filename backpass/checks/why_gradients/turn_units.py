"""Sigmoid units turned around, so that the net computes the same."""

from dataclasses import dataclass

import numpy as np

from backpass.checks import exercise
from backpass.checks.why_gradients._inputs import SYMMETRY, normal

SIZES = [(2, 3), (3, 3), (1, 4)]  # d inputs, h units
NAMES = ("A", "b", "v", "c")


@dataclass(frozen=True, eq=False)
class Net:
    """o = σ(X A + b) v + c, and which units are to be turned around."""

    a: np.ndarray  # (d, h)
    b: np.ndarray  # (h,)
    v: np.ndarray  # (h,)
    c: float
    turn: np.ndarray  # (h,), −1 for those to be turned, 1 for the others

    def hidden(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """What the units answer to some inputs, (k, h)."""
        X = normal(9, (5, len(self.a)))[0]
        return (1 + np.tanh((X @ a + b) / 2)) / 2

    def wanted(self) -> dict[str, np.ndarray]:
        """The parameters of the net that is wanted, its constant from running both."""
        a, b, v = self.a * self.turn, self.b * self.turn, self.v * self.turn
        before = self.hidden(self.a, self.b) @ self.v + self.c
        return {"A": a, "b": b, "v": v, "c": np.mean(before - self.hidden(a, b) @ v)}


def drawn(seed: int, d: int, h: int) -> Net:
    a, b, v, c = normal(seed, (d, h), h, h, ())
    turn = np.where(np.arange(h) % 2, 1.0, -1.0)
    return Net(a, b, v, float(c), turn)


@exercise("Turn a sigmoid around", section=SYMMETRY, points=5, kind="implement")
def turn_units(attempt):
    for name, weight in zip(NAMES, (1, 1, 1, 2), strict=True):
        with attempt.part(f"the new {name}", weight=weight) as part:
            for seed, (d, h) in enumerate(SIZES):
                net = drawn(seed, d, h)
                args = [net.a, net.b, net.v, net.c, net.turn]
                part.outputs(args, net.wanted(), name, of=[net], reduction=None, rtol=1e-9)


@turn_units.mistake(
    "This is as it was: nothing was turned around.",
    "Multiply the columns of A and the entries of b and v by turn.",
)
def left(net, name):
    return {"A": net.a, "b": net.b, "v": net.v}.get(name)


@turn_units.mistake(
    "All units are turned around, also those that were to stay.",
    "Multiply by turn, unit by unit, not by −1.",
)
def all_turned(net, name):
    every = Net(net.a, net.b, net.v, net.c, -np.ones_like(net.b))
    return every.wanted()[name]


@turn_units.mistake(
    "The constant is as it was, which would do for tanh. What is σ(−z)?",
    "It is 1 − σ(z): each unit that is turned around lacks its v in the sum.",
)
def constant_left(net, name):
    return net.c if name == "c" else None


@turn_units.mistake(
    "The constant has moved the wrong way, or the new output weights were used.",
    "Add the *old* v of each unit that is turned around: v σ(z) = v − v σ(−z).",
)
def constant_subtracted(net, name):
    return 2 * net.c - net.wanted()["c"] if name == "c" else None


@turn_units.mistake(
    "The constant has half of what it needs.",
    "σ(z) + σ(−z) = 1, so it is the whole v of each unit that is turned around.",
)
def constant_halved(net, name):
    return (net.c + net.wanted()["c"]) / 2 if name == "c" else None
