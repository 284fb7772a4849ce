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


def begun(T, K, S):
    """Of each pass the newest step, the oldest, and the oldest whose loss it carries."""
    for first in range(0, T, S):
        newest = min(first + S, T) - 1
        yield newest, newest - K + 1, first


def passes(
    empty=True,
    start=0,
    add=True,
    begun=begun,
    mix=lambda own, carry, slope: (own + carry) * slope,
    slope=lambda H, t: 1 - H[t + 1] ** 2,
):
    """Pass after pass, with one thing changed."""

    def answer(X, H, G, W, K, S):
        carry, dU, dW, db = 0.0, np.zeros((X.shape[2], len(W))), 0 * W, 0 * W[0]
        for newest, oldest, first in begun(len(X), K, S):
            carry = 0.0 if empty else carry
            if not add:
                dU, dW, db = 0 * dU, 0 * dW, 0 * db
            for t in range(newest, max(oldest, start) - 1, -1):
                own = G[t] if t >= first else 0.0
                delta = mix(own, carry, slope(H, t))
                dU, dW, db = dU + X[t].T @ delta, dW + H[t].T @ delta, db + delta.sum(axis=0)
                carry = delta @ W.T
        return dU, dW, db

    return answer


def last(oldest=lambda begin, T, K, S: T - K, first=lambda begin, T, K, S: begin):
    """Pass after pass; that over the steps that are left has another end, or other losses."""

    def left(T, K, S):
        whole = [one for one in begun(T, K, S) if (one[0] + 1) % S == 0]
        begin = T // S * S
        ends = (end(begin, T, K, S) for end in (oldest, first))
        return [*whole, *([(T - 1, *ends)] if T % S else [])]

    return passes(begun=left)


def once_more(T, K, S):
    return [*begun(T, K, S), (T - 1, T - K, T - S)]


def every(start):
    """A pass every S steps from the index that ``start`` gives on, and none for what is left."""

    def found(T, K, S):
        return [(t, t - K + 1, t - S + 1) for t in range(start(S), T, S)]

    return passes(begun=found)


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
    "last-pass-reach": cut(lambda t, i, K, S, T: t // S * S + S - 1 - i < K),
    "last-pass-losses": last(first=lambda begin, T, K, S: T - S),
    "extra-pass": passes(begun=once_more),
    "other-losses": passes(begun=lambda *of: [(t, i, first + 1) for t, i, first in begun(*of)]),
    "from-the-oldest": passes(
        begun=lambda T, K, S: [(t, f - K + 1, f) for t, _, f in begun(T, K, S)]
    ),
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
    "phi-not-carried": passes(mix=lambda own, carry, slope: own * slope + carry),
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


@pytest.mark.slow
@pytest.mark.parametrize(
    "slug",
    ["h-current", "not-transposed", "phi-previous", "phi-forgotten", "phi-not-carried",
     "weights-forgotten", "divided", "one-too-many", "one-too-few", "carry-kept", "newest-lost",
     "first-lost"],
)  # fmt: skip
def test_a_slip_that_has_nothing_to_do_with_s_costs_one_part(slug):
    score = credit(WRONG[slug])
    assert (score, score.mistakes) == (4, (slug,))


@pytest.mark.parametrize("slug", ["windows", "windows-of-k", "full", "one-pass"])
def test_a_cut_that_is_another_one_costs_all_parts(slug):
    assert credit(WRONG[slug]) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "mistakes"),
    {
        "divided by T": (cut(over=lambda n, T: T), {"divided"}),
        "the last pass over what is left": (
            last(oldest=lambda begin, T, K, S: begin),
            {"last-pass-reach"},
        ),
        "the last pass one step short": (
            last(oldest=lambda begin, T, K, S: T - K + 1),
            {"last-pass-reach"},
        ),
        "the last pass to the start": (
            last(oldest=lambda begin, T, K, S: 0),
            {"last-pass-reach"},
        ),
        "what is left joins the pass before": (
            last(oldest=lambda begin, T, K, S: begin - K),
            {"last-pass-reach"},
        ),
        "the last pass with K losses": (
            last(first=lambda begin, T, K, S: T - K),
            {"last-pass-losses"},
        ),
        "the last pass with its newest loss": (
            last(first=lambda begin, T, K, S: T - 1),
            {"last-pass-losses"},
        ),
        "before the first, with slopes in a list": (
            passes(start=-3, slope=lambda H, t: (1 - H[1:] ** 2)[t]),
            {"beyond-the-start"},
        ),
        "none for what is left": (every(lambda S: S - 1), {"last-pass-lost"}),
        "no pass at T at all": (
            passes(begun=lambda T, K, S: [one for one in begun(T, K, S) if one[0] < T - 1]),
            {"last-pass-lost"},
        ),
        "from index 0, none for what is left": (every(lambda S: 0), {"begun-early"}),
        "a loss twice": (
            passes(begun=lambda *of: [(t, i, first - 1) for t, i, first in begun(*of)]),
            {"other-losses"},
        ),
        "K steps besides the S": (
            passes(begun=lambda T, K, S: [(t, f - K, f) for t, _, f in begun(T, K, S)]),
            {"one-too-many", "from-the-oldest"},
        ),
        "windows, up to the last pass": (
            cut(lambda t, i, K, S, T: t // S == i // S),
            {"windows", "last-pass-reach"},
        ),
    }.values(),
)
def test_names_other_forms_of_a_slip(answer, mistakes):
    assert set(credit(answer).mistakes) == mistakes
