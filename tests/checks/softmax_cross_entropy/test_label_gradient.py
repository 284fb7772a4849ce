"""Into the labels: see :mod:`contract` for what is asked."""

import contract
import sympy as sp
from checks.softmax_cross_entropy.answers import OUT, RIGHT_JACOBIAN, o, t, u

from backpass.checks.softmax_cross_entropy import label_gradient

#: The labels written in their logits u.
TARGET = sp.Matrix([sp.exp(x) / sum(map(sp.exp, u)) for x in u])
E = -sum(a * sp.log(b) for a, b in zip(t, o, strict=True))
COST = [-sp.log(x) for x in o]

WRONG = {
    "chain-stopped": COST,
    "diagonal-only": [a * (1 - a) * c for a, c in zip(t, COST, strict=True)],
    "no-second-term": [a * c for a, c in zip(t, COST, strict=True)],
    "sign": [-a * (c - E) for a, c in zip(t, COST, strict=True)],
    "logits-gradient": [b - a for a, b in zip(t, o, strict=True)],
    "swapped": [a - b for a, b in zip(t, o, strict=True)],
    "wrong-jacobian": list(RIGHT_JACOBIAN * sp.Matrix(COST)),
    "zeros": [E.diff(x) for x in u],
    "parentheses": [a * c - E for a, c in zip(t, COST, strict=True)],
    "labels-forgotten": [c - E for c in COST],
    "output-for-label": [b * (c - E) for b, c in zip(o, COST, strict=True)],
    "not-weighed": [a * (c - sum(COST)) for a, c in zip(t, COST, strict=True)],
    "loss-forgotten": [a * (1 - a) for a in t],
    "divergence": [
        a * (c + sp.log(a) - E - sum(x * sp.log(x) for x in t))
        for a, c in zip(t, COST, strict=True)
    ],
    "label-twice": [a**2 * (c - E) for a, c in zip(t, COST, strict=True)],
    "at-outputs": [-a / b for a, b in zip(t, o, strict=True)],
    "second-sign": [a * (c + E) for a, c in zip(t, COST, strict=True)],
}

RIGHT = [
    [a * (c - E) for a, c in zip(t, COST, strict=True)],
    sp.Matrix([a * (c - E) for a, c in zip(t, COST, strict=True)]),
    tuple(sp.diff(-sum(a * sp.log(b) for a, b in zip(TARGET, o, strict=True)), x) for x in u),
    [sp.diff(-sum(a * sp.log(b) for a, b in zip(TARGET, OUT, strict=True)), x) for x in u],
]


class TestLabelGradient(contract.Exercise):
    check = label_gradient
    wrong, right = WRONG, RIGHT
