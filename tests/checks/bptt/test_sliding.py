"""Every loss looks K steps back: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.bptt.answers import h_of, states

from backpass.checks.bptt import sliding


def cut(
    keep=lambda t, i, K, T: t - i < K,
    to_w=h_of,
    back=lambda d, W: d @ W.T,
    over=lambda K, T: 1,
    slope=lambda H, i: 1 - H[i + 1] ** 2,
    error=lambda H, Y, t: H[t + 1] - Y[t],
    count=lambda X, h0: len(h0),
    order=lambda t, K: range(t, -1, -1),
):
    """The double sum, with the terms that ``keep`` chooses, and one thing changed."""

    def answer(X, Y, h0, U, W, b, K):
        H, T = states(X, h0, U, W, b), len(X)
        dW = 0 * W
        for t in range(T):
            g = error(H, Y, t) / count(X, h0)
            for i in order(t, K):
                d = g * slope(H, i)
                dW = dW + to_w(X, H, i).T @ d * keep(t, i, K, T)
                g = back(d, W)
        return dW / over(K, T)

    return answer


def by_lag(X, Y, h0, U, W, b, K):
    """All losses at once: the recursion, once for each lag."""
    H = np.array(states(X, h0, U, W, b))
    S = 1 - H[1:] ** 2
    D, dW = (H[1:] - Y) / len(h0) * S, 0 * W
    for _ in range(min(K, len(X))):
        dW = dW + np.einsum("tni,tnj->ij", H[: len(D)], D)
        D = D[1:] @ W.T * S[: len(D) - 1]
    return dW


def sent_again(X, Y, h0, U, W, b, K):
    """At each step all of the last K losses go back."""
    H, dW = states(X, h0, U, W, b), 0 * W
    for t in range(len(X)):
        g = 0
        for i in range(t, max(t - K, -1), -1):
            d = (g + (H[i + 1] - Y[i]) / len(h0)) * (1 - H[i + 1] ** 2)
            dW, g = dW + H[i].T @ d, d @ W.T
    return dW


def run_anew(X, Y, h0, U, W, b, K, always=False):
    """The last K steps are run again for each loss, from a state of zero."""
    dW = 0 * W
    for t in range(len(X)):
        start = max(t - K + 1, 0)
        first = h0 if start == 0 and not always else 0 * h0
        H = states(X[start : t + 1], first, U, W, b)
        g = (H[-1] - Y[t]) / len(h0)
        for i in range(t - start, -1, -1):
            d = g * (1 - H[i + 1] ** 2)
            dW, g = dW + H[i].T @ d, d @ W.T
    return dW


WRONG = {
    "one-too-many": cut(lambda t, i, K, T: t - i <= K),
    "one-too-few": cut(lambda t, i, K, T: t - i < K - 1),
    "full": cut(lambda t, i, K, T: True),
    "dropped": cut(lambda t, i, K, T: t - i >= K),
    "newest-lost": cut(lambda t, i, K, T: 0 < t - i < K),
    "furthest-only": cut(lambda t, i, K, T: t - i == K - 1),
    "start-lost": cut(lambda t, i, K, T: K - 1 <= t < i + K),
    "end-only": cut(lambda t, i, K, T: i >= T - K),
    "last-loss": cut(lambda t, i, K, T: t == T - 1 and t - i < K),
    "windows": cut(lambda t, i, K, T: t // K == i // K),
    "h-current": cut(to_w=lambda X, H, t: H[t + 1]),
    "not-transposed": cut(back=lambda d, W: d @ W),
    "averaged": cut(over=lambda K, T: T),
    "summed": cut(count=lambda X, h0: 1),
    "zeros": lambda *args: 0 * cut()(*args),
    "sent-again": sent_again,
    "run-anew": run_anew,
    "newest-only": cut(lambda t, i, K, T: t == i),
    "first-lost": cut(lambda t, i, K, T: t - i < K and i > 0),
    "first-loss-lost": cut(lambda t, i, K, T: t - i < K and t > 0),
    "last-lost": cut(lambda t, i, K, T: t - i < K and t < T - 1),
    "beyond-the-start": cut(order=lambda t, K: range(t, max(t - K, -5), -1)),
    "phi-previous": cut(slope=lambda H, i: 1 - H[i] ** 2),
    "phi-forgotten": cut(slope=lambda H, i: 1),
    "phi-at-activation": cut(slope=lambda H, i: 1 - np.tanh(H[i + 1]) ** 2),
    "phi-other": cut(slope=lambda H, i: 1 - H[i + 1]),
    "weights-forgotten": cut(back=lambda d, W: d),
    "shifted": cut(error=lambda H, Y, t: H[t] - Y[t]),
    "h0-ignored": lambda X, Y, h0, *rest: cut()(X, Y, 0 * h0, *rest),
    "bias-forgotten": lambda X, Y, h0, U, W, b, K: cut()(X, Y, h0, U, W, 0 * b, K),
    "over-steps": cut(count=lambda X, h0: len(X)),
    "all-entries": cut(count=lambda X, h0: h0.size),
    "over-horizon": cut(over=lambda K, T: K),
    "forwards": cut(order=lambda t, K: range(max(t - K + 1, 0), t + 1)),
}

RIGHT = [cut(), by_lag]

#: Answers that are right on most inputs.
NEARLY = [
    lambda *args: cut()(*args[:-1], min(args[-1], 3)),
    cut(lambda t, i, K, T: t - i < K or K > 2),
    lambda X, Y, h0, *p: cut()(X, Y, 0 * h0, *p),
]


class TestSliding(contract.Exercise):
    check = sliding
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_part_of_the_work():
    assert sliding(cut(lambda t, i, K, T: t == i or K > T)) == 1  # K = T is not cut either


def test_names_a_net_that_begins_from_zero_whatever_it_does_at_the_start():
    anew = sliding(lambda *args: run_anew(*args, always=True))
    assert {"run-anew", "h0-ignored"} >= set(anew.mistakes) - {"zeros"}
    assert "run-anew" in anew.mistakes


def test_no_terms_at_all_are_told_as_zeros():
    score = sliding(cut(lambda t, i, K, T: t - i < K - 1))
    assert score.mistakes == ("zeros", "one-too-few")
    assert "K = 1 keeps the term" in score.feedback[0]
