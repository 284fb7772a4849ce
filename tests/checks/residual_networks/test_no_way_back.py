"""A block that cannot be undone: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import sympy as sp

from backpass.checks.residual_networks import no_way_back

LOSING = {
    "W1": np.array([[1.0], [0.0]]), "W2": np.array([[-1.0, -2.0]]), "x": np.array([1.0, 5.0]),
    "other": np.array([2.0, 7.0]), "g": np.array([1.0, 0.0]),
}  # fmt: skip


def losing(**changes):
    """A block that loses something, with these of its five arrays changed."""
    values = tuple((LOSING | changes).values())
    return lambda: tuple(np.array(value, dtype=float) for value in values)


WRONG = {
    "same-input": losing(other=[1, 5]),
    "one-entry": losing(W2=[[-1, 0]], other=[2, 5]),
    "f-collides": losing(x=[-1, 5], other=[-2, 6]),
    "differ": losing(other=[2, 6]),
    "nothing-upstream": losing(g=[0, 0]),
    "block-only": losing(g=[2, -1]),
    "wrong-side": losing(g=[1, 2]),
    "survives": losing(g=[1, 1]),
    "kink": losing(x=[0, 5], other=[1, 7]),
    "shape": losing(W1=[[1, 0]]),
}


class TestNoWayBack(contract.Exercise):
    check = no_way_back
    wrong = WRONG
    right = (
        losing(),
        losing(g=[-0.3, 0]),
        losing(W1=[[0.3, 0.7], [-0.1, 0.2]], W2=np.linalg.inv([[-0.3, -0.7], [0.1, -0.2]]),
               x=[3, 1], other=[4, 2], g=[0.2, 17]),
        losing(W1=[[-3, 0, 1], [0, 0, 5]], W2=[[1 / 3, 1 / 3], [4, 4], [0, 0]], x=[-1, -2],
               other=[-7, -8]),
        lambda: [[[1], [0]], [[-1, -2]], (1, 5), (2, 7), [1, 0]],
        losing()(),
        losing(g=[[1, 0]]),
        losing(g=[[1], [0]], x=[[1, 5]], other=[[2, 7]]),
        losing(W1=[1, 0], W2=[-1, -2]),
        tuple(map(sp.Matrix, losing()())),
    )  # fmt: skip
    nearly = (
        losing(other=[2, 5.001]),
        losing(W2=[[-1.0001, -2]]),
        losing(x=[-1, 5]),
        losing(g=[1, 0.001]),
    )


def test_gives_part_of_the_points_for_part_of_the_work():
    assert no_way_back(losing(g=[0, 0])) == 2


def test_says_which_array_is_amiss():
    assert "Yours: W1 (1, 2)" in no_way_back(losing(W1=[[1, 0]])).feedback[0]
    assert "look at x" in no_way_back(losing(x=[1e4, 5])).feedback[0]
    assert "g should be" in no_way_back(lambda: (*losing()()[:4], "g")).feedback[0]
