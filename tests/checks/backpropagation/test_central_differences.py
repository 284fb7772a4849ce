"""Central differences: see :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.backpropagation import central_differences


def differences(formula=lambda f, x, e, h: (f(x + h * e) - f(x - h * e)) / (2 * h)):
    def answer(f, x, h):
        gradient = np.zeros_like(x)
        for i in np.ndindex(x.shape):
            e = np.zeros_like(x)
            e[i] = 1
            gradient[i] = formula(f, x, e, h)
        return gradient

    return answer


def moving(f, x, h, restore, copy=True):
    gradient = np.zeros_like(x)
    x = x.copy() if copy else x
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] += h
        ahead = f(x)
        x[i] -= 2 * h
        gradient[i] = (ahead - f(x)) / (2 * h)
        x[i] = old if restore else x[i]
    return gradient


def adding_and_taking_away(f, x, h):
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += h
        ahead = f(x)
        x[i] -= 2 * h
        gradient[i] = (ahead - f(x)) / (2 * h)
        x[i] += h
    return gradient


WRONG = {
    "not-halved": differences(lambda f, x, e, h: (f(x + h * e) - f(x - h * e)) / h),
    "parentheses": differences(lambda f, x, e, h: (f(x + h * e) - f(x - h * e)) / 2 * h),
    "shape": lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h),
    "forward": differences(lambda f, x, e, h: (f(x + h * e) - f(x)) / h),
    "backward": differences(lambda f, x, e, h: (f(x) - f(x - h * e)) / h),
    "h-ignored": lambda f, x, h: differences()(f, x, 1e-5),
    "not-restored": lambda f, x, h: moving(f, x, h, restore=False),
    "all-at-once": differences(lambda f, x, e, h: (f(x + h) - f(x - h)) / (2 * h)),
    "sign": differences(lambda f, x, e, h: (f(x - h * e) - f(x + h * e)) / (2 * h)),
    "mutated": adding_and_taking_away,
}

RIGHT = [
    differences(),
    lambda f, x, h: moving(f, x, h, restore=True),
    lambda f, x, h: differences()(f, x, h).tolist(),
    lambda f, x, h: moving(f, x, h, restore=True, copy=False),
]

#: Right on most inputs.
NEARLY = [
    lambda f, x, h: differences()(f, x, 0.1),
    lambda f, x, h: np.ravel(differences()(f, x, h)),
    lambda f, x, h: differences()(f, x, h)[: len(x) - 1],
]


class TestCentralDifferences(contract.Exercise):
    check = central_differences
    wrong, right, nearly = WRONG, RIGHT, NEARLY
