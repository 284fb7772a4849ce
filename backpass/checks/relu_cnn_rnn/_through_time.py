"""Back through time in a ReLU net, and what goes wrong on the way, alone or together.

A slip changes one part of the way back, and slips that change different parts can be made at once.
So a slip's sentence and its way out stand here beside what it changes; its values, and those of
several slips, come of walking back with the changes.
"""

from collections import ChainMap
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import NamedTuple

import numpy as np

from backpass.checks import Attempt, Exercise, Part
from backpass.checks.errors import NotAttempted, Wrong
from backpass.checks.relu_cnn_rnn._inputs import passed, relu, same
from backpass.gradcheck import vjp

RECURRENT = "Section: “Three recurrent nets”."


class Slip:
    """What a learner who makes it is told, and what it changes in :meth:`Net.gradients`.

    One that is made ``alone`` is looked for in no other's company.
    """

    def __init__(self, sentence: str, fix: str, *, alone: bool = False, **change) -> None:
        self.sentence, self.fix, self.alone, self.change = sentence, fix, alone, change


class Step(NamedTuple):
    """A step t: what is read there, the pre-activation, the states before and after, the bias."""

    t: int
    x: np.ndarray
    z: np.ndarray
    before: np.ndarray
    after: np.ndarray
    b: np.ndarray


#: The slips that do not depend on how one state makes the next.
TIME = {
    "mask-forgotten": Slip(
        "ReLU′ is taken to be 1 everywhere.",
        "It is 1 where this step's unit was active and 0 elsewhere: multiply by (h_t > 0).",
        mask=lambda v, step: v,
    ),
    "wrong-step-mask": Slip(
        "A mask belongs to another step than what it is put on.",
        "What comes back to h_t passes where h_t itself is positive, not the state before it.",
        mask=lambda v, step: passed(v, step.before),
    ),
    "overwritten": Slip(
        "Only what the first step gives is left in the end. The parameters are the same at all"
        " steps.",
        "Add what each step gives: += in place of =.",
        combine=lambda steps: steps[0],
    ),
    "last-step-only": Slip(
        "Only the last step's gradient is there. The parameters are the same at all steps.",
        "Add what each of them gives.",
        combine=lambda steps: steps[-1],
    ),
    "steps-averaged": Slip(
        "Averaged over the time steps.",
        "What they give is added.",
        combine=lambda steps: sum(steps) / len(steps),
    ),
    "wrong-state": Slip(
        "h_t stands where h_{t−1} belongs.",
        "Beside δ_t stands the state which came into step t.",
        state=lambda before, after: after,
    ),
    "first-step-missing": Slip(
        "The first step is missing.",
        "The way back ends one step too early: let the loop run down to the first input.",
        order=lambda steps: steps[:0:-1],
        alone=True,
    ),
    "inverted": Slip(
        "The mask is the wrong way round.",
        "It lets through where the unit was active, h_t > 0.",
        mask=lambda v, step: passed(v, -step.z),
    ),
    "value-for-slope": Slip(
        "The error is multiplied by h_t itself.",
        "The slope is 1 where h_t > 0, not h_t.",
        mask=lambda v, step: v * step.after,
    ),
    "slope-of-tanh": Slip(
        "1 − h_t² is the slope of tanh.",
        "That of ReLU is 1 where h_t > 0, and 0 elsewhere.",
        mask=lambda v, step: v * (1 - step.after**2),
    ),
    "sign-of-error": Slip(
        "The mask looks at the sign of what comes back.",
        "Whether a unit lets something back depends on its own state, h_t > 0.",
        mask=lambda v, step: passed(v, v),
    ),
    "tanh-forwards": Slip(
        "On the way forward tanh stands where ReLU belongs.",
        "h_t is the larger of the sum and 0.",
        instead=lambda net: replace(net, act=np.tanh),
        alone=True,
    ),
    "tanh-units": Slip(
        "The units are tanh here, forward and back.",
        "ReLU is max(0, z) on the way forward, and on the way back 1 where h_t > 0.",
        instead=lambda net: replace(net, act=np.tanh),
        mask=lambda v, step: v * (1 - step.after**2),
        alone=True,
    ),
    "mask-without-bias": Slip(
        "The mask looks at the sum without b.",
        "What ReLU gets, and decides by, has b in it.",
        mask=lambda v, step: passed(v, step.z - step.b),
    ),
    "bias-forgotten": Slip(
        "On the way forward b is missing.",
        "Add b in every step, as in the body that was given.",
        instead=lambda net: replace(
            net, parameters=net.parameters | {"b": 0 * net.parameters["b"]}
        ),
        alone=True,
    ),
    "first-state-ignored": Slip(
        "The first state is taken to be zero.",
        "It is given: begin with h0.",
        instead=lambda net: replace(net, h0=0 * net.h0),
        alone=True,
    ),
    "mask-not-carried": Slip(
        "What goes on to the step before has not passed this step's ReLU.",
        "It is δ_t, behind the mask, that goes on.",
        carried=lambda v, delta: v,
        alone=True,
    ),
    "given-again": Slip(
        "∂L/∂h_T arrives at every step anew. The loss is of h_T alone.",
        "At the other steps nothing arrives but what comes back from the step after.",
        arrives=lambda reached, g: reached + g,
        alone=True,
    ),
    "not-carried": Slip(
        "Nothing is handed on to the step before: each step gets ∂L/∂h_T itself.",
        "Let dh become what comes back through this step, at the end of the loop's body.",
        arrives=lambda reached, g: g,
        alone=True,
    ),
    "forwards": Slip(
        "The loop goes forwards through the steps.",
        "What comes back begins at h_T: the last step is the first to get it.",
        order=list,
        alone=True,
    ),
    "last-step-missing": Slip(
        "The last step is missing.",
        "∂L/∂h_T goes back through step T first: begin with the last input.",
        order=lambda steps: steps[-2::-1],
        alone=True,
    ),
}

#: The slips in what is kept of the states' gradients on the way: ``kept(h, delta, h0)``, of
#: those along the states, h (T + 1, n, m), of the δ of the steps (T, n, m) and of the first state,
#: gives what may stand in H.
KEPT = {
    "one-place-late": Slip(
        "The gradients along the states stand one place too late.",
        "What comes back through the step that reads X[t] belongs to the state before it:"
        " dH[t] = dh.",
        kept=lambda h, delta, h0: [
            np.concatenate([0 * h[:1], h[:-1]]),
            np.concatenate([0 * h[:1], h[:-2], h[-1:] + h[-2:-1]]),
        ],
    ),
    "one-place-early": Slip(
        "The gradients along the states stand one place too early.",
        "Let dh come back through the step first, and keep it then: dH[t] = dh.",
        kept=lambda h, delta, h0: [np.concatenate([h[1:], h[-1:]])],
    ),
    "delta-kept": Slip(
        "δ is kept, the gradient along the pre-activations. That along the states is asked for.",
        "Keep what comes of δ Wᵀ: dH[t] = dh.",
        kept=lambda h, delta, h0: [
            np.concatenate([delta, h[-1:]]),
            np.concatenate([0 * h[:1], delta]),
        ],
    ),
    "masked-once-more": Slip(
        "The gradients along the states have passed the ReLU of their own state besides.",
        "That is done in the step that made the state. Keep what comes back as it is: dH[t] = dh.",
        kept=lambda h, delta, h0: [
            np.concatenate([first, delta[:-1], last])
            for first in (h[:1], h[:1] * (h0 > 0))
            for last in (h[-1:], delta[-1:])
        ],
    ),
    "added-up": Slip(
        "Each state's gradient has those of later states in it.",
        "dh holds all that comes back already: dH[t] = dh, without a sum.",
        kept=lambda h, delta, h0: [
            np.cumsum(h[::-1], axis=0)[::-1],
            h + np.concatenate([h[1:], 0 * h[:1]]),
        ],
    ),
    "turned-round": Slip(
        "The gradients along the states stand in the opposite order.",
        "∂L/∂h_0 comes first: keep what belongs to H[t] in dH[t].",
        kept=lambda h, delta, h0: [h[::-1], np.concatenate([h[-2::-1], h[-1:]])],
    ),
    "last-state-missing": Slip(
        "That along the last state is missing.",
        "It is given: dH[-1] = dh, before the loop.",
        kept=lambda h, delta, h0: [np.concatenate([h[:-1], 0 * h[:1]])],
    ),
    "first-state-only": Slip(
        "Only the gradient along h_0 is kept.",
        "Keep that along each state, in the loop: dH[t] = dh.",
        kept=lambda h, delta, h0: [
            np.concatenate([h[:1], 0 * h[1:-1], h[-1:]]),
            np.concatenate([h[:1], 0 * h[1:]]),
        ],
    ),
    "divided": Slip(
        "The gradients along the states are divided by the number of examples.",
        "A mean over the batch, if there is one, is in ∂L/∂h_T: keep dh as it is.",
        kept=lambda h, delta, h0: [
            h / h.shape[1],
            np.concatenate([h[:-1] / h.shape[1], h[-1:]]),
        ],
    ),
}


@dataclass(eq=False)
class Net:
    """A ReLU net through time, from h0 (n, m) over the inputs x (T, n, d), and its way back.

    ``pre(h, x, parameters)`` is the pre-activation (n, m) of a step, ``parameters`` are arrays by
    name, ``act`` of it is the next state, and g (n, m) arrives at h_T. Gradients are taken along
    the parameters ``along`` and all states, H; ``slips`` are those that are looked for in them, by
    slug.
    """

    pre: Callable[[np.ndarray, np.ndarray, dict], np.ndarray]
    parameters: dict[str, np.ndarray]
    x: np.ndarray
    h0: np.ndarray
    g: np.ndarray
    along: tuple[str, ...]
    slips: dict[str, Slip]
    act: Callable[[np.ndarray], np.ndarray] = relu

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
            hs.append(self.act(zs[-1]))
        return zs, hs

    def gradients(
        self,
        *,
        mask: Callable = lambda v, step: passed(v, step.z),
        state: Callable = lambda before, after: before,
        combine: Callable = sum,
        back: Callable = lambda parameters: {},
        carried: Callable = lambda v, delta: delta,
        arrives: Callable = lambda reached, g: reached,
        order: Callable = lambda steps: steps[::-1],
        instead: "Callable[[Net], Net] | None" = None,
    ) -> dict[str, np.ndarray]:
        """The gradients by name, each of the shape of what it belongs to; H has all states, and
        delta the pre-activations.

        The steps are walked in their ``order``. At each ``mask(v, step)`` of what comes to the
        state passes, and ``state(before, after)`` stands beside the parameters. On the way to the
        state before goes ``carried(v, delta)``, of what came and what passed, where ``back`` of the
        parameters has those that others replace; there ``arrives(reached, g)``. In the end
        ``combine`` makes one gradient of the list of the steps' (the first step first). A state
        that is not walked by has the gradient 0. In another net ``instead`` only the mask may be
        changed too.
        """
        if instead is not None:
            return instead(self).gradients(mask=mask)
        zs, hs = self.run
        found, arrived, deltas = {}, {len(self.x): self.g}, np.zeros((len(self.x), *self.g.shape))
        v, there, others = self.g, self.parameters, self.parameters | back(self.parameters)
        steps = zip(range(len(self.x)), self.x, zs, hs, hs[1:], strict=False)
        for step in order([Step(*one, there["b"]) for one in steps]):
            delta, beside = mask(v, step), state(step.before, step.after)

            def gives(name, delta=delta, beside=beside, x=step.x):
                return vjp(delta, lambda p: self.pre(beside, x, there | {name: p}), there[name])

            found[step.t] = {name: gives(name) for name in self.along}
            deltas[step.t] = delta
            v = carried(v, delta)
            v = vjp(v, lambda h, x=step.x: self.pre(h, x, others), step.before)
            v = arrived[step.t] = arrives(v, self.g)
        states = [arrived.get(t, np.zeros_like(self.g)) for t in range(len(hs))]
        parts = [found[t] for t in sorted(found)]
        combined = {name: combine([step[name] for step in parts]) for name in self.along}
        return combined | {"H": np.array(states), "delta": deltas}

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """The gradients by name."""
        return self.gradients()

    @cached_property
    def forms(self) -> dict[tuple[str, ...], dict[str, np.ndarray]]:
        """The gradients that come of every set of slips that can be made at once; () is right."""
        walked = {slug: slip for slug, slip in self.slips.items() if slug not in KEPT}
        together = {slug: slip.change for slug, slip in walked.items() if not slip.alone}
        choices = [
            [None, *(slug for slug, change in together.items() if part in change)]
            for part in ("combine", "mask", "back", "state")
        ]
        sets = [tuple(filter(None, choice)) for choice in product(*choices)]
        sets += [(slug,) for slug, slip in walked.items() if slip.alone]
        found = {}
        for slugs in sets:
            changes = (self.slips[slug].change for slug in slugs)
            found[slugs] = self.gradients(**dict(ChainMap(*changes)))
        return found

    def slips_in(self, given: dict[str, object]) -> tuple[str, ...]:
        """The slips that make all that is ``given``, gradients by name, as few as will; or none."""
        others = {name: value for name, value in given.items() if name != "H"}
        fits = []
        for slugs, form in self.forms.items():
            if not all(same(value, form[name]) for name, value in others.items()):
                continue
            if "H" not in given or same(given["H"], form["H"]):
                fits.append(slugs)
                continue
            if not np.any(given["H"]) or any(self.slips[slug].alone for slug in slugs):
                continue  # zeros are told as zeros
            fits += [
                (*slugs, slug)
                for slug, slip in KEPT.items()
                if any(
                    same(given["H"], h)
                    for h in slip.change["kept"](form["H"], form["delta"], self.h0)
                )
            ]
        return min(fits, key=len, default=())

    def slips_left(self, attempt: Attempt, count: int) -> tuple[tuple[str, ...], str]:
        """The slips, ``count`` at most, that explain all that is wrong, none if others do; and
        where it shows.
        """
        right = {f"d{name}": self.right[name] for name in self.names}
        try:
            values = attempt.call(*self.inputs, outputs=right)
        except NotAttempted:
            raise
        except Wrong:  # it is told in the parts
            return (), ""
        given = dict(zip(self.names, values, strict=True))
        off = {name: one for name, one in given.items() if not same(one, self.right[name])}
        sets = [self.slips_in(off)] if off else [()]
        if off and not sets[0]:  # no slip is behind all of it: another behind each
            sets = [self.slips_in({name: one}) for name, one in off.items()]
            if not all(sets):
                return (), ""
        found = set().union(*sets)
        left = tuple(slug for slug in self.slips if slug in found)
        if found.issubset(KEPT):  # that costs the part of the states
            return (), ""
        return (left, self.told_off(off)) if len(left) <= count else ((), "")

    def told_off(self, off: dict[str, np.ndarray]) -> str:
        """Which gradients are off, and in which of their entries."""
        texts = []
        for name, value in off.items():
            apart = ~np.isclose(value, self.right[name], rtol=1e-7, atol=1e-12)
            if name == "H":
                steps = [str(t) for t in np.flatnonzero(apart.any(axis=(1, 2)))]
                texts.append(f"dH is off at t = {', '.join(steps)}")
            else:
                texts.append(f"d{name} is off in {apart.sum()} of its {apart.size} entries")
        fine = [f"d{name}" for name in self.names if name not in off]
        if fine:
            texts.append(f"{' and '.join(fine)} {'are' if len(fine) > 1 else 'is'} right")
        return "; ".join(texts) + "."

    @property
    def names(self) -> tuple[str, ...]:
        """All gradients, in the order in which they are asked for."""
        return (*self.along, "H")

    def expect(self, part: Part, name: str) -> None:
        """End the part unless the answer's gradient of ``name`` is right.

        If several slips together explain it, all of them are told.
        """
        right = {f"d{one}": self.right[one] for one in self.names}
        found = dict(zip(right, part.call(*self.inputs, outputs=right), strict=True))
        given = found[f"d{name}"]
        slugs = () if same(given, self.right[name]) else self.slips_in({name: given})
        if len(slugs) > 1 or KEPT.keys() & slugs:
            told = " ".join(self.slips[slug].sentence for slug in slugs)
            told = f"{len(slugs)} things at once. {told}" if len(slugs) > 1 else told
            told = f"{told} {part.attempt.exercise.section}"
            where = self.told_off({name: given})
            fix = " ".join(self.slips[slug].fix for slug in slugs)
            raise Wrong(told, "+".join(slugs), where=where, fix=fix)

        def of(output, _):
            return self, output.removeprefix("d")

        over = {"reduction": "sum", "batch": len(self.h0)}
        part.outputs(self.inputs, right, f"d{name}", of=of, rows=False, **over)


def enter(exercise: Exercise, slips: dict[str, Slip]) -> None:
    """Enter slips as mistakes of an exercise, functions of a net and the name of a gradient."""
    for slug, slip in slips.items():

        def values(net, name, slug=slug):
            wrong = net.forms[slug,][name]
            return wrong if wrong.any() else None  # zeros are told as zeros

        values.__name__ = slug
        exercise.mistake(slip.sentence, slip.fix)(values)
