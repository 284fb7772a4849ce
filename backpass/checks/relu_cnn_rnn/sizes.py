"""How large is the output of a convolutional layer, and how large its matrix?"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.signal import convolve

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import MATRIX, patch_matrix
from backpass.gradcheck import diagnose

NAMES = ("out_rows", "out_columns", "matrix_rows", "matrix_columns")
#: n, C, H, W, F, S, P.
CASES = [(3, 2, 10, 7, 3, 1, 3), (2, 3, 11, 8, 2, 3, 1), (4, 5, 9, 12, 5, 2, 0)]


@dataclass(frozen=True)
class Side:
    """One side of an image, along which a filter moves; ``pad`` on each end, or (before, after)."""

    length: int
    f: int
    stride: int
    pad: int | tuple[int, int]

    @property
    def positions(self) -> int:
        """How many positions the filter has, by counting them."""
        padded = np.pad(np.zeros(self.length), self.pad)
        return len(convolve(padded, np.zeros(self.f), "valid")[:: self.stride])

    @property
    def steps(self) -> float:
        """How many steps of the stride lie between the first pixel and the last that it begins at.

        It need not be a whole number.
        """
        return (replace(self, stride=1).positions - 1) / self.stride


class Matrix(NamedTuple):
    """The size of the matrix of patches, and what it comes of."""

    rows: int
    columns: int
    n: int
    f: int


@exercise("How large is the output?", section=MATRIX, points=2, kind="predict")
def sizes(attempt):
    with attempt.part("rows and columns of the output") as part:
        called = ((case, part.call(*case, outputs=dict.fromkeys(NAMES, 0))) for case in CASES)
        for case, given in part.each(called, "for {}"):
            for length, answer in zip(case[2:4], given[:2], strict=True):
                side = Side(length, *case[4:])
                part.expect(answer, side.positions, of=[side, None], rtol=1e-9)
    with attempt.part("rows and columns of the matrix") as part:
        for case in CASES:
            given = part.call(*case, outputs=dict.fromkeys(NAMES, 0))
            sides = np.array([Side(length, *case[4:]).positions for length in case[2:4]])
            part.require(diagnose(given[:2], sides), "It can only be right once the output is.")
            shape = patch_matrix(np.zeros(case[:4]), *case[4:]).shape
            matrix = Matrix(*shape, n=case[0], f=case[4])
            part.expect(given[2:], np.array(shape), of=[None, matrix], rtol=1e-9)


# A mistake is about a side of the output or about the matrix; the other is None then.


@sizes.mistake("The padding is counted once. It is added on both sides: 2P.")
def padding_once(side, _):
    return replace(side, pad=(side.pad, 0)).positions if side and side.pad else None


@sizes.mistake("The padding is not counted: the image grows by 2P.")
def padding_forgotten(side, _):
    return replace(side, pad=0).positions if side and side.pad else None


@sizes.mistake("The stride is ignored: only every S-th position is used.")
def stride_ignored(side, _):
    return replace(side, stride=1).positions if side else None


@sizes.mistake("One short: steps have a position at each end, so add 1 after the division.")
def one_short(side, _):
    return side.positions - 1 if side else None


@sizes.mistake(
    "This is not a whole number. A filter that would stick out at the far end has no place there:"
    " round down."
)
def not_floored(side, _):
    return side.steps + 1 if side else None


@sizes.mistake("Rounded up, but a filter that sticks out at the far end has no place there.")
def rounded_up(side, _):
    return np.ceil(side.steps) + 1 if side else None


@sizes.mistake("These are the rows for one image. Each of the n images has its own.")
def one_image(_, matrix):
    return np.array([matrix.rows / matrix.n, matrix.columns]) if matrix else None


@sizes.mistake("A row holds the patch in every channel: C·F² numbers.")
def channels_forgotten(_, matrix):
    return np.array([matrix.rows, matrix.f**2]) if matrix else None


@sizes.mistake("Rows and columns are exchanged: a position is a row.")
def swapped(_, matrix):
    return np.array([matrix.columns, matrix.rows]) if matrix else None
