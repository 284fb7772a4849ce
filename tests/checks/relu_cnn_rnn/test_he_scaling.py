"""He scaling, with a leak: see :mod:`contract` for what is asked."""

import contract
import pytest
import sympy as sp

from backpass.checks.relu_cnn_rnn import he_scaling

n, a = sp.symbols("n a", positive=True)
VARIANCE = 2 / (n * (1 + a**2))


def scaled(variance):
    return [variance, sp.sqrt(3 * variance)]


WRONG = {
    "half-forgotten": scaled(1 / n),
    "leak-forgotten": scaled(2 / n),
    "not-squared": scaled(2 / (n * (1 + a))),
    "variance-of-h": scaled(1 / (n * ((1 + a**2) / 2 - (1 - a) ** 2 / (2 * sp.pi)))),
    "standard-deviation": [sp.sqrt(VARIANCE), sp.sqrt(3 * VARIANCE)],
    "range": [VARIANCE, sp.sqrt(VARIANCE)],
    "whole-width": [VARIANCE, 2 * sp.sqrt(3 * VARIANCE)],
    "shape": VARIANCE,
    "square-of-mean": scaled(4 / (n * (1 + a) ** 2)),
    "subtracted": scaled(2 / (n * (1 - a**2))),
    "one-half": scaled(1 / (n * (sp.Rational(1, 2) + a**2))),
    "no-half": scaled(1 / (n * (1 + a**2))),
    "inverted": scaled(1 / VARIANCE),
    "inputs-forgotten": scaled(2 / (1 + a**2)),
    "square-of-r": [VARIANCE, 3 * VARIANCE],
}

RIGHT = [
    scaled(VARIANCE),
    sp.Matrix(scaled(VARIANCE)),
    lambda: scaled(1 / sp.expand(1 / VARIANCE)),
    dict(zip(["variance", "r"], scaled(VARIANCE), strict=True)),
    [VARIANCE.subs(n, sp.Symbol("n")), sp.sqrt(6) / sp.sqrt(n + n * a**2)],
]

NEARLY = [[VARIANCE, sp.sqrt(3 * 2 / n)], [2 / n, sp.sqrt(3 * VARIANCE)]]


class TestHeScaling(contract.Exercise):
    check = he_scaling
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(
    ("answer", "mistakes"),
    [
        (scaled(VARIANCE)[::-1], ("order",)),
        ([1 / VARIANCE, sp.sqrt(3 * VARIANCE)], ("inverted",)),
        ([1 / VARIANCE, sp.sqrt(3 / VARIANCE)], ("inverted",)),
        ([2 / n * (1 + a**2), sp.sqrt(6 / n * (1 + a**2))], ("inverted",)),
        (scaled(2 / (n * (1 + a) ** 2)), ("square-of-mean",)),
        (scaled(1 / (n * (1 + a**2 / 2))), ("one-half",)),
        ([2 / (1 + a**2), sp.sqrt(3 * VARIANCE)], ("inputs-forgotten",)),
        ([sp.sqrt(VARIANCE), sp.sqrt(3 * sp.sqrt(VARIANCE))], ("standard-deviation", "range")),
        ([VARIANCE, sp.sqrt(VARIANCE / 3)], ("range",)),
        ([VARIANCE, -sp.sqrt(3 * VARIANCE)], ("sign",)),
        (["2/(n*(1+a**2))", "0"], ("type",)),
        ([VARIANCE, (-sp.sqrt(3 * VARIANCE), sp.sqrt(3 * VARIANCE))], ("type",)),
    ],
)
def test_names_what_leads_to_other_expressions(answer, mistakes):
    assert he_scaling(answer).mistakes == mistakes


def test_three_points_are_no_reason_for_a_third():
    told = " ".join(he_scaling(scaled(VARIANCE / 3)).feedback)
    assert "number of entries" not in told
