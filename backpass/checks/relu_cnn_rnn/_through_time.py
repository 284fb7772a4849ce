"""Back through time in a ReLU net, and what goes wrong on the way, alone or together.

Two exercises share it. A slip changes one part of the way back, and slips that change different
parts can be made at once. So a slip's sentence stands here beside what it changes; its values, and
those of several slips, come of walking back with the changes.
"""

from collections import ChainMap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from backpass.checks import Exercise, Part
from backpass.checks.relu_cnn_rnn._inputs import passed, relu, same
from backpass.gradcheck import vjp

RECURRENT = "Section: “Three recurrent nets”."


class Slip:
    """What a learner who makes it is told, and what it changes in :meth:`Net.gradients`."""

    def __init__(self, sentence: str, **change) -> None:
        self.sentence, self.change = sentence, change


#: The slips that do not depend on how one state makes the next.
TIME = {
    "mask-forgotten": Slip(
        "ReLU′ is taken to be 1 everywhere. It is 1 where this step's unit was active and 0"
        " elsewhere.",
        mask=lambda v, z, before: v,
    ),
    "wrong-step-mask": Slip(
        "The mask is that of the step before. What comes back to h_t passes where h_t itself is"
        " positive.",
        mask=lambda v, z, before: passed(v, before),
    ),
    "overwritten": Slip(
        "Each step overwrites the gradient of the step after it, so only that of the first step is"
        " left. The parameters are the same at all steps: +=.",
        combine=lambda steps: steps[0],
    ),
    "last-step-only": Slip(
        "Only the last step's gradient is there. The parameters are the same at all steps: what"
        " each of them gives is added.",
        combine=lambda steps: steps[-1],
    ),
    "first-step-missing": Slip(
        "The first step is missing: the way back ends one step too early.",
        combine=lambda steps: sum(steps[1:]),
        end=1,
    ),
    "steps-averaged": Slip(
        "Averaged over the time steps; what they give is added.",
        combine=lambda steps: sum(steps) / len(steps),
    ),
    "wrong-state": Slip(
        "h_t stands where h_{t−1} belongs: that is the state which came into step t.",
        state=lambda before, after: after,
    ),
}


@dataclass(eq=False)
class Net:
    """A ReLU net through time, from h0 (n, m) over the inputs x (T, n, d), and its way back.

    ``pre(h, x, parameters)`` is the pre-activation (n, m) of a step, ``parameters`` are arrays by
    name, and g (n, m) arrives at h_T. Gradients are taken along h0 and the parameters ``along``;
    ``slips`` are those that are looked for in them, by slug.
    """

    pre: Callable[[np.ndarray, np.ndarray, dict], np.ndarray]
    parameters: dict[str, np.ndarray]
    x: np.ndarray
    h0: np.ndarray
    g: np.ndarray
    along: tuple[str, ...]
    slips: dict[str, Slip]

    @property
    def inputs(self) -> tuple[np.ndarray, ...]:
        """What the learner's function is called with."""
        return self.x, self.h0, *self.parameters.values(), self.g

    @cached_property
    def run(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """The pre-activations of the steps 1, …, T and the states h_0, …, h_T."""
        zs, hs = [], [self.h0]
        for x in self.x:
            zs.append(self.pre(hs[-1], x, self.parameters))
            hs.append(relu(zs[-1]))
        return zs, hs

    def gradients(
        self,
        *,
        mask: Callable = lambda v, z, before: passed(v, z),
        state: Callable = lambda before, after: before,
        combine: Callable = sum,
        back: dict[str, np.ndarray] | None = None,
        end: int = 0,
    ) -> dict[str, np.ndarray]:
        """The gradients by name, each of the shape of what it belongs to.

        At each step ``mask(v, z, before)`` of what comes to the state passes, for the
        pre-activation z and the state before, and ``state(before, after)`` stands beside the
        parameters; ``back`` has those that others replace on the way to the state before. In the
        end ``combine`` makes one gradient of the list of the steps' (the first step first), and h0
        gets what reaches the state ``end``.
        """
        (zs, hs), found, reached = self.run, [], [self.g]
        there, others = self.parameters, self.parameters | (back or {})
        for x, z, before, after in reversed([*zip(self.x, zs, hs, hs[1:], strict=False)]):
            delta, beside = mask(reached[0], z, before), state(before, after)

            def step(name, delta=delta, beside=beside, x=x):
                return vjp(delta, lambda v: self.pre(beside, x, there | {name: v}), there[name])

            found.insert(0, {name: step(name) for name in self.along})
            reached.insert(0, vjp(delta, lambda h, x=x: self.pre(h, x, others), before))
        combined = {name: combine([step[name] for step in found]) for name in self.along}
        return combined | {"h0": reached[end]}

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """The gradients by name."""
        return self.gradients()

    @cached_property
    def forms(self) -> dict[tuple[str, ...], dict[str, np.ndarray]]:
        """The gradients that come of every set of slips that can be made at once; () is right."""
        choices = [
            [None, *(slug for slug, slip in self.slips.items() if part in slip.change)]
            for part in ("combine", "mask", "back", "state")
        ]
        found = {}
        for choice in product(*choices):
            slugs = tuple(filter(None, choice))
            changes = (self.slips[slug].change for slug in slugs)
            found[slugs] = self.gradients(**dict(ChainMap(*changes)))
        return found

    def slips_in(self, given: object, name: str) -> tuple[str, ...]:
        """The slips that make ``given`` of the gradient of ``name``, as few as will; or none."""
        fits = [slugs for slugs, form in self.forms.items() if same(given, form[name])]
        return min(fits, key=len, default=())

    def expect(self, part: Part, name: str, names: tuple[str, ...]) -> None:
        """End the part unless the answer's gradient of ``name``, of all these names, is right.

        If several slips together explain it, all of them are told.
        """
        right = {f"d{one}": self.right[one] for one in names}
        found = dict(zip(right, part.call(*self.inputs, outputs=right), strict=True))
        given = found[f"d{name}"]
        slugs = () if same(given, self.right[name]) else self.slips_in(given, name)
        if len(slugs) > 1:
            told = " ".join(self.slips[slug].sentence for slug in slugs)
            told = f"{len(slugs)} things at once. {told} {part.attempt.exercise.section}"
            part.require(False, told, "+".join(slugs))

        def of(output, _):
            return self, output.removeprefix("d")

        over = {"reduction": "sum", "batch": len(self.h0)}
        part.outputs(self.inputs, right, f"d{name}", of=of, **over)


def enter(exercise: Exercise, slips: dict[str, Slip]) -> None:
    """Enter slips as mistakes of an exercise, functions of a net and the name of a gradient."""
    for slug, slip in slips.items():

        def values(net, name, slug=slug):
            return net.forms[slug,][name]

        values.__name__ = slug
        exercise.mistake(slip.sentence)(values)
