"""The variance of an average of two averages: see :mod:`contract` for what is asked."""

import contract
import pytest
import sympy as sp

from backpass.checks.minibatches import two_parts

n1, n2, N, v = sp.symbols("n1 n2 N v", positive=True)
COV = -v / (N - 1)


def var(n, share=lambda n: (n - 1) / (N - 1)):
    return v / n * (1 - share(n))


def average(cov=COV, var=var):
    return (var(n1) + var(n2) + 2 * cov) / 4


AVERAGE, WHOLE = average(), var(n1 + n2)
RATIO = AVERAGE / WHOLE

WRONG = {
    "with-replacement": [COV, v * (1 / n1 + 1 / n2) / 4, (n1 + n2) ** 2 / (4 * n1 * n2)],
    "covariance-forgotten": [COV, average(0), average(0) / WHOLE],
    "covariance-once": [COV, average(COV / 2), average(COV / 2) / WHOLE],
    "positive": [-COV, average(-COV), average(-COV) / WHOLE],
    "other-number": [-v / N, AVERAGE, RATIO],
    "divided-by-sizes": [COV / (n1 * n2), AVERAGE, RATIO],
    "not-squared": [COV, 2 * AVERAGE, 2 * RATIO],
    "pooled": [COV, WHOLE, RATIO],
    "upside-down": [COV, AVERAGE, 1 / RATIO],
    "sample-variance": [COV, AVERAGE * (N - 1) / N, RATIO],
    "other-share": [
        COV,
        average(var=lambda n: var(n, lambda n: n / N)),
        average(var=lambda n: var(n, lambda n: n / N)) / var(n1 + n2, lambda n: n / N),
    ],
    "zeros": [0, AVERAGE, RATIO],
    "shape": [COV, AVERAGE],
}
RIGHT = [
    [COV, AVERAGE, RATIO],
    (v / (1 - N), (N * (n1 + n2) / (4 * n1 * n2) - 1) * v / (N - 1), sp.together(RATIO)),
    sp.Matrix([COV, AVERAGE, RATIO]),
    lambda: [sp.expand(e) for e in (COV, AVERAGE, RATIO)],
]
NEARLY = [
    [e.subs(n1, n2) for e in (COV, AVERAGE, RATIO)],
    [COV, AVERAGE, 1],
    [COV, AVERAGE, RATIO + sp.Rational(1, 10**6)],
    [AVERAGE, COV, RATIO],
]


class TestTwoParts(contract.Exercise):
    check = two_parts
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(("slug", "points"), {"pooled": 2, "upside-down": 3}.items())
def test_a_slip_costs_the_points_of_what_it_spoils(slug, points):
    assert two_parts(WRONG[slug]) == points


def test_what_holds_with_replacement_brings_nothing_for_the_variance():
    score = two_parts(WRONG["with-replacement"])
    assert (score, score.mistakes) == (2, ("with-replacement",)), score.feedback
