"""Centring a training and a test set: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.sigmoid_and_tanh.answers import column_means, row_means

from backpass.checks.sigmoid_and_tanh import centre


def centring(
    mean=lambda train, test: train.mean(axis=0), train=lambda X, c: X - c, test=lambda X, c: X - c
):
    """Both sets centred, with one thing changed."""

    def answer(X_train, X_test):
        c = mean(X_train, X_test)
        return train(X_train, c), test(X_test, c)

    return answer


def own(mean):
    """Both sets shifted by a mean of their own."""
    return lambda X_train, X_test: (X_train - mean(X_train), X_test - mean(X_test))


def of_length_1(X, c):
    return (X - c) / np.linalg.norm(X - c, axis=1, keepdims=True)


WRONG = {
    "test-forgotten": centring(test=lambda X, c: X),
    "train-forgotten": centring(train=lambda X, c: X),
    "own-mean": own(lambda X: X.mean(axis=0)),
    "pooled-mean": centring(lambda train, test: np.vstack([train, test]).mean(axis=0)),
    "wrong-axis": own(lambda X: X.mean(axis=1, keepdims=True)),
    "row-means": centring(
        lambda train, test: contract.where_it_fits(row_means, column_means)(train)
    ),
    "grand-mean": centring(lambda train, test: train.mean()),
    "scaled": lambda a, c: ((a - a.mean(0)) / a.std(0), (c - a.mean(0)) / a.std(0)),
    "added": centring(train=np.add, test=np.add),
    "mean-of-test": lambda a, c: (a - c.mean(axis=0), c - a.mean(axis=0)),
    "not-the-mean": centring(lambda train, test: train.max(axis=0)),
    "between-0-and-1": lambda a, c: tuple(
        (x - a.min(axis=0)) / (a.max(axis=0) - a.min(axis=0)) for x in (a, c)
    ),
    "bessel": centring(lambda train, test: train.sum(axis=0) / (len(train) - 1)),
    "divided": centring(train=np.divide, test=np.divide),
    "rows-scaled": centring(train=of_length_1, test=of_length_1),
    "mean-alone": lambda a, c: (a.mean(axis=0), a.mean(axis=0)),
    "median": centring(lambda train, test: np.median(train, axis=0)),
}
RIGHT = [
    centring(),
    centring(lambda train, test: train.sum(0) / len(train)),
    lambda a, c: [(a - a.mean(axis=0)).tolist(), c - a.mean(axis=0, keepdims=True)],
]
NEARLY = [
    centring(lambda train, test: train.mean(axis=0).round(6)),
    lambda a, c: (c, a),
    centring(lambda train, test: train[:4].mean(axis=0)),
    lambda a, c: (a - a.mean(0), (c - a.mean(0))[0]),
]


class TestCentre(contract.Exercise):
    check = centre
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_the_training_set():
    assert centre(own(lambda X: X.mean(axis=0))) == 1
