"""What the answers to several exercises on sigmoid and tanh are made of."""

import numpy as np


def sigma(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def steep(a):
    """The slope of σ where its value is a."""
    return a * (1 - a)


def steep_tanh(y):
    """The slope of tanh where its value is y."""
    return 1 - y**2


def along_rows(X):
    return X - X.mean(axis=1, keepdims=True)


def row_means(X):
    return X.mean(axis=1)


def column_means(X):
    return X.mean(axis=0)
