"""Descent on labels and outputs: (U, Z, rate, steps, stop) → labels, outputs, losses."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import scipy.special as library

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.softmax_cross_entropy._inputs import (
    BATCH,
    LABELS,
    TOGETHER,
    Z,
    loss,
    near,
    outputs,
    own_slope,
)
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
    logit_step: Callable[[np.ndarray, np.ndarray], np.ndarray] = at_logits,
    order: str = "together",
    loss: Callable[[np.ndarray, np.ndarray], float] = loss,
) -> Descent:
    """A descent from U and Z.

    ``label_step(u, z)`` is what the label logits go down along, ``logit_step(u, z)`` what the
    logits do. With the ``order`` ``"labels first"`` or ``"outputs first"`` the others' step starts
    from what has moved already. ``loss(z, t)`` is what is noted of each step.
    """
    u, z, losses = U, Z, []
    for _ in range(steps):
        losses.append(loss(z, outputs(u)))
        if order == "outputs first":
            z = z - rate * logit_step(u, z) * outputs_move
            u = u - rate * label_step(u, z) * labels_move
            continue
        moved = u - rate * label_step(u, z) * labels_move
        z = z - rate * logit_step(moved if order == "labels first" else u, z) * outputs_move
        u = moved
    return Descent(outputs(u), outputs(z), np.array(losses))


def right(stop: bool) -> Descent:
    """The descent as it is asked for."""
    return descend(labels_move=not stop)


@exercise("Then measure", points=4, kind="predict")
def measure_labels(attempt):
    for stop, label in [(True, "the labels stopped"), (False, "the labels free")]:
        with attempt.part(label) as part:

            def of(output, given, stop=stop):
                return stop, Descent._fields.index(output), given

            args = [U, Z, RATE, STEPS, stop]
            part.outputs(args, right(stop)._asdict(), of=of, batch=N, rtol=1e-10, atol=1e-13)


# Each mistake gives output ``i`` of the descent: 0 labels, 1 outputs, 2 losses.


@measure_labels.mistake(
    f"With stop=True the labels move all the same: their step is to be left out. {LABELS}"
)
def stop_ignored(stop, i, given):
    return right(False)[i] if stop else None


@measure_labels.mistake(
    f"With stop=False the labels do not move: they have a gradient too. {LABELS}"
)
def stop_always(stop, i, given):
    return None if stop else right(True)[i]


@measure_labels.mistake(
    "stop=True holds the classifier and lets the labels move; it is the labels that are to be"
    f" held. {LABELS}"
)
def outputs_stopped(stop, i, given):
    return descend(labels_move=True, outputs_move=not stop)[i]


def uphill(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Minus the gradient at the label logits, (n, k)."""
    return -at_label_logits(u, z)


@measure_labels.mistake(
    f"The labels climb: their gradient has the wrong sign, or their step is added. {LABELS}"
)
def labels_climb(stop, i, given):
    return descend(labels_move=not stop, label_step=uphill)[i]


def at_labels(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The gradient of the loss at the labels t = softmax(u), (n, k)."""
    return slope(lambda t: loss(z, t), outputs(u))


@measure_labels.mistake(
    f"u moves along −log o, the gradient at t. Go on through t = softmax(u). {LABELS}"
)
def chain_stopped(stop, i, given):
    return descend(labels_move=not stop, label_step=at_labels)[i]


def exchanged(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """t − o over n, minus the gradient at the logits, (n, k)."""
    return -at_logits(u, z)


@measure_labels.mistake(
    f"u moves by t − o, as if the loss were the same with labels and outputs exchanged. {LABELS}"
)
def swapped(stop, i, given):
    return descend(labels_move=not stop, label_step=exchanged)[i]


def first_term(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """−t log o over n, (n, k)."""
    return -outputs(u) * library.log_softmax(z, axis=1) / N


@measure_labels.mistake(
    f"u moves along −t log o; the second term of its gradient, + t Σ t log o, is missing. {LABELS}"
)
def no_second_term(stop, i, given):
    return descend(labels_move=not stop, label_step=first_term)[i]


@measure_labels.mistake(
    f"u moves along o − t. That is the gradient at the classifier's logits z, not at u. {LABELS}"
)
def logits_step(stop, i, given):
    return descend(labels_move=not stop, label_step=at_logits)[i]


def diagonal(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """−t(1 − t) log o over n, (n, k)."""
    return -own_slope(u) * library.log_softmax(z, axis=1) / N


@measure_labels.mistake(
    "u moves along −t(1 − t) log o: each label is followed to its own logit only. Raising one u_j"
    f" lowers the other labels too. {LABELS}"
)
def diagonal_only(stop, i, given):
    return descend(labels_move=not stop, label_step=diagonal)[i]


def added(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """t(−log o + E) over n, (n, k)."""
    return 2 * first_term(u, z) - at_label_logits(u, z)


@measure_labels.mistake(
    f"In the gradient of u the term with E has the wrong sign: t (−log o − E). {LABELS}"
)
def second_sign(stop, i, given):
    return descend(labels_move=not stop, label_step=added)[i]


def batch_mean(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """t(−log o − E) over n with the mean of the rows' E, (n, k)."""
    return first_term(u, z) - outputs(u) * loss(z, outputs(u)) / N


def batch_sum(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """t(−log o − E) over n with the sum of the rows' E, (n, k)."""
    return first_term(u, z) - outputs(u) * loss(z, outputs(u))


def other_axis(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """t(−log o − E) over n with E summed over the examples, (n, k)."""
    return first_term(u, z) - outputs(u) * first_term(u, z).sum(axis=0)


@measure_labels.mistake(
    "In the gradient of u, E is that of the whole batch, or of a column. Each row has its own, sum"
    f" over axis=1 with keepdims=True. {LABELS}"
)
def not_its_own(stop, i, given):
    steps = (batch_mean, batch_sum, other_axis)
    return closest(given, *(descend(labels_move=not stop, label_step=step)[i] for step in steps))


@measure_labels.mistake(
    "The outputs climb: the step of Z is rate times its gradient (o − t)/n, subtracted."
)
def outputs_climb(stop, i, given):
    slopes = (at_label_logits, uphill)
    return closest(given, *(descend(labels_move=not stop, logit_step=exchanged, label_step=step)[i]
                            for step in slopes))  # fmt: skip


def off_target(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """o(1 − t) over n, (n, k)."""
    return outputs(z) * (1 - outputs(u)) / N


@measure_labels.mistake(
    "Z moves along o(1 − t), one of the two parts of o − t = o(1 − t) − t(1 − o): what a class's"
    f" own target sends back is missing. {TOGETHER}"
)
def own_target_missing(stop, i, given):
    return descend(labels_move=not stop, logit_step=off_target)[i]


@measure_labels.mistake(
    "Z takes its step from labels that have moved already. Take both gradients at one point, then"
    " make both steps."
)
def one_after_the_other(stop, i, given):
    return descend(labels_move=not stop, order="labels first")[i]


@measure_labels.mistake(
    "U takes its step from outputs that have moved already. Take both gradients at one point, then"
    " make both steps."
)
def outputs_first(stop, i, given):
    return descend(labels_move=not stop, order="outputs first")[i]


@measure_labels.mistake(f"The gradients are those of a summed loss; the mean divides by n. {BATCH}")
def summed(stop, i, given):
    return descend(labels_move=not stop, rate=RATE * N)[i]


def labels_summed(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The gradient at the label logits of a loss that is summed over the rows, (n, k)."""
    return N * at_label_logits(u, z)


def logits_summed(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The gradient at the logits of a loss that is summed over the rows, (n, k)."""
    return N * at_logits(u, z)


@measure_labels.mistake(
    f"One of the two gradients is that of a summed loss: the mean divides both by n. {BATCH}"
)
def one_summed(stop, i, given):
    if stop:  # there is but one
        return None

    return closest(
        given,
        descend(labels_move=not stop, label_step=labels_summed)[i],
        descend(labels_move=not stop, logit_step=logits_summed)[i],
    )


@measure_labels.mistake(
    "The gradients are divided by the number of classes, or of entries: the mean runs over the n"
    f" examples. {BATCH}"
)
def per_entry(stop, i, given):
    k = U.shape[1]
    rates = (RATE / k, RATE * N / k)
    return closest(given, *(descend(labels_move=not stop, rate=rate)[i] for rate in rates))


def entropy(z: np.ndarray, t: np.ndarray) -> float:
    """Of the labels, the mean over the rows."""
    return library.entr(t).sum() / len(z)


def divergence(z: np.ndarray, t: np.ndarray) -> float:
    """KL(t‖o), the mean over the rows."""
    return loss(z, t) - entropy(z, t)


@measure_labels.mistake(
    "These are not the cross-entropies, −Σ t log o: the entropy −Σ t log t of the labels has to do"
    " with it, alone, or taken away as in KL(t‖o)."
)
def other_loss(stop, i, given):
    return closest(
        given, *(descend(labels_move=not stop, loss=f)[i] for f in (entropy, divergence))
    )


@measure_labels.mistake(
    "The losses are summed, or averaged over the classes too: the mean runs over the rows, and the"
    f" classes are added up. {BATCH}"
)
def loss_scale(stop, i, given):
    if i < 2:
        return None
    losses = right(stop).losses
    return closest(given, losses * N, losses / U.shape[1], losses / N)


@measure_labels.mistake("Each loss is taken after its step; the first is that of the start.")
def after_step(stop, i, given):
    longer = descend(labels_move=not stop, steps=STEPS + 1)
    return right(stop)._replace(losses=longer.losses[1:])[i]


@measure_labels.mistake("These are the logits; the labels and outputs are their softmax.")
def logits(stop, i, given):
    if i == 2:
        return None
    # Those of the start (labels that are stopped still have theirs), or those of the end.
    values = [(U, Z)[i]]
    if np.shape(given) == U.shape and near(outputs(np.asarray(given)), right(stop)[i]):
        values.append(given)
    return closest(given, *values)


@measure_labels.mistake("Labels and outputs are those before the last step; take them after it.")
def too_early(stop, i, given):
    shorter = descend(labels_move=not stop, steps=STEPS - 1)
    return shorter._replace(losses=right(stop).losses)[i]


@measure_labels.mistake("One step too many is made.")
def steps(stop, i, given):
    return descend(labels_move=not stop, steps=STEPS + 1)[i]
