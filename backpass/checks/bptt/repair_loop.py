"""Repair: four slips in one loop, told one at a time."""

from functools import cache
from itertools import combinations

import numpy as np

from backpass.checks.attempt import Attempt
from backpass.checks.bptt._inputs import (
    AVERAGED,
    CARRY_DROPPED,
    H_CURRENT,
    NOT_TRANSPOSED,
    PHI_FORGOTTEN,
    VECTORS,
    WEIGHTS_FORGOTTEN,
    Net,
    slope_of_tanh,
)
from backpass.checks.errors import NotAttempted, Wrong
from backpass.checks.exercise import exercise
from backpass.gradcheck import diagnose


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
    "carry-dropped": {"mix": lambda own, carry, z: own * slope_of_tanh(z)},
    "carry-instead": {
        "mix": lambda own, carry, z: (carry if carry.any() else own) * slope_of_tanh(z)
    },
    "u-with-w-rule": {"U": NET.h[:-1]},
    "phi-previous": {"z": NET.z[:-1]},
    "not-transposed": {"back": NET.parameters["W"].T},
    "h-current": {"W": NET.h[1:]},
}

#: Slips that are looked for alone.
ALONE = {
    "phi-forgotten": {"mix": lambda own, carry, z: own + carry},
    "phi-not-carried": {"mix": lambda own, carry, z: own * slope_of_tanh(z) + carry},
    "weights-forgotten": {"back": np.eye(len(NET.parameters["W"]))},
    "forwards": {"order": 1},
}

#: The sets of slips that can be made at once, small sets first.
SETS = [(slip,) for slip in ALONE] + [
    slips
    for size in range(1, len(SLIPS))
    for slips in combinations(SLIPS, size)
    if not {"carry-dropped", "carry-instead"} <= set(slips)
]


@cache
def gone_wrong(slips: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The gradients of U and W, by name, that the loop gives with these slips in it."""
    all_slips = SLIPS | ALONE
    changes = {what: value for slip in slips for what, value in all_slips[slip].items()}
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
        "u-with-w-rule": (
            "dU is accumulated with the other matrix's rule. The shapes fit because there are as"
            " many inputs as units.",
            "U multiplied x_t, which is X[t].",
        ),
        "phi-previous": (
            "The slope is taken at a state that this step did not make.",
            "tanh made H[t + 1]: the slope is 1 − H[t + 1]².",
        ),
        "phi-forgotten": PHI_FORGOTTEN,
        "phi-not-carried": (
            "The slope multiplies the step's own part only.",
            "First add what comes back from step t + 1, then multiply the sum by 1 − h_t².",
        ),
        "weights-forgotten": WEIGHTS_FORGOTTEN,
        "forwards": (
            "The loop goes forwards. What comes back begins at the last step.",
            "Go through reversed(range(len(X))).",
        ),
        "carry-instead": (
            "Of the two things that arrive at a state, one replaces the other.",
            "Add the carry to the step's own part.",
        ),
        "summed": (
            "The sequences are added up; each L_t is their mean.",
            "Divide by n, as `error` was.",
        ),
    },
)
def repair_loop(attempt):
    try:
        values = attempt.call(*NET.given, outputs=RIGHT)
        slips = slips_left(*values)
    except NotAttempted:
        raise
    except Wrong:  # it is told in the parts
        slips = None
    if slips:
        attempt.repair(slips, COUNT, where=shown_at(*values))
    else:
        expect_each(attempt)


#: How many slips the loop has. Without a carry it does not show what a carry goes through, so the
#: loop as it was given shows all but one.
COUNT = 4
UNTOUCHED = {"carry-dropped", "u-with-w-rule", "phi-previous"}

#: The right results by name.
RIGHT = {f"d{name}": NET.right[name] for name in "UWV"}


def slips_left(du: object, dw: object, dv: object) -> tuple[str, ...] | None:
    """The slips that are still in the loop, those to be told first first; None if others are."""
    if not diagnose(dv, RIGHT["dV"]):
        return None
    found = []
    for name, value in (("U", du), ("W", dw)):
        slips = () if diagnose(value, NET.right[name]) else slips_in(value, name)
        if not slips and not diagnose(value, NET.right[name]):
            return None
        found += slips
    if set(found) == UNTOUCHED:
        found.append("not-transposed")
    return tuple(slug for slug in (*SLIPS, *ALONE, "averaged") if slug in found)


def shown_at(du: object, dw: object, dv: object) -> str:
    """Which of the gradients of U and W are off, and in how many entries."""
    told = []
    for name, value in (("dU", du), ("dW", dw)):
        off = int(np.sum(~np.isclose(value, RIGHT[name], rtol=1e-9)))
        several = "all entries" if off == np.size(value) else f"{off} of {np.size(value)} entries"
        told.append(f"{name} is off in {several}" if off else f"{name} is right")
    return f"{', '.join(told)}; dV is right."


def expect_each(attempt: Attempt) -> None:
    """The three gradients one by one."""
    for name, weight in {"dU": 1.5, "dW": 1.5, "dV": 1}.items():
        with attempt.part(name, weight=weight) as part:
            part.outputs(NET.given, RIGHT, name, of=[], batch=len(NET.h0), lengths=False)
