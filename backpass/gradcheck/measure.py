"""The gradient of a function by finite differences or the complex step, and how far to trust it."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from math import factorial, isfinite

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
    steps, _ = steps_of(f, x, method, h)
    if method == "complex":
        found = _complex_steps(f, x, steps)
    else:
        found = _differences(f, x, steps, method, smaller=6 if h is None else 0)[0]
    hear([found])
    return found


#: A list for each who listens to what is measured.
_listening: list[list[NDArray]] = []


def hear(gradients: Iterable[NDArray]) -> None:
    """Let those who listen know what was measured, here or in another process."""
    for heard in _listening:
        heard += [gradient.copy() for gradient in gradients]


@contextmanager
def overheard() -> Iterator[list[NDArray]]:
    """A list of the gradients that :func:`numerical_gradient` gives as long as this is open."""
    heard: list[NDArray] = []
    _listening.append(heard)
    try:
        yield heard
    finally:
        _listening[:] = [one for one in _listening if one is not heard]


@np.errstate(all="ignore")  # around x the function may end, or overflow, without a word
def _differences(
    f: Callable, x: NDArray, h: NDArray, method: str, *, smaller: int = 6
) -> tuple[NDArray, NDArray]:
    """Central or forward differences, and the steps that were taken.

    Next to where f ends (a log near 0) a step is divided by 16, so many times as ``smaller`` says,
    until f is finite there.
    """
    gradient, steps = np.empty(x.shape, x.dtype), np.array(h)
    here = float(value_of(f, x)) if method == "forward" else None
    for i in np.ndindex(x.shape):
        for tries_left in range(smaller, -1, -1):
            try:
                up, above = _moved(f, x, i, steps[i])
                down, below = _moved(f, x, i, -steps[i]) if here is None else (here, float(x[i]))
                break
            except NotFinite:
                if not tries_left:
                    raise
                steps[i] /= 16
        gradient[i] = (up - down) / (above - below)
    return gradient, steps


def _complex_steps(f: Callable, x: NDArray, h: NDArray) -> NDArray:
    with warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        z, steps = x.astype(complex), zip(np.ndindex(x.shape), h.flat, strict=True)
        gradient = np.array([_imaginary(f, z, i, step) / step for i, step in steps])
    gradient = gradient.reshape(x.shape).astype(x.dtype)
    _compare_with_central(f, x, gradient)
    return gradient


class NotFinite(ValueError):
    """f is NaN or infinite where its value is needed."""


@dataclass(frozen=True, eq=False)
class Measured:
    """A gradient as it was measured.

    ``values``, of the shape of x, are float32 if f computes no better. Each may be wrong by
    ``error``, what the noise of f does to the differences; ``steps`` are those that were taken,
    and ``size`` is that of the largest entry. ``noise`` is that of f at x, ``far`` the same or
    more, a step away from x, where the terms of f may be larger; ``level`` is the size of f(x).
    ``shrunk`` says that f bends within the usual steps, so that smaller ones were taken.
    """

    values: NDArray
    error: NDArray | float
    steps: NDArray
    noise: float
    far: float
    size: float
    level: float
    shrunk: bool = False

    def jitter(self, i: tuple, step: float) -> float:
        """The noise of f where x[i] is moved by ``step``."""
        part = step / self.steps[i]
        grows = self.far > 2 * self.noise  # the terms are then those of the step, not of x
        return self.noise + (self.far - self.noise) * (part if grows else min(1.0, part))

    @property
    def atol(self) -> NDArray | float:
        """How far off an entry may be: its error, and 1e-10 of the largest entry for zeros."""
        return self.error + 1e-10 * self.size


@np.errstate(all="ignore")
def measure(f: Callable, x: NDArray, method: str = "central") -> Measured:
    """Measure the gradient of f at the array of floats ``x``; see :func:`numerical_gradient`.

    The usual steps are taken smaller where f bends within them, as with entries of 1e-8. An entry's
    error is taken as SAFETY times the :func:`noise` of f divided by the step, which is 14 standard
    deviations of a central difference of values with independent noise.
    """
    usual, eps = steps_of(f, x, method)
    h = usual
    if method == "complex":
        values, near, far = _complex_steps(f, x, h), 0.0, 0.0
    else:
        near = noise(f, x, eps)
        values, h = _differences(f, x, usual * _shrink(f, x, usual, near), method)
        if not values.any():
            near = max(near, _least_jump(f, x, h) / 4)
        far = noise_away(f, x, h, eps)
    if eps > 1e-10:
        values = values.astype(np.float32)  # f has no more, so float32 answers are right
    far = max(near, far)
    size, level = np.max(np.abs(values), initial=0), abs(float(value_of(f, x)))
    shrunk = bool(np.any(h < usual))
    return Measured(values, SAFETY * far / h, h, near, far, size, level, shrunk)


#: An error is taken as so many times the noise, divided by the step.
SAFETY = 10


def noise(f: Callable, x: NDArray, eps: float = 2.0**-52) -> float:
    """How much the value of f jumps about near ``x`` by rounding: a standard deviation, about.

    Rounding errors are those of the terms of f, not of their sum: where the terms cancel, the
    value says nothing of its noise. So it is measured, as Moré & Wild do (2011, *Estimating
    computational noise*, SIAM Journal on Scientific Computing 33(3), 1292–1314): of values at
    equally spaced points on a line, high differences leave nothing of what is smooth, and the k-th
    multiplies the variance of independent noise by (2k)!/(k!)². The points lie so close that
    nothing else is left, and so far apart that most values differ. The noise is never taken below
    a quarter of the last digit of f(x).

    Raises what ``f`` raises, and TypeError or ValueError as :func:`numerical_gradient`.
    """
    largest = np.max(np.abs(x), initial=0) or 1.0
    scale, draw = np.where(x == 0, largest, np.abs(x)), np.random.default_rng(0)
    found = [eps * abs(float(value_of(f, x))) / 4]
    for spacing in (0.09, 0.0571, 0.0419):  # of unlike size: steps by whole digits show no noise
        along = draw.choice([-1.0, 1.0], x.shape) * draw.uniform(0.5, 1, x.shape)
        found.append(_least_jitter(f, x, scale * along, spacing * eps**0.5, eps))
    return max(found)


def _shrink(f: Callable, x: NDArray, h: NDArray, noise: float) -> float:
    """What to multiply all steps by: 1, or less if smaller steps show another slope.

    The slope is that along one direction. Of the steps, the largest is taken that agrees with all
    smaller ones, as far as noise lets them say.
    """
    along = h * np.random.default_rng(1).choice([-1.0, 1.0], x.shape)
    powers = 16.0 ** -np.arange(7)
    slopes, doubts = np.full(7, np.inf), np.full(7, np.inf)
    for i, power in enumerate(powers):
        with suppress(NotFinite):
            ends = ((x + way * power * along).astype(x.dtype) for way in (1, -1))
            up, down = (float(value_of(f, end)) for end in ends)
            slopes[i] = (up - down) / (2 * power)
            level = np.finfo(float).eps / 4 * max(abs(up), abs(down))
            doubts[i] = SAFETY * max(noise, level) / power
    for i, power in enumerate(powers):
        smaller = slice(i + 1, None)
        allowed = 0.1 * np.abs(slopes[smaller]) + doubts[smaller]
        if np.isfinite(slopes[i]) and np.all(np.abs(slopes[i] - slopes[smaller]) <= allowed):
            return power
    return 1.0


#: A jump of f that is larger is one of f, not of the rounding of its terms.
LARGEST_JUMP = 1e-10


def _least_jump(f: Callable, x: NDArray, h: NDArray) -> float:
    """By how much f changes where it first does, if no step as long as ``h`` changes it; else 0.

    Next to 0 a saturated loss is flat: 1 + exp(−40) is 1, and its logarithm 0. Further off it goes
    up by a step, the last digit of that 1, and its slope cannot be known better than the step says.
    A continuous function has no least step, so the place is closed in on until it is between two
    neighbours. Of a function that jumps by more than LARGEST_JUMP the value 0 stands.
    """
    here, along = float(value_of(f, x)), np.random.default_rng(2).choice([-1.0, 1.0], x.shape) * h

    def moved(times: float) -> float:
        with np.errstate(all="ignore"), suppress(ArithmeticError, ValueError):
            return abs(float(value_of(f, (x + times * along).astype(x.dtype))) - here)
        return np.inf  # f ends there

    found = []
    for way in (1, -1):
        near, far = 0.0, None
        for times in way * 4.0 ** np.arange(15):
            if moved(times):
                far = times
                break
            near = times
        while far is not None and near != (middle := (near + far) / 2) != far:
            near, far = (near, middle) if moved(middle) else (middle, far)
        found += [] if far is None else [moved(far)]
    return min((jump for jump in found if jump <= LARGEST_JUMP), default=0.0)


def noise_away(f: Callable, x: NDArray, h: NDArray, eps: float = 2.0**-52) -> float:
    """The noise of f a step away from x, all entries moved at once; 0 where f is not finite."""
    signs = np.random.default_rng(0).choice([-1.0, 1.0], x.shape)
    try:
        return noise(f, (x + h * signs).astype(x.dtype), eps)
    except NotFinite:
        return 0.0


def _least_jitter(f: Callable, x: NDArray, along: NDArray, spacing: float, eps: float) -> float:
    """The noise of f on a line; ``along`` is as long as x, and ``spacing`` a fraction of it.

    Between points further apart than they need be, a kink, or a smooth function that bends
    quickly, looks like noise, but less of it the closer they come. Noise stays.
    """

    def values(factor: float) -> NDArray:
        places = ((x + i * factor * spacing * along).astype(x.dtype) for i in range(-4, 5))
        return np.array([float(value_of(f, place)) for place in places])

    def moves(found: NDArray) -> bool:
        return np.count_nonzero(np.diff(found)) >= 4

    def jitter(factor: float) -> float | None:
        found = values(factor)
        if not moves(found):
            return None
        # Steps that are each as long as the last digit, or some of them, leave nothing, and say
        # nothing: what far closer ones leave is asked. If twice they leave nothing, and yet closer
        # ones still move f, then there is no noise.
        none = eps * np.max(np.abs(found)) / 4
        for nearer in (64, 64**2):
            if left := _jitter(found):
                return left
            if not moves(found := values(factor / nearer)):
                return None
        return none

    tried = ((power, jitter(64.0**power)) for power in range(4))
    power, least = next((found for found in tried if found[1] is not None), (0, 0.0))
    if power and (jitter(8 * 64.0**power) or 0.0) > 4 * least:
        return 0.0  # it grows with the spacing, as a kink does, where there is nothing closer by
    for power in range(1, 5):
        closer = jitter(64.0**-power)
        if closer is None or closer > least / 4:
            break
        least = closer
    return least


def _jitter(values: list[float]) -> float:
    """The standard deviation of the noise in values at equally spaced points."""
    # The squares of large numbers would be infinite; by a power of 2 nothing is rounded.
    size = 2.0 ** min(np.frexp(np.max(np.abs(values)))[1], 1023)
    table, found = np.array(values) / size, []
    for k in range(1, 6):
        table = np.diff(table)
        if k >= 3:
            found.append(np.sqrt(factorial(k) ** 2 / factorial(2 * k) * np.mean(table**2)))
    return float(max(found) * size)


def slope(f: Callable, x: ArrayLike | dict) -> NDArray | dict:
    """The gradient of the number ``f(x)`` by complex steps, exact to the last digits.

    ``x`` is an array of any shape, or a dict of arrays; the gradient has its form. ``f`` must be
    made of analytic functions: write ``np.where(z.real > 0, z, 0)`` for a ReLU, and no ``abs``.

    Raises
    ------
    TypeError, ValueError
        As :func:`numerical_gradient` with ``method="complex"``.
    """
    return numerical_gradient(f, x, method="complex")


def vjp(v: ArrayLike, f: Callable, x: ArrayLike | dict) -> NDArray | dict:
    """The vector–Jacobian product ``vᵀ ∂f/∂x``, of the shape of ``x``; see :func:`slope`.

    ``v`` has the shape of ``f(x)``.

    Raises
    ------
    ValueError
        If the shapes of ``v`` and ``f(x)`` differ, and as :func:`slope`.
    TypeError
        If ``v`` or ``f(x)`` is not made of numbers, and as :func:`slope`.
    """
    return slope(lambda x: weighed(v, f(x)), x)


def weighed(v: object, values: object, names: tuple[str, str] = ("v", "f(x)")) -> np.number:
    """The sum of ``v * values``, two arrays of one shape, which are called by their ``names``.

    Where NumPy would stretch one to the other, (n,) against (n, 1), each entry would count n times:
    ``ValueError``. ``TypeError`` if one is not made of numbers.
    """
    v, values = map(_array, (v, values), names)
    if v.shape != values.shape:
        raise ValueError(
            f"{names[0]} has the shape {v.shape} and {names[1]} the shape {values.shape}: give "
            f"{names[0]} the shape of {names[1]}, a number for each entry."
        )
    # What np.sum comes to in the end: it looks longer at what it is given than it adds.
    return np.add.reduce(v * values, axis=None)


def _array(value, name):
    if type(value) is np.ndarray and value.dtype.kind in "biufc":
        return value  # nothing to read, and it need not be copied
    try:
        return plain(value)
    except NotNumbers as error:
        raise TypeError(f"{name} should be an array of numbers, and is {error}") from None


def replaced(x: dict, name: str, value: object) -> dict:
    """A copy of the dict ``x`` with one entry replaced, arrays and all: f may change them."""
    return {**{key: np.array(old) for key, old in x.items()}, name: value}


def in_double(f: Callable, x: NDArray) -> NDArray:
    """``x`` in float64, if ``f`` computes in float64 there what it computes in float32, else as is.

    The steps that float32 needs are long, and a net of many ReLUs has a kink within most of them.
    """
    if x.dtype == np.float64:
        return x
    wide = x.astype(np.float64)
    with suppress(Exception):  # f may be made for float32 alone
        low, high = value_of(f, x), value_of(f, wide)
        doubled = high.dtype == np.float64 != low.dtype
        if doubled and noise(f, wide) <= 1e-10 * max(abs(float(high)), 1e-300):
            return wide
    return x


def floats(x: ArrayLike) -> NDArray:
    """``x`` as an array of floats of its own."""
    x = plain(x)
    if x.dtype.kind != "f":
        raise TypeError(
            f"x holds {x.dtype.name} numbers, and a small step would be lost or would not fit: "
            "pass an array of floats, such as x.astype(float)."
        )
    return x


def copied(x: NDArray | dict) -> NDArray | dict:
    """A copy of an array, or of a dict of arrays with the arrays in it."""
    return {key: value.copy() for key, value in x.items()} if isinstance(x, dict) else x.copy()


def value_of(f: Callable, x: NDArray | dict) -> np.number:
    """f(x) for a copy of x, as a NumPy number; anything but one finite real number raises."""
    return _number(f(copied(x)))


def _number(value: object) -> np.number:
    """What f gave; anything but one finite real number raises."""
    if type(value) is np.float64 and isfinite(value):
        return value  # nothing to read, and this is where the time goes
    try:
        value = plain(value)
    except NotNumbers as error:
        raise TypeError(f"f should return one number, and returned {error}") from None
    if value.ndim or value.dtype.kind == "c":
        kind = f"an array of shape {value.shape}" if value.ndim else "a complex number"
        raise TypeError(f"f should return one real number, and returned {kind}. Is a sum missing?")
    if not np.isfinite(value):
        raise NotFinite(f"f is {value} at or near x: differences need finite values around x.")
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
    return np.full(x.shape, h, float), eps


def central(f: Callable, x: NDArray, i: tuple, h: float) -> tuple[float, float]:
    """The central difference of f along x[i] (NaN if the step is lost in x[i]); and how large the
    values were that it is made of.
    """
    (up, above), (down, below) = (_moved(f, x, i, step) for step in (h, -h))
    slope = (up - down) / (above - below) if above != below else np.nan
    return slope, max(abs(up), abs(down))


def slopes(f: Callable, x: NDArray, i: tuple, h: float) -> list[float]:
    """The slopes of f ahead of x[i] and behind it."""
    here = float(value_of(f, x))
    moves = (_moved(f, x, i, step) for step in (h, -h))
    return [(value - here) / (place - float(x[i])) for value, place in moves]


def _moved(f, x, i, step):
    """f with x[i] moved by ``step``, and where x[i] then is: the sum is rounded."""
    moved = x.copy()
    moved[i] += step
    place = float(moved[i])  # before f, which may change its copy
    return float(_number(f(moved))), place


def _imaginary(f, z, i, h):
    """Im f(z + ih), or an error if f does not carry the imaginary part through.

    The warning that it is dropped must have been made an error.
    """
    moved = z.copy()
    moved[i] += 1j * h
    try:
        value = f(moved)
        if type(value) is np.complex128:
            return value.imag  # nothing to read, and this is where the time goes
        value = plain(value)
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


@lru_cache(100)
def _direction(shape):
    """A direction in which every entry moves: always the same one."""
    return np.random.default_rng(0).uniform(0.5, 1, shape)


def _compare_with_central(f, x, gradient):
    """Raise if the complex step disagrees with central differences along one direction."""
    along = _direction(x.shape) * np.maximum(1, np.abs(x))
    total = np.sum(gradient * along)
    for h in (6e-6, 6e-8):
        try:
            with np.errstate(all="ignore"):
                central = (value_of(f, x + h * along) - value_of(f, x - h * along)) / (2 * h)
        except ValueError:
            return
        apart = abs(central - total) - 1e-3 * np.sum(np.abs(gradient * along))
        if apart <= 0 or apart <= SAFETY * noise(f, x) / h:  # the noise takes long to measure
            return
    raise ValueError(
        f"Along one direction the complex step gives {total:.6g}, central differences "
        f"{central:.6g}: f drops part of the imaginary part (abs, .real, .conj?) or has a kink at "
        'x. method="central" can be used.'
    )
