"""Repair: three slips in one training.

A training is looked at step by step, each at the parameters to which the answer's own steps before
it have led: so no slip hides another, and what only follows from one is none.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np

from backpass.checks import Attempt, exercise, judging
from backpass.checks.backpropagation._inputs import WHICH, random_net
from backpass.checks.backpropagation._training import (
    GRADIENTS,
    LAYERS,
    NAMES,
    Back,
    Case,
    Layer,
    logistic,
)
from backpass.checks.errors import NotAttempted, Wrong
from backpass.gradcheck import vjp

#: The first is looked at closely; the other, with less of everything, shows what was not varied.
CASES = [Case(*random_net(5, 3, 3, 3)[:4], 0.8, 4), Case(*random_net(4, 2, 2, 2)[:4], 0.3, 2)]
STEP_NAMES = tuple(f"step {i}" for i in range(1, CASES[0].steps + 1))

#: How many slips the training has as it was given.
COUNT = 3

# --- what may be otherwise ---------------------------------------------------------------------


class Slip(NamedTuple):
    """What who makes it is told, and the forms that it may take."""

    kind: str
    fix: str
    forms: list


def rules(*formulas: Callable[[np.ndarray, Layer], np.ndarray]) -> list[Back]:
    """Ways back with these rules for σ."""
    return [Back(rule=formula) for formula in formulas]


#: How g may be led back through σ.
RULES = {
    "other-value": Slip(
        "A local derivative is written in one value of the forward pass and given another: σ′"
        " is to be had from what came out, or from what went in, but not by the same formula.",
        "σ (1 − σ) is written in what came out: y * (1 − y), with y = hs[k + 1].",
        rules(lambda g, layer: g * layer.a * (1 - layer.a)),
    ),
    "value-below": Slip(
        "σ′ is given what went into the layer, hs[k], before the weights: that is neither what"
        " came out of σ nor what went into it.",
        "Write it in what came out of this layer: y * (1 − y), with y = hs[k + 1].",
        rules(
            lambda g, layer: g * layer.x * (1 - layer.x), lambda g, layer: vjp(g, logistic, layer.x)
        ),
    ),
    "rule-at-output": Slip(
        "The derivative is taken at the output, σ′(y), as if y went in once more.",
        "Since y is σ(a) already, σ′(a) is y * (1 − y).",
        rules(lambda g, layer: vjp(g, logistic, layer.y)),
    ),
    "g-forgotten": Slip(
        "g is not in the rule.",
        "Multiply what arrives, g, by y * (1 − y).",
        rules(lambda g, layer: layer.y * (1 - layer.y)),
    ),
    "derivative-forgotten": Slip(
        "The rule hands g on as it came, without the local derivative.",
        "Multiply g by y * (1 − y).",
        rules(lambda g, layer: g),
    ),
    "tanh-rule": Slip(
        "1 − y² is the slope of tanh.",
        "The logistic function has y * (1 − y).",
        rules(*(lambda g, layer, i=i: g * (1 - layer[i] ** 2) for i in range(3))),
    ),
    "one-factor": Slip(
        "Of the two factors of σ′ one is missing, stands twice, or is still in another value.",
        "Both are in y: y * (1 − y).",
        rules(
            *(lambda g, layer, i=i: g * layer[i] for i in range(3)),
            *(lambda g, layer, i=i: g * (1 - layer[i]) for i in range(3)),
            *(
                lambda g, layer, i=i, j=j: g * layer[i] * (1 - layer[j])
                for i, j in product(range(3), repeat=2)
                if i != j
            ),
            lambda g, layer: g * layer.y * layer.y,
            lambda g, layer: g * layer.y * (1 + layer.y),
            lambda g, layer: g / 4,
        ),
    ),
}

#: How the rest of the way back may go.
WAYS = {
    "other-layers": Slip(
        "The weights' inputs are those of another layer.",
        "Each layer's δ meets what came into that layer, as it was given: hs[k].",
        [Back(inputs=lambda hs: hs[:0:-1]), Back(inputs=lambda hs: hs[:-1])],
    ),
    "back-changed": Slip(
        "What goes down to the layer below is changed, or not taken through the weights.",
        "As it was given it is right: g = delta @ W.T.",
        [Back(back=lambda delta, w: delta @ w), Back(back=lambda delta, w: delta)],
    ),
    "stepped-within": Slip(
        "W takes its step inside the backward pass, so that the layers below get their error"
        " through weights that have moved already.",
        "First all of dW and db, then one step.",
        [Back(within=True)],
    ),
    "other-error": Slip(
        "The error at the output, or how it is averaged, is another one. As it was given it is"
        " right.",
        "g begins as (hs[3] − T) / len(X).",
        [
            *(Back(error=lambda o, t, c=c: c * (o - t) / len(o)) for c in (2, 0.5, -1)),
            Back(error=lambda o, t: o - t),
            Back(error=lambda o, t: 2 * (o - t)),
            Back(error=lambda o, t: (o - t) / o.size),
            Back(error=lambda o, t: (o - t) / len(o) ** 2),
        ],
    ),
}

#: How dW and db may be made of what the layers give, and of W or b.
TOGETHER = {
    "overwritten": Slip(
        "W and b are used in three layers, and what one of them gets from a layer replaces what it"
        " got from the layer above.",
        "Add each layer's part, +=, to zeros that are made before the loop over the layers.",
        [lambda parts, start: parts[-1]],
    ),
    "top-layer-only": Slip(
        "Only the gradient of the top layer is left.",
        "Add what each of the three layers gives: all of them use W and b.",
        [lambda parts, start: parts[0]],
    ),
    "averaged": Slip(
        "The layers' parts are averaged.",
        "Add them: W and b move in all three layers at once.",
        [lambda parts, start: sum(parts) / LAYERS],
    ),
    "bias-averaged": Slip(
        "db is averaged over the examples, and δ has the 1/n of the mean in it already.",
        "Sum over the examples, as it was given: delta.sum(axis=0).",
        # Of W it would be another error at the output.
        [lambda parts, start: sum(parts) / (len(CASES[0].x) if start.ndim == 1 else np.inf)],
    ),
    "begun-elsewhere": Slip(
        "What is added to does not begin from 0: W or b itself, or ones, are in it.",
        "Begin from np.zeros_like(W) and np.zeros_like(b).",
        [lambda parts, start: sum(parts) + 1, lambda parts, start: sum(parts) + start],
    ),
    "transposed": Slip(
        "dW is transposed.",
        "It is what came in, transposed, times δ: hs[k].T @ delta.",
        [lambda parts, start: sum(parts).T],
    ),
}

#: How many times as long the steps may be.
RATES = {
    "climbs": Slip(
        "The parameters move up the gradient.",
        "The step is subtracted: W − rate * dW, b − rate * db.",
        [-1],
    ),
    "other-rate": Slip(
        "The rate is another one, and the fault is not there.",
        "Leave it as it was given.",
        [
            *(0.1, 0.01, 0.25, 0.5, 2, 10, 1 / LAYERS, 1 / len(CASES[0].x), len(CASES[0].x)),
            *(own / CASES[0].rate for own in (1, 0.5, 0.1, 0.01)),
        ],
    ),
}

NEW_ARRAY = (
    "Begin each step with a new array, dW = np.zeros_like(W), inside the loop over the steps, and"
    " so for db."
)

#: What becomes of what was found, step by step; of the losses, how many times as large they are.
KEPT = {
    "not-zeroed": Slip(
        "A gradient is right at the first step, and then has those of the earlier steps in it.",
        "Let both begin from zeros at each step, inside the loop over the steps.",
        [],
    ),
    "one-array": Slip(
        "What is kept of a gradient at each step is one and the same array: what changes it in"
        " place later, += or [:] = 0, changes what was kept of it before.",
        NEW_ARRAY,
        [],
    ),
    "zeros": Slip(
        "Here are zeros only, and yet the losses fall as they should: is a gradient emptied in"
        " place after it was kept? What was kept is then emptied too.",
        NEW_ARRAY,
        [],
    ),
    "after-step": Slip(
        "Each loss is taken after its step.",
        "Take it before: the first is that of the start.",
        [],
    ),
    "other-losses": Slip(
        "The losses are a multiple of what is gone down along.",
        "Half the squares, summed over a row, the mean over the rows.",
        [2, 0.5, len(CASES[0].x), 2 * len(CASES[0].x), 1 / LAYERS, 2 / LAYERS],
    ),
}

#: All of them, in the order of telling.
SLIPS = RULES | WAYS | TOGETHER | RATES | KEPT


# --- the exercise -----------------------------------------------------------------------------


@exercise(
    "Repair: three slips in one training",
    section=WHICH,
    points=5,
    kind="repair",
    exact=True,
    axes={
        "dW": (STEP_NAMES, "from unit", "to unit"),
        "db": (STEP_NAMES, "unit"),
        "losses": (STEP_NAMES,),
    },
    mistakes={slug: (one.kind, one.fix) for slug, one in SLIPS.items()},
)
def repair_training(attempt):
    left, where = slips_left(attempt)
    if set(left) - {"after-step", "other-losses"}:
        attempt.repair(left, COUNT, where=where)
        return
    for name, weight in (("dW", 2), ("db", 2), ("losses", 1)):
        with attempt.part(f"{name} of each step", weight) as part:
            for case in part.each(CASES, "{0.steps} steps, rate {0.rate}"):
                try:
                    part.outputs(case.args, case.right, name, follows=case.along)
                except Wrong as wrong:
                    if name == "losses" and left:
                        part.blame(left[0], wrong.where)
                    if wrong.mistake is not None or isinstance(wrong, NotAttempted):
                        raise
                    raise Wrong(f"{OTHER} ({wrong.message})") from None


OTHER = (
    "That training does something else. Keep its net, its loss, its start, its rate and its steps,"
    " and change only what is wrong in it."
)


# --- which of them are left -------------------------------------------------------------------


def forms(slips: dict[str, Slip]) -> list[tuple[tuple[str, ...], object]]:
    """Each form of the slips, after the slug of what is wrong with it."""
    return [((slug,), form) for slug, one in slips.items() for form in one.forms]


@cache
def ways_back() -> list[tuple[tuple[str, ...], Back, dict[str, list[np.ndarray]]]]:
    """The ways back that are known, with their slips, as few as will first: one, or another that
    has the rule that was given besides. Then what the layers give so at the first step.
    """
    given = RULES["other-value"].forms[0].rule
    found = [((), Back()), *forms(RULES), *forms(WAYS)]
    found += [(("other-value", *slugs), replace(way, rule=given)) for slugs, way in forms(WAYS)]
    case = CASES[0]
    return [(slugs, way, case.parts(way, case.w, case.b)) for slugs, way in found]


class Found(NamedTuple):
    """The slips that are left, in the order of telling, and where it shows."""

    left: list[str]
    where: str = ""


def slips_left(attempt: Attempt) -> Found:
    """The slips that explain all that is wrong; none if others do."""
    case = CASES[0]
    try:
        kept = results(attempt, case)
        ends = [results(attempt, replace(case, steps=i + 1)) for i in range(case.steps)]
    except Wrong:
        return Found([])  # the parts say what
    # What each step made, whatever became later of what was kept of it.
    made = {name: np.array([one[name][-1] for one in ends]) for name in NAMES}
    slugs = step_slips(case, made)
    if slugs is not None and any(in_one_array(kept[name], made[name]) for name in GRADIENTS):
        slugs = {"one-array"} | slugs - {"not-zeroed"}
    if all_but_emptied(case, kept):
        slugs = {"zeros"}
    return Found([slug for slug in SLIPS if slug in (slugs or ())], off_at(case, kept))


def results(attempt: Attempt, case: Case) -> dict[str, np.ndarray]:
    """The gradients and losses that the answer gives, ``Wrong`` if it gives nothing like it."""
    shapes = {name: value[: case.steps] for name, value in CASES[0].right.items()}
    values = attempt.call(*case.args, outputs=shapes, repeat=False)
    found = dict(zip(NAMES, values, strict=True))
    if any(np.shape(found[name]) != shapes[name].shape for name in NAMES):
        raise Wrong("Other shapes.", "shape")
    return found


def in_one_array(kept: np.ndarray, made: np.ndarray) -> bool:
    """Are the steps' gradients one array? Then all are alike, though not all were made so."""
    return np.array_equal(kept, np.broadcast_to(kept[-1], kept.shape)) and not same(kept, made)


def all_but_emptied(case: Case, kept: dict[str, np.ndarray]) -> bool:
    """Is all right, but for gradients that were kept in an array and then set to 0 there?"""
    right = {name for name in NAMES if same(kept[name], case.right[name])}
    wrong = [name for name in NAMES if name not in right]
    return bool(wrong) and "losses" in right and not any(kept[name].any() for name in wrong)


def step_slips(case: Case, made: dict[str, np.ndarray]) -> set[str] | None:
    """The slips that explain what each step made; None if others do."""
    for slugs, way, parts in ways_back():
        ways = {name: put_together(made[name][0], parts[name], case, name) for name in GRADIENTS}
        if None in ways.values():
            continue
        together = {name: form for name, (_, form) in ways.items()}
        for rate_slugs, times in [((), 1), *forms(RATES)]:
            later = later_slips(case, made, way, together, times)
            if later is not None:
                return {*slugs, *ways["dW"][0], *ways["db"][0], *rate_slugs, *later}
    return None


def put_together(
    given: np.ndarray, parts: list[np.ndarray], case: Case, name: str
) -> tuple[tuple[str, ...], Callable] | None:
    """How the first step's gradient was made of the layers' parts, after the slips in that."""
    for slugs, form in [((), lambda parts, start: sum(parts)), *forms(TOGETHER)]:
        if same(given, form(parts, case.start(name))):
            return slugs, form
    return None


def later_slips(
    case: Case,
    made: dict[str, np.ndarray],
    way: Back,
    together: dict[str, Callable],
    times: float,
) -> set[str] | None:
    """The slips that explain the later steps, if these are ``times`` as long and the first is
    explained by a way back and by how the parts are put ``together``.
    """
    path, found = list(case.path(made, times)), set()
    for step in range(1, case.steps):
        parts = case.parts(way, *path[step])
        for name in GRADIENTS:
            alone = together[name](parts[name], case.start(name))
            if same(made[name][step], alone):
                continue
            if not same(made[name][step], alone + made[name][step - 1]):
                return None
            found.add("not-zeroed")
    losses = np.array([case.loss(*point) for point in path])
    if same(made["losses"], losses[:-1]):
        return found
    many = KEPT["other-losses"].forms
    wrong = {"after-step": [losses[1:]], "other-losses": [c * losses[:-1] for c in many]}
    slugs = [slug for slug, forms in wrong.items() for one in forms if same(made["losses"], one)]
    return found | {slugs[0]} if slugs else None


def same(given: np.ndarray, value: np.ndarray) -> bool:
    """Are these the same numbers?"""
    return judging.is_right(given, value, {})


def off_at(case: Case, found: dict[str, np.ndarray]) -> str:
    """Which gradient is off, from which step on, and in which entries."""
    told = []
    for name in GRADIENTS:
        off = ~np.isclose(found[name], case.right[name], rtol=1e-7, atol=1e-12)
        steps = np.flatnonzero(off.reshape(case.steps, -1).any(axis=1))
        if not len(steps):
            told.append(f"{name} is right")
            continue
        first = off[steps[0]]
        what = "all entries" if first.all() else f"{first.sum()} of {first.size} entries"
        told.append(f"{name} is off from step {steps[0] + 1} on, in {what} there")
    return f"{'; '.join(told)}."
