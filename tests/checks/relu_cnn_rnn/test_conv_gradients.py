"""The gradients of a convolutional layer: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.relu_cnn_rnn.answers import FOLD, OVERWRITING, folding, replace
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import correlate2d

from backpass.checks.relu_cnn_rnn import conv_gradients
from backpass.gradcheck import numerical_gradient


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


WRONG = {
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
    "both-reshaped": layer_gradients(
        rows=lambda g: g.reshape(-1, g.shape[1]),
        turn=lambda w: w.reshape(-1, len(w)).T,
        dw=lambda dw, g: dw.reshape(len(dw), -1).T.reshape(dw.shape),
    ),
    "positions-by-column": layer_gradients(
        rows=lambda g: g.transpose(0, 3, 2, 1).reshape(-1, g.shape[1])
    ),
    "channels-last": layer_gradients(
        turn=lambda w: np.moveaxis(w, 1, -1),
        dw=lambda dw, g: np.moveaxis(dw, 1, -1).reshape(dw.shape),
    ),
    "turned": layer_gradients(seen=lambda g: g[..., ::-1, ::-1], sent=lambda g: g[..., ::-1, ::-1]),
    "stride-ignored": layer_gradients(stride=lambda s: 1, fold=laid),
    "averaged": layer_gradients(dw=lambda dw, g: dw / len(g)),
    "positions-averaged": layer_gradients(dw=lambda dw, g: dw / g[:, 0].size),
    "one-image": layer_gradients(seen=only(0)),
    "one-filter": layer_gradients(sent=only(1)),
    "shape": layer_gradients(dw=lambda dw, g: dw.reshape(len(dw), -1)),
}

RIGHT = [layer_gradients(), layer_by_differences]

NEARLY = [
    layer_gradients(dw=lambda dw, g: dw * (len(g) == 2)),
    lambda x, w, g, s, p: layer_gradients()(x, w, g, s, 0 if s == 1 else 1),
    layer_gradients(fold=lambda *args: FOLD(*args) * (args[2] == 2)),
]


class TestConvGradients(contract.Exercise):
    check = conv_gradients
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize("fold", OVERWRITING)
def test_names_every_way_of_overwriting(fold):
    assert "overwritten" in conv_gradients(layer_gradients(fold=fold)).mistakes


def test_gives_half_of_the_points_for_the_gradient_of_the_filters():
    assert conv_gradients(layer_gradients(fold=folding(add=replace))) == 2


def test_blames_no_average_over_examples_for_one_over_filters():
    averaged = layer_gradients(fold=lambda *args: FOLD(*args) / 5)  # there are five of them
    assert conv_gradients(averaged).mistakes == ("factor",)
    assert "5 is the number of filters" in " ".join(conv_gradients(averaged).feedback)
