"""The last layer in closed form: see :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.why_gradients import output_layer


def with_ones(X, y, A, b, unit=np.tanh, scale=1):
    H = np.column_stack([unit(X @ A + b), np.ones(len(X))])
    both = scale * np.linalg.solve(H.T @ H, H.T @ y)
    return both[:-1], both[-1]


def apart(X, y, A, b, scale=1, c=None, t=None):
    H = np.tanh(X @ A + b)
    v = scale * np.linalg.solve(H.T @ H, H.T @ (y if t is None else t))
    return v, y.mean() if c is None else c


def centred(X, y, A, b):
    H = np.tanh(X @ A + b)
    mean = H.mean(axis=0)
    v = np.linalg.lstsq(H - mean, y - y.mean())[0]
    return v, y.mean() - mean @ v


WRONG = {
    "both": lambda X, y, A, b: apart(X, y, A, b, len(X)),
    "n-on-one-side": lambda X, y, A, b: with_ones(X, y, A, b, scale=len(X)),
    "bias-apart": apart,
    "targets-centred": lambda X, y, A, b: apart(X, y, A, b, t=y - y.mean()),
    "mean-of-targets": lambda X, y, A, b: (with_ones(X, y, A, b)[0], y.mean()),
    "tanh-forgotten": lambda X, y, A, b: with_ones(X, y, A, b, unit=lambda z: z),
}
RIGHT = [with_ones, centred]
NEARLY = [
    lambda *args: with_ones(*args)[::-1],
    lambda X, y, A, b: with_ones(X, y, A, b, unit=np.sin),
]


class TestOutputLayer(contract.Exercise):
    check = output_layer
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_the_broken_function_scores_nothing_and_hears_why():
    score = output_layer(contract.sheet("why_gradients").names()["output_weights_broken"])
    assert score == 0
    assert score.mistakes == ("both", "mean-of-targets")


def test_gives_part_of_the_points_for_the_weights():
    assert output_layer(WRONG["mean-of-targets"]) == 2
