"""Three steps by hand: see :mod:`contract` for what is asked."""

import contract
import pytest
import sympy as sp

from backpass.checks.bptt import unrolled

u, w, y, x1, x2, x3 = sp.symbols("u w y x1:4", real=True)
h0, h1, h2, h3 = sp.symbols("h0:4", real=True)
S = {h: 1 - h**2 for h in (h1, h2, h3)}
LAST, MIDDLE, FIRST = (
    (h3 - y) * S[h3] * h2,
    (h3 - y) * S[h3] * w * S[h2] * h1,
    (h3 - y) * S[h3] * w * S[h2] * w * S[h1] * h0,
)
BY_HAND = LAST + MIDDLE + FIRST
#: What the losses ½ (h_2 − y)² and ½ (h_1 − y)² of the steps before would add.
EARLIER = (h2 - y) * S[h2] * (h1 + w * S[h1] * h0) + (h1 - y) * S[h1] * h0
FORWARD = h0
for x in (x1, x2, x3):
    FORWARD = sp.tanh(u * x + w * FORWARD)
LOSS = (FORWARD - y) ** 2 / 2

WRONG = {
    "last-step": LAST,
    "first-lost": LAST + MIDDLE,
    "newest-lost": MIDDLE + FIRST,
    "longest-path": FIRST,
    "h-current": LAST / h2 * h3 + MIDDLE / h1 * h2 + FIRST / h0 * h1,
    "inputs": sp.diff(LOSS, u),
    "w-forgotten": LAST + MIDDLE / w + FIRST / w**2,
    "phi-forgotten": (h3 - y) * (h2 + w * h1 + w**2 * h0),
    "phi-once": (h3 - y) * S[h3] * (h2 + w * h1 + w**2 * h0),
    "same-phi": (h3 - y) * S[h3] * (h2 + w * S[h3] * (h1 + w * S[h3] * h0)),
    "averaged": BY_HAND / 3,
    "zeros": sp.diff((h3 - y) ** 2 / 2, w),
    "shape": [LAST, MIDDLE, FIRST],
    "every-loss": BY_HAND + EARLIER,
    "factor-too-many": LAST * w + MIDDLE + FIRST,
    "error-wrong": BY_HAND / (h3 - y),
    "one-phi-missing": BY_HAND / S[h3],
    "phi-previous": (h3 - y) * S[h2] * (h2 + w * S[h1] * (h1 + w * (1 - h0**2) * h0)),
    "multiplied": LAST * MIDDLE * FIRST,
}

RIGHT = [
    BY_HAND,
    sp.expand(BY_HAND),
    sp.diff(LOSS, w),
    lambda: BY_HAND,
    BY_HAND.subs(h3, sp.tanh(u * x3 + w * h2)),
    BY_HAND.subs(h0, sp.Symbol("h0")),
    [BY_HAND],
    sp.Derivative(LOSS, w),
]

#: Answers that are right on most inputs.
NEARLY = [
    BY_HAND + sp.Rational(1, 10**6),
    BY_HAND + (w - sp.Rational(7, 10)),
    BY_HAND.subs(h1, sp.Abs(h1)),
    [BY_HAND, BY_HAND],
    sp.diff(LOSS.subs(h0, 0), w),
]


class TestUnrolled(contract.Exercise):
    check = unrolled
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (BY_HAND + (h2 - y) * S[h2] * (h1 + w * S[h1] * h0), "every-loss"),
        (BY_HAND * w, "factor-too-many"),
        (BY_HAND + FIRST * w * (1 - h0**2), "factor-too-many"),
        (LAST + MIDDLE + FIRST / S[h1], "one-phi-missing"),
        (LAST + MIDDLE * w + FIRST * w, "w-forgotten"),
        (BY_HAND * (h3 - y), "error-wrong"),
        (-BY_HAND, "sign"),
        (2 * BY_HAND, "factor"),
        (str(BY_HAND), "shape"),
    ],
)
def test_names_what_leads_to_other_values(answer, mistake):
    assert unrolled(answer).mistakes == (mistake,)
