"""Carry the influence forwards: one step of RTRL, for units that each hear only themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks.bptt._inputs import (
    NEWEST,
    OTHER_SLOPES,
    PHI_AT_ACTIVATION,
    PHI_OTHER,
    PHI_PREVIOUS,
    either,
    slope_of_tanh,
)
from backpass.checks.exercise import exercise
from backpass.gradcheck import slope
from backpass.gradcheck.check import matches


class Stream:
    """m units h_t = tanh(w (x_t + h_{t−1})) over T steps; x and y are (T, m), h0 and w (m,)."""

    def __init__(self, steps: int, m: int) -> None:
        draw = np.random.default_rng(steps).uniform
        self.x, self.y = draw(-1, 1, (2, steps, m))
        self.h0, self.w = draw(0.3, 0.9, m), np.linspace(0.6, -1.4, m)

    def state(self, w: np.ndarray, t: int) -> np.ndarray:
        """h_t, (m,), for another w."""
        h = self.h0 + 0 * w
        for x in self.x[:t]:
            h = np.tanh(w * (x + h))
        return h

    def loss(self, w: np.ndarray, t: int) -> float:
        """The losses of the steps up to t, added up."""
        errors = [self.state(w, s) - self.y[s - 1] for s in range(1, t + 1)]
        return sum((np.sum(error**2) / 2 for error in errors), np.sum(0 * w))

    def carried(self, t: int) -> dict[str, np.ndarray]:
        """What a stream keeps after t steps: h_t, J_t and the gradient so far, each (m,), by name.

        A unit's state depends on its own weight alone, so the slopes of their sum are all of J.
        """
        return {
            "h": self.state(self.w, t),
            "J": slope(lambda w: np.sum(self.state(w, t)), self.w),
            "g": slope(lambda w: self.loss(w, t), self.w),
        }


@dataclass(frozen=True, eq=False)
class Step:
    """Step ``t`` of a stream, counted from 1."""

    stream: Stream
    t: int

    @cached_property
    def before(self) -> dict[str, np.ndarray]:
        """What was kept."""
        return self.stream.carried(self.t - 1)

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """What is to be kept."""
        return self.stream.carried(self.t)

    @property
    def x(self) -> np.ndarray:
        """What comes in, (m,)."""
        return self.stream.x[self.t - 1]

    @property
    def y(self) -> np.ndarray:
        """The target, (m,)."""
        return self.stream.y[self.t - 1]

    @property
    def args(self) -> list:
        """What the learner's function is called with."""
        return [*self.before.values(), self.x, self.y, self.stream.w]

    @cached_property
    def z(self) -> np.ndarray:
        """What tanh is taken of, (m,)."""
        return np.arctanh(self.right["h"])

    @cached_property
    def own(self) -> np.ndarray:
        """What w does to z in this step, the state before it held fast, (m,)."""
        return slope(lambda w: np.sum(w * (self.x + self.before["h"])), self.stream.w)

    @cached_property
    def through(self) -> np.ndarray:
        """What w does to z by the state before, (m,)."""
        factor = slope(lambda h: np.sum(self.stream.w * (self.x + h)), self.before["h"])
        return factor * self.before["J"]

    @cached_property
    def chapters(self) -> dict[str, np.ndarray]:
        """The state and its influence in the chapter's net, h_t = λ h_{t−1} + x_t with w for λ."""
        (h, j, _), w = self.before.values(), self.stream.w
        return {"h": w * h + self.x, "J": h + w * j}

    def error(self, h: object) -> np.ndarray:
        """What the loss of this step says of a state, (m,)."""
        h = np.asarray(h, float)
        return slope(lambda h: np.sum((h - self.y) ** 2) / 2, h)

    def so_far(self, found: dict) -> dict[str, np.ndarray]:
        """The gradient so far that follows from the state and the influence that were found; but
        from those of the chapter's own net, pasted, nothing does.
        """
        if all(matches(found[name], value) for name, value in self.chapters.items()):
            return self.right
        return {"g": self.before["g"] + self.error(found["h"]) * np.asarray(found["J"], float)}


LONG, WIDE = Stream(5, 3), Stream(3, 4)
#: Later steps, of several units and of one; then the first, where J is 0, many slips are alike, and
#: none is named.
STEPS = [Step(LONG, 4), Step(Stream(4, 1), 2), Step(WIDE, 3), Step(LONG, 1)]


@exercise(
    "Carry the influence forwards",
    section="Section: “Forwards instead: RTRL”.",
    points=3,
    kind="implement",
    exact=True,
)
def rtrl(attempt):
    for label, asked in [
        ("the state and its influence, h and J", ["h", "J"]),
        ("the gradient so far, g", "g"),
    ]:
        with attempt.part(label) as part:
            for step in part.each(STEPS, "step {0.t}"):
                part.outputs(
                    step.args,
                    step.right,
                    asked,
                    of=lambda name, given, step=step: (step, name, given),
                    follows=step.so_far if asked == "g" else None,
                    counts={"units": len(step.y)},
                    lengths=False,
                )


def slip(of: str, sentence: str, fix: str) -> Callable:
    """Enter a mistake in the result ``of`` this name: its value in a step, or its forms'."""

    def enter(function: Callable) -> Callable:
        def values(step, name, given):
            found = function(step) if name == of and step.t > 1 else None
            return either(given, *found) if isinstance(found, list) else found

        values.__name__ = function.__name__
        return rtrl.mistake(sentence, fix)(values)

    return enter


@slip(
    "h",
    "This is the state of another net: what does w multiply here, and what does tanh act on?",
    "h_t = tanh(w (x_t + h_{t−1})): w multiplies the sum.",
)
def other_net(step):
    x, h, w = step.x, step.before["h"], step.stream.w
    others = [x + w * h, w * x + h, x + h, w * h, w * x]
    return [*map(np.tanh, others), w * (x + h), x + w * h]


@slip(
    "g",
    "This is the gradient of the chapter's net, which has no tanh, and whose w multiplies the state"
    " alone.",
    "Add (h_t − y_t) J_t to g, with the state and the influence of the net above.",
)
def chapters_net(step):
    h, j = step.chapters.values()
    return step.before["g"] + step.error(h) * j


@slip(
    "J",
    "This is the chapter's rule, where w multiplies the state alone. What does it multiply here?",
    "With h_{t−1} held fast the slope of w (x_t + h_{t−1}) is x_t + h_{t−1}.",
)
def input_forgotten(step):
    return slope_of_tanh(step.z) * (step.own - step.x + step.through)


@slip(
    "J",
    "The state that w met is missing in what w does at step t itself.",
    "With h_{t−1} held fast the slope of w (x_t + h_{t−1}) is x_t + h_{t−1}.",
)
def state_forgotten(step):
    return slope_of_tanh(step.z) * (step.own - step.before["h"] + step.through)


@slip(
    "J",
    "The influence so far is forgotten: w also acted in earlier steps, and h_{t−1} depends on it.",
    "J_t = φ′ (x_t + h_{t−1} + w J_{t−1}).",
)
def immediate_only(step):
    return slope_of_tanh(step.z) * step.own


@slip(
    "J",
    f"J starts at 0 and stays there: what does w do at step t itself? {NEWEST}",
    "Add x_t + h_{t−1} to w J_{t−1}, before the slope is multiplied in.",
)
def earlier_only(step):
    return slope_of_tanh(step.z) * step.through


@slip(
    "J",
    "The state that step t made stands where the state belongs that w met there.",
    "w multiplied x_t + h_{t−1}: keep h_{t−1} before h is replaced.",
)
def h_current(step):
    own = step.own - step.before["h"] + step.right["h"]
    return slope_of_tanh(step.z) * (own + step.through)


@slip(
    "J",
    "How does h_t depend on h_{t−1}? The earlier influence comes through that.",
    "Multiply J_{t−1} by w.",
)
def w_forgotten(step):
    return slope_of_tanh(step.z) * (step.own + step.before["J"])


@slip(
    "J",
    "z_t and h_t are taken for the same: a slope is missing.",
    "h_t = tanh z_t: multiply all of it by 1 − h_t².",
)
def phi_forgotten(step):
    return step.own + step.through


@slip(
    "J",
    "The slope multiplies one of the two parts only, the new one.",
    "Both go through the same tanh: φ′ (x_t + h_{t−1} + w J_{t−1}).",
)
def phi_new_only(step):
    return slope_of_tanh(step.z) * step.own + step.through


@slip(
    "J",
    "The slope multiplies one of the two parts only, the earlier influence.",
    "Both go through the same tanh: φ′ (x_t + h_{t−1} + w J_{t−1}).",
)
def phi_old_only(step):
    return step.own + slope_of_tanh(step.z) * step.through


@slip("J", *PHI_PREVIOUS)
def phi_previous(step):
    return slope_of_tanh(np.arctanh(step.before["h"])) * (step.own + step.through)


@slip("J", *PHI_AT_ACTIVATION)
def phi_at_activation(step):
    return slope_of_tanh(step.right["h"]) * (step.own + step.through)


@slip("J", *PHI_OTHER)
def phi_other(step):
    return [mix(step.own, step.through, step.z) for mix in OTHER_SLOPES]


@slip("J", "The earlier influence is taken away.", "Both ways on which w moves h_t are added.")
def subtracted(step):
    return slope_of_tanh(step.z) * (step.own - step.through)


@slip("J", "w is in it too often.", "J_{t−1} comes through w h_{t−1}: one factor w.")
def w_twice(step):
    return slope_of_tanh(step.z) * (step.own + step.stream.w * step.through)


@slip(
    "J",
    "w multiplies what w does at step t itself, with h_{t−1} held fast, too.",
    "That is x_t + h_{t−1} alone; w stands at J_{t−1} only.",
)
def w_everywhere(step):
    both = [step.own + step.through, step.own + step.before["J"]]
    return [slope_of_tanh(step.z) * step.stream.w * one for one in both]


@slip(
    "J",
    "The new influence is added to the old one, which is in it already.",
    "J_t takes the place of J_{t−1}: = and not +=.",
)
def added(step):
    return step.before["J"] + step.right["J"]


@slip(
    "g",
    "The error of step t meets the influence on the state before.",
    "First bring J up to date, then multiply by the error.",
)
def influence_late(step):
    return step.before["g"] + step.error(step.right["h"]) * step.before["J"]


@slip(
    "g",
    "This is the gradient of this step's loss alone. What was there before is lost.",
    "Add (h_t − y_t) J_t to g.",
)
def last_step(step):
    return step.error(step.right["h"]) * step.right["J"]


@slip(
    "g",
    "The error is multiplied by a slope besides. J_t says how h_t itself moves.",
    "φ′ is in J_t already: multiply J_t by h_t − y_t alone.",
)
def phi_in_error(step):
    error = step.error(step.right["h"]) * slope_of_tanh(step.z)
    return step.before["g"] + error * step.right["J"]


@slip("g", "The target is not in it.", "The error of step t is h_t − y_t.")
def target_forgotten(step):
    return step.before["g"] + step.right["h"] * step.right["J"]


@slip(
    "g",
    "The target is compared with the state before the step.",
    "The error of step t is h_t − y_t, with the state that it made.",
)
def error_before(step):
    return step.before["g"] + step.error(step.before["h"]) * step.right["J"]


@slip(
    "g",
    "The influence is not in it: how does w move h_t?",
    "Multiply the error by J_t: w moves the loss through h_t.",
)
def influence_forgotten(step):
    return step.before["g"] + step.error(step.right["h"])


@slip(
    "g",
    "This step's part is taken away, or it is there twice, or in part.",
    "Add (h_t − y_t) J_t to g, once: the ½ and the square's 2 cancel, and nothing is averaged.",
)
def other_share(step):
    now = step.error(step.right["h"]) * step.right["J"]
    shares = -1, 2, 0.5, 1 / len(step.y), 1 / step.t
    return [step.before["g"] + share * now for share in shares if share != 1]


@rtrl.mistake(
    "What was kept before the step is handed on as it was.",
    "Return the new one: the next step begins from it.",
)
def not_handed_on(step, name, _):
    return step.before[name] if step.t > 1 else None
