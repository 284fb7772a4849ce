"""How an answer lies beside the right values: shape, precision, and which entries are off."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backpass.gradcheck.plain import plain


@contextmanager
def quietly() -> Iterator[None]:
    """NaN, infinity and the mean of no numbers are told in words, not by NumPy's warnings."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


#: How far off rounding may leave what is computed in float64, in parts of the largest entry. In the
#: answers of the tests it is 2e-14 at most; the best differences are 3e-12 off and more.
ROUNDING = 5e-13

#: How far off the worst differences are that still look like the right values.
ROUGH = 1e-5


@dataclass(frozen=True, eq=False)
class Right:
    """The right values, and how near an answer must come to them.

    ``values`` are float64 or complex128. An entry is right if it differs by at most
    ``atol + rtol * |value|``. ``size`` is that of the largest finite entry (1 if there is none);
    ``strict`` says that the precision of float64 is asked for. ``rounding``, unless it is 0, says
    that the values are right to rounding, and how far off that may leave an answer.
    """

    values: NDArray
    rtol: float
    atol: float | NDArray
    size: float
    strict: bool
    rounding: float = 0.0

    @classmethod
    def of(
        cls,
        expected: ArrayLike,
        rtol: float | None = None,
        atol: float | NDArray | None = None,
        rounding: float = 0.0,
    ) -> "Right":
        """The tolerances of :func:`backpass.gradcheck.diagnose` for what is ``expected``.

        Raises NotNumbers, and ValueError for an ``atol`` that NumPy would have to stretch.
        """
        expected = plain(expected)
        if np.ndim(atol) and np.shape(atol) != expected.shape:
            raise ValueError(f"atol has the shape {np.shape(atol)}, expected {expected.shape}")
        double = expected.dtype.kind not in "fc" or np.finfo(expected.dtype).eps < 1e-10
        values = expected.astype(complex if expected.dtype.kind == "c" else float) + 0.0  # no −0
        size = np.max(np.abs(values), initial=0, where=np.isfinite(values)) or 1.0
        rtol = (1e-7 if double else 1e-4) if rtol is None else rtol
        atol = (1e-10 if double else 1e-6) * size if atol is None else atol
        strict = double and rtol <= 1e-6 and bool(np.max(atol, initial=0) <= 1e-6 * size)
        return cls(values, rtol, atol, size, strict, rounding if strict else 0.0)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape

    def close(
        self,
        answer: NDArray,
        values: NDArray | None = None,
        *,
        rtol: float | None = None,
        atol: float | NDArray | None = None,
    ) -> NDArray[np.bool_]:
        """Entry by entry: is ``answer`` within the tolerance of ``values`` (else the right ones)?

        NaN equals NaN here.
        """
        values = self.values if values is None else values
        rtol, atol = self.rtol if rtol is None else rtol, self.atol if atol is None else atol
        near = np.isfinite(values) & (np.abs(answer - values) <= atol + rtol * np.abs(values))
        return near | (answer == values) | (np.isnan(answer) & np.isnan(values))


@dataclass(frozen=True, eq=False)
class Comparison:
    """An answer beside the right values.

    ``answer`` is an array of floats (complex if the right values are) that came as numbers of the
    type ``given``. ``low`` names the low precision that its values show, ``""`` if none.
    ``imaginary`` is ``"zero"`` for a complex answer to a real question without imaginary part,
    whose real part ``answer`` then is; ``"there"`` if it has one.
    """

    answer: NDArray
    right: Right
    given: np.dtype
    imaginary: str = ""

    @cached_property
    def same_shape(self) -> bool:
        return self.answer.shape == self.right.shape

    @property
    def comparable(self) -> bool:
        """Are these finite real numbers in the right shape, so that differences mean something?"""
        return self.same_shape and not self.imaginary and bool(np.all(np.isfinite(self.answer)))

    @cached_property
    def close(self) -> NDArray[np.bool_]:
        """Which entries are right; asked for only where the shape is."""
        return self.right.close(self.answer)

    @cached_property
    def low(self) -> str:
        return _low_precision(self) if self.same_shape else ""

    @cached_property
    def rough(self) -> bool:
        """Are these the right values to fewer digits than rounding leaves, where all are asked for?

        More than one entry must show it, if there are more.
        """
        if not (self.right.rounding and self.same_shape):
            return False
        off = np.abs(self.answer - self.right.values) / self.right.size
        most = min(2, np.count_nonzero(self.right.values))
        return bool(np.all(off <= ROUGH) and np.sum(off > self.right.rounding) >= max(most, 1))

    @property
    def right_values(self) -> bool:
        """Is it right, an imaginary part of zeros overlooked?"""
        alike = self.same_shape and self.imaginary != "there" and self.close.all()
        return bool(alike) and not self.low

    @property
    def ok(self) -> bool:
        return self.right_values and not self.imaginary and not self.rough

    @cached_property
    def worst(self) -> tuple[int, ...]:
        """The index of the entry that is furthest off, in units of what is allowed."""
        allowed = self.right.atol + self.right.rtol * np.abs(self.right.values)
        off = np.abs(self.answer - self.right.values) / allowed
        return largest(np.nan_to_num(np.where(self.close, -1.0, off), nan=1e300))

    def reshaped(self) -> "Comparison":
        """The same entries in the right shape."""
        entries = self.answer.reshape(self.right.shape)
        return Comparison(entries, self.right, entries.dtype)


def compare(answer: NDArray, right: Right) -> Comparison:
    """Lay a plain array beside the right values."""
    if answer.dtype.kind == "c" and right.values.dtype.kind != "c":
        if not np.all(np.abs(answer.imag) <= 1e-12 * np.max(np.abs(answer), initial=0)):
            return Comparison(answer, right, answer.dtype, "there")
        real = answer.real
        return Comparison(real.astype(float) + 0.0, right, real.dtype, "zero")
    return Comparison(answer.astype(right.values.dtype) + 0.0, right, answer.dtype)


def relative_error(a: ArrayLike, b: ArrayLike) -> float:
    """The largest ``|a − b| / max(|a|, |b|)`` over the entries, with 0/0 = 0; symmetric.

    ``a`` and ``b`` are arrays of numbers, else ``TypeError``, of one shape, else ``ValueError``:
    NumPy's stretching of (n,) against (n, 1) hides mistakes. NaN anywhere gives NaN.
    """
    a, b = plain(a), plain(b)
    if a.shape != b.shape:
        raise ValueError(f"the shapes differ: {a.shape} and {b.shape}")
    a, b = (v.astype(complex if v.dtype.kind == "c" else float) for v in (a, b))
    size = np.maximum(np.abs(a), np.abs(b))
    with np.errstate(all="ignore"):
        error = np.where(a == b, 0.0, np.abs(a - b) / size)
    return float(np.max(np.where(np.isinf(size) & (a != b), np.inf, error), initial=0.0))


def largest(values: NDArray) -> tuple[int, ...]:
    """The index of the entry that is largest in size, the finite ones first."""
    size = np.abs(values)
    if not np.isfinite(size.flat[np.argmax(size)]):  # NaN counts as the largest
        size = np.where(np.isfinite(values), size, -1)
    return tuple(int(i) for i in np.unravel_index(np.argmax(size), values.shape))


def _low_precision(found: Comparison) -> str:
    """The low precision that the values show, by their type or by all being float32."""
    answer, right = found.answer, found.right
    if not right.strict:
        return ""
    if found.given.kind in "fc" and np.finfo(found.given).eps > 1e-10:
        return found.given.name
    if answer.dtype.kind == "c" or not (answer == answer.astype(np.float32)).all():
        return ""
    # Round numbers (11 bits or fewer) are in float32 too and prove nothing, nor does an error
    # that finite differences could have made.
    round_ = np.frexp(answer)[0] * 2**11 % 1 == 0
    return "float32" if (~round_ & ~right.close(answer, rtol=1e-9)).any() else ""
