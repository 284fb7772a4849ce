"""A training loop of softmax regression to be mended: (X, T, rate, steps) → W, losses."""

from functools import cache
from typing import NamedTuple

import numpy as np

from backpass.checks import exercise
from backpass.checks.softmax_cross_entropy._inputs import (
    BATCH,
    GLOBAL_MAX,
    INPUTS,
    LARGEST_CAP,
    STABLE,
    TARGETS,
    loss,
    near,
)
from backpass.gradcheck import slope

#: Features nobody rescaled. The last row is small: its logits lie far from those of the others.
RAW = np.array(
    [[200.0, 120, 30], [180, 150, 20], [190, 170, 60], [210, 140, 90], [160, 160, 40], [-90, 2, 1]]
)
RAW_TARGETS = np.eye(3)[[0, 0, 1, 2, 1, 2]]

SMALL_RATE, SMALL_STEPS, LARGE_RATE, LARGE_STEPS = 0.3, 5, 0.1, 6
N = len(INPUTS)
#: Limits at which logits may have been clipped.
CLIPS = (10, 20, 30, 50, 88, 100, 200, 300, 400, 500, 600, 700, 709)


class Trained(NamedTuple):
    """What the loop returns."""

    W: np.ndarray  # (d, k)
    losses: np.ndarray  # (steps,), each taken before its step


def descend(x: np.ndarray, t: np.ndarray, rate: float, steps: int, clip: float = np.inf) -> Trained:
    """Gradient descent from W = 0 on x (n, d) and t (n, k), with logits clipped at ±``clip``."""
    w, losses = np.zeros((x.shape[1], t.shape[1])), []
    for _ in range(steps):
        z = np.clip(x @ w, -clip, clip)
        losses.append(loss(z, t))
        # The gradient passes straight through the clip.
        w = w - rate * slope(lambda v, w=w, z=z: loss(z + x @ (v - w), t), w)
    return Trained(w, np.array(losses))


@cache
def small(rate: float = SMALL_RATE, steps: int = SMALL_STEPS) -> Trained:
    """What comes of small features."""
    return descend(INPUTS, TARGETS, rate, steps)


@cache
def large(clip: float = np.inf) -> Trained:
    """What comes of large features, with the logits clipped at ±``clip``."""
    return descend(RAW, RAW_TARGETS, LARGE_RATE, LARGE_STEPS, clip)


@exercise(
    "A training loop that says nan",
    points=4,
    kind="repair",
    mistakes={
        "no-max-shift": f"One large example alone makes W nan: exp overflows. {STABLE}",
        "global-max": f"One large example alone is right, several give nan in W. {GLOBAL_MAX}",
        "log-of-zero": "W is right now; the losses are not. An output underflows to 0, and the log"
        f" of 0 is −∞ (times a target of 0 it is nan). Take log o = z − lse(z). {STABLE}",
        "nan-hidden": "The nan is gone, but its cause is not: a number near 1e308 in the losses"
        f" is what nan_to_num makes of an infinity. {STABLE}",
        "epsilon": "W is right, the losses are capped: a small number is added inside the logarithm"
        f" or o is clipped, so no loss can exceed −log of it. log o = z − lse(z) needs none."
        f" {STABLE}",
        "clipped-logits": "The logits are clipped. Beyond the limit the outputs are wrong, and the"
        f" loop trains towards something else. Subtract the row's largest logit. {STABLE}",
        "changed": "Right for small features, and different, without nan, for large ones. A repair"
        " keeps what is computed: no clipping, no rescaled features, no nan_to_num, no other rate."
        f" {STABLE}",
    },
)
def repair_training(attempt):
    on_small = [INPUTS, TARGETS, SMALL_RATE, SMALL_STEPS]
    on_large = [RAW, RAW_TARGETS, LARGE_RATE, LARGE_STEPS]
    on_one = [RAW[:1], RAW_TARGETS[:1], LARGE_RATE, 3]
    with attempt.part("W, for small and for large features") as part:
        w, _ = part.call(*on_small, outputs=Trained._fields)
        part.expect(w, small().W, of=["W"])
        w, _ = part.call(*on_one, outputs=Trained._fields)
        if np.any(np.isnan(w)):
            part.blame("no-max-shift")
        w, _ = part.call(*on_large, outputs=Trained._fields)
        if np.any(np.isnan(w)):
            part.blame("global-max")
        if any(near(w, large(clip).W) for clip in CLIPS):
            part.blame("clipped-logits")
        if not near(w, large().W):
            part.blame("changed")
        part.expect(w, large().W)
    with attempt.part("the losses, for small and for large features") as part:
        _, losses = part.call(*on_small, outputs=Trained._fields)
        part.expect(losses, small().losses, of=["losses"])
        w, losses = part.call(*on_large, outputs=Trained._fields)
        part.require(near(w, large().W), "They can only be right once W is.")
        if losses.shape == large().losses.shape:
            top = np.max(np.abs(losses))
            if not np.isfinite(top):
                part.blame("log-of-zero")
            if top > 1e300:
                part.blame("nan-hidden")
            if top < LARGEST_CAP:
                part.blame("epsilon")
        part.expect(losses, large().losses)


# What follows shows for small features already: in W, or in the losses.


@repair_training.mistake("`rate` is not used: 0.1 seems to be written into the loop.")
def rate_ignored(output):
    return small(rate=0.1).W if output == "W" else None


@repair_training.mistake(
    f"The gradient is summed over the examples; the mean divides by n. {BATCH}"
)
def summed(output):
    return small(rate=SMALL_RATE * N).W if output == "W" else None


@repair_training.mistake(f"The gradient is divided by n twice. {BATCH}")
def averaged_twice(output):
    return small(rate=SMALL_RATE / N).W if output == "W" else None


@repair_training.mistake("W moves up the gradient: the step is subtracted.")
def climbs(output):
    return small(rate=-SMALL_RATE).W if output == "W" else None


@repair_training.mistake("Each loss is taken after its step; the first should be that of W = 0.")
def after_step(output):
    return small(steps=SMALL_STEPS + 1).losses[1:] if output == "losses" else None


@repair_training.mistake(f"The losses are summed over the examples; the mean divides by n. {BATCH}")
def summed_loss(output):
    return N * small().losses if output == "losses" else None
