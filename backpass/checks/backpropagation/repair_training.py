"""Repair: three slips in one training."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np

from backpass.checks import Attempt, exercise
from backpass.checks.backpropagation._inputs import (
    WHICH,
    bias_gradient,
    mean_error,
    random_net,
    weights_gradient,
)
from backpass.checks.closest import closest
from backpass.checks.errors import NotAttempted, Wrong
from backpass.gradcheck import diagnose, vjp

X, T, W, B = random_net(5, 3, 3, 3)[:4]
RATE, STEPS, LAYERS = 0.8, 4, 3
STEP_NAMES = tuple(f"step {i}" for i in range(1, STEPS + 1))

#: Those that the training has as it was given, in the order of telling.
SLIPS = ("other-value", "overwritten", "not-zeroed")


def logistic(a: np.ndarray) -> np.ndarray:
    """σ of every entry, complex ones too."""
    return 1 / (1 + np.exp(-a))


@dataclass(frozen=True)
class Training:
    """Descent on three logistic layers that share W and b, with what may be wrong in it.

    ``rule(g, y, a)`` takes g back through y = σ(a). ``into_w`` and ``into_b`` make one gradient of
    what the layers give, the top one first, and of the gradient of the step before, or 0.
    ``inputs(hs)`` are what the layers are taken to have seen, the top one first.
    """

    rule: Callable = lambda g, y, a: vjp(g, logistic, a)
    into_w: Callable = lambda parts, past: sum(parts)
    into_b: Callable = lambda parts, past: sum(parts)
    inputs: Callable = lambda hs: hs[-2::-1]
    back: Callable = lambda delta, w: vjp(delta, lambda h: h @ w, np.zeros(delta.shape))
    error: Callable = lambda o: (o - T) / len(X)
    rate: float = RATE
    within: bool = False  # does W move before the layer below?
    late: bool = False  # is each loss taken after its step?
    losses_times: float = 1

    @cached_property
    def results(self) -> dict[str, np.ndarray]:
        """dW, db and the loss of each step."""
        w, b, found = W, B, {"dW": [], "db": [], "losses": []}
        dw, db = 0.0, 0.0
        for _ in range(STEPS):
            loss = self.loss(w, b)
            dw, db = self.gradients(w, b, dw, db)
            w, b = w - self.rate * dw, b - self.rate * db
            loss = self.losses_times * (self.loss(w, b) if self.late else loss)
            for name, value in zip(found, (dw, db, loss), strict=True):
                found[name].append(value)
        return {name: np.array(values) for name, values in found.items()}

    def loss(self, w: np.ndarray, b: np.ndarray) -> float:
        return mean_error(self.forward(w, b)[-1], T)

    def forward(self, w: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        hs = [X]
        for _ in range(LAYERS):
            hs.append(logistic(hs[-1] @ w + b))
        return hs

    def gradients(self, w: np.ndarray, b: np.ndarray, *past: object) -> tuple[object, object]:
        """dW and db at these parameters, after those of the step before."""
        hs, moved = self.forward(w, b), w
        g, of_w, of_b = self.error(hs[-1]), [], []
        for into, y, seen in zip(hs[-2::-1], hs[:0:-1], self.inputs(hs), strict=True):
            delta = self.rule(g, y, into @ w + b)
            of_w.append(weights_gradient(delta, seen))
            of_b.append(bias_gradient(delta, seen))
            if self.within:
                moved = moved - self.rate * of_w[-1]
            g = self.back(delta, moved)
        return self.into_w(of_w, past[0]), self.into_b(of_b, past[1])


RIGHT = Training().results


def last(parts: list, past: object) -> np.ndarray:
    return parts[-1]


def carried(parts: list, past: object) -> np.ndarray:
    return sum(parts) + past


def by_output_rule(g, y, a):
    """σ's slope, written in what came out, and given what went in."""
    return g * a * (1 - a)


#: How the parts that the layers give may be put together, by the slip.
TOGETHER = {"": None, "overwritten": last, "not-zeroed": carried}


def with_slips(of_rule: str, of_w: str, of_b: str) -> Training:
    """The training with these slips, ``""`` for none."""
    changes = {"into_w": TOGETHER[of_w], "into_b": TOGETHER[of_b]}
    changes["rule"] = by_output_rule if of_rule else None
    return replace(Training(), **{name: value for name, value in changes.items() if value})


#: What can be left of the slips, and the training that is then made: as few as will, first.
LEFT = sorted(
    (
        (tuple(slip for slip in SLIPS if slip in slips), with_slips(*slips))
        for slips in product(("", "other-value"), TOGETHER, TOGETHER)
        if any(slips)
    ),
    key=lambda one: len(one[0]),
)


@exercise(
    "Repair: three slips in one training",
    section=WHICH,
    points=5,
    kind="repair",
    axes={
        "dW": (STEP_NAMES, "from unit", "to unit"),
        "db": (STEP_NAMES, "unit"),
        "losses": (STEP_NAMES,),
    },
    mistakes={
        "other-value": (
            "A local derivative is written in one value of the forward pass and given another: σ′"
            " is to be had from what came out, or from what went in, but not by the same formula.",
            "σ (1 − σ) is written in what came out: y * (1 − y), with y = hs[k + 1].",
        ),
        "overwritten": (
            "W and b are used in three layers, and what one of them gets from a layer replaces what"
            " it got from the layer above.",
            "Add each layer's part, +=, beginning from zeros.",
        ),
        "not-zeroed": (
            "A gradient is right at the first step, and then has those of the earlier steps in it.",
            "Let both begin from zeros at each step, inside the loop over the steps.",
        ),
    },
)
def repair_training(attempt):
    if (found := results(attempt)) is not None and (left := slips_left(found)):
        attempt.repair(left, len(SLIPS), where=off_at(found))
        return
    for name, weight in (("dW", 2), ("db", 2), ("losses", 1)):
        with attempt.part(f"{name} of each step", weight) as part:
            args = [X, T, W, B, RATE, STEPS]
            try:
                part.outputs(args, RIGHT, name, of=lambda name, given: [name, given])
            except Wrong as wrong:
                if wrong.mistake is not None or isinstance(wrong, NotAttempted):
                    raise
                raise Wrong(f"{OTHER} ({wrong.message})") from None


OTHER = (
    "That training does something else. Keep its net, its loss, its start, its rate and its steps,"
    " and change only what is wrong in it."
)


def results(attempt: Attempt) -> dict | None:
    """The gradients and losses that the answer gives, None if it gives nothing like it."""
    try:
        values = attempt.call(X, T, W, B, RATE, STEPS, outputs=RIGHT, repeat=False)
    except Wrong:
        return None  # the parts say what
    found = dict(zip(RIGHT, values, strict=True))
    return found if all(np.shape(found[n]) == RIGHT[n].shape for n in RIGHT) else None


def slips_left(found: dict) -> list[str]:
    """Those of the training's own slips that give these results."""
    for left, training in LEFT:
        wrong = training.results
        if all(diagnose(found[name], wrong[name]) for name in ("dW", "db")):
            return list(left)
    return []


def off_at(found: dict) -> str:
    """Which gradient is off, from which step on, and in which entries."""
    told = []
    for name in ("dW", "db"):
        off = ~np.isclose(found[name], RIGHT[name], rtol=1e-7, atol=1e-12)
        steps = np.flatnonzero(off.reshape(STEPS, -1).any(axis=1))
        if not len(steps):
            told.append(f"{name} is right")
            continue
        first = off[steps[0]]
        what = "all entries" if first.all() else f"{first.sum()} of {first.size} entries"
        told.append(f"{name} is off from step {steps[0] + 1} on, in {what} there")
    return f"{'; '.join(told)}."


def slip(kind: str, fix: str) -> Callable:
    """Enter a mistake by the trainings that it may lead to."""

    def enter(function: Callable[[], list[dict]]) -> Callable:
        trainings = [replace(Training(), **changes) for changes in function()]

        def mistake(name: str, given: object) -> np.ndarray | None:
            return closest(given, *(one.results[name] for one in trainings))

        mistake.__name__ = function.__name__
        repair_training.mistake(kind, fix)(mistake)
        return function

    return enter


@slip(
    "Only the gradient of the top layer is left.",
    "Add what each of the three layers gives: all of them use W and b.",
)
def top_layer_only():
    def first(parts, past):
        return parts[0]

    return [{"into_w": first, "into_b": first}, {"into_w": first}, {"into_b": first}]


@slip("The layers' parts are averaged.", "Add them: W and b move in all three layers at once.")
def averaged():
    def mean(parts, past):
        return sum(parts) / LAYERS

    return [{"into_w": mean, "into_b": mean}, {"into_w": mean}, {"into_b": mean}]


@slip(
    "W takes its step inside the backward pass, so that the layers below get their error through"
    " weights that have moved already.",
    "First all of dW and db, then one step.",
)
def stepped_within():
    return [{"within": True}]


@slip(
    "What is added to does not begin from 0: W or b itself, or ones, are in it.",
    "Begin from np.zeros_like(W) and np.zeros_like(b).",
)
def begun_elsewhere():
    def one(parts, past):
        return sum(parts) + 1

    def with_w(parts, past):
        return sum(parts) + W

    def with_b(parts, past):
        return sum(parts) + B

    return [{"into_w": one, "into_b": one}, {"into_w": with_w, "into_b": with_b}]


@slip("dW is transposed.", "It is what came in, transposed, times δ: hs[k].T @ delta.")
def transposed():
    return [{"into_w": lambda parts, past: sum(parts).T}]


@slip(
    "The weights' inputs are those of another layer.",
    "Each layer's δ meets what came into that layer, as it was given: hs[k].",
)
def other_layers():
    orders = (lambda hs: hs[:0:-1], lambda hs: hs[:-1])
    return [{"inputs": order} for order in orders]


@slip(
    "What goes down to the layer below is changed, or not taken through the weights.",
    "As it was given it is right: g = delta @ W.T.",
)
def back_changed():
    return [{"back": lambda delta, w: delta @ w}, {"back": lambda delta, w: delta}]


@slip(
    "The derivative is taken at the output, σ′(y), as if y went in once more.",
    "Since y is σ(a) already, σ′(a) is y * (1 − y).",
)
def rule_at_output():
    return [{"rule": lambda g, y, a: vjp(g, logistic, y)}]


@slip("g is not in the rule.", "Multiply what arrives, g, by y * (1 − y).")
def g_forgotten():
    return [{"rule": lambda g, y, a: y * (1 - y)}]


@slip(
    "The rule hands g on as it came, without the local derivative.",
    "Multiply g by y * (1 − y).",
)
def derivative_forgotten():
    return [{"rule": lambda g, y, a: g}]


@slip("1 − y² is the slope of tanh.", "The logistic function has y * (1 − y).")
def tanh_rule():
    return [{"rule": lambda g, y, a: g * (1 - y**2)}]


@slip(
    "Of the two factors of σ′ one is missing, stands twice, or is still in another value.",
    "Both are in y: y * (1 − y).",
)
def one_factor():
    rules = (lambda g, y, a: g * y, lambda g, y, a: g * (1 - y), lambda g, y, a: g * y * y)
    rules += (lambda g, y, a: g * a * (1 - y), lambda g, y, a: g * y * (1 - a))
    rules += (lambda g, y, a: g * y * (1 + y), lambda g, y, a: g / 4)
    return [{"rule": rule} for rule in rules]


@slip(
    "The parameters move up the gradient.",
    "The step is subtracted: W − rate * dW, b − rate * db.",
)
def climbs():
    return [{"rate": -RATE}]


@slip("The rate is another one, and the fault is not there.", "Leave it as it was given.")
def other_rate():
    return [{"rate": RATE * c} for c in (0.1, 0.01, 0.25, 0.5, 2, 10)]


@slip(
    "The error at the output, or how it is averaged, is another one. As it was given it is right.",
    "g begins as (hs[3] − T) / len(X).",
)
def other_error():
    factors = (2, len(X), 2 * len(X), 1 / len(X), 0.5, -1)
    return [{"error": lambda o, c=c: c * (o - T) / len(X)} for c in factors]


@slip("Each loss is taken after its step.", "Take it before: the first is that of the start.")
def after_step():
    return [{"late": True}]


@slip(
    "The losses are a multiple of what is gone down along.",
    "Half the squares, summed over a row, the mean over the rows.",
)
def other_losses():
    return [{"losses_times": c} for c in (2, 0.5, len(X), 2 * len(X), 1 / 3, 2 / 3)]
