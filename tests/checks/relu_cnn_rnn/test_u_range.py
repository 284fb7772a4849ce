"""How large may u be? See :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.relu_cnn_rnn import u_range


def rooted(low, high, steps):
    return low ** (1 / steps), high ** (1 / steps)


WRONG = {
    "power-T": lambda low, high, steps: (low**steps, high**steps),
    "divided": lambda low, high, steps: (low / steps, high / steps),
    "inverted": lambda low, high, steps: (low ** (-1 / steps), high ** (-1 / steps)),
    "linear": lambda low, high, steps: (1 + (low - 1) / steps, 1 + (high - 1) / steps),
    "logarithm": lambda low, high, steps: (np.log(low) / steps, np.log(high) / steps),
    "one-step-off": lambda low, high, steps: rooted(low, high, steps - 1),
    "square-root": lambda low, high, steps: (np.sqrt(low), np.sqrt(high)),
    "swapped": lambda low, high, steps: rooted(high, low, steps),
    "capped": lambda low, high, steps: (low ** (1 / steps), 1.0),
    "unbounded": lambda low, high, steps: (0, high ** (1 / steps)),
    "other-base": lambda low, high, steps: tuple(np.exp(np.log10([low, high]) / steps)),
}

RIGHT = [rooted, lambda low, high, steps: np.exp(np.log([low, high]) / steps)]

NEARLY = [
    lambda low, high, steps: (0.01 ** (1 / steps), high ** (1 / steps)),
    lambda low, high, steps: rooted(low, high, steps + 1e-5),
]


class TestURange(contract.Exercise):
    check = u_range
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (lambda low, high, steps: rooted(low, high, steps + 1), "one-step-off"),
        (lambda low, high, steps: rooted(low, high, steps - 1), "one-step-off"),
        (lambda low, high, steps: rooted(low, high, steps / 2), "one-step-off"),
        (lambda low, high, steps: rooted(low, high, 2 * steps), "one-step-off"),
        (lambda low, high, steps: (0.0, np.inf), "unbounded"),
        (lambda low, high, steps: (1, 1), "capped"),
        (lambda low, high, steps: (low ** (1 // steps), high ** (1 // steps)), "capped"),
        (lambda low, high, steps: tuple(1 + np.log([low, high]) / steps), "linear"),
        (lambda low, high, steps: tuple(np.log10([low, high]) / steps), "logarithm"),
        (lambda low, high, steps: tuple(2 ** (np.log([low, high]) / steps)), "other-base"),
        (lambda low, high, steps: [round(u, 4) for u in rooted(low, high, steps)], "rounded"),
        (lambda low, high, steps: (low**1 / steps, high**1 / steps), "divided"),
    ],
)
def test_names_what_leads_to_other_bounds(answer, mistake):
    assert u_range(answer).mistakes == (mistake,)


def test_a_whole_number_is_not_called_a_rounded_one():
    for answer in (lambda low, high, steps: (0, 2), lambda low, high, steps: (1, 3)):
        assert not {"integer", "rounded"} & set(u_range(answer).mistakes)
