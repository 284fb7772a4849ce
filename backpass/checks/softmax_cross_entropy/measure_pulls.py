"""Two losses behind one sigmoid: their slopes at the logit, and the steps that descent takes.

Every mistake gives numbers for all cases: the result of the name that is asked for.
"""

from collections.abc import Callable, Iterable
from functools import cache, partial

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.softmax_cross_entropy import _library as library
from backpass.checks.softmax_cross_entropy._inputs import near
from backpass.gradcheck import slope

WHY = "Section: “Why not squared error?”."
TWO = "Section: “Two classes: the logistic function”."

#: Start d, target t, rate. One start is near enough; from the last the squared error does not get
#: there in time.
CASES = [
    *[(-6.0, 1.0, 1.0), (4.0, 0.1, 0.5), (-3.0, 0.8, 2.0), (5.0, 0.0, 0.3), (-1.5, 0.9, 0.7)],
    *[(2.6, 1.0, 0.8), (-11.0, 1.0, 1.5)],
]
NEAR, LIMIT = 0.1, 10_000
#: The start that the sheet asks to predict.
ASKED = (-8.0, 1.0, 1.0)


def cross_entropy(d: np.ndarray, t: float) -> float:
    """Of the output σ(d)."""
    return t * np.log1p(np.exp(-d)) + (1 - t) * np.log1p(np.exp(d))


def squared_error(d: np.ndarray, t: float) -> float:
    """Half the square, of the output σ(d)."""
    return (1 / (1 + np.exp(-d)) - t) ** 2 / 2


LOSSES = {"cross": cross_entropy, "squared": squared_error}


def pull(loss: str, d: float, t: float) -> float:
    """The slope of a loss at the logit d, by one complex step."""
    return LOSSES[loss](d + 1e-20j, t).imag / 1e-20


@cache
def steps(
    loss: str, d: float, t: float, rate: float, near: float = NEAR, limit: int = LIMIT
) -> int:
    """How many steps of descent bring the output within ``near`` of the target."""
    return walked(partial(pull, loss), d, t, rate, near, limit)


def walked(
    slope_at: Callable[[float, float], float],
    d: float,
    t: float,
    rate: float,
    near: float = NEAR,
    limit: int = LIMIT,
    *,
    lost: bool = False,
) -> int:
    """How many steps down ``slope_at(d, t)`` bring the output within ``near`` of the target.

    Who is ``lost``, at an output that is nan, counts to the limit, or else stops there.
    """
    count = 0
    with np.errstate(over="ignore"):  # once for all steps, of which there may be 10⁵
        while abs(1 / (1 + np.exp(-d)) - t) >= near and count < limit:
            d, count = d - rate * slope_at(d, t), count + 1
    return limit if lost and np.isnan(d) else count


@cache
def right() -> dict[str, np.ndarray]:
    """All results in all cases."""
    return {
        "cross": np.array([pull("cross", d, t) for d, t, _ in CASES]),
        "squared": np.array([pull("squared", d, t) for d, t, _ in CASES]),
        "steps_cross": np.array([steps("cross", *case) for case in CASES]),
        "steps_squared": np.array([steps("squared", *case) for case in CASES]),
    }


@exercise("Why not squared error? A race", points=4, kind="predict")
def measure_pulls(attempt):
    for name in right():
        with attempt.part(name) as part:

            def of(name, given):
                return [name, given]

            def follows(found, slips=tuple(attempt.mistakes)):
                return down_own_slopes(found, slips)

            options = {"here": "d = {}, t = {}, rate = {}", "rtol": 1e-9, "atol": 1e-12}
            options["after"] = {"sign"}.intersection(attempt.mistakes)
            part.outputs(CASES, right(), name, of=of, follows=follows, repeat=False, **options)
    if attempt.right == attempt.total:
        found = steps("squared", *ASKED) / steps("cross", *ASKED)
        attempt.compare("How many times as many steps", found)


#: By the slips that can be made in a slope, the slopes that come of them at d, for the target t.
WRONG_SLOPES = {
    "at-the-output": {"cross": lambda y, t: (y - t) / (y * (1 - y)), "squared": lambda y, t: y - t},
    "slope-kept": {
        "cross": lambda y, t: (y - t) * y * (1 - y),
        "squared": lambda y, t: (y - t) * (y * (1 - y)) ** 2,
    },
    "two-outputs": {"squared": lambda y, t: 2 * (y - t) * y * (1 - y)},
    "half": {"squared": lambda y, t: (y - t) * y * (1 - y) / 2},
    "target-one": {"cross": lambda y, t: y - 1, "squared": lambda y, t: (y - 1) * y * (1 - y)},
    "one-term": {"cross": lambda y, t: -t * (1 - y)},
    "sign": {"cross": lambda y, t: t - y, "squared": lambda y, t: (t - y) * y * (1 - y)},
}


@np.errstate(all="ignore")
def down_own_slopes(found: dict, slips: Iterable[str]) -> dict[str, np.ndarray]:
    """The steps down the slopes that one of these ``slips`` gives, if they are those ``found``."""
    for slip in (slip for slip in slips if slip in WRONG_SLOPES):
        for lost in (False, True):
            counted = {f"steps_{name}": _down(slip, name, lost) for name in WRONG_SLOPES[slip]}
            if any(near(found[name], count) for name, count in counted.items()):
                return right() | counted
    raise ValueError("they follow from no slip that was told")


@cache
def _down(slip: str, name: str, lost: bool) -> np.ndarray:
    """The steps in all cases down the slope of a loss in which this slip is."""

    def slope_at(d, t):
        return WRONG_SLOPES[slip][name](library.expit(d), t)

    return np.array([walked(slope_at, *case, lost=lost) for case in CASES])


def raced(name: str, near: float = NEAR, rate: float | None = None) -> np.ndarray | None:
    """The steps of a loss in all cases, with another stop or another rate."""
    loss = name.removeprefix("steps_")
    if loss == name:
        return None
    return np.array([steps(loss, d, t, rate or own, near) for d, t, own in CASES])


def raced_at(times: float, name: str) -> np.ndarray | None:
    """The steps down the squared error if its slope is so many times what it should be."""
    if name != "steps_squared":
        return None
    return np.array([steps("squared", d, t, times * rate) for d, t, rate in CASES])


def outputs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The outputs, the targets and the rates of the cases."""
    d, t, rates = np.array(CASES).T
    return library.expit(d), t, rates


def slopes() -> np.ndarray:
    """σ′ in the cases."""
    return np.array([slope(lambda d: 1 / (1 + np.exp(-d)), np.array(d)) for d, _, _ in CASES])


@measure_pulls.mistake(
    f"The slope of the sigmoid is missing: this is the slope at the output y. {WHY}",
    "The chain rule goes on to d: multiply by σ′(d) = y (1 − y).",
)
def at_the_output(name, given):
    y, t, _ = outputs()
    with np.errstate(all="ignore"):
        values = {"cross": (y - t) / (y * (1 - y)), "squared": y - t}
    return values.get(name)


@measure_pulls.mistake(
    f"The slope of the sigmoid is there once too often: in the cross-entropy it cancels. {TWO}",
    "The slope of log σ(d) is 1 − σ(d): no factor y (1 − y) is left.",
)
def slope_kept(name, given):
    y, t, _ = outputs()
    values = {"cross": (y - t) * slopes(), "squared": (y - t) * slopes() ** 2}
    return values.get(name)


@measure_pulls.mistake(
    "Twice too much, as for the chapter's squared error of two outputs of a softmax, both of which"
    f" are off. Here there is one output. {WHY}",
    "The 2 of the square and the ½ before it cancel: leave out the factor 2.",
)
def two_outputs(name, given):
    return 2 * right()["squared"] if name == "squared" else raced_at(2, name)


@measure_pulls.mistake(
    f"Half of it: the 2 that comes down from the square is missing. {WHY}",
    "½ times 2 is 1: leave out the ½.",
)
def half(name, given):
    return right()["squared"] / 2 if name == "squared" else raced_at(0.5, name)


@measure_pulls.mistake(
    "The target is taken to be 1 always, as in the chapter's margin. Here it is any number from 0"
    f" to 1. {TWO}",
    "Write y − t where 1 − y stands, with its sign.",
)
def target_one(name, given):
    y, _, _ = outputs()
    values = {"cross": y - 1, "squared": (y - 1) * slopes()}
    return values.get(name)


@measure_pulls.mistake(
    f"Only the term with t is there. For a target below 1 the other class counts as well. {TWO}",
    "The other term is −(1 − t) log(1 − y), with the slope (1 − t) y.",
)
def one_term(name, given):
    y, t, _ = outputs()
    return -t * (1 - y) if name == "cross" else None


@measure_pulls.mistake(
    "One step too many, or too few. A start that is near enough takes 0 steps.",
    "Ask first whether the output is near enough, then step and count.",
)
def one_off(name, given):
    if not name.startswith("steps"):
        return None
    stepped_first = np.maximum(right()[name], 1)
    return closest(given, right()[name] + 1, right()[name] - 1, stepped_first)


@measure_pulls.mistake(
    "Who does not get there gives up, and here not after 10,000 steps: the last start is so far"
    " off that the squared error needs many more.",
    "Count 10,000 steps at most, and return 10,000 then.",
)
def other_limit(name, given):
    if name != "steps_squared":
        return None
    limits = (100, 500, 1000, 2000, 5000, 9999, 10_001, 20_000, 50_000, 100_000)
    values = [np.minimum(far_enough(), limit) for limit in limits]
    return closest(given, *values, *given_up(), far_enough())


@cache
def far_enough() -> np.ndarray:
    """The steps down the squared error in all cases, however many."""
    return np.array([steps("squared", *case, limit=10**6) for case in CASES])


def given_up() -> list[np.ndarray]:
    """What others return in place of the limit."""
    return [np.where(far_enough() > LIMIT, number, far_enough()) for number in (-1, 0, np.inf)]


@measure_pulls.mistake(
    "The rate makes no difference: the steps are those of rate 1.",
    "Multiply the slope by rate in each step.",
)
def rate_ignored(name, given):
    return raced(name, rate=1.0)


@measure_pulls.mistake(
    "Descent stops elsewhere: nearer to the target or farther from it than 0.1, or when the"
    " decision is right.",
    "It goes on while |y − t| is 0.1 or more.",
)
def other_stop(name, given):
    if not name.startswith("steps"):
        return None
    return closest(given, *(raced(name, near=near) for near in (0.5, 0.25, 0.2, 0.05, 0.01)))


@measure_pulls.mistake(
    "Both races are run with the same loss.",
    "One goes down the slope of the cross-entropy, the other that of the squared error.",
)
def same_loss(name, given):
    other = {"steps_cross": "steps_squared", "steps_squared": "steps_cross"}.get(name)
    return None if other is None else right()[other]


@measure_pulls.mistake(
    "The slope is not taken anew in each step: it stays what it was at the start.",
    "Work the slope out inside the loop, at the d of that step.",
)
def slope_of_the_start(name, given):
    if not name.startswith("steps"):
        return None
    return np.array([straight(name.removeprefix("steps_"), *case) for case in CASES])


@cache
def straight(loss: str, d: float, t: float, rate: float) -> int:
    """The steps if the first slope is used for all, up to the limit."""
    first, count = pull(loss, d, t), 0
    while abs(library.expit(d) - t) >= NEAR and count < LIMIT:
        d, count = d - rate * first, count + 1
        if abs(d) > 50:
            return LIMIT
    return count
