"""One slope for a family of activations: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.sigmoid_and_tanh.answers import sigma, steep

from backpass.checks.sigmoid_and_tanh import family_slope


def by_sigma(found=lambda y, a, s, c: y / a + c, rule=steep, outside=lambda a, s: a * s):
    """The slope with one thing changed."""
    return lambda y, a, s, c: outside(a, s) * rule(found(y, a, s, c))


def at(z, a, s, c):
    return a * s * steep(sigma(s * z))


WRONG = {
    "rule-of-sigma": lambda y, a, s, c: y * (1 - y),
    "rule-of-tanh": lambda y, a, s, c: 1 - y**2,
    "output-for-input": at,
    "s-forgotten": by_sigma(outside=lambda a, s: a),
    "a-forgotten": by_sigma(outside=lambda a, s: s),
    "c-forgotten": by_sigma(lambda y, a, s, c: y / a),
    "wrongly-solved": by_sigma(lambda y, a, s, c: (y + c) / a),
    "output-for-sigma": by_sigma(lambda y, a, s, c: y),
    "parentheses": lambda y, a, s, c: a * s * (y / a + c) * (1 - y / a + c),
    "value": lambda y, a, s, c: y / a + c,
    "one-factor": by_sigma(rule=lambda o: 1 - o),
    "largest": lambda y, a, s, c: np.full_like(y, a * s / 4),
    "factor": by_sigma(outside=lambda a, s: 2 * a * s),
}
RIGHT = [
    by_sigma(),
    lambda y, a, s, c: s * (y + a * c) * (1 - c - y / a),
    lambda y, a, s, c: at(np.log((y / a + c) / (1 - y / a - c)) / s, a, s, c),
]
NEARLY = [
    by_sigma(lambda y, a, s, c: y / a + 0.5),
    lambda y, a, s, c: by_sigma()(np.round(y, 3), a, s, c),
]


class TestFamilySlope(contract.Exercise):
    check = family_slope
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_a_centred_slope_alone_earns_half():
    assert family_slope(by_sigma(lambda y, a, s, c: y / a + 0.5)) == 1


def test_it_holds_for_sigma_and_tanh_too():
    z = np.linspace(-3, 3, 7)
    for y, a, s, c, slope in [
        (sigma(z), 1, 1, 0, steep(sigma(z))),
        (np.tanh(z), 2, 2, 0.5, 1 - np.tanh(z) ** 2),
    ]:
        for right in RIGHT:
            np.testing.assert_allclose(right(y, a, s, c), slope, rtol=1e-9)


@pytest.mark.parametrize("slug", ["factor", "one-factor", "parentheses", "wrongly-solved"])
def test_a_slip_that_every_member_shows_is_paid_for_once(slug):
    score = family_slope(WRONG[slug])
    assert (score, score.mistakes) == (1, (slug,)), score.feedback


@pytest.mark.parametrize("slug", ["a-forgotten", "s-forgotten", "c-forgotten", "output-for-sigma"])
def test_who_leaves_a_parameter_out_has_nothing(slug):
    assert family_slope(WRONG[slug]) == 0
