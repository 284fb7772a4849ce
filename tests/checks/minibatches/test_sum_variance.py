"""The variance of a batch's sum: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.minibatches import sum_variance


def scatter(
    single=lambda G: G.var(axis=0),
    times=lambda B: B,
    left=lambda B, N: 1 - (B - 1) / (N - 1),
    ignore=None,
    last=lambda one: one,
):
    """The variance with one thing changed."""

    def answer(G, B, replace):
        replace = replace if ignore is None else ignore
        return last(single(G) * times(B) * (1 if replace else left(B, len(G))))

    return answer


def by_covariance(G, B, replace):
    sigma_2 = np.diag(np.cov(G.T, bias=True))
    return B * sigma_2 - (0 if replace else B * (B - 1) * sigma_2 / (len(G) - 1))


def over_weights(G):
    """Along the wrong axis, where that can be added up."""
    return contract.where_it_fits(lambda G: G.var(axis=1), lambda G: G.var(axis=0))(G)


WRONG = {
    "of-the-mean": scatter(times=lambda B: 1 / B),
    "sample-variance": scatter(lambda G: G.var(axis=0, ddof=1)),
    "with-for-without": scatter(ignore=True),
    "without-for-with": scatter(ignore=False),
    "other-share": scatter(left=lambda B, N: 1 - B / N),
    "wrong-axis": scatter(over_weights),
    "spread": scatter(last=np.sqrt),
    "squared": scatter(times=lambda B: B**2),
    "one-example": scatter(times=lambda B: 1),
    "not-centred": scatter(lambda G: (G**2).mean(axis=0)),
    "of-all-weights": scatter(lambda G: G.var()),
}
RIGHT = [scatter(), by_covariance]
NEARLY = [
    scatter(left=lambda B, N: 1 - (B - 1) / N),
    scatter(lambda G: G.var(axis=0) + 1e-6),
]


class TestSumVariance(contract.Exercise):
    check = sum_variance
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_draws_with_replacement_alone_earn_half():
    assert sum_variance(scatter(ignore=True)) == 2


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["of-the-mean", "sample-variance", "spread", "not-centred"])
def test_a_slip_in_both_is_paid_for_once(slug):
    score = sum_variance(WRONG[slug])
    assert (score, score.mistakes) == (2, (slug,)), score.feedback
