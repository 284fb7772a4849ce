"""Carry the influence forwards: RTRL for units that each hear only themselves."""

from copy import copy
from functools import cached_property

import numpy as np

from backpass.checks.bptt._inputs import (
    H0_IGNORED,
    NEWEST,
    PHI_AT_ACTIVATION,
    PHI_OTHER,
    PHI_PREVIOUS,
    Net,
)
from backpass.checks.exercise import exercise
from backpass.gradcheck import slope, vjp


class Units:
    """m units h_t = tanh(a_t + w h_{t−1}) over T steps, and what w in one step does to another.

    ``a`` and ``y`` are (T, m), ``h0`` and ``w`` (m,).
    """

    def __init__(self, steps: int, m: int) -> None:
        net = Net(steps, 1, 1, m)
        self.steps, self.y, self.h0 = steps, net.y[:, 0], net.h0[0] + 0.6
        self.a, self.w = np.sin(7 * self.y), np.linspace(0.6, -1.4, m)

    def states(self, weights: np.ndarray) -> np.ndarray:
        """h_0, …, h_T, (T + 1, m), where each step has weights of its own, (T, m)."""
        hs = [self.h0]
        for a, w in zip(self.a, weights, strict=True):
            hs.append(np.tanh(a + w * hs[-1]))
        return np.array(hs)

    @cached_property
    def weights(self) -> np.ndarray:
        """w, once for each step, (T, m)."""
        return np.tile(self.w, (self.steps, 1))

    @cached_property
    def h(self) -> np.ndarray:
        """h_0, …, h_T, (T + 1, m)."""
        return self.states(self.weights)

    @cached_property
    def error(self) -> np.ndarray:
        """h_t − y_t, (T, m)."""
        return self.h[1:] - self.y

    @cached_property
    def moves(self) -> np.ndarray:
        """How w in step i moves h_t, at [t, i], both from 0: (T, T, m), zero for i > t."""
        rows = range(1, self.steps + 1)
        moves = [slope(lambda w, t=t: np.sum(self.states(w)[t]), self.weights) for t in rows]
        return np.array(moves)

    @cached_property
    def lag(self) -> np.ndarray:
        """t − i, at [t, i], and 0 for i > t: (T, T, 1)."""
        t, i = np.indices((self.steps, self.steps))
        return np.maximum(t - i, 0)[..., None]

    @cached_property
    def slopes(self) -> np.ndarray:
        """φ′ of each step, (T, m)."""
        return vjp(np.ones_like(self.error), np.tanh, np.arctanh(self.h[1:]))

    @cached_property
    def without_slopes(self) -> np.ndarray:
        """``moves`` without the φ′ of the steps i, …, t that each has passed, (T, T, m)."""
        moves = self.moves.copy()
        for t, i in zip(*np.tril_indices(self.steps), strict=True):
            moves[t, i] /= np.prod(self.slopes[i : t + 1], axis=0)
        return moves

    def through(self, factors: np.ndarray, slopes: np.ndarray | None = None) -> np.ndarray:
        """``moves`` if from each step to the next there were these ``factors`` (T, m) for w φ′.

        Step i itself has its own of the ``slopes``, if others are given.
        """
        own = self.slopes if slopes is None else slopes
        moves = self.without_slopes / self.w**self.lag
        for t, i in zip(*np.tril_indices(self.steps), strict=True):
            moves[t, i] *= own[i] * np.prod(factors[i + 1 : t + 1], axis=0)
        return moves

    @cached_property
    def influence(self) -> np.ndarray:
        """J_1, …, J_T: how w moves each state, (T, m)."""
        return self.moves.sum(axis=1)

    def results(self, moves: np.ndarray, error: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """J_T and ∂L/∂w, both (m,), if w moved the states by ``moves`` (T, T, m).

        ``error`` (T, m) is instead of h_t − y_t.
        """
        influence, error = moves.sum(axis=1), self.error if error is None else error
        return {"influence": influence[-1], "gradient": np.sum(error * influence, axis=0)}


#: T, m: each the larger one once, and a single unit.
UNITS = [Units(5, 3), Units(4, 1), Units(3, 4)]


@exercise(
    "Carry the influence forwards",
    section="Section: “Forwards instead: RTRL”.",
    points=3,
    kind="implement",
    exact=True,
    mistakes={
        "zeros": (
            f"J starts at 0 and stays there: what does w do at step t itself? {NEWEST}",
            "Add h_{t−1} to w J_{t−1}, before the slope is multiplied in.",
        ),
    },
)
def rtrl(attempt):
    for name in ("influence", "gradient"):
        with attempt.part(name) as part:
            for units in UNITS:
                args, right = [units.a, units.y, units.h0, units.w], units.results(units.moves)
                counts = {"steps": units.steps, "units": len(units.w)}
                part.outputs(args, right, name, of=[units], counts=counts, lengths=False)


@rtrl.mistake(
    "The influence so far is forgotten: w also acted in earlier steps, and h_{t−1} depends on it.",
    "J_t = φ′ (h_{t−1} + w J_{t−1}).",
)
def immediate_only(units, name):
    return units.results(units.moves * (units.lag == 0))[name]


@rtrl.mistake(
    "The state that step t made stands where the state belongs that w met there.",
    "w multiplied h_{t−1}: keep it before h is replaced.",
)
def h_current(units, name):
    return units.results(units.moves * units.h[1:] / units.h[:-1])[name]


@rtrl.mistake(
    "How does h_t depend on h_{t−1}? The earlier influence comes through that.",
    "Multiply J_{t−1} by w.",
)
def w_forgotten(units, name):
    return units.results(units.moves / units.w**units.lag)[name]


@rtrl.mistake(
    "z_t and h_t are taken for the same: a slope is missing.",
    "h_t = tanh z_t: multiply all of it by 1 − h_t².",
)
def phi_forgotten(units, name):
    return units.results(units.without_slopes)[name]


@rtrl.mistake(
    "The slope multiplies one of the two parts only, the new one.",
    "Both go through the same tanh: φ′ (h_{t−1} + w J_{t−1}).",
)
def phi_new_only(units, name):
    return units.results(units.without_slopes * units.slopes)[name]


@rtrl.mistake(
    "The slope multiplies one of the two parts only, the earlier influence.",
    "Both go through the same tanh: φ′ (h_{t−1} + w J_{t−1}).",
)
def phi_old_only(units, name):
    return units.results(units.moves / units.slopes)[name]


@rtrl.mistake(
    "The error of step t meets the influence on the state before.",
    "First bring J up to date, then multiply by the error.",
)
def influence_late(units, name):
    before = np.concatenate([0 * units.influence[:1], units.influence[:-1]])
    return before[-1] if name == "influence" else np.sum(units.error * before, axis=0)


@rtrl.mistake(
    "Only the error of the last step is in the gradient. The loss is a sum over all steps.",
    "Add (h_t − y_t) J_t at each step.",
)
def last_step(units, name):
    return units.error[-1] * units.influence[-1] if name == "gradient" else None


@rtrl.mistake(
    "The steps are averaged; the loss is the sum over time.",
    "Divide by nothing.",
)
def averaged(units, name):
    return units.results(units.moves)[name] / units.steps if name == "gradient" else None


@rtrl.mistake(
    "These are all influences added up.",
    "J_T alone says how h_T depends on w: return the last.",
)
def influence_summed(units, name):
    return units.influence.sum(axis=0) if name == "influence" else None


@rtrl.mistake(*PHI_PREVIOUS)
def phi_previous(units, name):
    slopes = 1 - units.h[:-1] ** 2
    return units.results(units.through(units.w * slopes, slopes))[name]


@rtrl.mistake(*PHI_AT_ACTIVATION)
def phi_at_activation(units, name):
    slopes = vjp(np.ones_like(units.error), np.tanh, units.h[1:])
    return units.results(units.through(units.w * slopes, slopes))[name]


@rtrl.mistake(*PHI_OTHER)
def phi_other(units, name):
    return units.results(units.through(units.w * (1 - units.h[1:]), 1 - units.h[1:]))[name]


@rtrl.mistake(
    "The earlier influence is taken away.",
    "Both ways on which w moves h_t are added.",
)
def subtracted(units, name):
    return units.results(units.through(-units.w * units.slopes))[name]


@rtrl.mistake(
    "w is in it too often.",
    "J_{t−1} comes through w h_{t−1}: one factor w.",
)
def w_twice(units, name):
    return units.results(units.through(units.w**2 * units.slopes))[name]


@rtrl.mistake(
    "w multiplies what w does at step t itself, with h_{t−1} held fast, too.",
    "That is h_{t−1} alone; w stands at J_{t−1} only.",
)
def w_everywhere(units, name):
    return units.results(units.w * units.moves)[name]


@rtrl.mistake(
    "The new influence is added to the old one, which is in it already.",
    "J_t takes the place of J_{t−1}: = and not +=.",
)
def added(units, name):
    return units.results(units.through(1 + units.w * units.slopes))[name]


@rtrl.mistake(*H0_IGNORED)
def h0_ignored(units, name):
    other = copy(units)
    other.__dict__ = {key: units.__dict__[key] for key in ("steps", "y", "a", "w")}
    other.h0 = 0 * units.h0
    return other.results(other.moves)[name]


@rtrl.mistake(
    "The error is multiplied by a slope besides. J_t says how h_t itself moves.",
    "φ′ is in J_t already: multiply J_t by h_t − y_t alone.",
)
def phi_in_error(units, name):
    wrong = units.error * units.slopes
    return units.results(units.moves, wrong)[name] if name == "gradient" else None


@rtrl.mistake(
    "The targets are not in it.",
    "The error of step t is h_t − y_t.",
)
def targets_forgotten(units, name):
    wrong = units.error + units.y
    return units.results(units.moves, wrong)[name] if name == "gradient" else None


@rtrl.mistake(
    "This is the average over the units.",
    "The loss is the sum over them: divide by nothing.",
)
def over_units(units, name):
    return units.results(units.moves)[name] / len(units.w) if name == "gradient" else None
