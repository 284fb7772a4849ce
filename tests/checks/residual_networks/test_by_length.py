"""The gradient, sorted by path length: see :mod:`contract` for what is asked."""

from math import comb

import contract
import numpy as np

from backpass.checks.residual_networks import by_length


def through_lists(J, g):
    parts = [g]
    for b in J[::-1]:
        parts = [
            (parts[k] if k < len(parts) else 0) + (parts[k - 1] @ b if k else 0)
            for k in range(len(parts) + 1)
        ]
    return np.array(parts)


def by_subsets(J, g):
    """Every path by itself."""
    parts = np.zeros((len(J) + 1, len(g)))
    for path in range(2 ** len(J)):
        v, blocks = g, [i for i in range(len(J)) if path >> i & 1]
        for i in blocks[::-1]:
            v = v @ J[i]
        parts[len(blocks)] += v
    return parts


def twice(J, g):
    parts = np.zeros((len(J) + 1, len(g)))
    parts[0] = g
    for b in J[::-1]:
        for k in range(1, len(parts)):
            parts[k] += parts[k - 1] @ b
    return parts


def backwards(J, g):
    parts = np.zeros((len(J) + 1, len(g)))
    parts[0] = g
    for b in J[::-1]:
        for k in range(len(J), 0, -1):
            parts[k] += parts[k - 1] @ b
    return parts


def rows(change):
    """The right rows, changed by ``change(rows, their numbers)``."""
    return lambda J, g: change(through_lists(J, g), np.arange(len(J) + 1)[:, None])


def overwritten(J, g):
    """= for +=."""
    parts = np.zeros((len(J) + 1, len(g)))
    parts[0] = g
    for b in J[::-1]:
        parts[1:] = parts[:-1] @ b
    return parts


def one_path_each(J, g):
    """Through the k blocks at the top."""
    found = [g]
    for k in range(1, len(J) + 1):
        found.append(g)
        for b in J[-k:][::-1]:
            found[-1] = found[-1] @ b
    return np.array(found)


WRONG = {
    "first-order": rows(lambda v, k: v * (k < 2)),
    "skip-forgotten": rows(lambda v, k: v * (k == len(v) - 1)),
    "block-forgotten": rows(lambda v, k: v * (k == 0)),
    "same-block-twice": twice,
    "other-order": lambda J, g: through_lists(J[::-1], g),
    "wrong-side": lambda J, g: through_lists(J.transpose(0, 2, 1), g),
    "cumulative": rows(lambda v, k: np.cumsum(v, axis=0)),
    "upside-down": rows(lambda v, k: v[::-1]),
    "averaged": rows(lambda v, k: v / [[comb(len(v) - 1, i)] for i in range(len(v))]),
    "shape": lambda J, g: through_lists(J, g).sum(axis=0),
    "overwritten": overwritten,
    "one-path-each": one_path_each,
    "first-row-lost": rows(lambda v, k: v * (k > 0)),
}


class TestByLength(contract.Exercise):
    check = by_length
    wrong = WRONG
    right = (through_lists, by_subsets, backwards, lambda J, g: through_lists(J, g).tolist())
    nearly = (
        lambda J, g: through_lists(J, g) if len(J) < 3 else twice(J, g),
        rows(lambda v, k: v * (k < 3)),
    )
