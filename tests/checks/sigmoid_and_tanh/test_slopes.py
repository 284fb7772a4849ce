"""The derivatives of σ and tanh: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.sigmoid_and_tanh.answers import sigma, steep, steep_tanh

from backpass.checks.sigmoid_and_tanh import slopes


def both(of_sigma=lambda z: steep(sigma(z)), of_tanh=lambda z: steep_tanh(np.tanh(z))):
    return lambda z: (of_sigma(z), of_tanh(z))


def naive(z):
    with np.errstate(all="ignore"):
        return np.exp(z) / (1 + np.exp(z))


def sech(z):
    with np.errstate(over="ignore"):
        return 1 / np.cosh(z)


WRONG = {
    "slope-is-value": both(sigma),
    "at-value": both(lambda z: steep(sigma(sigma(z)))),
    "input-for-output": both(of_tanh=steep_tanh),
    "one-minus-tanh": both(of_tanh=lambda z: 1 - np.tanh(z)),
    "wrong-rule": both(lambda z: steep_tanh(sigma(z))),
    "other-function": lambda z: both()(z)[::-1],
    "complement": both(lambda z: 1 - sigma(z)),
    "not-squared": both(of_tanh=sech),
    "approximate": lambda z: (
        (sigma(z + 1e-5) - sigma(z - 1e-5)) / 2e-5,
        (np.tanh(z + 1e-5) - np.tanh(z - 1e-5)) / 2e-5,
    ),
    "one-factor": both(lambda z: sigma(z) ** 2),
    "square-of-difference": both(of_tanh=lambda z: (1 - np.tanh(z)) ** 2),
    "upside-down": both(of_tanh=lambda z: np.cosh(np.clip(z, -700, 700)) ** 2),
    "value": both(of_tanh=np.tanh),
    "relu": both(lambda z: z > 0, lambda z: z > 0),
    "times-z": both(lambda z: z * steep(sigma(z)), lambda z: z * steep_tanh(np.tanh(z))),
    "clipped": both(lambda z: steep(sigma(np.clip(z, -20, 20)))),
    "largest": both(lambda z: 0.25 * np.ones_like(z)),
    "constant": both(lambda z: steep(sigma(z)) + 1e-8),
    "factor": both(of_tanh=lambda z: 2 * steep(sigma(2 * z))),
    "nan": both(lambda z: steep(naive(z))),
}
RIGHT = [
    both(),
    both(lambda z: sigma(z) * sigma(-z), lambda z: sech(z) ** 2),
    both(of_tanh=lambda z: 4 * steep(sigma(2 * z))),
    lambda z: [(1 - np.tanh(z / 2) ** 2) / 4, (1 + np.tanh(z)) * (1 - np.tanh(z))],
]
NEARLY = [
    both(lambda z: np.clip(steep(sigma(z)), 1e-3, None)),
    both(of_tanh=np.sign),
    lambda z: both()(np.ravel(z)),
    both(lambda z: steep(sigma(np.clip(z, -2, 2)))),
]


class TestSlopes(contract.Exercise):
    check = slopes
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_names_the_same_mistake_at_either_function():
    for at_place in [
        both(of_tanh=lambda z: steep_tanh(np.tanh(np.tanh(z)))),
        both(lambda z: steep(sigma(sigma(z)))),
    ]:
        assert slopes(at_place).mistakes == ("at-value",)
    for mixed in (both(of_tanh=lambda z: steep(np.tanh(z))), both(lambda z: 1 - sigma(z) ** 2)):
        assert slopes(mixed).mistakes == ("wrong-rule",)
    assert slopes(both(steep)).mistakes == ("input-for-output",)


def test_gives_part_of_the_points_for_one_of_two_slopes():
    assert slopes(both(sigma)) == 1
