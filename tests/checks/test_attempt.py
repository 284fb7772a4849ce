"""What an attempt does besides its parts: judge sentences, set predictions beside measurements."""

import numpy as np
import pytest

from backpass.checks import exercise
from backpass.gradcheck import numerical_gradient, vjp

RIGHT = {"a": True, "b": False, "c": True, "d": False, "e": True}


@exercise(
    "Judge",
    points=5,
    kind="choose",
    mistakes={f"wrong-{letter}": (f"Think of {letter}.", f"It is {letter}.") for letter in "abcde"},
)
def judged(attempt):
    attempt.judge({letter: (true, f"wrong-{letter}") for letter, true in RIGHT.items()})


@pytest.mark.parametrize(
    ("flipped", "points"), [("", 5), ("a", 3), ("bd", 1), ("abc", 0), ("abcde", 0)]
)
def test_a_wrong_judgment_takes_a_right_one_with_it(flipped, points):
    score = judged({letter: true != (letter in flipped) for letter, true in RIGHT.items()})
    assert score == points
    assert score.mistakes == tuple(f"wrong-{letter}" for letter in flipped)
    if flipped:
        assert (
            f"{5 - len(flipped)} of 5 are judged rightly. Look at {flipped[0]} again."
            in (score.feedback[0])
        )


def test_judging_all_alike_earns_next_to_nothing():
    assert judged(dict.fromkeys(RIGHT, True)) == 1
    assert judged(dict.fromkeys(RIGHT, False)) == 0


def test_judgments_that_are_odd_earn_nothing():
    for answer in ({"z": True}, "a", 3, {"a": 5} | RIGHT | {"b": "?"}):
        score = judged(answer)
        assert (score, score.mistakes) == (0, ("type",))
    assert "Not attempted" in judged(...).feedback[0]


def test_a_judgment_that_is_open_costs_its_own_point_only():
    score = judged(RIGHT | {"b": ..., "e": None})
    assert (score, score.mistakes) == (3, ())
    assert "3 of 5 are judged rightly. Nothing is said of b, e." in score.feedback[0]
    assert judged({letter: RIGHT[letter] for letter in "acd"}).feedback == score.feedback
    score = judged(RIGHT | {"b": ..., "c": False})
    assert (score, score.mistakes) == (2, ("wrong-c",))
    assert "Not attempted" in judged(dict.fromkeys(RIGHT, ...)).feedback[0]


@exercise("Measure", points=1, kind="predict", mistakes={})
def measured(attempt):
    attempt.case("it", [2], 4)
    if attempt.right:
        attempt.compare("Two squared", 4)
        attempt.compare("Two to the two", 4, 8)


def test_a_prediction_is_compared_and_not_graded():
    for prediction, said in [
        (5, "Two squared: you predicted 5, it is 4, 1 less."),
        ("a lot", "you predicted “a lot”, it is 4."),
    ]:
        score = measured(lambda x: x * x, prediction=prediction)
        assert score == 1
        assert said in score.feedback[1]
    for prediction in (..., None):
        assert len(measured(lambda x: x * x, prediction=prediction).feedback) == 2
    assert len(measured(lambda x: x, prediction=5).feedback) == 1


A = np.array([0.3, -1.2, 2.0])


@exercise("The slopes of the cubes' sum", points=2, kind="implement", exact=True)
def slopes(attempt):
    for factor in (1, 2):
        with attempt.part(f"times {factor}") as part:
            part.outputs(
                [factor * A], {"value": np.sum(A**3), "slope": 3 * (factor * A) ** 2}, "slope"
            )


def cubes(a):
    return np.sum(a**3)


@pytest.mark.parametrize(
    "measured",
    [
        lambda a: numerical_gradient(cubes, a),
        lambda a: numerical_gradient(cubes, a, method="complex"),
        lambda a: vjp(1.0, cubes, a),
    ],
)
def test_a_derivative_that_is_measured_is_told_so_by_any_method(measured):
    score = slopes(lambda a: (cubes(a), measured(a)))
    assert (score, score.mistakes) == (0, ("finite-differences",))
    assert "the derivative itself is asked for" in score.feedback[0]
    assert "the same as at" in score.feedback[1]


@exercise("The cubes' sum and its slopes", points=2, kind="implement", exact=True)
def both(attempt):
    for name in ("value", "slope"):
        with attempt.part(name) as part:
            part.outputs([A], {"value": np.sum(A**3), "slope": 3 * A**2}, name)


def test_one_result_that_is_measured_costs_its_own_points():
    score = both(lambda a: (cubes(a), numerical_gradient(cubes, a)))
    assert (score, score.mistakes) == (1, ("finite-differences",)), score.feedback


def test_who_compares_with_what_is_measured_may_do_so():
    def compared(a):
        found = 3 * a**2
        assert np.allclose(found, numerical_gradient(cubes, a))
        return cubes(a), found

    assert slopes(compared) == 2
