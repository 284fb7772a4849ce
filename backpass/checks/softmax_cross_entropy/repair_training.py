"""A training loop of softmax regression to be mended: (X, T, rate, steps) → W, losses.

The losses are divergences KL(t ‖ o): the targets' entropy, which no weight moves, is not in them.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.errors import NotAttempted, Wrong
from backpass.checks.softmax_cross_entropy import _library as library
from backpass.checks.softmax_cross_entropy._inputs import (
    BATCH,
    INPUTS,
    LARGEST_CAP,
    STABLE,
    TARGETS,
    Case,
    hardmax,
    loss,
    near,
    outputs,
)

#: Features nobody rescaled. The last row is small: its logits lie far from those of the others.
RAW = np.array(
    [[200.0, 120, 30], [180, 150, 20], [190, 170, 60], [210, 140, 90], [160, 160, 40], [-90, 2, 1]]
)
RAW_TARGETS = np.eye(3)[[0, 0, 1, 2, 1, 2]]

SMALL_RATE, SMALL_STEPS, LARGE_RATE, LARGE_STEPS = 0.4, 5, 0.1, 6
N, K = TARGETS.shape
#: How far off rounding may leave what is trained on large features.
ROUNDING = 2e-11
WHY = "Section: “One example, one formula at a time”."
#: Limits at which logits may have been clipped.
CLIPS = (10, 20, 30, 50, 88, 100, 200, 300, 400, 500, 600, 700, 709)


class Trained(NamedTuple):
    """What the loop returns."""

    W: np.ndarray  # (d, k)
    losses: np.ndarray  # (steps,), each taken before its step


def at_logits(z: np.ndarray, t: np.ndarray) -> np.ndarray:
    """The gradient of the loss at the logits z, (n, k)."""
    return Case(z, t).gradient


def entropy(t: np.ndarray) -> float:
    """The entropy of the targets t (n, k), in nats, the mean over the rows."""
    return np.sum(library.entr(t)) / len(t)


def divergence(z: np.ndarray, t: np.ndarray) -> float:
    """What the loop notes: KL(t ‖ o) of logits z and targets t, both (n, k), the mean."""
    return loss(z, t) - entropy(t)


def descend(
    x: np.ndarray,
    t: np.ndarray,
    rate: float,
    steps: int,
    *,
    clip: float = np.inf,
    loss: Callable[[np.ndarray, np.ndarray], float] = divergence,
    delta: Callable[[np.ndarray, np.ndarray], np.ndarray] = at_logits,
) -> Trained:
    """Gradient descent from W = 0 on x (n, d) and t (n, k), with logits clipped at ±``clip``.

    The losses are ``loss(z, t)``; W goes down along what follows from ``delta(z, t)``, (n, k).
    """
    w, losses = np.zeros((x.shape[1], t.shape[1])), []
    for _ in range(steps):
        z = np.clip(x @ w, -clip, clip)
        losses.append(loss(z, t))
        # The gradient passes straight through the clip.
        w = w - rate * x.T @ delta(z, t)
    return Trained(w, np.array(losses))


def small(rate: float = SMALL_RATE, steps: int = SMALL_STEPS, **options) -> Trained:
    """What comes of small features."""
    return descend(INPUTS, TARGETS, rate, steps, **options)


@cache
def large(clip: float = np.inf) -> Trained:
    """What comes of large features, with the logits clipped at ±``clip``."""
    return descend(RAW, RAW_TARGETS, LARGE_RATE, LARGE_STEPS, clip=clip)


@exercise(
    "A training loop that says nan",
    points=4,
    kind="repair",
    exact=True,
    mistakes={
        "no-max-shift": (
            f"One large example alone makes W nan: a power overflows. {STABLE}",
            "Subtract from each row of logits its largest one before exp.",
        ),
        "global-max": (
            "One large example alone is right, several give nan in W: a row far below the others"
            f" underflows as a whole. {STABLE}",
            "Each row needs its own largest logit, not that of the batch.",
        ),
        "log-of-zero": (
            "A loss is ∞ or nan, though W is a number yet. An output underflows to 0, or was lost"
            f" before: what is the log of 0, and what is 0 times that? {STABLE}",
            "Form no o for the loss: log o = z − lse(z), with the largest logit taken out in lse.",
        ),
        "zero-times-log": (
            "A loss is nan where a target is 0, with small features too: there T log T is 0, and"
            " NumPy makes nan of 0 times log 0.",
            "Take the logarithm of np.where(T > 0, T, 1): what T multiplies is a number then, and 0"
            " times it is 0.",
        ),
        "nan-hidden": (
            "The nan is gone, but its cause is not: a number near 1e308 in the losses is what"
            f" nan_to_num makes of an infinity, and a 0 what it makes of nan. {STABLE}",
            "Take nan_to_num out, and log o = z − lse(z) in.",
        ),
        "clipped-logits": (
            "The logits are clipped. Beyond the limit the outputs are wrong, and the loop trains"
            f" towards something else. {STABLE}",
            "Take the clip out, and subtract the row's largest logit.",
        ),
        "changed": (
            "Right for small features, and different, without nan, for large ones. A repair keeps"
            f" what is computed. {STABLE}",
            "Take out what was added: clipping, rescaled features, nan_to_num, another rate. Only"
            " how o and the loss are computed is to change.",
        ),
    },
)
def repair_training(attempt):
    on_small = [INPUTS, TARGETS, SMALL_RATE, SMALL_STEPS]
    on_large = [RAW, RAW_TARGETS, LARGE_RATE, LARGE_STEPS]
    on_one = [RAW[:1], RAW_TARGETS[:1], LARGE_RATE, 3]
    with attempt.part("W, for small and for large features") as part:
        on_small_features(part, on_small, "W")
        w, _ = part.call(*on_one, outputs=Trained._fields)
        if np.any(np.isnan(w)):
            part.blame("no-max-shift", "W is nan, with one example that has large features.")
        w, _ = part.call(*on_large, outputs=Trained._fields)
        if np.any(np.isnan(w)):
            part.blame("global-max", "W is nan, with several examples; with one alone it is not.")
        if any(near(w, large(clip).W) for clip in CLIPS):
            part.blame("clipped-logits", "W is another for large features.")
        if not near(w, large().W):
            part.blame("changed", "W is another for large features.")
        part.expect(w, large().W, rounding=ROUNDING)
    with attempt.part("the losses, for small and for large features") as part:
        on_small_features(part, on_small, "losses")
        w, losses = part.call(*on_large, outputs=Trained._fields)
        right = large().losses
        if np.any(np.isnan(w)):  # it is lost in the second step, and two losses are noted before
            right = right[:2]
            _, losses = part.call(*on_large[:3], 2, outputs=Trained._fields)
        else:
            part.require(near(w, large().W), "They can only be right once W is.")
        if losses.shape == right.shape:
            top = np.max(np.abs(losses))
            if not np.isfinite(top):
                part.blame("log-of-zero", "Some losses are ∞ or nan.")
            if top > 1e300 or np.any(losses == 0):
                part.blame("nan-hidden", "Some losses are 0, or near 1e308.")
            if top < LARGEST_CAP < right.max():
                part.blame(
                    "epsilon",
                    f"No loss is above {top:.4g}; right is up to {right.max():.4g}.",
                )
        part.expect(losses, right, rounding=ROUNDING)


OTHER_LOOP = (
    "With small features nothing overflows, and what the loop of the sheet means can be seen; yours"
    " gives other numbers. Keep its start, its steps, its rate and its mean, and mend only those"
    " lines in which a number is lost."
)


def on_small_features(part, args: list, output: str) -> None:
    """End the part unless the loop keeps its results where nothing overflows."""

    def of(name, given):
        return [name, given]

    if output == "losses":
        _, losses = part.call(*args, outputs=Trained._fields, repeat=False)
        if np.all(np.isnan(losses)):  # there is a target of 0 in each of them
            part.blame("zero-times-log", "With small features, too, the losses are nan.")
    try:
        part.outputs(args, small()._asdict(), output, of=of, rows=False, rtol=1e-10, atol=1e-13)
    except Wrong as wrong:
        measured = wrong.mistake == "finite-differences"
        if output == "losses" and measured and wrong.mistake not in part.attempt.mistakes:
            part.blame("epsilon", wrong.where)  # W is right, and the losses are no derivative
        if wrong.mistake is not None or isinstance(wrong, NotAttempted):
            raise
        raise Wrong(f"{OTHER_LOOP} ({wrong.message})") from None


# What follows shows for small features already: in W, or in the losses.


@repair_training.mistake(
    "`rate` is not used: 0.1 seems to be written into the loop.",
    "Multiply the gradient by rate.",
)
def rate_ignored(output, _):
    return small(rate=0.1)._asdict()[output]


@repair_training.mistake(
    f"The gradient is summed over the examples. {BATCH}",
    "The mean divides by n: keep the division by len(X).",
)
def summed(output, _):
    return small(rate=SMALL_RATE * N)._asdict()[output]


@repair_training.mistake(
    f"The gradient is divided by n twice. {BATCH}",
    "Divide by len(X) once.",
)
def averaged_twice(output, _):
    return small(rate=SMALL_RATE / N)._asdict()[output]


@repair_training.mistake(
    f"The gradient is divided by the number of classes, or of entries. {BATCH}",
    "The mean is that over the examples: divide by len(X).",
)
def per_entry(output, given):
    rates = (SMALL_RATE / K, SMALL_RATE * N / K)
    return closest(given, *(small(rate=rate)._asdict()[output] for rate in rates))


@repair_training.mistake(
    "W moves up the gradient.",
    "Subtract the step.",
)
def climbs(output, _):
    return small(rate=-SMALL_RATE)._asdict()[output]


@cache
def with_constants(output: str) -> list[np.ndarray]:
    """What comes of small features if a constant is added to a sum, or inside the logarithm."""
    values = []
    for constant in (*np.logspace(-12, -3, 10), 5e-8):

        def delta(z, t, constant=constant):
            total = np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
            return Case(z, t).gradient_with(outputs(z) * total / (total + constant))

        def inside(z, t, constant=constant):
            return -np.sum(t * np.log(outputs(z) + constant)) / len(z) - entropy(t)

        def in_both(z, t, constant=constant):
            return np.sum(t * np.log((t + constant) / (outputs(z) + constant))) / len(z)

        def in_entropy(z, t, constant=constant):
            return loss(z, t) + np.sum(t * np.log(t + constant)) / len(z)

        def in_lse(z, t, constant=constant):
            total = np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1)
            return divergence(z, t) + np.mean(np.log1p(constant / total))

        values.append(small(delta=delta)._asdict()[output])
        if output == "losses":
            for one in (delta, at_logits):
                noted = (inside, in_both, in_entropy, in_lse)
                values += [small(loss=one_way, delta=one).losses for one_way in noted]
    return values


@repair_training.mistake(
    "A small number is added on the way, to a sum or inside the logarithm, or o is clipped or left"
    " out where it is 0: no loss can then exceed −log of it, and small ones are a little wrong."
    f" {STABLE}",
    "Leave it out: once the largest logit of each row is subtracted, no sum needs it, and log o = z"
    " − lse(z) needs none either.",
)
def epsilon(output, given):
    return closest(given, *with_constants(output))


@repair_training.mistake(
    "Each loss is taken after its step.",
    "Note it before W moves: the first is that of W = 0.",
)
def after_step(output, _):
    return small(steps=SMALL_STEPS + 1).losses[1:] if output == "losses" else None


@repair_training.mistake(
    "The number of steps is another.",
    "The loop has `steps` turns, and as many losses.",
)
def other_steps(output, given):
    counts = (SMALL_STEPS - 1, SMALL_STEPS + 1)
    return closest(given, *(small(steps=steps)._asdict()[output] for steps in counts))


@repair_training.mistake(
    f"The losses are summed over the examples. {BATCH}",
    "Divide by len(X).",
)
def summed_loss(output, _):
    return N * small().losses if output == "losses" else None


@repair_training.mistake(
    f"The losses are divided by all n·k entries, as np.mean does. {BATCH}",
    "The mean runs over the n examples only: sum over the classes.",
)
def loss_per_entry(output, _):
    return small().losses / K if output == "losses" else None


@repair_training.mistake(
    f"In the losses the largest logit is missing once. {STABLE}",
    "What is subtracted within lse is added outside: lse(z) = m + log Σ exp(z − m).",
)
def shift_once(output, given):
    def low(z, t):
        return divergence(z, t) - z.max(axis=1).mean()

    def high(z, t):
        return divergence(z, t) + z.max(axis=1).mean()

    return closest(given, *(small(loss=f).losses for f in (low, high))) if output != "W" else None


@repair_training.mistake(
    "The losses are those of one-hot targets (as by argmax), but some rows share their weight among"
    " several classes.",
    "Use T as it comes: Σ t log (t/o).",
)
def one_hot_assumed(output, given):
    def one_class(z, t):
        return loss(z, hardmax(t))

    def one_class_less_entropy(z, t):
        return loss(z, hardmax(t)) - entropy(t)

    noted = (one_class, one_class_less_entropy)
    return closest(given, *(small(loss=f).losses for f in noted)) if output == "losses" else None


@repair_training.mistake(
    "Only the losses of entries with a target above 0 are there, and not weighed by it.",
    "Multiply each log by T: the loss is Σ t log (t/o).",
)
def not_weighed(output, given):
    def only(z, t):
        return np.sum((np.log(np.where(t > 0, t, 1)) - library.log_softmax(z, axis=1))[t > 0])

    def no_entropy(z, t):
        return -np.sum(library.log_softmax(z, axis=1)[t > 0])

    noted = [small(loss=f).losses / N for f in (only, no_entropy)]
    noted += [noted[1] - entropy(TARGETS)]
    return closest(given, *noted) if output == "losses" else None


@repair_training.mistake(
    "These are the cross-entropies E. The loop of the sheet notes the divergence, which is E less"
    f" the entropy of the targets: another number where a target is shared. {WHY}",
    "Subtract H(t) = −Σ t log t, the mean over the rows; where a target is 0 it adds 0.",
)
def entropy_forgotten(output, _):
    return small(loss=loss).losses if output == "losses" else None


@repair_training.mistake(
    f"The entropy of the targets is added to E, where it is to be taken away. {WHY}",
    "log (t/o) is log t less log o: the loss is Σ t log t − Σ t log o.",
)
def entropy_added(output, _):
    return 2 * small(loss=loss).losses - small().losses if output == "losses" else None


@repair_training.mistake(
    f"The entropy of the targets is taken away as a sum over the rows, and E is a mean. {WHY}",
    "Take the mean over the rows of both: divide the sum of all of it by len(X).",
)
def entropy_summed(output, _):
    shift = (N - 1) * entropy(TARGETS)
    return small().losses - shift if output == "losses" else None


@cache
def at_other_rates() -> list[Trained]:
    """What comes of small features at other rates."""
    rates = [SMALL_RATE * c for c in (0.5, 0.1, 0.05, 0.01, 0.001, 1e-4, 2)]
    return [small(rate=rate) for rate in (*rates, 0.01, 1e-3, 1e-4, 1e-5, 1e-6)]


@repair_training.mistake(
    "The rate is another one. A lower rate makes the logits smaller and hides what loses a number.",
    "Keep the rate that is given.",
)
def other_rate(output, given):
    return closest(given, *(found._asdict()[output] for found in at_other_rates()))


@cache
def on_scaled_features() -> list[Trained]:
    """What comes of small features that are scaled first."""
    spread = INPUTS.std(axis=0)
    scaled = [INPUTS / c for c in (10, 100, 200, 255, 1000, np.abs(INPUTS).max(), INPUTS.max())]
    scaled += [(INPUTS - INPUTS.mean(axis=0)) / spread, INPUTS - INPUTS.mean(axis=0)]
    scaled += [INPUTS / spread, INPUTS / np.abs(INPUTS).max(axis=0), INPUTS / INPUTS.max(axis=0)]
    scaled += [INPUTS / np.linalg.norm(INPUTS, axis=1, keepdims=True)]
    return [descend(x, TARGETS, SMALL_RATE, SMALL_STEPS) for x in scaled]


@repair_training.mistake(
    "The features are rescaled. That is wise before a training, and here it hides what loses a"
    " number.",
    "Use X as it comes.",
)
def rescaled(output, given):
    return closest(given, *(found._asdict()[output] for found in on_scaled_features()))
