"""Predict: how many hidden units are left? See :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.backpropagation import predict_units

WRONG = {
    "separates": (6, 6, 2, 1),
    "stuck": (1, 1, 2, 1),
    "pairs": (1, 3, 2, 1),
    "all-differ": (1, 5, 2, 1),
    "impossible": (1, 7, 2, 1),
    "groups": (1, 6, 1, 1),
    "batch-noise": (1, 6, 2, 6),
}

RIGHT = [(1, 6, 2, 1), [1, 6, 2, 1], np.array([1, 6, 2, 1.0]), lambda: (1, 6, 2, 1)]

#: Right in three of the four cases.
NEARLY = [(1, 6, 2, 2), (1, 6, 3, 1), (1, 5, 2, 1)]


class TestPredictUnits(contract.Exercise):
    check = predict_units
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_half_a_point_for_each_case():
    assert predict_units((1, 1, 2, 1)) == 1.5


def test_gives_a_prediction_away_to_nobody():
    told = " ".join(predict_units((3, 2, 5, 4)).feedback)
    assert "right is" not in told


def test_every_possible_number_has_its_reason():
    for place, right in enumerate((1, 6, 2, 1)):
        for number in range(1, 7):
            answer = [1, 6, 2, 1]
            answer[place] = number
            assert predict_units(answer).mistakes or number == right
