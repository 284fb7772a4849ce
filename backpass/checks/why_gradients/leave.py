"""How many steps descent needs to leave a saddle."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.why_gradients._inputs import DOWN

#: What stands for it where a distance does not grow.
NEVER = -1.0
#: Distances, eigenvalues, a rate.
SADDLES = [
    (np.array([1e-3, 1e-6, 0.02]), np.array([-0.5, -2.0, -0.1]), 0.1),
    (np.array([1e-12, 0.3]), np.array([-1.0, -4.0]), 0.25),
]
MINIMA = [(np.array([1e-3, 0.1, 0.5, 1e-3]), np.array([-0.5, 0.0, 1.0, 4.0]), 0.1)]


def counted(e: np.ndarray, lam: np.ndarray, eta: float) -> np.ndarray:
    """The numbers k with e(1 − ηλ)^k = 1, found by halving intervals; −1 if there is none."""
    low, high = np.zeros(len(e)), np.full(len(e), 1e5)
    for _ in range(100):
        middle = (low + high) / 2
        with np.errstate(over="ignore"):
            short = e * (1 - eta * lam) ** middle < 1
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.where(lam < 0, high, NEVER)


@exercise("How long on the ridge?", section=DOWN, points=3, kind="implement")
def leave(attempt):
    for label, weight, cases in (("saddles", 2, SADDLES), ("where nothing pushes", 1, MINIMA)):
        with attempt.part(label, weight) as part:
            for e, lam, eta in cases:
                value, right = part.call(e, lam, eta), counted(e, lam, eta)
                part.expect(value, right, of=[e, lam, eta], reduction=None, rtol=1e-9)


@leave.mistake(
    "The distance shrinks here, as near a minimum. What is 1 − ηλ for a λ below 0?",
    "It is 1 + η|λ|, above 1: log(1 − ηλ), with the sign that λ has.",
)
def shrinking(e, lam, eta):
    with np.errstate(all="ignore"):
        return np.log(1 / e) / np.log(1 + eta * lam)


@leave.mistake(
    "This is for steps without end that are small without end: log(1 + η|λ|) is less than η|λ|.",
    "Divide by log(1 − ηλ).",
)
def continuous(e, lam, eta):
    with np.errstate(all="ignore"):
        return np.where(lam < 0, np.log(1 / e) / (eta * np.abs(lam)), NEVER)


@leave.mistake(
    "The rate is missing: a step multiplies by 1 − ηλ, not by 1 − λ.",
    "Put ηλ where λ stands.",
)
def rate_forgotten(e, lam, eta):
    with np.errstate(all="ignore"):
        return np.where(lam < 0, np.log(1 / e) / np.log(1 - lam), NEVER)


@leave.mistake(
    "The numbers are rounded to whole steps.",
    "Leave them as they are.",
)
def rounded(e, lam, eta):
    return np.ceil(counted(e, lam, eta))


@leave.mistake(
    "Where λ is 0 or more nothing pushes away, and it takes for ever.",
    "Put −1 there: np.where(lam < 0, …, -1).",
)
def minimum_left(e, lam, eta):
    if (lam < 0).all():
        return None
    with np.errstate(all="ignore"):
        return np.log(1 / e) / np.log(1 - eta * lam)
