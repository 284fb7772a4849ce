"""Synthesis: three faults in a net without a label."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import Part, exercise, forms, judging
from backpass.checks.backpropagation import suspect
from backpass.checks.backpropagation._faults import KINDS, Arrays, Case, Fault
from backpass.checks.backpropagation._inputs import CHECKING
from backpass.checks.errors import Wrong
from backpass.gradcheck import numerical_gradient, slope

OUTPUTS = ("wrong", "kinds", "mended")
draw = np.random.default_rng(21).uniform
X, T = draw(-1, 1, (5, 3)), draw(-1, 1, (5, 2))
POINT = {
    "W": draw(-1, 1, (3, 3)),
    "U": draw(-1, 1, (3, 3)),
    "c": draw(-1, 1, 3),
    "V": draw(-1, 1, (3, 2)),
    "e": draw(-1, 1, 2),
}
ELSEWHERE = {name: value + draw(0.2, 0.4, np.shape(value)) for name, value in POINT.items()}


def loss(p: Arrays) -> float:
    """The loss of a net with two hidden layers."""
    hidden = np.tanh(np.tanh(X @ p["U"] + p["c"]) @ p["W"])
    return np.sum((hidden @ p["V"] + p["e"] - T) ** 2) / 2 / len(X)


def large(p: Arrays) -> float:
    """The same, in smaller units: a large number, with large slopes."""
    return 1e6 * loss(p)


def small(p: Arrays) -> float:
    """The same, in larger units: a small number, with small slopes."""
    return 1e-6 * loss(p)


def uneven(p: Arrays) -> float:
    """The same with slopes of V, to the second output, that are small beside the others."""
    return loss({**p, "V": p["V"] * [1, 0.004]})


def places(shape: tuple[int, ...], *rows: int) -> np.ndarray:
    found = np.zeros(shape, bool)
    found[list(rows)] = True
    return found


@dataclass(frozen=True)
class Looked(Case):
    """A case with its gradients at both points, right ones and those with the faults."""

    @cached_property
    def true(self) -> Arrays:
        return slope(self.loss, dict(self.p))

    @cached_property
    def true_there(self) -> Arrays:
        return slope(self.loss, dict(ELSEWHERE))

    @cached_property
    def here(self) -> Arrays:
        return self.gradient(self.p)

    @cached_property
    def there(self) -> Arrays:
        return self.gradient(ELSEWHERE)


@dataclass
class Asked:
    """What the answer is called with, and what it did with that."""

    case: "Looked"
    agree: bool = False  # do the differences agree with the gradient, faults and all?
    exact: bool = False  # are they the gradient without the faults, to the last digit?
    differences: int = 0
    elsewhere: int = 0  # how often the loss was asked near the other point

    @property
    def args(self) -> list:
        case = self.case

        def differences(f, x, h):
            self.differences += 1
            if isinstance(x, dict):
                text = "differences takes a function of one array, and that array, not a dictionary"
                raise TypeError(f"{text}: lambda v: loss({{**p, name: v}}), and p[name]")
            for name in POINT if self.agree or self.exact else ():
                if np.array_equal(x, case.p[name]):
                    return (case.here if self.agree else case.true)[name].copy()
            return numerical_gradient(f, np.asarray(x, float), "central", h)

        def loss(p):
            same = sum(np.array_equal(p[name], ELSEWHERE[name]) for name in POINT)
            self.elsewhere += same >= len(POINT) - 1
            return case.loss(p)

        return [differences, loss, case.gradient, dict(case.p), dict(ELSEWHERE), case.n]

    def kind(self, name: str) -> str:
        return "right" if self.agree else self.case.kind(name)

    def right(self, output: str, name: str) -> np.ndarray:
        """What should be told of a parameter: its wrong entries, or its gradient elsewhere."""
        if output == "mended":
            return (self.case.there if self.agree else self.case.true_there)[name]
        return (np.abs(self.gap(name)) > 1e-6 * np.max(np.abs(self.case.true[name]))) + 0.0

    def gap(self, name: str) -> np.ndarray:
        """The gradient less the differences."""
        return self.case.here[name] - (self.case.here if self.agree else self.case.true)[name]


CASES = [
    Looked("a net with four faults", loss, POINT, 5, {
        "U": Fault("transposed"), "c": Fault("summed", places((3,), 1)),
        "V": Fault("sign", places((3, 2), 0, 2)), "e": Fault("sign"),
    }),
    Looked("a net whose loss is large", large, POINT, 5, {
        "W": Fault("summed", places((3, 3), 1)), "V": Fault("summed"), "c": Fault("sign"),
    }),
    Looked("a net whose loss is small", small, POINT, 5, {
        "U": Fault("sign", places((3, 3), 0)), "W": Fault("transposed"),
        "e": Fault("summed", places((2,), 0)),
    }),
    Looked("a net with large and small slopes", uneven, POINT, 5, {
        "U": Fault("transposed"), "V": Fault("sign"), "e": Fault("summed"),
    }),
    Looked("a net without a fault", loss, POINT, 5, {}),
]  # fmt: skip

#: Each fault in a whole parameter, as who does not look at entries needs it.
WHOLE = {"U": Fault("transposed"), "c": Fault("summed"), "V": Fault("sign")}

#: Cases in which no limit is too narrow: what is 4 times too large is undone to the last digit, and
#: the other n is that of the sheet.
WITHOUT_ROUNDING = [
    Looked("a net and exact differences", loss, POINT, n, faults)
    for faults in (CASES[0].faults, WHOLE)
    for n in (4, suspect.n)
]

#: Slips that spoil what follows: it is then looked at where they do not show.
SPOILING = {"last-digit", "absolute", "whole-parameter", "unseen", "accused", "other-kind"}

#: Slips that do not come of an earlier one.
OWN = {
    "differences-unused",
    "differences-elsewhere",
    "other-word",
    "at-first-point",
    "undone-everywhere",
    "multiplied",
}

#: The differences that are handed over say that all is right.
AGREED = "differences that agree with the gradient"


@exercise(
    "Synthesis: three faults in a net without a label",
    section=CHECKING,
    points=6,
    kind="synthesis",
    mistakes={
        "differences-unused": (
            "The differences that were handed over are not what this is judged by.",
            "For each parameter call `differences` on a function of that parameter alone,"
            " lambda v: loss({**p, name: v}), and compare the gradient with what it returns.",
        ),
        "last-digit": (
            "Entries are marked that are right: two ways of computing hardly ever agree to the last"
            " digit.",
            "Let an entry be off if it differs by more than a small part, 1e-4 say, of the largest"
            " slope.",
        ),
        "inverted": (
            "True and False are exchanged.",
            "True stands where the gradient and the differences differ.",
        ),
        "whole-parameter": (
            "The whole parameter is marked where only some of its entries are off.",
            "Compare entry by entry, without max or any.",
        ),
        "one-side": (
            "Only entries that are too large are marked, or only those that are too small.",
            "Take the size of the difference, np.abs(…), before you compare.",
        ),
        "absolute": (
            "The limit is the same whatever the size of the slopes: of a large loss rounding is"
            " marked, of a small one nothing.",
            "Compare with a part of the largest slope, 1e-4 * np.abs(right).max().",
        ),
        "too-wide": (
            "Entries whose slopes are small beside the others are off as well, and are passed over:"
            " the limit is too wide.",
            "Take a smaller part of the largest slope, 1e-4 of it. The differences are far better"
            " than that.",
        ),
        "differences-elsewhere": (
            "At the other point the loss is asked for again. But what the faults are is known by"
            " now, and q has a gradient of its own, with the same faults.",
            "Take gradient(q), and undo in it what you found at p.",
        ),
        "not-mended": (
            "This is gradient(q) as it came, with the faults in it.",
            "Undo in it, in the entries that were off at p, what you found there.",
        ),
        "at-first-point": (
            "This is the gradient at p. It is asked for at the other point, q.",
            "Take gradient(q), and undo the faults in that.",
        ),
        "undone-everywhere": (
            "The fault is undone in all entries, also in those that are right.",
            "Undo it where it is: np.where(wrong, undone, g).",
        ),
        "multiplied": (
            "What is n times too large has become n times larger still.",
            "Divide it by n.",
        ),
        "other-word": (
            "That is none of the four words.",
            'Answer with "right", "sign", "summed" or "transposed", as text.',
        ),
        "unseen": (
            "A parameter whose gradient is off is called right.",
            "Call it right only if none of its entries is off.",
        ),
        "accused": (
            "A parameter whose gradient is right is accused of a fault.",
            "Try first whether all entries agree with the differences as they are.",
        ),
        "other-kind": (
            "It is another fault that explains these entries.",
            "Undo each kind of fault in turn, in the entries that are off: the right one makes all"
            " of them agree with the differences.",
        ),
    },
)
def find_faults(attempt):
    for output, label in PARTS.items():
        with attempt.part(label, 2) as part:
            try:
                asked = [*map(Asked, CASES), Asked(CASES[0], agree=True)]
                judge(part, output, asked)
            except Wrong as wrong:
                if wrong.mistake in OWN or not right_by_itself(part, output):
                    raise
                part.told_above()


PARTS = {
    "wrong": "which entries are off",
    "kinds": "which kind of fault",
    "mended": "the gradient at another point, mended",
}


def judge(part: Part, output: str, cases: Iterable[Asked]) -> None:
    """End the part unless this result of the answer is right in all cases."""
    for asked, found in each_case(part, output, cases):
        if output == "wrong":
            judge_entries(part, asked, by_name(found, output))
        elif output == "kinds":
            kinds = by_name(found, output)
            for name in one_by_one(part, kinds):
                judge_kind(part, kinds[name], asked.kind(name))
        else:
            if asked.elsewhere and not asked.agree:
                part.blame("differences-elsewhere", "The right numbers, got in another way.")
            if not mended_where_marked(asked, found):
                judge_gradients(part, asked, by_name(found, output))


def right_by_itself(part: Part, output: str) -> bool:
    """Is this result right where a slip that was told in an earlier part does not show?"""
    if not SPOILING.intersection(part.attempt.mistakes):
        return False
    here = part.here
    for case in WITHOUT_ROUNDING:
        try:
            judge(part, output, [Asked(case, exact=True)])
            return True
        except Wrong:
            part.here = here
    return False


def each_case(part: Part, output: str, cases: Iterable[Asked]) -> Iterator[tuple[Asked, dict]]:
    """Each case, and what the answer gives there, by the results' names."""
    for asked in cases:
        label = AGREED if asked.agree else asked.case.name
        part.here = [label]
        results = part.call(*asked.args, outputs=OUTPUTS, repeat=False)
        found = dict(zip(OUTPUTS, results, strict=True))
        if not asked.differences:
            part.blame("differences-unused", "Something that was handed over is not used.")
        if asked.agree and accuses(found["wrong" if output == "wrong" else "kinds"]):
            part.blame("differences-unused", "Here the differences agree with the gradient.")
        yield asked, found
    part.here = []


def by_name(found: dict, output: str) -> dict:
    """What a result has for each parameter."""
    try:
        values = forms.several(found[output], tuple(POINT))
    except forms.OtherForm as error:
        text = f"“{output}” should have something for each parameter, {', '.join(POINT)}."
        raise Wrong(f"{text} It has {error}", "type") from None
    return dict(zip(POINT, values, strict=True))


def mended_where_marked(asked: Asked, found: dict) -> bool:
    """Are the faults, of the right kinds, undone in just the entries that the answer calls off?

    It is then not told a second time which they are.
    """
    try:
        masks, kinds, mended = (by_name(found, output) for output in OUTPUTS)
        for name in POINT:
            off, g = asked.right("wrong", name) > 0, undone_everywhere(asked, name)
            marked = np.asarray(masks[name], bool)
            if word(kinds[name]) != asked.kind(name) or off.any() > (off & marked).any():
                return False
            right = np.where(marked, g, asked.case.there[name])
            if np.shape(mended[name]) != right.shape or not judging.is_right(
                mended[name], right, {}
            ):
                return False
    except (Wrong, TypeError, ValueError):
        return False
    return True


def one_by_one(part: Part, found: dict) -> Iterator[str]:
    """The parameters' names; a message then says which, after the case."""
    label = part.here[0]
    for name in found:
        part.here = [label, name]
        yield name
    part.here = [label]


def accuses(found: object) -> bool:
    """Does a result, entries or kinds, say of any parameter that it is wrong?"""
    values = list(found.values() if isinstance(found, dict) else found)
    return any(
        word(one) in KINDS[1:] if isinstance(one, str) else np.size(one) > 0 and np.any(one)
        for one in values
        if isinstance(one, str | np.ndarray | list)
    )


def judge_entries(part: Part, asked: "Asked", found: dict) -> None:
    """End the part unless these are the entries that are off, in all parameters."""
    masks = {}
    for name, value in found.items():
        shape = np.shape(asked.case.p[name])
        if not (isinstance(value, np.ndarray) and value.shape == shape):
            text = f"{name}: an array of True and False is wanted, of shape {shape}."
            raise Wrong(text, "type")
        masks[name] = value + 0.0
    right = {name: asked.right("wrong", name) for name in found}
    off = {name: np.argwhere(masks[name] != right[name]) for name in found}
    off = {name: places for name, places in off.items() if len(places)}
    if not off:
        return
    name, places = next(iter(off.items()))
    where = f"{name}: {len(places)} of {right[name].size} entries are judged otherwise, the first"
    where = f"{where} at {places[0].tolist()}."
    if slug := who_marks(asked, masks, right):
        part.blame(slug, where)
    raise Wrong(where)


#: What is marked by whom: functions of the case, the parameter and the entries that are off.
ENTRIES: dict[str, Callable[[Asked, str, np.ndarray], np.ndarray]] = {
    "inverted": lambda asked, name, right: 1 - right,
    "whole-parameter": lambda asked, name, right: np.full_like(right, right.any()),
    "one-side": lambda asked, name, right: right * (asked.gap(name) > 0),
}


def who_marks(asked: Asked, masks: Arrays, right: Arrays) -> str | None:
    """The mistake that marks these entries, if one is known."""
    for slug, slip in ENTRIES.items():
        if all(np.array_equal(masks[name], slip(asked, name, right[name])) for name in masks):
            return slug
    if asked.case.loss is small and not any(mask.any() for mask in masks.values()):
        return "absolute"
    if all(np.all(masks[name] >= right[name]) for name in masks):  # and some besides
        return "absolute" if asked.case.loss is large else "last-digit"
    if all(only_the_largest(asked, name, masks[name], right[name]) for name in masks):
        return "too-wide"
    return None


def only_the_largest(asked: Asked, name: str, mask: np.ndarray, right: np.ndarray) -> bool:
    """Are those that are marked off indeed, and further off than those that are not?"""
    gaps, marked = np.abs(asked.gap(name)), mask > 0
    return bool(
        np.all(mask <= right)
        and np.min(gaps[marked], initial=np.inf) >= np.max(gaps[~marked], initial=0)
    )


def word(value: object) -> str | None:
    """A word as it is compared, None for anything else."""
    return str(value).strip().lower() if isinstance(value, str) else None


def judge_kind(part: Part, value: object, right: str) -> None:
    """End the part unless the word is the right one."""
    given = word(value)
    where = f"Not {value!r}." if given in KINDS else "This is no word that was asked for."
    if given not in KINDS:
        part.blame("other-word", where)
    if given != right:
        slug = "unseen" if given == "right" else "accused" if right == "right" else "other-kind"
        part.blame(slug, where)


def judge_gradients(part: Part, asked: Asked, found: dict) -> None:
    """End the part unless these are the gradients at the other point."""
    right = {name: asked.right("mended", name) for name in found}
    for name in one_by_one(part, found):
        try:
            part.expect(found[name], right[name], rows=False)
        except Wrong as wrong:
            for slug, slip in MENDED.items():
                if all(judging.is_right(found[n], slip(asked, n, right[n]), {}) for n in found):
                    part.blame(slug, wrong.where)
            raise


def undone_everywhere(asked: Asked, name: str, right: np.ndarray | None = None) -> np.ndarray:
    g = asked.case.there[name]
    ways = {"sign": -g, "summed": g / asked.case.n, "transposed": g.T, "right": g}
    return ways[asked.kind(name)]


def multiplied(asked: Asked, name: str, right: np.ndarray) -> np.ndarray:
    fault, g = asked.case.fault(name), asked.case.there[name]
    return fault.put_into(g, asked.case.n) if fault.kind == "summed" else right


#: Which gradients are given by whom: functions of the case, the parameter and the right gradient.
MENDED: dict[str, Callable[[Asked, str, np.ndarray], np.ndarray]] = {
    "not-mended": lambda asked, name, right: asked.case.there[name],
    "at-first-point": lambda asked, name, right: asked.case.true[name],
    "undone-everywhere": undone_everywhere,
    "multiplied": multiplied,
}
