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


def copied_once(f, x, h):
    gradient, ahead, behind = np.zeros_like(x), x.copy(), x.copy()
    for i in np.ndindex(x.shape):
        ahead[i] += h
        behind[i] -= h
        gradient[i] = (f(ahead) - f(behind)) / (2 * h)
    return gradient


def rows_moved(f, x, h):
    gradient = np.zeros_like(x)
    for i in range(len(x)):
        ahead, behind = x.copy(), x.copy()
        ahead[i] += h
        behind[i] -= h
        gradient[i] = (f(ahead) - f(behind)) / (2 * h)
    return gradient


WRONG = {
    "not-halved": differences(lambda f, x, e, h: (f(x + h * e) - f(x - h * e)) / h),
    "parentheses": differences(lambda f, x, e, h: (f(x + h * e) - f(x - h * e)) / 2 * h),
    "shape": lambda f, x, h: differences()(f, x, h).ravel(),
    "forward": differences(lambda f, x, e, h: (f(x + h * e) - f(x)) / h),
    "backward": differences(lambda f, x, e, h: (f(x) - f(x - h * e)) / h),
    "h-ignored": lambda f, x, h: differences()(f, x, 1e-5),
    "not-restored": lambda f, x, h: moving(f, x, h, restore=False),
    "all-at-once": differences(lambda f, x, e, h: (f(x + h) - f(x - h)) / (2 * h)),
    "sign": differences(lambda f, x, e, h: (f(x - h * e) - f(x + h * e)) / (2 * h)),
    "mutated": adding_and_taking_away,
    "copied-once": copied_once,
    "difference-without-parentheses": differences(
        lambda f, x, e, h: f(x + h * e) - f(x - h * e) / (2 * h)
    ),
    "one-side-halved": differences(lambda f, x, e, h: (f(x + h * e) - f(x)) / (2 * h)),
    "half-steps": differences(lambda f, x, e, h: (f(x + h / 2 * e) - f(x - h / 2 * e)) / h),
    "relative-steps": differences(
        lambda f, x, e, h: (f(x + h * x * e) - f(x - h * x * e)) / (2 * h * np.sum(x * e))
    ),
    "set-to-step": differences(
        lambda f, x, e, h: (f(x + (h - x) * e) - f(x - (h + x) * e)) / (2 * h)
    ),
    "rows-moved": rows_moved,
    "added": differences(lambda f, x, e, h: (f(x + h * e) + f(x - h * e)) / (2 * h)),
    "second-derivative": differences(
        lambda f, x, e, h: (f(x + h * e) - 2 * f(x) + f(x - h * e)) / h**2
    ),
    "higher-order": differences(
        lambda f, x, e, h: (
            (8 * f(x + h * e) - 8 * f(x - h * e) - f(x + 2 * h * e) + f(x - 2 * h * e)) / (12 * h)
        )
    ),
    "complex-steps": differences(lambda f, x, e, h: f(x + 1j * h * e).imag / h),
    "one-entry": lambda f, x, h: differences()(f, x, h).flat[-1],
    "zeros": differences(lambda f, x, e, h: (f(x + h * e) - f(x + h * e)) / (2 * h)),
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
