"""Directions of plus and minus one: see :mod:`contract` for what is asked."""

import contract
import sympy as sp

from backpass.checks.why_gradients import signs

n, M = sp.symbols("n M", positive=True)


def of_size(size):
    return [size, 1 / (size * M), 1 / (2 * size * M)]


WRONG = {
    "shape": [n],
    "gaussian": of_size(n + 2),
    "true-gradient": [1, 1 / M, 1 / (2 * M)],
    "squared": of_size(n**2),
    "limit": [n, 2 / (n * M), 1 / (2 * n * M)],
    "not-halved": [n, 1 / (n * M), 1 / (n * M)],
    "rise": [n, 1 / (n * M), -1 / (2 * n * M)],
}
RIGHT = [of_size(n), lambda: tuple(of_size(n))]
NEARLY = [of_size(n)[::-1], of_size(n + 1), of_size(n + sp.Rational(1, 10**6))]


class TestSigns(contract.Exercise):
    check = signs
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_normal_directions_are_paid_for_once():
    score = signs(of_size(n + 2))
    assert (score, score.mistakes) == (2, ("gaussian",)), score.feedback
