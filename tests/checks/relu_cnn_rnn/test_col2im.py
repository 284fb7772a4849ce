"""col2im: see :mod:`contract` for what is asked."""

import contract
import pytest
from checks.relu_cnn_rnn.answers import (
    FOLD,
    OVERWRITING,
    by_fancy_index,
    fancy_plus,
    folding,
    replace,
)

from backpass.checks.relu_cnn_rnn import col2im


def to_ends(columns, n, rows, across, c, f, order=(0, 1, 2, 3, 4, 5), shape=None):
    sizes = {"n": n, "r": rows, "a": across, "c": c, "i": f, "j": f}
    return columns.reshape([sizes[name] for name in shape]).transpose(order)


def read(shape):
    """Columns read as if their axes stood in this order (n, rows, across, channel, i, j)."""
    order = [shape.index(name) for name in "nracij"]
    return lambda columns, *sizes: to_ends(columns, *sizes, order=order, shape=shape)


WRONG = {
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
    "axes-mixed": folding(read("narcji")),
    "mirrored": folding(lambda *sizes: read("nracij")(*sizes)[..., ::-1]),
    "cut-once": folding(crop=lambda x, p, h, w: x[:, :, p:, p:]),
    "shape": lambda columns, *rest: FOLD(columns, *rest)[0, 0],
}

RIGHT = [folding(), folding(by_place=True), by_fancy_index]

NEARLY = [
    folding(add=replace, by_place=True),
    lambda *args: by_fancy_index(*args, add=fancy_plus),
    lambda columns, shape, f, s, p: FOLD(columns, shape, f, s, 1),
    lambda *args: FOLD(*args) + 1e-6,
]


class TestCol2im(contract.Exercise):
    check = col2im
    wrong, right, nearly = WRONG, RIGHT, NEARLY


@pytest.mark.parametrize("fold", OVERWRITING)
def test_names_every_way_of_overwriting(fold):
    assert col2im(fold).mistakes == ("overwritten",)


def test_gives_a_point_for_patches_that_do_not_overlap():
    assert col2im(folding(add=replace)) == 1


@pytest.mark.parametrize(
    ("crop", "mistake"),
    [
        (lambda x, p, h, w: x[:, :, 2 * p :, 2 * p :], "wrong-corner"),
        (lambda x, p, h, w: x[:, :, -h:, -w:], "wrong-corner"),
        (lambda x, p, h, w: x[:, :, : h + p, : w + p], "cut-once"),
        (lambda x, p, h, w: x[:, :, p : p + h], "shape"),
    ],
)
def test_names_where_the_borders_were_cut(crop, mistake):
    assert col2im(folding(crop=crop)).mistakes == (mistake,)


def test_one_image_alone_is_told_so():
    def first(*args):
        image = FOLD(*args)
        image[1:] = 0
        return image

    assert col2im(first).mistakes == ("one-example",)


def test_a_factor_is_no_length_of_an_axis():
    told = " ".join(col2im(lambda *args: FOLD(*args) / 2).feedback)
    assert "length of axis" not in told
