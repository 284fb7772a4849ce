"""Repair: four slips in one loop, told one at a time."""

from functools import cache
from itertools import combinations

import numpy as np

from backpass.checks.bptt._inputs import (
    AVERAGED,
    CARRY_DROPPED,
    H_CURRENT,
    NOT_TRANSPOSED,
    VECTORS,
    Net,
)
from backpass.checks.exercise import exercise
from backpass.gradcheck import diagnose, vjp


class LoopNet(Net):
    """The net of the loop: no b; the loss of a step looks at the output o_t = h_t V, V (m, k)."""

    def __init__(self) -> None:
        super().__init__(4, 3, 2, 2, k=3)
        self.parameters["b"] *= 0
        self.parameters["V"] = np.array([[0.8, -0.5, 0.3], [0.4, 0.9, -0.7]])

    @property
    def given(self) -> tuple[np.ndarray, ...]:
        """What the learner's function is called with."""
        return self.x, self.y, self.h0, *(self.parameters[name] for name in "UWV")

    def losses(self, hs: list, parameters: dict[str, np.ndarray]) -> list:
        """The losses of the steps 1, …, T, for the states h_1, …, h_T."""
        return super().losses([h @ parameters["V"] for h in hs], parameters)


NET = LoopNet()

#: What each slip changes: a part of the walk back (see :meth:`.Net.walk`), or what U or W is taken
#: to have multiplied. A part tells the first slip of a set, so the order is that of telling.
SLIPS = {
    "carry-dropped": {"mix": lambda own, carry, z: vjp(own, np.tanh, z)},
    "carry-instead": {"mix": lambda own, carry, z: vjp(carry if carry.any() else own, np.tanh, z)},
    "u-with-w-rule": {"U": NET.h[:-1]},
    "phi-previous": {"z": NET.z[:-1]},
    "not-transposed": {"back": NET.parameters["W"].T},
    "h-current": {"W": NET.h[1:]},
}

#: The sets of slips that can be made at once, small sets first.
SETS = [
    slips
    for size in range(1, len(SLIPS))
    for slips in combinations(SLIPS, size)
    if not {"carry-dropped", "carry-instead"} <= set(slips)
]


@cache
def gone_wrong(slips: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The gradients of U and W, by name, that the loop gives with these slips in it."""
    changes = {what: value for slip in slips for what, value in SLIPS[slip].items()}
    inputs = {name: changes.pop(name, None) for name in "UW"}
    deltas = NET.walk(**changes)
    return {name: NET.gradient(name, deltas, inputs[name]) for name in "UW"}


def slips_in(value: object, name: str) -> tuple[str, ...]:
    """The slips that give ``value`` for the gradient of U or W, as few as will; or none."""
    for slips in SETS:
        if diagnose(value, gone_wrong(slips)[name]):
            return slips
    return ("averaged",) if diagnose(value, NET.right[name] / NET.steps) else ()


@exercise(
    "Repair: four slips in one loop",
    section=VECTORS,
    points=4,
    kind="repair",
    mistakes={
        "not-transposed": NOT_TRANSPOSED,
        "h-current": H_CURRENT,
        "averaged": AVERAGED,
        "carry-dropped": CARRY_DROPPED,
        "u-with-w-rule": "dU is accumulated with W's rule, with h_{t−1}. The shapes fit because"
        " there are as many inputs as units; U multiplied x_t.",
        "phi-previous": "The slope is taken at H[t], the state that came in. tanh made H[t + 1].",
        "carry-instead": "The carry replaces the step's own part instead of being added to it.",
    },
)
def repair_loop(attempt):
    for place, name in enumerate("UW"):
        with attempt.part(f"d{name}") as part:
            values, right = part.call(*NET.given, outputs=("dU", "dW", "dV")), NET.right
            slips = () if diagnose(values[place], right[name]) else slips_in(values[place], name)
            if len(slips) == 1:
                part.blame(slips[0])
            if slips:
                first = attempt.exercise.mistakes[slips[0]]
                part.require(False, f"{first} That is not the only slip left.", slips[0])
            part.expect(values[place], right[name], batch=len(NET.h0))
            part.require(diagnose(values[2], right["V"]), "dV was right, and is not any more.")
