"""Labels that are rewarded for variety: see :mod:`contract` for what is asked."""

import contract
import sympy as sp
from checks.softmax_cross_entropy.answers import lam, o, t

from backpass.checks.softmax_cross_entropy import label_gradient

COSTS = [-sp.log(x) for x in o]
BOTH = [c + lam * sp.log(x) for c, x in zip(COSTS, t, strict=True)]


def mean(values):
    return sum(a * b for a, b in zip(t, values, strict=True))


def pulled(values, less=None, by=t):
    """by_j (values_j − their mean under t, or what else is less)."""
    less = mean(values) if less is None else less
    return [a * (b - less) for a, b in zip(by, values, strict=True)]


F = mean(BOTH)
RIGHT = [
    pulled(BOTH),
    lambda: tuple(map(sp.expand, pulled(BOTH))),
    [sum(BOTH[i] * t[i] * (int(i == j) - t[j]) for i in range(3)) for j in range(3)],
]

WRONG = {
    "sign": [-x for x in pulled(BOTH)],
    "zeros": [sp.Integer(0)] * 3,
    "no-reward": pulled(COSTS),
    "reward-sign": pulled([c - lam * sp.log(x) for c, x in zip(COSTS, t, strict=True)]),
    "weight-forgotten": pulled([c + sp.log(x) for c, x in zip(COSTS, t, strict=True)]),
    "mean-of-costs": pulled(BOTH, less=mean(COSTS)),
    "chain-stopped": [b + lam for b in BOTH],
    "diagonal-only": [x * (1 - x) * b for x, b in zip(t, BOTH, strict=True)],
    "no-second-term": pulled(BOTH, less=0),
    "one-left-over": pulled(BOTH, less=F - lam),
    "logits-gradient": [a - b for a, b in zip(o, t, strict=True)],
    "second-sign": pulled(BOTH, less=-F),
    "parentheses": [x * b - F for x, b in zip(t, BOTH, strict=True)],
    "labels-forgotten": pulled(BOTH, by=[1, 1, 1]),
    "output-for-label": pulled(BOTH, by=o),
    "reward-at-the-labels": [
        cost + lam * (sp.log(x) + 1) for cost, x in zip(pulled(COSTS), t, strict=True)
    ],
    "not-weighed": pulled(BOTH, less=sum(BOTH)),
}


class TestLabelGradient(contract.Exercise):
    check = label_gradient
    wrong, right = WRONG, RIGHT


def test_label_logits_are_refused():
    u = sp.symbols("u1:4")
    assert label_gradient([x * u[0] for x in pulled(BOTH)]).mistakes == ("symbols",)
