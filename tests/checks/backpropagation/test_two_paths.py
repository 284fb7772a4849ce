"""Where two paths meet: see :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.backpropagation import two_paths
from backpass.tape import Value


def paths(dp=lambda p, q: p + q, da=lambda a, b, dp, p: b * dp + 2 * a * p, passed_on=None):
    """The walk back from E = p q, q = p + a², p = a b with one thing changed."""

    def answer(a, b):
        p = a * b
        q = p + a**2
        d = dp(p, q)
        on = passed_on(p, q) if passed_on else d
        return d, da(a, b, on, p), a * on

    return answer


def by_expansion(a, b):
    return [2 * a * b + a**2, 2 * a * b**2 + 3 * a**2 * b, np.array(2 * a**2 * b + a**3)]


def on_the_tape(a, b):
    a, b = Value(a), Value(b)
    p = a * b
    (p * (p + a * a)).backward()
    return p.grad, a.grad, b.grad


WRONG = {
    "p-overwritten": paths(dp=lambda p, q: p),
    "q-path-forgotten": paths(dp=lambda p, q: q),
    "a-overwritten": paths(da=lambda a, b, dp, p: b * dp),
    "p-path-forgotten": paths(da=lambda a, b, dp, p: 2 * a * p),
    "local-forgotten": paths(da=lambda a, b, dp, p: b * dp + p),
    "local-only": lambda a, b: (2 * a * b + a**2, b, a),
    "too-early": paths(passed_on=lambda p, q: q),
    "multiplied": paths(dp=lambda p, q: p * q),
    "square-derived-wrongly": paths(da=lambda a, b, dp, p: b * dp + a * p),
    "arrived-forgotten": paths(da=lambda a, b, dp, p: b * dp + 2 * a),
    "factors-exchanged": paths(dp=lambda p, q: 2 * p),
    "factor-of-its-own": paths(da=lambda a, b, dp, p: a * dp + 2 * a * p),
}

RIGHT = [paths(), by_expansion, on_the_tape]

#: Right on most inputs.
NEARLY = [lambda a, b: on_the_tape(abs(a), b), lambda a, b: on_the_tape(2.0, -3.0)]


class TestTwoPaths(contract.Exercise):
    check = two_paths
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_half_the_points_for_one_of_the_two_parts():
    assert two_paths(paths(da=lambda a, b, dp, p: b * dp)) == 1


def test_what_follows_from_a_wrong_slope_at_p_is_right_for_it():
    score = two_paths(lambda a, b: (0.0, 2 * a * (a * b), 0.0))
    assert score == 1
    assert score.mistakes == ("zeros",)
    assert score.feedback[1] == "✓ ∂E/∂a and ∂E/∂b (right for your dp)"
    assert two_paths(lambda a, b: (0.0, *by_expansion(a, b)[1:])) == 1
    assert two_paths(lambda a, b: (1.0, 2 * a * (a * b), 0.0)) == 0
