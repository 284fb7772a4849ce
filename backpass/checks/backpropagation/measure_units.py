"""Predict, then measure: how many hidden units are left?"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property, wraps
from itertools import pairwise

import numpy as np

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import (
    EQUAL,
    Arrays,
    Gradient,
    Loss,
    T,
    X,
    descend,
    mean_error,
    softplus,
)
from backpass.checks.closest import closest, shape_of
from backpass.checks.errors import Wrong
from backpass.checks.remembered import by_value
from backpass.gradcheck import slope

RATE = 0.03
Unit = tuple[float, float, float]  # incoming weights (all alike), bias, outgoing weight


@dataclass(frozen=True)
class Start:
    """Some hidden units, how many steps they train, and how many are distinct afterwards."""

    name: str
    steps: int
    hidden: tuple[Unit, ...]
    units: int
    apart: bool = False  # does the backward pass that is handed over move the first unit apart?

    @property
    def kinds(self) -> list[Unit]:
        """The hidden units as the sheet's limit tells them apart."""
        return [tuple(round(value, 9) for value in unit) for unit in self.hidden]

    @cached_property
    def parameters(self) -> Arrays:
        """W1 (3, h), b1 (h,), W2 (h, 1), b2 (1,), V (3, 1) before training."""
        w_in, b, w_out = np.array(self.hidden, dtype=float).T
        start = {"W1": np.tile(w_in, (3, 1)), "b1": b, "W2": w_out[:, None], "b2": np.zeros(1)}
        return start | {"V": np.array([[0.2], [-0.1], [0.3]])}

    def last_loss(
        self, gradient: Gradient = slope, rate: float = RATE, steps: int | None = None
    ) -> float:
        """The loss after the last step of a gradient descent with these options."""
        steps = self.steps if steps is None else steps
        return descend(error, self.parameters, gradient, rate, steps + 1)["losses"][-1]

    @cached_property
    def loss(self) -> float:
        """The right loss after the last step."""
        return self.last_loss(first_apart if self.apart else slope)

    @property
    def args(self) -> list:
        """What the learner's function is called with."""
        return [self.backward, X, T, *self.parameters.values(), RATE, self.steps]

    @cached_property
    def backward(self) -> Callable:
        """A backward pass of the net."""

        @by_value
        def backward(X, T, W1, b1, W2, b2, V):
            p = {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "V": V}
            gradient = first_apart if self.apart else slope
            return tuple(gradient(lambda p: error_on(p, X, T), p).values())

        return backward


def first_apart(error: Loss, p: Arrays) -> Arrays:
    """A gradient in which the weights into the first unit get twice as much as they should."""
    g = slope(error, p)
    twice = 1 + (np.arange(p["W1"].shape[1]) == 0)
    return g | {"W1": g["W1"] * twice}


def outputs(p: Arrays) -> np.ndarray:
    """The outputs of the net, (n, 1)."""
    return run(p, X)


def run(p: Arrays, x: np.ndarray) -> np.ndarray:
    """The outputs for the inputs x."""
    return softplus(x @ p["W1"] + p["b1"]) @ p["W2"] + x @ p["V"] + p["b2"]


def error(p: Arrays) -> float:
    """Half the squared error of the net, the mean over the examples."""
    return mean_error(outputs(p), T)


KINDS = {"a": (0.5, 0.1, 0.5), "b": (-0.2, 0, 0.3), "c": (0.3, 0.2, -0.4)}
GROUPS = Start("groups of equal units", 5, tuple(KINDS[kind] for kind in "aaaaaaabbc"), units=3)
ALL_EQUAL = Start("all equal", 5, ((0.5, 0, 0.5),) * 7, units=1)
MIXED = Start(
    "equal units apart from each other",
    0,
    tuple({"a": (0.4, 0, 5), "b": (0.1, 0, 5)}[kind] for kind in "ababaa"),
    units=2,
)
CLOSE = Start("units that hardly differ", 0, ((0.4, 0, 5), (0.4, 0, 5 + 1e-6), (0.4, 0, 7)), 3)
OUTGOING = [(0, 5), (0, 5), (0, 7), (0, 9), (1, 5), (1, 7), (1, 7), (2, 7), (3, 2), (4, 2)]
#: Five kinds, as the sheet's limit, 1e-9, tells them apart; two of them lie near to each other.
AT_THE_LIMIT = Start(
    "units on both sides of the limit",
    0,
    (
        *((0.4, 0, 5), (0.4 + 3e-10, 0, 5)),
        *((0.4, 0, 7), (0.4, 3e-10, 7)),
        *((0.4, 0, 5 + 3e-9), (0.4, 0, 9), (0.4, 0, 11)),
    ),
    units=5,
)
EQUAL_INCOMING = Start(
    "equal incoming weights", 0, tuple((0.4, *pair) for pair in OUTGOING), units=8
)
#: With it is seen who does not train by what is handed over, or counts what was there before.
APART = Start("a backward pass that moves one unit apart", 5, GROUPS.hidden, units=4, apart=True)


#: What is predicted: each unit's incoming weights, bias and outgoing weight.
PREDICTED = {
    "a": Start("a", 5, ((0.5, 0, 0.5),) * 6, units=1),
    "b": Start("b", 5, tuple((0.5, 0, w / 10) for w in range(1, 7)), units=6),
    "c": Start("c", 5, ((0.5, 0, 0.5),) * 3 + ((-0.2, 0, -0.2),) * 3, units=2),
    "d": Start("d", 5, ((0.5, 0.001, 0.5),) + ((0.5, 0, 0.5),) * 5, units=2),
}


@exercise("Measure: how many hidden units are left?", section=EQUAL, points=4, kind="predict")
def measure_units(attempt):
    starts = [GROUPS, ALL_EQUAL, MIXED, EQUAL_INCOMING, CLOSE, AT_THE_LIMIT, APART]
    for output, label, weight in [("units", "how many units", 2), ("loss", "the loss", 2)]:
        told = {"not-trained-by-it"}.intersection(attempt.mistakes)  # with the units
        with attempt.part(label, weight=weight) as part:
            for start in part.each(starts, "{0.name}, {0.steps} steps"):
                right = {"units": start.units, "loss": start.loss}

                def of(name, given, start=start):
                    return [start, f"{name} apart" if start.apart else name, given]

                part.outputs(start.args, right, output, of=of, after=told)
            if output == "units":
                compare(attempt)


def compare(attempt) -> None:
    """Tell what the learner's own function finds in the four cases that were predicted."""
    with suppress(TypeError, ValueError, Wrong):
        predicted = tuple(attempt.prediction)
        for (case, start), number in zip(PREDICTED.items(), predicted, strict=True):
            units, _ = attempt.call(*start.args, outputs=("units", "loss"))
            attempt.compare(f"Units in case {case}", units.item(), number)


def losses(function: Callable[[Start], list[float]]) -> Callable:
    """A mistake in the training, from the losses that it may leave; they are worked out once."""
    once = cache(function)

    @wraps(function)
    def mistake(start: Start, output: str, given: object) -> np.ndarray | None:
        return closest(given, *once(start)) if output == "loss" else None

    return mistake


@measure_units.mistake(
    "It has not been trained by the `backward` that was handed over. Here that is one which moves"
    " one of several equal units apart.",
    "Take all gradients from backward(X, T, W1, b1, W2, b2, V) at every step, and count the units"
    " that are there after the last.",
)
def not_trained_by_it(start, output, given):
    if output == "units apart":
        return len(set(start.kinds))
    return start.last_loss() if output == "loss apart" else None


@measure_units.mistake(
    "Only incoming weights and biases are compared.",
    "To be the same, two units need equal outgoing weights too.",
)
def outgoing_ignored(start, output, given):
    return len({(w_in, b) for w_in, b, _ in start.kinds}) if output == "units" else None


@measure_units.mistake(
    "The biases of the hidden units are not compared.",
    "Put b1 into the comparison, as a row below W1.",
)
def bias_ignored(start, output, given):
    return len({(w_in, w_out) for w_in, _, w_out in start.kinds}) if output == "units" else None


@measure_units.mistake(
    "Only the incoming weights are compared.",
    "A unit also has a bias and outgoing weights: compare these too.",
)
def incoming_only(start, output, given):
    return len({w_in for w_in, _, _ in start.kinds}) if output == "units" else None


@measure_units.mistake(
    "These are rows of W1, and a row belongs to an input.",
    "A hidden unit is a column of W1: count columns.",
)
def rows_counted(start, output, given):
    if output != "units" or not start.steps:  # training tells the rows apart
        return None
    rows = len(start.parameters["W1"])
    return closest(given, rows, rows + 2)  # and those of biases and outgoing weights


@measure_units.mistake(
    "These are the distinct numbers in W1, or in all weights.",
    "Count whole units, columns of all that belongs to them.",
)
def entries_counted(start, output, given):
    if output != "units" or start is not GROUPS:
        return None
    in_w1 = 3 * len(KINDS)  # a number for each row and kind of column
    return closest(given, in_w1, in_w1 + 2 * len(KINDS))  # and biases and outgoing weights


@measure_units.mistake(
    "These are all hidden units. How many of them are distinct?",
    "Count a unit only if it is unlike all units before it.",
)
def all_counted(start, output, given):
    if output != "units" or start is AT_THE_LIMIT:  # there it is the limit that matters
        return None
    return len(start.hidden) if start.units < len(start.hidden) else None


@measure_units.mistake(
    "These are the units that are like one before them.", "Count the others: those that are unlike."
)
def twins_counted(start, output, given):
    more = len(start.hidden) - start.units
    return more if output == "units" and start.steps and more else None


@measure_units.mistake(
    "Each unit is compared with its neighbour only, but equal units need not stand side by side.",
    "Compare it with all units before it.",
)
def neighbours(start, output, given):
    if output != "units" or start is not MIXED:
        return None
    return 1 + sum(a != b for a, b in pairwise(start.kinds))


@measure_units.mistake(
    "Units that differ by more than 1e-9 are counted as one.", "Take the sheet's limit, 1e-9."
)
def coarse(start, output, given):
    near = output == "units" and start in (CLOSE, AT_THE_LIMIT)
    return start.units - 1 if near else None


@measure_units.mistake("These are pairs of equal units.", "Count the kinds of unit.")
def pairs(start, output, given):
    if output != "units":
        return None
    counts = Counter(start.kinds).values()
    return sum(n * (n - 1) // 2 for n in counts)


@measure_units.mistake(
    "This is the rank of the weights. Units may be distinct, and one a sum of others.",
    "Compare the units themselves, each with each.",
)
def rank(start, output, given):
    if output != "units" or start is not EQUAL_INCOMING:
        return None
    p = start.parameters
    return np.linalg.matrix_rank(np.vstack([p["W1"], p["b1"], p["W2"].T]))


@measure_units.mistake(
    "Only the outgoing weights are compared.", "A unit also has incoming ones and a bias."
)
def outgoing_only(start, output, given):
    return len({w_out for _, _, w_out in start.kinds}) if output == "units" else None


@measure_units.mistake("The parameters move up the gradient.", "Subtract the step.")
@losses
def climbs(start):
    return [start.last_loss(rate=-RATE)]


@measure_units.mistake(
    "These are the units without a twin.", "A group of equal units counts as one."
)
def no_twin(start, output, given):
    alone = list(Counter(start.kinds).values()).count(1)
    return alone if output == "units" and alone else None


@measure_units.mistake(
    "This is the loss before the last step.", "Run forward once more, after the last step."
)
def too_early(start, output, given):
    before = start.steps - 1
    return start.last_loss(steps=before) if output == "loss" and start.steps else None


@measure_units.mistake(
    "What leads into the outputs does not move, W2 and b2, or V, or all of it.",
    "All five parameters are trained.",
)
@losses
def outgoing_frozen(start):
    sets = [("W1", "b1"), ("W1", "b1", "V"), ("W1", "b1", "W2", "b2"), ("W1", "b1", "b2", "V")]
    return [start.last_loss(only(*names)) for names in sets]


def only(*names: str) -> Gradient:
    """A gradient along these parameters, the others held."""

    def gradient(error: Loss, p: Arrays) -> Arrays:
        return {name: g * (name in names) for name, g in slope(error, p).items()}

    return gradient


@measure_units.mistake(
    "Some biases do not move, b1, b2 or both.", "They are trained as well, each by its gradient."
)
@losses
def biases_frozen(start):
    sets = [("W1", "W2", "V"), ("W1", "W2", "V", "b1"), ("W1", "W2", "V", "b2")]
    return [start.last_loss(only(*names)) for names in sets]


@measure_units.mistake("W1 and b1 do not move.", "They are trained as well, each by its gradient.")
@losses
def incoming_frozen(start):
    return [start.last_loss(only("W2", "b2", "V")), start.last_loss(only("W2", "b2", "V", "b1"))]


@measure_units.mistake(
    "Nothing moves: this is the loss of the start.", "Keep what a step gives: W1 = W1 − rate * dW1."
)
@losses
def untrained(start):
    return [start.last_loss(steps=0)] if start.steps else []


@measure_units.mistake("One step too many is made.", "range(steps) has `steps` turns.")
@losses
def too_many(start):
    return [start.last_loss(steps=start.steps + 1)]


@measure_units.mistake(
    "The steps are twice as long.", "The loss has a ½, which cancels the square's 2."
)
@losses
def twice(start):
    return [start.last_loss(rate=2 * RATE)]


@measure_units.mistake(
    "The gradient is taken once, at the start, but it changes with every step.",
    "Call `backward` inside the loop, with the parameters of now.",
)
@losses
def gradient_once(start):
    def at_start(error: Loss, p: Arrays) -> Arrays:
        return slope(error, start.parameters)

    return [start.last_loss(at_start)]


@measure_units.mistake(
    "Each step sees one example.",
    "Give all of X and T to `backward`: full-batch descent takes their mean gradient.",
)
@losses
def one_example(start):
    p = start.parameters
    for step in range(start.steps):
        k = step % len(X)
        p = descend(lambda p, k=k: error_on(p, X[[k]], T[[k]]), p, slope, RATE, 1)
        p.pop("losses")
    return [error(p)]


def error_on(p: Arrays, x: np.ndarray, t: np.ndarray) -> float:
    """The error on other examples than X and T."""
    return mean_error(run(p, x), t)


@measure_units.mistake(
    "This loss is a sum over the examples, or has no ½.",
    "It is half the squares, their mean over the examples.",
)
def other_loss(start, output, given):
    factors = (2, len(X), 2 * len(X), 1 / len(X))
    if not output.startswith("loss"):
        return None
    return closest(given, *(c * start.loss for c in factors))


@measure_units.mistake(
    "A gradient is taken where other parameters have moved already: the first layer gets its error"
    " through the new W2, or the other way round.",
    "Take all gradients at one point, then step.",
)
@losses
def in_turn(start):
    def one_by_one(*names: str) -> Gradient:
        """Each parameter's gradient is taken after the step of those before it."""

        def gradient(error: Loss, p: Arrays) -> Arrays:
            found = {}
            for name in names:
                found[name] = slope(error, {k: p[k] - RATE * found.get(k, 0) for k in p})[name]
            return found

        return gradient

    def gradient(error: Loss, p: Arrays) -> Arrays:
        g = slope(error, p)
        delta, moved = slope(lambda y: mean_error(y, T), outputs(p)), p["W2"] - RATE * g["W2"]

        def below(first: Arrays) -> float:
            return np.sum(delta * (softplus(X @ first["W1"] + first["b1"]) @ moved))

        return g | slope(below, {name: p[name] for name in ("W1", "b1")})

    orders = [("W2", "b2", "V", "W1", "b1"), tuple(start.parameters)]
    return [start.last_loss(one) for one in (gradient, *(one_by_one(*names) for names in orders))]


@measure_units.mistake("The steps are those of a summed loss.", "The mean divides by n, once.")
@losses
def summed(start):
    return [start.last_loss(rate=len(X) * RATE)]


@measure_units.mistake(
    "The steps are not as long as the rate says that is given.",
    "Multiply each gradient by `rate`, and by no number of your own.",
)
@losses
def other_rate(start):
    return [start.last_loss(rate=rate) for rate in (0.1, 0.01, 1.0)] if start.steps else []


@measure_units.mistake(
    "Where the loss is worked out, the net is another one: without V or a bias, or with tanh.",
    "Y = log(1 + exp(X W₁ + b₁)) W₂ + X V + b₂, as in your backward pass.",
)
@losses
def other_forward(start):
    p = descend(error, start.parameters, slope, RATE, start.steps)
    without = [error(p | {name: 0 * p[name]}) for name in ("V", "b1", "b2")]
    hidden = np.tanh(X @ p["W1"] + p["b1"])
    return [*without, mean_error(hidden @ p["W2"] + X @ p["V"] + p["b2"], T)]


@measure_units.mistake(
    "Units that differ by less than 1e-9 are counted apart: a step may leave so much between equal"
    " ones.",
    "Take the sheet's limit, 1e-9, and neither a narrower one nor ==.",
)
def fine(start, output, given):
    if output != "units":
        return None
    if start is AT_THE_LIMIT:
        return len(start.hidden)
    trained = start.steps and shape_of(given) == ()
    return given if trained and start.units < given < len(start.hidden) else None
