"""One answer, many forms: what is right is read in each of them.

:func:`read` makes a plain array of numbers in any form, :func:`several` takes results apart that
came together, and :func:`fit` gives an array the shape of what it is laid beside, where only one
can be meant.
"""

import dataclasses
from collections.abc import Generator, Iterator, Mapping, Sequence, Set, ValuesView
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from backpass.checks.deadline import TimeUp
from backpass.checks.symbols import entries, is_symbolic, worked_out
from backpass.gradcheck.plain import NotNumbers, described, plain

Shape = tuple[int, ...]


class OtherForm(Exception):
    """Raised by :func:`several`; its text says what came instead, to end a sentence with."""


def read(value: object) -> object:
    """Numbers in any form as a plain array of their own; anything else as it is.

    Besides what NumPy can read these are SymPy's numbers (also a derivative, a sum or an integral
    that is not worked out yet), fractions, decimals, and whatever else becomes a float.
    """
    try:
        return plain(value)
    except NotNumbers:
        found = _converted(value)
        return value if found is None else found


def _converted(value: object) -> NDArray | None:
    """A plain array of what NumPy takes for objects, or None if they are not all numbers."""
    if value is None or isinstance(value, str | bytes | Mapping | Set | np.ma.MaskedArray):
        return None
    try:
        objects = entries(value)
        numbers = [_number(entry) for entry in objects.flat]
        whole = numbers and None not in numbers
        return np.array(numbers).reshape(objects.shape) if whole else None
    except (KeyboardInterrupt, TimeUp):
        raise
    except BaseException:  # somebody else's object may do anything
        return None


def _number(value: object) -> complex | float | int | None:
    """A number in whatever form as one of Python's or NumPy's, or None."""
    if isinstance(value, bool | int | float | complex | np.number | np.bool_):
        return value
    if is_symbolic(value):
        value = worked_out(value)
        if not getattr(value, "is_number", False):
            return None
        value = value.evalf(30)
    elif isinstance(value, str | bytes | type):
        return None
    for convert in (float, complex):
        if hasattr(value, f"__{convert.__name__}__"):
            try:
                return convert(value)
            except (TypeError, ValueError):
                continue
    return None


def several(result: object, names: Sequence[str], shapes: Sequence[Shape] | None = None) -> tuple:
    """The results of these names, in this order, as :func:`read` gives them.

    They may come one after the other (in a tuple, a list, a vector, an iterator) or by name (in a
    dict, a namedtuple, an object with just these attributes). Where their ``shapes`` are known and
    all alike, an array may hold one of them in each row; and a single result may come by itself.
    Raises :class:`OtherForm`.
    """
    found = _by_name(result, names)
    if found is None:
        found = _in_order(result, len(names), shapes)
    values = tuple(read(value) for value in found)
    if shapes is None:
        return values
    return tuple(fit(value, shape) for value, shape in zip(values, shapes, strict=True))


def _by_name(result: object, names: Sequence[str]) -> list | None:
    """What stands under just these names, or None if it has no names or others."""
    if isinstance(result, Mapping):
        fields = {str(key): value for key, value in result.items()}
        if set(fields) != set(names):
            keys = f"the keys {', '.join(fields)}" if fields else "no keys"
            raise OtherForm(f"a dictionary with {keys}.")
    elif hasattr(result, "_fields") and isinstance(result, tuple):
        fields = dict(zip(result._fields, result, strict=True))
    elif hasattr(result, "__dict__") and not isinstance(result, type | np.ndarray):
        fields = vars(result)
    elif dataclasses.is_dataclass(result):  # with slots
        fields = {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}
    else:
        return None
    return [fields[name] for name in names] if set(fields) == set(names) else None


def _in_order(result: object, n: int, shapes: Sequence[Shape] | None) -> list:
    """So many results, one after the other."""
    if isinstance(result, Iterator):
        result = list(islice(result, n + 1))
        if len(result) > n:
            raise OtherForm(f"an iterator over more than {n} things.")
    elif isinstance(result, ValuesView):
        result = list(result)
    elif is_symbolic(result) and (n == 1 or entries(result).ndim):
        result = entries(result).ravel().tolist()
    if isinstance(result, Sequence) and not isinstance(result, str | bytes):
        if len(result) == n:
            return list(result)
        numbers = read(result) if shapes is not None and not any(shapes) else None
        if isinstance(numbers, np.ndarray) and numbers.size == n:
            return list(numbers.flat)  # in groups: two pairs for four
        raise OtherForm(f"{len(result)} things." if len(result) != 1 else "one thing.")
    array = read(result)
    alone = n == 1 and shapes is not None and isinstance(array, np.ndarray)
    if alone and fit(array, shapes[0]).shape == shapes[0]:
        return [array]
    if n == 1 and shapes is None and isinstance(array, np.ndarray) and not array.ndim:
        return [array]
    if isinstance(array, np.ndarray) and array.ndim:
        if len(array) == n and (array.ndim == 1 or _rows(array, shapes)):
            return list(array)
        if array.ndim == 1:
            raise OtherForm(f"{len(array)} things.")
    raise OtherForm(described(result))


def _rows(array: NDArray, shapes: Sequence[Shape] | None) -> bool:
    """Does the array hold one result in each row, but for axes of length 1?"""
    if shapes is None or len(set(shapes)) > 1:
        return False
    return all(fit(row, shape).shape == shape for row, shape in zip(array, shapes, strict=True))


def fit(value: object, shape: Shape) -> object:
    """An array in ``shape``, if it is that but for axes of length 1 that nobody can mistake.

    A number may come as an array of one entry, and a vector (m,) as a single row (1, m). Anything
    else comes as it is.
    """
    if not isinstance(value, np.ndarray):
        return value
    number = shape == () and value.size == 1
    row = len(shape) == 1 and value.shape == (1, *shape)
    return value.reshape(shape) if number or row else value


def refused(value: object) -> str:
    """What to say of an iterator where numbers are wanted all at once, or ``""``."""
    if isinstance(value, Iterator | ValuesView) and not isinstance(value, Generator):
        kind = type(value).__name__
        return f"The answer is a {kind}, which gives its numbers one by one: make it a list."
    return ""
