"""The gradient at the logits, for a batch: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.softmax_cross_entropy.answers import SLIPS, by_jacobians, guarded, mean, rows
from scipy.special import log_softmax

from backpass.checks.softmax_cross_entropy import logit_gradient

WRONG = SLIPS | {
    "sign": lambda Z, T: -mean(Z, T),
    "summed": lambda Z, T: rows(Z) - T,
    "averaged-twice": lambda Z, T: mean(Z, T) / len(Z),
    "loss": lambda Z, T: -np.sum(T * log_softmax(Z, axis=1), axis=1),
    "over-examples": lambda Z, T: mean(Z, T).sum(axis=0),
}

RIGHT = [
    mean,
    by_jacobians,
    lambda Z, T: rows(Z) / len(T) - T / len(T),
    lambda Z, T: mean(Z, T).tolist(),
    lambda Z, T: np.where(T > 0, rows(Z) - T, rows(Z)) / len(Z),
    lambda Z, T: (-T * (1 - rows(Z)) + (1 - T) * rows(Z)) / len(Z),
    lambda Z, T: (rows(Z) - T) / T.sum(),
]

NEARLY = [
    lambda Z, T: (rows(Z) - T) / 5.0001,
    lambda Z, T: (guarded(Z, 1e-12) - T) / len(Z),
    lambda Z, T: (np.clip(rows(Z), 1e-12, 1) - T) / len(Z),
]


class TestLogitGradient(contract.Exercise):
    check = logit_gradient
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(
    ("answer", "slug"),
    [
        (lambda Z, T: T * (1 - rows(Z)), "diagonal-only+sign+summed"),
        (lambda Z, T: -T * (1 - rows(Z)), "diagonal-only+summed"),
        (lambda Z, T: -T / rows(Z) * rows(Z) * (1 - rows(Z)) / len(Z), "diagonal-only"),
        (lambda Z, T: (rows(Z) - T) / Z.shape[1] / len(Z), "all-entries"),
        (lambda Z, T: T - rows(Z), "sign+summed"),
        (lambda Z, T: mean(Z, T).mean(axis=0), "over-examples"),
        (lambda Z, T: mean(Z, T) / np.log(2), "factor"),
        (lambda Z, T: -np.sum(T * log_softmax(Z, axis=1)) / len(Z), "loss"),
    ],
)
def test_names_all_that_went_wrong_at_large_logits_too(answer, slug):
    assert logit_gradient(answer).mistakes == (slug,)


@pytest.mark.parametrize("divided_by", [lambda n: n - 1, np.sqrt])
def test_takes_another_count_for_no_mistake_it_is_not(divided_by):
    score = logit_gradient(lambda Z, T: (rows(Z) - T) / divided_by(len(Z)))
    assert score == 0
    assert set(score.mistakes) <= {"factor"}


def test_says_which_of_two_results_is_the_gradient():
    score = logit_gradient(lambda Z, T: (-np.sum(T * log_softmax(Z, axis=1)), mean(Z, T)))
    assert "2 things are returned, and [1] of them is right" in score.feedback[0]
