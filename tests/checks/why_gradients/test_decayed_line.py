"""A weight that decays: see :mod:`contract` for what is asked."""

import contract
import sympy as sp

from backpass.checks.why_gradients import decayed_line

s, rho = sp.symbols("s rho", positive=True)
r = sp.Symbol("r", real=True)


def line(decay=rho):
    return [r / (s + decay), 2 * (s + decay), 1 / (s + decay)]


def with_one(place, value):
    return [*line()[:place], value, *line()[place + 1 :]]


WRONG = {
    "shape": line()[:2],
    "decay-forgotten": line(0),
    "half-decay": line(rho / 2),
    "decay-subtracted": line(-rho),
    "upside-down": with_one(0, (s + rho) / r),
    "not-doubled": with_one(1, s + rho),
    "newton-step": with_one(2, 1 / (2 * (s + rho))),
    "wrong-sign": with_one(0, -r / (s + rho)),
}
RIGHT = [line(), lambda: sp.Matrix(line())]
NEARLY = [line()[::-1], with_one(0, r / (s + rho) + sp.Rational(1, 10**6)), line(rho**2)]


class TestDecayedLine(contract.Exercise):
    check = decayed_line
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_a_slip_in_the_loss_is_paid_for_once():
    score = decayed_line(line(rho / 2))
    assert (score, score.mistakes) == (2, ("half-decay",)), score.feedback
