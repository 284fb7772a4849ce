"""Weighted classes, ignored examples: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.softmax_cross_entropy.answers import SLIPS, by_log, rows
from scipy.special import log_softmax

from backpass.checks.softmax_cross_entropy import logit_gradient

LEFT_OUT = {
    "off-target", "one-hot-assumed", "per-class", "all-entries", "parentheses", "smoothed-again",
    "targets-only", "squared-error", "sigmoid-error",
}  # fmt: skip


def kept(y):
    return (y >= 0)[:, None] * 1.0


def hot(Z, y):
    return np.eye(Z.shape[1])[y]


def own(y, weights):
    return kept(y) * weights[y][:, None]


def as_targets(slip):
    """A slip of (z, t) on targets that make the weighted mean a plain one."""

    def answer(Z, y, weights):
        w = own(y, weights)
        return slip(Z, len(Z) * w * hot(Z, y) / w.sum())

    return answer


def divided(by):
    """Right but for what it is divided by, a function of y and the weights."""

    def answer(Z, y, weights):
        return own(y, weights) * (rows(Z) - hot(Z, y)) / by(y, weights)

    return answer


def answer(Z, y, weights):
    return divided(lambda y, weights: own(y, weights).sum())(Z, y, weights)


WRONG = {slug: as_targets(slip) for slug, slip in SLIPS.items() if slug not in LEFT_OUT} | {
    "sign": lambda *args: -answer(*args),
    "last-class": lambda Z, y, weights: (
        weights[y][:, None] * (rows(Z) - hot(Z, y)) / weights[y].sum()
    ),
    "ignored-push": lambda Z, y, weights: (
        weights[y][:, None] * (rows(Z) - kept(y) * hot(Z, y)) / own(y, weights).sum()
    ),
    "in-the-sum": divided(lambda y, weights: weights[y].sum()),
    "over-count": divided(lambda y, weights: len(y)),
    "undivided": divided(lambda y, weights: 1),
    "over-classes": divided(lambda y, weights: weights.sum()),
    "weights-forgotten": lambda Z, y, weights: kept(y) * (rows(Z) - hot(Z, y)) / np.sum(y >= 0),
    "by-column": lambda Z, y, weights: (
        kept(y) * (rows(Z) - hot(Z, y)) * weights / own(y, weights).sum()
    ),
    "target-only": lambda Z, y, weights: (
        kept(y) * (rows(Z) - weights[y][:, None] * hot(Z, y)) / own(y, weights).sum()
    ),
    "weights-twice": lambda Z, y, weights: own(y, weights) * answer(Z, y, weights),
    "loss": lambda Z, y, weights: -np.sum(log_softmax(Z, axis=1) * hot(Z, y), axis=1) * (y >= 0),
    "over-examples": lambda *args: answer(*args).sum(axis=0),
}


def by_loops(Z, y, weights):
    gradient, total = np.zeros_like(Z), 0.0
    for r, label in enumerate(y):
        if label < 0:
            continue
        gradient[r] = weights[label] * rows(Z[r : r + 1])[0]
        gradient[r, label] -= weights[label]
        total += weights[label]
    return gradient / total


def by_exponentials(Z, y, weights):
    w = own(y, weights)
    return w * (by_log(Z) - hot(Z, y)) / w.sum()


RIGHT = [answer, by_loops, by_exponentials]

NEARLY = [lambda Z, y, weights: answer(np.clip(Z, -600, 600), y, weights)]


class TestLogitGradient(contract.Exercise):
    check = logit_gradient
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_the_plain_mean_of_the_chapter_is_named():
    def chapter(Z, y, weights):
        return (rows(Z) - hot(Z, y)) / len(Z)

    assert "weights-forgotten" in logit_gradient(chapter).mistakes


@pytest.mark.parametrize("weight", [lambda y, w: w[y], lambda y, w: np.where(y < 0, 1.0, w[y])])
def test_an_example_without_a_target_that_still_pushes_is_named_whatever_it_weighs(weight):
    def pushes(Z, y, weights):
        w = weight(y, weights)[:, None]
        return w * (rows(Z) - kept(y) * hot(Z, y)) / w.sum()

    assert logit_gradient(pushes).mistakes == ("ignored-push",)


def test_the_weights_of_the_classes_in_the_divisor_are_no_factor_of_two():
    def once_each(Z, y, weights):
        return own(y, weights) * (rows(Z) - hot(Z, y)) / weights.sum()

    assert logit_gradient(once_each).mistakes == ("over-classes",)


def test_a_slip_in_the_mean_is_paid_for_once():
    among_those_that_count = divided(lambda y, weights: np.sum(y >= 0))
    slugs = ("over-count", "over-classes", "undivided", "sign")
    for slug in slugs:
        score = logit_gradient(WRONG[slug])
        assert (score, score.mistakes) == (3, (slug,)), score.feedback
    score = logit_gradient(among_those_that_count)
    assert (score, score.mistakes) == (3, ("over-count",)), score.feedback


def test_who_leaves_the_weights_out_has_nothing():
    assert logit_gradient(WRONG["weights-forgotten"]) == 0
