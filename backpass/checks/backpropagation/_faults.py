"""Gradients with faults in them, made from right ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from backpass.checks.remembered import by_value
from backpass.gradcheck import slope

Arrays = Mapping[str, np.ndarray]

#: What may be wrong with a parameter's gradient.
KINDS = ("right", "sign", "summed", "transposed")


@dataclass(frozen=True)
class Fault:
    """A kind of fault, and the entries that have it; all, if ``at`` is None."""

    kind: str
    at: np.ndarray | None = None

    def put_into(self, right: np.ndarray, n: int) -> np.ndarray:
        """The gradient with this fault in it."""
        return np.where(True if self.at is None else self.at, changed(right, self.kind, n), right)


def changed(right: np.ndarray, kind: str, n: int) -> np.ndarray:
    """What a fault in all entries makes of a gradient; ``n`` is the number of examples."""
    return {"right": right, "sign": -right, "summed": n * right, "transposed": right.T}[kind]


@dataclass(frozen=True)
class Case:
    """A loss of a dict of arrays, the point to look at, n examples, and a fault by parameter."""

    name: str
    loss: Callable[[Arrays], float]
    p: Arrays
    n: int
    faults: Mapping[str, Fault] = field(default_factory=dict)

    def gradient(self, p: Arrays) -> dict[str, np.ndarray]:
        """The gradient with its faults."""
        right = zip(p, self._slopes(*p.items()), strict=True)
        return {name: self.fault(name).put_into(g, self.n) for name, g in right}

    @cached_property
    def _slopes(self) -> Callable:
        """The right gradients, in order, of arrays that are given with their names."""
        return by_value(lambda *named: tuple(slope(self.loss, dict(named)).values()))

    def fault(self, name: str) -> Fault:
        return self.faults.get(name, Fault("right"))

    def kind(self, name: str) -> str:
        return self.fault(name).kind
