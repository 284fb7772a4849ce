"""The error of two hidden units: see :mod:`contract` for what is asked."""

import contract
import pytest
import sympy as sp

from backpass.checks.backpropagation import hidden_delta

z1, z2, h1, h2, o1, o2, t1, t2, u = sp.symbols("z1:3 h1:3 o1:3 t1:3 u", real=True)
w11, w12, w21, w22 = sp.symbols("w11 w12 w21 w22", real=True)
H, O, T = sp.Matrix([h1, h2]), sp.Matrix([o1, o2]), sp.Matrix([t1, t2])
W = sp.Matrix([[w11, w12], [w21, w22]])
DELTA = sp.Matrix([(o - t) * (1 - o**2) for o, t in [(o1, t1), (o2, t2)]])


def slopes(x):
    return [1 - entry**2 for entry in x]


def back(at_h=None, slope=None, side=None, outside=0):
    """Both errors, with one thing changed; ``side`` makes of δ₂ what comes to unit 1."""
    at_h = W * DELTA if at_h is None else at_h
    s1, s2 = slopes(H) if slope is None else slope
    second = s2 * at_h[1]
    along = u * second if side is None else side(second)
    return sp.Matrix([s1 * (at_h[0] + along) + outside, second])


RIGHT_DELTA = back()
OUT = W.T * H  # y


def forwards():
    first = (1 - h1**2) * (W * DELTA)[0]
    return [first, (1 - h2**2) * ((W * DELTA)[1] + u * first)]


WRONG = {
    "lateral-forgotten": back(side=lambda d: 0),
    "lateral-slope-forgotten": back(side=lambda d: u * (W * DELTA)[1]),
    "lateral-outside": back(side=lambda d: 0, outside=u * RIGHT_DELTA[1]),
    "lateral-forwards": forwards(),
    "lateral-weight-forgotten": back(side=lambda d: d),
    "lateral-otherwise": back(side=lambda d: u**2 * d),
    "phi-forgotten": back(slope=(1, 1)),
    "phi-at-activation": back(slope=slopes(H.applyfunc(sp.tanh))),
    "sigmoid-slope": back(slope=(h1 * (1 - h1), h2 * (1 - h2))),
    "both-phi-forgotten": back(W * (O - T), slope=(1, 1)),
    "twice": 2 * RIGHT_DELTA,
    "one-minus-h": back(slope=(1 - h1, 1 - h2)),
    "one-plus": back(slope=(1 + h1**2, 1 + h2**2)),
    "one-sign": back(W * sp.diag(-1, 1) * DELTA),
    "sums-multiplied": back(sum(DELTA) * W * sp.ones(2, 1)),
    "multiplied": back(sp.Matrix([w11 * w12, w21 * w22]) * DELTA[0] * DELTA[1]),
    "weight-gradient": sp.diag(h1, h2) * RIGHT_DELTA,
    "slopes-exchanged": back(slope=slopes(H)[::-1]),
    "shape": RIGHT_DELTA[0],
    "not-transposed": back(W.T * DELTA),
    "weights-forgotten": back(sp.ones(2, 2) * DELTA),
    "sign": -RIGHT_DELTA,
    "output-phi-forgotten": back(W * (O - T)),
    "one-path": back(sp.diag(w11, w22) * DELTA),
    "wrong-delta": DELTA,
    "own-target": back(H - T),
    "zeros": [sp.diff(((o1 - t1) ** 2 + (o2 - t2) ** 2) / 2, z) for z in (z1, z2)],
    "symbols": back(slope=slopes([sp.tanh(z1), sp.tanh(z2)])),
}

RIGHT = [
    list(RIGHT_DELTA),
    RIGHT_DELTA,
    RIGHT_DELTA.T,
    {"z2": RIGHT_DELTA[1], "z1": RIGHT_DELTA[0]},
    tuple(RIGHT_DELTA),
    sp.expand(RIGHT_DELTA),
    RIGHT_DELTA.applyfunc(sp.factor),
    lambda: RIGHT_DELTA,
    RIGHT_DELTA.subs(dict(zip((o1, o2), OUT.applyfunc(sp.tanh), strict=True))),
    RIGHT_DELTA.subs(dict(zip((h1, h2), sp.symbols("h1 h2"), strict=True))),
]

#: Right to six digits, or at one of the points.
NEARLY = [
    RIGHT_DELTA + sp.Matrix([0, sp.Rational(1, 10**6)]),
    RIGHT_DELTA + sp.Matrix([u - sp.Rational(7, 10), 0]),
]


class TestHiddenDelta(contract.Exercise):
    check = hidden_delta
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def delta(slope):
    """∂E/∂y with another φ′ at the outputs, a function of o."""
    return sp.Matrix([(o - t) * slope(o) for o, t in [(o1, t1), (o2, t2)]])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "slug"),
    [
        (back(W * delta(lambda o: o * (1 - o))), "sigmoid-slope"),
        (back(W * delta(lambda o: 1 - sp.tanh(o) ** 2)), "phi-at-activation"),
        (back(W * delta(lambda o: 1 - o)), "one-minus-h"),
        (back(sp.Matrix([w11, w21]) * DELTA[0]), "one-path"),
        (back(DELTA), "weights-forgotten"),
        (O - T, "wrong-delta"),
        (back(W * sp.diag(1, 1 / (1 - o2**2)) * DELTA), "output-phi-forgotten"),
        (back(slope=(1, 1 - h2**2)), "phi-forgotten"),
        (back(side=lambda d: -u * d), "lateral-otherwise"),
        (back(side=lambda d: u * (1 - h2**2) * d), "lateral-otherwise"),
        (RIGHT_DELTA / 2, "twice"),
    ],
)
def test_names_slips_at_the_outputs_too(answer, slug):
    assert hidden_delta(answer).mistakes == (slug,)


def test_the_chapters_formula_is_right_for_the_unit_that_feeds_outputs_only():
    score = hidden_delta(back(side=lambda d: 0))
    assert score == 1
    assert score.mistakes == ("lateral-forgotten",)


def test_what_follows_from_another_second_error_is_right_for_it():
    score = hidden_delta([(1 - h1**2) * ((W * DELTA)[0] + u * h2), h2])
    assert score == 2
    assert "right for your z2" in score.feedback[1]


@pytest.mark.parametrize(
    "slug", ["sign", "twice", "output-phi-forgotten", "not-transposed", "one-sign", "phi-forgotten"]
)
def test_one_slip_on_the_way_to_both_errors_costs_the_second_alone(slug):
    score = hidden_delta(WRONG[slug])
    assert (score, score.mistakes) == (2, (slug,))


@pytest.mark.parametrize("answer", [0 * RIGHT_DELTA, DELTA, WRONG["weight-gradient"]])
def test_what_is_no_error_of_a_hidden_unit_has_no_points(answer):
    assert hidden_delta(answer) == 0


def test_a_derivative_of_the_whole_net_is_told_in_which_symbols_to_write():
    loss = sum((sp.tanh(y) - t) ** 2 for y, t in zip(OUT, T, strict=True)) / 2
    net = loss.subs(h2, sp.tanh(z2)).subs(h1, sp.tanh(z1))
    score = hidden_delta([sp.diff(net, z) for z in (z1, z2)])
    assert score == 0
    assert set(score.mistakes) == {"symbols"}
    assert "z1, z2" in score.feedback[0]
