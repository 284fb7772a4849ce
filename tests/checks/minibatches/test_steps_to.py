"""Steps to a loss, predicted and measured: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.minibatches import steps_to


def counted(
    divide=lambda g, rows, how, X: g / len(rows) if how == "mean" else g,
    rows=lambda draws, k, X: draws[k],
    seen=lambda X, rows: slice(None),
    loss=lambda errors: np.mean(errors**2) / 2,
    first=0,
):
    """The count with one thing changed."""

    def answer(X, t, draws, rate, how, goal):
        w = np.zeros(X.shape[1])
        with np.errstate(all="ignore"):
            for k in range(len(draws) + 1):
                at = rows(draws, min(k, len(draws) - 1), X)
                part = seen(X, at)
                if loss(X[part] @ w - t[part]) <= goal:
                    return k + first
                w = w - rate * divide(X[at].T @ (X[at] @ w - t[at]), at, how, X)
        return len(draws) + 1

    return answer


def by_loops(X, t, draws, rate, how, goal):
    w, k = np.zeros(X.shape[1]), 0
    while not np.mean((X @ w - t) ** 2) <= 2 * goal:
        if k == len(draws) or abs(w).max() > 1e50:
            return len(draws) + 1
        g = sum((X[i] @ w - t[i]) * X[i] for i in draws[k])
        w, k = w - rate * g / (draws.shape[1] if how == "mean" else 1), k + 1
    return k


WRONG = {
    "exchanged": counted(lambda g, rows, how, X: g / len(rows) if how == "sum" else g),
    "divided-twice": counted(lambda g, rows, how, X: g / len(rows) ** (2 if how == "mean" else 1)),
    "over-all": counted(lambda g, rows, how, X: g / len(X) if how == "mean" else g),
    "all-in-a-step": counted(rows=lambda draws, k, X: np.arange(len(X))),
    "loss-of-batch": counted(seen=lambda X, rows: rows),
    "other-loss": counted(loss=lambda errors: np.mean(errors**2)),
    "counted-from-one": counted(first=1),
    "start-left": lambda *args: max(1, counted()(*args)),
}
RIGHT = [counted(), by_loops, lambda *args: float(counted()(*args))]
NEARLY = [
    lambda *args: counted()(*args) if len(args[0]) < 64 else 61,
    lambda *args: min(counted()(*args), 60),
]


class TestStepsTo(contract.Exercise):
    check = steps_to
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_predictions_are_set_beside_what_was_counted():
    told = steps_to(counted(), prediction=(60, 4, 61, 10)).feedback
    assert any(text.startswith("case a: you predicted 60, it is 66") for text in told), told
    assert "case b: you predicted 4, it is 4, exactly." in told
    assert any(text.startswith("case d: you predicted 10, it is 401") for text in told), told
    for nothing in (..., None):
        assert len(steps_to(counted(), prediction=nothing).feedback) == 2
    for unread in (3, (1, 2), "60, 4, 4, 4"):
        assert "four numbers" in steps_to(counted(), prediction=unread).feedback[-1]


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["exchanged", "loss-of-batch", "other-loss", "counted-from-one"])
def test_a_slip_that_shows_in_the_cases_again_costs_the_first_part_alone(slug):
    score = steps_to(WRONG[slug])
    assert score.mistakes == (slug,), score.feedback
    assert score == 1


def test_numbers_that_are_typed_bring_nothing():
    assert steps_to(lambda *args: 4) == 0
