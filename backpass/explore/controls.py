"""What a reader can set: ``ipywidgets.interact``'s abbreviations, read into plain lists of values.

======================================  ====================================================
``(min, max)`` or ``(min, max, step)``  slider; whole numbers if all are (step 1, else 0.1)
a number                                slider around it, from −1 to 3 times it, as ``interact``
                                        does; the step, 1 or 0.1, is a tenth of the number where it
                                        would not lead there
a list, or a dict of labelled values    choice; a list may hold ``(label, value)`` pairs
``True`` or ``False``                   checkbox
``{"min": .., "max": .., ...}``         slider, with ``step``, ``value``, ``label``, ``unit``
``{"value": 3, ...}``                   slider around it, with ``min`` or ``max``, ``step``,
                                        ``label``, ``unit``
``{"stops": [..], ...}``                slider that stops at these numbers, whatever lies between
                                        (``ipywidgets.SelectionSlider``), with ``value``,
                                        ``label``, ``unit``
``{"options": [..], ...}``              choice, with ``value``, ``label``
``{"value": True, ...}``                checkbox, with ``label``
======================================  ====================================================

A word that says nothing of such a control, as a unit of a choice, is an error.

Where the values of a slider are steps, or a time, say how long each is shown when it plays, in
milliseconds, as ``ipywidgets.Play`` does: ``{"min": 0, "max": 12, "interval": 500}`` has buttons
for back, play and forward.
"""

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from numbers import Integral, Real

from backpass.explore.errors import ExplorerError
from backpass.numerals import printed

_WORDS = {"value", "min", "max", "step", "label", "unit", "options", "stops", "interval"}
_UNSET = object()
#: The most steps of a slider.
MOST = 10_000


@dataclass(frozen=True)
class Control:
    """One control: ``values`` in order, their display ``texts``, and which one is ``initial``.

    A slider without a ``step`` stops at its values and nowhere else. Where its values are steps,
    each is shown for ``interval`` milliseconds.
    """

    name: str
    label: str
    kind: str  # "slider", "choice" or "checkbox"
    values: tuple
    texts: tuple
    initial: int
    step: float | None = None
    unit: str = ""
    interval: int = 0

    def index(self, value: object) -> int:
        """Where ``value`` stands among the values; the nearest for a number between two."""
        if self.kind == "slider":
            return min(range(len(self.values)), key=lambda i: abs(self.values[i] - value))
        return next(i for i, known in enumerate(self.values) if same(known, value))

    def text(self, value: object) -> str:
        """How a reader sees ``value``, for example ``1.50 ms``."""
        if self.step is None:
            return self.texts[self.index(value)]
        decimals = max(_decimals(self.step), _decimals(self.values[0]))
        return _measured(f"{value:.{decimals}f}", self.unit)

    def thinned(self, values: Iterable) -> "Control":
        """This control with only some of its values, for a recording."""
        if isinstance(values, (str, Mapping)) or not isinstance(values, Iterable):
            raise ExplorerError(f"recorded[{self.name!r}] wants a list of values, got {values!r}.")
        kept = []
        for value in values:
            near = [i for i, known in enumerate(self.values) if same(known, value)]
            if not near:
                raise ExplorerError(
                    f"recorded[{self.name!r}] has {value!r}, which is none of the control's values "
                    f"({self.summary})."
                )
            kept += near[:1]
        if self.initial not in kept:
            raise ExplorerError(
                f"recorded[{self.name!r}] leaves out {self.values[self.initial]!r}, where the "
                "explorer starts: add it."
            )
        kept = sorted(set(kept))
        return replace(
            self,
            values=tuple(self.values[i] for i in kept),
            texts=tuple(self.texts[i] for i in kept),
            initial=kept.index(self.initial),
        )

    @property
    def summary(self) -> str:
        """The values in a few words."""
        if self.step is not None:
            return f"{self.values[0]!r} to {self.values[-1]!r} in steps of {self.step!r}"
        return ", ".join(self.texts)

    def as_json(self) -> dict:
        """The control as the page's script reads it."""
        values = self.texts if self.kind == "choice" else self.values
        steps = {"interval": self.interval} if self.interval else {}
        return steps | {
            "name": self.name,
            "label": self.label,
            "kind": self.kind,
            "values": list(values),
            "texts": list(self.texts),
            "initial": self.initial,
            "step": self.step,
        }


def control(name: str, abbreviation: object, default: object = _UNSET) -> Control:
    """Read one abbreviation.

    The control starts at its own value if it has one (a number, a bool, ``"value"``), else at
    ``default``, else in the middle of a slider or at the first choice. Raises ExplorerError if
    there is a word that says nothing of such a control, or anything else is amiss.
    """
    words = _words(name, abbreviation)
    label, unit = str(words.get("label", name.replace("_", " "))), str(words.get("unit", ""))
    start = words.get("value", default)
    if "options" in words:
        bare = _choice(name, label, words["options"], start)
    elif "stops" in words:
        bare = _stops(name, label, unit, words["stops"], start)
    elif isinstance(start, bool) and not _bounds(words):
        bare = Control(name, label, "checkbox", (False, True), ("off", "on"), int(start))
    elif all(map(_is_number, (words[key] for key in _NUMBERS if key in words))):
        bare = _slider(name, label, unit, _range(words), start)
    else:
        raise _unreadable(name, abbreviation)
    if "interval" in words:
        bare = _walked(bare, words["interval"])
    known = _OF_STOPS if "stops" in words else _OF_KIND[bare.kind]
    if others := sorted(set(words) - known):
        raise ExplorerError(
            f"The control {name!r} is a {bare.kind}, of which {', '.join(map(repr, others))} says "
            f"nothing: leave it out. What may be said is {', '.join(sorted(known))}."
        )
    return bare


#: What may be said of a control, by its kind, and which of it are numbers of a slider.
_OF_KIND = {
    "choice": {"options", "value", "label"},
    "slider": {"min", "max", "step", "value", "label", "unit", "interval"},
    "checkbox": {"value", "label"},
}
_OF_STOPS = {"stops", "value", "label", "unit", "interval"}
_WORDS = _OF_STOPS.union(*_OF_KIND.values())
_NUMBERS = ("min", "max", "step", "value")


def _words(name, given):
    """An abbreviation as the dict that says the same."""
    if isinstance(given, Mapping) and (
        {"value", "options", "stops"} & set(given) or _bounds(given)
    ):
        if unknown := set(given) - _WORDS:
            raise ExplorerError(
                f"The control {name!r} has {', '.join(sorted(map(repr, unknown)))}; known are "
                f"{', '.join(sorted(_WORDS))}."
            )
        return dict(given)
    if isinstance(given, Mapping) and given and set(given) <= _WORDS:
        raise ExplorerError(
            f"The control {name!r} has {', '.join(map(repr, given))} and nothing to set: give min "
            "and max, or value, or stops, or options. If these are labels to choose from, they go "
            "into options."
        )
    if isinstance(given, Real):
        return {"value": given}
    if isinstance(given, tuple) and len(given) in (2, 3) and all(map(_is_number, given)):
        return dict(zip(("min", "max", "step"), given, strict=False))
    if isinstance(given, Iterable) and not isinstance(given, (str, tuple)):
        return {"options": given}
    raise _unreadable(name, given)


def _bounds(words):
    return {"min", "max"} <= set(words)


def _unreadable(name, abbreviation):
    return ExplorerError(
        f"The control {name!r} cannot be read from {abbreviation!r}. Give (min, max, step) for a "
        "slider, a list for a choice, True or False for a checkbox, or a dict with label and unit."
    )


def _range(words):
    """From where to where a slider goes, and its step if one is said or needed.

    What is not said of it lies around its value, as with ``interact``. The step that ``interact``
    takes is a tenth of the value instead where it does not lead there, or there are too many.
    """
    if _bounds(words):
        return tuple(words[key] for key in ("min", "max", "step") if key in words)
    value = _own(words["value"])
    around = sorted((-value, 3 * value)) if value else (value, value + 1)
    low, high = words.get("min", around[0]), words.get("max", around[1])
    if not (math.isfinite(value) and low <= value <= high):
        return low, high, *([words["step"]] if "step" in words else [])
    if "step" not in words:
        whole = isinstance(value, int) and isinstance(low, Integral) and isinstance(high, Integral)
        usual, tenth = (1, abs(value) // 10) if whole else (0.1, abs(value) / 10)
        fits = _is_whole((value - low) / usual) and usual <= high - low <= MOST * usual
        return low, high, usual if fits or (whole and value % 10) or not value else tenth
    step = words["step"]
    if "min" not in words and 0 < step < math.inf:  # there is a step that ends at the value
        low = value - math.floor((value - low) / step + 1e-9) * step
    return low, high, step


def _is_whole(number):
    return abs(number - round(number)) <= 1e-9 * abs(number)


def _walked(bare, interval):
    """A slider whose values are steps."""
    if bare.kind != "slider":
        raise ExplorerError(
            f"The control {bare.name!r} is a {bare.kind}, which has no steps: leave the interval "
            "out, or give stops instead of options."
        )
    if not isinstance(interval, Integral) or interval < 1:
        raise ExplorerError(
            f"The control {bare.name!r} has the interval {interval!r}: give a whole number of "
            "milliseconds."
        )
    return replace(bare, interval=int(interval))


def _slider(name, label, unit, given, default):
    whole = all(isinstance(number, Integral) for number in given)
    kind = int if whole else float
    low, high, step = (kind(number) for number in (*given, 1 if whole else 0.1)[:3])
    if not (math.isfinite(high - low) and low < high and 0 < step <= (high - low) * (1 + 1e-9)):
        raise ExplorerError(
            f"The control {name!r} goes from {low!r} to {high!r} in steps of {step!r}: min must be "
            "below max and the step must fit between them."
        )
    steps = int((high - low) / step + 1e-9)
    if steps > MOST:
        raise ExplorerError(
            f"The control {name!r} has {steps} steps, and nobody can tell more than {MOST} apart "
            "on a slider: take larger ones."
        )
    places = max(12, 9 - math.floor(math.log10(step)))
    values = tuple(kind(round(low + i * step, places)) for i in range(steps + 1))
    middle = int((high - low) / 2 / step + 1e-9)
    bare = Control(name, label, "slider", values, (), middle, step, unit)
    if default is not _UNSET:
        bare = replace(bare, initial=_start(bare, default))
    return replace(bare, texts=tuple(map(bare.text, values)))


def _choice(name, label, given, default):
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ExplorerError(f"The control {name!r} wants a list of values, and is given {given!r}.")
    if isinstance(given, Mapping):
        options = list(given.items())
    else:
        options = list(given)
        if not all(isinstance(one, (tuple, list)) and len(one) == 2 for one in options):
            options = [(str(value), value) for value in options]
    if not options:
        raise ExplorerError(f"The control {name!r} has nothing to choose from.")
    texts = tuple(str(text) for text, _ in options)
    values = tuple(value for _, value in options)
    if len(set(texts)) < len(texts):
        raise ExplorerError(f"The control {name!r} has the same label twice: {', '.join(texts)}.")
    if any(same(one, other) for one, other in itertools.combinations(values, 2)):
        raise ExplorerError(f"The control {name!r} has the same value twice: {', '.join(texts)}.")
    bare = Control(name, label, "choice", values, texts, 0)
    return bare if default is _UNSET else replace(bare, initial=_start(bare, default))


def _stops(name, label, unit, given, default):
    bare = _choice(name, label, given, default)
    if not all(map(_is_number, bare.values)) or list(bare.values) != sorted(bare.values):
        raise ExplorerError(
            f"The control {name!r} stops at {', '.join(bare.texts)}: a slider stops at numbers, "
            "from the least to the largest. Give options instead of stops for a choice."
        )
    values = tuple(int(v) if isinstance(v, Integral) else float(v) for v in bare.values)
    return replace(
        bare,
        kind="slider",
        values=values,
        texts=tuple(_measured(text, unit) for text in bare.texts),
        unit=unit,
    )


def _measured(number, unit):
    """A number with its unit: a sign is close to it, a word is not."""
    gap = "\N{NO-BREAK SPACE}" if unit[:1].isalpha() else ""
    return f"{printed(number)}{gap}{unit}"


def _start(bare, default):
    """The place of ``default`` among the control's values."""
    for place, value in enumerate(bare.values):
        if same(value, default):
            return place
    raise ExplorerError(
        f"The control {bare.name!r} cannot start at {default!r}: its values are {bare.summary}."
    )


def _is_number(value):
    return isinstance(value, Real) and not isinstance(value, bool)


def _own(number):
    """A number as Python's own: one of NumPy's may not hold its negative, or three times it."""
    return int(number) if isinstance(number, Integral) else float(number)


def same(one: object, other: object) -> bool:
    """Equal, or numbers equal up to rounding; never an error, whatever is compared."""
    if one is other:
        return True
    if _is_number(one) and _is_number(other):
        one, other = (n if type(n) in (int, float) else _own(n) for n in (one, other))
        return abs(one - other) <= 1e-9 * max(abs(one), abs(other))
    try:
        return type(one) is type(other) and bool(one == other)
    except Exception:
        return False


def _decimals(number):
    """How many decimals a reader needs for ``number``: all it has, up to three digits of it."""
    if not number:
        return 0
    exponent = Decimal(str(number)).normalize().as_tuple().exponent
    return max(0, min(-exponent, 2 - math.floor(math.log10(abs(number)))))
