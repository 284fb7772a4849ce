"""A census of curvature: see :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.why_gradients import census

WORDS = ("minimum", "maximum", "saddle", "undecided")


def said(values):
    least = 1e-9 * np.abs(values).max()
    if values[0] < -least and values[-1] > least:
        return "saddle"
    if (np.abs(values) <= least).any():
        return "undecided"
    return "minimum" if values[0] > 0 else "maximum"


def counted(mixed=lambda w1, w2, x, t: 2 * w1 * w2 * x**2 - x * t, word=said):
    """The four counts, with one thing changed."""

    def answer(points, x, t):
        words = []
        for w1, w2 in points:
            off = mixed(w1, w2, x, t)
            H = np.array([[w2**2 * x**2, off], [off, w1**2 * x**2]])
            words.append(word(np.linalg.eigvalsh(H)))
        return np.array([words.count(one) for one in WORDS])

    return answer


def exchanged(word, by):
    return lambda values: said(values).replace(word, by)


WRONG = {
    "saddles-as-minima": counted(word=exchanged("saddle", "minimum")),
    "zeros-as-minima": counted(word=exchanged("undecided", "minimum")),
    "other-mixed": counted(lambda w1, w2, x, t: w1 * w2 * x**2),
    "mixed-left-out": counted(lambda *given: 0.0),
    "shares": lambda points, x, t: counted()(points, x, t) / len(points),
    "other-order": lambda *given: counted()(*given)[[0, 2, 1, 3]],
}
RIGHT = [counted(), lambda *given: counted()(*given).tolist()]
NEARLY = [lambda *given: counted()(*given)[::-1], lambda p, x, t: counted()(p, 1.0, 1.0)]


class TestCensus(contract.Exercise):
    check = census
    wrong, right, nearly = WRONG, RIGHT, NEARLY
