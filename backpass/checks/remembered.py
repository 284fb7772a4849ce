"""Functions of arrays that checks ask again and again for the same: worked out once.

A gradient by complex steps takes as many forward passes as there are parameters, and a check asks
for it twice at each call of an answer, at the same few arrays::

    @by_value
    def gradient(w, x):
        return slope(lambda w: loss(w, x), w)
"""

from collections.abc import Callable
from functools import wraps

import numpy as np

#: So many results a function keeps, before it begins anew.
MOST = 1000


class _OfOwnMaking(TypeError):
    """An argument that is neither a plain array nor a number: nobody knows what it does."""


def by_value(function: Callable) -> Callable:
    """``function``, which works out once what it gives for arguments of the same values.

    It must hang on nothing but their values, and give an array or a tuple of arrays. What is given
    are copies, so that who changes them changes nothing here. Of other arguments than plain arrays
    of numbers, numbers, text, None and tuples of these nothing is kept.
    """
    kept: dict[tuple, object] = {}

    @wraps(function)
    def asked(*args, **named):
        key = key_of((args, (*named.items(),)))
        if key is None:
            return function(*args, **named)
        if key not in kept:
            if len(kept) >= MOST:
                kept.clear()
            kept[key] = function(*args, **named)
        return _copied(kept[key])

    return asked


def key_of(values: tuple) -> tuple | None:
    """The same for the same values only: 1, 1.0 and True differ, and so do 0.0 and -0.0.

    None if there is an argument of which nothing is kept.
    """
    try:
        return _key(values)
    except _OfOwnMaking:
        return None


def _key(value: object) -> tuple:
    kind = type(value)
    if kind is np.ndarray and value.dtype.kind in "biufc":
        return kind, value.shape, value.dtype.str, value.tobytes()
    if isinstance(value, np.number | np.bool_) or kind in (int, float, bool, complex, str):
        return kind, repr(value)
    if kind is tuple:
        return kind, *map(_key, value)
    if value is None:
        return (kind,)
    raise _OfOwnMaking


def _copied(result: object) -> object:
    if isinstance(result, tuple):
        return tuple(map(_copied, result))
    return result.copy() if isinstance(result, np.ndarray) else result
