"""col2im: what comes back from the patches to the images."""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import (
    AXES,
    AXES_MIXED,
    BACK,
    CHANNELS_LAST,
    EMPTY_CROP,
    FILTER_COLUMNS,
    FLIPPED,
    IMAGES_INTERLEAVED,
    KNOWN_ORDERS,
    MIRRORED,
    OVERWRITTEN,
    PADDING_KEPT,
    POSITIONS_BY_COLUMN,
    ROW_BY_ROW,
    STRIDE_IGNORED,
    WRONG_CORNER,
    Layer,
    draw,
    either,
    is_empty,
    same,
    sent_back,
    single_ones,
)


@dataclass(eq=False)
class Patches(Layer):
    """What arrives at a matrix of patches, its columns, and what comes back to the images."""

    def __post_init__(self) -> None:
        rows, across = self.positions
        (self.columns,) = draw(2, (self.n * rows * across, self.c * self.f**2))

    def images(self, columns: np.ndarray, **options) -> np.ndarray:
        """What comes back to the images from ``columns``; options: see :meth:`.Layer.effects`."""
        v = np.moveaxis(columns.reshape(self.n, *self.positions, -1), -1, 1)
        return sent_back(v, effects(self, **options))

    @cached_property
    def right(self) -> np.ndarray:
        """What comes back, (n, c, height, width)."""
        return self.images(self.columns)

    def read(self, order: str) -> np.ndarray | None:
        """What comes back if the columns are read as having their ``AXES`` in this order.

        None if that makes no difference.
        """
        by_axes = self.columns.reshape([self.axes[axis] for axis in order])
        read = by_axes.transpose([*map(order.index, AXES)]).reshape(self.columns.shape)
        return None if np.array_equal(read, self.columns) else self.images(read)

    @cached_property
    def uncut(self) -> np.ndarray | None:
        """What comes back to the images and the padding around them, if there is any."""
        return self.images(self.columns, cut=False) if self.p else None


@cache
def effects(patches: Patches, **options) -> np.ndarray:
    """What pixels do to the outputs of filters with a single 1; see :meth:`.Layer.effects`."""
    return patches.effects(single_ones(patches.c, patches.f), **options)


PATCHES = [
    ("no overlap", Patches(1, 1, 4, 6, 2, 2, 0), 1),
    ("one 4×4 image, with overlap", Patches(1, 1, 4, 4, 2, 1, 1), 1),
    ("three images of two channels, stride 2", Patches(3, 2, 6, 7, 3, 2, 2), 2),
]


@exercise(
    "col2im",
    section=BACK,
    points=4,
    kind="implement",
    mistakes={"empty-crop": EMPTY_CROP, "shape": "What comes back has the shape of the images."},
)
def col2im(attempt):
    for label, patches, weight in PATCHES:
        with attempt.part(label, weight=weight) as part:
            given = part.call(patches.columns, patches.shape, patches.f, patches.s, patches.p)
            if is_empty(given):
                part.blame("empty-crop")
            over = {"reduction": "sum", "batch": patches.n, "lengths": False}
            counts = {"channels": patches.c}
            part.expect(given, patches.right, of=[patches, given], counts=counts, **over)


@col2im.mistake(CHANNELS_LAST)
def channels_last(patches, _):
    return patches.read("nraijc")


@col2im.mistake(
    "The channel is taken to stand before the positions; in `columns` it stands after them."
    " Reshape to n, row, column, channel, filter row, filter column first, then transpose."
)
def channels_first(patches, _):
    return patches.read("ncraij")


@col2im.mistake(FILTER_COLUMNS)
def filter_columns(patches, _):
    return patches.read("nracji")


@col2im.mistake(FLIPPED)
def flipped(patches, _):
    turned = patches.columns.reshape(-1, patches.c, patches.f**2)[:, :, ::-1]
    return patches.images(turned)


@col2im.mistake(POSITIONS_BY_COLUMN)
def positions_by_column(patches, _):
    return patches.read("narcij")


@col2im.mistake(IMAGES_INTERLEAVED)
def images_interleaved(patches, _):
    return patches.read("rancij")


@col2im.mistake(STRIDE_IGNORED)
def stride_ignored(patches, _):
    return patches.images(patches.columns, stride=1) if patches.s > 1 else None


@col2im.mistake(OVERWRITTEN)
def overwritten(patches, given):
    forms = [patches.put_back(patches.columns, first=first) for first in (False, True)]
    return either(given, *forms)


@col2im.mistake(PADDING_KEPT)
def padding_kept(patches, _):
    return patches.uncut


@col2im.mistake(WRONG_CORNER)
def wrong_corner(patches, given):
    if patches.uncut is None:
        return None
    ends = 0, 2 * patches.p
    down, across = patches.height, patches.width
    return either(given, *(patches.uncut[:, :, i : i + down, i : i + across] for i in ends))


@col2im.mistake(
    "Cut off at one end only: P rows and columns of padding lie before the image, and P after it."
)
def cut_once(patches, given):
    if patches.uncut is None:
        return None
    p = patches.p
    return either(given, patches.uncut[:, :, p:, p:], patches.uncut[:, :, :-p, :-p])


@col2im.mistake(MIRRORED)
def mirrored(patches, given):
    by_axes = patches.columns.reshape(*patches.axes.values())
    ways = [(4,), (5,), *([(3,), (3, 4), (3, 5), (3, 4, 5)] if patches.c > 1 else [])]
    forms = (np.flip(by_axes, axes).reshape(patches.columns.shape) for axes in ways)
    return either(given, *map(patches.images, forms))


@col2im.mistake(AXES_MIXED)
def axes_mixed(patches, given):
    for order in (*KNOWN_ORDERS, *ROW_BY_ROW, AXES[::-1], "cijnra"):
        values = patches.read(order)
        if values is not None and same(given, values):
            return (
                None
                if order in KNOWN_ORDERS
                else (values, f"{col2im.mistakes['axes-mixed']} {patches.told(order)}")
            )
    return None


@col2im.mistake(
    "Each pixel has the mean of what comes back to it; it should have the sum. This undoes im2col,"
    " but it is not its adjoint."
)
def averaged(patches, _):
    return patches.right / np.maximum(patches.images(np.ones_like(patches.columns)), 1)
