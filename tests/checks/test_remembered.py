"""What is asked again with the same values is worked out once."""

import numpy as np
import pytest

from backpass.checks import remembered
from backpass.checks.remembered import by_value

A = np.array([1.0, 2.0])


@pytest.fixture
def calls():
    return []


@pytest.fixture
def total(calls):
    @by_value
    def total(*args, times=1):
        calls.append(args)
        return times * sum(np.sum(one) for one in args) * np.ones(1), 0.5

    return total


def test_the_same_values_are_worked_out_once(total, calls):
    for _ in range(3):
        assert total(A.copy(), 2, (1, "sum")[:1], times=2)[0] == 12
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (A, A[::-1]),
        (A, A[:, None]),
        (A, A.astype(np.float32)),
        (np.array([0.0]), np.array([-0.0])),
        (0.0, -0.0),
        (1, True),
        (1, 1.0),
        ((1, 2), (1, 3)),
        (np.float32(1), np.float64(1)),
    ],
)
def test_other_values_are_other_questions(total, calls, one, other):
    total(one), total(other), total(one)
    assert len(calls) == 2
    total(A), total(A, times=2)
    assert total(A, times=2)[0] == 6


def test_who_changes_what_is_given_changes_nothing_here(total):
    first, _ = total(A)
    first[:] = 0
    assert total(A)[0] == 3


def test_nothing_is_kept_of_what_may_do_anything(total, calls):
    class Odd(np.ndarray):
        pass

    for odd in (A.view(Odd), A.tolist(), np.array([1, 2], dtype=object)):
        calls.clear()
        total(odd), total(odd)
        assert len(calls) == 2


def test_an_error_is_raised_each_time_and_of_many_results_the_old_ones_go(calls, monkeypatch):
    @by_value
    def half(a):
        calls.append(a)
        if a < 0:
            raise ValueError("below 0")
        return a / 2

    for _ in range(2):
        with pytest.raises(ValueError, match="below 0"):
            half(-1)
    calls.clear()
    monkeypatch.setattr(remembered, "MOST", 3)
    assert [half(a) for a in (0, 1, 2, 3, 0)] == [0, 0.5, 1, 1.5, 0]
    assert calls == [0, 1, 2, 3, 0]
