"""How large may u be? See :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.relu_cnn_rnn import u_range


def rooted(low, high, steps, silent, a):
    return tuple((bound / a**silent) ** (1 / steps) for bound in (low, high))


def with_leak(change):
    """The roots of the bounds, each first changed: ``change(bound, T, silent, a)``."""

    def answer(low, high, steps, silent, a):
        return tuple(change(bound, steps, silent, a) for bound in (low, high))

    return answer


def of_root(change):
    """The right values of u, changed: ``change(u)``."""
    return lambda *args: tuple(map(change, rooted(*args)))


def steps_for(change):
    return lambda low, high, steps, silent, a: rooted(low, high, change(steps), silent, a)


WRONG = {
    "silent-forgotten": with_leak(lambda m, T, s, a: m ** (1 / T)),
    "leak-inverted": with_leak(lambda m, T, s, a: (m * a**s) ** (1 / T)),
    "leak-once": with_leak(lambda m, T, s, a: (m / a) ** (1 / T)),
    "leak-everywhere": with_leak(lambda m, T, s, a: m ** (1 / T) / a),
    "leak-outside": with_leak(lambda m, T, s, a: m ** (1 / T) / a**s),
    "leak-added": with_leak(lambda m, T, s, a: (m / (a * s)) ** (1 / T)),
    "silent-only": with_leak(lambda m, T, s, a: (m / a**s) ** (1 / s)),
    "active-only": with_leak(lambda m, T, s, a: (m / a**s) ** (1 / (T - s))),
    "power-T": with_leak(lambda m, T, s, a: (m / a**s) ** T),
    "root-forgotten": with_leak(lambda m, T, s, a: m / a**s),
    "divided": with_leak(lambda m, T, s, a: m / a**s / T),
    "inverted": of_root(lambda u: 1 / u),
    "linear": with_leak(lambda m, T, s, a: 1 + (m / a**s - 1) / T),
    "logarithm": of_root(np.log),
    "one-step-off": steps_for(lambda steps: steps - 1),
    "square-root": with_leak(lambda m, T, s, a: np.sqrt(m / a**s)),
    "swapped": lambda *args: rooted(*args)[::-1],
    "capped": lambda *args: (rooted(*args)[0], 1.0),
    "unbounded": lambda *args: (0, rooted(*args)[1]),
    "other-base": with_leak(lambda m, T, s, a: np.exp(np.log10(m / a**s) / T)),
}

RIGHT = [
    rooted,
    with_leak(lambda m, T, s, a: np.exp((np.log(m) - s * np.log(a)) / T)),
]

NEARLY = [
    lambda low, high, *rest: rooted(0.01, high, *rest),
    steps_for(lambda steps: steps + 1e-5),
]


class TestURange(contract.Exercise):
    check = u_range
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (with_leak(lambda m, T, s, a: m), "root-forgotten"),
        (with_leak(lambda m, T, s, a: m ** (1 / T) / ((s * a + T - s) / T)), "leak-added"),
        (with_leak(lambda m, T, s, a: (m / a**s) ** (1 / (T + s))), "one-step-off"),
        (steps_for(lambda steps: steps + 1), "one-step-off"),
        (steps_for(lambda steps: steps / 2), "one-step-off"),
        (steps_for(lambda steps: 2 * steps), "one-step-off"),
        (lambda *args: (0.0, np.inf), "unbounded"),
        (lambda *args: (1, 1), "capped"),
        (of_root(lambda u: 1 + np.log(u)), "linear"),
        (of_root(np.log10), "logarithm"),
        (with_leak(lambda m, T, s, a: 2 ** (np.log(m / a**s) / T)), "other-base"),
        (of_root(lambda u: round(u, 4)), "rounded"),
        (with_leak(lambda m, T, s, a: m / T), "divided"),
        (with_leak(lambda m, T, s, a: m ** (1 / (T - s))), "active-only"),
        (with_leak(lambda m, T, s, a: (m / a ** (T - s)) ** (1 / T)), "leak-everywhere"),
    ],
)
def test_names_what_leads_to_other_bounds(answer, mistake):
    assert u_range(answer).mistakes == (mistake,)


def test_a_whole_number_is_not_called_a_rounded_one():
    for answer in (lambda *args: (0, 2), lambda *args: (1, 3)):
        assert not {"integer", "rounded"} & set(u_range(answer).mistakes)


@pytest.mark.parametrize("slug", ["active-only", "leak-inverted", "leak-outside", "swapped"])
def test_a_slip_in_both_bounds_costs_one_point(slug):
    score = u_range(WRONG[slug])
    assert (score, score.mistakes) == (1, (slug,))


def test_the_chapters_bounds_bring_nothing():
    assert u_range(WRONG["silent-forgotten"]) == 0
