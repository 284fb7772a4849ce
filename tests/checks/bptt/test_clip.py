"""Clip the norm, keep the direction: see :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.bptt import clip


def norm_of(gradients):
    return np.sqrt(sum(np.sum(g**2) for g in gradients))


def scaled(factor):
    def answer(gradients, threshold):
        return tuple(g * factor(gradients, threshold) for g in gradients)

    return answer


def at_most(measure):
    return scaled(lambda gs, c: min(1.0, c / measure(gs)) if measure(gs) else 1.0)


def as_one_vector(gradients, threshold):
    flat = np.concatenate([g.ravel() for g in gradients])
    flat = flat / max(1.0, np.linalg.norm(flat) / threshold)
    ends = np.cumsum([g.size for g in gradients])
    pieces = np.split(flat, ends[:-1])
    return [piece.reshape(g.shape) for piece, g in zip(pieces, gradients, strict=True)]


WRONG = {
    "elementwise": lambda gs, c: tuple(np.clip(g, -c, c) for g in gs),
    "each-array": lambda gs, c: [at_most(norm_of)([g], c)[0] for g in gs],
    "squared": at_most(lambda gs: norm_of(gs) ** 2),
    "norms-added": at_most(lambda gs: sum(norm_of([g]) for g in gs)),
    "largest": at_most(lambda gs: max(abs(g).max() for g in gs)),
    "inverted": scaled(lambda gs, c: norm_of(gs) / c if norm_of(gs) > c else 1.0),
    "unit": scaled(lambda gs, c: 1 / norm_of(gs) if norm_of(gs) > c else 1.0),
    "upper": lambda gs, c: [np.minimum(g, c) for g in gs],
    "as-given": scaled(lambda gs, c: 1.0),
    "absolute": at_most(lambda gs: sum(abs(g).sum() for g in gs)),
    "one-array": at_most(lambda gs: max(norm_of([g]) for g in gs)),
    "mean": at_most(lambda gs: np.sqrt(np.mean(np.concatenate([g.ravel() for g in gs]) ** 2))),
    "other-factor": scaled(lambda gs, c: min(1, c / norm_of(gs)) ** 2 if norm_of(gs) else 1.0),
    "always": scaled(lambda gs, c: c / norm_of(gs) if norm_of(gs) else 1.0),
    "nan": lambda gs, c: [g / norm_of(gs) * min(c, norm_of(gs)) for g in gs],
}

RIGHT = [
    at_most(norm_of),
    lambda *args: list(at_most(norm_of)(*args)),
    as_one_vector,
    lambda gs, c: [g * np.minimum(1, c / norm_of(gs)) for g in gs],
    scaled(lambda gs, c: min(1, c / (norm_of(gs) + 1e-6))),
    lambda gs, c: (one for one in at_most(norm_of)(gs, c)),
]

#: Answers that are right on most inputs.
NEARLY = [
    at_most(lambda gs: norm_of(gs[:2])),
    at_most(lambda gs: norm_of(gs) + 1e-4),
    scaled(lambda gs, c: 1.0),
    lambda gs, c: at_most(norm_of)(gs, c)[::-1],
]


class TestClip(contract.Exercise):
    check = clip
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_part_of_the_work():
    assert clip(WRONG["always"]) == 2


def test_blames_no_slip_that_was_not_made():
    by_the_first = at_most(lambda gs: norm_of(gs[:1]))  # as if it had been scaled by its own
    assert clip(by_the_first).mistakes == ("one-array",)
