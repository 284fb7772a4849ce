"""Predict: how long a chain? See :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.relu_cnn_rnn import chain_length

WRONG = {
    "one-short": (6, 49, 358),
    "one-too-many": (8, 51, 360),
    "weight-forgotten": (10, 75, 538),
    "slope-forgotten": (20, 150, 1075),
    "normal-numbers": (7, 43, 341),
    "order": (359, 50, 7),
    "not-whole": (6.64, 49.7, 358.01),
    "factors-counted": (14, 100, 718),
    "digits": (7, 24, 53),
}

RIGHT = [(7, 50, 359), [7.0, 50.0, 359.0], lambda: np.array([7, 50, 359])]

NEARLY = [(7, 50, 358), (7, 49, 359), (8, 50, 359)]


class TestChainLength(contract.Exercise):
    check = chain_length
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(("kind", "place"), [(np.float32, 1), (np.float64, 2)])
def test_the_chain_is_as_long_as_it_is_said_to_be(kind, place):
    product, layers = kind(1), 0
    with np.errstate(under="ignore"):
        while product > 0:
            product, layers = product * kind(0.25) * kind(0.5), layers + 1
    assert layers == RIGHT[0][place]


@pytest.mark.parametrize(
    ("answer", "mistakes"),
    [
        ((10, 75, 537), ("weight-forgotten",)),
        ((20, 149, 1074), ("slope-forgotten",)),
        ((7, 43, 342), ("normal-numbers",)),
        ((7, 359, 50), ("order",)),
        ((7, 8, 18), ("digits",)),
    ],
)
def test_every_plausible_number_has_its_reason(answer, mistakes):
    assert chain_length(answer).mistakes == mistakes


def test_gives_a_prediction_away_to_nobody():
    told = " ".join(chain_length((1, 2, 3)).feedback)
    assert "right is" not in told
