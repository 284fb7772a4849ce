"""The condition number of inputs with means: see :mod:`contract` for what is asked."""

import contract
import pytest
import sympy as sp

from backpass.checks.sigmoid_and_tanh import price_of_a_mean

d, m, v, c = sp.symbols("d m v c", positive=True)
SPREAD = v + (d - 1) * c
ALONG = SPREAD + d * m**2
ROOT = sp.sqrt((ALONG + 1) ** 2 - 4 * SPREAD)
TOP, BOTTOM = (ALONG + 1 + ROOT) / 2, (ALONG + 1 - ROOT) / 2
PLAIN, CENTRED = ALONG / (v - c), SPREAD / (v - c)

WRONG = {
    "means-forgotten": [CENTRED, CENTRED, TOP],
    "not-centred": [PLAIN, PLAIN, TOP],
    "width-forgotten": [(SPREAD + m**2) / (v - c), CENTRED, TOP],
    "mean-not-squared": [(SPREAD + d * m) / (v - c), CENTRED, TOP],
    "correlation-forgotten": [1 + d * m**2 / v, 1, TOP.subs(c, 0)],
    "own-pair": [(ALONG + c) / (v - c), (SPREAD + c) / (v - c), TOP],
    "smallest-is-v": [ALONG / v, SPREAD / v, TOP],
    "largest-only": [ALONG, SPREAD, TOP],
    "upside-down": [1 / PLAIN, 1 / CENTRED, TOP],
    "bias-ignored": [PLAIN, CENTRED, ALONG],
    "bias-as-input": [PLAIN, CENTRED, ALONG.subs(d, d + 1)],
    "bias-added": [PLAIN, CENTRED, ALONG + 1],
    "smaller-root": [PLAIN, CENTRED, BOTTOM],
    "width-squared": [(SPREAD + d**2 * m**2) / (v - c), CENTRED, TOP],
    "mean-subtracted": [(SPREAD - d * m**2) / (v - c), CENTRED, TOP],
    "mean-in-smallest": [ALONG / (v - c + m**2), CENTRED, TOP],
    "two-inputs": [e.subs(d, 2) for e in (PLAIN, CENTRED, TOP)],
    "rooted": [sp.sqrt(PLAIN), sp.sqrt(CENTRED), TOP],
    "wrong-root": [PLAIN, CENTRED, (ALONG + 1 + sp.sqrt((ALONG + 1) ** 2 + 4 * SPREAD)) / 2],
    "not-halved": [PLAIN, CENTRED, 2 * TOP],
    "divided": [PLAIN, CENTRED, TOP / (v - c)],
    "shape": [PLAIN, CENTRED],
}
RIGHT = [
    [PLAIN, CENTRED, TOP],
    (1 + d * (c + m**2) / (v - c), CENTRED, SPREAD / BOTTOM),
    sp.Matrix([PLAIN, CENTRED, TOP]),
    lambda: [sp.expand(e) for e in (PLAIN, CENTRED, TOP)],
    [PLAIN, 1 + d * c / (v - c), sp.Max(TOP, BOTTOM)],
]
NEARLY = [
    [e.subs(d, 10) for e in (PLAIN, CENTRED, TOP)],
    [CENTRED, PLAIN, TOP],
    [PLAIN + sp.Rational(1, 10**6), CENTRED, TOP],
    [PLAIN, CENTRED, TOP / (v - c)],
    [PLAIN, CENTRED, TOP / BOTTOM],
    [PLAIN, CENTRED, 2 * TOP],
    [PLAIN, CENTRED, sp.Max(1, ALONG)],
]


class TestPriceOfAMean(contract.Exercise):
    check = price_of_a_mean
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_all_but_the_bias():
    assert price_of_a_mean([PLAIN, CENTRED, ALONG]) == 2


def test_a_complex_entry_spoils_no_other():
    assert price_of_a_mean([PLAIN, CENTRED, sp.sqrt(v - 5)]) == 2


@pytest.mark.parametrize("slug", ["own-pair", "smallest-is-v", "upside-down"])
def test_a_slip_in_both_condition_numbers_is_paid_for_once(slug):
    assert price_of_a_mean(WRONG[slug]) == 3
    assert price_of_a_mean(WRONG["correlation-forgotten"]) == 0


@pytest.mark.parametrize("place", range(3))
def test_an_open_entry_costs_its_own_points_only(place):
    for nothing in (..., None):
        answer = [PLAIN, CENTRED, TOP]
        answer[place] = nothing
        score = price_of_a_mean(answer)
        assert score == (3, 3, 2)[place]
        assert "Not attempted." in score.feedback[place]
    assert price_of_a_mean([...] * 3).feedback == ("Not attempted, 0 of 4.",)


def test_an_entry_with_another_symbol_costs_its_own_points_only():
    score = price_of_a_mean([PLAIN, sp.Symbol("q"), TOP])
    assert (score, score.mistakes) == (3, ("symbols",))


def test_two_expressions_for_one_are_told():
    score = price_of_a_mean([PLAIN, CENTRED, (TOP, BOTTOM)])
    assert (score, score.mistakes) == (2, ("type",))
