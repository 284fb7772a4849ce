"""The patches of images, as the rows of a matrix, for a filter whose pixels lie apart."""

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import (
    AXES,
    CHANNELS_LAST,
    DILATION_IGNORED,
    IMAGES_INTERLEAVED,
    KNOWN_ORDERS,
    MATRIX,
    ORDERS,
    POSITIONS_BY_COLUMN,
    SIDES_EXCHANGED,
    Layer,
    as_rows,
    convolved,
    draw,
    either,
    same,
    single_ones,
    spread,
)
from backpass.checks.stages import Told


@dataclass(eq=False)
class Images(Layer):
    """Images x (n, c, height, width) for a layer, and their matrix of patches."""

    def __post_init__(self) -> None:
        (self.x,) = draw(1, self.shape)

    @property
    def args(self) -> list:
        """What the learner's function is called with."""
        return [self.x, self.fh, self.fw, self.s, self.p, self.d]

    @cached_property
    def matrix(self) -> np.ndarray:
        """Their patches: a row for each position of each image, a column for each number in it."""
        return self.rows_of(self.x)

    def written(self, order: str) -> np.ndarray | None:
        """The matrix if its ``AXES`` come in this order. None if that makes no difference."""
        by_axes = self.matrix.reshape(*self.axes.values())
        found = by_axes.transpose([*map(AXES.index, order)]).reshape(self.matrix.shape)
        return None if np.array_equal(found, self.matrix) else found

    def padded(self, *pads: tuple[tuple[int, int], tuple[int, int]]) -> list[np.ndarray]:
        """The matrices of images with so many zeros above and below, left and right, instead."""
        images = (np.pad(self.x, [(0, 0), (0, 0), *pad]) for pad in pads)
        size = (self.fh - 1) * self.d + 1, (self.fw - 1) * self.d + 1
        fits = (x for x in images if all(np.greater_equal(x.shape[2:], size)))
        return [self.rows_of(x, pad=0) for x in fits]


#: In the second S divides what is left for the filter to move along one of the sides, so that who
#: leaves out the last position is seen, and not along the other: so is who rounds up. (With D = 2 a
#: filter that is taken to reach over D·F pixels just lacks its last position.)
IMAGES = {
    "one 7×8 image, D = 3": Images(1, 1, 7, 8, 3, 2, 1, 3, 3),
    "two images of three channels, S = 2, D = 4": Images(2, 3, 8, 7, 2, 3, 2, 5, 4),
}


#: Slips that show in one image and in several, and cost the first; a dilation that is ignored, as
#: the chapter has none, costs both.
OF_BOTH_SETS = {
    "filter-columns",
    "flipped",
    "gap-for-distance",
    "padding-forgotten",
    "padding-once",
    "padding-twice",
    "positions-by-column",
    "reach",
    "sides-exchanged",
    "transposed",
}


@exercise(
    "Patches with gaps",
    section=MATRIX,
    points=2,
    kind="implement",
    mistakes={
        "transposed": (
            "Rows and columns are exchanged.",
            "Each position is a row: give the transpose.",
        ),
        "shape": (
            "There is a row for each position of each image and a column for each number in a"
            " patch.",
            "Along a side the filter reaches over (F − 1) D + 1 pixels, and its last position is"
            " where this still fits into the padded image.",
        ),
    },
)
def patches(attempt):
    for label, images in IMAGES.items():
        told = OF_BOTH_SETS.intersection(attempt.mistakes)  # of the one image
        with attempt.part(label) as part:
            given = part.call(*images.args)
            options = {"counts": {"images": images.n, "channels": images.c}, "lengths": False}
            part.expect(given, images.matrix, of=[images, given], after=told, **options)


@patches.mistake(*DILATION_IGNORED)
def dilation_ignored(images, given):
    rows, across = images.positions
    each = images.rows_of(images.x, d=1)
    some = each.reshape(images.n, *images.positions_with(d=1), -1)[:, :rows, :across]
    return either(given, each, some.reshape(-1, each.shape[1]))


@patches.mistake(
    "Between the pixels under the filter lie D others. With a dilation D they are D apart.",
    "Step by D, not by D + 1: between two of them lie D − 1 others.",
)
def gap_for_distance(images, given):
    try:
        return images.rows_of(images.x, d=images.d + 1)
    except ValueError:  # such a filter does not fit
        return None


@patches.mistake(
    "Positions are missing at the end: the filter is taken to reach further than it does.",
    "From its first pixel to its last there are F − 1 steps of D: it reaches over (F − 1) D + 1"
    " pixels, not over D·F.",
)
def reach(images, given):
    p, too_far = images.p, [(images.d - 1,) * 2, (images.fh - 1, images.fw - 1)]
    forms = images.padded(*(((p, p - down), (p, p - across)) for down, across in too_far))
    return either(given, *forms)


@patches.mistake(
    "Neighbouring positions are D times too far apart.",
    "They are S pixels apart whatever D is; D parts the pixels under the filter.",
)
def stride_dilated(images, given):
    return images.rows_of(images.x, stride=images.s * images.d)


@patches.mistake(*SIDES_EXCHANGED)
def sides_exchanged(images, _):
    turned = spread(single_ones(images.c, images.fw, images.fh), images.d)
    return as_rows(convolved(images.x, turned, images.s, images.p))


def enter_orders(told: dict[str, tuple[str, str]]) -> None:
    """Enter the orders of the axes that are slips, by what is told of them."""
    for slug, (kind, fix) in told.items():

        def mistake(images, _, order=ORDERS[slug]):
            return images.written(order)

        mistake.__name__ = slug
        patches.mistake(kind, fix)(mistake)


enter_orders(
    {
        "channels-last": CHANNELS_LAST,
        "channels-first": (
            "The channel still stands before the positions, so a reshape mixes them.",
            "Transpose to n, row, column, channel, filter row, filter column first.",
        ),
        "filter-columns": (
            "Within a channel the patch is read column by column.",
            "Read it row by row: the filter's row comes before its column.",
        ),
        "positions-by-column": POSITIONS_BY_COLUMN,
        "images-interleaved": IMAGES_INTERLEAVED,
    }
)


@patches.mistake(
    "The patches are turned by 180°, as in mathematics' convolution.",
    "A layer does not turn its filter: leave out the [::-1].",
)
def flipped(images, _):
    turned = images.matrix.reshape(-1, images.c, images.fh * images.fw)[:, :, ::-1]
    return turned.reshape(images.matrix.shape)


@patches.mistake(
    "The patches are mirrored along an axis.",
    "Each is read from its first entry on: leave out the [::-1].",
)
def mirrored(images, given):
    by_axes = images.matrix.reshape(*images.axes.values())
    ways = [(4,), (5,), *([(3,), (3, 4), (3, 5), (3, 4, 5)] if images.c > 1 else [])]
    forms = (np.flip(by_axes, axes).reshape(images.matrix.shape) for axes in ways)
    return either(given, *forms)


@patches.mistake(
    "The stride is ignored, or applied along one side only.",
    "Neighbouring positions are S pixels apart, downwards and across: [::S, ::S].",
)
def stride_ignored(images, given):
    rows, across = images.positions
    each = images.rows_of(images.x, stride=1)
    width = images.matrix.shape[1]
    by_axes = each.reshape(images.n, *images.positions_with(stride=1), width)
    some = [by_axes[:, :rows, :across], by_axes[:, :: images.s], by_axes[:, :, :: images.s]]
    return either(given, each, *(v.reshape(-1, width) for v in some))


@patches.mistake(
    "The image is padded on some of its sides only, or with P in all.",
    "P zeros belong on each of the four sides: np.pad with (P, P) for rows and for columns.",
)
def padding_once(images, given):
    p, none = images.p, (0, 0)
    ends = [(p, 0), (0, p), (p // 2, p - p // 2), (p // 2, p // 2)]
    pads = [*((end, end) for end in ends), ((p, p), none), (none, (p, p))]
    return either(given, *images.padded(*pads))


@patches.mistake(
    "There are as many zeros as there should be, but not where they should be.",
    "Put P of them on each of the four sides, not 2P on one.",
)
def padding_at_one_end(images, given):
    ends = [(0, 2 * images.p), (2 * images.p, 0)]
    return either(given, *images.padded(*((a, b) for a in ends for b in ends)))


@patches.mistake("There are too many zeros.", "P on each of the four sides, not 2P, nor P·D.")
def padding_twice(images, given):
    sides = [(times * images.p,) * 2 for times in (2, images.d)]
    return either(given, *images.padded(*((side, side) for side in sides)))


@patches.mistake(
    "The padding is forgotten.", "Put P zeros on each of the four sides, before anything else."
)
def padding_forgotten(images, _):
    return next(iter(images.padded(((0, 0), (0, 0)))), None)


@patches.mistake(
    "The last position along a side is missing.",
    "Positions begin at 0, S, 2S, … up to H + 2P − (F_h − 1) D − 1, that one included.",
)
def last_position(images, _):
    return images.rows_of(images.x, pad=(images.p, images.p - 1))


@patches.mistake(
    "Around the image stand other numbers than zeros.",
    "np.pad repeats or mirrors the border if it is told to, and np.empty has anything in it: pad"
    " with zeros.",
)
def not_zeros(images, given):
    inside = images.rows_of(np.ones(images.shape)) > 0
    if not isinstance(given, np.ndarray) or given.shape != inside.shape or given.dtype.kind != "f":
        return None
    many = np.mean(given[~inside] != 0) > 0.5  # a single one is something else
    return np.where(inside, images.matrix, given) if many else None


@patches.mistake(
    "The axes stand in another order than that of the notation.",
    "Transpose to n, row, column, channel, filter row, filter column before you reshape.",
)
def axes_mixed(images, given):
    for order in (*KNOWN_ORDERS, *map("".join, permutations(AXES))):
        values = images.written(order)
        if values is not None and same(given, values):
            if order in KNOWN_ORDERS:
                return None
            sentence = patches.mistakes["axes-mixed"]
            return values, Told(f"{sentence} {images.told(order)}", sentence.fix)
    return None
