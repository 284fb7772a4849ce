"""Where does the stop-gradient belong: see :mod:`contract` for what is asked."""

import contract
import pytest

from backpass.checks.softmax_cross_entropy import stop_gradient

ANSWER = {"a": True, "b": False, "c": True, "d": False, "e": True}
WRONG = {
    "student-differs": ANSWER | {"a": False},
    "student-stopped": ANSWER | {"b": True},
    "value-changes": ANSWER | {"c": False},
    "below-the-entropy": ANSWER | {"d": True},
    "data-differ": ANSWER | {"e": False},
}
RIGHT = [ANSWER, list(ANSWER.values()), lambda: ANSWER]


class TestStopGradient(contract.Exercise):
    check = stop_gradient
    wrong, right = WRONG, RIGHT


@pytest.mark.parametrize("all_alike", [True, False])
def test_one_word_for_all_brings_little(all_alike):
    assert stop_gradient(dict.fromkeys(ANSWER, all_alike)) <= 1
