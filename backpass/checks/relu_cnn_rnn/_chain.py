"""A chain of leaky ReLU layers without biases, and the way back through it."""

from collections.abc import Callable
from functools import cached_property

import numpy as np


class Chain:
    """Layers h ↦ f(h w) with f(z) = z above 0, or ``above`` times that, and a z elsewhere, for
    inputs x and weights ``ws``.

    z[i] and h[i + 1] are what goes into f in layer i and what comes out, h[0] is x; g arrives at
    the last of them. To z[i] is added what ``drives`` has for it, if anything.
    """

    def __init__(
        self,
        x: np.ndarray,
        ws: list[np.ndarray],
        g: np.ndarray,
        a: float,
        drives: list[np.ndarray] | None = None,
        *,
        above: float = 1,
    ) -> None:
        self.x, self.ws, self.g, self.a, self.above = x, ws, g, a, above
        self.z, self.h = [], [x]
        for w, drive in zip(ws, drives or [0.0] * len(ws), strict=True):
            self.z.append(self.h[-1] @ w + drive)
            self.h.append(self.leaky(self.z[-1]))

    @property
    def args(self) -> list:
        """What the learner's function is called with."""
        return [self.x, self.ws, self.g, self.a]

    def with_leak(self, a: float) -> "Chain":
        """The same layers with another leak."""
        return Chain(self.x, self.ws, self.g, a)

    def leaky(self, z: np.ndarray) -> np.ndarray:
        """f."""
        return np.where(z > 0, self.above, self.a) * z

    def passed(self, v: np.ndarray, at: np.ndarray) -> np.ndarray:
        """What of v comes back through f with the inputs ``at``: f is linear on either side of 0,
        so what it makes of a number, over that number, is its slope there.
        """
        at = np.where(at == 0, -1.0, at)
        return v * (self.leaky(at) / at)

    def errors(
        self,
        through: Callable[[np.ndarray, int], np.ndarray] | None = None,
        *,
        turned: bool = True,
    ) -> list[np.ndarray]:
        """The gradients along h[0], h[1], …

        ``through(v, i)`` says what of v, at the outputs of layer i, comes back to its inputs to f.
        If not ``turned``, what comes back meets w where wᵀ belongs, if it fits.
        """
        found = [self.g]
        for i in reversed(range(len(self.ws))):
            delta = through(found[0], i) if through else self.passed(found[0], self.z[i])
            w = self.ws[i] if turned or len(set(self.ws[i].shape)) > 1 else self.ws[i].T
            alone = np.eye(len(w)) @ w  # what each unit alone does to the next layer comes back
            found.insert(0, np.tensordot(delta, alone, axes=(1, 1)))
        return found

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """The gradients by name: dH0 is that along x."""
        return {f"dH{i}": value for i, value in enumerate(self.errors())}
