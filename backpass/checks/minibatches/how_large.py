"""The title's question on data: steps at the best of some rates, and which size takes least time.

The answer is handed what it is to use, `noise_scale` and `steps_to`: right ones first, then ones
that do something else, so that it shows whether they are used.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, wraps

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.minibatches._inputs import (
    BUYS,
    LARGE,
    SUM,
    half_squares,
    normal,
    slope_of,
)
from backpass.checks.minibatches.noise_scale import Measured


def noise_scale(small, big, b, B):
    """What is asked of the part of this name."""
    return tuple(Measured(np.asarray(small), np.asarray(big), b, B).solved().values())


def other_scale(small, big, b, B):
    """Another `noise_scale`, of three other numbers."""
    first = float(np.sum(small[0]) - np.sum(big[0]))
    return 2.0, 3.0 * B + b, 50 + first * (B - b)


def steps_to(X, t, draws, rate, how, goal):
    """What is asked of the part of this name."""
    given = (np.asarray(a).tobytes() for a in (X, t, draws, rate, goal))
    key = (*given, len(draws[0]), repr(how))
    if key not in _counted:
        _counted[key] = _steps_to(X, t, draws, rate, how, goal)
    return _counted[key]


#: What `steps_to` has counted: every answer asks for the same few runs.
_counted: dict[tuple, int] = {}


def _steps_to(X, t, draws, rate, how, goal):
    w, most = np.zeros(X.shape[1]), len(draws)
    with np.errstate(all="ignore"):
        for k, rows in enumerate([*draws, draws[-1]]):
            if half_squares(w, X, t) <= goal:
                return k
            if not np.abs(w).max() < 1e60:
                break
            times = len(rows) if how == "sum" else 1
            w = w - rate * times * slope_of(w, X[rows], t[rows])
    return most + 1


def other_steps(X, t, draws, rate, how, goal):
    """Another `steps_to`, which knows nothing but sizes."""
    off = abs(np.log(60 * rate / len(draws[0])))
    return int(20 + 60 / len(draws[0]) + 40 * off * (1 + (how == "sum")))


@dataclass(frozen=True, eq=False)
class Case:
    """Data, sizes, rates, a goal, what a step costs, and the parts that are handed over."""

    name: str
    seed: int
    shape: tuple[int, int]  # n, d
    sizes: tuple[int, ...]
    rates: tuple[float, ...]
    goal: float
    a: float
    b: float
    parts: tuple[Callable, Callable] = (noise_scale, steps_to)

    @property
    def given(self) -> list:
        """The learner's arguments."""
        n, d = self.shape
        X, w, noise = normal(self.seed, (n, d), d, n)
        order = np.random.default_rng(self.seed).integers(n, size=(60, self.sizes[-1]))
        t = X @ (w + 1) + 0.3 * noise
        costs = [np.array(self.sizes), np.array(self.rates), self.goal, self.a, self.b]
        return [X, t, order, *costs, *self.parts]

    def results(self, way: "Way") -> dict[str, np.ndarray]:
        """What comes out if somebody goes this way."""
        X, t, order, _, _, goal, a, b, scale, count = self.given
        small, big = (
            np.array([way.gradient(X[rows[:B]], t[rows[:B]]) for rows in order])
            for B in (self.sizes[0], self.sizes[-1])
        )
        found = scale(small, big, self.sizes[0], self.sizes[-1])[way.which]
        table = np.array([[count(X, t, order[:, :B] if way.cut else order, rate, way.how, goal)
                           for rate in self.rates] for B in self.sizes], float)  # fmt: skip
        picked = way.picked(table)
        steps = table[np.arange(len(table)), picked]
        times = way.time(steps, np.array(self.sizes), a, b)
        return {
            "scale": np.array(float(found)),
            "rates": np.array(self.rates)[picked],
            "steps": steps,
            "best": np.array(float(self.sizes[int(np.argmin(times))])),
        }

    def follows(self, found: dict) -> dict:
        """The best size for steps that are not right."""
        times = np.asarray(found["steps"], float) * (self.a + self.b * np.array(self.sizes))
        return found | {"best": np.array(float(self.sizes[int(np.argmin(times))]))}


@dataclass(frozen=True)
class Way:
    """How somebody goes about it: the right way, but for what is given."""

    how: str = "mean"
    which: int = 2
    cut: bool = True
    gradient: Callable = lambda x, t: slope_of(np.zeros(x.shape[1]), x, t)
    picked: Callable = lambda table: table.argmin(axis=1)
    time: Callable = lambda steps, sizes, a, b: steps * (a + b * sizes)


#: No place of a size is a size, and at no data are two of the usual slips the same.
SIZES = (3, 7, 18)
RATES = (0.01, 0.04, 0.1, 0.25, 0.6)
CASES = [
    Case("data 1", 55, (40, 4), SIZES, RATES, 0.1, 4.0, 0.2),
    Case("data 2", 51, (40, 4), SIZES, RATES, 0.1, 4.0, 0.2),
    Case("data 3", 3, (40, 4), SIZES, RATES, 0.1, 4.0, 0.2),
]
OTHERS = [
    replace(CASES[0], name="another noise scale", parts=(other_scale, steps_to)),
    replace(CASES[1], name="other steps", parts=(noise_scale, other_steps)),
]


@cache
def gone(case: Case, way: Way = Way()) -> dict[str, np.ndarray]:
    """The same, once for all."""
    return case.results(way)


LABELS = {
    "scale": "the noise scale",
    "rates": "the best rate of each size",
    "steps": "the steps of each size",
    "best": "the size that takes least time",
}


@exercise(
    "How large, on your data?",
    section=LARGE,
    points=6,
    kind="synthesis",
    mistakes={
        "parts-ignored": (
            "With other parts in their place nothing changes: this does not use the `noise_scale`"
            " and the `steps_to` that it is given.",
            "Call the two parameters, and use what they return.",
        ),
    },
)
def how_large(attempt):
    for name, label in LABELS.items():
        after = tuple(attempt.mistakes)
        with attempt.part(label) as part:
            for case in part.each(CASES, "{.name}"):
                follows = case.follows if name == "best" else None
                options = {"of": asked(case), "repeat": False, "follows": follows, "after": after}
                part.outputs(case.given, gone(case), name, **options)
    after = tuple(attempt.mistakes)
    with attempt.part("with other parts in the place of yours", weight=2) as part:
        for case in part.each(OTHERS, "{.name}"):
            right = gone(case)
            plain = gone(CASES[OTHERS.index(case)])
            given = part.call(*case.given, outputs=right, repeat=False)
            if all(alike(a, plain[name]) for name, a in zip(plain, given, strict=True)):
                part.blame("parts-ignored", "What comes out is not what these parts give.")
            options = {"of": asked(case), "repeat": False, "after": after}
            part.outputs(case.given, right, ["scale", "rates", "steps"], **options)
            part.outputs(case.given, right, ["best"], follows=case.follows, **options)


def asked(case: Case) -> Callable:
    """What the mistakes are functions of, for a result by its name."""
    return lambda name, given: [case, name, given]


def alike(a: object, b: np.ndarray) -> bool:
    """Are these the same finite numbers in the same shape?"""
    return np.shape(a) == b.shape and bool(np.allclose(a, b, 1e-9, 1e-12))


def goes(*ways: Way, results: tuple[str, ...]) -> Callable:
    """A mistake that gives what comes out of these other ways, in some of the results."""

    def enter(sentence: str, fix: str) -> Callable:
        def named(function: Callable) -> Callable:
            @wraps(function)
            def values(case, name, given):
                if name not in results:
                    return None
                found = [gone(case, way)[name] for way in ways]
                return closest(given, *(one for one in found if not alike(one, gone(case)[name])))

            return how_large.mistake(sentence, fix)(values)

        return named

    return enter


@goes(Way(how="sum"), results=("rates", "steps"))(
    f"The steps are those of sums. {SUM}",
    'Call steps_to with "mean".',
)
def sums(): ...


@goes(Way(which=0), Way(which=1), results=("scale",))(
    "This is another of the three numbers that noise_scale returns.",
    "The noise scale is the last of them.",
)
def another_number(): ...


@goes(
    Way(gradient=lambda x, t: len(x) * slope_of(np.zeros(x.shape[1]), x, t)),
    results=("scale",),
)(
    f"noise_scale is handed sums, and it wants the mean gradients of batches. {BUYS}",
    "Divide each batch's gradient by its number of rows.",
)  # fmt: skip
def summed_gradients(): ...


@goes(
    Way(gradient=lambda x, t: -slope_of(np.ones(x.shape[1]), x, t)),
    results=("scale",),
)(
    "The gradients are taken at another place.",
    "Take them where the runs start: at w = 0.",
)
def elsewhere(): ...


@goes(Way(cut=False), results=("rates", "steps"))(
    "All sizes get the whole rows of the order, so they all are the largest.",
    "A batch of B takes the first B of each row: order[:, :B].",
)
def not_cut(): ...


@goes(
    Way(picked=lambda table: table.argmax(axis=1)),
    results=("rates", "steps"),
)(
    "This is not the rate with the fewest steps.",
    "Of the steps at all rates take the place of the smallest: np.argmin.",
)
def not_the_best(): ...


@goes(Way(picked=lambda table: np.full(len(table), table.sum(axis=0).argmin())),
      results=("rates", "steps"))(
    "All sizes have one rate, so all but one of them may have the wrong one.",
    "Take the best rate for each size by itself.",
)  # fmt: skip
def one_rate(): ...


@goes(
    Way(time=lambda steps, sizes, a, b: steps),
    Way(time=lambda steps, sizes, a, b: steps * sizes),
    Way(time=lambda steps, sizes, a, b: steps * (a * sizes + b)),
    Way(time=lambda steps, sizes, a, b: a + b * sizes),
    Way(time=lambda steps, sizes, a, b: -steps * (a + b * sizes)),
    results=("best",),
)(
    "This size does not take the least time: fewest steps, or fewest examples, are not it.",
    "Multiply the steps by what one of them takes, a + b B, and take the smallest.",
)
def other_time(): ...


@how_large.mistake(
    "The rates and the steps are exchanged.",
    "Return the noise scale, the rates, the steps, the best size.",
)
def rates_for_steps(case, name, given):
    other = {"rates": "steps", "steps": "rates"}
    return gone(case)[other[name]] if name in other else None


@how_large.mistake(
    "The place of the size is returned, not the size.",
    "sizes[place].",
)
def place_of_size(case, name, given):
    return np.array(float(case.sizes.index(int(gone(case)["best"])))) if name == "best" else None
