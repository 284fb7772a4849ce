"""Blocks that can be undone: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.residual_networks import undo_blocks
from backpass.checks.residual_networks.undo_blocks import MANY


def f(x, a):
    return np.maximum(x @ a, 0)


def back(step, blocks=lambda A: A[::-1]):
    """Undo blocks, with ``step(x, v, a, gamma)`` for each."""

    def answer(X, V, A, gamma):
        for a in blocks(A):
            X, V = step(X, V, a, gamma)
        return X, V

    return answer


def undone(x, v, a, gamma):
    return x - v, (v - f(x - v, a)) / gamma


def v_first(x, v, a, gamma):
    v = (v - f(x, a)) / gamma
    return x - v, v


def forward(X, V, A, gamma):
    for a in A:
        V = gamma * V + f(X, a)
        X = X + V
    return X, V


def recursive(X, V, A, gamma):
    if not len(A):
        return X, V
    X = X - V
    return recursive(X, (V - f(X, A[-1])) / gamma, A[:-1], gamma)


WRONG = {
    "v-first": back(v_first),
    "other-gamma": lambda X, V, A, gamma: back(undone)(X, V, A, 0.5),
    "old-x": back(lambda x, v, a, c: (x - v, (v - f(x, a)) / c)),
    "gamma-forgotten": back(lambda x, v, a, c: (x - v, v - f(x - v, a))),
    "gamma-elsewhere": back(lambda x, v, a, c: (x - v, v / c - f(x - v, a))),
    "added": back(lambda x, v, a, c: (x - v, (v + f(x - v, a)) / c)),
    "relu-forgotten": back(lambda x, v, a, c: (x - v, (v - (x - v) @ a) / c)),
    "block-forgotten": back(lambda x, v, a, c: (x - v, v / c)),
    "turned": back(lambda x, v, a, c: (x - v, (v - f(x - v, a.T)) / c)),
    "other-walk": back(undone, lambda A: A),
    "one-block": back(undone, lambda A: A[-1:]),
    "first-left": back(undone, lambda A: A[:0:-1]),
    "forward": forward,
    "order": lambda *args: back(undone)(*args)[::-1],
}


class TestUndoBlocks(contract.Exercise):
    check = undo_blocks
    wrong = WRONG
    right = (back(undone), recursive)
    nearly = (
        lambda X, V, A, gamma: back(undone)(X, V, A[-2:], gamma),
        lambda X, V, A, gamma: back(undone)(X, V, A, min(gamma, 1)),
    )


def test_gives_part_of_the_points_for_part_of_the_work():
    for name in ("other-walk", "one-block"):
        assert undo_blocks(WRONG[name]) == 2


@pytest.mark.parametrize(
    "slug", ["v-first", "old-x", "gamma-forgotten", "gamma-elsewhere", "relu-forgotten", "turned"]
)
def test_a_slip_within_a_block_costs_the_single_block_alone(slug):
    score = undo_blocks(WRONG[slug])
    assert (score, score.mistakes) == (2, (slug,))
    assert "(right for your single block)" in score.feedback[1]


def test_who_undoes_nothing_has_no_points_for_several_blocks():
    assert undo_blocks(lambda X, V, A, gamma: (X, V)) == 0
    assert undo_blocks(forward) == 0


@pytest.mark.parametrize(
    ("step", "mistake"),
    [
        (lambda x, v, a, c: (x - v, v - f(x - v, a) / c), "gamma-elsewhere"),
        (lambda x, v, a, c: (x - c * v, (v - f(x - c * v, a)) / c), "gamma-elsewhere"),
        (lambda x, v, a, c: (x - v, c * (v - f(x - v, a))), "gamma-elsewhere"),
        (lambda x, v, a, c: v_first(x, v, a, 1.0), "v-first"),  # the chapter's blocks
        (lambda x, v, a, c: (x + v, (v - f(x + v, a)) / c), "added"),
        (lambda x, v, a, c: (x - v, (v - np.tanh((x - v) @ a)) / c), "relu-forgotten"),
        (lambda x, v, a, c: (x - v, (v - f(v, a)) / c), "relu-forgotten"),
        (lambda x, v, a, c: (x - v, (v - f(x - v, np.linalg.inv(a))) / c), "turned"),
    ],
)
def test_names_other_forms_of_a_slip(step, mistake):
    assert set(undo_blocks(back(step)).mistakes) == {mistake}


def test_a_prediction_is_laid_beside_what_rounding_leaves():
    X, _ = back(undone)(*MANY.args)
    power = round(np.log10(np.abs(X - MANY.x).max()))
    assert -6 < power < -2
    told = undo_blocks(back(undone), prediction=power).feedback
    assert any(f"forty blocks at γ = ½: you predicted −{-power}" in text for text in told)
    assert not any("predicted" in text for text in undo_blocks(forward, prediction=-4).feedback)
