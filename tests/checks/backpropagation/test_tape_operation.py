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


def averaged(g, a, index):
    taken = np.eye(len(a))[:, index]
    return taken @ g / np.maximum(taken.sum(axis=1, keepdims=True), 1)


def into_grad(A, index, back):
    def rule(g, y, a):
        np.add.at(A.grad, index, g)
        return back(A)

    return operation(lambda a: a[index], rule)(A)


adding_to_grad = embedding(lambda A, index: into_grad(A, index, lambda A: (np.zeros_like(A.data),)))

WRONG = {
    "overwritten": taking(overwritten),
    "g-forgotten": taking(lambda g, a, index: (scattered(np.ones_like(g), a, index),)),
    "gathered": taking(gathered),
    "no-scatter": taking(lambda g, a, index: (g,)),
    "no-tuple": taking(scattered),
    "rule-shape": taking(lambda g, a, index: (g.sum(axis=0),)),
    "into-grad": adding_to_grad,
    "averaged": taking(lambda g, a, index: (averaged(g, a, index),)),
    "over-rows": taking(lambda g, a, index: (scattered(g, a, index) / len(index),)),
    "values-multiplied": taking(lambda g, a, index: (scattered(g * a[index], a, index),)),
    "arguments-exchanged": taking(lambda g, a, index: (scattered(a[index], a, index),)),
    "same-row": taking(
        lambda g, a, index: (scattered(g[np.minimum(index, len(g) - 1)], a, index),)
    ),
    "begun-elsewhere": taking(lambda g, a, index: (scattered(g, a, index) + a,)),
    "integer": taking(lambda g, a, index: (scattered(np.trunc(g), a, index),)),
    "twice": taking(lambda g, a, index: (2 * scattered(g, a, index),)),
    "zeros": embedding(lambda A, index: Value(A.data[index])),
    "mutated": taking(in_place),
}

RIGHT = [
    taking(lambda g, a, index: (scattered(g, a, index),)),
    taking(row_by_row),
    embedding(lambda A, index: np.eye(len(A.data))[index] @ A),
    taking(lambda g, a, index: [np.eye(len(a))[:, index] @ g]),
    taking(lambda g, a, index: (np.array([g[index == k].sum(0) for k in range(len(a))]),)),
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


def test_rows_of_g_by_their_own_number_are_told_so_throughout():
    def by_place(g, a, index):
        ga = np.zeros_like(a)
        for i in range(len(index)):
            if i < len(ga):
                ga[i] += g[i]
        return (ga,)

    assert tape_operation(taking(by_place)).mistakes[:1] == ("same-row",)
    assert "no-scatter" not in tape_operation(taking(by_place)).mistakes


def test_gives_a_point_to_what_is_right_without_repeats():
    assert tape_operation(taking(overwritten)) == 1


@pytest.mark.parametrize("count", [0, 2, 3])
def test_says_how_many_gradients_a_rule_returns(count):
    score = tape_operation(taking(lambda g, a, index: (scattered(g, a, index),) * count))
    assert score == 0
    assert score.mistakes == ("no-tuple",)
    assert f"Yours returns {count} for 1 input." in score.feedback[0]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (lambda g, a, index: None, "Yours returns None: is a `return` missing"),
        (lambda g, a, index: (np.add.at(np.zeros_like(a), index, g),), "One is None here"),
        (scattered, "Yours returns an array of shape (5, 3)."),
        (lambda g, a, index: 1.0, "Yours returns the number 1.0."),
    ],
)
def test_says_what_a_rule_returns_instead_of_a_tuple(rule, said):
    score = tape_operation(taking(rule))
    assert score.mistakes == ("no-tuple",)
    assert said in score.feedback[0]


def test_a_rule_that_writes_into_grad_is_named_whatever_it_returns():
    for back in (lambda A: (A.grad,), lambda A: (np.zeros_like(A.data),)):
        answer = embedding(lambda A, index, back=back: into_grad(A, index, back))
        assert tape_operation(answer).mistakes == ("into-grad",)


def test_rows_of_g_that_go_to_rows_of_the_same_number_are_not_called_g_itself():
    def same_row(g, a, index):
        ga = np.zeros_like(a)
        for k in index:
            if k < len(g):
                ga[k] += g[k]
        return (ga,)

    assert tape_operation(taking(same_row)).mistakes[0] == "same-row"


def test_a_rule_that_is_written_without_operation_is_right_too():
    def take(A, index):
        return Value(A.data[index], (A,), lambda g: (scattered(g, A.data, index),))

    assert tape_operation(embedding(take)) == 4


def test_a_rule_without_operation_is_told_what_it_returns():
    def take(A, index):
        return Value(A.data[index], (A,), lambda g: scattered(g, A.data, index))

    assert tape_operation(embedding(take)).mistakes == ("no-tuple",)


def test_results_in_another_order_are_told_so_and_nothing_else():
    def turned(*args):
        rows, gradient, table = RIGHT[0](*args)
        return gradient, table, rows

    assert tape_operation(turned).mistakes == ("order",)
