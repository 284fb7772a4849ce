"""The gradient of a function by finite differences or the complex step, and how far to trust it."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backpass.gradcheck.plain import NotNumbers, plain


def numerical_gradient(
    f: Callable, x: ArrayLike | dict, method: str = "central", h: float | None = None
) -> NDArray | dict:
    """The gradient of ``f`` at ``x`` by differences, an array of the shape of ``x``.

    The default step is ``scale * max(1, abs(x))`` for each entry, with the scale that balances
    truncation against rounding (Nocedal & Wright, *Numerical Optimization*, 2nd ed., sec. 8.1),
    eps being the machine precision of ``x``:

    - ``"central"``: (f(x+h) − f(x−h)) / 2h, scale eps^(1/3), relative error about eps^(2/3);
    - ``"forward"``: (f(x+h) − f(x)) / h, scale eps^(1/2), relative error about eps^(1/2);
    - ``"complex"``: Im f(x+ih) / h with h = 1e-20, exact to rounding because nothing is
      subtracted (Squire & Trapp 1998, *SIAM Review* 40(1), 110–112). ``f`` must be analytic and
      compute in complex numbers; one that drops the imaginary part is detected.

    Parameters
    ----------
    f : callable
        A function of one array of the shape of ``x`` that returns a number. It is given copies.
    x : array of floats of any shape, or a number; or a dict of them
        For a dict, ``f`` is a function of a dict, and so is the gradient one.
    method : "central", "forward" or "complex"
    h : float
        A step to use for every entry instead.

    Raises
    ------
    TypeError
        ``x`` is not made of floats, or ``f`` does not return one number.
    ValueError
        Unknown method, bad ``h``, ``f`` not finite near ``x``, or ``f`` not fit for the complex
        step.
    """
    if isinstance(x, dict):
        return {
            name: numerical_gradient(lambda v, name=name: f(replaced(x, name, v)), old, method, h)
            for name, old in x.items()
        }
    x = floats(x)
    h, _ = steps_of(f, x, method, h)
    if method == "complex":
        gradient = np.array([_imaginary(f, x, i, h[i]) / h[i] for i in np.ndindex(x.shape)])
        gradient = gradient.reshape(x.shape).astype(x.dtype)
        _compare_with_central(f, x, gradient)
        return gradient
    gradient, here = np.empty(x.shape, x.dtype), None
    if method == "forward":
        here = float(value_of(f, x))
    for i in np.ndindex(x.shape):
        up, above = _moved(f, x, i, h[i])
        down, below = _moved(f, x, i, -h[i]) if here is None else (here, float(x[i]))
        gradient[i] = (up - down) / (above - below)
    return gradient


@dataclass(frozen=True, eq=False)
class Measured:
    """A gradient as it was measured.

    ``values``, of the shape of x, are float32 if f computes no better. Each may be wrong by
    ``error``, the rounding error of the differences; ``steps`` are those that were taken, and
    ``size`` is that of the largest entry they gave.
    """

    values: NDArray
    error: NDArray | float
    steps: NDArray
    size: float

    @property
    def atol(self) -> NDArray | float:
        """How far off an entry may be: its error, and 1e-10 of the largest entry for zeros."""
        return self.error + 1e-10 * self.size


def measure(f: Callable, x: NDArray, method: str = "central") -> Measured:
    """Measure the gradient of f at the array of floats ``x``; see :func:`numerical_gradient`.

    The rounding error of central and forward differences is taken as 8 eps |f| / h.
    """
    h, eps = steps_of(f, x, method)
    values = numerical_gradient(f, x, method)
    if eps > 1e-10:
        values = values.astype(np.float32)  # f has no more, so float32 answers are right
    error = 0.0 if method == "complex" else 8 * eps * np.abs(value_of(f, x)) / h
    return Measured(values, error, h, np.max(np.abs(values), initial=0))


def slope(f: Callable, x: ArrayLike | dict) -> NDArray | dict:
    """The gradient of the number ``f(x)`` by complex steps, exact to the last digits.

    ``x`` is an array of any shape, or a dict of arrays; the gradient has its form. ``f`` must be
    made of analytic functions: write ``np.where(z.real > 0, z, 0)`` for a ReLU, and no ``abs``.
    """
    return numerical_gradient(f, x, method="complex")


def vjp(v: ArrayLike, f: Callable, x: ArrayLike | dict) -> NDArray | dict:
    """The vector–Jacobian product ``vᵀ ∂f/∂x``, of the shape of ``x``; see :func:`slope`.

    ``v`` has the shape of ``f(x)``.
    """
    return slope(lambda x: np.sum(v * f(x)), x)


def replaced(x: dict, name: str, value: object) -> dict:
    """A copy of the dict ``x`` with one entry replaced, arrays and all: f may change them."""
    return {**{key: np.array(old) for key, old in x.items()}, name: value}


def floats(x: ArrayLike) -> NDArray:
    """``x`` as an array of floats of its own."""
    x = plain(x)
    if x.dtype.kind != "f":
        raise TypeError(
            f"x holds {x.dtype.name} numbers, and a small step would be lost or would not fit: "
            "pass an array of floats, such as x.astype(float)."
        )
    return x


def value_of(f: Callable, x: NDArray) -> np.number:
    """f(x) for a copy of x, as a NumPy number; anything but one finite real number raises."""
    value = f(x.copy())
    try:
        value = plain(value)
    except NotNumbers as error:
        raise TypeError(f"f should return one number, and returned {error}") from None
    if value.ndim or value.dtype.kind == "c":
        kind = f"an array of shape {value.shape}" if value.ndim else "a complex number"
        raise TypeError(f"f should return one real number, and returned {kind}. Is a sum missing?")
    if not np.isfinite(value):
        raise ValueError(f"f is {value} at or near x: differences need finite values around x.")
    return value[()]


def steps_of(f: Callable, x: NDArray, method: str, h: float | None = None) -> tuple[NDArray, float]:
    """The step for every entry, and the machine precision it was chosen for."""
    powers = {"central": 1 / 3, "forward": 1 / 2, "complex": None}
    if method not in powers:
        raise ValueError(f"method is one of {', '.join(powers)}, not {method!r}")
    if h is not None and not 0 < h < np.inf:
        raise ValueError(f"the step h must be a positive number, not {h!r}")
    value = value_of(f, x)
    if value != value_of(f, x):
        raise ValueError("f gives another value when called again with the same x: fix its seed.")
    kinds = [x.dtype] + [value.dtype] * (value.dtype.kind == "f")
    eps = max(float(np.finfo(kind).eps) for kind in kinds)
    if h is None:
        h = 1e-20 if method == "complex" else eps ** powers[method] * np.maximum(1, np.abs(x))
    return np.broadcast_to(np.asarray(h, float), x.shape), eps


def slopes(f: Callable, x: NDArray, i: tuple, h: float) -> list[float]:
    """The slopes of f ahead of x[i] and behind it."""
    here = float(value_of(f, x))
    moves = (_moved(f, x, i, step) for step in (h, -h))
    return [(value - here) / (place - float(x[i])) for value, place in moves]


def _moved(f, x, i, step):
    """f with x[i] moved by ``step``, and where x[i] then is: the sum is rounded."""
    moved = x.copy()
    moved[i] += step
    return float(value_of(f, moved)), float(moved[i])


def _imaginary(f, x, i, h):
    """Im f(x + ih), or an error if f does not carry the imaginary part through."""
    z = x.astype(complex)
    z[i] += 1j * h
    with warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        try:
            value = plain(f(z))
        except np.exceptions.ComplexWarning:
            value = np.zeros(())
        except TypeError as error:
            error.add_note('method="complex" calls f with complex numbers.')
            raise
    if value.dtype.kind != "c" or value.ndim:
        raise ValueError(
            "f does not carry complex numbers through to one number (abs, .real, float(), a float "
            'array to store into?): the complex step cannot be used; method="central" can.'
        )
    return value[()].imag


def _compare_with_central(f, x, gradient):
    """Raise if the complex step disagrees with central differences along one direction."""
    along = np.random.default_rng(0).uniform(0.5, 1, x.shape) * np.maximum(1, np.abs(x))
    total = np.sum(gradient * along)
    for h in (6e-6, 6e-8):
        try:
            with np.errstate(all="ignore"):
                central = (value_of(f, x + h * along) - value_of(f, x - h * along)) / (2 * h)
        except ValueError:
            return
        noise = 1e-14 * abs(value_of(f, x)) / h
        if abs(central - total) <= 1e-3 * np.sum(np.abs(gradient * along)) + noise:
            return
    raise ValueError(
        f"Along one direction the complex step gives {total:.6g}, central differences "
        f"{central:.6g}: f drops part of the imaginary part (abs, .real, .conj?) or has a kink at "
        'x. method="central" can be used.'
    )
