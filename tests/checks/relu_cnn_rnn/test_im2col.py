"""im2col: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.relu_cnn_rnn.answers import by_position
from numpy.lib.stride_tricks import sliding_window_view

from backpass.checks.relu_cnn_rnn import im2col


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


UNROLL = unrolling()


WRONG = {
    "padding-once": unrolling(pad=lambda p: ((p, 0), (p, 0))),
    "padding-forgotten": unrolling(pad=lambda p: ((0, 0), (0, 0))),
    "stride-ignored": unrolling(stride=lambda s: 1),
    "not-zeros": unrolling(mode="edge"),
    "padding-at-one-end": unrolling(pad=lambda p: ((0, 2 * p), (0, 2 * p))),
    "padding-twice": unrolling(pad=lambda p: ((2 * p, 2 * p), (2 * p, 2 * p))),
    "mirrored": unrolling(window=lambda windows: windows[..., ::-1]),
    "axes-mixed": unrolling(order=(0, 3, 2, 5, 4, 1)),
    "flipped": unrolling(window=lambda windows: windows[..., ::-1, ::-1]),
    "filter-columns": unrolling(order=(0, 2, 3, 1, 5, 4)),
    "positions-by-column": unrolling(order=(0, 3, 2, 1, 4, 5)),
    "channels-last": unrolling(order=(0, 2, 3, 4, 5, 1)),
    "images-interleaved": unrolling(order=(2, 3, 0, 1, 4, 5)),
    "transposed": unrolling(turn=lambda m: m.T),
    "shape": unrolling(turn=lambda m: m[:, :, None]),
    "channels-first": unrolling(order=(0, 1, 2, 3, 4, 5)),
    "last-position": one_short,
}

RIGHT = [unrolling(), by_position, by_filter_place]

NEARLY = [
    lambda x, f, s, p: by_position(x, f, s, 1),
    lambda x, f, s, p: UNROLL(x, f, 1, p),
    lambda x, f, s, p: UNROLL(x[:1], f, s, p),
    lambda x, f, s, p: UNROLL(x, 2, s, p),
]


class TestIm2col(contract.Exercise):
    check = im2col
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize(
    "side", [lambda p: (p, 0), lambda p: (0, p), lambda p: (p // 2, p - p // 2)]
)
def test_names_padding_that_is_counted_once(side):
    score = im2col(unrolling(pad=lambda p: (side(p), side(p))))
    assert set(score.mistakes) == {"padding-once"}


def without_stride(x, f, s, p):
    """As many positions as there should be, but one pixel apart."""
    n, _, h, w = x.shape
    rows, across = (h + 2 * p - f) // s + 1, (w + 2 * p - f) // s + 1
    every = UNROLL(x, f, 1, p).reshape(n, h + 2 * p - f + 1, w + 2 * p - f + 1, -1)
    return every[:, :rows, :across].reshape(n * rows * across, -1)


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        *((unrolling(mode=mode), "not-zeros") for mode in ("reflect", "wrap", "symmetric")),
        (lambda x, f, s, p: UNROLL(x, f, s, p) + (UNROLL(x, f, s, p) == 0), "not-zeros"),
        (unrolling(pad=lambda p: ((2 * p, 0), (2 * p, 0))), "padding-at-one-end"),
        (unrolling(pad=lambda p: ((2 * p, 0), (0, 2 * p))), "padding-at-one-end"),
        (unrolling(pad=lambda p: ((p, p), (0, 0))), "padding-once"),
        (unrolling(window=lambda windows: windows[..., ::-1, :]), "mirrored"),
        (unrolling(turn=lambda m: m.ravel().reshape(m.shape[::-1]).T), "axes-mixed"),
        (without_stride, "stride-ignored"),
    ],
)
def test_names_what_is_amiss_with_padding_order_and_stride(answer, mistake):
    assert im2col(answer).mistakes == (mistake,)


def test_says_which_order_the_axes_have():
    fortran = unrolling(turn=lambda m: m.ravel().reshape(m.shape, order="F"))
    told = im2col(unrolling(order=(0, 3, 2, 5, 4, 1))).feedback
    assert "Yours: image, column, row, filter column, filter row, channel." in told[2]
    assert "Yours: column, row, filter column, filter row." in told[0]
    assert im2col(fortran) < 3
