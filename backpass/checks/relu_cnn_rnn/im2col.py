"""im2col: every patch of the images as a row of a matrix."""

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import (
    AXES,
    AXES_MIXED,
    CHANNELS_LAST,
    FILTER_COLUMNS,
    FLIPPED,
    IMAGES_INTERLEAVED,
    KNOWN_ORDERS,
    MATRIX,
    MIRRORED,
    POSITIONS_BY_COLUMN,
    STRIDE_IGNORED,
    Layer,
    draw,
    either,
    patch_matrix,
    same,
)


@dataclass(eq=False)
class Images(Layer):
    """Images x (n, c, height, width) for a layer, and their matrix of patches."""

    def __post_init__(self) -> None:
        (self.x,) = draw(1, self.shape)

    @cached_property
    def matrix(self) -> np.ndarray:
        """Their patches: a row for each position of each image, a column for each number in it."""
        return patch_matrix(self.x, self.f, self.s, self.p)

    def written(self, order: str) -> np.ndarray | None:
        """The matrix if its ``AXES`` come in this order. None if that makes no difference."""
        by_axes = self.matrix.reshape(*self.axes.values())
        found = by_axes.transpose([*map(AXES.index, order)]).reshape(self.matrix.shape)
        return None if np.array_equal(found, self.matrix) else found

    def padded(self, *pads: tuple[tuple[int, int], tuple[int, int]]) -> list[np.ndarray]:
        """The matrices of images with so many zeros above and below, left and right, instead."""
        images = (np.pad(self.x, [(0, 0), (0, 0), *pad]) for pad in pads)
        return [patch_matrix(x, self.f, self.s, 0) for x in images if min(x.shape[2:]) >= self.f]


IMAGES = {
    "one 4×4 image": Images(1, 1, 4, 4, 3, 1, 2),
    "a stride of 2": Images(1, 1, 8, 5, 3, 2, 2),
    "two images of three channels": Images(2, 3, 6, 5, 2, 2, 3),
}


@exercise(
    "im2col",
    section=MATRIX,
    points=3,
    kind="implement",
    mistakes={
        "transposed": "Rows and columns are exchanged: each position is a row.",
        "shape": "There is a row for each position of each image and a column for each number in a"
        " patch, C·F².",
    },
)
def im2col(attempt):
    for label, images in IMAGES.items():
        with attempt.part(label) as part:
            given = part.call(images.x, images.f, images.s, images.p)
            counts = {"images": images.n, "channels": images.c}
            part.expect(given, images.matrix, of=[images, given], counts=counts, lengths=False)


@im2col.mistake(CHANNELS_LAST)
def channels_last(images, _):
    return images.written("nraijc")


@im2col.mistake(
    "The channel still stands before the positions, so a reshape mixes them. Transpose to n, row,"
    " column, channel, filter row, filter column first."
)
def channels_first(images, _):
    return images.written("ncraij")


@im2col.mistake(FILTER_COLUMNS)
def filter_columns(images, _):
    return images.written("nracji")


@im2col.mistake(FLIPPED)
def flipped(images, _):
    turned = images.matrix.reshape(-1, images.c, images.f**2)[:, :, ::-1]
    return turned.reshape(images.matrix.shape)


@im2col.mistake(MIRRORED)
def mirrored(images, given):
    by_axes = images.matrix.reshape(*images.axes.values())
    ways = [(4,), (5,), *([(3,), (3, 4), (3, 5), (3, 4, 5)] if images.c > 1 else [])]
    forms = (np.flip(by_axes, axes).reshape(images.matrix.shape) for axes in ways)
    return either(given, *forms)


@im2col.mistake(POSITIONS_BY_COLUMN)
def positions_by_column(images, _):
    return images.written("narcij")


@im2col.mistake(IMAGES_INTERLEAVED)
def images_interleaved(images, _):
    return images.written("rancij")


@im2col.mistake(STRIDE_IGNORED)
def stride_ignored(images, given):
    rows, across = images.positions
    each = patch_matrix(images.x, images.f, 1, images.p)
    n, width = len(images.x), images.matrix.shape[1]
    down, aside = (side + 2 * images.p - images.f + 1 for side in images.shape[2:])
    by_axes = each.reshape(n, down, aside, width)
    some = [by_axes[:, :rows, :across], by_axes[:, :: images.s], by_axes[:, :, :: images.s]]
    return either(given, each, *(v.reshape(-1, width) for v in some))


@im2col.mistake(
    "The image is padded on one side only, or with P in all: P zeros belong on each of the four"
    " sides."
)
def padding_once(images, given):
    p, none = images.p, (0, 0)
    ends = [(p, 0), (0, p), (p // 2, p - p // 2)]
    pads = [*((end, end) for end in ends), ((p, p), none), (none, (p, p))]
    return either(given, *images.padded(*pads))


@im2col.mistake(
    "There are as many zeros as there should be, but not where they should be: P on each of the"
    " four sides, not 2P on one."
)
def padding_at_one_end(images, given):
    ends = [(0, 2 * images.p), (2 * images.p, 0)]
    return either(given, *images.padded(*((a, b) for a in ends for b in ends)))


@im2col.mistake("There are too many zeros: P on each of the four sides, not 2P.")
def padding_twice(images, _):
    return images.padded(((2 * images.p,) * 2,) * 2)[0]


@im2col.mistake("The padding is forgotten.")
def padding_forgotten(images, _):
    return patch_matrix(images.x, images.f, images.s, 0)


@im2col.mistake(
    "The last position along a side is missing: positions begin at 0, S, 2S, … up to H + 2P − F,"
    " that one included."
)
def last_position(images, _):
    return patch_matrix(images.x, images.f, images.s, (images.p, images.p - 1))


@im2col.mistake(
    "Around the image stand other numbers than zeros: np.pad repeats or mirrors the border if it is"
    " told to, and np.empty has anything in it."
)
def not_zeros(images, given):
    inside = patch_matrix(np.ones(images.shape), images.f, images.s, images.p) > 0
    if not isinstance(given, np.ndarray) or given.shape != inside.shape or given.dtype.kind != "f":
        return None
    many = np.mean(given[~inside] != 0) > 0.5  # a single one is something else
    return np.where(inside, images.matrix, given) if many else None


@im2col.mistake(AXES_MIXED)
def axes_mixed(images, given):
    for order in (*KNOWN_ORDERS, *map("".join, permutations(AXES))):
        values = images.written(order)
        if values is not None and same(given, values):
            return (
                None
                if order in KNOWN_ORDERS
                else (values, f"{im2col.mistakes['axes-mixed']} {images.told(order)}")
            )
    return None
