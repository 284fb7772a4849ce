"""A block that can be undone: see :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.residual_networks import undo_block


def plus(x, a):
    return np.maximum(x @ a, 0)


def undo(x2=lambda y1, y2, b, x1: y2 - plus(y1, b), x1=lambda y1, y2, a, x2: y1 - plus(x2, a)):
    """The way back, with one thing changed."""

    def answer(Y1, Y2, A, B):
        right = Y2 - plus(Y1, B)
        return x1(Y1, Y2, A, right), x2(Y1, Y2, B, Y1 - plus(right, A))

    return answer


def forward(X1, X2, A, B):
    Y1 = X1 + plus(X2, A)
    return Y1, X2 + plus(Y1, B)


WRONG = {
    "outputs-forgotten": undo(x1=lambda y1, y2, a, x2: y1 - plus(y2, a)),
    "wrong-half": undo(x2=lambda y1, y2, b, x1: y2 - plus(x1, b)),
    "added": undo(lambda y1, y2, b, x1: y2 + plus(y1, b), lambda y1, y2, a, x2: y1 + plus(x2, a)),
    "forward": forward,
    "block-forgotten": lambda Y1, Y2, A, B: (Y1, Y2),
    "exchanged": lambda *args: undo()(*args)[::-1],
    "relu-forgotten": undo(x1=lambda y1, y2, a, x2: y1 - x2 @ a),
    "tanh-units": undo(
        lambda y1, y2, b, x1: y2 - np.tanh(y1 @ b), lambda y1, y2, a, x2: y1 - np.tanh(x2 @ a)
    ),
    "added-alone": undo(x2=lambda y1, y2, b, x1: plus(y1, b)),
    "other-matrix": lambda Y1, Y2, A, B: undo()(Y1, Y2, B.T, A.T),
}


class TestUndoBlock(contract.Exercise):
    check = undo_block
    wrong = WRONG
    right = (undo(), lambda *args: list(undo()(*args)))
    nearly = (undo(x1=lambda y1, y2, a, x2: y1 - x2 @ a),)


def test_gives_part_of_the_points_for_part_of_the_work():
    assert undo_block(WRONG["outputs-forgotten"]) == 1
