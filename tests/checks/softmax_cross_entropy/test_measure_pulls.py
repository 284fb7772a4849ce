"""Why not squared error? A race: see :mod:`contract` for what is asked."""

import contract
import pytest
from scipy.special import expit

from backpass.checks.softmax_cross_entropy import measure_pulls

LIMIT = 10_000


def cross(y, t):
    return y - t


def squared(y, t):
    return (y - t) * y * (1 - y)


def count(slope, d, t, rate, near=0.1, anew=True):
    steps, first = 0, slope(expit(d), t)
    while abs(expit(d) - t) >= near and steps < LIMIT:
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


def test_one_lane_alone_has_its_points():
    assert measure_pulls(WRONG["same-loss"]) == 3


def test_a_slope_that_is_twice_too_much_is_named_in_the_steps_as_well():
    def twice(y, t):
        return 2 * squared(y, t)

    score = measure_pulls(race(other=twice, lanes=(cross, twice)))
    assert score == 2
    assert set(score.mistakes) == {"two-outputs"}
