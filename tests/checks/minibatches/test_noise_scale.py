"""The noise scale from two batch sizes: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.minibatches import noise_scale


def squares(g):
    return (g**2).sum(axis=1).mean()


def solved(
    square=squares,
    sizes=lambda b, B: (b, B),
    G2=lambda s, S, b, B: (B * S - b * s) / (B - b),
    trace=lambda s, S, b, B: (s - S) / (1 / b - 1 / B),
    scale=lambda G2, trace: trace / G2,
):
    """The noise scale with one thing changed."""

    def answer(small, big, b, B):
        s, S = square(small), square(big)
        b, B = sizes(b, B)
        found = G2(s, S, b, B), trace(s, S, b, B)
        return *found, scale(*found)

    return answer


def by_equations(small, big, b, B):
    G2, trace = np.linalg.solve([[1, 1 / b], [1, 1 / B]], [squares(small), squares(big)])
    return G2, trace, trace / G2


WRONG = {
    "averaged-first": solved(lambda g: (g.mean(axis=0) ** 2).sum()),
    "norms-averaged": solved(lambda g: np.linalg.norm(g, axis=1).mean() ** 2),
    "big-is-exact": solved(G2=lambda s, S, b, B: S, trace=lambda s, S, b, B: (s - S) * b),
    "exchanged": solved(sizes=lambda b, B: (B, b)),
    "noise-grows": solved(sizes=lambda b, B: (1 / b, 1 / B)),
    "over-weights": solved(lambda g: (g**2).mean()),
    "over-batches": solved(lambda g: (g**2).sum()),
    "upside-down": solved(scale=lambda G2, trace: G2 / trace),
    "of-a-batch": solved(trace=lambda s, S, b, B: s - S),
    "small-is-exact": solved(G2=lambda s, S, b, B: s),
    "by-variances": lambda small, big, b, B: (
        *solved()(small, big, b, B)[:1],
        b * small.var(axis=0).sum(),
        b * small.var(axis=0).sum() / solved()(small, big, b, B)[0],
    ),
}
RIGHT = [
    solved(),
    by_equations,
    solved(trace=lambda s, S, b, B: b * (s - (B * S - b * s) / (B - b))),
]
NEARLY = [
    solved(scale=lambda G2, trace: abs(trace / (G2 + 1e-6))),
    lambda small, big, b, B: solved()(small[:4], big, b, B),
    solved(G2=lambda s, S, b, B: (S - s) / 2),
]


class TestNoiseScale(contract.Exercise):
    check = noise_scale
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_the_estimates_are_right_on_average():
    rng, found = np.random.default_rng(0), []
    for _ in range(4000):
        small, big = (1 + rng.normal(size=(5, 3)) / np.sqrt(B) for B in (2, 8))
        found.append(solved()(small, big, 2, 8)[:2])
    assert np.allclose(np.mean(found, axis=0), [3, 3], atol=0.15)


@pytest.mark.parametrize(("slug", "points"), {"upside-down": 3, "small-is-exact": 3}.items())
def test_a_slip_costs_the_points_of_what_it_spoils(slug, points):
    score = noise_scale(WRONG[slug])
    assert (score, score.mistakes) == (points, (slug,)), score.feedback
