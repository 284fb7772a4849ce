"""What a check asks of a right answer: each result that it compares, with what is right there."""

import dis
from collections.abc import Callable, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache, wraps
from importlib import import_module, util
from itertools import chain, zip_longest
from pathlib import Path
from types import CodeType
from unittest import mock

import contract
import numpy as np

from backpass import checks
from backpass.checks import Exercise, Part

HERE = Path(__file__).parent
CHAPTERS = sorted(path.name for path in HERE.iterdir() if path.is_dir() and path.name[0] != "_")


@dataclass
class Asked:
    """One comparison: in which part, of which result, at which arguments, with what right value.

    ``of`` is what the exercise's mistakes are functions of there, None without any.
    """

    part: str
    name: str | None
    right: np.ndarray
    of: tuple | None
    options: dict
    rows: bool = True  # may a vector come as a single row?
    foreseen: Mapping[str, np.ndarray] | None = None  # kept by the function of this name


@dataclass
class Seen:
    """All that a check asked for: the results' names, and each comparison."""

    names: tuple[str, ...] = ()
    asked: list[Asked] = field(default_factory=list)
    numbers: dict[str, float] = field(default_factory=dict)


@cache
def tests(chapter: str) -> dict[str, type[contract.Exercise]]:
    """The test classes of a chapter's exercises, by the exercise's slug."""
    found = {}
    for path in sorted((HERE / chapter).glob("test_*.py")):
        spec = util.spec_from_file_location(f"{chapter}_{path.stem}", path)
        module = util.module_from_spec(spec)
        spec.loader.exec_module(module)
        classes = [one for one in vars(module).values() if isinstance(one, type)]
        found |= {one.check.slug: one for one in classes if isinstance(_check(one), Exercise)}
    order = import_module(f"backpass.checks.{chapter}").EXERCISES
    return {slug: found[slug] for slug in order}


def _check(kind: type) -> object:
    return getattr(kind, "check", None) if issubclass(kind, contract.Exercise) else None


def rights(test: type[contract.Exercise]) -> list:
    """The right answers of a test class."""
    return [answer for _, answer in contract.named(test.right)]


@contextmanager
def recording(seen: Seen):
    """Enter into ``seen`` what is asked while this is open."""
    expect, outputs, call = Part.expect, Part.outputs, Part.call
    numbers, predict, entry = Part.numbers, Part.predict, Part.entry

    def names(found):
        found = tuple(found or ())
        seen.names = max(seen.names, found if len(found) > 1 else (), key=len)

    def record_expect(self, value, expected, *, of=None, rows=True, **options):
        of = None if of is None else tuple(of)
        plain = {k: v for k, v in options.items() if k != "after"}
        seen.asked.append(Asked(self.label, None, np.asarray(expected), of, plain, rows))
        return expect(self, value, expected, of=of, rows=rows, **options)

    def record_outputs(self, args, right, asked=None, *, of=None, at=None, **options):
        names(right)
        wanted = right if asked is None else [asked] if isinstance(asked, str) else asked
        others = ("follows", "after", "repeat", "here", "rows")
        plain = {k: v for k, v in options.items() if k not in others}
        plain.setdefault("reduction", "mean")
        for name in wanted:
            value = np.asarray(right[name])
            given = of(name, value) if callable(of) else None if of is None else (*of, name)
            given = None if given is None else tuple(given)
            rows = options.get("rows", True)
            seen.asked.append(Asked(self.label, name, value, given, plain, rows))
        return outputs(self, args, right, asked, of=of, at=at, **options)

    def record_call(self, *args, outputs=None, asked=None, repeat=True):
        names(outputs)
        return call(self, *args, outputs=outputs, asked=asked, repeat=repeat)

    def record_numbers(self, expression, at, outputs=None, asked=None):
        names(outputs)
        return numbers(self, expression, at, outputs, asked)

    def record_entry(self, name, of_all):
        names(of_all)
        return entry(self, name, of_all)

    def record_predict(self, value, right, *args, **options):
        seen.numbers[self.label] = right
        return predict(self, value, right, *args, **options)

    with mock.patch.multiple(
        Part,
        expect=record_expect,
        outputs=record_outputs,
        call=record_call,
        numbers=record_numbers,
        entry=record_entry,
        predict=record_predict,
    ):
        yield


def seen_by(check: Callable, answer: object) -> Seen:
    """What ``check`` asks of a right answer."""
    seen = Seen()
    with recording(seen):
        score = check(answer)
    assert score == score.maximum, score.feedback
    return seen


@contextmanager
def remembering():
    """Work out what is foreseen once only, as long as this is open: it is asked for again and
    again, and takes finite differences.
    """
    keys: dict[int, object] = {}  # of the arguments that an exercise's mistakes are asked about
    foreseen = Exercise.foreseen

    def of_these_alone(self, of):
        keys.clear()  # who changes them later meets others, and an id may be another's
        return foreseen(self, of)

    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(Exercise, "foreseen", of_these_alone))
        for chapter in checks.chapters().values():
            for one in chapter.values():
                once = {slug: remembered(values, keys) for slug, values in one._values.items()}
                stack.enter_context(mock.patch.dict(one._values, once))
        yield


def remembered(function: Callable, keys: dict[int, object]) -> Callable:
    """``function``, called once for the same values of the arguments that it reads.

    Most mistakes are the same whatever the learner gave, and then do not read that. ``keys`` has
    those of the arguments that another mistake was asked about just now, by their ids.
    """
    found, kept = {}, []
    named, read = _names(getattr(function, "__code__", None))

    def key_of(one):
        if id(one) not in keys:
            keys[id(one)] = frozen(one)
        return keys[id(one)]

    @wraps(function)
    def values(*of):
        used = [one for name, one in zip_longest(named, of) if name is None or name in read]
        key = tuple(map(key_of, used))
        if key not in found:
            found[key] = function(*of)
            kept.append(of)  # an id is another's as soon as its object is gone
        return found[key]

    return values


@cache
def _names(code: CodeType | None) -> tuple[tuple[str, ...], set]:
    """The names of a function's arguments, and what it reads."""
    if code is None:
        return (), set()
    # Since Python 3.13 one instruction may load two names.
    loaded = (s.argval for s in dis.get_instructions(code))
    read = chain.from_iterable(one if isinstance(one, tuple) else [one] for one in loaded)
    return code.co_varnames[: code.co_argcount], set(read)


def frozen(value: object) -> object:
    """A key for the arguments of mistakes: arrays and the checks' cases by their values, other
    objects by id.

    A check makes the same cases anew in every run. What they have worked out since is no field.
    """
    if isinstance(value, np.ndarray):
        return (value.shape, value.dtype.str, value.tobytes())
    if isinstance(value, list | tuple):
        return tuple(frozen(item) for item in value)
    if isinstance(value, dict):
        return tuple((key, frozen(item)) for key, item in value.items())
    if is_dataclass(value) and not isinstance(value, type):
        values = (frozen(getattr(value, one.name)) for one in fields(value))
        return (type(value), *values)
    return value if value is None or isinstance(value, int | float | str) else id(value)


def foreseen(check: Exercise, asked: Asked) -> Mapping[str, np.ndarray]:
    """The values of each mistake that has any at a comparison, by slug."""
    if asked.of is None:
        return {}
    if asked.foreseen is None:
        values = {slug: wrong for slug, (wrong, _) in check.foreseen(asked.of).items()}
        asked.foreseen = {s: np.asarray(wrong) for s, wrong in values.items() if wrong is not None}
    return asked.foreseen
