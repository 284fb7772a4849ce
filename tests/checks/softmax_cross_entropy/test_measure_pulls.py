"""Why not squared error? A race: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from scipy.special import expit

from backpass.checks.softmax_cross_entropy import measure_pulls

LIMIT = 10_000


def cross(y, t):
    return y - t


def squared(y, t):
    return (y - t) * y * (1 - y)


def count(slope, d, t, rate, near=0.1, anew=True, limit=LIMIT):
    steps, first = 0, slope(expit(d), t)
    while abs(expit(d) - t) >= near and steps < limit:
        d, steps = d - rate * (slope(expit(d), t) if anew else first), steps + 1
    return steps


def race(one=cross, other=squared, more=0, rate=None, lanes=None, **options):
    """The race with one thing changed; ``lanes`` has the slopes that the steps are made of."""

    def answer(d, t, given):
        y = float(expit(d))
        steps = [count(f, d, t, rate or given, **options) + more for f in lanes or (cross, squared)]
        return one(y, t), other(y, t), *steps

    return answer


WRONG = {
    "at-the-output": race(other=lambda y, t: y - t),
    "slope-kept": race(one=squared),
    "two-outputs": race(other=lambda y, t: 2 * squared(y, t)),
    "half": race(other=lambda y, t: squared(y, t) / 2),
    "target-one": race(one=lambda y, t: y - 1),
    "one-term": race(one=lambda y, t: -t * (1 - y)),
    "one-off": race(more=1),
    "rate-ignored": race(rate=1.0),
    "other-stop": race(near=0.5),
    "other-limit": race(limit=10**6),
    "same-loss": race(lanes=(cross, cross)),
    "slope-of-the-start": race(anew=False),
}


def with_lists(d, t, rate):
    return [*race()(d, t, rate)]


RIGHT = [race(), with_lists]

NEARLY = [lambda d, t, rate: race()(d, 1.0 if t > 0.5 else 0.0, rate)]


class TestMeasurePulls(contract.Exercise):
    check = measure_pulls
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(("guess", "told"), [(10, "16.2 times more"), (162, "it is 162.2")])
def test_a_prediction_is_compared_and_costs_nothing(guess, told):
    score = measure_pulls(race(), prediction=guess)
    assert score == score.maximum
    assert told in score.feedback[-1]


@pytest.mark.slow
def test_one_lane_alone_has_its_points():
    assert measure_pulls(WRONG["same-loss"]) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("slug", "one", "other"),
    [
        ("two-outputs", cross, lambda y, t: 2 * squared(y, t)),
        ("half", cross, lambda y, t: squared(y, t) / 2),
        ("at-the-output", cross, lambda y, t: y - t),
        ("slope-kept", squared, squared),
        ("target-one", cross, lambda y, t: (y - 1) * y * (1 - y)),
        ("one-term", lambda y, t: -t * (1 - y), squared),
        ("sign", lambda y, t: t - y, lambda y, t: -squared(y, t)),
    ],
)
def test_a_wrong_slope_costs_no_points_for_the_steps_that_follow_from_it(slug, one, other):
    score = measure_pulls(race(one=one, other=other, lanes=(one, other)))
    assert score == 3, score.feedback
    assert score.mistakes == (slug,)


def test_who_steps_before_asking_hears_of_the_start_that_is_near_enough():
    def answer(d, t, rate):
        steps = [max(one, 1) for one in race()(d, t, rate)[2:]]
        return *race()(d, t, rate)[:2], *steps

    score = measure_pulls(answer)
    assert (score, score.mistakes) == (2, ("one-off",))


@pytest.mark.parametrize("lost", [False, True])
@np.errstate(all="ignore")
def test_steps_down_a_slope_at_the_output_follow_from_it_also_where_they_are_lost(lost):
    def at_output(y, t):
        return (y - t) / (y * (1 - y))

    def steps(f, d, t, rate, n=0):
        while (not abs(expit(d) - t) < 0.1 if lost else abs(expit(d) - t) >= 0.1) and n < LIMIT:
            d, n = d - rate * f(expit(d), t), n + 1
        return n

    def answer(d, t, rate):
        lanes = [steps(f, d, t, rate) for f in (at_output, squared)]
        return at_output(expit(d), t), squared(expit(d), t), *lanes

    score = measure_pulls(answer)
    assert (score, score.mistakes) == (3, ("at-the-output",)), score.feedback


@pytest.mark.parametrize("near", [0.5, 0.01])
def test_another_stop_is_told_as_nearer_or_farther(near):
    assert "nearer to the target or farther" in measure_pulls(race(near=near)).feedback[2]


def test_wrong_steps_that_do_not_follow_from_the_slope_cost_theirs():
    def twice(y, t):
        return 2 * squared(y, t)

    score = measure_pulls(race(lanes=(cross, twice)))
    assert (score, score.mistakes) == (3, ("two-outputs",))
    assert measure_pulls(race(other=twice, lanes=(cross, cross))) == 2


@pytest.mark.parametrize("limit", [1000, 9999, 20_000, 10**6])
def test_the_limit_is_tried(limit):
    score = measure_pulls(race(limit=limit))
    assert (score, score.mistakes) == (3, ("other-limit",))
