"""Repair: a stack of blocks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.remembered import by_value
from backpass.checks.residual_networks._inputs import (
    BLOCK_FORGOTTEN,
    FROM_X,
    HALVED,
    MULTIPLIED,
    NOT_AROUND,
    ONE_FOR_G,
    PATHS,
    SHORTCUTS,
    SKIP_FORGOTTEN,
    SKIP_TWICE,
    WEIGHTS,
    either,
    uniform,
)
from backpass.gradcheck import slope, vjp
from backpass.gradcheck.check import matches


@dataclass(frozen=True, eq=False)
class Stack:
    """L blocks λ x + tanh(x w), and G at the top: x (n, d), ws (L, d, d), g (n, d)."""

    x: np.ndarray
    ws: np.ndarray
    g: np.ndarray
    lam: float

    @property
    def args(self) -> list:
        """What the learner's function is called with."""
        return [self.x, self.ws, self.g, self.lam]

    @cached_property
    def xs(self) -> list[np.ndarray]:
        """The inputs of the blocks, and the output of the last: L + 1 arrays (n, d)."""
        return self.above(self.x, self.ws)

    def above(self, x: np.ndarray, ws: np.ndarray) -> list[np.ndarray]:
        """What blocks with weights ``ws`` make of ``x``, one after the other, and x itself."""
        xs = [x]
        for w in ws:
            xs.append(self.lam * xs[-1] + np.tanh(xs[-1] @ w))
        return xs

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """What each of the outputs should be."""
        found = [
            vjp(self.g, lambda x, i=i: self.above(x, self.ws[i:])[-1], x)
            for i, x in enumerate(self.xs)
        ]
        dw = slope(lambda ws: np.sum(self.g * self.above(self.x, ws)[-1]), self.ws)
        return {"Gs": np.array(found), "dW": dw}

    def back(
        self,
        order: Iterable[int] | None = None,
        inputs: list[np.ndarray] | None = None,
        shift: int = 0,
        **rule: Callable | bool | float,
    ) -> dict[str, np.ndarray]:
        """The outputs, if every block is walked back with this rule of :func:`block_back`.

        ``order`` is one of the blocks other than from the last to the first, and ``inputs`` are
        what the weights are taken to have multiplied. The slope of tanh is that of so many blocks
        further on, with ``shift``.
        """
        dw, gs = np.zeros_like(self.ws), [self.g] * (len(self.ws) + 1)
        g, rule = self.g, {"lam": self.lam} | rule
        for i in range(len(self.ws))[::-1] if order is None else order:
            x, w = self.xs[i], self.ws[i]
            k = (i + shift) % len(self.ws)  # as Python counts at −1
            at = self.xs[k] @ self.ws[k]
            seen = inputs[i] if inputs else x
            g, dw[i] = block_back(x, w, g, seen=seen, bend=at, **rule)
            gs[i] = g
        return {"Gs": np.array(gs), "dW": dw}

    def follows(self, found: dict) -> dict[str, np.ndarray]:
        """The gradients of the weights that follow from the Gs that were found: each block's from
        what arrives at its output, with a slope of tanh that is as wrong as that in Gs, if it is.
        """
        gs = np.asarray(found["Gs"], float)
        if gs.shape != self.right["Gs"].shape:
            return self.right
        for to_z in SLOPES:
            if matches(gs, self.back(to_z=to_z)["Gs"]) and matches(
                found["dW"], self.back(to_z=to_z)["dW"]
            ):
                return self.back(to_z=to_z)
        return {"dW": self.weights(gs)}

    def weights(self, gs: np.ndarray, act: Callable = np.tanh) -> np.ndarray:
        """The gradients of the weights, if these were at X_0, …, X_L: (L, d, d)."""
        parts = zip(gs[1:], self.xs, self.ws, strict=False)
        return np.array([vjp(g, lambda w, x=x: act(x @ w), w) for g, x, w in parts])


def block_back(
    x: np.ndarray,
    w: np.ndarray,
    g: np.ndarray,
    lam: float,
    to_x: Callable = lambda along, through, g: along + through(g),
    to_w: Callable = lambda g, below: g,
    to_z: Callable = lambda v, z, y: through_tanh(v, z),
    seen: np.ndarray | None = None,
    bend: np.ndarray | None = None,
    shared: bool = False,
    turned: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """The gradients of x (n, d) and w (d, d) at y = lam x + tanh(z), z = x w, if g (n, d) is at y.

    Three rules can be changed: ``to_x(along, through, g)`` is what reaches x, where ``along`` came
    along the shortcut and ``through(v)`` is what comes back of v through tanh(x w);
    ``to_w(g, below)`` is what w takes for the gradient at y, where ``below`` is that at x;
    ``to_z(v, z, y)`` is what comes back of v through tanh. ``seen`` is what w is taken to have
    multiplied, ``bend`` where the slope of tanh is taken; if ``shared``, what comes along the
    shortcut goes through tanh too, and if ``turned``, what comes back meets w where wᵀ belongs.
    """
    y = lam * x + np.tanh(x @ w)
    z = x @ w if bend is None else bend

    def through(v):
        return at_inputs(to_z(v, z, y), x, w.T if turned else w)

    along, seen = lam * (to_z(g, z, y) if shared else g), x if seen is None else seen
    below = to_x(along, through, g)
    return below, at_weights(to_z(to_w(g, below), z, y), seen, w)


@by_value
def through_tanh(v: np.ndarray, z: np.ndarray) -> np.ndarray:
    """What comes back to z, of v at tanh(z)."""
    return vjp(v, np.tanh, z)


@by_value
def at_inputs(v: np.ndarray, x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """What comes back to x, of v at x w."""
    return vjp(v, lambda x: x @ w, x)


@by_value
def at_weights(v: np.ndarray, x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """What comes back to w, of v at x w."""
    return vjp(v, lambda w: x @ w, w)


#: Slopes of tanh that are not: what comes back of v to z, where y is the block's output.
SLOPES: list[Callable] = [
    lambda v, z, y: v,
    lambda v, z, y: v * (1 - z**2),
    lambda v, z, y: v * (1 - np.tanh(z)),
    lambda v, z, y: through_tanh(v, np.tanh(z)),
    lambda v, z, y: through_tanh(through_tanh(v, z), z),
    lambda v, z, y: v * (1 - y**2),
]

SIZES = [(4, 3, 3, 0.6), (1, 2, 2, 1.3), (3, 3, 1, 0.8), (3, 2, 2, 0.0)]
CASES = [Stack(*uniform(5, (n, d), (blocks, d, d), (n, d)), lam) for n, d, blocks, lam in SIZES]


@exercise(
    "Repair: a stack of blocks",
    section=WEIGHTS,
    points=3,
    kind="repair",
    exact=True,
    mistakes={
        "zeros": NOT_AROUND,
        "averaged": (
            "The weights' gradients are means over the examples.",
            "G has every factor of the loss in it already: nothing is averaged any more.",
        ),
    },
)
def repair_stack(attempt):
    for output, weight in [("Gs", 2), ("dW", 1)]:
        with attempt.part(output, weight=weight) as part:
            for case in CASES:
                over = {"batch": len(case.x), "reduction": "sum", "follows": case.follows}
                over = over if output == "dW" else {}
                part.outputs(
                    case.args, case.right, output, of=lambda *of, case=case: (case, *of), **over
                )


@repair_stack.mistake(FROM_X)
def weights_from_x(case, output, given):
    if output == "Gs":
        return None
    forms = (case.back(to_w=lambda g, below: below, lam=lam)["dW"] for lam in (case.lam, 1.0))
    return either(given, *forms)


@repair_stack.mistake(
    "On the way back the shortcut has a slope that it has not on the way forward. Does it show at"
    f" λ = 1? {SHORTCUTS}",
    "What comes along the shortcut is λ times what arrived: multiply it, in every block.",
)
def unscaled(case, output, _):
    return case.back(lam=1.0)[output]


@repair_stack.mistake(
    "On the way forward λ is left out, or another than the one that is given. That way was right.",
    "Xs[l + 1] is λ Xs[l] + Ts[l], with lam, the last argument.",
)
def other_forward(case, output, given):
    if output not in ("Gs", "dW"):
        return None
    forms = []
    for lam in (1.0, 0.5):
        other = Stack(case.x, case.ws, case.g, lam)
        forms += [other.back(lam=back)[output] for back in (case.lam, lam) if lam != case.lam]
    return either(given, *forms) if forms else None


@repair_stack.mistake(
    "λ stands on both paths. Which of the two does it multiply on the way forward?",
    "Multiply what comes along the shortcut by λ, and leave what comes through tanh as it is.",
)
def block_scaled(case, output, given):
    if not case.lam:  # then nothing is left of either path
        return None
    both = case.back(to_x=lambda along, through, g: along + case.lam * through(g))
    if output == "Gs":
        return both["Gs"]
    return either(given, both["dW"], case.lam * both["dW"], case.lam * case.right["dW"])


@repair_stack.mistake(
    "λ is there twice along the shortcut.",
    "It multiplies what arrives once, in every block.",
)
def lam_twice(case, output, _):
    return case.back(lam=case.lam**2)[output] if case.lam not in (0, 1) else None


@repair_stack.mistake(
    "What comes along the shortcut goes through tanh as well. Does it on the way forward?",
    "Only the block's part is multiplied by 1 − T²: λ times all that arrived goes straight down.",
)
def shortcut_bent(case, output, _):
    return case.back(shared=True)[output] if case.lam else None


@repair_stack.mistake(*SKIP_FORGOTTEN)
def skip_forgotten(case, output, _):
    return case.back(to_x=lambda along, through, g: through(g))[output]


@repair_stack.mistake(*BLOCK_FORGOTTEN)
def block_forgotten(case, output, _):
    return case.back(to_x=lambda along, through, g: along)["Gs"] if output == "Gs" else None


@repair_stack.mistake(
    "Every block's weights get the gradient of the very top. Which gradient arrives at a block?",
    "Give the weights of block l what has come down to its output, Gs[l + 1].",
)
def weights_from_top(case, output, _):
    return case.back(to_x=lambda along, through, g: g)["dW"] if output == "dW" else None


@repair_stack.mistake(*HALVED)
def halved(case, output, _):
    return case.back(to_x=lambda along, through, g: (along + through(g)) / 2)[output]


@repair_stack.mistake(*MULTIPLIED)
def multiplied(case, output, _):
    if not case.lam:
        return None
    return case.back(to_x=lambda along, through, g: along * through(g))[output]


@repair_stack.mistake(
    "Every block sends the gradient of the very top through itself: paths through several blocks"
    f" are lost. {PATHS}",
    "Send through block l what has come down to its output, and then go on with the sum.",
)
def first_order(case, output, _):
    return case.back(to_x=lambda along, through, g: along + through(case.g))[output]


@repair_stack.mistake(
    "The slope of tanh is taken with the block's output, behind the add. Of what is it a function?",
    "It is 1 − T², with T the value of tanh alone.",
)
def slope_at_sum(case, output, _):
    return case.back(to_z=SLOPES[-1])[output]


@repair_stack.mistake(*ONE_FOR_G)
def one_for_g(case, output, _):
    return case.back(to_x=lambda along, through, g: case.lam + through(g))[output]


@repair_stack.mistake(*SKIP_TWICE)
def skip_twice(case, output, _):
    return case.back(to_x=lambda along, through, g: 2 * along + through(g))[output]


@repair_stack.mistake(
    "The matrix goes the same way back as forward. Which axis of it belongs to the inputs?",
    "With X W forward it is δ Wᵀ on the way back.",
)
def not_transposed(case, output, _):
    return case.back(turned=True)[output]


@repair_stack.mistake(
    "That is not the slope of tanh at this block's Z.",
    "It is 1 − T², with T the value of tanh.",
)
def other_slope(case, output, given):
    forms = [case.back(to_z=rule)[output] for rule in SLOPES]
    if len(case.ws) > 1:
        forms += [case.back(shift=shift)[output] for shift in (-1, 1)]
    if output == "dW":
        forms += [case.weights(case.right["Gs"], lambda z: z)]
    return either(given, *forms)


@repair_stack.mistake(
    "The weights are given another input than their own block's.",
    "It is X_l, which W_l multiplied, not X_{l+1} and not the first.",
)
def other_input(case, output, given):
    if output == "Gs":
        return None
    tanhs = [np.tanh(x @ w) for x, w in zip(case.xs, case.ws, strict=False)]
    xs = case.xs[1:], [case.x] * len(case.ws), tanhs
    return either(given, *(case.back(inputs=inputs)[output] for inputs in xs))


@repair_stack.mistake(
    "The list stands on its head: the first entry belongs to the bottom, the last is G.",
    "Gs was filled from the top: turn it over before you return it.",
)
def upside_down(case, output, _):
    return case.right[output][::-1]


@repair_stack.mistake(
    "The blocks are not walked from the last to the first, or not all of them. Where does what"
    " comes back begin?",
    "Begin at the top: for l in reversed(range(L)).",
)
def other_walk(case, output, given):
    last = len(case.ws) - 1
    return either(given, *(case.back(order=order)[output] for order in (range(last + 1), [last])))
