"""Sigmoid units turned around: see :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.why_gradients import turn_units


def turned(
    hidden=lambda a, turn: a * turn,
    output=lambda v, turn: v * turn,
    constant=lambda c, v, turn: c + v[turn < 0].sum(),
):
    """The turned net, with one thing changed."""

    def answer(A, b, v, c, turn):
        return hidden(A, turn), hidden(b, turn), output(v, turn), constant(c, v, turn)

    return answer


WRONG = {
    "left": turned(output=lambda v, turn: v),
    "all-turned": turned(lambda a, turn: -a, lambda v, turn: -v, lambda c, v, turn: c + v.sum()),
    "constant-left": turned(constant=lambda c, v, turn: c),
    "constant-subtracted": turned(constant=lambda c, v, turn: c - v[turn < 0].sum()),
    "constant-halved": turned(constant=lambda c, v, turn: c + v[turn < 0].sum() / 2),
}
RIGHT = [
    turned(),
    turned(constant=lambda c, v, turn: c + v @ (1 - turn) / 2),
    lambda A, b, v, c, turn: list(turned()(A, b, v, c, turn)),
]
NEARLY = [
    turned(constant=lambda c, v, turn: c + v[0]),
    lambda *args: turned()(*args)[::-1],
    turned(constant=lambda c, v, turn: c + v[turn > 0].sum()),
]


class TestTurnUnits(contract.Exercise):
    check = turn_units
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_the_way_of_tanh_brings_all_but_the_constant():
    assert turn_units(turned(constant=lambda c, v, turn: c)) == 3
    assert np.isclose(float(turn_units(turned())), 5)
