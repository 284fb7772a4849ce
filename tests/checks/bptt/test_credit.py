"""A backward pass over K steps, every S steps: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.bptt import credit


def h_of(H, t):
    """What W multiplied in step t, counted from 0, shape (n, m)."""
    return H[t]


def end(t, S, T):
    return min(t // S * S + S, T) - 1


def cut(
    keep=lambda t, i, K, S, T: end(t, S, T) - i < K,
    to_w=h_of,
    back=lambda d, W: d @ W.T,
    over=lambda n, T: 1,
    slope=lambda H, i: 1 - H[i + 1] ** 2,
    bias=lambda d: d.sum(axis=0),
):
    """The double sum, with the terms that ``keep`` chooses, so often, and one thing changed."""

    def answer(X, H, G, W, K, S):
        T, n = len(X), X.shape[1]
        dU, dW, db = np.zeros((X.shape[2], len(W))), 0 * W, 0.0
        for t in range(T):
            g = G[t]
            for i in range(t, -1, -1):
                d = g * slope(H, i)
                times = keep(t, i, K, S, T)
                dU, db = dU + X[i].T @ d * times, db + bias(d) * times
                dW = dW + to_w(H, i).T @ d * times
                g = back(d, W)
        return dU / over(n, T), dW / over(n, T), db / over(n, T)

    return answer


def passes(empty=True, start=0, add=True):
    """Pass after pass, with one thing changed."""

    def answer(X, H, G, W, K, S):
        T, carry = len(X), 0.0
        dU, dW, db = np.zeros((X.shape[2], len(W))), 0 * W, 0 * W[0]
        for first in range(0, T, S):
            newest = min(first + S, T) - 1
            carry = 0.0 if empty else carry
            if not add:
                dU, dW, db = 0 * dU, 0 * dW, 0 * db
            for t in range(newest, max(newest - K, start - 1), -1):
                own = G[t] if t >= first else 0.0
                delta = (own + carry) * (1 - H[t + 1] ** 2)
                dU, dW, db = dU + X[t].T @ delta, dW + H[t].T @ delta, db + delta.sum(axis=0)
                carry = delta @ W.T
        return dU, dW, db

    return answer


def again(t, i, K, S, T):
    ends = [*range(S - 1, T, S), *[T - 1] * bool(T % S)]
    return sum(t <= e and e - i < K and e - t < K for e in ends)


def chapters_truncated(X, H, G, W, K, S):
    slopes, D = 1 - H[1:] ** 2, G
    every = G.copy()
    for _ in range(1, K):
        D = (D * slopes[: len(D)])[1:] @ W.T
        every[: len(D)] += D
    delta = every * slopes
    return (
        np.einsum("tni,tnj->ij", X, delta),
        np.einsum("tni,tnj->ij", H[:-1], delta),
        delta.sum((0, 1)),
    )


WRONG = {
    "zeros": lambda *args: tuple(0 * one for one in cut()(*args)),
    "unreduced": cut(bias=lambda d: d),
    "s-ignored": cut(lambda t, i, K, S, T: t - i < K),
    "windows": cut(lambda t, i, K, S, T: t // S == i // S),
    "windows-of-k": cut(lambda t, i, K, S, T: t // K == i // K),
    "exchanged": cut(lambda t, i, K, S, T: end(t, K, T) - i < S),
    "last-pass-lost": cut(lambda t, i, K, S, T: end(t, S, T) - i < K and t < T // S * S),
    "last-pass-late": cut(lambda t, i, K, S, T: t // S * S + S - 1 - i < K),
    "newest-loss": cut(lambda t, i, K, S, T: end(t, S, T) == t and t - i < K),
    "sent-again": cut(again),
    "one-pass": cut(lambda t, i, K, S, T: T - 1 - i < K),
    "last-loss": cut(lambda t, i, K, S, T: t == T - 1 and t - i < K),
    "one-too-many": cut(lambda t, i, K, S, T: end(t, S, T) - i <= K),
    "one-too-few": cut(lambda t, i, K, S, T: end(t, S, T) - i < K - 1),
    "full": cut(lambda t, i, K, S, T: True),
    "dropped": cut(lambda t, i, K, S, T: end(t, S, T) - i >= K),
    "newest-lost": cut(lambda t, i, K, S, T: t > i and end(t, S, T) - i < K),
    "first-lost": cut(lambda t, i, K, S, T: i > 0 and end(t, S, T) - i < K),
    "start-lost": cut(lambda t, i, K, S, T: end(t, S, T) - i < K and end(t, S, T) >= K - 1),
    "begun-early": cut(lambda t, i, K, S, T: min((t + S - 1) // S * S, T - 1) - i < K),
    "beyond-the-start": passes(start=-3),
    "carry-kept": passes(empty=False),
    "h-current": cut(to_w=lambda H, i: H[i + 1]),
    "not-transposed": cut(back=lambda d, W: d @ W),
    "phi-previous": cut(slope=lambda H, i: 1 - H[i] ** 2),
    "phi-forgotten": cut(slope=lambda H, i: 1),
    "phi-at-activation": cut(slope=lambda H, i: 1 - np.tanh(H[i + 1]) ** 2),
    "phi-other": cut(slope=lambda H, i: 1 - H[i + 1]),
    "weights-forgotten": cut(back=lambda d, W: d),
    "divided": cut(over=lambda n, T: n),
    "overwritten": passes(add=False),
}

RIGHT = [cut(), passes()]

#: Answers that are right on most inputs.
NEARLY = [
    lambda *args: cut()(*args[:-1], min(args[-1], 2)),
    cut(lambda t, i, K, S, T: end(t, S, T) - i < K or K > 4),
    lambda X, H, *rest: cut()(X, np.concatenate([0 * H[:1], H[1:]]), *rest),
]


class TestCredit(contract.Exercise):
    check = credit
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_one_of_the_cuts_alone():
    assert credit(WRONG["s-ignored"]) == 1
    assert credit(chapters_truncated) == 1


@pytest.mark.parametrize("over", [lambda n, T: T])
def test_names_other_forms_of_a_slip(over):
    assert set(credit(cut(over=over)).mistakes) == {"divided"}
