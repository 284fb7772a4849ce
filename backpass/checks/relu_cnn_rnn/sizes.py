"""How large is the output of a convolutional layer, and how large its matrix?"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps

import numpy as np
from scipy.signal import convolve

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import MATRIX, either, patch_matrix

NAMES = ("out_rows", "out_columns", "matrix_rows", "matrix_columns")
#: n, C, H, W, F, S, P. A slip is told by what it gives for all of them.
CASES = [(3, 2, 10, 7, 3, 1, 3), (2, 3, 11, 8, 2, 3, 1), (4, 5, 9, 12, 5, 2, 0)]
HERE = "n = {}, C = {}, H = {}, W = {}, F = {}, S = {}, P = {}"


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


#: The two sides of the image in each case, by the name of what is asked of them.
SIDES = {
    name: [Side(case[i], *case[4:]) for case in CASES]
    for name, i in zip(NAMES, (2, 3), strict=False)
}
N, C, H, W, F, S, P = np.array(CASES, float).T
ROWS, COLUMNS = (np.array([side.positions for side in sides]) for sides in SIDES.values())
MATRICES = np.array([patch_matrix(np.zeros(case[:4]), *case[4:]).shape for case in CASES])
#: The four numbers in each case, by name.
RIGHT = dict(zip(NAMES, (ROWS, COLUMNS, *MATRICES.T), strict=True))


@exercise("How large is the output?", section=MATRIX, points=2, kind="predict")
def sizes(attempt):
    for label, asked in [
        ("rows and columns of the output", NAMES[:2]),
        ("rows and columns of the matrix", NAMES[2:]),
    ]:
        with attempt.part(label) as part:
            part.outputs(
                CASES, RIGHT, asked, of=lambda *of: of, here=HERE, follows=for_output, rtol=1e-9
            )


def for_output(found: dict) -> dict:
    """The right numbers, but the rows of the matrix those for the output that was given."""
    positions = found["out_rows"] * found["out_columns"]
    return RIGHT | {"matrix_rows": RIGHT["matrix_rows"] * positions / (ROWS * COLUMNS)}


def of_side(slip: Callable) -> Callable:
    """A mistake ``slip(side)`` in the size of the output along a side, in one form or several."""

    @wraps(slip)
    def mistake(name, given):
        if name not in SIDES:
            return None
        return one_of(given, np.transpose([np.ravel(slip(side)) for side in SIDES[name]]))

    return mistake


def one_of(given: object, forms: np.ndarray) -> np.ndarray:
    """Of the forms of a mistake, each a row of numbers, that which was given, or the first."""
    return either(given, *np.array(forms, float))


@sizes.mistake("The padding is counted once. It is added on both sides: 2P.")
@of_side
def padding_once(side):
    return replace(side, pad=(side.pad, 0)).positions


@sizes.mistake("The padding is not counted, or as if it were 1: the image grows by 2P.")
@of_side
def padding_forgotten(side):
    return [replace(side, pad=pad).positions for pad in (0, 1)]


@sizes.mistake("P is counted on each side once: the image grows by 2P, neither more nor less.")
@of_side
def padding_twice(side):
    smaller = replace(side, length=max(side.length - 2 * side.pad, side.f), pad=0)
    return [replace(side, pad=2 * side.pad).positions, smaller.positions]


@sizes.mistake("The stride is ignored: only every S-th position is used.")
@of_side
def stride_ignored(side):
    return replace(side, stride=1).positions


@sizes.mistake(
    "The filter is not taken off, or with another sign: its last position begins F pixels before"
    " the end of the padded image."
)
@of_side
def filter_forgotten(side):
    longer = [replace(side, length=side.length + more).positions for more in (side.f, 2 * side.f)]
    return [*longer, longer[0] - 1, replace(side, f=1).positions]


@sizes.mistake(
    "This is for a dilated filter, whose pixels lie apart. Here they are neighbours, and it is F"
    " long."
)
@of_side
def dilated(side):
    return [replace(side, f=2 * side.f - 1).positions]


@sizes.mistake("One short: steps have a position at each end, so add 1 after the division.")
@of_side
def one_short(side):
    return [side.positions - 1, np.floor(side.steps + 1 / side.stride), side.positions - 2]


@sizes.mistake("One too many: 1 is added once, after the division.")
@of_side
def one_too_many(side):
    return [side.positions + 1, np.floor(side.steps + 1 / side.stride) + 1]


@sizes.mistake(
    "This is not a whole number. A filter that would stick out at the far end has no place there:"
    " round down."
)
@of_side
def not_floored(side):
    return side.steps + 1


@sizes.mistake("Rounded up, but a filter that sticks out at the far end has no place there.")
@of_side
def rounded_up(side):
    return [np.ceil(side.steps) + 1, np.round(side.steps) + 1]


@sizes.mistake(
    "Only the last term is divided by S. In H + 2P − F the sum comes first: set brackets."
)
@of_side
def brackets_forgotten(side):
    start = side.length - side.f
    wrong = start + 2 * side.pad // side.stride, side.length + 2 * side.pad - side.f // side.stride
    return np.array(wrong) + 1


@sizes.mistake("This is the size that padding “same” gives, H/S. Here P is given.")
@of_side
def same_padding(side):
    return [np.ceil(side.length / side.stride), side.length // side.stride]


@sizes.mistake("This is the number along the other side of the image, which need not be square.")
def other_side(name, given):
    others = {NAMES[0]: COLUMNS, NAMES[1]: ROWS}
    return others.get(name)


def of_matrix(asked: str) -> Callable:
    """A mistake in the rows or columns of the matrix, in one form or several."""

    def only(slip):
        @wraps(slip)
        def mistake(name, given):
            return one_of(given, np.atleast_2d(slip())) if name == asked else None

        return mistake

    return only


@sizes.mistake("These are the rows for one image. Each of the n images has its own.")
@of_matrix("matrix_rows")
def one_image():
    return ROWS * COLUMNS


@sizes.mistake(
    "A position has one row, whatever the number of channels: they lie beside each other in it."
)
@of_matrix("matrix_rows")
def channels_in_rows():
    return [N * C * ROWS * COLUMNS, C * ROWS * COLUMNS]


@sizes.mistake(
    "Each row of the output meets each of its columns: an image has as many positions as their"
    " product."
)
@of_matrix("matrix_rows")
def not_all_positions():
    return [N * (ROWS + COLUMNS), N * ROWS, N * COLUMNS, ROWS + COLUMNS]


@sizes.mistake("That is a row for each pixel of the images; there is one for each position.")
@of_matrix("matrix_rows")
def pixels():
    return [N * H * W, H * W, N * C * H * W]


@sizes.mistake("A row holds the patch in every channel: C·F² numbers.")
@of_matrix("matrix_columns")
def channels_forgotten():
    return [F**2, F]


@sizes.mistake("A patch has F rows and F columns: F² numbers in each channel.")
@of_matrix("matrix_columns")
def not_squared():
    return [C * F, 2 * C * F, N * C * F, C]


@sizes.mistake("The images stand below each other, in the rows: a row is one patch of one image.")
@of_matrix("matrix_columns")
def images_in_columns():
    return [N * C * F**2, N * F**2]


@sizes.mistake("Rows and columns are exchanged: a position is a row.")
def swapped(name, given):
    rows, columns = MATRICES.T
    wrong = {"matrix_rows": [columns, F**2], "matrix_columns": [rows, rows / N]}
    return one_of(given, wrong[name]) if name in wrong else None
