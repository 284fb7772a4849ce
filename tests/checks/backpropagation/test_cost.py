"""What differences cost: see :mod:`contract` for what is asked."""

import contract

from backpass.checks.backpropagation import cost

WRONG = {
    "base-forgotten": lambda n, s: (n, 2 * n, 2 * n * s / 3600),
    "base-each-time": lambda n, s: (2 * n, 2 * n, 2 * n * s / 3600),
    "base-not-needed": lambda n, s: (n + 1, 2 * n + 1, (2 * n + 1) * s / 3600),
    "one-sided": lambda n, s: (n + 1, n, n * s / 3600),
    "seconds": lambda n, s: (n + 1, 2 * n, 2 * n * s),
    "minutes": lambda n, s: (n + 1, 2 * n, 2 * n * s / 60),
    "zeros": lambda n, s: (n + 1, 2 * n, 2 * n * s // 3600),
    "days": lambda n, s: (n + 1, 2 * n, 2 * n * s / 86400),
    "milliseconds": lambda n, s: (n + 1, 2 * n, 2000 * n * s),
    "multiplied": lambda n, s: (n + 1, 2 * n, 2 * n * s * 3600),
    "passes-only": lambda n, s: (n + 1, 2 * n, 2 * n / 3600),
    "upside-down": lambda n, s: (n + 1, 2 * n, 3600 / (2 * n * s)),
    "one-parameter": lambda n, s: (2, 2, 2 * s / 3600),
    "one-pass": lambda n, s: (1, 1, s / 3600),
    "squared": lambda n, s: (n**2, 2 * n**2, 2 * n**2 * s / 3600),
    "three-each": lambda n, s: (n + 1, 3 * n, 3 * n * s / 3600),
    "twice": lambda n, s: (2 * n + 2, 4 * n, 2 * n * s / 3600),
    "one-less": lambda n, s: (n - 1, 2 * n, 2 * n * s / 3600),
    "forward-only": lambda n, s: (n + 1, 2 * n, (n + 1) * s / 3600),
}

RIGHT = [lambda n, s: (n + 1, 2 * n, 2 * n * s / 3600), lambda n, s: [n + 1.0, n + n, n * s / 1800]]

#: Right on most inputs.
NEARLY = [lambda n, s: (1001, 2000, 0.001)]


class TestCost(contract.Exercise):
    check = cost
    wrong, right, nearly = WRONG, RIGHT, NEARLY
