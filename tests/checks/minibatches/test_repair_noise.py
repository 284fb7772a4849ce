"""A noise scale from one batch, repaired: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.minibatches import repair_noise


def estimated(
    trace=lambda G: G.var(axis=0, ddof=1).sum(),
    square=lambda G: (G.mean(axis=0) ** 2).sum(),
    noise=lambda trace, B: trace / B,
):
    """The two numbers with one thing changed."""

    def answer(G):
        found = trace(G)
        return found, square(G) - noise(found, len(G))

    return answer


def by_products(G):
    B, total = len(G), G.sum(axis=0)
    products = (total @ total - (G**2).sum()) / (B * (B - 1))
    return (G**2).sum() / B - products, products


def biased(G):
    return G.var(axis=0).sum()


WRONG = {
    "biased-variance": estimated(biased),
    "biased-square": estimated(noise=lambda trace, B: 0),
    "whole-trace": estimated(noise=lambda trace, B: trace),
    "noise-added": estimated(noise=lambda trace, B: -trace / B),
    "biased-noise": lambda G: (
        estimated()(G)[0],
        (G.mean(axis=0) ** 2).sum() - biased(G) / len(G),
    ),
    "over-weights": lambda G: tuple(one / G.shape[1] for one in estimated()(G)),
    "summed": estimated(lambda G: biased(G) * len(G)),
    "wrong-way": estimated(lambda G: biased(G) * (1 - 1 / len(G))),
    "never-negative": lambda G: (estimated()(G)[0], max(0.0, estimated()(G)[1])),
}
RIGHT = [estimated(), by_products]
NEARLY = [
    estimated(lambda G: G.var(axis=0, ddof=1).sum() + 1e-6),
    lambda G: estimated()(G[:4]),
]


class TestRepairNoise(contract.Exercise):
    check = repair_noise
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_a_square_that_fits_a_biased_trace_costs_the_trace_alone():
    score = repair_noise(WRONG["biased-variance"])
    assert (score, score.mistakes) == (2, ("biased-variance",)), score.feedback


def test_both_are_right_on_average():
    rng = np.random.default_rng(0)
    found = [by_products(1 + rng.normal(size=(4, 3))) for _ in range(4000)]
    assert np.allclose(np.mean(found, axis=0), [3, 3], atol=0.15)


def test_no_other_way_round_zero_is_right():
    score = repair_noise(lambda G: (estimated()(G)[0], abs(estimated()(G)[1])))
    assert (score, score.mistakes) == (1, ("never-negative",)), score.feedback


@pytest.mark.parametrize("slug", ["biased-square", "whole-trace", "noise-added"])
def test_a_slip_in_the_square_leaves_the_trace(slug):
    assert repair_noise(WRONG[slug]) == 1
