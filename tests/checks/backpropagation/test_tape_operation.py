"""An operation for the tape: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.backpropagation import tape_operation
from backpass.tape import Value, operation


def embedding(take):
    """What the notebook's ``embed`` makes of a ``take``."""

    def embed(table, index, v):
        A = Value(table)
        rows = take(A, index)
        rows.backward(v)
        return rows.data, A.grad, A.data

    return embed


def taking(back):
    """An embedding whose backward rule is ``back(g, a, index)``."""
    return embedding(
        lambda A, index: operation(lambda a: a[index], lambda g, y, a: back(g, a, index))(A)
    )


def scattered(g, a, index):
    ga = np.zeros_like(a)
    np.add.at(ga, index, g)
    return ga


def overwritten(g, a, index):
    ga = np.zeros_like(a)
    ga[index] = g
    return (ga,)


def gathered(g, a, index):
    return (g[index] if g.shape == a.shape else scattered(g, a, index),)


def in_place(g, a, index):
    a[:] = 0
    np.add.at(a, index, g)
    return (a,)


def row_by_row(g, a, index):
    return (sum(np.outer(np.arange(len(a)) == i, row) for i, row in zip(index, g, strict=True)),)


WRONG = {
    "overwritten": taking(overwritten),
    "g-forgotten": taking(lambda g, a, index: (scattered(np.ones_like(g), a, index),)),
    "gathered": taking(gathered),
    "no-scatter": taking(lambda g, a, index: (g,)),
    "no-tuple": taking(scattered),
    "zeros": embedding(lambda A, index: Value(A.data[index])),
    "mutated": taking(in_place),
}

RIGHT = [
    taking(lambda g, a, index: (scattered(g, a, index),)),
    taking(row_by_row),
    embedding(lambda A, index: np.eye(len(A.data))[index] @ A),
    taking(lambda g, a, index: [np.eye(len(a))[:, index] @ g]),
]

#: Right on most inputs.
NEARLY = [
    taking(lambda g, a, index: (scattered(g, a, index) * (len(a) == 4),)),
    taking(lambda g, a, index: (scattered(g, a, index) + 1e-6,)),
    taking(
        lambda g, a, index: (  # right but for repeats in a table of four rows
            scattered(g, a, index) * (len(a) == 3 or len(set(index)) == len(index)),
        )
    ),
]


class TestTapeOperation(contract.Exercise):
    check = tape_operation
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_a_point_to_what_is_right_without_repeats():
    assert tape_operation(taking(overwritten)) == 1


@pytest.mark.parametrize("count", [0, 2, 3])
def test_says_how_many_gradients_a_rule_returns(count):
    score = tape_operation(taking(lambda g, a, index: (scattered(g, a, index),) * count))
    assert score == 0
    assert score.mistakes == ("no-tuple",)
