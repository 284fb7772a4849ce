"""Softmax, warm and cold: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.softmax_cross_entropy.answers import by_log, columns, guarded, hard, naive, once, rows
from scipy.special import softmax as sm

from backpass.checks.softmax_cross_entropy import stable_softmax


def exponents(Z, tau, allowed):
    return np.where(allowed, Z / tau, -np.inf)


def of(f):
    """An answer that is a function of the exponents alone, −∞ where a class is not allowed."""
    return lambda Z, tau, allowed: f(exponents(Z, tau, allowed))


def powers(E):
    return np.exp(E - E.max(axis=1, keepdims=True))


def largest_of_all(Z, tau, allowed):
    P = np.exp(Z / tau - (Z / tau).max(axis=1, keepdims=True)) * allowed
    return P / P.sum(axis=1, keepdims=True)


def one_side(Z, tau, allowed):
    P = powers(exponents(Z, tau, allowed))
    return P / powers(exponents(Z, 1, allowed)).sum(axis=1, keepdims=True)


def shifted_by_columns(E):
    return naive(E - E.max(axis=0))


WRONG = {
    "no-temperature": lambda Z, tau, allowed: rows(exponents(Z, 1, allowed)),
    "times-temperature": lambda Z, tau, allowed: rows(exponents(Z * tau, 1, allowed)),
    "outside": lambda Z, tau, allowed: rows(exponents(Z, 1, allowed)) / tau,
    "one-side-of-it": lambda Z, tau, allowed: (
        np.exp(exponents(Z, tau, allowed))
        / np.exp(exponents(Z, 1, allowed)).sum(axis=1, keepdims=True)
    ),
    "mask-ignored": lambda Z, tau, allowed: rows(Z / tau),
    "logit-zero": lambda Z, tau, allowed: rows(Z / tau * allowed),
    "not-below-all": lambda Z, tau, allowed: rows(np.where(allowed, Z / tau, -1e9)),
    "after-the-sum": lambda Z, tau, allowed: rows(Z / tau) * allowed,
    "largest-of-all": largest_of_all,
    "no-max-shift": of(naive),
    "global-max": of(once),
    "axis": of(columns),
    "whole-batch": of(sm),
    "keepdims": of(lambda E: powers(E) / powers(E).sum(axis=1)),
    "other-shift": of(shifted_by_columns),
    "nan-hidden": of(lambda E: np.nan_to_num(naive(E))),
    "epsilon": of(lambda E: guarded(E, 5e-8)),
    "by-log-sum-exp": of(by_log),
    "last-row": of(lambda E: rows(E)[-1]),
    "not-normalised": of(powers),
    "one-hot": of(hard),
}


def by_loops(Z, tau, allowed):
    result = []
    for row, one in zip(Z / tau, np.broadcast_to(allowed, Z.shape), strict=True):
        top = max(x for x, a in zip(row, one, strict=True) if a)
        shares = [np.exp(x - top) if a else 0.0 for x, a in zip(row, one, strict=True)]
        result.append([x / sum(shares) for x in shares])
    return result


def by_least_number(Z, tau, allowed):
    """What is not allowed is as low as a number can be, and no infinity is needed."""
    return rows(np.where(allowed, Z / tau, np.finfo(float).min))


RIGHT = [of(rows), by_loops, by_least_number, of(lambda E: powers(E) / powers(E).sum(1)[:, None])]

NEARLY = [
    of(lambda E: guarded(E, 1e-12)),
    of(lambda E: np.round(rows(E), 6)),
]


class TestStableSoftmax(contract.Exercise):
    check = stable_softmax
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize("low", [-1e4, -1e9, -1e12, -1e20, -1e30])
def test_what_is_not_allowed_lies_below_all_that_is(low):
    for answer in (
        lambda Z, tau, allowed: rows(np.where(allowed, Z / tau, low)),
        lambda Z, tau, allowed: rows(np.where(allowed, Z, low) / tau),
        lambda Z, tau, allowed: rows(np.where(allowed, Z / tau, (Z / tau).min() + low)),
    ):
        score = stable_softmax(answer)
        assert (score, score.mistakes) == (3, ("not-below-all",)), score.feedback


@pytest.mark.parametrize("constant", [1e-4, 5e-8, 1e-10, 1e-12])
def test_a_constant_that_is_added_shows_and_is_named(constant):
    assert stable_softmax(of(lambda E: guarded(E, constant))).mistakes == ("epsilon",)


def test_the_chapters_softmax_at_a_temperature_brings_a_quarter():
    assert stable_softmax(lambda Z, tau, allowed: rows(Z / tau)) == 1


def test_true_stands_for_all_classes():
    def by_index(Z, tau, allowed):
        P = np.zeros(Z.shape)
        for i, row in enumerate(Z):
            P[i][allowed[i]] = sm(row[allowed[i]] / tau)
        return P

    score = stable_softmax(by_index)
    assert score == 3
    assert "allowed" in score.feedback[0]


@pytest.mark.parametrize("slug", ["no-temperature", "times-temperature"])
def test_a_wrong_temperature_costs_its_own_point_only(slug):
    score = stable_softmax(WRONG[slug])
    assert (score, score.mistakes) == (3, (slug,))


def test_the_chapters_softmax_hears_of_both_that_it_leaves_out():
    score = stable_softmax(lambda Z, tau, allowed: rows(Z))
    assert (score, score.mistakes) == (0, ("no-temperature", "mask-ignored"))
