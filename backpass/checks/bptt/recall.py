"""Delayed recall: how far back must the gradient go?"""

from collections.abc import Callable
from functools import wraps

import numpy as np

from backpass.checks.bptt._inputs import either
from backpass.checks.exercise import exercise


def smallest_horizon(delay: int, k: int) -> int:
    """The smallest sliding horizon that reaches back ``delay`` steps."""
    return next(horizon for horizon in range(1, 99) if delay in range(horizon))


def losses_that_see(delay: int, k: int) -> int:
    """How many losses of a window of k steps have the step ``delay`` before them in it."""
    return sum(place - delay in range(k) for place in range(k))


OUTPUTS = {"smallest_K": smallest_horizon, "losses_in_a_window": losses_that_see}
CASES = [(3, 10), (1, 2), (7, 3), (0, 5), (6, 6), (12, 20)]
HERE = "ℓ = {}, K = {}"


@exercise(
    "Delayed recall: how far back?",
    section="Section: “Delayed recall”.",
    points=2,
    kind="predict",
)
def recall(attempt):
    right = {name: np.array([number(*case) for case in CASES]) for name, number in OUTPUTS.items()}
    for name, label in [("smallest_K", "a sliding horizon"), ("losses_in_a_window", "windows")]:
        with attempt.part(label) as part:
            part.outputs(CASES, right, name, of=lambda *of: of, here=HERE, rtol=1e-9)


def slip(sentence: str, asked: str) -> Callable:
    """Enter a mistake in the result ``asked``: what it gives, in a form or several."""

    def enter(function):
        @wraps(function)
        def values(name, given):
            if name != asked:
                return None
            wrong = [np.ravel(function(*case)) for case in CASES]
            return either(given, *np.transpose(wrong).astype(float))

        return recall.mistake(sentence)(values)

    return enter


@slip(
    "The step that read the input is k = t − ℓ, and K counts k = t as the first: with K = ℓ the"
    " last step seen is t − ℓ + 1, one short.",
    "smallest_K",
)  # fmt: skip
def lag(delay, k):
    return [delay, max(delay, 1), delay - 1]


@slip("One more than needed: K steps reach back to t − K + 1.", "smallest_K")
def one_too_many(delay, k):
    return delay + 2


@slip("The smallest sliding horizon does not depend on the windows' K.", "smallest_K")
def of_windows(delay, k):
    return [k, max(delay + 1, k), min(delay + 1, k), delay + k, k - delay]


@slip(
    "The first losses of a window cannot see ℓ steps back: they are too near its start.",
    "losses_in_a_window",
)
def all_(delay, k):
    return k


@slip(
    "These are the losses that cannot see so far back, at the window's start. Asked is for how many"
    " the term is kept.",
    "losses_in_a_window",
)  # fmt: skip
def others(delay, k):
    return [min(delay, k), delay]


@slip(
    "One loss short. The loss at place j = 1, …, K of its window needs place j − ℓ to be in the"
    " window: j runs from ℓ + 1 to K.",
    "losses_in_a_window",
)  # fmt: skip
def one_loss_short(delay, k):
    number = k - delay - 1
    return [max(number, 0), losses_that_see(delay, k) - 1, number, abs(number)]


@slip(
    "One loss too many. The loss at place j = 1, …, K of its window needs place j − ℓ to be in the"
    " window: j runs from ℓ + 1 to K.",
    "losses_in_a_window",
)  # fmt: skip
def one_loss_more(delay, k):
    number = k - delay + 1
    return [max(number, 0), losses_that_see(delay, k) + 1, number, abs(number)]


@slip(
    "Where the windows are shorter than the lag, no loss of theirs sees the input: 0, neither less"
    " than nothing nor a distance.",
    "losses_in_a_window",
)  # fmt: skip
def negative(delay, k):
    return [k - delay, abs(k - delay), max(k - delay, 1)]


@slip("This is a share; the question is how many of the K.", "losses_in_a_window")
def share(delay, k):
    return losses_that_see(delay, k) / k
