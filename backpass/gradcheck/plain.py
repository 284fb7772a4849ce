"""Numbers in whatever form somebody gives them, as a plain array; and words for anything else."""

import inspect
import reprlib
import types
import warnings
from collections.abc import Callable

import numpy as np


class NotNumbers(TypeError):
    """Raised by :func:`plain`; its text says what was found instead of numbers.

    ``tell`` gives the text when somebody asks for it: to print what was found may take long, and
    who only tries whether it is numbers never asks.
    """

    def __init__(self, tell: Callable[[], str]) -> None:
        self._tell = tell

    def __str__(self) -> str:
        return self._tell()


def shown(value: object) -> str:
    """A short ``repr`` of anything, even of what cannot be printed."""
    try:
        return reprlib.repr(value)
    except BaseException:  # it is somebody else's code
        return f"<{type(value).__name__}>"


def apart(a: float, b: float) -> tuple[str, str]:
    """Two numbers as texts, with as many digits as it takes to see the difference."""
    for digits in (6, 10, 17):
        pair = f"{a:.{digits}g}", f"{b:.{digits}g}"
        if pair[0] != pair[1]:
            break
    return pair


#: What NumPy itself makes: of these an array is made without a warning, or any code of others.
_OWN = {np.ndarray, float, int, bool, complex, np.float64, np.float32, np.complex128, np.int64}


def plain(value: object) -> np.ndarray:
    """Copy numbers in any form into a plain array, once, so that nothing of their own behaviour
    (``__eq__``, subclasses, views of live data) is left. Raises :class:`NotNumbers`."""
    if type(value) in _OWN and (array := np.array(value)).dtype.kind in "biufc":
        return array
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # conversions that NumPy frowns upon are judged below
        try:
            array = np.array(np.asarray(value))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # an `__array__` of somebody else may do anything
            if isinstance(value, list | tuple):
                text = f"a {type(value).__name__} of {len(value)} things that make no one array."
                raise NotNumbers(lambda: text) from None
            said = str(error)
            raise NotNumbers(lambda: f"{described(value)} NumPy says: {said}") from None
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise NotNumbers(lambda: "a masked array; fill it, or do without the mask.")
    if array.dtype.kind in "biufc":
        return array
    if array.ndim and isinstance(value, list | tuple | np.ndarray):
        entries = np.ndenumerate(array)
        others = (one for one in entries if not isinstance(one[1], int | float | complex))
        if first := next(others, None):
            where, entry = first
            kind = f"a {type(value).__name__} of objects, not of numbers"
            raise NotNumbers(lambda: f"{kind}: at {list(where)} stands {described(entry)}")
        raise NotNumbers(lambda: f"an array of objects (dtype {array.dtype}): make it float.")
    raise NotNumbers(lambda: described(value))


def described(value: object) -> str:
    """What something is that is not numbers, to end a sentence with."""
    if value is None:
        return "None: is a `return` missing?"
    if value is ... or value is NotImplemented:
        return f"{value!r}, the placeholder."
    if isinstance(value, str | bytes):
        return f"the text {shown(str(value) if isinstance(value, str) else value)}."
    if isinstance(value, types.ModuleType):
        return f"the module {value.__name__}."
    if isinstance(value, type):
        return f"the class {value.__name__}."
    if inspect.isgenerator(value) or inspect.iscoroutine(value):
        return "a generator or coroutine: `return` the numbers, without `yield` or `async`."
    if isinstance(value, dict):
        return f"a dictionary with the keys {shown(list(value))}."
    if str(type(value).__module__).startswith("sympy."):
        return f"the SymPy expression {shown(value)}: turn it into numbers (float, lambdify)."
    if isinstance(value, int | float | complex | np.number):
        return f"the number {shown(value)}."
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}."
    if inspect.isroutine(value):
        return f"the function {getattr(value, '__name__', '')}: call it to get its numbers."
    return f"an object of type {type(value).__name__}, not an array of numbers."
