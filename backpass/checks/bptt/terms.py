"""How many terms are kept: without truncation, with a sliding horizon, with windows."""

from collections.abc import Callable
from functools import wraps

import numpy as np

from backpass.checks.bptt._inputs import DROPS, NEWEST, either
from backpass.checks.exercise import exercise


def count(steps: int, keep: Callable) -> int:
    """How many pairs of a loss t and a step i ≤ t there are for which ``keep(t, i)`` is true."""
    t, i = np.indices((steps, steps))
    return int(np.sum(keep(t, i) & (t >= i)))


def in_full(steps: int, k: int) -> int:
    """The number of terms without truncation, whatever k is."""
    return count(steps, lambda t, i: t >= i)


def sliding(steps: int, k: int) -> int:
    """The number of terms with a sliding horizon of k steps."""
    return count(steps, lambda t, i: t - i < k)


def windows(steps: int, k: int) -> int:
    """The number of terms with windows of k steps."""
    return count(steps, lambda t, i: t // k == i // k)


OUTPUTS = {"full": in_full, "sliding": sliding, "windows": windows}
CASES = [(12, 6), (6, 2), (40, 10), (7, 7), (5, 1)]
HERE = "T = {}, K = {}"


@exercise("How many terms are kept", section=DROPS, points=3, kind="predict")
def terms(attempt):
    right = {name: np.array([number(*case) for case in CASES]) for name, number in OUTPUTS.items()}
    labels = ("no truncation", "a sliding horizon", "windows")
    for name, label in zip(OUTPUTS, labels, strict=True):
        with attempt.part(label) as part:
            part.outputs(CASES, right, name, of=lambda *of: of, here=HERE, rtol=1e-9)


def slip(sentence: str, *asked: str) -> Callable:
    """Enter a mistake in the results ``asked``: what it gives for T, K and the right number, in
    one form or several.
    """

    def enter(function):
        @wraps(function)
        def values(name, given):
            if asked and name not in asked:
                return None
            wrong = [np.ravel(function(*case, OUTPUTS[name])) for case in CASES]
            return either(given, *np.transpose(wrong).astype(float))

        return terms.mistake(sentence)(values)

    return enter


@slip("T² counts pairs with k > t too; a loss reaches only its own step and earlier ones.", "full")
def square(steps, k, number):
    return [steps**2, steps**2 / 2]


@slip(f"The T terms with k = t are not counted. {NEWEST}")
def newest_lost(steps, k, number):
    return number(steps, k) - steps


@slip("This counts steps. A term belongs to a pair: a loss at t, a step k.")
def steps(steps, k, number):
    return steps


@slip(
    "This is for one loss alone. Every step has a loss, and the terms of all are counted.",
    "sliding",
    "windows",
)
def one_loss(steps, k, number):
    return min(k, steps)


@slip(
    "T·K says that every loss has K steps behind it. The first has one, the second two, and so on:"
    " min(t, K).",
    "sliding",
)  # fmt: skip
def start_ignored(steps, k, number):
    return steps * k


@slip("The first losses have fewer than K steps behind them, but they count too.", "sliding")
def start_lost(steps, k, number):
    return [(steps - k + 1) * k, (steps - k) * k]


@slip(
    "Not counted right at the start: the losses 1, …, K − 1 have 1 + 2 + … + (K − 1) terms, all"
    " others K each.",
    "sliding",
)  # fmt: skip
def start_off(steps, k, number):
    small, large = k * (k - 1) / 2, k * (k + 1) / 2
    rest = (steps - k) * k
    wrong = rest + small, rest + large + k, steps * k - large, steps * k - k, steps * k - k * k
    return [*wrong, small + (steps - k) * k + k * k]


@slip("This is one term too many for each loss: K counts k = t.", "sliding", "windows")
def one_too_many(steps, k, number):
    if number is windows:
        return number(steps, k) + steps
    return [sliding(steps, k + 1), steps * (k + 1)]


@slip("This is one term too few for each loss: K counts k = t.", "sliding", "windows")
def one_too_few(steps, k, number):
    return sliding(steps, k - 1) if number is sliding else windows(steps, k) - steps


@slip(
    "K² a window counts pairs with k > t; and a window's first loss has one term, its second two,"
    " and so on.",
    "windows",
)  # fmt: skip
def full_windows(steps, k, number):
    return [steps * k, steps * k / 2]


@slip("That is one window; there are T/K of them.", "windows")
def one_window(steps, k, number):
    return [windows(k, k), k**2]


@slip("Horizon and windows are exchanged.", "sliding", "windows")
def swapped(steps, k, number):
    return {sliding: windows, windows: sliding}[number](steps, k)


@slip("These are the terms that are dropped. Asked is how many are kept.", "sliding", "windows")
def dropped(steps, k, number):
    return in_full(steps, k) - number(steps, k)


@slip("Nothing is dropped: this is the number without truncation.", "sliding", "windows")
def nothing_dropped(steps, k, number):
    return in_full(steps, k)
