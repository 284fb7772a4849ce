"""Rates for sums of gradients: see :mod:`contract` for what is asked."""

import contract
import sympy as sp

from backpass.checks.minibatches import sum_rates

d, B, v, s, eta = sp.symbols("d B v s eta", positive=True)
BELOW = v * (B + d + 1)


def three(below=BELOW, noise=eta * d * s**2):
    return [1 / below, 2 / below, noise / (2 - eta * below)]


BEST, LIMIT, SETTLED = three()
MEAN = v * (1 + (d + 1) / B)

WRONG = {
    "for-means": [1 / MEAN, 2 / MEAN, eta * d * s**2 / B / (2 - eta * MEAN)],
    "rescaled-wrongly": [B**2 / v / (B + d + 1), LIMIT, SETTLED],
    "variance-forgotten": three(B + d + 1),
    "noise-forgotten": three(v * B),
    "fourth-moment": three(v * (B + d)),
    "best-for-limit": [BEST, BEST, SETTLED],
    "limit-for-best": [LIMIT, LIMIT, SETTLED],
    "small-rate": [BEST, LIMIT, eta * d * s**2 / 2],
    "one-weight": [BEST, LIMIT, SETTLED / d],
    "other-noise": [BEST, LIMIT, SETTLED / s],
    "loss-instead": [BEST, LIMIT, SETTLED / 2],
    "shape": [BEST, LIMIT],
}
RIGHT = [
    [BEST, LIMIT, SETTLED],
    (1 / (B * MEAN), 2 / (v * B + v * (d + 1)), d * s**2 / (2 / eta - v * (B + d + 1))),
    sp.Matrix([BEST, LIMIT, SETTLED]),
    lambda: [sp.expand(e) for e in (BEST, LIMIT, SETTLED)],
]
NEARLY = [
    [e.subs(d, 2) for e in (BEST, LIMIT, SETTLED)],
    [BEST, LIMIT, SETTLED.subs(B, 2)],
    [BEST, LIMIT, SETTLED + sp.Rational(1, 10**6)],
]


class TestSumRates(contract.Exercise):
    check = sum_rates
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_what_holds_for_means_costs_the_first_part_alone():
    score = sum_rates(WRONG["for-means"])
    assert (score, score.mistakes) == (3, ("for-means",)), score.feedback


def test_the_chapters_rates_bring_no_more():
    assert sum_rates([1 / (1 + (d + 1) / B), 2 / (1 + (d + 1) / B), SETTLED]) < 4
