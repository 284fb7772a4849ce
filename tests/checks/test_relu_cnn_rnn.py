"""The checks on ReLU in convolutional and recurrent nets: see :mod:`common` for what is asked."""

import common
import numpy as np
import pytest
import sympy as sp
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import correlate2d

from backpass.checks import relu_cnn_rnn as check
from backpass.gradcheck import numerical_gradient

# --- convolutions -----------------------------------------------------------------------------


def sizing(side=lambda h, f, s, p: (h - f + 2 * p) // s + 1, matrix=lambda n, c, f, o: None):
    """The sizes with one thing changed."""

    def answer(n, c, h, w, f, s, p):
        o = side(h, f, s, p), side(w, f, s, p)
        return *o, *(matrix(n, c, f, o) or (n * o[0] * o[1], c * f * f))

    return answer


def unrolling(
    pad=lambda p: ((p, p), (p, p)),
    stride=lambda s: s,
    mode="constant",
    window=lambda windows: windows,
    order=(0, 2, 3, 1, 4, 5),
    turn=lambda matrix: matrix,
):
    """im2col with one thing changed."""

    def answer(x, f, s, p):
        x = np.pad(x, [(0, 0), (0, 0), *pad(p)], mode=mode)
        windows = sliding_window_view(x, (f, f), axis=(2, 3))[:, :, :: stride(s), :: stride(s)]
        moved = window(windows).transpose(order)
        n, c, rows, across, *_ = windows.shape
        return turn(moved.reshape(n * rows * across, c * f * f))

    return answer


def by_position(x, f, s, p):
    x = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
    return np.array([
        image[:, i : i + f, j : j + f].ravel()
        for image in x
        for i in range(0, x.shape[2] - f + 1, s)
        for j in range(0, x.shape[3] - f + 1, s)
    ])  # fmt: skip


def one_short(x, f, s, p):
    """A loop over range(0, H + 2P − F, S)."""
    ends = [(0, 0), (0, 0), (p, p - 1), (p, p - 1)]
    return by_position(np.pad(x, ends), f, s, 0)


def by_filter_place(x, f, s, p):
    x = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
    rows, across = (x.shape[2] - f) // s + 1, (x.shape[3] - f) // s + 1
    found = [
        x[:, c, i : i + s * rows : s, j : j + s * across : s].ravel()
        for c in range(x.shape[1])
        for i in range(f)
        for j in range(f)
    ]
    return np.stack(found, axis=1)


def folding(
    read=lambda columns, n, rows, across, c, f: columns.reshape(n, rows, across, c, f, f),
    add=lambda old, patch: old + patch,
    stride=lambda s: s,
    crop=lambda x, p, h, w: x[:, :, p : p + h, p : p + w],
    by_place=False,
    average=False,
):
    """col2im with one thing changed."""

    def answer(columns, shape, f, s, p):
        n, c, h, w = shape
        rows, across = (h + 2 * p - f) // s + 1, (w + 2 * p - f) // s + 1
        patches, s = read(columns, n, rows, across, c, f), stride(s)
        x, count = np.zeros((n, c, h + 2 * p, w + 2 * p)), np.zeros((h + 2 * p, w + 2 * p))
        if by_place:
            for i, j in np.ndindex(f, f):
                at = np.s_[:, :, i : i + s * rows : s, j : j + s * across : s]
                x[at] = add(x[at], patches[..., i, j].transpose(0, 3, 1, 2))
        else:
            for i, j in np.ndindex(rows, across):
                at = np.s_[..., s * i : s * i + f, s * j : s * j + f]
                x[at] = add(x[at], patches[:, i, j])
                count[at] += 1
        x = x / np.maximum(count, 1) if average else x
        return crop(x, p, h, w)

    return answer


def replace(old, patch):
    return patch


def by_fancy_index(columns, shape, f, s, p, add=np.add.at):
    n, c, h, w = shape
    padded = np.zeros((n, c, h + 2 * p, w + 2 * p))
    at = by_position(np.arange(padded.size).reshape(padded.shape), f, s, 0)
    add(padded.reshape(-1), at, columns)
    return padded[:, :, p : p + h, p : p + w]


def fancy_plus(x, at, y):
    x[at] += y


def to_ends(columns, n, rows, across, c, f, order=(0, 1, 2, 3, 4, 5), shape=None):
    sizes = {"n": n, "r": rows, "a": across, "c": c, "i": f, "j": f}
    return columns.reshape([sizes[name] for name in shape]).transpose(order)


def read(shape):
    """Columns read as if their axes stood in this order (n, rows, across, channel, i, j)."""
    order = [shape.index(name) for name in "nracij"]
    return lambda columns, *sizes: to_ends(columns, *sizes, order=order, shape=shape)


UNROLL, FOLD = unrolling(), folding()


def layer_gradients(
    rows=lambda g: np.moveaxis(g, 1, -1).reshape(-1, g.shape[1]),
    seen=lambda g: g,
    fold=FOLD,
    stride=lambda s: s,
    dw=lambda dw, g: dw,
    turn=lambda w: w,
    sent=lambda g: g,
):
    """The two gradients of a layer with one thing changed."""

    def answer(x, w, g, s, p):
        k, f, s = len(w), w.shape[-1], stride(s)
        n, _, high, wide = g.shape
        m = sliding_window_view(np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)]), (f, f), axis=(2, 3))
        m = m[:, :, ::s, ::s][:, :, :high, :wide].transpose(0, 2, 3, 1, 4, 5)
        m = m.reshape(n * high * wide, -1)
        back = rows(sent(g)) @ turn(w).reshape(k, -1)
        return dw((rows(seen(g)).T @ m).reshape(w.shape), g), fold(back, x.shape, f, s, p)

    return answer


def laid(columns, shape, f, s, p):
    """A fold whose patches lie next to each other, though the outputs stand S apart."""
    n, _, h, w = shape
    rows, across = (h + 2 * p - f) // 2 + 1, (w + 2 * p - f) // 2 + 1
    if len(columns) != n * rows * across:  # the stride is 1
        return FOLD(columns, shape, f, 1, p)
    return folding(stride=lambda s: 1)(columns, shape, f, 2, p)


def layer_by_differences(x, w, g, s, p):
    def loss(x, w):
        x = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
        y = [
            [sum(correlate2d(a, b, "valid") for a, b in zip(i, v, strict=True)) for v in w]
            for i in x
        ]
        return np.sum(g * np.array(y)[:, :, ::s, ::s])

    dw = numerical_gradient(lambda w: loss(x, w), w)
    return [dw, numerical_gradient(lambda x: loss(x, w), x)]


def only(axis):
    """G with everything but the last image (0) or filter (1) taken out."""

    def cut(g):
        kept = np.zeros_like(g)
        kept[(slice(None),) * axis + (-1,)] = g[(slice(None),) * axis + (-1,)]
        return kept

    return cut


# --- ReLU -------------------------------------------------------------------------------------


def relu_net(
    mask=lambda x, h1, h2, y: (h1 > 0, h2 > 0),
    scale=lambda x: 1 / len(x),
    back=lambda delta, w: delta @ w.T,
    through=None,
):
    """The gradients of a ReLU net with one thing changed."""

    def answer(x, t, w1, w2, w3):
        h1 = np.maximum(x @ w1, 0)
        h2 = np.maximum(h1 @ w2, 0)
        y = h2 @ w3
        right = h1 > 0, h2 > 0
        masks = mask(x, h1, h2, y)
        masks = masks if masks[0].shape == h1.shape and masks[1].shape == h2.shape else right
        delta_3 = (y - t) * scale(x)
        v = back(delta_3, w3)
        delta_2 = v * (through(v) if through else masks[1])
        v = back(delta_2, w2)
        delta_1 = v * (through(v) if through else masks[0])
        return x.T @ delta_1, h1.T @ delta_2, h2.T @ delta_3

    return answer


def unturned(delta, w):
    return delta @ (w if w.shape[0] == w.shape[1] else w.T)


n, a = sp.symbols("n a", positive=True)
VARIANCE = 2 / (n * (1 + a**2))


def scaled(variance):
    return [variance, sp.sqrt(3 * variance)]


# --- through time -----------------------------------------------------------------------------


def recurrent(
    mask=lambda h, t: h[t + 1] > 0,
    combine=sum,
    state=lambda h, t: h[t],
    back=lambda delta, w: delta @ w.T,
    bias=lambda delta: delta.sum(axis=0),
):
    """Back through time in a ReLU net, with one thing changed."""

    def answer(x, h0, w, u, b, dh):
        h = [h0]
        for one in x:
            h.append(np.maximum(h[-1] @ w + one @ u + b, 0))
        parts = []
        for t in reversed(range(len(x))):
            delta = dh * mask(h, t)
            parts.append((state(h, t).T @ delta, x[t].T @ delta, bias(delta)))
            dh = back(delta, w)
        return tuple(combine(list(part)) for part in zip(*parts, strict=True))

    return answer


def independent(
    mask=lambda h, t: h[t + 1] > 0,
    combine=sum,
    state=lambda h, t: h[t],
    back=lambda delta, u: delta * u,
    reduce=lambda part: part.sum(axis=0),
    reached=lambda dh, u: dh,
):
    """Back through time in an IndRNN, with one thing changed."""

    def answer(x, h0, u, w, b, dh):
        h = [h0]
        for one in x:
            h.append(np.maximum(u * h[-1] + one @ w + b, 0))
        parts = []
        for t in reversed(range(len(x))):
            delta = dh * mask(h, t)
            parts.append(reduce(delta * state(h, t)))
            dh = back(delta, u)
        return combine(parts), reached(dh, u)

    return answer


def by_differences(x, h0, w, u, b, dh):
    def last(p):
        h = h0
        for one in x:
            h = np.maximum(h @ p["w"] + one @ p["u"] + p["b"], 0)
        return np.sum(dh * h)

    return list(numerical_gradient(last, {"w": w, "u": u, "b": b}).values())


def everywhere(h, t):
    return np.ones_like(h[t])


def step_before(h, t):
    return h[t] > 0


def current(h, t):
    return h[t + 1]


TIME = {
    "mask-forgotten": {"mask": everywhere},
    "wrong-step-mask": {"mask": step_before},
    "overwritten": {"combine": lambda parts: parts[-1]},
    "last-step-only": {"combine": lambda parts: parts[0]},
    "first-step-missing": {"combine": lambda parts: sum(parts[:-1])},
    "steps-averaged": {"combine": lambda parts: sum(parts) / len(parts)},
    "wrong-state": {"state": current},
}

# --- matrices ---------------------------------------------------------------------------------

LARGE = np.array([[0.5, 20.0], [0.0, 0.5]])
NILPOTENT = np.array([[2.0, 2.0], [-2.0, -2.0]])
TENTH = np.array([1.0, 0.1])


def three(large=LARGE, w=NILPOTENT, d=TENTH):
    return lambda: (large, w, d)


def rooted(low, high, steps):
    return low ** (1 / steps), high ** (1 / steps)


WRONG = {
    "sizes": {
        "padding-once": sizing(lambda h, f, s, p: (h - f + p) // s + 1),
        "padding-forgotten": sizing(lambda h, f, s, p: (h - f) // s + 1),
        "stride-ignored": sizing(lambda h, f, s, p: h - f + 2 * p + 1),
        "one-short": sizing(lambda h, f, s, p: (h - f + 2 * p) // s),
        "not-floored": sizing(lambda h, f, s, p: (h - f + 2 * p) / s + 1),
        "rounded-up": sizing(lambda h, f, s, p: -((f - h - 2 * p) // s) + 1),
        "one-image": sizing(matrix=lambda n, c, f, o: (o[0] * o[1], c * f * f)),
        "channels-forgotten": sizing(matrix=lambda n, c, f, o: (n * o[0] * o[1], f * f)),
        "swapped": sizing(matrix=lambda n, c, f, o: (c * f * f, n * o[0] * o[1])),
    },
    "im2col": {
        "padding-once": unrolling(pad=lambda p: ((p, 0), (p, 0))),
        "padding-forgotten": unrolling(pad=lambda p: ((0, 0), (0, 0))),
        "stride-ignored": unrolling(stride=lambda s: 1),
        "edge-padded": unrolling(mode="edge"),
        "flipped": unrolling(window=lambda windows: windows[..., ::-1, ::-1]),
        "filter-columns": unrolling(order=(0, 2, 3, 1, 5, 4)),
        "positions-by-column": unrolling(order=(0, 3, 2, 1, 4, 5)),
        "channels-last": unrolling(order=(0, 2, 3, 4, 5, 1)),
        "images-interleaved": unrolling(order=(2, 3, 0, 1, 4, 5)),
        "transposed": unrolling(turn=lambda m: m.T),
        "shape": unrolling(turn=lambda m: m[:, :, None]),
        "channels-first": unrolling(order=(0, 1, 2, 3, 4, 5)),
        "last-position": one_short,
    },
    "col2im": {
        "overwritten": folding(add=replace),
        "averaged": folding(average=True),
        "padding-kept": folding(crop=lambda x, p, h, w: x),
        "empty-crop": folding(crop=lambda x, p, h, w: x[:, :, p:-p, p:-p]),
        "wrong-corner": folding(crop=lambda x, p, h, w: x[:, :, :h, :w]),
        "stride-ignored": folding(stride=lambda s: 1),
        "flipped": folding(lambda *sizes: read("nracij")(*sizes)[..., ::-1, ::-1]),
        "filter-columns": folding(read("nracji")),
        "positions-by-column": folding(read("narcij")),
        "channels-last": folding(read("nraijc")),
        "images-interleaved": folding(read("rancij")),
        "channels-first": folding(read("ncraij")),
        "shape": lambda columns, *rest: FOLD(columns, *rest)[0, 0],
    },
    "conv_gradients": {
        "overwritten": layer_gradients(fold=folding(add=replace)),
        "padding-kept": layer_gradients(fold=folding(crop=lambda x, p, h, w: x)),
        "empty-crop": layer_gradients(fold=folding(crop=lambda x, p, h, w: x[:, :, p:-p, p:-p])),
        "wrong-corner": layer_gradients(fold=folding(crop=lambda x, p, h, w: x[:, :, :h, :w])),
        "flipped": layer_gradients(
            turn=lambda w: w[:, :, ::-1, ::-1], dw=lambda dw, g: dw[:, :, ::-1, ::-1]
        ),
        "axes-not-moved": layer_gradients(rows=lambda g: g.reshape(-1, g.shape[1])),
        "images-interleaved": layer_gradients(
            rows=lambda g: g.transpose(1, 2, 3, 0).reshape(g.shape[1], -1).T
        ),
        "not-transposed": layer_gradients(
            turn=lambda w: w.reshape(-1, len(w)).T,
            dw=lambda dw, g: dw.reshape(len(dw), -1).T.reshape(dw.shape),
        ),
        "stride-ignored": layer_gradients(stride=lambda s: 1, fold=laid),
        "averaged": layer_gradients(dw=lambda dw, g: dw / len(g)),
        "positions-averaged": layer_gradients(dw=lambda dw, g: dw / g[:, 0].size),
        "one-image": layer_gradients(seen=only(0)),
        "one-filter": layer_gradients(sent=only(1)),
        "shape": layer_gradients(dw=lambda dw, g: dw.reshape(len(dw), -1)),
    },
    "chain_length": {
        "one-short": (6, 49, 358),
        "one-too-many": (8, 51, 360),
        "weight-forgotten": (10, 75, 538),
        "slope-forgotten": (20, 150, 1075),
        "normal-numbers": (7, 43, 341),
    },
    "repair_relu": {
        "layer-below": relu_net(lambda x, h1, h2, y: (x > 0, h1 > 0)),
        "layer-above": relu_net(lambda x, h1, h2, y: (h2 > 0, y > 0)),
        "mask-forgotten": relu_net(through=np.ones_like),
        "sign-of-error": relu_net(through=lambda v: v > 0),
        "inverted": relu_net(lambda x, h1, h2, y: (h1 <= 0, h2 <= 0)),
        "value-for-slope": relu_net(lambda x, h1, h2, y: (h1, h2)),
        "not-transposed": relu_net(back=unturned),
        "summed": relu_net(scale=lambda x: 1),
    },
    "he_scaling": {
        "half-forgotten": scaled(1 / n),
        "leak-forgotten": scaled(2 / n),
        "not-squared": scaled(2 / (n * (1 + a))),
        "variance-of-h": scaled(1 / (n * ((1 + a**2) / 2 - (1 - a) ** 2 / (2 * sp.pi)))),
        "standard-deviation": [sp.sqrt(VARIANCE), sp.sqrt(3 * VARIANCE)],
        "range": [VARIANCE, sp.sqrt(VARIANCE)],
        "whole-width": [VARIANCE, 2 * sp.sqrt(3 * VARIANCE)],
        "shape": VARIANCE,
    },
    "counterexamples": {
        "eigenvalue-for-norm": three(np.diag([0.9, -0.5])),
        "norm-too-small": three(np.array([[0.5, 9.0], [0.0, 0.5]])),
        "radius-too-large": three(np.array([[1.0, 20.0], [0.0, 0.5]])),
        "radius-of-W": three(w=2 * np.eye(2)),
        "impossible-slope": three(d=np.array([1.0, 1.5])),
        "equal-slopes": three(d=np.array([0.5, 0.5])),
        "triangular": three(w=np.array([[0.0, 0.0], [4.0, 0.0]])),
        "norm-of-W": three(w=4 * NILPOTENT),
        "too-tame": three(w=NILPOTENT / 2),
        "shape": three(d=np.ones(3)),
        "too-large": three(1000 * LARGE),
    },
    "radius_and_norm": {letter: letter for letter in "abde"},
    "repair_rnn": {slug: recurrent(**slip) for slug, slip in TIME.items()}
    | {
        "not-transposed": recurrent(back=lambda delta, w: delta @ w),
        "unreduced": recurrent(bias=lambda delta: delta),
    },
    "indrnn_gradients": {slug: independent(**slip) for slug, slip in TIME.items()}
    | {
        "u-forgotten": independent(back=lambda delta, u: delta),
        "unreduced": independent(reduce=lambda part: part),
        "factor-lost": independent(reached=lambda dh, u: dh / u),
        "shape": independent(reduce=np.diag),
    },
    "u_range": {
        "power-T": lambda low, high, steps: (low**steps, high**steps),
        "divided": lambda low, high, steps: (low / steps, high / steps),
        "inverted": lambda low, high, steps: (low ** (-1 / steps), high ** (-1 / steps)),
        "linear": lambda low, high, steps: (1 + (low - 1) / steps, 1 + (high - 1) / steps),
        "logarithm": lambda low, high, steps: (np.log(low) / steps, np.log(high) / steps),
        "one-step-off": lambda low, high, steps: rooted(low, high, steps - 1),
        "square-root": lambda low, high, steps: (np.sqrt(low), np.sqrt(high)),
        "swapped": lambda low, high, steps: rooted(high, low, steps),
        "capped": lambda low, high, steps: (low ** (1 / steps), 1.0),
    },
}

RIGHT = {
    "sizes": [sizing(), lambda *args: np.array(sizing()(*args), dtype=float)],
    "im2col": [unrolling(), by_position, by_filter_place],
    "col2im": [folding(), folding(by_place=True), by_fancy_index],
    "conv_gradients": [layer_gradients(), layer_by_differences],
    "chain_length": [(7, 50, 359), [7.0, 50.0, 359.0], lambda: np.array([7, 50, 359])],
    "repair_relu": [relu_net(), relu_net(lambda x, h1, h2, y: (np.sign(h1), np.sign(h2)))],
    "he_scaling": [
        scaled(VARIANCE), sp.Matrix(scaled(VARIANCE)), lambda: scaled(1 / sp.expand(1 / VARIANCE)),
        [VARIANCE.subs(n, sp.Symbol("n")), sp.sqrt(6) / sp.sqrt(n + n * a**2)],
    ],
    "counterexamples": [
        three(), three(np.array([[0.0, 10.0], [0.0, 0.0]]), d=np.array([0.1, 1])),
        three(np.array([[0.9, 100, 0], [0, 0.9, 100], [0, 0, 0.9]])),
        three([[-0.5, 0], [30, 0.2]], [[1.6, 3.2, 0], [-0.8, -1.6, 0], [0, 0, 0]], (1, 0.01, 0.5)),
    ],
    "radius_and_norm": ["c", " C ", "(c)", lambda: "c"],
    "repair_rnn": [recurrent(), by_differences],
    "indrnn_gradients": [independent(), lambda *args: list(independent()(*args))],
    "u_range": [rooted, lambda low, high, steps: np.exp(np.log([low, high]) / steps)],
}  # fmt: skip

#: Answers that are right on most inputs.
NEARLY = {
    "sizes": [lambda n, c, h, w, f, s, p: sizing()(n, c, h, h, f, s, p),
              lambda *args: (*sizing()(*args)[:3], 18)],
    "im2col": [lambda x, f, s, p: by_position(x, f, s, 1), lambda x, f, s, p: UNROLL(x, f, 1, p),
               lambda x, f, s, p: UNROLL(x[:1], f, s, p), lambda x, f, s, p: UNROLL(x, 2, s, p)],
    "col2im": [folding(add=replace, by_place=True),
               lambda *args: by_fancy_index(*args, add=fancy_plus),
               lambda columns, shape, f, s, p: FOLD(columns, shape, f, s, 1),
               lambda *args: FOLD(*args) + 1e-6],
    "conv_gradients": [layer_gradients(dw=lambda dw, g: dw * (len(g) == 2)),
                       lambda x, w, g, s, p: layer_gradients()(x, w, g, s, 0 if s == 1 else 1),
                       layer_gradients(fold=lambda *args: FOLD(*args) * (args[2] == 2))],
    "chain_length": [(7, 50, 358), (7, 49, 359), (8, 50, 359)],
    "repair_relu": [relu_net(lambda x, h1, h2, y: (h1 > 0, h1 > 0)),
                    relu_net(lambda x, h1, h2, y: (h1 > 0.05, h2 > 0.05)),
                    relu_net(scale=lambda x: 1 / 5)],
    "he_scaling": [[VARIANCE, sp.sqrt(3 * 2 / n)], [2 / n, sp.sqrt(3 * VARIANCE)]],
    "counterexamples": [three(d=np.array([1.0, 0.0])), three(w=NILPOTENT * 0.9 + 0.2 * np.eye(2))],
    "repair_rnn": [lambda x, h0, *rest: recurrent()(x, 0 * h0, *rest),
                   recurrent(mask=lambda h, t: h[t + 1] > 0.1)],
    "indrnn_gradients": [lambda x, h0, *rest: independent()(x, 0 * h0, *rest),
                         independent(combine=lambda parts: sum(parts[:4]))],
    "u_range": [lambda low, high, steps: (0.01 ** (1 / steps), high ** (1 / steps)),
                lambda low, high, steps: rooted(low, high, steps + 1e-5)],
}  # fmt: skip


class TestChecks(common.Checks):
    check = check
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(
    ("exercise", "name", "mistakes"),
    [
        ("repair_relu", "relu_gradients_broken", ("layer-below",)),
        (
            "repair_rnn",
            "rnn_gradients_broken",
            ("overwritten+wrong-step-mask+not-transposed", "wrong-step-mask+not-transposed"),
        ),
    ],
)
def test_broken_code_scores_nothing_and_hears_of_every_mistake(exercise, name, mistakes):
    score = getattr(check, exercise)(common.Chapter(check).names()[name])
    assert score == 0
    assert score.mistakes == mistakes
    told = check.EXERCISES[exercise].mistakes
    for slug in mistakes[0].split("+"):
        assert told[slug].split(" Section:")[0] in score.feedback[0]


def test_says_what_is_left_of_a_repair():
    two = TIME["overwritten"] | TIME["wrong-step-mask"]
    assert check.repair_rnn(recurrent(**two)).mistakes[0] == "overwritten+wrong-step-mask"
    assert check.repair_rnn(recurrent(**TIME["overwritten"])).mistakes == ("overwritten",)
    assert check.indrnn_gradients(independent(**two)).mistakes[0] == "overwritten+wrong-step-mask"
    for masks in [lambda x, h1, h2, y: (x > 0, h2 > 0), lambda x, h1, h2, y: (h1 > 0, h1 > 0)]:
        assert check.repair_relu(relu_net(masks)).mistakes == ("layer-below",)


@pytest.mark.parametrize(
    "fold",
    [
        folding(add=replace),
        folding(add=replace, by_place=True),
        lambda *args: by_fancy_index(*args, add=fancy_plus),
    ],
)
def test_names_every_way_of_overwriting(fold):
    assert check.col2im(fold).mistakes == ("overwritten",)
    assert "overwritten" in check.conv_gradients(layer_gradients(fold=fold)).mistakes


@pytest.mark.parametrize("off", [-1, 1])
def test_names_a_horizon_that_is_one_step_off(off):
    score = check.u_range(lambda low, high, steps: rooted(low, high, steps + off))
    assert score.mistakes == ("one-step-off",)


@pytest.mark.parametrize(
    "side", [lambda p: (p, 0), lambda p: (0, p), lambda p: (p // 2, p - p // 2)]
)
def test_names_padding_that_is_counted_once(side):
    score = check.im2col(unrolling(pad=lambda p: (side(p), side(p))))
    assert set(score.mistakes) == {"padding-once"}


def test_gives_part_of_the_points_for_part_of_the_work():
    assert check.sizes(sizing(matrix=lambda n, c, f, o: (1, 1))) == 1
    assert check.col2im(folding(add=replace)) == 1  # where nothing overlaps
    assert check.conv_gradients(layer_gradients(fold=folding(add=replace))) == 2
    assert check.counterexamples(three(w=np.eye(2))) == 1
    assert check.repair_rnn(recurrent(bias=lambda delta: delta)) == 3
    assert check.indrnn_gradients(independent(reduce=lambda part: part)) == 1.0


@pytest.mark.parametrize(("kind", "place"), [(np.float32, 1), (np.float64, 2)])
def test_the_chain_is_as_long_as_it_is_said_to_be(kind, place):
    product, layers = kind(1), 0
    with np.errstate(under="ignore"):
        while product > 0:
            product, layers = product * kind(0.25) * kind(0.5), layers + 1
    assert layers == RIGHT["chain_length"][0][place]


def test_gives_a_prediction_away_to_nobody():
    told = " ".join(check.chain_length((1, 2, 3)).feedback)
    assert "right is" not in told


def test_blames_no_slip_that_was_not_made():
    same = sizing(lambda h, f, s, p: -(-h // s))
    assert "padding-once" not in check.sizes(same).mistakes
    averaged = layer_gradients(fold=lambda *args: FOLD(*args) / 4)  # over the filters
    assert not {"averaged", "averaged-twice"} & set(check.conv_gradients(averaged).mistakes)
