"""A gradient from unequal parts: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.minibatches import accumulate


def weighed(weights):
    """The parts' means times weights, what is empty left out."""

    def answer(means, counts):
        full = counts > 0
        return weights(counts[full], len(counts)) @ means[full]

    return answer


def by_loops(means, counts):
    total, n = 0.0, 0
    for mean, count in zip(means, counts, strict=True):
        if count:
            total, n = total + count * mean, n + count
    return total / n


WRONG = {
    "mean-of-means": weighed(lambda c, k: np.ones(len(c)) / len(c)),
    "means-added": weighed(lambda c, k: np.ones(len(c))),
    "not-divided": weighed(lambda c, k: c),
    "divided-twice": weighed(lambda c, k: c / c.sum() ** 2),
    "over-parts": weighed(lambda c, k: c / k),
    "upside-down": weighed(lambda c, k: 1 / c / (1 / c).sum()),
    "last-part": lambda means, counts: means[counts > 0][-1],
    "most-counted": weighed(lambda c, k: c / c.max()),
    "empty-left": lambda means, counts: counts @ means / counts.sum(),
}
RIGHT = [
    weighed(lambda c, k: c / c.sum()),
    by_loops,
    lambda means, counts: np.average(means[counts > 0], axis=0, weights=counts[counts > 0]),
    lambda means, counts: np.nansum(means * counts[:, None], axis=0) / counts.sum(),
]
NEARLY = [
    lambda means, counts: np.nan_to_num(counts @ means / counts.sum()),
    weighed(lambda c, k: c / (c.sum() + 1e-5)),
]


class TestAccumulate(contract.Exercise):
    check = accumulate
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_full_parts_alone_earn_two_points():
    assert accumulate(WRONG["empty-left"]) == 2


def test_averaged_averages_bring_nothing():
    score = accumulate(lambda means, counts: np.nanmean(means, axis=0))
    assert (score, score.mistakes) == (0, ("mean-of-means",))


@pytest.mark.parametrize("slug", ["upside-down", "over-parts", "last-part"])
def test_a_slip_in_both_is_paid_for_once(slug):
    score = accumulate(WRONG[slug])
    assert (score, score.mistakes) == (1, (slug,)), score.feedback
