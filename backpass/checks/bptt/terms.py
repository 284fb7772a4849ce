"""How many terms are kept: without truncation, with a sliding horizon, with windows."""

from collections.abc import Callable

import numpy as np

from backpass.checks.bptt._inputs import DROPS, NEWEST
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


@exercise("How many terms are kept", section=DROPS, points=3, kind="predict")
def terms(attempt):
    labels = ("no truncation", "a sliding horizon", "windows")
    for name, label in zip(OUTPUTS, labels, strict=True):
        with attempt.part(label) as part:
            cases = [(12, 6), (6, 2), (40, 10), (7, 7), (5, 1)]
            for steps, k in part.each(cases, "T = {}, K = {}"):
                right = {name: number(steps, k) for name, number in OUTPUTS.items()}

                def of(output, _, steps=steps, k=k):
                    return steps, k, OUTPUTS[output]

                part.outputs([steps, k], right, name, of=of, rtol=1e-9)


@terms.mistake("T² counts pairs with k > t too; a loss reaches only its own step and earlier ones.")
def square(steps, k, number):
    return steps**2 if number is in_full else None


@terms.mistake(f"The T terms with k = t are not counted. {NEWEST}")
def newest_lost(steps, k, number):
    return number(steps, k) - steps


@terms.mistake("This counts steps. A term belongs to a pair: a loss at t, a step k.")
def steps(steps, k, number):
    return steps


@terms.mistake(
    "T·K says that every loss has K steps behind it. The first has one, the second two, and so on:"
    " min(t, K)."
)
def start_ignored(steps, k, number):
    return steps * k if number is sliding else None


@terms.mistake("This is one term too many for each loss: K counts k = t.")
def one_too_many(steps, k, number):
    return sliding(steps, k + 1) if number is sliding else None


@terms.mistake("This is one term too few for each loss: K counts k = t.")
def one_too_few(steps, k, number):
    return sliding(steps, k - 1) if number is sliding else None


@terms.mistake(
    "K² a window counts pairs with k > t; and a window's first loss has one term, its second two,"
    " and so on."
)
def full_windows(steps, k, number):
    return steps * k if number is windows else None


@terms.mistake("That is one window; there are T/K of them.")
def one_window(steps, k, number):
    return windows(k, k) if number is windows else None


@terms.mistake("Horizon and windows are exchanged.")
def swapped(steps, k, number):
    other = {sliding: windows, windows: sliding}.get(number)
    return other(steps, k) if other else None
