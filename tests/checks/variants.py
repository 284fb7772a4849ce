"""Answers to every exercise, made from the right ones: right in another form, or wrong in one way.

``python tests/checks/variants.py`` prints a table: how many right variants are accepted, and of the
wrong ones, how many are told what was done, how many hear no name, and how many hear a false one.
With ``-v`` it lists those that are not as they should be.
"""

import sys
from collections import Counter, namedtuple
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property, wraps
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import sympy as sp

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "helpers"), str(TESTS), str(TESTS.parent)]

from checks import recorded  # noqa: E402
from checks.recorded import Seen  # noqa: E402

from backpass.checks import Exercise, Score, forms  # noqa: E402
from backpass.checks.remembered import key_of  # noqa: E402
from backpass.gradcheck.compare import quietly  # noqa: E402

#: What is true of many an answer and accuses it of nothing.
PLAIN = {"shape", "type", "nan", "infinite", "exception", "entries"}
#: What is true of an answer to another question.
OTHER = frozenset(PLAIN | {"arguments"})
SMALL = 40  # entries at most, where each becomes an object


@dataclass
class Variant:
    """An answer, what was done to make it, and the names that may be told of that."""

    what: str
    answer: object
    names: frozenset[str] = frozenset()


@dataclass
class Exercises:
    """What is known of an exercise: its check, a right answer, and what was asked of that."""

    check: Exercise
    answer: object
    seen: Seen
    slips: dict[str, object] = field(default_factory=dict)  # an answer for each named mistake
    _slipped: dict[str, list] = field(default_factory=dict)

    @property
    def symbolic(self) -> bool:
        return self.check.kind == "derive" and not self.takes_arguments

    @property
    def takes_arguments(self) -> bool:
        return callable(self.answer) and bool(self.calls)

    @cached_property
    def calls(self) -> list[tuple]:
        """The arguments, if there are any, with which the check calls the answer."""
        if not callable(self.answer) or isinstance(self.answer, sp.Basic):
            return []
        found = []

        @wraps(self.answer)
        def listening(*args):
            found.append(args)
            return self.answer(*args)

        self.check(listening)
        calls = {recorded.frozen(args): args for args in found if args}
        return list(calls.values())

    def results(self, answer: Callable) -> list[list | None]:
        """What an answer gives in each call, as arrays, None where it gives something else."""
        return [self._result(answer, args) for args in self.calls]

    def _result(self, answer: Callable, args: tuple) -> list | None:
        try:
            with quietly(), redirect_stdout(None):
                values = answer(*deepcopy(args))
        except Exception:
            return None
        if isinstance(values, dict):
            values = list(values.values())
        several = self.seen.names and isinstance(values, tuple | list)
        values = [forms.read(value) for value in (values if several else [values])]
        return values if all(isinstance(value, np.ndarray) for value in values) else None

    @cached_property
    def right(self) -> list[list]:
        """What the right answer gives in each call."""
        return self.results(self.answer)

    def slipped(self, slug: str) -> list[list | None]:
        """What the answer with a named mistake gives in each call."""
        if slug not in self._slipped:
            self._slipped[slug] = self.results(self.slips[slug])
        return self._slipped[slug]

    def made(self, answer: Callable, told: set[str]) -> set[str]:
        """Which of the mistakes that were ``told`` give what ``answer`` gives, in one result,
        wherever it is wrong?

        They are known from answers, not from what the check foresees.
        """
        found, slips = self.results(answer), told & self.slips.keys()
        return {slug for slug in slips if explains(self.slipped(slug), found, self.right)}


def explains(slip: list, found: list, right: list) -> bool:
    """Is there a result that the slip explains in each call in which it makes a difference?"""
    for i in range(max(map(len, right))):
        calls = [[v[i] if v and i < len(v) else None for v in call]
                 for call in zip(slip, found, right, strict=True)]  # fmt: skip
        wrong = [(s, f) for s, f, r in calls if not (alike(f, r) or alike(s, r))]
        if wrong and all(alike(s, f) for s, f in wrong):
            return True
    return False


def alike(a: object, b: object) -> bool:
    """Are these the same numbers?"""
    if a is None or b is None:
        return False
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and np.allclose(a, b, 1e-6, 1e-9, equal_nan=True)


# --- right in another form --------------------------------------------------------------------


class Holder:
    """What other libraries' arrays are to NumPy."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return np.array(self.array, dtype=dtype)


def each(convert: Callable, value: object) -> object:
    """The value with each number of its arrays converted, if there are not too many."""
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" or array.size > SMALL or not np.isfinite(array).all():
        raise Unfit
    found = np.empty(array.shape, dtype=object)
    for where, number in np.ndenumerate(array):
        found[where] = convert(number.item())
    return found.tolist()


class Unfit(Exception):
    """A variant that makes no sense for a result."""


def row(value):
    if np.ndim(value) != 1:
        raise Unfit
    return np.asarray(value)[None]


def column_major(value):
    if np.ndim(value) < 2:
        raise Unfit
    return np.asfortranarray(value)


def matrix(value):
    if np.ndim(value) != 2:
        raise Unfit
    return np.asarray(value).view(np.matrix)


def in_brackets(value):
    if np.ndim(value):
        raise Unfit
    return np.array([value])


FORMS = {
    "nested lists": lambda value: np.asarray(value).tolist(),
    "an object with __array__": lambda value: Holder(np.asarray(value)),
    "fractions": lambda value: each(Fraction, value),
    "decimals": lambda value: each(Decimal, value),
    "SymPy's floats": lambda value: each(lambda number: sp.Float(number, 17), value),
    "long doubles": lambda value: np.asarray(value, dtype=np.longdouble),
    "an array of objects": lambda value: np.array(np.asarray(value).tolist(), dtype=object),
    "column-major": column_major,
    "matrices": matrix,
    "vectors as rows": row,
    "numbers as arrays of one": in_brackets,
}

#: Ways to give several results.
TOGETHER = {
    "a tuple": lambda names, values: tuple(values),
    "a list": lambda names, values: list(values),
    "an iterator": lambda names, values: iter(values),
    "a dict": lambda names, values: dict(reversed(list(zip(names, values, strict=True)))),
    "a namedtuple": lambda names, values: named(names)(*values),
    "an object": lambda names, values: SimpleNamespace(**dict(zip(names, values, strict=True))),
    "an array of rows": lambda names, values: stacked(values),
}


def together(change, names, values):
    """The results in another way together; some exercises have fewer now and then."""
    values = list(values.values() if isinstance(values, dict) else values)
    return change(names[: len(values)], values)


def named(names):
    if not all(name.isidentifier() for name in names):
        raise Unfit
    return namedtuple("Results", names)


def stacked(values):
    if len({np.shape(value) for value in values}) > 1 or np.ndim(values[0]) == 0:
        raise Unfit
    return np.array(values)


q = sp.Symbol("q_")
UNFINISHED = {
    "derivatives not taken": lambda e: sp.Derivative(e * q, q),
    "integrals not taken": lambda e: sp.Integral(e, (q, 0, 1)),
    "sums not added": lambda e: sp.Sum(e, (q, 1, 1)),
    "limits not taken": lambda e: sp.Limit(e + q, q, 0),
    "substitutions not done": lambda e: sp.Subs(e * q, q, 1),
    "held back": sp.UnevaluatedExpr,
    "expanded": sp.expand,
    "numbers of 20 digits": lambda e: e.evalf(20),
    "symbols without assumptions": lambda e: e.subs(
        {symbol: sp.Symbol(symbol.name) for symbol in e.free_symbols}
    ),
}
NUMBERS = {
    "floats": float,
    "NumPy's integers": np.int32,
    "fractions": Fraction,
    "decimals": Decimal,
    "SymPy's integers": sp.Integer,
    "numbers as arrays of one": lambda number: np.array([number]),
}
COLLECTIONS = {
    "a tuple": tuple,
    "a matrix of one column": lambda es: sp.Matrix(es),
    "a matrix of one row": lambda es: sp.Matrix([es]),
    "SymPy's array": sp.Array,
    "SymPy's tuple": lambda es: sp.Tuple(*es),
    "NumPy's array": lambda es: np.array(es, dtype=object),
}


def forms_of(one: Exercises) -> dict[str, Callable]:
    """The forms of numbers, but for rows where a vector is to come as one."""
    rows = all(asked.rows for asked in one.seen.asked)
    return {what: change for what, change in FORMS.items() if rows or what != "vectors as rows"}


def right_variants(one: Exercises) -> Iterator[Variant]:
    """The right answer in other forms."""
    answer, names = one.answer, one.seen.names
    if isinstance(answer, dict) and not one.seen.names:  # each sentence is judged
        yield Variant("a list in their order", list(answer.values()))
        yield Variant("words", {letter: str(true).lower() for letter, true in answer.items()})
        yield Variant("a function", lambda: answer)
    elif one.check.kind == "choose" and not callable(answer) and not one.seen.names:
        for what, change in {"in brackets": "({})", "with a point": " {}. "}.items():
            yield Variant(what, change.format(answer))
        yield Variant("upper case", answer.upper())
        yield Variant("a function", lambda: answer)
    elif one.takes_arguments and names:
        for what, change in TOGETHER.items():
            with suppress(Unfit):
                for values in one.right:
                    together(change, names, values)
                changed = after(answer, lambda v, change=change: together(change, names, v))
                yield Variant(what, changed)
        for what, change in forms_of(one).items():
            change = where_it_fits(change)
            wrapped = after(answer, lambda v, change=change: tuple(change(x) for x in v))
            yield Variant(what, wrapped)
    elif one.takes_arguments:
        for what, change in forms_of(one).items():
            yield Variant(what, after(answer, where_it_fits(change)))
    elif one.symbolic and not one.seen.numbers:
        yield from right_expressions(value_of(answer), one)
    else:
        value = value_of(answer)
        if not callable(answer):
            yield Variant("a function", lambda: value)
        else:
            yield Variant("a value", value)
        if names and not isinstance(value, str):
            for what, change in TOGETHER.items():
                try:
                    yield Variant(what, together(change, names, value))
                except Unfit:
                    continue
        if one.seen.numbers:
            whole = all(number == int(number) for number in value)
            for what, change in NUMBERS.items():
                if whole or "integers" not in what:
                    yield Variant(what, [change(number) for number in value])


def right_expressions(value: object, one: Exercises) -> Iterator[Variant]:
    if isinstance(value, sp.Expr):
        for what, change in UNFINISHED.items():
            yield Variant(what, change(value))
        yield Variant("in a list", [value])
        yield Variant("a function", lambda: value)
        return
    if isinstance(value, sp.MatrixBase):
        yield Variant("nested lists", value.tolist())
        yield Variant("immutable", sp.ImmutableMatrix(value))
        yield Variant("SymPy's array", sp.Array(value.tolist()))
        for what, change in UNFINISHED.items():
            yield Variant(what, value.applyfunc(change))
    elif isinstance(value, list | tuple) and all(map(single_number, value)):
        for what, change in COLLECTIONS.items():
            yield Variant(what, change(list(value)))
        for what, change in UNFINISHED.items():
            yield Variant(what, [change(sp.sympify(e)) for e in value])
        if one.seen.names:
            yield Variant("a dict", dict(zip(one.seen.names, value, strict=True)))
    yield Variant("a function", lambda: value)


def single_number(value: object) -> bool:
    return isinstance(value, sp.Expr | int | float)


def value_of(answer: object) -> object:
    return answer() if callable(answer) and not isinstance(answer, sp.Basic) else answer


def after(answer: Callable, change: Callable) -> Callable:
    """The answer, its result changed."""
    once = kept(answer)

    @wraps(answer)
    def changed(*args):
        return change(once(*args))

    return changed


@cache
def kept(answer: Callable) -> Callable:
    """The answer, worked out once for the same arguments: the forms of a result are all made of it.

    Where somebody looks on at how it comes to its result, it is worked out there.
    """
    found = {}

    @wraps(answer)
    def once(*args):
        key = None if sys.gettrace() else key_of(args)
        if key is None:
            return answer(*args)
        if key not in found:
            found[key] = answer(*args)
        return deepcopy(found[key])

    return once


def where_it_fits(change: Callable) -> Callable:
    """The change, or the value itself where it makes no sense."""

    def changed(value):
        try:
            return change(value)
        except Unfit:
            return value

    return changed


# --- wrong in one way -------------------------------------------------------------------------


def without_first(array):
    return array * (np.arange(len(array)) > 0).reshape(-1, *[1] * (array.ndim - 1))


def without_last(array):
    return without_first(array[::-1])[::-1]


def with_nan(array):
    changed = np.array(array, dtype=float)
    changed[(0,) * array.ndim] = np.nan
    return changed


def off_by_one_entry(array):
    changed = np.array(array, dtype=float)
    changed[(-1,) * array.ndim] += 1
    return changed


def needs(ndim, *lengths):
    def fits(array):
        return array.ndim >= ndim and all(
            n > low for n, low in zip(array.shape, lengths, strict=False)
        )

    return fits


#: What is done to one result, the names that say so, and to which results it can be done.
SLIPS: dict[str, tuple[Callable, set[str], Callable]] = {
    "negated": (lambda a: -a, {"sign"}, needs(0)),
    "doubled": (lambda a: 2 * a, {"factor", "summed"}, needs(0)),
    "halved": (lambda a: a / 2, {"factor", "averaged", "averaged-twice"}, needs(0)),
    "too large by a half": (lambda a: a + 0.5, {"offset"}, lambda a: a.size > 2),
    "rounded": (lambda a: np.round(a, 5), {"rounded", "approximate"}, needs(0)),
    "made of integers": (lambda a: a.astype(int), {"integer", "zeros"}, needs(1)),
    "one entry NaN": (with_nan, {"nan"}, needs(0)),
    "zeroed": (lambda a: 0 * a, {"zeros"}, needs(0)),
    "transposed": (lambda a: a.T, {"transposed"}, needs(2)),
    "one entry off": (off_by_one_entry, {"entries", "offset"}, lambda a: a.size > 1),
    "first row zero": (without_first, {"entries", "all-but-one"}, needs(1, 2)),
    "last row zero": (without_last, {"entries", "all-but-one"}, needs(1, 2)),
    "first row missing": (lambda a: a[1:], {"shape"}, needs(1, 1)),
    "last row missing": (lambda a: a[:-1], {"shape"}, needs(1, 1)),
}


def few_digits(asked: recorded.Asked) -> bool:
    """Are few digits enough there?"""
    return np.max(asked.options.get("atol") or 0) > 1e-6 * np.max(np.abs(asked.right))


def wrong_variants(one: Exercises, others: list[Exercises]) -> Iterator[Variant]:
    """Answers that are wrong, each in one way."""
    answer, names = one.answer, one.seen.names
    if not one.seen.asked:
        return  # an example is asked for, and a changed one may be an example too
    if one.takes_arguments:
        n = len(names) or None
        if n and n > 1:
            orders = {"rotated": [*range(1, n), 0], "first two exchanged": [1, 0, *range(2, n)]}
            if n > 2:
                orders["last two exchanged"] = [*range(n - 2), n - 1, n - 2]
            for what, places in orders.items():
                change = permuted(places)
                yield Variant(f"results {what}", after(answer, change), frozenset({"order"}))
            for i, name in enumerate(names):
                only = after(answer, lambda v, i=i: zero_but(i, v))
                own = same_values(one, [n for n in names if n != name], lambda a: 0 * a)
                yield Variant(f"only {name} is right", only, frozenset({"zeros"}) | own)
        yield Variant("float32", after(answer, single), frozenset({"precision"}))
        yield from with_decay(one)
        for what, (change, told, fits) in SLIPS.items():
            for i in range(n or 1):
                name = names[i] if n else None
                if any(
                    fits(asked.right) and not (what == "rounded" and few_digits(asked))
                    for asked in one.seen.asked
                    if asked.name in (name, None)
                ):
                    slip = after(
                        answer, lambda v, i=i, c=change, f=fits: at(i if n else None, c, f, v)
                    )
                    own = same_values(one, [name], change, fits)
                    label = f"{name} {what}" if n else what
                    yield Variant(label, slip, frozenset(told) | own)
        for other in others:
            if other.takes_arguments:
                yield Variant(f"the answer to {other.check.slug}", other.answer, OTHER)
    elif one.symbolic and not one.seen.numbers:
        yield from wrong_expressions(value_of(answer), one)
        for other in others:
            if other.symbolic and other.seen.asked:
                value = value_of(other.answer)
                told = OTHER | {"symbols"}
                yield Variant(f"the answer to {other.check.slug}", value, told)


def wrong_predictions(one: Exercises) -> Iterator[Variant]:
    """Predicted numbers, one of them wrong."""
    numbers = list(value_of(one.answer)) if one.seen.numbers else []
    for i, number in enumerate(numbers):
        for wrong in sorted({number - 1, number + 1, -number, 2 * number, 0, *numbers} - {number}):
            changed = [*numbers[:i], wrong, *numbers[i + 1 :]]
            yield Variant(f"{wrong} for {number}, at {i}", changed)


def wrong_expressions(value: object, one: Exercises) -> Iterator[Variant]:
    es = value.tolist() if isinstance(value, sp.MatrixBase) else value
    for what, change, told in [
        ("negated", lambda e: -e, {"sign"}),
        ("doubled", lambda e: 2 * e, {"factor"}),
        ("zeroed", lambda e: 0 * e, {"zeros"}),
    ]:
        own = same_values(one, None, lambda a, change=change: change(a))
        yield Variant(what, mapped(change, es), frozenset(told) | own)
    if isinstance(es, list | tuple) and len(es) > 1:
        yield Variant("rotated", [*es[1:], es[0]], frozenset({"order"}))
        yield Variant("reversed", es[::-1], frozenset({"order"}))
        yield Variant("one missing", list(es[:-1]), frozenset({"shape"}))
        for i in range(len(es)) if one.seen.names else ():
            one_wrong = [-e if i == k else e for k, e in enumerate(es)]
            own = same_values(one, [one.seen.names[i]], lambda a: -a)
            yield Variant(f"{one.seen.names[i]} negated", one_wrong, own | {"sign", "entries"})


def mapped(change, value):
    if isinstance(value, list | tuple):
        return [mapped(change, e) for e in value]
    return change(sp.sympify(value))


def permuted(places):
    return lambda values: tuple(list(values)[i] for i in places if i < len(values))


def single(values):
    if isinstance(values, tuple | list):
        return tuple(np.asarray(value, dtype=np.float32) for value in values)
    return np.asarray(values, dtype=np.float32)


def zero_but(place, values):
    return tuple(v if i == place else 0 * np.asarray(v) for i, v in enumerate(values))


def at(place, change, fits, values):
    """The results with the one at ``place`` (the only one, if None) changed, where it can be."""
    if place is None:
        array = np.asarray(values)
        return change(array) if fits(array) else array
    values = [np.asarray(value) for value in values]
    if place < len(values) and fits(values[place]):
        values[place] = change(values[place])
    return tuple(values)


def with_decay(one: Exercises) -> Iterator[Variant]:
    """A multiple of an input is added to the result that has its shape."""
    names = one.seen.names or (None,)
    for i, name in enumerate(names):
        shapes = [asked.right.shape for asked in one.seen.asked if asked.name == name]
        if not shapes or not shapes[0]:
            continue
        for k, arg in enumerate(one.calls[0]):
            numbers = isinstance(arg, np.ndarray) and arg.dtype != bool and np.isfinite(arg).all()
            if numbers and arg.shape == shapes[0] and arg.size > 2:
                rights = [asked.right for asked in one.seen.asked if asked.name == name]
                if np.linalg.matrix_rank(np.array([arg.ravel(), rights[0].ravel()])) < 2:
                    continue  # it would be a factor

                def decayed(*args, i=i if name else None, k=k):
                    added, values = np.asarray(args[k]), one.answer(*args)
                    fits = added.shape.__eq__
                    return at(i, lambda a: a + 0.1 * added, lambda a: fits(a.shape), values)

                yield Variant(
                    f"{name or 'it'} + 0.1 input {k}", decayed, frozenset({"decay", "left-over"})
                )


def same_values(one: Exercises, names, change, fits=lambda array: True) -> frozenset[str]:
    """The exercise's own mistakes that give just these values, wherever they give any."""
    alike: dict[str, bool] = {}
    for asked in one.seen.asked:
        if names is not None and asked.name not in (*names, None):
            continue
        if not fits(asked.right):
            continue
        done = change(asked.right)
        for slug, wrong in recorded.foreseen(one.check, asked).items():
            same = wrong.shape == done.shape and np.allclose(
                wrong, done, 1e-6, 1e-9, equal_nan=True
            )
            alike[slug] = alike.get(slug, True) and bool(same)
    return frozenset(slug for slug, same in alike.items() if same)


# --- the table --------------------------------------------------------------------------------


FATES = ("accepted", "refused", "named", "unnamed", "false", "full")
RIGHT = frozenset({"accepted", "refused"})


class Fate(NamedTuple):
    """How a variant fared: one of ``FATES``, in which exercise, and its score."""

    kind: str
    slug: str
    variant: Variant
    score: Score


def fates(one: Exercises, others: list[Exercises]) -> Iterator[Fate]:
    """Try every variant."""
    slug, check = one.check.slug, one.check
    if one.takes_arguments and any(found is None for found in one.right):
        return  # it gives words too, of which there are no variants
    for variant in right_variants(one):
        score = check(variant.answer)
        yield Fate("accepted" if score == score.maximum else "refused", slug, variant, score)
    for variant in wrong_variants(one, others):
        score = check(variant.answer)
        if not (score == score.maximum and harmless(one, variant)):
            yield Fate(wrong_fate(one, variant, score), slug, variant, score)


def wrong_fate(one: Exercises, variant: Variant, score: Score) -> str:
    """Was a wrong variant told what was done, something else, or no name at all?"""
    told = {part for slug in score.mistakes for part in slug.split("+")}
    names = variant.names
    if one.takes_arguments and told - names:
        names |= one.made(variant.answer, told - names)
    if score == score.maximum:
        return "full"
    if told - names - PLAIN:
        return "false"
    return "named" if told & names else "unnamed"


def harmless(one: Exercises, variant: Variant) -> bool:
    """Does the variant differ from the right answer nowhere that the check looks at it?"""
    if not one.takes_arguments:
        return False
    pairs = zip(one.results(variant.answer), one.right, strict=True)
    return all(a and len(a) == len(b) and all(map(alike, a, b)) for a, b in pairs)


@cache
def chapter(name: str) -> list[Exercises]:
    """All exercises of a chapter."""
    found = []
    for test in recorded.tests(name).values():
        answer = recorded.rights(test)[0]
        seen = recorded.seen_by(test.check, answer)
        found.append(Exercises(test.check, answer, seen, dict(test.wrong)))
    return found


def fared(name: str) -> list[Fate]:
    """How every variant fared in a chapter's exercises."""
    with recorded.remembering():
        ones = chapter(name)
        return [fate for one in ones for fate in fates(one, [o for o in ones if o is not one])]


def row(counts: Counter) -> list[int]:
    """The numbers of right variants, by fate, then of wrong ones."""
    right = sum(counts[kind] for kind in RIGHT)
    return [right, *(counts[kind] for kind in FATES[:2]), counts.total() - right,
            *(counts[kind] for kind in FATES[2:])]  # fmt: skip


def main(*chapters: str, verbose: bool = False) -> None:
    head = ("right", *FATES[:2], "wrong", *FATES[2:])
    print(f"{'':24}" + "".join(f"{word:>10}" for word in head))
    total = Counter()
    for name in chapters or recorded.CHAPTERS:
        found = fared(name)
        for kind, slug, variant, score in found if verbose else ():
            if kind not in ("accepted", "named"):
                print(f"  {kind:8} {slug}: {variant.what}: {score:g} {list(score.mistakes)}")
                print("".join(f"           {text[:150]}\n" for text in score.feedback[:2]), end="")
        counts = Counter(fate.kind for fate in found)
        print(f"{name:24}" + "".join(f"{number:10}" for number in row(counts)), flush=True)
        total += counts
    right, *_, wrong = row(total)[:4]
    print(f"{'all':24}" + "".join(f"{number:10}" for number in row(total)))
    print(f"accepted {total['accepted'] / right:.1%}; of the wrong ones"
          f" named {total['named'] / wrong:.1%}, accused falsely {total['false'] / wrong:.1%},"
          f" full marks {total['full'] / wrong:.1%}")  # fmt: skip


if __name__ == "__main__":
    main(*(a for a in sys.argv[1:] if a != "-v"), verbose="-v" in sys.argv)
