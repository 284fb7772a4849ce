"""How many terms are kept: see :mod:`contract` for what is asked."""

import contract

from backpass.checks.bptt import terms


def counted(T, K):
    pairs = [(t, i) for t in range(T) for i in range(t + 1)]
    near, same = (sum(t - i < K for t, i in pairs), sum(t // K == i // K for t, i in pairs))
    return len(pairs), near, same


def numbers(full=None, sliding=None, windows=None):
    """The numbers of terms with some replaced."""

    def answer(T, K):
        right = counted(T, K)
        return tuple(
            right[j] if f is None else f(T, K) for j, f in enumerate((full, sliding, windows))
        )

    return answer


WRONG = {
    "square": numbers(full=lambda T, K: T**2),
    "newest-lost": numbers(full=lambda T, K: T * (T - 1) // 2),
    "steps": numbers(full=lambda T, K: T),
    "start-ignored": numbers(sliding=lambda T, K: T * K),
    "one-too-many": numbers(sliding=lambda T, K: sum(min(t, K + 1) for t in range(1, T + 1))),
    "one-too-few": numbers(sliding=lambda T, K: sum(min(t, K - 1) for t in range(1, T + 1))),
    "full-windows": numbers(windows=lambda T, K: T * K),
    "one-window": numbers(windows=lambda T, K: K * (K + 1) // 2),
    "swapped": lambda T, K: (counted(T, K)[0], *counted(T, K)[:0:-1]),
    "one-loss": numbers(sliding=lambda T, K: min(T, K)),
    "start-lost": numbers(sliding=lambda T, K: (T - K + 1) * K),
    "start-off": numbers(sliding=lambda T, K: T * K - K * (K + 1) // 2),
    "dropped": numbers(windows=lambda T, K: T * (T - K) // 2),
    "nothing-dropped": numbers(sliding=lambda T, K: T * (T + 1) // 2),
}

RIGHT = [counted, lambda T, K: (T * (T + 1) / 2, T * K - K * (K - 1) / 2, T * (K + 1) / 2)]

#: Answers that are right on most inputs.
NEARLY = [lambda T, K: counted(12, 3), numbers(sliding=lambda T, K: T * K - K)]


class TestTerms(contract.Exercise):
    check = terms
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_part_of_the_work():
    assert terms(WRONG["square"]) == 2


def test_blames_no_slip_that_was_not_made():
    assert terms(numbers(windows=lambda T, K: T * (K - 1) // 2)).mistakes == ("newest-lost",)
    assert terms(numbers(full=lambda T, K: 2**T)).mistakes == ()


def test_names_results_in_another_order():
    assert terms(lambda T, K: counted(T, K)[::-1]).mistakes == ("order",)
