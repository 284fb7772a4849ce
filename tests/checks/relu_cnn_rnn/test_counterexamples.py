"""Find two counterexamples: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import sympy as sp

from backpass.checks.relu_cnn_rnn import counterexamples

LARGE = np.array([[0.5, 20.0], [0.0, 0.5]])
NILPOTENT = np.array([[2.0, 2.0], [-2.0, -2.0]])
TENTH = np.array([1.0, 0.1])


def three(large=LARGE, w=NILPOTENT, d=TENTH):
    return lambda: (large, w, d)


WRONG = {
    "eigenvalue-for-norm": three(np.diag([0.9, -0.5])),
    "norm-too-small": three(np.array([[0.5, 9.0], [0.0, 0.5]])),
    "radius-too-large": three(np.array([[1.0, 20.0], [0.0, 0.5]])),
    "radius-of-W": three(w=2 * np.eye(2)),
    "impossible-slope": three(d=np.array([1.0, 1.5])),
    "equal-slopes": three(d=np.array([0.5, 0.5])),
    "triangular": three(w=np.array([[0.0, 0.0], [4.0, 0.0]])),
    "norm-of-W": three(w=4 * NILPOTENT),
    "too-tame": three(w=NILPOTENT / 2),
    "shape": three(d=np.ones(3)),
    "too-large": three(1000 * LARGE),
}

RIGHT = [
    three(),
    three(np.array([[0.0, 10.0], [0.0, 0.0]]), d=np.array([0.1, 1])),
    three(np.array([[0.9, 100, 0], [0, 0.9, 100], [0, 0, 0.9]])),
    three([[-0.5, 0], [30, 0.2]], [[1.6, 3.2, 0], [-0.8, -1.6, 0], [0, 0, 0]], (1, 0.01, 0.5)),
    three()(),
    tuple(map(sp.Matrix, three()())),
    lambda: tuple(map(sp.Matrix, three()())),
    three(sp.Matrix([[sp.Rational(1, 2), 20], [0, 0]]), d=sp.Matrix([[1, sp.Rational(1, 10)]])),
    three(np.float32(LARGE), np.float32(NILPOTENT), np.float32(TENTH)),
    three(d=TENTH[:, None]),
    dict(zip("AWd", three()(), strict=True)),
]

NEARLY = [three(d=np.array([1.0, 0.0])), three(w=NILPOTENT * 0.9 + 0.2 * np.eye(2))]


class TestCounterexamples(contract.Exercise):
    check = counterexamples
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_a_point_for_the_first_counterexample():
    assert counterexamples(three(w=np.eye(2))) == 1


def test_says_which_of_the_three_has_another_shape():
    told = counterexamples(three(d=np.diag(TENTH))).feedback
    assert "Your d has shape (2, 2)." in told[1]
    assert "Your W has 2 rows and your d 3 entries." in counterexamples(WRONG["shape"]).feedback[1]
    assert "W should be an array of real numbers" in counterexamples(three(w="W")).feedback[1]
