"""The error of a hidden unit: see :mod:`contract` for what is asked."""

import contract
import pytest
import sympy as sp

from backpass.checks.backpropagation import hidden_delta

z1, z2, h1, h2, y1, y2, o1, o2, t1, t2 = sp.symbols("z1:3 h1:3 y1:3 o1:3 t1:3", real=True)
w11, w12, w21, w22 = sp.symbols("w11 w12 w21 w22", real=True)
Z, H, O, T = sp.Matrix([z1, z2]), sp.Matrix([h1, h2]), sp.Matrix([o1, o2]), sp.Matrix([t1, t2])
W = sp.Matrix([[w11, w12], [w21, w22]])
DELTA = sp.Matrix([(o - t) * (1 - o**2) for o, t in [(o1, t1), (o2, t2)]])


def slopes(x):
    return sp.diag(*[1 - entry**2 for entry in x])


RIGHT_DELTA = slopes(H) * W * DELTA
OUT = (W.T * Z.applyfunc(sp.tanh)).applyfunc(sp.tanh)
LOSS = sum((o - t) ** 2 for o, t in zip(OUT, T, strict=True)) / 2


WRONG = {
    "phi-forgotten": W * DELTA,
    "phi-at-activation": slopes(H.applyfunc(sp.tanh)) * W * DELTA,
    "phi-of-z": slopes(Z) * W * DELTA,
    "sigmoid-slope": sp.diag(h1 * (1 - h1), h2 * (1 - h2)) * W * DELTA,
    "both-phi-forgotten": W * (O - T),
    "twice": 2 * RIGHT_DELTA,
    "one-minus-h": sp.diag(1 - h1, 1 - h2) * W * DELTA,
    "not-squared": sp.diag(sp.sech(z1), sp.sech(z2)) * W * DELTA,
    "one-plus": sp.diag(1 + h1**2, 1 + h2**2) * W * DELTA,
    "one-sign": slopes(H) * W * sp.diag(-1, 1) * DELTA,
    "sums-multiplied": sum(DELTA) * slopes(H) * W * sp.ones(2, 1),
    "multiplied": slopes(H) * sp.Matrix([w11 * w12, w21 * w22]) * DELTA[0] * DELTA[1],
    "weight-gradient": sp.diag(h1, h2) * DELTA,
    "slopes-exchanged": sp.diag(1 - h2**2, 1 - h1**2) * W * DELTA,
    "shape": RIGHT_DELTA[0],
    "not-transposed": slopes(H) * W.T * DELTA,
    "weights-forgotten": slopes(H) * sp.ones(2, 2) * DELTA,
    "sign": -RIGHT_DELTA,
    "output-phi-forgotten": slopes(H) * W * (O - T),
    "one-path": slopes(H) * sp.diag(w11, w22) * DELTA,
    "wrong-delta": DELTA,
    "own-target": slopes(H) * (H - T),
    "zeros": [sp.diff(((o1 - t1) ** 2 + (o2 - t2) ** 2) / 2, z) for z in (z1, z2)],
}

RIGHT = [
    list(RIGHT_DELTA),
    RIGHT_DELTA,
    RIGHT_DELTA.T,
    {"z2": RIGHT_DELTA[1], "z1": RIGHT_DELTA[0]},
    [sp.Derivative(LOSS, z) for z in (z1, z2)],
    tuple(RIGHT_DELTA),
    sp.expand(RIGHT_DELTA),
    [sp.diff(LOSS, z) for z in (z1, z2)],
    sp.simplify(RIGHT_DELTA),
    lambda: RIGHT_DELTA,
    slopes(Z.applyfunc(sp.tanh)) * W * DELTA,
    RIGHT_DELTA.subs({o1: sp.tanh(y1), o2: sp.tanh(y2)}),
    RIGHT_DELTA.subs(dict(zip((h1, h2), sp.symbols("h1 h2"), strict=True))),
]

#: Right to six digits, or at one of the points.
NEARLY = [
    RIGHT_DELTA + sp.Matrix([0, sp.Rational(1, 10**6)]),
    RIGHT_DELTA + sp.Matrix([z1 - sp.Rational(1, 5), 0]),
]


class TestHiddenDelta(contract.Exercise):
    check = hidden_delta
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def delta(slope):
    """∂E/∂y with another φ′ at the outputs, a function of o and y."""
    rows = [(o1, y1, t1), (o2, y2, t2)]
    return sp.Matrix([(o - t) * slope(o, y) for o, y, t in rows])


@pytest.mark.parametrize(
    ("answer", "slug"),
    [
        (slopes(H) * W * delta(lambda o, y: o * (1 - o)), "sigmoid-slope"),
        (slopes(H) * W * delta(lambda o, y: 1 - y**2), "phi-of-z"),
        (slopes(Z) * W * delta(lambda o, y: 1 - y**2), "phi-of-z"),
        (slopes(H) * W * delta(lambda o, y: 1 - sp.tanh(o) ** 2), "phi-at-activation"),
        (slopes(H) * W * delta(lambda o, y: 1 - o), "one-minus-h"),
        (slopes(H) * sp.Matrix([w11, w21]) * DELTA[0], "one-path"),
        (slopes(H) * DELTA, "weights-forgotten"),
        (O - T, "wrong-delta"),
        (RIGHT_DELTA / 2, "twice"),
    ],
)
def test_names_slips_at_the_outputs_too(answer, slug):
    assert hidden_delta(answer).mistakes == (slug,)
