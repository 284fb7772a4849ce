"""Centring a training and a test set: see :mod:`contract` for what is asked."""

import warnings

import contract
import numpy as np
import pytest

from backpass.checks.sigmoid_and_tanh import centre


def gaps(X, values, by=0.0):
    return np.where(np.isnan(X), by, values)


def means(X):
    return np.nanmean(X, axis=0)


def own_means(X):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a single example may have no value of an input
        return np.nan_to_num(means(X))


def centring(
    mean=lambda train, test: means(train),
    train=lambda X, c: X - c,
    test=lambda X, c: X - c,
    by=lambda c: 0.0,
):
    """Both sets centred, with one thing changed."""

    def answer(X_train, X_test):
        c = mean(X_train, X_test)
        return gaps(X_train, train(X_train, c), by(c)), gaps(X_test, test(X_test, c), by(c))

    return answer


def own(mean):
    """Both sets shifted by a mean of their own."""
    return lambda *sets: tuple(gaps(X, X - mean(X)) for X in sets)


def of_length_1(X, c):
    found = gaps(X, X - c)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def between(X, train):
    low, high = np.nanmin(train, axis=0), np.nanmax(train, axis=0)
    return gaps(X, (X - low) / (high - low))


def complete(X):
    return X[~np.isnan(X).any(axis=1)]


def by_loops(X_train, X_test):
    results = []
    for X in (X_train, X_test):
        result = np.zeros(X.shape)
        for j in range(X.shape[1]):
            there = [x for x in X_train[:, j] if x == x]
            for i in range(len(X)):
                if X[i, j] == X[i, j]:
                    result[i, j] = X[i, j] - sum(there) / len(there)
        results.append(result)
    return results


def filled_first(X_train, X_test):
    mean = means(X_train)
    return tuple(gaps(X, X, mean) - mean for X in (X_train, X_test))


WRONG = {
    "gaps-left": lambda a, c: (a - means(a), c - means(a)),
    "gaps-as-zeros": centring(lambda train, test: np.nan_to_num(train).mean(axis=0)),
    "gaps-at-the-mean": centring(by=lambda c: c),
    "whole-rows": centring(lambda train, test: complete(train).mean(axis=0)),
    "test-forgotten": centring(test=lambda X, c: X),
    "train-forgotten": centring(train=lambda X, c: X),
    "own-mean": own(own_means),
    "pooled-mean": centring(lambda train, test: means(np.vstack([train, test]))),
    "wrong-axis": own(lambda X: np.nanmean(X, axis=1, keepdims=True)),
    "row-means": centring(
        lambda train, test: contract.where_it_fits(lambda X: np.nanmean(X, axis=1), means)(train)
    ),
    "grand-mean": centring(lambda train, test: np.nanmean(train)),
    "scaled": lambda a, c: tuple(gaps(x, (x - means(a)) / np.nanstd(a, axis=0)) for x in (a, c)),
    "added": centring(train=np.add, test=np.add),
    "mean-of-test": lambda a, c: (gaps(a, a - own_means(c)), gaps(c, c - means(a))),
    "not-the-mean": centring(lambda train, test: np.nanmax(train, axis=0)),
    "between-0-and-1": lambda a, c: (between(a, a), between(c, a)),
    "bessel": centring(
        lambda train, test: np.nansum(train, axis=0) / (np.sum(train == train, axis=0) - 1)
    ),
    "divided": centring(train=np.divide, test=np.divide),
    "rows-scaled": centring(train=of_length_1, test=of_length_1),
    "mean-alone": lambda a, c: (means(a), means(a)),
    "median": centring(lambda train, test: np.nanmedian(train, axis=0)),
}
RIGHT = [centring(), by_loops, filled_first]
NEARLY = [
    centring(lambda train, test: means(train).round(6)),
    lambda a, c: (c, a),
    centring(lambda train, test: means(train[:4])),
    lambda a, c: (centring()(a, c)[0], centring()(a, c)[1][0]),
]


class TestCentre(contract.Exercise):
    check = centre
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_the_training_set():
    assert centre(own(own_means)) == 1


def test_the_chapters_way_brings_nothing_where_values_are_missing():
    score = centre(lambda a, c: (a - a.mean(axis=0), c - a.mean(axis=0)))
    assert (score, score.mistakes) == (0, ("gaps-left",))


@pytest.mark.parametrize(
    "slug",
    ["gaps-as-zeros", "gaps-at-the-mean", "grand-mean", "median", "scaled", "whole-rows"],
)
def test_a_slip_in_both_sets_is_paid_for_once(slug):
    score = centre(WRONG[slug])
    assert (score, score.mistakes) == (2, (slug,)), score.feedback


@pytest.mark.filterwarnings("ignore")
def test_a_mean_that_is_missing_is_named_where_its_column_has_become_0():
    def chapter(a, c):
        return np.nan_to_num(a - a.mean(axis=0)), np.nan_to_num(c - a.mean(axis=0))

    score = centre(chapter)
    assert (score, score.mistakes) == (0, ("gaps-left",))
