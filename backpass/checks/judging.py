"""One value beside what is right: is it that, and if not, what is wrong with it?"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backpass.checks import forms
from backpass.checks.errors import Wrong
from backpass.gradcheck import Diagnosis, diagnose
from backpass.gradcheck.check import matches
from backpass.gradcheck.compare import quietly
from backpass.gradcheck.plain import plain
from backpass.gradcheck.question import Multiple

#: What was foreseen, by slug: the values of a mistake, or None, and its sentence.
Known = Mapping[str, tuple[object, str]]


def is_right(value: object, expected: ArrayLike, options: Mapping) -> bool:
    """Is a value what is ``expected``, by the ``options`` of :func:`.diagnose`?"""
    value = forms.fit(value, np.shape(expected))
    if _is_low(value) and np.array_equal(value, expected):
        return True  # whole numbers lose nothing in float32
    asked = {name: options[name] for name in ("rtol", "atol", "rounding") if name in options}
    return matches(value, expected, **asked)


def diagnosed(
    value: object,
    expected: ArrayLike,
    options: Mapping,
    known: Known,
    *,
    sentences: Mapping[str, str],
    given: Iterable[tuple[str, object]] = (),
) -> Diagnosis:
    """What is wrong with a value that is not right; ``Wrong`` if it is no array to be compared.

    ``sentences`` are the exercise's, by slug; ``given`` are the names of the arguments that it was
    called with, and these, since a multiple of one may be left over.
    """
    value = forms.fit(value, np.shape(expected))
    if text := forms.refused(value):
        raise Wrong(explained("type", text, sentences), "type")
    if isinstance(value, tuple | list):
        for i, one in enumerate(value):
            if is_right(forms.read(one), expected, options):
                text = f"{len(value)} things are returned, and [{i}] of them is right"
                text = text if len(value) > 1 else "What is right comes in a list or tuple of one"
                raise Wrong(explained("type", f"{text}: return that alone.", sentences), "type")
    if only_low(value, expected):
        text = f"Right, but computed in {value.dtype}; the exercise asks for float64."
        raise Wrong(explained("precision", text, sentences), "precision")
    found = diagnose(value, expected, mistakes=known, **options)
    return found if found.mistake else _left_over(value, expected, options, found, given)


def _left_over(value, expected, options, otherwise: Diagnosis, given) -> Diagnosis:
    """What is wrong with a value if a multiple of an argument is left over in it."""
    for name, argument in given:
        for x in _arrays(argument):
            same_shape = x.shape == np.shape(expected) == np.shape(value)
            if not same_shape or x.dtype == bool or x.size < 3 or not np.any(x):
                continue
            multiple = Multiple(x)
            with quietly():
                times = multiple.factor(plain(value) - np.asarray(expected))
            text = f"Yours minus the right one is {times:.4g} times what came in as {name}."
            known = {"left-over": (multiple, text)}
            found = diagnose(value, expected, mistakes=known, **options)
            if found.mistake == "left-over":
                return found
    return otherwise


def slips(value: object, known: Known) -> set[str]:
    """The foreseen mistakes that give this value."""
    wrong = {slug: values for slug, (values, _) in known.items() if values is not None}
    return {slug for slug, values in wrong.items() if is_right(value, values, {})}


def explained(slug: str, text: str, sentences: Mapping[str, str]) -> str:
    """``text``, and the exercise's sentence for this generic mistake if it has one."""
    return f"{text} {sentences.get(slug, '')}".strip()


def comes_of(result: object, measured: Iterable[NDArray]) -> bool:
    """Is one of the arrays in a result just what was measured?"""
    given = list(_arrays(result))
    return any(np.array_equal(one, array) for one in measured for array in given)


def _arrays(argument: object) -> Iterator[NDArray]:
    """The arrays that an argument is, or holds."""
    if isinstance(argument, np.ndarray):
        yield argument
    elif isinstance(argument, list | tuple | dict):
        for value in argument.values() if isinstance(argument, dict) else argument:
            yield from _arrays(value)


def _is_low(value: object) -> bool:
    """Are these numbers of a type with fewer digits than float64?"""
    return (
        isinstance(value, np.ndarray | np.number)
        and value.dtype.kind in "fc"
        and bool(np.finfo(value.dtype).eps > 1e-10)
    )


def only_low(value: object, expected: ArrayLike) -> bool:
    """Is it right, but for what computing in a type with fewer digits loses?"""
    expected = np.asarray(expected)
    if not _is_low(value) or np.shape(value) != expected.shape or not np.isfinite(expected).all():
        return False
    size = np.max(np.abs(expected), initial=0)
    few = min(1e3 * float(np.finfo(value.dtype).eps), 0.03)
    return bool(np.all(np.abs(value - expected) <= few * (np.abs(expected) + size / 10)))
