"""Repair: the weights of a stack."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import (
    BLOCK_FORGOTTEN,
    FROM_X,
    HALVED,
    MULTIPLIED,
    NOT_AROUND,
    ONE_FOR_G,
    PATHS,
    SKIP_FORGOTTEN,
    SKIP_TWICE,
    WEIGHTS,
    by_output,
    either,
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

    @cached_property
    def xs(self) -> list[np.ndarray]:
        """The inputs of the blocks."""
        xs = [self.x]
        for w in self.ws[:-1]:
            xs.append(xs[-1] + np.tanh(xs[-1] @ w))
        return xs

    @property
    def top(self) -> np.ndarray:
        """The output of the last block."""
        return self.xs[-1] + np.tanh(self.xs[-1] @ self.ws[-1])

    def back(
        self,
        order: Iterable[int] | None = None,
        inputs: list[np.ndarray] | None = None,
        **rule: Callable | bool,
    ) -> dict[str, np.ndarray]:
        """The outputs, if every block is walked back with this rule of :func:`block_back`.

        ``order`` is one of the blocks other than from the last to the first, and ``inputs`` are
        what the weights are taken to have multiplied.
        """
        dw, g = np.zeros_like(self.ws), self.g
        for i in range(len(self.ws))[::-1] if order is None else order:
            x = self.xs[i]
            g, dw[i] = block_back(x, self.ws[i], g, seen=inputs[i] if inputs else x, **rule)
        return {"dX": g, "dW": dw}


def block_back(
    x: np.ndarray,
    w: np.ndarray,
    g: np.ndarray,
    to_x: Callable = lambda g, through: g + through(g),
    to_w: Callable = lambda g, below: g,
    to_z: Callable = lambda v, z, y: vjp(v, np.tanh, z),
    seen: np.ndarray | None = None,
    turned: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """The gradients of x (n, d) and w (d, d) at y = x + tanh(z), z = x w, if g (n, d) is at y.

    Three rules can be changed: ``to_x(g, through)`` is what reaches x, where ``through(v)`` is what
    comes back of v through tanh(x w); ``to_w(g, below)`` is what w takes for the gradient at y,
    where ``below`` is that at x; ``to_z(v, z, y)`` is what comes back of v through tanh. ``seen``
    is what w is taken to have multiplied; if ``turned``, what comes back meets w where wᵀ belongs.
    """
    z = x @ w
    y = x + np.tanh(z)

    def through(v):
        return vjp(to_z(v, z, y), lambda x: x @ (w.T if turned else w), x)

    below, seen = to_x(g, through), x if seen is None else seen
    return below, vjp(to_z(to_w(g, below), z, y), lambda w: seen @ w, w)


SIZES = [(4, 3, 3), (1, 2, 2), (3, 3, 1)]
CASES = [Stack(*uniform(5, (n, d), (blocks, d, d), (n, d))) for n, d, blocks in SIZES]


@exercise(
    "Repair: the weights of a stack",
    section=WEIGHTS,
    points=3,
    kind="repair",
    mistakes={
        "zeros": NOT_AROUND,
        "averaged": "G has every factor of the loss in it already: nothing is averaged any more.",
    },
)
def repair_stack(attempt):
    for output, weight in [("dW", 2), ("dX", 1)]:
        with attempt.part(output, weight=weight) as part:
            for case in CASES:
                args, over = [case.x, case.ws, case.g], {"batch": len(case.x), "reduction": "sum"}
                part.outputs(
                    args, case.right, output, of=lambda *of, case=case: (case, *of), **over
                )


@repair_stack.mistake(FROM_X)
def weights_from_x(case, output, _):
    return case.back(to_w=lambda g, below: below)[output]


@repair_stack.mistake(SKIP_FORGOTTEN)
def skip_forgotten(case, output, _):
    return case.back(to_x=lambda g, through: through(g))[output]


@repair_stack.mistake(BLOCK_FORGOTTEN)
def block_forgotten(case, output, _):
    return case.back(to_x=lambda g, through: g)[output] if output == "dX" else None


@repair_stack.mistake(
    "Every block's weights get the gradient of the very top. They need the one that has come down"
    " to their own block."
)
def weights_from_top(case, output, _):
    return case.back(to_x=lambda g, through: g)[output] if output == "dW" else None


@repair_stack.mistake(HALVED)
def halved(case, output, _):
    return case.back(to_x=lambda g, through: (g + through(g)) / 2)[output]


@repair_stack.mistake(MULTIPLIED)
def multiplied(case, output, _):
    return case.back(to_x=lambda g, through: g * through(g))[output]


@repair_stack.mistake(
    "Every block sends back the gradient of the very top. This is the product of the I + J_l"
    f" truncated to first order: paths through several blocks are lost. {PATHS}"
)
def first_order(case, output, _):
    return case.back(to_x=lambda g, through: g + through(case.g))[output]


@repair_stack.mistake(
    "1 − x² is taken with the block's output x + tanh(x W). The derivative of tanh is 1 − T², with"
    " T the value of tanh alone, before the add."
)
def slope_at_sum(case, output, _):
    return case.back(to_z=lambda v, z, y: v * (1 - y**2))[output]


@repair_stack.mistake(ONE_FOR_G)
def one_for_g(case, output, _):
    return case.back(to_x=lambda g, through: 1 + through(g))[output]


@repair_stack.mistake(SKIP_TWICE)
def skip_twice(case, output, _):
    return case.back(to_x=lambda g, through: 2 * g + through(g))[output]


@repair_stack.mistake("W is not transposed on the way back: with X W forward it is δ Wᵀ.")
def not_transposed(case, output, _):
    return case.back(turned=True)[output]


@repair_stack.mistake(
    "That is not the slope of tanh at this block's Z: it is 1 − T², with T the value of tanh."
)
def other_slope(case, output, given):
    rules = (
        lambda v, z, y: v,
        lambda v, z, y: v * (1 - z**2),
        lambda v, z, y: v * (1 - np.tanh(z)),
        lambda v, z, y: vjp(v, np.tanh, np.tanh(z)),
    )
    return either(given, *(case.back(to_z=rule)[output] for rule in rules))


@repair_stack.mistake(
    "The weights are given another input than their own block's: X_l, which W_l multiplied, not"
    " X_{l+1} and not the first."
)
def other_input(case, output, given):
    if output == "dX":
        return None
    xs = [*case.xs[1:], case.top], [case.x] * len(case.ws)
    return either(given, *(case.back(inputs=inputs)[output] for inputs in xs))


@repair_stack.mistake(
    "The blocks are not walked from the last to the first, or not all of them: what comes back"
    " begins at the top."
)
def other_walk(case, output, given):
    last = len(case.ws) - 1
    forms = [case.back(order=order)[output] for order in (range(last + 1), [last])]
    return either(given, *forms, case.right["dW"][::-1] if output == "dW" else forms[0])
