"""Every loss looks K steps back: see :mod:`contract` for what is asked."""

import contract
import numpy as np
from checks.bptt.answers import h_of, states

from backpass.checks.bptt import sliding


def cut(keep=lambda t, i, K, T: t - i < K, to_w=h_of, back=lambda d, W: d @ W.T, over=False):
    """The double sum, with the terms that ``keep`` chooses."""

    def answer(X, Y, h0, U, W, b, K):
        H, T = states(X, h0, U, W, b), len(X)
        dW = 0 * W
        for t in range(T):
            g = (H[t + 1] - Y[t]) / len(h0)
            for i in range(t, -1, -1):
                d = g * (1 - H[i + 1] ** 2)
                dW = dW + (to_w(X, H, i).T @ d if keep(t, i, K, T) else 0)
                g = back(d, W)
        return dW / (T if over else 1)

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
    "averaged": cut(over=True),
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
