"""How many steps to a loss, by sums and by means: predicted, then measured."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from backpass.checks import exercise, judging
from backpass.checks.closest import closest
from backpass.checks.minibatches._inputs import SUM, half_squares, normal, slope_of

CONVENTION = "Section: “Which convention?”."


@dataclass(frozen=True)
class Run:
    """A linear unit with d weights on n examples, batches of B, at most so many steps."""

    seed: int
    n: int
    d: int
    B: int
    most: int
    rate: float
    how: str
    goal: float

    @property
    def data(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Inputs (n, d), targets (n,), and the rows of each batch, (most, B)."""
        X, w, noise = normal(self.seed, (self.n, self.d), self.d, self.n)
        draws = np.random.default_rng(self.seed + 50).integers(self.n, size=(self.most, self.B))
        return X, X @ (w + 1) + 0.2 * noise, draws

    @property
    def given(self) -> list:
        """The learner's arguments."""
        return [*self.data, self.rate, self.how, self.goal]


@dataclass(frozen=True)
class Way:
    """How somebody goes about it: the right way, but for what is given."""

    other: bool = False  # the sum for the mean, and the other way round
    over: str = ""  # by what the step is divided besides
    rows: str = "drawn"  # whose examples make a step
    watched: str = "all"  # on which the loss is looked at
    scale: float = 1.0  # of the loss
    first: int = 0  # the number of the start
    beyond: bool = False  # is the goal to be missed by nothing


@cache
def steps(run: Run, way: Way = Way()) -> int:
    """How many it takes; most + 1 if it does not arrive."""
    X, t, draws = run.data
    everything, w = np.arange(run.n), np.zeros(run.d)
    for k in range(run.most + 1):
        batch = draws[min(k, run.most - 1)]
        rows = everything if way.rows == "all" else batch
        seen = everything if way.watched == "all" else batch
        with np.errstate(all="ignore"):
            if way.scale * half_squares(w, X[seen], t[seen]) <= run.goal:
                return k + way.first
            if not np.abs(w).max() < 1e60:
                break
            by_sum = (run.how == "sum") != way.other
            times = (len(rows) if by_sum else 1) / {"": 1, "B": len(rows), "n": run.n}[way.over]
            w = w - run.rate * times * slope_of(w, X[rows], t[rows])
    return run.most + 1


CASES = [
    Run(1, 12, 2, 3, 90, 0.03, "mean", 0.1),
    Run(2, 12, 2, 3, 90, 0.05, "sum", 0.1),
    Run(3, 20, 3, 5, 60, 0.06, "mean", 0.2),
    Run(4, 20, 3, 5, 19, 0.02, "sum", 0.35),
    Run(5, 12, 2, 3, 30, 0.03, "mean", 50.0),  # the start is good enough
]
#: Those of the sheet: one example takes 61 steps at this rate.
ONE = Run(7, 64, 4, 1, 400, 0.02, "mean", 0.3)
PREDICTED = {
    "a": replace(ONE, B=16),
    "b": replace(ONE, B=16, how="sum"),
    "c": replace(ONE, B=16, rate=0.32),
    "d": replace(ONE, B=64, how="sum", rate=0.1),
}


@exercise("Sixteen at once", section=CONVENTION, points=4, kind="predict")
def steps_to(attempt):
    with attempt.part("runs on other data", weight=3) as part:
        right = {"the steps": np.array([steps(case) for case in CASES], float)}
        part.outputs(
            [tuple(case.given) for case in CASES],
            right,
            of=lambda name, given: [CASES, given],
            here="the {4} of {2.shape[1]}",
            repeat=False,
        )
    told, found = set(attempt.mistakes), {}
    with attempt.part("the cases a, b, c and d", weight=1) as part:
        for letter, case in part.each(PREDICTED.items(), "case {}"):
            found[letter] = steps(case)
            value = part.call(*case.given, repeat=False)
            if judging.is_right(value, float(found[letter]), {}):
                continue
            known = attempt.exercise.foreseen([[case], value])
            if judging.slips(value, {slug: known[slug] for slug in told if slug in known}):
                part.told_above()
            else:
                counts = np.shape(value) == () and isinstance(value, int | float | np.number)
                part.require(not counts, f"Yours is {value}, right is {found[letter]}.")
                part.expect(value, float(found[letter]), of=None)
    if attempt.right == attempt.total:
        attempt.compare_cases(found, "steps")


def of_all(cases, given, *ways: Way) -> np.ndarray:
    """What the nearest of some wrong ways gives in each of the ``cases``, in one as a number."""
    values = [np.array([steps(case, way) for case in cases], float) for way in ways]
    return closest(given, *(one if len(cases) > 1 else one[0] for one in values))


@steps_to.mistake(
    f"The sum is taken where the mean is asked for, and the mean for the sum. {SUM}",
    'Divide by the number of rows where how is "mean", and only there.',
)
def exchanged(cases, given):
    return of_all(cases, given, Way(other=True))


@steps_to.mistake(
    "The step is divided once too often.",
    "The mean divides by B, once; the sum by nothing.",
)
def divided_twice(cases, given):
    return of_all(cases, given, Way(over="B"))


@steps_to.mistake(
    "The step is divided by the number of all examples.",
    "The mean is that of the batch: divide by the number of its rows.",
)
def over_all(cases, given):
    def of(case):
        # where a mean is asked for it is n in the place of B
        way = Way(other=True, over="n") if case.how == "mean" else Way(over="n")
        return steps(case, way)

    apart = np.array([of(case) for case in cases], float)
    both = np.array([steps(case, Way(over="n")) for case in cases], float)
    means = np.array([of(c) if c.how == "mean" else steps(c) for c in cases], float)
    found = [one if len(cases) > 1 else one[0] for one in (apart, both, means)]
    return closest(given, *found)


@steps_to.mistake(
    "Each step is made of all examples, whatever the batch.",
    "Take the rows of that step: X[draws[k]] and t[draws[k]].",
)
def all_in_a_step(cases, given):
    return of_all(cases, given, Way(rows="all"))


@steps_to.mistake(
    "The loss is looked at on the batch alone, where it jumps up and down.",
    "Look at it on all examples.",
)
def loss_of_batch(cases, given):
    return of_all(cases, given, Way(watched="batch"))


@steps_to.mistake(
    "The loss that is set beside the goal has another factor: its ½, or the mean over the"
    " examples.",
    "It is half the mean of the squares.",
)
def other_loss(cases, given):
    def scaled(of):
        return np.array([steps(case, Way(scale=of(case))) for case in cases], float)

    values = [scaled(lambda case: 2.0), scaled(lambda c: c.n), scaled(lambda c: 2.0 * c.n)]
    return closest(given, *(one if len(cases) > 1 else one[0] for one in values))


@steps_to.mistake(
    "The steps are counted from another number: at the start none has been taken.",
    "Look at the loss first, then step and count.",
)
def counted_from_one(cases, given):
    return of_all(cases, given, Way(first=1), Way(first=-1))


@steps_to.mistake(
    "The loss is looked at after each step, but not at the start, which may be good enough.",
    "Look before the first step, too: then it is 0.",
)
def start_left(cases, given):
    found = np.array([max(1, steps(case)) for case in cases], float)
    return found if len(cases) > 1 else None
