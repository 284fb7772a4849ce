"""Central differences: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.backpropagation import central_differences


def step_of(x, i, h):
    return h * max(1, abs(x[i]))


def differences(formula=lambda f, x, e, s: (f(x + s * e) - f(x - s * e)) / (2 * s), step=step_of):
    """By a formula for f, x, the direction of an entry, and its step."""

    def answer(f, x, h):
        gradient = np.zeros_like(x)
        for i in np.ndindex(x.shape):
            e = np.zeros_like(x)
            e[i] = 1
            gradient[i] = formula(f, x, e, step(x, i, h))
        return gradient

    return answer


def moving(f, x, h, restore, copy=True):
    gradient = np.zeros_like(x)
    x = x.copy() if copy else x
    for i in np.ndindex(x.shape):
        old, s = x[i], step_of(x, i, h)
        x[i] += s
        ahead = f(x)
        x[i] -= 2 * s
        gradient[i] = (ahead - f(x)) / (2 * s)
        x[i] = old if restore else x[i]
    return gradient


def adding_and_taking_away(f, x, h):
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        s = step_of(x, i, h)
        x[i] += s
        ahead = f(x)
        x[i] -= 2 * s
        gradient[i] = (ahead - f(x)) / (2 * s)
        x[i] += s
    return gradient


def copied_once(f, x, h):
    gradient, ahead, behind = np.zeros_like(x), x.copy(), x.copy()
    for i in np.ndindex(x.shape):
        s = step_of(x, i, h)
        ahead[i] += s
        behind[i] -= s
        gradient[i] = (f(ahead) - f(behind)) / (2 * s)
    return gradient


def rows_moved(f, x, h):
    gradient = np.zeros_like(x)
    for i in range(len(x)):
        ahead, behind = x.copy(), x.copy()
        s = h * np.maximum(1, np.abs(x[i]))
        ahead[i] += s
        behind[i] -= s
        gradient[i] = (f(ahead) - f(behind)) / (2 * s)
    return gradient


def all_at_once(f, x, h):
    s = h * np.maximum(1, np.abs(x))
    return (f(x + s) - f(x - s)) / (2 * s)


def stepping(f, x, step):
    """Central differences with another step, a function of an entry's size."""
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        s, ahead, behind = step(abs(x[i])), x.copy(), x.copy()
        ahead[i] += s
        behind[i] -= s
        found[i] = (f(ahead) - f(behind)) / (2 * s)
    return found


WRONG = {
    "not-scaled": differences(step=lambda x, i, h: h),
    "relative-steps": differences(step=lambda x, i, h: h * abs(x[i])),
    "abs-forgotten": differences(step=lambda x, i, h: h * max(1, x[i])),
    "largest-step": differences(step=lambda x, i, h: h * max(1, np.max(np.abs(x)))),
    "sum-for-maximum": differences(step=lambda x, i, h: h * (1 + abs(x[i]))),
    "other-divisor": lambda f, x, h: differences()(f, x, h) * np.maximum(1, np.abs(x)),
    "not-halved": differences(lambda f, x, e, h: (f(x + h * e) - f(x - h * e)) / h),
    "parentheses": differences(lambda f, x, e, h: (f(x + h * e) - f(x - h * e)) / 2 * h),
    "shape": lambda f, x, h: differences()(f, x, h).ravel(),
    "forward": differences(lambda f, x, e, h: (f(x + h * e) - f(x)) / h),
    "backward": differences(lambda f, x, e, h: (f(x) - f(x - h * e)) / h),
    "h-ignored": lambda f, x, h: differences()(f, x, 1e-5),
    "not-restored": lambda f, x, h: moving(f, x, h, restore=False),
    "all-at-once": all_at_once,
    "sign": differences(lambda f, x, e, h: (f(x - h * e) - f(x + h * e)) / (2 * h)),
    "mutated": adding_and_taking_away,
    "copied-once": copied_once,
    "difference-without-parentheses": differences(
        lambda f, x, e, h: f(x + h * e) - f(x - h * e) / (2 * h)
    ),
    "one-side-halved": differences(lambda f, x, e, h: (f(x + h * e) - f(x)) / (2 * h)),
    "half-steps": differences(lambda f, x, e, h: (f(x + h / 2 * e) - f(x - h / 2 * e)) / h),
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
    "minimum": lambda f, x, h: stepping(f, x, lambda size: h * min(1, size)),
    "h-inside": lambda f, x, h: stepping(f, x, lambda size: max(h, size)),
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


def test_a_vector_has_slopes_in_a_vector():
    score = central_differences(lambda f, x, h: np.atleast_2d(differences()(f, x, h)))
    assert (score, score.mistakes) == (1, ("shape",))


def test_all_entries_may_be_moved_together_by_the_step_of_one():
    def answer(f, x, h):
        steps = h * np.maximum(1, np.abs(x))
        slopes = [(f(x + s) - f(x - s)) / (2 * s) for s in steps.flat]
        return np.reshape(slopes, x.shape)

    assert central_differences(answer).mistakes == ("all-at-once",)


@pytest.mark.parametrize("slug", ["forward", "not-halved", "sign", "parentheses", "abs-forgotten"])
def test_a_slip_that_a_matrix_shows_again_costs_the_vector_alone(slug):
    score = central_differences(WRONG[slug])
    assert (score, score.mistakes) == (1, (slug,))


def test_the_chapters_one_step_for_all_brings_nothing():
    assert central_differences(WRONG["not-scaled"]) == 0
