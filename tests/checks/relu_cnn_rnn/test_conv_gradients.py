"""The gradients of a convolutional layer: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.relu_cnn_rnn.answers import FOLD, OVERWRITING, by_position, folding, replace

from backpass.checks.relu_cnn_rnn import conv_gradients
from backpass.gradcheck import numerical_gradient


def layer_gradients(
    rows=lambda g: np.moveaxis(g, 1, -1).reshape(-1, g.shape[1]),
    seen=lambda g: g,
    fold=FOLD,
    stride=lambda s: s,
    dilation=lambda d: d,
    dw=lambda dw, g: dw,
    turn=lambda w: w,
    sent=lambda g: g,
    apart=lambda back, *sizes: back.reshape(sizes),
):
    """The two gradients of a layer with one thing changed."""

    def answer(x, w, g, s, p, d):
        (k, c, fh, fw), (n, _, high, wide) = w.shape, g.shape
        s, d = stride(s), dilation(d)
        m = by_position(x, fh, fw, s, p, d).reshape(n, -1, c * fh * fw)
        across = (x.shape[3] + 2 * p - (fw - 1) * d - 1) // s + 1
        m = m.reshape(n, -1, across, c * fh * fw)[:, :high, :wide].reshape(n * high * wide, -1)
        back = rows(sent(g)) @ turn(w).reshape(k, -1)
        back = apart(back, n, high, wide, c, fh, fw)
        return dw((rows(seen(g)).T @ m).reshape(w.shape), g), fold(back, x.shape, s, p, d)

    return answer


def layer_by_differences(x, w, g, s, p, d):
    def loss(x, w):
        x = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
        gaps = np.kron(w, np.eye(1, d * d).reshape(1, 1, d, d))[..., : -d + 1, : -d + 1]
        at = np.lib.stride_tricks.sliding_window_view(x, gaps.shape[2:], axis=(2, 3))
        y = np.tensordot(at, gaps, ([1, 4, 5], [1, 2, 3]))
        return np.sum(g * np.moveaxis(y, 3, 1)[:, :, ::s, ::s])

    dw = numerical_gradient(lambda w: loss(x, w), w)
    return [dw, numerical_gradient(lambda x: loss(x, w), x)]


def only(axis):
    """G with everything but the last image (0) or filter (1) taken out."""

    def cut(g):
        kept = np.zeros_like(g)
        kept[(slice(None),) * axis + (-1,)] = g[(slice(None),) * axis + (-1,)]
        return kept

    return cut


def channels_at_the_end(back, n, high, wide, c, fh, fw):
    return np.moveaxis(back.reshape(n, high, wide, fh, fw, c), -1, 3)


def columns_first(back, n, high, wide, c, fh, fw):
    return np.swapaxes(back.reshape(n, wide, high, c, fh, fw), 1, 2)


def images_after_positions(back, n, high, wide, c, fh, fw):
    return np.moveaxis(back.reshape(high, wide, n, c, fh, fw), 2, 0)


WRONG = {
    "taken-apart": layer_gradients(apart=channels_at_the_end),
    "dilation-ignored": layer_gradients(dilation=lambda d: 1),
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
    "stride-ignored": layer_gradients(stride=lambda s: 1),
    "averaged": layer_gradients(dw=lambda dw, g: dw / len(g)),
    "positions-averaged": layer_gradients(dw=lambda dw, g: dw / g[:, 0].size),
    "one-image": layer_gradients(seen=only(0)),
    "one-filter": layer_gradients(sent=only(1)),
    "shape": layer_gradients(dw=lambda dw, g: dw.reshape(len(dw), -1)),
}

RIGHT = [layer_gradients()]

NEARLY = [
    layer_gradients(dw=lambda dw, g: dw * (len(g) == 2)),
    lambda x, w, g, s, p, d: layer_gradients()(x, w, g, s, p, 2 if s == 1 else 1),
    layer_gradients(fold=lambda *args: FOLD(*args) * (args[2] == 2)),
]


class TestConvGradients(contract.Exercise):
    check = conv_gradients
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.slow
@pytest.mark.parametrize("fold", OVERWRITING)
def test_names_every_way_of_overwriting(fold):
    assert "overwritten" in conv_gradients(layer_gradients(fold=fold)).mistakes


@pytest.mark.slow
def test_differences_are_told_as_such():
    score = conv_gradients(layer_by_differences)
    assert (score, score.mistakes) == (0, ("finite-differences",))


def test_gives_half_of_the_points_for_the_gradient_of_the_filters():
    assert conv_gradients(layer_gradients(fold=folding(add=replace))) == 2


def test_blames_no_average_over_examples_for_one_over_filters():
    averaged = layer_gradients(fold=lambda *args: FOLD(*args) / 5)  # there are five of them
    assert conv_gradients(averaged).mistakes == ("factor",)
    assert "5 is the number of filters" in " ".join(conv_gradients(averaged).feedback)


@pytest.mark.parametrize("apart", [columns_first, images_after_positions])
def test_other_orders_of_what_comes_back_are_told_as_such(apart):
    score = conv_gradients(layer_gradients(apart=apart))
    assert (score, score.mistakes) == (2, ("taken-apart",))


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["axes-not-moved", "averaged"])
def test_a_slip_in_what_arrives_costs_one_gradient(slug):
    score = conv_gradients(WRONG[slug])
    assert (score, score.mistakes) == (2, (slug,))
