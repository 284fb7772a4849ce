"""The way of an answer: measured, compared, named, told."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backpass.gradcheck.compare import Comparison, Right, compare, quietly
from backpass.gradcheck.kinks import Kinks, look_closer, tell_kinks
from backpass.gradcheck.lines import own_line
from backpass.gradcheck.measure import (
    Measured,
    copied,
    floats,
    in_double,
    measure,
    replaced,
    value_of,
)
from backpass.gradcheck.name import name_mistake
from backpass.gradcheck.plain import NotNumbers, plain, shown
from backpass.gradcheck.question import Question
from backpass.gradcheck.tell import Diagnosis, praise, refuse, tell


def diagnose(
    answer: object,
    expected: ArrayLike,
    *,
    batch: int | None = None,
    mistakes: dict | None = None,
    examples: ArrayLike | None = None,
    reduction: str | None = None,
    rtol: float | None = None,
    atol: float | NDArray | None = None,
    counts: dict[str, int] | None = None,
    lengths: bool = True,
    x: ArrayLike | None = None,
    rounding: float = 0.0,
) -> Diagnosis:
    """Say whether ``answer`` is ``expected`` and, if not, which mistake gives just such values.

    Parameters
    ----------
    answer : anything
        Numbers in any form NumPy can read are compared, all else is described.
    expected : array_like
        The right values. If they come from finite differences use :func:`check_gradient`, which
        knows their error.
    batch : int
        The number of examples that went in; without it sums and averages are not told apart.
    mistakes : dict
        From a slug to the values that a known wrong derivation gives, or to ``(values, hint)``.
        These are tried before the generic ones. With ``(None, hint)`` the hint stands for the
        explanation of the generic mistake of that slug, or follows it if it has facts to tell,
        such as the two shapes. ``{n}`` in a hint becomes the batch.
    examples : array_like, shape (batch, *expected.shape)
        The right values for each example alone. With them an answer made from one example only,
        or from all but one, is recognised too.
    reduction : "mean" or "sum"
        How ``expected`` puts the examples together. Without it (and without ``examples``) a factor
        of 1/batch is read as ``averaged-twice``, or else as ``averaged``.
    rtol, atol : float, or for atol an array of the shape of expected
        An entry is right if it differs by at most ``atol + rtol * abs(expected)``. The default
        ``rtol``, 1e-7, lies above what central differences reach (1e-9 for a well-scaled function)
        and another order of summation does (1e-13). One rounding to float32 costs up to 6e-8, so
        float32 is looked for on its own: a float32 answer is never right. The default ``atol``,
        1e-10 of the largest entry, is for entries that are zero up to rounding. If ``expected`` is
        float32 both are wider (1e-4, 1e-6) and float32 is right; an ``rtol`` above 1e-6,
        or an ``atol`` above 1e-6 of the largest entry, asks for no precision either.
    counts : dict
        From words to numbers that a factor may be, such as ``{"classes": 10}``.
    lengths : bool
        May a factor be the length of an axis? Not if that only counts points where numbers are
        compared, which are no sums either.
    x : array_like
        Where the gradient was taken: if some multiple of it is left over, that is said.
    rounding : float
        If ``expected`` is right to rounding and the answer should be so: how far off, in parts of
        the largest entry, rounding may leave it (``gradcheck.compare.ROUNDING`` as a rule). Finite
        differences, which lie further off, are then told as such. 0: all that ``rtol`` allows.

    Returns
    -------
    Diagnosis

    Raises
    ------
    ValueError, TypeError
        For faults of the question (``expected``, ``batch``, ``mistakes``, ``atol``), never of the
        answer.
    """
    right = Right.of(_in_precision_of(answer, expected), rtol, atol, rounding)
    with quietly():
        x = None if x is None else plain(x)
        question = Question.of(right, batch, mistakes, examples, reduction, counts, x, lengths)
        try:
            found = compare(plain(answer), right)
        except NotNumbers as error:
            return refuse(error, question)
        return _judged(found, question)


def matches(
    answer: object,
    expected: ArrayLike,
    *,
    rtol: float | None = None,
    atol: float | NDArray | None = None,
    rounding: float = 0.0,
) -> bool:
    """Is ``answer`` what is ``expected``? It is if :func:`diagnose` says so; this says no more."""
    if (plainly := _plainly(answer, expected, rtol, atol, rounding)) is not None:
        return plainly
    right = Right.of(_in_precision_of(answer, expected), rtol, atol, rounding)
    with quietly():
        try:
            return compare(plain(answer), right).ok
        except NotNumbers:
            return False


def _plainly(answer, expected, rtol, atol, rounding) -> bool | None:
    """Are two arrays of float64 the same to the last digits, or too far apart in some entry? None
    if it takes a closer look to say.

    Who looks for what was done compares with thousands of wrong values, nearly all of which are
    seen here; and so is nearly all that is right.
    """
    if not type(answer) is type(expected) is np.ndarray:
        return None
    if not answer.dtype == expected.dtype == float:
        return None
    if answer.shape != expected.shape:
        return False
    with np.errstate(all="ignore"):
        size = np.abs(expected).max(initial=0) or 1.0
        off = np.abs(answer - expected).max(initial=0)
        most = 1e-10 * size if atol is None else np.max(atol, initial=0)
        most += (1e-7 if rtol is None else rtol) * size
        if not np.isfinite(size):
            return None
        if off > 1.001 * most:  # never so with NaN
            return False
        least = 1e-10 * size if atol is None else np.min(atol, initial=np.inf)
        # So near to what is right no digits lack, whatever the type that they were computed in.
        return True if off <= 0.999 * min(least, rounding * size or np.inf) else None


def check_gradient(
    f: Callable,
    gradient: Callable | ArrayLike | dict,
    x: ArrayLike | dict,
    *,
    method: str = "central",
    rtol: float | None = None,
    batch: int | None = None,
    mistakes: dict | None = None,
    examples: ArrayLike | dict | None = None,
    reduction: str | None = None,
    counts: dict[str, int] | None = None,
    lengths: bool = True,
) -> Diagnosis:
    """:func:`diagnose` a gradient against finite differences of ``f`` at ``x``.

    Beyond the mistakes of ``diagnose`` it names ``mutated`` (the gradient function changed its
    argument), ``exception`` (with the line), ``accumulated`` (it adds to the result of the call
    before), ``pair`` (it returns the loss too), ``exchanged`` (the gradients of two arrays, of a
    dict), and ``kink``: where the slopes of ``f`` on the two sides of ``x`` do not meet, any value
    between them is accepted and the message says so.

    How noisy ``f`` is near ``x`` is measured, and the gradient judged by that. If ``f`` computes in
    float32, then that is the precision asked for. Where the noise hides any gradient as large as
    this one, ``noise`` says so: that is no fault of the gradient, but nothing speaks for it.

    Parameters
    ----------
    f : callable
        A function of an array (or of a dict of arrays) that returns a number, the loss.
    gradient : callable or array_like
        A function of the same argument, or its value at ``x``. For a dict, a dict.
    x : array of floats, or a dict of them
        Where the gradient is asked for.
    method : str
        As for :func:`numerical_gradient`.
    rtol : float
        As for :func:`diagnose`. How far off an entry may be besides, ``atol`` there, is measured.
    batch, mistakes, examples, reduction, counts, lengths
        As for :func:`diagnose`. With a dict ``x``, ``mistakes`` and ``examples`` are dicts by the
        names in ``x``.

    Returns
    -------
    Diagnosis
        For a dict ``x``, the first that is not right, ``where`` starting with the name.

    Raises
    ------
    ValueError, TypeError
        As :func:`numerical_gradient`, for faults of ``f`` and ``x``, and as :func:`diagnose`, for
        those of the question.
    """
    known = {
        "batch": batch,
        "mistakes": mistakes,
        "examples": examples,
        "reduction": reduction,
        "counts": counts,
        "lengths": lengths,
    }
    named = isinstance(x, dict)
    x = {key: floats(value) for key, value in x.items()} if named else floats(x)
    if callable(gradient):
        gradient, stopped = _evaluated(gradient, x)
        if stopped is not None:
            return stopped
    if named:
        return _check_each(f, gradient, x, method=method, rtol=rtol, **known)
    if (place := _gradient_of_pair(gradient, f, x)) is not None:
        inner = check_gradient(f, gradient[place], x, method=method, rtol=rtol, **known)
        return _of_a_pair(inner, place)
    low, x = x.dtype != np.float64, x if method == "complex" else in_double(f, x)
    measured, kinks = measure(f, x, method), Kinks()
    if low:  # that is what the answer was computed in
        measured = replace(measured, values=measured.values.astype(np.float32))
    right = _right(measured, gradient, rtol)
    with quietly():
        question = Question.of(right, **known, x=x)
        try:
            answer = plain(gradient)
        except NotNumbers as error:
            return refuse(error, question)
        found = compare(answer, right)
        closer = found.comparable and method != "complex"
    if closer:
        measured, kinks = look_closer(f, x, measured, found)
    with quietly():
        found = compare(answer, _right(measured, gradient, rtol))
        if found.ok and not (kinks.text or measured.shrunk) and _is_hidden(answer, measured):
            return _of_noise(answer, measured)
        return tell_kinks(_judged(found, question), kinks, found)


def _is_hidden(answer: NDArray, measured: Measured) -> bool:
    """Would minus the answer be as right as it is, because f is so noisy?

    What is zero up to rounding is smaller by far than what noise does to a difference. And a slope
    of less than HIDDEN is as good as none: where a loss is saturated it lies below the last digits.
    """
    size, doubt = np.abs(answer), np.broadcast_to(measured.error, answer.shape)
    beyond = (size > 1e-4 * doubt) & (doubt > HIDDEN)
    return bool(np.all(2 * size <= doubt) and np.any(beyond))


#: The largest slope that noise may hide without a word.
HIDDEN = 1e-6


def _of_noise(answer: NDArray, measured: Measured) -> Diagnosis:
    size, doubt = np.max(np.abs(answer)), np.max(measured.error)
    text = f"It cannot be told. Near x the values of f jump about by {measured.noise:.1g}, so that"
    text += f" slopes are known to ±{doubt:.1g}, and the largest of yours is {size:.1g}: minus it"
    text += " would do as well. Is something large added in f, or does it round? Leave that out,"
    return Diagnosis(False, "noise", None, f'{text} or use method="complex".')


def _right(measured: Measured, answer: object, rtol: float | None) -> Right:
    """What was measured, as precisely as it is known, or as the answer's own library computes."""
    values, atol = _in_precision_of(answer, measured.values), measured.atol
    if values.dtype == np.float32:  # a small entry is what is left there of large terms
        atol = atol + 1e-6 * measured.size
    right = Right.of(values, rtol, atol)
    # Of a loss that is as noisy as one in float32, a gradient in float32 is as good.
    return replace(right, strict=right.strict and measured.far <= 1e-9 * measured.level)


def _in_precision_of(answer: object, expected: ArrayLike) -> ArrayLike:
    """The right values in float32 for another library's float32 (a tensor), else as they are."""
    if isinstance(answer, np.ndarray | np.generic) or not hasattr(answer, "__array__"):
        return expected
    with suppress(NotNumbers):
        kind = plain(answer).dtype
        if kind.kind == "f" and np.finfo(kind).eps > 1e-10:
            return plain(expected).astype(np.float32)
    return expected


def _judged(found: Comparison, question: Question) -> Diagnosis:
    """The end of the way: a comparison is named, if it must be, and told."""
    return praise(question) if found.ok else tell(found, name_mistake(found, question), question)


def _gradient_of_pair(answer: object, f: Callable, x: NDArray | dict) -> int | None:
    """Where the gradient stands, 1 or 0, if this is the loss and the gradient together."""
    if not isinstance(answer, tuple | list) or len(answer) != 2 or np.shape(x) == (2,):
        return None
    for place in (1, 0):
        with suppress(NotNumbers, TypeError):
            loss = plain(answer[1 - place])
            if loss.shape == () and np.isclose(float(loss), float(value_of(f, x)), 1e-6):
                return place
    return None


def _of_a_pair(inner: Diagnosis, place: int) -> Diagnosis:
    text = "The gradient function returns the loss and the gradient together: hand over the"
    text += f" gradient alone, [{place}]. Of that: {inner.message}"
    return Diagnosis(False, "pair", None, text)


def _evaluated(gradient: Callable, x: NDArray | dict) -> tuple[object, Diagnosis | None]:
    """The gradient function's answer for a copy of ``x``, or a Diagnosis of why there is none."""
    named = isinstance(x, dict)
    given = copied(x)
    try:
        answer = _kept(gradient(given))  # it may be an array that the next call adds to
        again = gradient(copied(x))
    except Exception as error:
        text = f"The gradient function stopped with {type(error).__name__}: {error}"
        return None, Diagnosis(False, "exception", None, f"{text}{own_line(error)}.")
    for key in x if named else [None]:
        before, after = (x[key], given.get(key)) if named else (x, given)
        if not np.array_equal(before, after, equal_nan=True):
            which = f"{key!r} in its argument" if named else "its argument"
            text = f"The gradient function changes {which} in place. Work on a copy."
            return None, Diagnosis(False, "mutated", (key,) if named else None, text)
    pairs = [(answer, again)]
    if isinstance(answer, dict) and isinstance(again, dict):
        pairs = [(answer[key], again[key]) for key in answer.keys() & again.keys()]
    told = (_accumulated(first, second) for first, second in pairs)
    return answer, next((one for one in told if one is not None), None)


def _kept(answer: object) -> object:
    """A copy of an array or of a dict of arrays, anything else as it is."""
    if isinstance(answer, dict):
        return {key: _kept(value) for key, value in answer.items()}
    return answer.copy() if isinstance(answer, np.ndarray) else answer


def _accumulated(first: object, second: object) -> Diagnosis | None:
    """What is wrong with a gradient function that gives another result when called again."""
    try:
        first, second = plain(first), plain(second)
    except NotNumbers:
        return None
    with quietly():
        size = np.max(np.abs(first), initial=0)
        if first.shape != second.shape or np.allclose(second, first, 1e-6, 1e-9 * size, True):
            return None
        if np.allclose(second, 2 * first, 1e-6, 1e-9 * size):
            text = "Called again with the same argument, it gives twice as much: what it returns is"
            text += " added to the gradient of the call before. Begin from zeros in each call."
            return Diagnosis(False, "accumulated", None, text)
    text = "Called again with the same argument, the gradient function gives another result: does"
    text += " it draw random numbers, or keep something between calls?"
    return Diagnosis(False, "changing", None, text)


def _check_each(
    f: Callable, gradient: object, x: dict, mistakes=None, examples=None, **options
) -> Diagnosis:
    """``check_gradient`` for a function of a dict of arrays, one array after the other."""
    if (place := _gradient_of_pair(gradient, f, x)) is not None:
        inner = _check_each(f, gradient[place], x, mistakes, examples, **options)
        return _of_a_pair(inner, place)
    if not isinstance(gradient, dict) or set(gradient) != set(x):
        text = f"The gradient should be a dict with the keys {list(x)}, not {shown(gradient)}."
        return Diagnosis(False, "type", None, text)

    def of(name, given):
        """The diagnosis of what was ``given`` for the gradient at ``x[name]``."""
        known = {"mistakes": (mistakes or {}).get(name), "examples": (examples or {}).get(name)}
        return check_gradient(
            lambda value: f(replaced(x, name, value)), given, x[name], **options | known
        )

    right, wrong = [], []
    for name in x:
        found = of(name, gradient[name])
        (right if found else wrong).append((name, found))
    if not wrong:
        told = "; ".join(f"{name}: {found.message}" for name, found in right)
        return Diagnosis(True, message=told)
    wrong = _with_exchanges(wrong, gradient, x, of)
    text = " ".join(f"{name}: {found.message}" for name, found in wrong)
    text += f" Right: {', '.join(name for name, _ in right)}." if right else ""
    name, found = wrong[0]
    return replace(found, where=(name, *(found.where or ())), message=text)


def _with_exchanges(wrong: list, gradient: dict, x: dict, of: Callable) -> list:
    """The wrong ones, of which two may be right in each other's place: then that is what is said.

    What has a name of its own, but for its shape, is not looked at.
    """
    doubtful = [name for name, found in wrong if found.mistake in (None, "shape")]
    told = dict(wrong)
    for a, b in combinations(doubtful, 2):
        if np.shape(gradient[a]) != x[b].shape or np.shape(gradient[b]) != x[a].shape:
            continue
        if of(b, gradient[a]) and of(a, gradient[b]):
            text = f"The gradients at {a} and {b} are exchanged: each is right for the other."
            told[a], told[b] = (Diagnosis(False, "exchanged", None, text) for _ in range(2))
    return list(told.items())
