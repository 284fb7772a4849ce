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
}

RIGHT = [rooted, lambda low, high, steps: np.exp(np.log([low, high]) / steps)]

NEARLY = [
    lambda low, high, steps: (0.01 ** (1 / steps), high ** (1 / steps)),
    lambda low, high, steps: rooted(low, high, steps + 1e-5),
]


class TestURange(contract.Exercise):
    check = u_range
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize("off", [-1, 1])
def test_names_a_horizon_that_is_one_step_off(off):
    score = u_range(lambda low, high, steps: rooted(low, high, steps + off))
    assert score.mistakes == ("one-step-off",)
