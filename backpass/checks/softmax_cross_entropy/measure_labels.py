"""Descent on labels and outputs: (U, Z, rate, steps, stop) → labels, outputs, losses."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import scipy.special as library

from backpass.checks import exercise
from backpass.checks.softmax_cross_entropy._inputs import BATCH, LABELS, Z, loss, outputs
from backpass.gradcheck import slope

#: Label logits of four examples.
U = np.array([[1.0, 0.0, 0.2], [0.0, 0.5, -0.4], [0.3, -0.6, 0.1], [0.0, 0.9, 0.4]])
N, RATE, STEPS = len(U), 1.5, 6


class Descent(NamedTuple):
    """What a descent returns."""

    labels: np.ndarray  # (n, k), after the last step
    outputs: np.ndarray  # (n, k), after the last step
    losses: np.ndarray  # (steps,), each taken before its step


def at_label_logits(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The gradient of the loss at the label logits u, (n, k)."""
    return slope(lambda u: loss(z, outputs(u)), u)


def at_logits(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The gradient of the loss at the logits z, (n, k)."""
    return slope(lambda z: loss(z, outputs(u)), z)


@cache
def descend(
    *,
    labels_move: bool,
    outputs_move: bool = True,
    rate: float = RATE,
    steps: int = STEPS,
    label_step: Callable[[np.ndarray, np.ndarray], np.ndarray] = at_label_logits,
    together: bool = True,
) -> Descent:
    """A descent from U and Z.

    ``label_step(u, z)`` is what the label logits go down along. Unless ``together``, the logits
    go down the gradient at labels that have made their step already.
    """
    u, z, losses = U, Z, []
    for _ in range(steps):
        losses.append(loss(z, outputs(u)))
        moved = u - rate * label_step(u, z) * labels_move
        z = z - rate * at_logits(u if together else moved, z) * outputs_move
        u = moved
    return Descent(outputs(u), outputs(z), np.array(losses))


def right(stop: bool) -> Descent:
    """The descent as it is asked for."""
    return descend(labels_move=not stop)


@exercise("Then measure", points=4, kind="predict")
def measure_labels(attempt):
    for stop, label in [(True, "the labels stopped"), (False, "the labels free")]:
        with attempt.part(label) as part:

            def of(output, _, stop=stop):
                return stop, Descent._fields.index(output)

            part.outputs([U, Z, RATE, STEPS, stop], right(stop)._asdict(), of=of)


# Each mistake gives output ``i`` of the descent: 0 labels, 1 outputs, 2 losses.


@measure_labels.mistake(
    f"With stop=True the labels move all the same: their step is to be left out. {LABELS}"
)
def stop_ignored(stop, i):
    return right(False)[i] if stop else None


@measure_labels.mistake(
    f"With stop=False the labels do not move: they have a gradient too. {LABELS}"
)
def stop_always(stop, i):
    return None if stop else right(True)[i]


@measure_labels.mistake(
    "stop=True holds the classifier and lets the labels move; it is the labels that are to be"
    f" held. {LABELS}"
)
def outputs_stopped(stop, i):
    return descend(labels_move=True, outputs_move=not stop)[i]


def uphill(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Minus the gradient at the label logits, (n, k)."""
    return -at_label_logits(u, z)


@measure_labels.mistake(
    f"The labels climb: their gradient has the wrong sign, or their step is added. {LABELS}"
)
def labels_climb(stop, i):
    return descend(labels_move=not stop, label_step=uphill)[i]


def at_labels(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The gradient of the loss at the labels t = softmax(u), (n, k)."""
    return slope(lambda t: loss(z, t), outputs(u))


@measure_labels.mistake(
    f"u moves along −log o, the gradient at t. Go on through t = softmax(u). {LABELS}"
)
def chain_stopped(stop, i):
    return descend(labels_move=not stop, label_step=at_labels)[i]


def exchanged(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """t − o over n, minus the gradient at the logits, (n, k)."""
    return -at_logits(u, z)


@measure_labels.mistake(
    f"u moves by t − o, as if the loss were the same with labels and outputs exchanged. {LABELS}"
)
def swapped(stop, i):
    return descend(labels_move=not stop, label_step=exchanged)[i]


def first_term(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """−t log o over n, (n, k)."""
    return -outputs(u) * library.log_softmax(z, axis=1) / N


@measure_labels.mistake(
    f"u moves along −t log o; the second term of its gradient, + t Σ t log o, is missing. {LABELS}"
)
def no_second_term(stop, i):
    return descend(labels_move=not stop, label_step=first_term)[i]


@measure_labels.mistake(
    "Z takes its step from labels that have moved already. Take both gradients at one point, then"
    " make both steps."
)
def one_after_the_other(stop, i):
    return descend(labels_move=not stop, together=False)[i]


@measure_labels.mistake(f"The gradients are those of a summed loss; the mean divides by n. {BATCH}")
def summed(stop, i):
    return descend(labels_move=not stop, rate=RATE * N)[i]


@measure_labels.mistake("Each loss is taken after its step; the first is that of the start.")
def after_step(stop, i):
    longer = descend(labels_move=not stop, steps=STEPS + 1)
    return right(stop)._replace(losses=longer.losses[1:])[i]


@measure_labels.mistake("These are the logits; the labels and outputs are their softmax.")
def logits(stop, i):
    # Those of the start: labels that are stopped still have theirs.
    return Descent(U, Z, right(stop).losses)[i]


@measure_labels.mistake("Labels and outputs are those before the last step; take them after it.")
def too_early(stop, i):
    shorter = descend(labels_move=not stop, steps=STEPS - 1)
    return shorter._replace(losses=right(stop).losses)[i]


@measure_labels.mistake("One step too many is made.")
def steps(stop, i):
    return descend(labels_move=not stop, steps=STEPS + 1)[i]
