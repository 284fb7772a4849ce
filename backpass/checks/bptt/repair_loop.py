"""Repair: four slips in one loop, told one at a time."""

from collections.abc import Callable
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np

from backpass.checks.attempt import Attempt
from backpass.checks.bptt._inputs import (
    AVERAGED,
    CARRY_DROPPED,
    H0_IGNORED,
    H_CURRENT,
    NOT_TRANSPOSED,
    PHI_FORGOTTEN,
    VECTORS,
    WEIGHTS_FORGOTTEN,
    Net,
    either,
    slope_of_tanh,
)
from backpass.checks.errors import NotAttempted, Wrong
from backpass.checks.exercise import exercise
from backpass.gradcheck.check import matches


class LoopNet(Net):
    """The net of the loop: no b; the loss of a step looks at the output o_t = h_t V, V (m, k)."""

    def __init__(self, steps: int, n: int, m: int, k: int) -> None:
        super().__init__(steps, n, m, m, k=k)
        self.parameters["b"] *= 0
        v = np.array([[0.8, -0.5, 0.3], [0.4, 0.9, -0.7], [-0.6, 0.2, 1.1]])
        self.parameters["V"] = v[:m, :k]

    @property
    def given(self) -> tuple[np.ndarray, ...]:
        """What the learner's function is called with."""
        return self.x, self.y, self.h0, *(self.parameters[name] for name in "UWV")

    @property
    def results(self) -> dict[str, np.ndarray]:
        """The right results by name."""
        return {f"d{name}": self.right[name] for name in "UWV"}

    def losses(self, hs: list, parameters: dict[str, np.ndarray]) -> list:
        """The losses of the steps 1, …, T, for the states h_1, …, h_T."""
        return super().losses([h @ parameters["V"] for h in hs], parameters)


NETS = [LoopNet(4, 3, 2, 3), LoopNet(3, 5, 3, 1)]


def first_alone(inputs: np.ndarray) -> np.ndarray:
    """What a parameter multiplied, (T, n, ·), if only the first step is left of its gradient."""
    return np.concatenate([inputs[:1], 0 * inputs[1:]])


class Form(NamedTuple):
    """A form of the slip ``slug``: in a net it changes ``what`` to what ``how(net)`` gives.

    That is a part of the walk back (see :meth:`.Net.walk`), what U or W is taken to have
    multiplied, or by what both gradients are divided.
    """

    slug: str
    what: str
    how: Callable[[Net], object]


#: Of two that change the same the loop has one. A part tells the first slip of a set, so the order
#: is that of telling.
FORMS = [
    Form(
        "phi-not-carried",
        "mix",
        lambda net: lambda own, carry, z: own * slope_of_tanh(z) + carry,
    ),
    Form("carry-dropped", "mix", lambda net: lambda own, carry, z: own * slope_of_tanh(z)),
    Form(
        "carry-instead",
        "mix",
        lambda net: lambda own, carry, z: (carry if carry.any() else own) * slope_of_tanh(z),
    ),
    Form("phi-forgotten", "mix", lambda net: lambda own, carry, z: own + carry),
    Form(
        "phi-carried-only",
        "mix",
        lambda net: lambda own, carry, z: own + carry * slope_of_tanh(z),
    ),
    Form(
        "n-again",
        "mix",
        lambda net: lambda own, carry, z: (own + carry) * slope_of_tanh(z) / len(net.h0),
    ),
    Form(
        "n-again",
        "mix",
        lambda net: lambda own, carry, z: (own / len(net.h0) + carry) * slope_of_tanh(z),
    ),
    Form("u-with-w-rule", "U", lambda net: net.h[:-1]),
    Form("u-with-w-rule", "U", lambda net: net.h[1:]),
    Form("phi-previous", "z", lambda net: net.z[:-1]),
    Form("phi-previous", "z", lambda net: np.concatenate([net.z[-1:], net.z[:-2]])),
    Form("not-transposed", "back", lambda net: net.parameters["W"].T),
    Form("weights-forgotten", "back", lambda net: np.eye(len(net.parameters["W"]))),
    Form("h-current", "W", lambda net: net.h[1:]),
    Form("w-with-u-rule", "W", lambda net: net.x),
    Form("overwritten", "U", lambda net: first_alone(net.x)),
    Form("overwritten", "W", lambda net: first_alone(net.h[:-1])),
    Form("forwards", "order", lambda net: 1),
    Form("averaged", "over", lambda net: net.steps),
]

#: How many slips the loop has, as the sheet gives it. None of them hides another.
COUNT = 4


def at_once() -> list[tuple[Form, ...]]:
    """The forms that the loop can have at once, few before many."""
    by_what = [[None, *(form for form in FORMS if form.what == what)]
               for what in dict.fromkeys(form.what for form in FORMS)]  # fmt: skip
    found = [tuple(filter(None, chosen)) for chosen in product(*by_what)]
    return sorted((forms for forms in found if 0 < len(forms) <= COUNT), key=len)


@cache
def gone_wrong(forms: tuple[Form, ...], net: Net) -> dict[str, np.ndarray]:
    """The gradients of U and W, by name, that the loop gives with these slips in it."""
    changes = {form.what: form.how(net) for form in forms}
    inputs, over = {name: changes.pop(name, None) for name in "UW"}, changes.pop("over", 1)
    deltas = net.walk(**changes)
    return {name: net.gradient(name, deltas, inputs[name]) / over for name in "UW"}


@exercise(
    "Repair: four slips in one loop",
    section=VECTORS,
    points=4,
    kind="repair",
    exact=True,
    mistakes={
        "summed": (
            "The sequences are added up; each L_t is their mean.",
            "Divide by n, as `error` was.",
        ),
    },
)
def repair_loop(attempt):
    try:
        values = [attempt.call(*net.given, outputs=net.results) for net in NETS]
        slips = slips_left(values)
    except NotAttempted:
        raise
    except Wrong:  # it is told in the parts
        slips = None
    if slips:
        attempt.repair(slips, COUNT, where=shown_at(*values[0][:2]))
    else:
        expect_each(attempt)


def slips_left(values: list) -> tuple[str, ...] | None:
    """The slips that are still in the loop, those to be told first first; None if others are, or
    none. ``values`` are the three gradients for each of the nets.
    """
    if not all(matches(dv, net.right["V"]) for net, (_, _, dv) in zip(NETS, values, strict=True)):
        return None
    if all(
        is_what_it_gives(net.right, *both) for net, (*both, _) in zip(NETS, values, strict=True)
    ):
        return None
    for forms in at_once():
        wrong = (gone_wrong(forms, net) for net in NETS)
        if all(is_what_it_gives(one, *both) for one, (*both, _) in zip(wrong, values, strict=True)):
            slips = {form.slug for form in forms}
            return tuple(
                slug for slug in dict.fromkeys(form.slug for form in FORMS) if slug in slips
            )
    return None


def is_what_it_gives(gradients: dict[str, np.ndarray], du: object, dw: object) -> bool:
    """Are these the gradients of U and W?"""
    return matches(du, gradients["U"]) and matches(dw, gradients["W"])


def shown_at(du: object, dw: object) -> str:
    """Which of the first net's gradients of U and W are off, and in how many entries."""
    told = []
    for name, value in (("dU", du), ("dW", dw)):
        off = int(np.sum(~np.isclose(value, NETS[0].results[name], rtol=1e-9)))
        several = "all entries" if off == np.size(value) else f"{off} of {np.size(value)} entries"
        told.append(f"{name} is off in {several}" if off else f"{name} is right")
    return f"{', '.join(told)}; dV is right."


def expect_each(attempt: Attempt) -> None:
    """The three gradients one by one. That of V was right: it counts beside one that is mended."""
    for name, weight in {"dU": 1.5, "dW": 1.5, "dV": 1}.items():
        with attempt.part(name, weight=weight) as part:
            for net in part.each(NETS, "T = {0.steps}"):
                of = {"of": lambda name, given, net=net: (net, name.removeprefix("d"), given)}
                part.outputs(net.given, net.results, name, batch=len(net.h0), lengths=False, **of)
            if name == "dV":
                part.require(attempt.right, "It is right, as it was. It counts with dU or dW.")


def slip(slug: str, sentence: str, fix: str) -> None:
    """Enter one of the slips, with what it gives when it is alone."""
    forms = [form for form in FORMS if form.slug == slug]

    def values(net, name, given):
        fitting = [form for form in forms if form.what != {"U": "W", "W": "U"}.get(name)]
        if name == "V" or not fitting:
            return None
        return either(given, *(gone_wrong((form,), net)[name] for form in fitting))

    values.__name__ = slug.replace("-", "_")
    repair_loop.mistake(sentence, fix)(values)


@repair_loop.mistake(*H0_IGNORED)
def h0_ignored(net, name, _):
    return net.others["h0"].right[name]


slip("not-transposed", *NOT_TRANSPOSED)
slip("h-current", *H_CURRENT)
slip("averaged", *AVERAGED)
slip("carry-dropped", *CARRY_DROPPED)
slip(
    "u-with-w-rule",
    "dU is made with a state, as if U had multiplied one. The shapes fit because there are as many"
    " inputs as units.",
    "U multiplied x_t, which is X[t].",
)
slip(
    "w-with-u-rule",
    "dW is made with the input, as if W had multiplied it. The shapes fit because there are as many"
    " inputs as units.",
    "W multiplied h_{t−1}, which is H[t].",
)
slip(
    "phi-previous",
    "The slope is taken at a state that this step did not make.",
    "tanh made H[t + 1]: the slope is 1 − H[t + 1]².",
)
slip("phi-forgotten", *PHI_FORGOTTEN)
slip(
    "phi-not-carried",
    "Two things arrive at a state, and both go through its tanh on their way to z_t. Which of them"
    " meets the slope here?",
    "First add what comes back from step t + 1, then multiply the sum by the slope.",
)
slip(
    "phi-carried-only",
    "The slope multiplies what comes back from step t + 1 only.",
    "First add the step's own part, then multiply the sum by the slope.",
)
slip(
    "n-again",
    "The 1/n is taken again: `error` has it already.",
    "Divide by n once, in `error`.",
)
slip(
    "overwritten",
    "Only the first step's part is left of dU or dW: each step replaces what the later ones gave.",
    "Add, with += in place of =.",
)
slip("weights-forgotten", *WEIGHTS_FORGOTTEN)
slip(
    "forwards",
    "The loop goes forwards. What comes back begins at the last step.",
    "Go through reversed(range(len(X))).",
)
slip(
    "carry-instead",
    "Of the two things that arrive at a state, one replaces the other.",
    "Add the carry to the step's own part.",
)
