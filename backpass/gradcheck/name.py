"""Which mistake an answer shows: rules for the right shape and for another, tried in order.

A rule takes a :class:`.Comparison` and the :class:`.Question` and returns what it recognises, a
:class:`Named`, or None. Nothing here knows a formula: a mistake is recognised by the values that it
would give, worked out from the right values themselves (:mod:`backpass.gradcheck.values`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from backpass.gradcheck.compare import Comparison, largest
from backpass.gradcheck.plain import apart
from backpass.gradcheck.question import Question
from backpass.gradcheck.values import matching

#: The generic mistakes and what they mean. ``{n}`` is the number of examples.
GENERIC = {
    "sign": "The sign is reversed: this is minus the right answer.",
    "summed": "The {n} examples are summed where they should be averaged: divide by {n}.",
    "averaged": "The {n} examples are averaged where they should be summed.",
    "averaged-twice": "The average over the {n} examples is taken twice: divide by {n} only once.",
    "factor": "Every entry is {times} times the right one.",
    "decay": "{c} times the parameters themselves {side}: is the gradient of a weight decay (λx for"
    " ½λ‖x‖²) {slip}?",
    "one-number": "All entries are one number, the {how} of the right ones: sum over the examples"
    " only (axis=0), so that each keeps its own.",
    "flipped": "The right values, but in reverse{along}: does a loop run the other way, or is a"
    " kernel turned once too often, or not turned on the way back?",
    "offset": "Every entry is too {side} by {gap}.",
    "transposed": "The axes are in another order: transpose it.",
    "one-example": "Only one of the {n} examples is in it, the {which}.",
    "all-but-one": "The {which} of the {n} examples is missing: a loop that is one step short?",
    "unreduced": "Axis {axis} is one too many: {how} over it (is it one value per example?).",
    "shape": "The shape is {yours}; it should be {right}.",
    "zeros": "Every entry is zero.",
    "nan": "There is a NaN, as 0/0, ∞/∞, ∞ − ∞ and 0·∞ give.",
    "infinite": "There is an infinity: an overflow, or a division by 0.",
    "integer": "The decimals are cut off: the numbers are kept in an array of integers.",
    "rounded": "The values are right, but rounded to {digits} decimals: give all digits.",
    "complex": "The numbers are complex.",
    "precision": "The values are right, but only to the {digits} digits of {dtype}: use float64.",
    "approximate": "The values are right to about {digits} digits only. Is a small constant added"
    " somewhere to keep a step safe, or a step computed in low precision?",
    "finite-differences": "Right to about {digits} digits only, as differences of a forward pass"
    " are. What is computed by the derivative itself is right to 14, but for rounding.",
    "entries": "Right, except at {wrong} of {size} entries.",
    "type": "The answer is {found}",
}


@dataclass(frozen=True)
class Named:
    """A mistake that was recognised, for :func:`backpass.gradcheck.tell.tell`.

    ``facts`` fill the gaps of its sentence and ``more`` follows it; ``where`` is the entry that
    shows it best, ``quoted`` says that both its values are worth telling. ``also`` holds other
    (slug, facts) that fit the same values. For entries that are wrong in the wrong shape too,
    ``besides`` is the comparison in the right shape and what was recognised there.
    """

    slug: str | None
    where: tuple[int, ...] | None = None
    facts: dict = field(default_factory=dict)
    more: str = ""
    quoted: bool = False
    also: tuple = ()
    besides: "tuple[Comparison, Named] | None" = None


def name_mistake(found: Comparison, question: Question) -> Named:
    """The most telling mistake that explains an answer that is not right."""
    for rule in SAME_SHAPE if found.same_shape else OTHER_SHAPE:
        named = rule(found, question)
        if named is not None:
            return named
    raise AssertionError("the last rule applies to everything")


# --- rules for any shape ----------------------------------------------------------------------


def imaginary(found: Comparison, question: Question) -> Named | None:
    """A complex answer where a real one is expected."""
    if found.imaginary == "there":
        where = largest(found.answer.imag)
        more = f"{at(where)}yours is {found.answer[where]:.6g}; the right answer has no imaginary"
        return Named("complex", where, more=f"{more} part.")
    if found.imaginary and found.right_values:
        return Named("complex", more="The imaginary part is zero: take `.real`.")
    return None


def foreseen(found: Comparison, question: Question) -> Named | None:
    """The values of a known mistake, or of several at once."""
    if found.right_values:
        return None  # all that is wrong is in the last digits
    right, rough = found.right, _roughly(found)
    rtol = rough or max(right.rtol, min(10 * right.rtol, 1e-6))
    atol = rough / 10 * right.size if rough else np.max(right.atol)
    near = max(atol, 1e-8 * right.size)
    if found.rough:  # so near to what is right lies many a mistake that was not made
        off = np.max(np.abs(found.answer - right.values))
        rtol, atol = right.rounding, max(right.rounding * right.size, off / 100)
    elif not (found.same_shape and right.close(found.answer, rtol=1e-4, atol=near).all()):
        # Where more is wrong than the last digits, a mistake need not be met to the last digit.
        rtol, atol = max(rtol, 1e-6), max(atol, 1e-10 * right.size)
    fits = matching(found, question, rtol, atol)
    if not fits:
        return None
    slug, facts = fits.pop(0)
    # What else the values may mean; but what the caller foresaw needs no generic company.
    own, also = slug in question.known and "known" in facts, {}
    for other, more in fits:
        if other.count("+") == slug.count("+") and not (own and "known" not in more):
            also.setdefault(other, more)
    also.pop(slug, None)
    also = tuple(also.items())[:2]
    if found.same_shape:
        return Named(slug, found.worst, facts, quoted=True, also=also)
    shape = GENERIC["shape"].format(yours=found.answer.shape, right=right.shape)
    return Named(slug, facts=facts, more=shape, also=also)


def not_finite(found: Comparison, question: Question) -> Named | None:
    """NaN or infinity where none belongs."""
    answer, right = found.answer, found.right
    bad = ~np.isfinite(answer)
    if found.same_shape:
        bad &= ~found.close
    if not bad.any():
        return None
    where = largest(bad)
    rest = found.same_shape and found.close[~bad].all() and not bad.all()
    more = f"{bad.sum()} of {answer.size} entries, the first at {list(where)}." * bool(where)
    more += " The others are right." * bool(rest)
    if not found.same_shape:
        more += f" Besides, the shape is {answer.shape}; it should be {right.shape}."
    slug = "nan" if np.isnan(answer[where]) else "infinite"
    return Named(slug, where, more=more.strip(), quoted=found.same_shape)


# --- rules for the right shape ----------------------------------------------------------------


def precision(found: Comparison, question: Question) -> Named | None:
    """Right, but computed in low precision."""
    rough = _roughly(found)
    if not rough:
        return None
    right = found.right
    if not right.close(found.answer, rtol=rough, atol=rough / 10 * right.size).all():
        return None
    digits = 3 if found.low == "float16" else 7
    return Named("precision", found.worst, {"digits": digits, "dtype": found.low}, quoted=True)


def rounded(found: Comparison, question: Question) -> Named | None:
    """Right, but rounded to a few decimals."""
    answer, right = found.answer, found.right
    if not np.all(np.abs(answer - right.values) <= 5e-3 * right.size):
        return None  # fewer than three digits of a number prove nothing
    for digits in range(9):
        if np.array_equal(answer, np.round(right.values, digits)):
            return Named("rounded", found.worst, {"digits": digits}, quoted=True)
    return None


def differences(found: Comparison, question: Question) -> Named | None:
    """Right, but not to rounding, where that is asked for."""
    if not found.rough:
        return None
    off = np.abs(found.answer - found.right.values)
    where = largest(off)
    digits = int(-np.log10(off[where] / found.right.size))
    return Named("finite-differences", where, {"digits": digits})


def approximate(found: Comparison, question: Question) -> Named | None:
    """Right to a few digits."""
    answer, right, wrong = found.answer, found.right, ~found.close
    if not (right.strict and right.close(answer, rtol=1e-4).all()):
        return None
    off = np.abs(answer - right.values) / np.abs(right.values)
    digits = int(-np.log10(np.max(off[wrong])))
    return Named("approximate", found.worst, {"digits": digits}, quoted=True)


def offset(found: Comparison, question: Question) -> Named | None:
    """Every entry too large, or too small, by the same."""
    right, difference = found.right, found.answer - found.right.values
    gap = difference[found.worst]
    if right.values.size <= 2 or not right.close(difference, gap).all():
        return None
    facts = {"side": "large" if gap.real > 0 else "small", "gap": f"{abs(gap):.6g}"}
    return Named("offset", found.worst, facts, quoted=True)


def entries(found: Comparison, question: Question) -> Named | None:
    """Right except at some entries: list them, and say what they have in common."""
    answer, right, wrong = found.answer, found.right, ~found.close
    places = np.argwhere(wrong)
    # Zeros are right by themselves, unless there is nothing else.
    telling = wrong | (right.values != 0) if right.values.any() else wrong | True
    if not 1 <= len(places) <= np.sum(telling) / 2:
        return None
    pairs = [apart(answer[place], right.values[place]) for place in map(tuple, places[:5])]
    listed = "; ".join(
        f"at {place.tolist()} yours is {yours}, right is {theirs}"
        for place, (yours, theirs) in zip(places[:5], pairs, strict=True)
    )
    rest = f"; and {len(places) - 5} more." if len(places) > 5 else "."
    said = [listed[0].upper() + listed[1:] + rest]
    said += [in_common(wrong, right.values)] if len(places) > 1 else []
    yours, theirs = answer[wrong], right.values[wrong]
    difference, atol = yours - theirs, np.max(right.atol)
    if right.close(yours, -theirs, atol=atol).all():
        said.append("The sign is reversed there.")
    elif len(places) > 1 and right.close(difference, difference[0], atol=atol).all():
        said.append(f"Yours minus right is {difference[0]:.6g} at each.")
    elif not yours.any():
        said.append("Yours is zero there.")
    facts = {"wrong": len(places), "size": answer.size}
    return Named("entries", found.worst, facts, more=" ".join(filter(None, said)))


def in_common(wrong: np.ndarray, right: np.ndarray) -> str:
    """What the places of wrong entries have in common, in a sentence, or ``""``.

    A place in a pattern says little if most places are; so where a pattern is not one index of one
    axis, all of it must be wrong, and nothing else.
    """
    places = np.argwhere(wrong)
    for axis in range(wrong.ndim):
        if np.all(places[:, axis] == places[0, axis]):
            return f"All of them are at index {places[0, axis]} of axis {axis}."
    rows = np.unique(places[:, 0])
    if wrong.ndim > 1 and np.all(wrong[rows]):
        return f"They are whole rows, {_listed(rows)}."
    inner = (slice(None),) * (wrong.ndim - 2) + (slice(1, -1),) * 2
    if wrong.ndim > 1 and min(wrong.shape[-2:]) > 2:
        border = np.ones_like(wrong)
        border[inner] = False
        if np.array_equal(wrong, border):
            return "They are the border of the last two axes."
        if np.array_equal(wrong, ~border):
            return "They are all but the border of the last two axes."
    if wrong.ndim == 2 and wrong.shape[0] == wrong.shape[1]:
        square = np.ones_like(wrong)
        for pattern, told in (
            (np.eye(len(wrong), dtype=bool), "the diagonal"),
            (~np.eye(len(wrong), dtype=bool), "all but the diagonal"),
            (np.tril(square, -1), "those below the diagonal"),
            (np.triu(square, 1), "those above the diagonal"),
        ):
            if np.array_equal(wrong, pattern):
                return f"They are {told}."
    for pattern, told in ((right > 0, "above 0"), (right < 0, "below 0"), (right == 0, "0")):
        if np.array_equal(wrong, pattern):
            return f"They are those where the right value is {told}."
    for axis in range(wrong.ndim):
        at_axis, length = np.unique(places[:, axis]), wrong.shape[axis]
        for k in range(2, length // 2 + 1):
            if np.array_equal(at_axis, np.arange(at_axis[0] % k, length, k)):
                return f"They are {k} apart on axis {axis}, from index {at_axis[0]} on."
        if wrong.ndim > 1 and len(at_axis) <= min(length / 2, 6):
            return f"All of them are at the indices {_listed(at_axis)} of axis {axis}."
    return ""


def _listed(numbers: np.ndarray) -> str:
    """``0, 2 and 5``, or the first few."""
    words = [str(int(number)) for number in numbers[:6]]
    if len(numbers) > 6:
        return f"{', '.join(words)} …"
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def unknown(found: Comparison, question: Question) -> Named:
    """No known mistake: the worst entry and both its values, never a guess."""
    wrong, size, more = int(np.sum(~found.close)), found.answer.size, ""
    if size > 1:
        more = f"{wrong} of {size} entries differ, this one the most."
        common = in_common(~found.close, found.right.values) if 1 < wrong < size else ""
        more = f"{more} {common}".strip()
    return Named(None, found.worst, more=more, quoted=True)


# --- rules for another shape ------------------------------------------------------------------


def reshaped(found: Comparison, question: Question) -> Named | None:
    """As many entries as there should be: are they right, or wrong in a known way?"""
    answer, right, facts = found.answer, found.right, _shapes(found)
    if answer.size != right.values.size:
        return None
    inside = found.reshaped()
    if inside.ok:
        more = "keep every axis (`keepdims=True`) or reshape."
        if answer.ndim > right.values.ndim:
            more = "only the shape has to change (`reshape`, or an index for each extra axis)"
            more += "." if right.values.ndim else ": it should be a number."
        return Named("shape", facts=facts, more=f"The values are right: {more}")
    named = name_mistake(inside, question)
    long = [[d for d in shape if d > 1] for shape in (answer.shape, right.shape)]
    if named.slug and long[0] == long[1]:
        return Named(f"shape+{named.slug}", facts=facts, besides=(inside, named))
    if answer.shape == right.shape[::-1]:
        return Named("shape", facts=facts, more="That is the shape of the transpose.")
    return None


def unreduced(found: Comparison, question: Question) -> Named | None:
    """Right once an axis is summed or averaged over."""
    answer, right = found.answer, found.right
    for axis in range(answer.ndim):
        if answer.shape[:axis] + answer.shape[axis + 1 :] == right.shape:
            for how, values in (("sum", answer.sum(axis)), ("average", answer.mean(axis))):
                if right.close(values).all():
                    return Named("unreduced", facts={"how": how, "axis": axis})
    return None


def reduced(found: Comparison, question: Question) -> Named | None:
    """The right values, summed or averaged over an axis that should stay."""
    answer, right = found.answer, found.right
    for axis in (None, *range(right.values.ndim)):
        for how, reduce in (("summed", np.sum), ("averaged", np.mean)):
            for keep in (False, True):
                values = reduce(right.values, axis, keepdims=keep)
                same = values.shape == answer.shape
                if same and right.close(answer, values, atol=np.max(right.atol)).all():
                    over = "all entries" if axis is None else f"axis {axis}, which should stay"
                    more = f"It is the right one {how} over {over}."
                    return Named("shape", facts=_shapes(found), more=more)
    return None


def stretched(found: Comparison, question: Question) -> Named:
    """Another shape, perhaps one that NumPy stretched, or would stretch."""
    shape, right, more = found.answer.shape, found.right.shape, ""
    n = max(right, default=0)
    if shape == (n, n) and found.right.values.size == n > 1:
        more = f"NumPy stretches ({n},) with ({n}, 1) to ({n}, {n}): give both the same shape."
    elif _stretches(shape, right):
        more = "NumPy would stretch it to the right shape without a word."
    return Named("shape", facts=_shapes(found), more=more)


Rule = Callable[[Comparison, Question], Named | None]
SAME_SHAPE: list[Rule] = [
    imaginary, precision, foreseen, not_finite, rounded, differences, approximate, offset, entries,
    unknown,
]  # fmt: skip
OTHER_SHAPE: list[Rule] = [
    imaginary, foreseen, not_finite, reshaped, unreduced, reduced, stretched,
]  # fmt: skip


# ----------------------------------------------------------------------------------------------


def at(where: tuple[int, ...]) -> str:
    """``At [0, 2] ``, to begin a sentence with."""
    return f"At {list(where)} " if where else "Here "


def _roughly(found: Comparison) -> float | None:
    """The relative tolerance for values in the low precision that they show, or None."""
    return {"": None, "float16": 2e-2}.get(found.low, 1e-5)


def _shapes(found: Comparison) -> dict:
    return {"yours": found.answer.shape, "right": found.right.shape}


def _stretches(small: tuple, large: tuple) -> bool:
    try:
        return np.broadcast_shapes(small, large) == large
    except ValueError:
        return False
