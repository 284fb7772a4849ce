"""He scaling, with a leak: see :mod:`contract` for what is asked."""

import contract
import pytest
import sympy as sp

from backpass.checks.relu_cnn_rnn import he_scaling

n, a, L = sp.symbols("n a L", positive=True)
VARIANCE = 2 / (n * (1 + a**2))
KEPT = ((1 + a**2) / 6) ** L


def scaled(variance):
    return [variance, sp.sqrt(3 * variance), (1 / (3 * n) / variance) ** L]


def but(variance=VARIANCE, r=None, kept=KEPT):
    return [variance, sp.sqrt(3 * VARIANCE) if r is None else r, kept]


WRONG = {
    "half-forgotten": scaled(1 / n),
    "leak-forgotten": scaled(2 / n),
    "not-squared": scaled(2 / (n * (1 + a))),
    "variance-of-h": scaled(1 / (n * ((1 + a**2) / 2 - (1 - a) ** 2 / (2 * sp.pi)))),
    "standard-deviation": but(sp.sqrt(VARIANCE)),
    "range": but(r=sp.sqrt(VARIANCE)),
    "whole-width": but(r=2 * sp.sqrt(3 * VARIANCE)),
    "shape": VARIANCE,
    "square-of-mean": scaled(4 / (n * (1 + a) ** 2)),
    "subtracted": scaled(2 / (n * (1 - a**2))),
    "one-half": scaled(1 / (n * (sp.Rational(1, 2) + a**2))),
    "no-half": scaled(1 / (n * (1 + a**2))),
    "inverted": scaled(1 / VARIANCE),
    "inputs-forgotten": scaled(2 / (1 + a**2)),
    "square-of-r": but(r=3 * VARIANCE),
    "one-layer": but(kept=(1 + a**2) / 6),
    "lost": but(kept=1 - KEPT),
    "layers-off": but(kept=KEPT.subs(L, L - 1)),
    "of-the-size": but(kept=sp.sqrt(KEPT)),
}

RIGHT = [
    scaled(VARIANCE),
    sp.Matrix(scaled(VARIANCE)),
    lambda: scaled(1 / sp.expand(1 / VARIANCE)),
    dict(zip(["variance", "r", "kept"], scaled(VARIANCE), strict=True)),
    but(VARIANCE.subs(n, sp.Symbol("n")), sp.sqrt(6) / sp.sqrt(n + n * a**2)),
]

NEARLY = [but(r=sp.sqrt(3 * 2 / n)), but(2 / n), but(kept=sp.Rational(1, 6) ** L)]


class TestHeScaling(contract.Exercise):
    check = he_scaling
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "mistakes"),
    [
        (scaled(VARIANCE)[::-1], ("order",)),
        (but(1 / VARIANCE), ("inverted",)),
        (but(1 / VARIANCE, sp.sqrt(3 / VARIANCE)), ("inverted",)),
        (but(2 / n * (1 + a**2), sp.sqrt(6 / n * (1 + a**2))), ("inverted",)),
        (scaled(2 / (n * (1 + a) ** 2)), ("square-of-mean",)),
        (scaled(1 / (n * (1 + a**2 / 2))), ("one-half",)),
        (but(2 / (1 + a**2)), ("inputs-forgotten",)),
        (but(sp.sqrt(VARIANCE), sp.sqrt(3 * sp.sqrt(VARIANCE))), ("standard-deviation",)),
        (but(r=sp.sqrt(VARIANCE / 3)), ("range",)),
        (but(kept=((1 + a**2) / 2) ** L), ("range",)),
        (but(kept=L * (1 + a**2) / 6), ("one-layer",)),
        (but(kept=1 / KEPT), ("inverted",)),
        (but(kept=sp.Rational(1, 6) ** L), ("leak-forgotten",)),
        (but(r=-sp.sqrt(3 * VARIANCE)), ("sign",)),
        (["2/(n*(1+a**2))", "0", "0"], ("type",)),
        (but(r=(-sp.sqrt(3 * VARIANCE), sp.sqrt(3 * VARIANCE))), ("type",)),
    ],
)
def test_names_what_leads_to_other_expressions(answer, mistakes):
    assert he_scaling(answer).mistakes == mistakes


@pytest.mark.parametrize(
    ("slug", "points"),
    [("not-squared", 2), ("no-half", 2), ("inputs-forgotten", 2), ("square-of-mean", 2),
     ("half-forgotten", 0), ("leak-forgotten", 0)],
)  # fmt: skip
def test_what_follows_from_another_variance_is_right_for_it_if_it_has_a_leak(slug, points):
    score = he_scaling(WRONG[slug])
    assert (score, score.mistakes) == (points, (slug,))


def test_three_points_are_no_reason_for_a_third():
    told = " ".join(he_scaling(scaled(VARIANCE / 3)).feedback)
    assert "number of entries" not in told
