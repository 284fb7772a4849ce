"""The learner's own zig-zag, and its cure: descent on inputs with means, and on centred ones.

The answer is handed what it is to use: `centre` and `largest_rates`, right ones first, then ones
that do something else, so that it shows whether they are used. Right values are those of a descent
along slopes of the loss itself, by complex steps.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, wraps

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.sigmoid_and_tanh._inputs import REMEDIES, VALLEY

ZIGZAG = "Section: “The zig-zag”."
SHARE = 0.9


def centre(X_train: np.ndarray, X_test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is asked of the part of this name."""
    mean = X_train.mean(axis=0)  # the names are those of the sheet: an answer may call it by them
    return X_train - mean, X_test - mean


def other_centre(X_train: np.ndarray, X_test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Another `centre`, which takes a little more away than the mean."""
    train, test = centre(X_train, X_test)
    return train - 0.1, test - 0.1


def limit(X: np.ndarray) -> float:
    """The largest rate of a linear unit with a bias on the inputs X, (n, d)."""
    return 2 / np.linalg.norm(np.c_[X, np.ones(len(X))], 2) ** 2 * len(X)


def largest_rates(X: np.ndarray) -> tuple[float, float]:
    """What is asked of the part of this name."""
    return limit(X), limit(X - X.mean(axis=0))


def careful_rates(X: np.ndarray) -> tuple[float, float]:
    """Other `largest_rates`, which are more careful."""
    return 0.6 * limit(X), 0.7 * limit(X - X.mean(axis=0))


@dataclass(frozen=True, eq=False)
class Case:
    """A data set, how many steps, down to which loss, and the parts that are handed over."""

    name: str
    seed: int
    size: tuple[int, int]  # n, d
    steps: int
    goal: float
    parts: tuple[Callable, Callable] = (centre, largest_rates)

    @property
    def given(self) -> tuple:
        """What the learner's function is called with."""
        rng = np.random.default_rng(self.seed)
        X = rng.uniform(0, 3, self.size) + np.linspace(1, 2, self.size[1])
        t = 2 + np.sin(X).sum(axis=1)
        return X, t, self.steps, self.goal, *self.parts

    @cache  # noqa: B019 (the cases stand in this module)
    def runs(self, way: "Way") -> list[tuple[np.ndarray, np.ndarray]]:
        """The path and its losses, with the inputs as they are and with centred ones."""
        X, t, steps, _, centre, rates = self.given
        seen = (X, way.inputs(centre, X))
        return [
            descended(x, t, way.share * limit, steps * way.beyond, way)
            for x, limit in zip(seen, way.rates(rates(X)), strict=True)
        ]

    def results(self, way: "Way") -> dict[str, np.ndarray]:
        """What comes out if descent goes this way."""
        _, _, steps, goal, _, _ = self.given
        (raw, before), (centred, after) = self.runs(replace(way, scale=1.0, first=0))
        needed = [np.argmax(way.scale * one <= goal) + way.first for one in (before, after)]
        paths = {"raw": raw[: steps + 1], "centred": centred[: steps + 1]}
        return paths | {"needed": np.array(needed, float)}

    def follows(self, found: dict) -> dict:
        """What is right for paths that are not: the steps that these need."""
        X, t, _, goal, centre, _ = self.given
        needed = []
        for x, name in ((X, "raw"), (centre(X, X)[0], "centred")):
            path = np.asarray(found[name], float)
            losses = np.mean((path[:, :-1] @ x.T + path[:, -1:] - t) ** 2, axis=1) / 2
            needed.append(np.argmax(losses <= goal))
        return found | {"needed": np.array(needed, float)}


@dataclass(frozen=True)
class Way:
    """How somebody goes about it: the right way, but for what is given."""

    share: float = SHARE
    inputs: Callable = lambda centre, X: centre(X, X)[0]
    rates: Callable = lambda limits: limits
    step: Callable = lambda g, n: g
    bias: float = 1.0  # by what its gradient is multiplied
    one_by_one: bool = False  # the bias after the weights, at their new place
    scale: float = 1.0  # of the losses
    first: int = 0  # the number of the first loss
    beyond: int = 1  # how many times as far as the path the losses are looked at


def descended(X, t, rate, steps, way) -> tuple[np.ndarray, np.ndarray]:
    """Weights and bias before each step and after the last, (steps + 1, d + 1), and the losses."""

    def losses(ps):  # of the parameters in each column
        return np.sum((X @ ps[:-1] + ps[-1] - t[:, None]) ** 2, axis=0) / 2 / len(t)

    def slope(p):  # by a complex step for each parameter, all at once
        return losses(p[:, None] + 1e-20j * np.eye(len(p))).imag / 1e-20

    path = [np.zeros(X.shape[1] + 1)]
    is_bias = np.arange(X.shape[1] + 1) == X.shape[1]
    for _ in range(steps):
        p = path[-1]
        turns = (~is_bias, is_bias) if way.one_by_one else (np.ones_like(is_bias),)
        for turn in turns:
            p = p - rate * way.step(slope(p), len(t)) * np.where(is_bias, way.bias, 1) * turn
        path.append(p)
    return np.array(path), losses(np.transpose(path))


CASES = [Case("one input", 1, (12, 1), 30, 0.3), Case("three inputs", 2, (20, 3), 40, 0.8)]
OTHERS = [
    replace(CASES[0], name="another centre", parts=(other_centre, largest_rates)),
    replace(CASES[1], name="other rates", parts=(centre, careful_rates)),
]


@cache
def gone(case: Case, way: Way = Way()) -> dict[str, np.ndarray]:
    """The same, once for all."""
    with np.errstate(all="ignore"):
        return case.results(way)


LABELS = {
    "raw": "the path with the inputs as they are",
    "centred": "the path with centred inputs",
    "needed": "the steps that each needs",
}


@exercise(
    "Your own zig-zag, and its cure",
    section=ZIGZAG,
    points=6,
    kind="synthesis",
    mistakes={
        "parts-ignored": (
            "With other parts in their place nothing changes: this does not use the `centre` and"
            " the `largest_rates` that it is given.",
            "Call the two parameters, centre(X, X)[0] and largest_rates(X), and use what they"
            " return.",
        ),
        "shape": (
            "A path has a row for the start and one after each step, and a column for each weight"
            " and for the bias.",
            "Begin with the row of zeros and add a row after each step: steps + 1 rows, d + 1"
            " columns, the bias last.",
        ),
    },
)
def zig_zag(attempt):
    for name, weight in {"raw": 2, "centred": 1, "needed": 1}.items():
        after = tuple(attempt.mistakes)
        with attempt.part(LABELS[name], weight=weight) as part:
            for case in part.each(CASES, "{.name}"):
                follows = case.follows if name == "needed" else None
                options = {"of": asked(case), "repeat": False, "follows": follows, "after": after}
                part.outputs(case.given, gone(case), name, **options)
    # Who has slipped above may use the parts all the same, but for one of the slips.
    after = [slug for slug in attempt.mistakes if slug != "not-centred"]
    with attempt.part("with other parts in the place of yours", weight=2) as part:
        for case in part.each(OTHERS, "{.name}"):
            right, plain = gone(case), gone(with_own_parts(case))
            given = part.call(*case.given, outputs=right, repeat=False)
            if all(alike(a, plain[name]) for name, a in zip(plain, given, strict=True)):
                part.blame("parts-ignored", "What comes out is not what these parts give.")
            options = {"of": asked(case), "repeat": False, "after": after}
            part.outputs(case.given, right, ["raw", "centred"], **options)
            part.outputs(case.given, right, ["needed"], follows=case.follows, **options)


def with_own_parts(case: Case) -> Case:
    """The case of CASES with the same data."""
    return next(one for one in CASES if one.seed == case.seed)


def asked(case: Case) -> Callable:
    """What the mistakes are functions of, for a result by its name."""
    return lambda name, given: [case, name, given]


def alike(a: object, b: np.ndarray) -> bool:
    """Are these the same finite numbers in the same shape?"""
    return np.shape(a) == b.shape and bool(np.allclose(a, b, 1e-9, 1e-12))


def goes(**how: list) -> Callable:
    """A mistake that gives what comes out if one choice of the way is another."""
    ways = [Way(**{key: value}) for key, values in how.items() for value in values]

    def enter(sentence: str, fix: str) -> Callable:
        def named(function: Callable) -> Callable:
            @wraps(function)
            def values(case, name, given):
                if (name == "needed") != (how.keys() <= {"scale", "first"}):
                    return None
                found = [gone(case, way)[name] for way in ways]
                found = [one for one in found if np.isfinite(one).all()]
                return closest(given, *(one for one in found if not alike(one, gone(case)[name])))

            return zig_zag.mistake(sentence, fix)(values)

        return named

    return enter


@goes(share=[1.0])(
    f"The rate is the limit itself, at which the steepest direction never settles. {VALLEY}",
    "Multiply the limit by 0.9.",
)
def at_the_limit(): ...


@goes(rates=[lambda limits: (limits[0],) * 2])(
    "The centred run has the rate of the other one. Centring raises the limit, which is what it is"
    " good for.",
    "Take the second of the two limits for the centred inputs.",
)
def one_rate(): ...


@goes(rates=[lambda limits: (limits[1],) * 2])(
    "The run with the inputs as they are has the rate of the centred one, which is above its"
    " limit.",
    "Take the first of the two limits for X as it is.",
)
def rate_of_centred(): ...


@goes(inputs=[lambda centre, X: X])(
    f"The inputs of the second run are not centred: it goes as the first does. {REMEDIES}",
    "Use centre(X, X)[0] in place of X there.",
)
def not_centred(): ...


@goes(bias=[0.0])(
    "The bias stays where it started. It is a weight too, whose input is 1.",
    "Take a step for b as well: its gradient is the mean of the errors.",
)
def bias_stays(): ...


@goes(step=[lambda g, n: n * g])(
    "The gradient is a sum over the examples, but the loss is a mean.",
    "Divide the gradient by n.",
)
def sum_of_examples(): ...


@goes(step=[lambda g, n: 2 * g, lambda g, n: g / 2])(
    "The gradient is that of another loss: the square has a factor 2, which the ½ cancels.",
    "The gradient at w is Xᵀ(f − t)/n, and at b the mean of f − t.",
)
def other_factor(): ...


@zig_zag.mistake(
    "The loss that is set beside the goal is another: its ½ is lacking, or the mean over the"
    " examples.",
    "The loss is half the mean of the squares.",
)
def without_half(case, name, given):
    if name != "needed":
        return None
    n = case.size[0]
    ways = [Way(scale=scale, beyond=k) for scale in (2.0, n, 2.0 * n) for k in (1, 16)]
    return closest(given, *(gone(case, way)["needed"] for way in ways))


@zig_zag.mistake(
    "The bias stands first in each row of the path.",
    "A row holds the weights, and then the bias.",
)
def bias_first(case, name, given):
    return None if name == "needed" else np.roll(gone(case)[name], 1, axis=1)


@zig_zag.mistake(
    "The two numbers of steps are exchanged.",
    "First comes the run with the inputs as they are.",
)
def counts_exchanged(case, name, given):
    return gone(case)["needed"][::-1] if name == "needed" else None


@goes(first=[1, -1])(
    "The steps are counted from another number: the loss at the start is that after 0 steps.",
    "Give the index of the first row of the path whose loss is at most the goal.",
)
def counted_from_one(): ...


@goes(one_by_one=[True])(
    "The bias takes its step when the weights have taken theirs, with the errors they then make.",
    "Work out both gradients first, at the same place, then take both steps.",
)
def one_by_one(): ...
