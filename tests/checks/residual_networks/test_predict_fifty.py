"""Predict, fifty blocks: see :mod:`contract` for what is asked."""

import contract

from backpass.checks.residual_networks import predict_fifty

WRONG = {
    "one-block": (0, 0, -2, -1),
    "not-log": (0.005, 1e-15, 0.005, 1e-50),
    "natural": (-5, -35, -5, -115),
    "leading-digit": (-3, -16, -3, -50),
    "sign": (2, 15, 2, 50),
    "cannot-shrink": (-2, -15, 0, -50),
    "largest": (-2, -15, 2, -50),
    "skip-forgotten": (-2, -15, -50, -50),
    "skip-counted": (-2, -15, -2, 2),
    "order": (-50, -2, -15, -2),
    "added": (45, -25, -4, -5),
    "binary": (-8, -50, -8, -166),
}


class TestPredictFifty(contract.Exercise):
    check = predict_fifty
    wrong = WRONG
    right = ((-2, -15, -2, -50), [-2.3, -15.1, -2.288, -50.0], lambda: (-2, -15, -2, -50))
    nearly = (
        (-2.7, -15, -2, -50),
        (-2, -15.5, -2, -50),
        (-2, -15, -2, -49),
        (-2, -14, -2, -50),
        (-1, -15, -2, -50),
        (-2, -15, -1, -50),
    )


def test_gives_part_of_the_points_for_part_of_the_work():
    assert predict_fifty((-2, -15, 0, -50)) == 1.5


def test_gives_a_prediction_away_to_nobody():
    told = " ".join(predict_fifty((7, 7, 7, 7)).feedback)
    assert "2" not in told.replace("log₁₀", "")


def test_tells_one_block_at_c_from_a_floor():
    assert predict_fifty((-2, -15, -0.046, -50)).mistakes == ("one-block",)
    assert predict_fifty((0, 0, 0, -1)).mistakes == ("one-block",)
    assert predict_fifty((-2, -15, 0, -50)).mistakes == ("cannot-shrink",)
