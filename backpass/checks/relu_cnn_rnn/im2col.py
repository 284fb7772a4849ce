"""im2col: every patch of the images as a row of a matrix."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import (
    AXES,
    CHANNELS_FIRST,
    CHANNELS_LAST,
    FILTER_COLUMNS,
    FLIPPED,
    IMAGES_INTERLEAVED,
    MATRIX,
    POSITIONS_BY_COLUMN,
    STRIDE_IGNORED,
    Layer,
    draw,
    either,
    patch_matrix,
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
            part.expect(given, images.matrix, of=[images, given])


@im2col.mistake(CHANNELS_LAST)
def channels_last(images, _):
    return images.written("nraijc")


@im2col.mistake(CHANNELS_FIRST)
def channels_first(images, _):
    return images.written("ncraij")


@im2col.mistake(FILTER_COLUMNS)
def filter_columns(images, _):
    return images.written("nracji")


@im2col.mistake(FLIPPED)
def flipped(images, _):
    turned = images.matrix.reshape(-1, images.c, images.f**2)[:, :, ::-1]
    return turned.reshape(images.matrix.shape)


@im2col.mistake(POSITIONS_BY_COLUMN)
def positions_by_column(images, _):
    return images.written("narcij")


@im2col.mistake(IMAGES_INTERLEAVED)
def images_interleaved(images, _):
    return images.written("rancij")


@im2col.mistake(STRIDE_IGNORED)
def stride_ignored(images, _):
    return patch_matrix(images.x, images.f, 1, images.p)


@im2col.mistake(
    "The image is padded on one side only, or with P in all: P zeros belong on each of the four"
    " sides."
)
def padding_once(images, given):
    p = images.p
    pads = [(p, 0), (0, p), (p // 2, p - p // 2)]
    return either(given, *(patch_matrix(images.x, images.f, images.s, pad) for pad in pads))


@im2col.mistake("The padding is forgotten.")
def padding_forgotten(images, _):
    return patch_matrix(images.x, images.f, images.s, 0)


@im2col.mistake(
    "The last position along a side is missing: positions begin at 0, S, 2S, … up to H + 2P − F,"
    " that one included."
)
def last_position(images, _):
    return patch_matrix(images.x, images.f, images.s, (images.p, images.p - 1))


@im2col.mistake("The padding repeats the image's border; it should be zeros.")
def edge_padded(images, _):
    pad = (images.p, images.p)
    padded = np.pad(images.x, [(0, 0), (0, 0), pad, pad], mode="edge")
    return patch_matrix(padded, images.f, images.s, 0)
