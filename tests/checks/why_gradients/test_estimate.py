"""How noisy is one random direction? See :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.why_gradients import estimate


def guesses(g, U):
    return (U @ g)[:, None] * U


def measured(f=lambda G, g: (G**2).sum(axis=1).mean(), unit=lambda g: g @ g):
    """The mean square, with one thing changed."""
    return lambda g, U: f(guesses(g, U), g) / unit(g)


WRONG = {
    "not-divided": measured(unit=lambda g: 1),
    "divided-by-length": measured(unit=np.linalg.norm),
    "slope-alone": lambda g, U: np.mean((U @ g) ** 2) / (g @ g),
    "mean-first": measured(lambda G, g: G.mean(axis=0) @ G.mean(axis=0)),
    "summed": measured(lambda G, g: (G**2).sum()),
    "per-weight": measured(lambda G, g: (G**2).mean()),
    "rooted": measured(lambda G, g: np.linalg.norm(G, axis=1).mean(), np.linalg.norm),
    "by-formula": lambda g, U: len(g) + 2,
    "deviation": measured(lambda G, g: ((G - g) ** 2).sum(axis=1).mean()),
}
RIGHT = [measured(), lambda g, U: np.mean((U @ g) ** 2 * (U**2).sum(axis=1)) / (g @ g)]
NEARLY = [measured(lambda G, g: (G[:3] ** 2).sum(axis=1).mean()), lambda g, U: float(len(g))]


class TestEstimate(contract.Exercise):
    check = estimate
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_a_prediction_is_compared_and_brings_nothing():
    score = estimate(measured(), prediction=50)
    assert score == 3
    assert "you predicted 50, it is 5" in " ".join(score.feedback)
