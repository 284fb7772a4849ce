"""Where two paths meet: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.backpropagation import two_paths
from backpass.tape import Value


def paths(
    dp=lambda p, q: 2 * p * q + p**2,
    da=lambda a, b, dp, dq: b * dp + 2 * a * dq,
    dq=lambda p, q: p**2,
    passed_on=None,
):
    """The walk back from E = p² q, q = p + a², p = a b with one thing changed."""

    def answer(a, b):
        p = a * b
        q = p + a**2
        d = dp(p, q)
        on = passed_on(p, q) if passed_on else d
        return d, da(a, b, on, dq(p, q)), a * on

    return answer


def by_expansion(a, b):
    return [
        3 * (a * b) ** 2 + 2 * a * b * a**2,
        3 * a**2 * b**3 + 4 * a**3 * b**2,
        np.array(3 * a**3 * b**2 + 2 * a**4 * b),
    ]


def on_the_tape(a, b):
    a, b = Value(a), Value(b)
    p = a * b
    (p * p * (p + a * a)).backward()
    return p.grad, a.grad, b.grad


WRONG = {
    "p-overwritten": paths(dp=lambda p, q: p**2),
    "q-path-forgotten": paths(dp=lambda p, q: 2 * p * q),
    "a-overwritten": paths(da=lambda a, b, dp, dq: b * dp),
    "p-path-forgotten": paths(da=lambda a, b, dp, dq: 2 * a * dq),
    "local-forgotten": paths(da=lambda a, b, dp, dq: b * dp + dq),
    "local-only": lambda a, b: (by_expansion(a, b)[0], b, a),
    "too-early": paths(passed_on=lambda p, q: 2 * p * q),
    "multiplied": paths(dp=lambda p, q: 2 * p * q * p**2),
    "square-derived-wrongly": paths(da=lambda a, b, dp, dq: b * dp + a * dq),
    "arrived-forgotten": paths(da=lambda a, b, dp, dq: b * dp + 2 * a),
    "power-derived-wrongly": paths(dp=lambda p, q: p * q + p**2),
    "arrives-elsewhere": paths(dq=lambda p, q: p),
    "factor-of-its-own": paths(da=lambda a, b, dp, dq: a * dp + 2 * a * dq),
}

RIGHT = [paths(), by_expansion, on_the_tape]

#: Right on most inputs.
NEARLY = [lambda a, b: on_the_tape(abs(a), b), lambda a, b: on_the_tape(2.0, -3.0)]


class TestTwoPaths(contract.Exercise):
    check = two_paths
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_half_the_points_for_one_of_the_two_parts():
    assert two_paths(paths(da=lambda a, b, dp, dq: b * dp)) == 1


def test_what_follows_from_a_wrong_slope_at_p_is_right_for_it():
    score = two_paths(lambda a, b: (0.0, 2 * a * (a * b) ** 2, 0.0))
    assert score == 1
    assert score.mistakes == ("zeros",)
    assert score.feedback[1] == "✓ ∂E/∂a and ∂E/∂b (right for your dp)"
    assert two_paths(lambda a, b: (0.0, *by_expansion(a, b)[1:])) == 1
    assert two_paths(lambda a, b: (1.0, 2 * a * (a * b) ** 2, 0.0)) == 0


@pytest.mark.parametrize("dq", [lambda p, q: p, lambda p, q: 2 * p, lambda p, q: q])
def test_another_value_that_arrives_at_q_costs_p_and_not_what_follows(dq):
    answer = paths(dp=lambda p, q: 2 * p * q + dq(p, q), dq=dq)
    score = two_paths(answer)
    assert (score, score.mistakes) == (1, ("arrives-elsewhere",))
