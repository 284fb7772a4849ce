"""Patches with gaps: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest
from checks.relu_cnn_rnn.answers import by_position
from numpy.lib.stride_tricks import sliding_window_view

from backpass.checks.relu_cnn_rnn import patches


def windows(
    pad=lambda p: [(p, p), (p, p)],
    dilation=lambda d: d,
    stride=lambda s: (s, s),
    order=(0, 2, 3, 1, 4, 5),
    change=lambda w: w,
    mode="constant",
):
    """Patches with one thing changed; windows are n, channel, row, column, filter row, column."""

    def answer(x, fh, fw, s, p, d):
        d, (down, across) = dilation(d), stride(s)
        x = np.pad(x, [(0, 0), (0, 0), *pad(p)], mode=mode)
        found = sliding_window_view(x, ((fh - 1) * d + 1, (fw - 1) * d + 1), axis=(2, 3))
        found = change(found[:, :, ::down, ::across, ::d, ::d])
        return found.transpose(order).reshape(-1, x.shape[1] * fh * fw)

    return answer


RIGHT = [windows(), by_position]


def reaching(over):
    """As if the filter reached over so many pixels, ``over(F, D)``."""

    def answer(x, fh, fw, s, p, d):
        x = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
        found = sliding_window_view(x, (over(fh, d), over(fw, d)), axis=(2, 3))
        found = found[:, :, ::s, ::s, ::d, ::d]
        return found.transpose(0, 2, 3, 1, 4, 5).reshape(-1, x.shape[1] * fh * fw)

    return answer


def rounding_up(x, fh, fw, s, p, d):
    """Positions are counted rounded up; where a slice is short, nothing is read."""
    sizes = zip(x.shape[2:], (fh, fw), strict=True)
    rows, across = (-(-(size + 2 * p - (f - 1) * d - 1) // s) + 1 for size, f in sizes)
    x = np.pad(x, [(0, 0), (0, 0), (p, p + s), (p, p + s)])
    found = [
        x[:, :, i * d : i * d + s * rows : s, j * d : j * d + s * across : s]
        for i, j in np.ndindex(fh, fw)
    ]
    return np.stack(found, -1).transpose(0, 2, 3, 1, 4).reshape(-1, x.shape[1] * fh * fw)


WRONG = {
    "reach": reaching(lambda f, d: f * d),
    "dilation-ignored": windows(dilation=lambda d: 1),
    "gap-for-distance": windows(dilation=lambda d: d + 1),
    "stride-dilated": lambda x, fh, fw, s, p, d: windows()(x, fh, fw, s * d, p, d),
    "sides-exchanged": lambda x, fh, fw, s, p, d: windows()(x, fw, fh, s, p, d),
    "channels-last": windows(order=(0, 2, 3, 4, 5, 1)),
    "channels-first": windows(order=(0, 1, 2, 3, 4, 5)),
    "filter-columns": windows(order=(0, 2, 3, 1, 5, 4)),
    "flipped": windows(change=lambda w: w[..., ::-1, ::-1]),
    "mirrored": windows(change=lambda w: w[..., ::-1]),
    "positions-by-column": windows(order=(0, 3, 2, 1, 4, 5)),
    "images-interleaved": windows(order=(2, 3, 0, 1, 4, 5)),
    "stride-ignored": windows(stride=lambda s: (1, 1)),
    "padding-once": windows(pad=lambda p: [(p, 0), (p, 0)]),
    "padding-at-one-end": windows(pad=lambda p: [(0, 2 * p), (0, 2 * p)]),
    "padding-twice": windows(pad=lambda p: [(2 * p, 2 * p)] * 2),
    "padding-forgotten": windows(pad=lambda p: [(0, 0), (0, 0)]),
    "last-position": windows(pad=lambda p: [(p, p - 1)] * 2),
    "not-zeros": windows(mode="edge"),
    "axes-mixed": windows(order=(3, 0, 2, 1, 5, 4)),
    "transposed": lambda *args: windows()(*args).T,
    "shape": lambda *args: windows()(*args)[:-1, :-1],
}

NEARLY = [
    rounding_up,
    lambda x, fh, fw, s, p, d: windows()(x, fh, fw, s, p, 3),
    lambda *args: windows()(*args) + 1e-6,
]


class TestPatches(contract.Exercise):
    check = patches
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (windows(stride=lambda s: (s, 1)), "stride-ignored"),
        (windows(stride=lambda s: (1, s)), "stride-ignored"),
        (windows(pad=lambda p: [(0, p), (0, p)]), "padding-once"),
        (windows(pad=lambda p: [(p, p), (0, 0)]), "padding-once"),
        (windows(change=lambda w: w[:, ::-1]), "mirrored"),
        (windows(pad=lambda p: [(p // 2, p // 2)] * 2), "padding-once"),
        (
            lambda x, fh, fw, s, p, d: windows(pad=lambda p: [(p * d,) * 2] * 2)(
                x, fh, fw, s, p, d
            ),
            "padding-twice",
        ),
        (reaching(lambda f, d: (f - 1) * (d + 1) + 1), "reach"),
        (windows(order=(2, 0, 3, 4, 1, 5)), "axes-mixed"),
    ],
)
def test_names_a_slip_in_other_forms(answer, mistake):
    assert mistake in patches(answer).mistakes


def test_the_reach_is_no_slip_of_the_padding():
    score = patches(WRONG["reach"])
    assert (score, score.mistakes) == (1, ("reach",))


def test_says_in_which_order_the_axes_stand():
    told = " ".join(patches(WRONG["axes-mixed"]).feedback)
    assert "Wanted, slowest first: image, row, column, channel, filter row, filter column" in told


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["flipped", "padding-twice", "sides-exchanged", "transposed"])
def test_a_slip_in_both_sets_of_images_costs_one_point(slug):
    score = patches(WRONG[slug])
    assert (score, score.mistakes) == (1, (slug,))


def test_the_chapters_patches_bring_nothing():
    assert patches(WRONG["dilation-ignored"]) == 0
