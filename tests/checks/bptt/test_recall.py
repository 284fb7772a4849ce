"""Delayed recall: see :mod:`contract` for what is asked."""

import contract
import pytest

from backpass.checks.bptt import recall

WRONG = {
    "lag": lambda L, K: (L, max(K - L, 0)),
    "one-too-many": lambda L, K: (L + 2, max(K - L, 0)),
    "all": lambda L, K: (L + 1, K),
    "one-loss-short": lambda L, K: (L + 1, max(K - L - 1, 0)),
    "one-loss-more": lambda L, K: (L + 1, max(K - L + 1, 0)),
    "negative": lambda L, K: (L + 1, K - L),
    "share": lambda L, K: (L + 1, max(K - L, 0) / K),
    "of-windows": lambda L, K: (max(L + 1, K), max(K - L, 0)),
    "others": lambda L, K: (L + 1, min(L, K)),
}

RIGHT = [lambda L, K: (L + 1, max(K - L, 0)), lambda L, K: [L + 1.0, len(range(L, K))]]

#: Answers that are right on most inputs.
NEARLY = [lambda L, K: (5, 6), lambda L, K: (L + 1, abs(K - L))]


class TestRecall(contract.Exercise):
    check = recall
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_blames_no_slip_that_was_not_made():
    found = set(recall(lambda L, K: (L + 1, K // 2)).mistakes)
    assert found <= {"factor", "sign", "sign+factor"}


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (lambda L, K: (L + 1, abs(K - L)), "negative"),
        (lambda L, K: (L + 1, K - L - 1), "one-loss-short"),
        (lambda L, K: (L + 1, K - L + 1), "one-loss-more"),
        (lambda L, K: (max(L, 1), max(K - L, 0)), "lag"),
        (lambda L, K: (max(K - L, 0), L + 1), "order"),
    ],
)
def test_tells_by_all_cases_what_one_alone_does_not(answer, mistake):
    """With L = 7 and K = 3 the distance of K and L looks like the sign of a number that is 0."""
    score = recall(answer)
    assert set(score.mistakes) == {mistake}
    assert "minus the right answer" not in " ".join(score.feedback)


def test_says_for_which_numbers_an_answer_stops():
    assert "here ℓ = 0, K = 5" in recall(lambda L, K: (L + 1, K // L)).feedback[0]


def test_yes_and_no_are_numbers_that_are_not_right():
    score = recall(lambda L, K: (L + 1, K > L))
    assert score == 1
    assert "internal" not in score.mistakes
