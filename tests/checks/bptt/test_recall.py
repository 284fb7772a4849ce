"""Delayed recall: see :mod:`contract` for what is asked."""

import contract

from backpass.checks.bptt import recall

WRONG = {
    "lag": lambda L, K: (L, max(K - L, 0)),
    "one-too-many": lambda L, K: (L + 2, max(K - L, 0)),
    "all": lambda L, K: (L + 1, K),
    "one-loss-short": lambda L, K: (L + 1, max(K - L - 1, 0)),
    "one-loss-more": lambda L, K: (L + 1, max(K - L + 1, 0)),
    "negative": lambda L, K: (L + 1, K - L),
    "share": lambda L, K: (L + 1, max(K - L, 0) / K),
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
