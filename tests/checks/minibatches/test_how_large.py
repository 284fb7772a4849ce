"""How large a batch, on one's own data: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.minibatches import how_large
from backpass.checks.minibatches.how_large import noise_scale, steps_to


def found(
    how="mean",
    which=2,
    gradient=lambda x, e: x.T @ e / len(e),
    start=0.0,
    cut=lambda order, B: order[:, :B],
    pick=lambda counts: int(np.argmin(counts)),
    time=lambda steps, sizes, a, b: steps * (a + b * sizes),
    last=lambda results: results,
    parts=lambda own: own,
):
    """The whole, with one thing changed."""

    def answer(X, t, order, sizes, rates, goal, a, b, *own):
        scale, count = parts(own)
        w = np.full(X.shape[1], start)
        small, big = (
            np.array([gradient(X[r[:B]], X[r[:B]] @ w - t[r[:B]]) for r in order])
            for B in (sizes[0], sizes[-1])
        )
        best, steps = [], []
        for B in sizes:
            counts = [count(X, t, cut(order, B), rate, how, goal) for rate in rates]
            place = pick(counts)
            best.append(rates[place])
            steps.append(counts[place])
        times = time(np.array(steps), sizes, a, b)
        scales = scale(small, big, sizes[0], sizes[-1])
        return last((scales[which], np.array(best), np.array(steps), sizes[int(np.argmin(times))]))

    return answer


instead = found(parts=lambda own: (noise_scale, steps_to))

WRONG = {
    "parts-ignored": instead,
    "sums": found(how="sum"),
    "another-number": found(which=0),
    "summed-gradients": found(gradient=lambda x, e: x.T @ e),
    "elsewhere": found(start=1.0),
    "not-cut": found(cut=lambda order, B: order),
    "not-the-best": found(pick=lambda counts: int(np.argmax(counts))),
    "one-rate": lambda *args: with_one_rate(*args),
    "other-time": found(time=lambda steps, sizes, a, b: steps),
    "rates-for-steps": found(last=lambda r: (r[0], r[2], r[1], r[3])),
    "place-of-size": lambda *args: (
        *found()(*args)[:3],
        list(args[3]).index(found()(*args)[3]),
    ),
}


def with_one_rate(X, t, order, sizes, rates, goal, a, b, scale, count):
    table = np.array(
        [[count(X, t, order[:, :B], rate, "mean", goal) for rate in rates] for B in sizes]
    )
    place = table.sum(axis=0).argmin()
    results = found()(X, t, order, sizes, rates, goal, a, b, scale, count)
    steps = table[:, place]
    best = sizes[int(np.argmin(steps * (a + b * sizes)))]
    return results[0], np.full(len(sizes), rates[place]), steps, best


RIGHT = [found(), lambda *args: list(found()(*args)), lambda *args: tuple(found()(*args))]
NEARLY = [
    found(time=lambda steps, sizes, a, b: steps * (a + sizes)),
    found(time=lambda steps, sizes, a, b: -sizes),
]


class TestHowLarge(contract.Exercise):
    check = how_large
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_a_third_of_the_points_need_the_parts():
    assert how_large(instead) == 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("slug", "points"), {"another-number": 5, "other-time": 5, "place-of-size": 5}.items()
)
def test_a_slip_costs_the_points_of_the_part_that_shows_it_first(slug, points):
    score = how_large(WRONG[slug])
    assert (score, score.mistakes) == (points, (slug,)), score.feedback


def test_the_best_size_is_right_for_steps_that_are_not():
    told = how_large(found(pick=lambda counts: 2)).feedback
    assert any("right for your" in text for text in told), told
