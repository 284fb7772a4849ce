"""Repair: the weights of a stack."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import (
    BLOCK_FORGOTTEN,
    FROM_X,
    HALVED,
    MULTIPLIED,
    PATHS,
    SKIP_FORGOTTEN,
    WEIGHTS,
    by_output,
    uniform,
)
from backpass.gradcheck import slope, vjp


@dataclass(frozen=True, eq=False)
class Stack:
    """L blocks x + tanh(x w), and G at the top: x (n, d), ws (L, d, d), g (n, d)."""

    x: np.ndarray
    ws: np.ndarray
    g: np.ndarray

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """What each of the outputs should be."""

        def top(p):
            x = p["X"]
            for w in p["W"]:
                x = x + np.tanh(x @ w)
            return x

        found = slope(lambda p: np.sum(self.g * top(p)), {"X": self.x, "W": self.ws})
        return by_output(found)

    def back(self, **rule: Callable) -> dict[str, np.ndarray]:
        """The outputs, if every block is walked back with this rule of :func:`block_back`."""
        xs, dws, g = [self.x], [], self.g
        for w in self.ws[:-1]:
            xs.append(xs[-1] + np.tanh(xs[-1] @ w))
        for x, w in zip(xs[::-1], self.ws[::-1], strict=True):
            g, dw = block_back(x, w, g, **rule)
            dws.append(dw)
        return {"dX": g, "dW": np.array(dws[::-1])}


def block_back(
    x: np.ndarray,
    w: np.ndarray,
    g: np.ndarray,
    to_x: Callable = lambda g, through: g + through(g),
    to_w: Callable = lambda g, below: g,
    to_z: Callable = lambda v, z, y: vjp(v, np.tanh, z),
) -> tuple[np.ndarray, np.ndarray]:
    """The gradients of x (n, d) and w (d, d) at y = x + tanh(z), z = x w, if g (n, d) is at y.

    Three rules can be changed: ``to_x(g, through)`` is what reaches x, where ``through(v)`` is what
    comes back of v through tanh(x w); ``to_w(g, below)`` is what w takes for the gradient at y,
    where ``below`` is that at x; ``to_z(v, z, y)`` is what comes back of v through tanh.
    """
    z = x @ w
    y = x + np.tanh(z)

    def through(v):
        return vjp(to_z(v, z, y), lambda x: x @ w, x)

    below = to_x(g, through)
    return below, vjp(to_z(to_w(g, below), z, y), lambda w: x @ w, w)


SIZES = [(4, 3, 3), (1, 2, 2), (3, 3, 1)]
CASES = [Stack(*uniform(5, (n, d), (blocks, d, d), (n, d))) for n, d, blocks in SIZES]


@exercise("Repair: the weights of a stack", section=WEIGHTS, points=3, kind="repair")
def repair_stack(attempt):
    for output, weight in [("dW", 2), ("dX", 1)]:
        with attempt.part(output, weight=weight) as part:
            for case in CASES:
                args, over = [case.x, case.ws, case.g], {"batch": len(case.x), "reduction": "sum"}
                part.outputs(args, case.right, output, of=[case], **over)


@repair_stack.mistake(FROM_X)
def weights_from_x(case, output):
    return case.back(to_w=lambda g, below: below)[output]


@repair_stack.mistake(SKIP_FORGOTTEN)
def skip_forgotten(case, output):
    return case.back(to_x=lambda g, through: through(g))[output]


@repair_stack.mistake(BLOCK_FORGOTTEN)
def block_forgotten(case, output):
    return case.back(to_x=lambda g, through: g)[output]


@repair_stack.mistake(HALVED)
def halved(case, output):
    return case.back(to_x=lambda g, through: (g + through(g)) / 2)[output]


@repair_stack.mistake(MULTIPLIED)
def multiplied(case, output):
    return case.back(to_x=lambda g, through: g * through(g))[output]


@repair_stack.mistake(
    "Every block sends back the gradient of the very top. This is the product of the I + J_l"
    f" truncated to first order: paths through several blocks are lost. {PATHS}"
)
def first_order(case, output):
    return case.back(to_x=lambda g, through: g + through(case.g))[output]


@repair_stack.mistake(
    "1 − x² is taken with the block's output x + tanh(x W). The derivative of tanh is 1 − T², with"
    " T the value of tanh alone, before the add."
)
def slope_at_sum(case, output):
    return case.back(to_z=lambda v, z, y: v * (1 - y**2))[output]
