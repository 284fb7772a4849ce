"""Then measure."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

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
)
from backpass.gradcheck import slope

RATE = 0.1
Unit = tuple[float, float, float]  # incoming weights (all alike), bias, outgoing weight


@dataclass(frozen=True)
class Start:
    """Six hidden units, how many steps they train, and how many are distinct afterwards."""

    name: str
    steps: int
    hidden: tuple[Unit, ...]
    units: int

    @cached_property
    def parameters(self) -> Arrays:
        """W1 (3, 6), b1 (6,), W2 (6, 1), b2 (1,) before training."""
        w_in, b, w_out = np.array(self.hidden, dtype=float).T
        return {"W1": np.tile(w_in, (3, 1)), "b1": b, "W2": w_out[:, None], "b2": np.zeros(1)}

    def last_loss(
        self, gradient: Gradient = slope, rate: float = RATE, steps: int | None = None
    ) -> float:
        """The loss after the last step of a gradient descent with these options."""
        steps = self.steps if steps is None else steps
        return descend(error, self.parameters, gradient, rate, steps + 1)["losses"][-1]

    @cached_property
    def loss(self) -> float:
        """The right loss after the last step."""
        return self.last_loss()


def outputs(p: Arrays) -> np.ndarray:
    """The outputs of the net, (n, 1)."""
    return np.tanh(X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]


def error(p: Arrays) -> float:
    """Half the squared error of the net, the mean over the examples."""
    return mean_error(outputs(p), T)


GROUPS = Start("two groups", 5, ((0.5, 0.1, 0.5),) * 3 + ((-0.2, 0, 0.3),) * 3, units=2)
ALL_EQUAL = Start("all equal", 5, ((0.5, 0, 0.5),) * 6, units=1)
EQUAL_INCOMING = Start(
    "equal incoming weights",
    0,
    tuple((0.4, *pair) for pair in [(0, 5), (0, 5), (0, 7), (0, 9), (1, 5), (1, 7)]),
    units=5,
)


@exercise("Then measure", section=EQUAL, points=3, kind="predict")
def measure_units(attempt):
    starts = [GROUPS, ALL_EQUAL, EQUAL_INCOMING]
    for output, label, weight in [("units", "how many units", 1), ("loss", "the loss", 2)]:
        with attempt.part(label, weight=weight) as part:
            for start in part.each(starts, "{0.name}, {0.steps} steps"):
                args = [X, T, *start.parameters.values(), RATE, start.steps]
                right = {"units": start.units, "loss": start.loss}
                part.outputs(args, right, output, of=[start])


@measure_units.mistake(
    "Only incoming weights and biases are compared. To be the same, two units need equal outgoing"
    " weights too."
)
def outgoing_ignored(start, output):
    return len({(w_in, b) for w_in, b, _ in start.hidden}) if output == "units" else None


@measure_units.mistake("The biases of the hidden units are not compared.")
def bias_ignored(start, output):
    return len({(w_in, w_out) for w_in, _, w_out in start.hidden}) if output == "units" else None


@measure_units.mistake(
    "Only the incoming weights are compared; a unit also has a bias and outgoing weights."
)
def incoming_only(start, output):
    return len({w_in for w_in, _, _ in start.hidden}) if output == "units" else None


@measure_units.mistake(
    "These are rows of W1, and a row belongs to an input. A hidden unit is a column of W1."
)
def rows_counted(start, output):
    trained = output == "units" and start.steps
    return len(start.parameters["W1"]) if trained else None  # training tells the rows apart


@measure_units.mistake("These are the distinct numbers in W1; count whole units.")
def entries_counted(start, output):
    return 3 * 2 if output == "units" and start is GROUPS else None  # 3 rows, 2 kinds of column


@measure_units.mistake("The parameters move up the gradient: the step is subtracted.")
def climbs(start, output):
    return start.last_loss(rate=-RATE) if output == "loss" else None


@measure_units.mistake("These are the units without a twin. A group of equal units counts as one.")
def no_twin(start, output):
    return list(Counter(start.hidden).values()).count(1) if output == "units" else None


@measure_units.mistake("This is the loss before the last step; take it after.")
def too_early(start, output):
    before = start.steps - 1
    return start.last_loss(steps=before) if output == "loss" and start.steps else None


@measure_units.mistake("W2 and b2 do not move; they are trained as well.")
def outgoing_frozen(start, output):
    def gradient(error: Loss, p: Arrays) -> Arrays:
        return {name: g * name.endswith("1") for name, g in slope(error, p).items()}

    return start.last_loss(gradient) if output == "loss" else None


@measure_units.mistake(
    "The first layer gets its error through a W2 that has moved already. Take all gradients at one"
    " point, then step."
)
def in_turn(start, output):
    def gradient(error: Loss, p: Arrays) -> Arrays:
        g = slope(error, p)
        delta, moved = slope(lambda y: mean_error(y, T), outputs(p)), p["W2"] - RATE * g["W2"]

        def below(first: Arrays) -> float:
            return np.sum(delta * (np.tanh(X @ first["W1"] + first["b1"]) @ moved))

        return g | slope(below, {name: p[name] for name in ("W1", "b1")})

    return start.last_loss(gradient) if output == "loss" else None


@measure_units.mistake("The steps are those of a summed loss; the mean divides by n.")
def summed(start, output):
    return start.last_loss(rate=len(X) * RATE) if output == "loss" else None
