"""What several exercises on ReLU in convolutional and recurrent nets share.

Inputs, forward functions, sections, and the sentences of mistakes that can be made in more than one
exercise, each with its way out. Neither images nor filters are square, and batch, channels and
widths differ, so that a slip shows.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backpass.checks.remembered import by_value
from backpass.gradcheck import vjp

MATRIX = "Section: “A convolution is a matrix product”."
BACK = "Section: “The way back: col2im”."
ACTIVE = "Section: “ReLU on active units”."
BOUNDS = "Section: “Bounds told right”."
PRODUCTS = "Section: “Different matrices, or one matrix many times”."

# ------------------------------------------------------------- the order of a matrix of patches

CHANNELS_LAST = (
    "The channel is the fastest of a row's three indices.",
    "It is the slowest: channel, filter row, filter column.",
)
POSITIONS_BY_COLUMN = (
    "The positions run down the columns of the output first.",
    "Let them run along its rows: in the order n, row, column.",
)
IMAGES_INTERLEAVED = (
    "The rows of different images are mixed.",
    "All positions of the first image come first: begin the order of the axes with n.",
)
DILATION_IGNORED = (
    "The pixels under the filter are neighbours, as in the chapter's layer. Here they lie D apart.",
    "Take every D-th pixel from the filter's first one on: rows i·D, columns j·D from there.",
)
SIDES_EXCHANGED = (
    "The filter's height and width are exchanged.",
    "F_h counts its rows, F_w its columns; in W they are axes 2 and 3.",
)

# ------------------------------------------------------------------------ numbers and nearness


def draw(seed: int, *shapes: int | tuple[int, ...]) -> list[np.ndarray]:
    """Arrays of these shapes with entries between −1 and 1, the same at every run."""
    uniform = np.random.default_rng(seed).uniform
    return [uniform(-1, 1, shape) for shape in shapes]


def same(given: object, value: np.ndarray | float) -> bool:
    """Is ``given`` an array of the numbers in ``value``?"""
    if not isinstance(given, np.ndarray) or given.shape != np.shape(value):
        return False
    if given.dtype.kind not in "biufc":
        return False
    if given.size and given.dtype.kind != "c":  # one entry rules out most, many times faster
        one, other = given.flat[0].item(), np.ravel(value)[0].item()
        if not (one == other or abs(one - other) <= 1e-12 + 1e-7 * abs(other)):
            return False
    return bool(np.allclose(given, value, rtol=1e-7, atol=1e-12))


def either(given: object, *forms: np.ndarray | float) -> np.ndarray | float:
    """Of the forms that one mistake can take the one that was given, or else the first."""
    return next((form for form in forms if same(given, form)), forms[0])


def is_empty(given: object) -> bool:
    """Is ``given`` an array without entries?"""
    return isinstance(given, np.ndarray) and not given.size


# ---------------------------------------------------------------------------------------- ReLU


def relu(z: np.ndarray) -> np.ndarray:
    """Of any shape, also for complex steps."""
    return np.where(z.real > 0, z, 0)


def passed(v: np.ndarray, at: np.ndarray) -> np.ndarray:
    """What of ``v`` a ReLU with the inputs ``at`` lets back; at 0, where it has a kink, nothing."""
    return vjp(v, relu, np.where(at == 0, -1.0, at))


# -------------------------------------------------------------------------------- convolutions


def spread(w: np.ndarray, d: int) -> np.ndarray:
    """Filters (…, rows, across) whose entries lie d apart, with zeros between."""
    rows, across = w.shape[-2:]
    found = np.zeros((*w.shape[:-2], (rows - 1) * d + 1, (across - 1) * d + 1), w.dtype)
    found[..., ::d, ::d] = w
    return found


def convolved(x: np.ndarray, w: np.ndarray, stride: int, pad: int | tuple[int, int]) -> np.ndarray:
    """A layer's outputs (n, k, rows, across) for images x (n, c, …) and filters w (k, c, …).

    ``pad`` counts the zeros on each side, or those before and after, in rows and columns alike.
    """
    pad = pad if isinstance(pad, tuple) else (pad, pad)
    x = np.pad(x, [(0, 0), (0, 0), pad, pad])
    seen = sliding_window_view(x, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("ncxyij,kcij->nkxy", seen, w)


def as_rows(y: np.ndarray) -> np.ndarray:
    """Outputs (n, k, rows, across) as a matrix: a row for each position, a column for each k."""
    return np.moveaxis(y, 1, -1).reshape(-1, y.shape[1])


def single_ones(c: int, height: int, width: int) -> np.ndarray:
    """All filters (c, height, width) with a single 1, in the order of its place."""
    return np.eye(c * height * width).reshape(-1, c, height, width)


@by_value
def rows_of_patches(
    x: np.ndarray, height: int, width: int, stride: int, pad: int | tuple[int, int], d: int
) -> np.ndarray:
    """What filters (height, width) whose entries lie d apart see of images x, a row for each
    position of each image.
    """
    ones = spread(single_ones(x.shape[1], height, width), d)
    return as_rows(convolved(x, ones, stride, pad))


#: The axes of a matrix of patches: image, row and column of the position; channel, row and column
#: in the filter. An order of these letters is an order in which its numbers may stand.
AXES = "nracij"
WORDS = dict(
    zip(AXES, ("image", "row", "column", "channel", "filter row", "filter column"), strict=True)
)

#: The orders that are slips with a name of their own, by that.
ORDERS = {
    "channels-last": "nraijc",
    "channels-first": "ncraij",
    "filter-columns": "nracji",
    "positions-by-column": "narcij",
    "images-interleaved": "rancij",
}
KNOWN_ORDERS = (AXES, *ORDERS.values())


@dataclass(eq=False)
class Layer:
    """A layer of filters (c, fh, fw) on n images: stride s, padding p on each side, dilation d."""

    n: int
    c: int
    height: int
    width: int
    fh: int
    fw: int
    s: int
    p: int
    d: int

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """That of the images."""
        return self.n, self.c, self.height, self.width

    @cached_property
    def positions(self) -> tuple[int, int]:
        """How many positions a filter has downwards and across."""
        image, one = np.zeros((1, 1, *self.shape[2:])), np.zeros((1, 1, self.fh, self.fw))
        return convolved(image, spread(one, self.d), self.s, self.p).shape[2:]

    def positions_with(self, *, stride: int | None = None, d: int | None = None) -> list[int]:
        """:attr:`positions` with another stride or dilation."""
        sizes = self.n, self.c, self.height, self.width, self.fh, self.fw
        return [*Layer(*sizes, stride or self.s, self.p, d or self.d).positions]

    @property
    def axes(self) -> dict[str, int]:
        """The lengths of :data:`AXES`, by letter and in that order."""
        return dict(zip(AXES, (self.n, *self.positions, self.c, self.fh, self.fw), strict=True))

    def told(self, order: str) -> str:
        """An order of :data:`AXES` in words; what there is only one of is left out."""
        words = [[WORDS[a] for a in axes if self.axes[a] > 1] for axes in (order, AXES)]
        yours, right = (", ".join(names) for names in words)
        return f"Yours: {yours}. Wanted, slowest first: {right}."

    def rows_of(
        self,
        x: np.ndarray,
        *,
        stride: int | None = None,
        pad: int | tuple[int, int] | None = None,
        d: int | None = None,
    ) -> np.ndarray:
        """The patches of images x as the rows of a matrix: each column is what a filter with a
        single 1 finds. Another stride, padding or dilation if given.
        """
        pad = self.p if pad is None else pad
        return rows_of_patches(x, self.fh, self.fw, stride or self.s, pad, d or self.d)

    def effects(
        self, w: np.ndarray, *, stride: int | None = None, d: int | None = None, cut: bool = True
    ) -> np.ndarray:
        """What each pixel alone does to the outputs of filters w: (c, …, k, rows, across).

        The dots are the height and width of an image; without ``cut``, of one with its padding.
        """
        edge = 0 if cut else self.p
        size = self.c, self.height + 2 * edge, self.width + 2 * edge
        alone = np.eye(np.prod(size)).reshape(-1, *size)  # images with a single 1
        rows, across = self.positions
        seen = convolved(alone, spread(w, d or self.d), stride or self.s, self.p - edge)
        seen = seen[:, :, :rows, :across]
        return seen.reshape(*size, *seen.shape[1:])

    @cached_property
    def places(self) -> np.ndarray:
        """The matrix of patches of images whose pixels are numbered from 1 on."""
        pixels = np.arange(1.0, np.prod(self.shape) + 1).reshape(self.shape)
        return self.rows_of(pixels).astype(int)

    def put_back(self, columns: np.ndarray, *, first: bool) -> np.ndarray:
        """Patches put back so that the first one to reach a pixel stays, or else the last one."""
        flat = np.zeros(np.prod(self.shape) + 1)  # the first entry is the padding's
        for place, row in list(zip(self.places, columns, strict=True))[:: -1 if first else 1]:
            flat[place] = row
        return flat[1:].reshape(self.shape)

    def added_back(self, columns: np.ndarray) -> np.ndarray:
        """Patches put back so that what reaches a pixel is added."""
        sums = np.bincount(self.places.ravel(), columns.ravel(), np.prod(self.shape) + 1)
        return sums[1:].reshape(self.shape)


def sent_back(v: np.ndarray, effects: np.ndarray) -> np.ndarray:
    """What of v (n, k, rows, across), at the outputs, comes back to the images (n, c, …).

    A layer is linear: what comes back to a pixel from an output is what it does to that output, as
    :meth:`Layer.effects` tells.
    """
    return np.tensordot(v, effects, axes=([1, 2, 3], [3, 4, 5]))
