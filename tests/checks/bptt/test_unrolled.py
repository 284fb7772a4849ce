"""Three steps and a shortcut, by hand: see :mod:`contract` for what is asked."""

import contract
import pytest
import sympy as sp

from backpass.checks.bptt import unrolled

u, w, v, y, x1, x2, x3 = sp.symbols("u w v y x1:4", real=True)
h0, h1, h2, h3 = sp.symbols("h0:4", real=True)
S = {h: h * (1 - h) for h in (h0, h1, h2, h3)}
TANH = {h: 1 - h**2 for h in S}
ONE = dict.fromkeys(S, 1)


def by_hand(s1=S[h1], s2=S[h2], s3=S[h3], w=w, v=v, inputs=(h0, h1, h2), error=h3 - y):
    """The parts of steps 3, 2 and 1, and that of step 1 by the shortcut."""
    d3 = error * s3
    d2 = d3 * w * s2
    return d3 * inputs[2], d2 * inputs[1], d2 * w * s1 * inputs[0], d3 * v * s1 * inputs[0]


LAST, MIDDLE, FIRST, SHORT = by_hand()
BY_HAND = sum(by_hand())
#: What the losses ½ (h_2 − y)² and ½ (h_1 − y)² of the steps before would add.
BEFORE = (h2 - y) * S[h2] * (h1 + w * S[h1] * h0)
EARLIER = BEFORE + (h1 - y) * S[h1] * h0


def of(slopes):
    return sum(by_hand(slopes[h1], slopes[h2], slopes[h3]))


def by_sympy():
    """The states as functions of w, differentiated, and then called by their names again."""
    first = sp.Function("h1")(w)
    second = sp.Function("h2")(w)
    d1 = S[h1] * h0
    d2 = S[h2] * (sp.diff(w * first, w)).subs({sp.diff(first, w): d1, first: h1})
    z3 = sp.diff(w * second + v * first, w)
    z3 = z3.subs({sp.diff(first, w): d1, sp.diff(second, w): d2}).subs({first: h1, second: h2})
    return (h3 - y) * S[h3] * z3


WRONG = {
    "shortcut-forgotten": LAST + MIDDLE + FIRST,
    "shortcut-weight": sum(by_hand(v=w)),
    "shortcut-slope": LAST + MIDDLE + FIRST + SHORT / S[h1],
    "last-step": LAST,
    "first-lost": LAST + MIDDLE,
    "newest-lost": MIDDLE + FIRST + SHORT,
    "longest-path": FIRST + SHORT,
    "h-current": sum(by_hand(inputs=(h1, h2, h3))),
    "w-forgotten": sum(by_hand(w=1)),
    "slope-of-tanh": of(TANH),
    "chapters-net": sum(by_hand(TANH[h1], TANH[h2], TANH[h3], v=0)),
    "phi-forgotten": of(ONE),
    "phi-once": of(ONE | {h3: S[h3]}),
    "same-phi": of(dict.fromkeys(S, S[h3])),
    "averaged": BY_HAND / 3,
    "shortcut-as-w": BY_HAND + LAST / h2 * h1,
    "long-way-forgotten": LAST + MIDDLE + SHORT,
    "h0-left-out": LAST + MIDDLE + (FIRST + SHORT) / h0,
    "half-slope": of({h: 1 - h for h in S}),
    "zeros": sp.diff((h3 - y) ** 2 / 2, w),
    "shape": [LAST, MIDDLE, FIRST + SHORT],
    "every-loss": BY_HAND + EARLIER,
    "factor-too-many": BY_HAND + (w - 1) * LAST,
    "error-wrong": BY_HAND / (h3 - y),
    "one-phi-missing": of(S | {h3: 1}),
    "phi-previous": sum(by_hand(S[h0], S[h1], S[h2])),
    "multiplied": LAST * MIDDLE * (FIRST + SHORT),
}

RIGHT = [
    BY_HAND,
    sp.expand(BY_HAND),
    lambda: BY_HAND,
    by_sympy(),
    BY_HAND.subs(h0, sp.Symbol("h0")),
    [BY_HAND],
]

#: Answers that are right on most inputs.
NEARLY = [
    BY_HAND + sp.Rational(1, 10**6),
    BY_HAND + (w - sp.Rational(7, 10)),
    BY_HAND.subs(h2, sp.Abs(h2) + (w - sp.Rational(7, 10))),
    [BY_HAND, BY_HAND],
]


class TestUnrolled(contract.Exercise):
    check = unrolled
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (BY_HAND + BEFORE, "every-loss"),
        (BY_HAND * w, "factor-too-many"),
        (of(S | {h2: 1}), "one-phi-missing"),
        (LAST + MIDDLE + FIRST / w + SHORT, "w-forgotten"),
        (LAST + MIDDLE + FIRST + SHORT / v, "shortcut-weight"),
        (LAST + MIDDLE + FIRST + SHORT * v, "shortcut-weight"),
        (of({h: h for h in S}), "half-slope"),
        (of(S | {h3: TANH[h3]}), "slope-of-tanh"),
        (LAST / h2 * h1, "shortcut-as-w"),
        (LAST + MIDDLE + FIRST + SHORT * S[h2], "shortcut-slope"),
        (BY_HAND * (h3 - y), "error-wrong"),
        (-BY_HAND, "sign"),
        (2 * BY_HAND, "factor"),
        (str(BY_HAND), "shape"),
    ],
)
def test_names_what_leads_to_other_values(answer, mistake):
    assert unrolled(answer).mistakes == (mistake,)


def test_what_sympy_alone_gives_is_not_in_the_symbols_that_are_asked_for():
    logistic = lambda z: 1 / (1 + sp.exp(-z))  # noqa: E731
    first = logistic(u * x1 + w * h0)
    third = logistic(u * x3 + w * logistic(u * x2 + w * first) + v * first)
    score = unrolled(sp.diff((third - y) ** 2 / 2, w))
    assert score == 0
    assert "The answer contains u, x1, x2, x3" in score.feedback[0]
