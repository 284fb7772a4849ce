"""Predict, then measure: different matrices, or one? See :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.relu_cnn_rnn import different_or_one

FOUND = 2.0, 4.1, 2.0, 0.172, 8.6


def but(**others):
    names = "different", "one", "in_tens", "layers", "steps"
    return tuple((dict(zip(names, FOUND, strict=True)) | others).values())


WRONG = {
    "linear": but(different=4.1),
    "root": but(one=1.98),
    "not-at-all": but(in_tens=1.02),
    "to-one-hundred": but(different=1.43),
    "squared": but(one=16.9),
    "linear-in-tens": but(in_tens=4.1),
    "against-different": but(in_tens=3.3),
    "factor": but(layers=1.02**20, steps=1.02**1000),
    "natural": but(layers=0.396, steps=19.8),
    "one-percent": but(layers=0.0864, steps=4.32),
    "linear-growth": but(layers=0.4, steps=20),
}

RIGHT = [
    FOUND,
    lambda: FOUND,
    but(different=1.91, one=4.12, in_tens=1.98),
    dict(zip(("different", "one", "in_tens", "layers", "steps"), FOUND, strict=True)),
]

NEARLY = [but(steps=8.7), but(one=3.5), but(layers=0.18)]


class TestDifferentOrOne(contract.Exercise):
    check = different_or_one
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize("seed", range(3))
def test_any_seed_gives_what_is_right(seed):
    ws = np.random.default_rng(seed).normal(size=(200, 200, 8, 8)) / np.sqrt(8)
    solution = contract.sheet("relu_cnn_rnn").names()
    log_sizes = solution["log_sizes"]
    growth = [log_sizes(ws, 200, b).std() / log_sizes(ws, 50, a).std()
              for a, b in ((1, 1), (50, 200), (10, 10))]  # fmt: skip
    assert different_or_one((*growth, *FOUND[3:])) == 3


def test_the_predictions_are_kept_beside_what_was_measured():
    score = different_or_one(FOUND, prediction={"different": 4, "one": 4, "in_tens": 4})
    assert score == 3
    assert score.feedback[-3].startswith(
        "From 50 to 200 factors, with different matrices, the spread grows by a factor: you"
        " predicted 4, it is 2"
    )
    assert len(different_or_one(FOUND, prediction={"one": 4}).feedback) == 5 + 1
    assert len(different_or_one(FOUND, prediction=...).feedback) == 5
    assert len(different_or_one(FOUND, prediction="no idea").feedback) == 5
