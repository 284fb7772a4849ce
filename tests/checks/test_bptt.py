"""The checks on backpropagation through time: see :mod:`common` for what is asked of them."""

import common
import numpy as np
import pytest
import sympy as sp

from backpass.checks import bptt as check
from backpass.tape import Value, tanh

# --- by hand ----------------------------------------------------------------------------------

u, w, y, x1, x2, x3 = sp.symbols("u w y x1:4", real=True)
h0, h1, h2, h3 = sp.symbols("h0:4", real=True)
S = {h: 1 - h**2 for h in (h1, h2, h3)}
LAST, MIDDLE, FIRST = (
    (h3 - y) * S[h3] * h2,
    (h3 - y) * S[h3] * w * S[h2] * h1,
    (h3 - y) * S[h3] * w * S[h2] * w * S[h1] * h0,
)
BY_HAND = LAST + MIDDLE + FIRST
FORWARD = h0
for x in (x1, x2, x3):
    FORWARD = sp.tanh(u * x + w * FORWARD)
LOSS = (FORWARD - y) ** 2 / 2

# --- the backward pass ------------------------------------------------------------------------


def states(X, h0, U, W, b=0.0):
    H = [h0]
    for x in X:
        H.append(np.tanh(x @ U + H[-1] @ W + b))
    return H


def through_time(
    local=lambda g, t, T: g,
    delta=lambda g, carry, H, t: (g + carry) * (1 - H[t + 1] ** 2),
    back=lambda delta, W: delta @ W.T,
    to_u=lambda X, H, t: X[t],
    to_w=lambda X, H, t: H[t],
    use=lambda t, T: True,
    scale=lambda X: 1 / X.shape[1],
    over=lambda X: 1,
    bias=lambda delta: delta.sum(axis=0),
):
    """Backpropagation through time with one thing changed."""

    def answer(X, Y, h0, U, W, b):
        H, T = states(X, h0, U, W, b), len(X)
        dU, dW, db, carry = 0 * U, 0 * W, 0, 0
        for t in reversed(range(T)):
            d = delta(local((H[t + 1] - Y[t]) * scale(X), t, T), carry, H, t)
            if use(t, T):
                dU, dW = dU + to_u(X, H, t).T @ d, dW + to_w(X, H, t).T @ d
                db = db + bias(d)
            carry = back(d, W)
        return dU / over(X), dW / over(X), db / over(X)

    return answer


def if_square(wrong, right):
    """The wrong inputs where they fit: where there are as many inputs as units."""
    return lambda X, H, t: (wrong if X.shape[2] == H[t].shape[1] else right)(X, H, t)


def x_of(X, H, t):
    return X[t]


def h_of(X, H, t):
    return H[t]


def net_on_tape(X, Y, h0, U, W, b):
    U, W, b = Value(U), Value(W), Value(b)
    h, loss = Value(h0), Value(0.0)
    for x, target in zip(X, Y, strict=True):
        h = tanh(x @ U + h @ W + b)
        loss = loss + ((h - target) * (h - target)).sum() / (2 * len(h0))
    loss.backward()
    return U.grad, W.grad, b.grad


def row_by_row(X, Y, h0, U, W, b):
    total = [np.zeros_like(p) for p in (U, W, b)]
    for n in range(len(h0)):
        one = through_time()(X[:, [n]], Y[:, [n]], h0[[n]], U, W, b)
        total = [a + c / len(h0) for a, c in zip(total, one, strict=True)]
    return total


def looped(delta=lambda own, carry, H, t: (own + carry) * (1 - H[t + 1] ** 2),
           back=lambda d, W: d @ W.T, to_u=x_of, to_w=h_of, over=1, out=1.0):  # fmt: skip
    """The loop to repair with one thing changed."""

    def answer(X, Y, h0, U, W, V):
        H, carry = states(X, h0, U, W), np.zeros_like(h0)
        dU, dW, dV = 0 * U, 0 * W, 0 * V
        for t in reversed(range(len(X))):
            error = (H[t + 1] @ V - Y[t]) / len(h0)
            d = delta(error @ V.T, carry, H, t)
            dU, dW = dU + to_u(X, H, t).T @ d / over, dW + to_w(X, H, t).T @ d / over
            dV = dV + out * H[t + 1].T @ error
            carry = back(d, W)
        return dU, dW, dV

    return answer


def looped_on_tape(X, Y, h0, U, W, V):
    U, W, V = Value(U), Value(W), Value(V)
    h, loss = Value(h0), Value(0.0)
    for x, target in zip(X, Y, strict=True):
        h = tanh(x @ U + h @ W)
        loss = loss + ((h @ V - target) * (h @ V - target)).sum() / (2 * len(h0))
    loss.backward()
    return U.grad, W.grad, V.grad


# --- truncation -------------------------------------------------------------------------------


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


def windows(state="carried", zero=True, carrying=False, recompute=False, through=False,
            average=False, once=False):  # fmt: skip
    """Training on a stream, window after window, with one thing changed."""

    def answer(x, y, u, w, rate, K):
        losses, h, du, dw, carry = [], 0.0, 0.0, 0.0, 0.0
        for start in range(0, len(x), K):
            xs, ys = x[start : start + K], y[start : start + K]
            before = run(x[:start], u, w, 0.0) if recompute else [h]
            hs = run(xs, u, w, 0.0 if state == "reset" else before[-1])
            h = hs[-1]
            if zero:
                du, dw = 0.0, 0.0
            carry = carry if carrying else 0.0
            over = len(xs) if average else 1
            for t in reversed(range(len(xs))):
                delta = (hs[t + 1] - ys[t] + carry) * (1 - hs[t + 1] ** 2)
                du, dw, carry = du + delta * xs[t] / over, dw + delta * hs[t] / over, delta * w
            for t in reversed(range(start)) if through else ():
                delta = carry * (1 - before[t + 1] ** 2)
                du, dw, carry = du + delta * x[t], dw + delta * before[t], delta * w
            if not once or start + K >= len(x):
                u, w = u - rate * du, w - rate * dw
            losses += [(s - t) ** 2 / 2 for s, t in zip(hs[1:], ys, strict=True)]
        return u, w, np.array(losses)

    return answer


def run(x, u, w, h):
    hs = [h]
    for x_t in x:
        hs.append(np.tanh(u * x_t + w * hs[-1]))
    return hs


def stream_on_tape(x, y, u, w, rate, K):
    losses, h = [], 0.0
    for start in range(0, len(x), K):
        a, c, s, total = Value(u), Value(w), Value(h), Value(0.0)
        for x_t, y_t in zip(x[start : start + K], y[start : start + K], strict=True):
            s = tanh(a * x_t + c * s)
            total = total + (s - y_t) * (s - y_t) / 2
            losses.append((s.data - y_t) ** 2 / 2)
        total.backward()
        u, w, h = u - rate * a.grad, w - rate * c.grad, s.data
    return u, w, losses


def counted(T, K):
    pairs = [(t, i) for t in range(T) for i in range(t + 1)]
    near, same = (sum(t - i < K for t, i in pairs), sum(t // K == i // K for t, i in pairs))
    return len(pairs), near, same


def terms(full=None, sliding=None, windows=None):
    """The numbers of terms with some replaced."""

    def answer(T, K):
        right = counted(T, K)
        return tuple(
            right[j] if f is None else f(T, K) for j, f in enumerate((full, sliding, windows))
        )

    return answer


# --- forwards ---------------------------------------------------------------------------------


def influences(rule=lambda s, h, new, w, P: s * (h + w * P), late=False, over=False,
               last=False, total=False):  # fmt: skip
    """RTRL with one thing changed."""

    def answer(A, Y, h0, w):
        h, P, dw, everything = h0, 0 * w, 0 * w, 0 * w
        for a, y in zip(A, Y, strict=True):
            old, before = P, h
            h = np.tanh(a + w * before)
            P = rule(1 - h**2, before, h, w, P)
            everything = everything + P
            dw = (0 if last else dw) + (h - y) * (old if late else P)
        return (everything if total else old if late else P), dw / (len(A) if over else 1)

    return answer


def backwards(A, Y, h0, w):
    """The same two, by going back."""
    H = [h0]
    for a in A:
        H.append(np.tanh(a + w * H[-1]))
    carry, dw, g, P = 0, 0, np.ones_like(h0), 0
    for t in reversed(range(len(A))):
        s = 1 - H[t + 1] ** 2
        dw, P = dw + (H[t + 1] - Y[t] + carry) * s * H[t], P + g * s * H[t]
        carry, g = (H[t + 1] - Y[t] + carry) * s * w, g * s * w
    return P, dw


# --- a gradient that points the wrong way -----------------------------------------------------


def chain(pick=lambda terms, K: terms[:K].sum(), full=None, first=None, transpose=False,
          units=lambda s: s[0]):  # fmt: skip
    """Influence balancing with one thing changed."""

    def answer(n, p, K):
        A = (np.eye(n) + np.eye(n, k=-1 if transpose else 1)) / 2
        v = np.where(np.arange(n) < p, 1.0, -1.0)
        found = []
        for _ in range(500):
            found.append(units(v))
            v = A @ v
        found = np.array(found)
        sums = found.cumsum()
        whole = sums[-1] if full is None else full(sums, K)
        sign = 1 + np.argmax(sums < 0)
        return pick(found, K), whole, sign if first is None else first(sums)

    return answer


def by_formula(n, p, K):
    """Binomials, and the sum that is left when each unit passes on half."""
    sums = np.cumsum([
        sum(sp.binomial(k, j) * (1 if j < p else -1) for j in range(min(k, n - 1) + 1)) / 2.0**k
        for k in range(max(K, 90))
    ])  # fmt: skip
    return float(sums[K - 1]), 2 * (2 * p - n), int(np.argmax(sums < 0)) + 1


# --- clipping ---------------------------------------------------------------------------------


def norm_of(gradients):
    return np.sqrt(sum(np.sum(g**2) for g in gradients))


def scaled(factor):
    def answer(gradients, threshold):
        return tuple(g * factor(gradients, threshold) for g in gradients)

    return answer


def at_most(measure):
    return scaled(lambda gs, c: min(1.0, c / measure(gs)) if measure(gs) else 1.0)


def as_one_vector(gradients, threshold):
    flat = np.concatenate([g.ravel() for g in gradients])
    flat = flat / max(1.0, np.linalg.norm(flat) / threshold)
    ends = np.cumsum([g.size for g in gradients])
    pieces = np.split(flat, ends[:-1])
    return [piece.reshape(g.shape) for piece, g in zip(pieces, gradients, strict=True)]


WRONG = {
    "unrolled": {
        "last-step": LAST,
        "first-lost": LAST + MIDDLE,
        "newest-lost": MIDDLE + FIRST,
        "longest-path": FIRST,
        "h-current": LAST / h2 * h3 + MIDDLE / h1 * h2 + FIRST / h0 * h1,
        "inputs": sp.diff(LOSS, u),
        "w-forgotten": LAST + MIDDLE / w + FIRST / w**2,
        "phi-forgotten": (h3 - y) * (h2 + w * h1 + w**2 * h0),
        "phi-once": (h3 - y) * S[h3] * (h2 + w * h1 + w**2 * h0),
        "same-phi": (h3 - y) * S[h3] * (h2 + w * S[h3] * (h1 + w * S[h3] * h0)),
        "averaged": BY_HAND / 3,
        "zeros": sp.diff((h3 - y) ** 2 / 2, w),
    },
    "bptt": {
        "not-transposed": through_time(back=lambda d, W: d @ W),
        "h-current": through_time(to_w=lambda X, H, t: H[t + 1]),
        "averaged": through_time(over=len),
        "carry-dropped": through_time(delta=lambda g, carry, H, t: g * (1 - H[t + 1] ** 2)),
        "last-step": through_time(use=lambda t, T: t == T - 1),
        "overwritten": through_time(use=lambda t, T: t == 0),
        "first-lost": through_time(use=lambda t, T: t > 0),
        "h0-ignored": lambda X, Y, h0, *p: through_time()(X, Y, 0 * h0, *p),
        "local-dropped": through_time(local=lambda g, t, T: g * (t == T - 1)),
        "other-rule": through_time(to_u=if_square(h_of, x_of)),
        "phi-forgotten": through_time(delta=lambda g, carry, H, t: g + carry),
        "phi-not-carried": through_time(
            delta=lambda g, carry, H, t: g * (1 - H[t + 1] ** 2) + carry
        ),
        "phi-at-activation": through_time(
            delta=lambda g, carry, H, t: (g + carry) * (1 - np.tanh(H[t + 1]) ** 2)
        ),
        "phi-previous": through_time(delta=lambda g, carry, H, t: (g + carry) * (1 - H[t] ** 2)),
        "weights-forgotten": through_time(back=lambda d, W: d),
        "summed": through_time(scale=lambda X: 1),
        "all-entries": lambda X, Y, *p: through_time(scale=lambda X: 1 / Y[0].size)(X, Y, *p),
        "unreduced": through_time(bias=lambda d: d),
    },
    "repair_loop": {
        "not-transposed": looped(back=lambda d, W: d @ W),
        "h-current": looped(to_w=lambda X, H, t: H[t + 1]),
        "averaged": looped(over=4),
        "carry-dropped": looped(lambda own, carry, H, t: own * (1 - H[t + 1] ** 2)),
        "u-with-w-rule": looped(to_u=h_of),
        "phi-previous": looped(lambda own, carry, H, t: (own + carry) * (1 - H[t] ** 2)),
        "carry-instead": looped(
            lambda own, carry, H, t: (carry if carry.any() else own) * (1 - H[t + 1] ** 2)
        ),
    },
    "sliding": {
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
    },
    "repair_windows": {
        "reset": windows(state="reset"),
        "not-zeroed": windows(zero=False),
        "both": windows(state="reset", zero=False),
        "carry-kept": windows(carrying=True),
        "recomputed": windows(recompute=True),
        "not-cut": windows(recompute=True, through=True),
        "averaged": windows(average=True),
        "one-step": windows(zero=False, once=True),
    },
    "terms": {
        "square": terms(full=lambda T, K: T**2),
        "newest-lost": terms(full=lambda T, K: T * (T - 1) // 2),
        "steps": terms(full=lambda T, K: T),
        "start-ignored": terms(sliding=lambda T, K: T * K),
        "one-too-many": terms(sliding=lambda T, K: sum(min(t, K + 1) for t in range(1, T + 1))),
        "one-too-few": terms(sliding=lambda T, K: sum(min(t, K - 1) for t in range(1, T + 1))),
        "full-windows": terms(windows=lambda T, K: T * K),
        "one-window": terms(windows=lambda T, K: K * (K + 1) // 2),
        "swapped": lambda T, K: (counted(T, K)[0], *counted(T, K)[:0:-1]),
    },
    "rtrl": {
        "immediate-only": influences(lambda s, h, new, w, P: s * h),
        "h-current": influences(lambda s, h, new, w, P: s * (new + w * P)),
        "w-forgotten": influences(lambda s, h, new, w, P: s * (h + P)),
        "phi-forgotten": influences(lambda s, h, new, w, P: h + w * P),
        "phi-new-only": influences(lambda s, h, new, w, P: s * h + w * P),
        "phi-old-only": influences(lambda s, h, new, w, P: h + s * w * P),
        "zeros": influences(lambda s, h, new, w, P: s * w * P),
        "influence-late": influences(late=True),
        "last-step": influences(last=True),
        "averaged": influences(over=True),
        "influence-summed": influences(total=True),
    },
    "memory": {letter: letter for letter in "acde"},
    "influence": {
        "one-too-many": chain(lambda terms, K: terms[: K + 1].sum()),
        "one-too-few": chain(lambda terms, K: terms[: K - 1].sum()),
        "newest-lost": chain(lambda terms, K: terms[1:K].sum()),
        "last-term": chain(lambda terms, K: terms[K - 1]),
        "full": chain(lambda terms, K: terms.sum()),
        "transposed": chain(transpose=True),
        "all-units": chain(units=np.sum),
        "elementwise": lambda n, p, K: (
            sum(
                (((np.eye(n) + np.eye(n, k=1)) / 2) ** k @ np.where(np.arange(n) < p, 1, -1))[0]
                for k in range(K)
            ),
            *chain()(n, p, K)[1:],
        ),
        "truncated": chain(full=lambda sums, K: sums[K - 1]),
        "counted-from-zero": chain(first=lambda sums: np.argmax(sums < 0)),
        "peak": chain(first=lambda sums: 1 + np.argmax(sums)),
        "all-for-sign": chain(first=lambda sums: 1 + np.argmax(abs(sums / sums[-1] - 1) < 0.01)),
    },
    "recall": {
        "lag": lambda L, K: (L, max(K - L, 0)),
        "one-too-many": lambda L, K: (L + 2, max(K - L, 0)),
        "all": lambda L, K: (L + 1, K),
        "one-loss-short": lambda L, K: (L + 1, max(K - L - 1, 0)),
        "one-loss-more": lambda L, K: (L + 1, max(K - L + 1, 0)),
        "negative": lambda L, K: (L + 1, K - L),
        "share": lambda L, K: (L + 1, max(K - L, 0) / K),
    },
    "one_step": {letter: letter for letter in "abce"},
    "clip": {
        "elementwise": lambda gs, c: tuple(np.clip(g, -c, c) for g in gs),
        "each-array": lambda gs, c: [at_most(norm_of)([g], c)[0] for g in gs],
        "squared": at_most(lambda gs: norm_of(gs) ** 2),
        "norms-added": at_most(lambda gs: sum(norm_of([g]) for g in gs)),
        "largest": at_most(lambda gs: max(abs(g).max() for g in gs)),
        "inverted": scaled(lambda gs, c: norm_of(gs) / c if norm_of(gs) > c else 1.0),
        "unit": scaled(lambda gs, c: 1 / norm_of(gs) if norm_of(gs) > c else 1.0),
        "always": scaled(lambda gs, c: c / norm_of(gs) if norm_of(gs) else 1.0),
        "nan": lambda gs, c: [g / norm_of(gs) * min(c, norm_of(gs)) for g in gs],
    },
}

RIGHT = {
    "unrolled": [
        BY_HAND, sp.expand(BY_HAND), sp.diff(LOSS, w), lambda: BY_HAND,
        BY_HAND.subs(h3, sp.tanh(u * x3 + w * h2)), BY_HAND.subs(h0, sp.Symbol("h0")),
    ],
    "bptt": [through_time(), net_on_tape, row_by_row],
    "repair_loop": [looped(), looped_on_tape],
    "sliding": [cut(), by_lag],
    "repair_windows": [windows(), stream_on_tape],
    "terms": [counted, lambda T, K: (T * (T + 1) / 2, T * K - K * (K - 1) / 2, T * (K + 1) / 2)],
    "rtrl": [influences(), backwards],
    "memory": ["b", " B ", "(b)", lambda: "b"],
    "influence": [chain(), by_formula],
    "recall": [lambda L, K: (L + 1, max(K - L, 0)), lambda L, K: [L + 1.0, len(range(L, K))]],
    "one_step": ["d", "D.", lambda: "d"],
    "clip": [at_most(norm_of), lambda *args: list(at_most(norm_of)(*args)), as_one_vector,
             lambda gs, c: [g * np.minimum(1, c / norm_of(gs)) for g in gs]],
}  # fmt: skip

#: Answers that are right on most inputs.
NEARLY = {
    "unrolled": [
        BY_HAND + sp.Rational(1, 10**6), BY_HAND + (w - sp.Rational(7, 10)),
        BY_HAND.subs(h1, sp.Abs(h1)), [BY_HAND], sp.diff(LOSS.subs(h0, 0), w),
    ],
    "bptt": [
        lambda X, *p: through_time(over=lambda X: 1.00001)(X, *p),
        through_time(bias=lambda d: d.sum(axis=0) * (len(d) > 1)),
        through_time(use=lambda t, T: t < 4),
        through_time(bias=lambda d: d.sum(axis=int(d.shape[0] == d.shape[1]))),
        through_time(to_w=if_square(x_of, h_of)),
    ],
    "repair_loop": [looped(out=2), looped(out=0), looped(back=lambda d, W: d @ np.triu(W).T)],
    "sliding": [
        lambda *args: cut()(*args[:-1], min(args[-1], 3)),
        cut(lambda t, i, K, T: t - i < K or K > 2),
        lambda X, Y, h0, *p: cut()(X, Y, 0 * h0, *p),
    ],
    "repair_windows": [
        lambda *args: (*windows()(*args)[:2], windows(state="reset")(*args)[2]),
        lambda *args: (*windows()(*args)[:2], windows()(*args)[2][::-1]),
        lambda x, y, u, w, rate, K: windows()(x[: len(x) // K * K], y, u, w, rate, K),
        windows(average=True, zero=True, state="reset"),
    ],
    "terms": [lambda T, K: counted(12, 3), terms(sliding=lambda T, K: T * K - K)],
    "rtrl": [influences(lambda s, h, new, w, P: s * (h + abs(w) * P)),
             lambda A, Y, h0, w: influences()(A, Y, 0 * h0, w),
             lambda A, Y, h0, w: influences()(A, 0 * Y, h0, w)],
    "influence": [lambda n, p, K: (16.476058959960938, -6, 41),
                  lambda n, p, K: (*chain()(n, p, K)[:2], 41),
                  lambda n, p, K: chain()(n, p, min(K, 40))],
    "recall": [lambda L, K: (5, 6), lambda L, K: (L + 1, abs(K - L))],
    "clip": [
        at_most(lambda gs: norm_of(gs[:2])), at_most(lambda gs: norm_of(gs) + 1e-6),
        scaled(lambda gs, c: 1.0), lambda gs, c: at_most(norm_of)(gs, c)[::-1],
    ],
}  # fmt: skip


class TestChecks(common.Checks):
    check = check
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(
    ("exercise", "name", "mistake"),
    [("repair_loop", "gradients_broken", "carry-dropped"),
     ("repair_windows", "stream_broken", "both")],
)  # fmt: skip
def test_a_broken_loop_scores_nothing_and_hears_why(exercise, name, mistake):
    score = getattr(check, exercise)(common.Chapter(check).names()[name])
    assert score == 0
    assert score.mistakes == (mistake,)


def test_gives_part_of_the_points_for_part_of_the_work():
    assert check.bptt(through_time(to_w=lambda X, H, t: H[t + 1])) == 3
    assert check.bptt(through_time(bias=lambda d: d.mean(axis=0))) == 4
    assert check.sliding(cut(lambda t, i, K, T: t == i or K > T)) == 1  # K = T is not cut either
    assert check.terms(WRONG["terms"]["square"]) == 2
    assert check.rtrl(influences(last=True)) == 2
    assert check.influence(WRONG["influence"]["peak"]) == 3
    assert check.clip(WRONG["clip"]["always"]) == 2


def test_tells_one_slip_at_a_time_and_that_there_are_more():
    both = looped(lambda own, carry, H, t: (own + carry) * (1 - H[t] ** 2), to_u=h_of)
    told = check.repair_loop(both)
    assert set(told.mistakes) == {"u-with-w-rule", "phi-previous"}
    assert "not the only slip" in " ".join(told.feedback)


@pytest.mark.parametrize(
    ("exercise", "answer", "mistakes"),
    [
        ("clip", at_most(lambda gs: norm_of(gs[:1])), ()),  # the first array, by its own norm
        ("influence", chain(full=lambda sums, K: -2.0), ()),  # (A⁻¹ v)₁, say
        ("recall", lambda L, K: (L + 1, K // 2), ()),
        ("terms", terms(windows=lambda T, K: T * (K - 1) // 2), ("newest-lost",)),
    ],
)
def test_blames_no_slip_that_was_not_made(exercise, answer, mistakes):
    found = set(getattr(check, exercise)(answer).mistakes)
    assert found <= {*mistakes, "factor", "sign", "sign+factor"}
    assert found >= set(mistakes)


def test_does_not_blame_the_gradient_of_u_for_that_of_v():
    told = check.repair_loop(looped(out=2)).feedback
    assert all("dV was right" in text or "the same" in text for text in told)
