"""Delayed recall, learnt with one's own truncated gradient: why go back at all?"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

from backpass.checks.attempt import Attempt
from backpass.checks.bptt._inputs import either
from backpass.checks.bptt.credit import kept
from backpass.checks.bptt.terms import Truncation
from backpass.checks.exercise import exercise
from backpass.gradcheck import slope

Parameters = dict[str, np.ndarray]


def bits(updates: int, steps: int, n: int) -> np.ndarray:
    """A batch of random bits, ±1, for each update: (updates, steps, n, 1)."""
    return np.random.default_rng(3).integers(2, size=(updates, steps, n, 1)) * 2.0 - 1


def start(m: int, reading: float) -> Parameters:
    """Parameters of a net of m units, with input weights of the size ``reading``."""
    normal = np.random.default_rng(5).normal
    shapes = {"U": (1, m), "W": (m, m), "b": (m,), "V": (m, 1), "c": (1,)}
    sizes = {"U": reading, "W": 0.5 / m**0.5, "b": 0.1, "V": 1 / m**0.5, "c": 0.1}
    return {name: sizes[name] * normal(size=shape) for name, shape in shapes.items()}


def states(p: Parameters, x: np.ndarray) -> np.ndarray:
    """h_0 = 0, …, h_T, (T + 1, n, m)."""
    hs = [np.zeros((x.shape[1], len(p["W"])))]
    for step in x:
        hs.append(np.tanh(step @ p["U"] + hs[-1] @ p["W"] + p["b"]))
    return np.array(hs)


def delayed(x: np.ndarray, lag: int) -> tuple[np.ndarray, np.ndarray]:
    """The targets, (T, n, 1), and which of the steps have a loss, (T, 1, 1)."""
    there = np.arange(len(x)) >= lag
    return np.roll(x, lag, axis=0), there[:, None, None]


def loss(h: np.ndarray, p: Parameters, target: np.ndarray, there: np.ndarray) -> float:
    """Half the mean squared error over the steps that have a loss, and the sequences."""
    error = (h[1:] @ p["V"] + p["c"] - target) * there
    return np.sum(error**2) / 2 / (there.sum() * h.shape[1])


def taught_before(h: np.ndarray, p: Parameters, wanted: tuple) -> np.ndarray:
    """The gradient of V if it had met the states before each step."""

    def of_outputs(added: np.ndarray) -> float:
        target, there = wanted
        return loss(h, p, target - added, there)

    error = slope(of_outputs, np.zeros((*h[1:, :, 0].shape, 1)))
    return slope(lambda v: np.sum(error * (h[:-1] @ v)), p["V"])


@dataclass(eq=False)
class Watched:
    """Called as the learner's ``credit`` is, it says the same whatever it is given, so many
    ``times`` what it has for each of U, W and b; and remembers how it was called.
    """

    m: int
    times: float
    calls: list = field(default_factory=list)

    def __call__(self, x, h, g, w, k, s) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        self.calls.append([np.array(one, float) for one in (x, h, g, w)] + [k, s])
        return tuple(self.gives[name].copy() for name in "UWb")

    @cached_property
    def gives(self) -> Parameters:
        """What it says of U, W and b."""
        shapes = {"U": (1, self.m), "W": (self.m, self.m), "b": (self.m,)}
        counted = {name: np.arange(1.0, 1 + np.prod(shape)) for name, shape in shapes.items()}
        return {name: self.times * np.sin(counted[name]).reshape(shapes[name]) for name in shapes}


class Case:
    """A few updates with what ``credit`` says of U, W and b."""

    lag, k, rate = 2, 4, 0.25

    def __init__(self, times: float) -> None:
        self.x, self.p, self.credit = bits(4, 6, 3), start(4, 0.8), Watched(4, times)

    @property
    def given(self) -> list:
        """What the learner's function is called with."""

        def credit(*args):  # a function, since other objects are copied before they are given
            return self.credit(*args)

        return [credit, self.x, self.p, self.lag, self.k, self.rate]

    def losses(
        self,
        *,
        target: Callable = delayed,
        times: float = 1,
        moves: str = "UWbVc",
        rate: float = 1,
        late: bool = False,
        before: bool = False,
    ) -> np.ndarray:
        """The losses, (updates,); an argument changes something.

        ``target`` is instead of :func:`delayed`; the loss, and its gradient, is so many ``times``
        what it is, the ``rate`` too; only some parameters have ``moves``; with ``late`` the losses
        are those after each update; with ``before`` V is taught with the states before each step.
        """
        p, found = dict(self.p), []
        for x in self.x:
            wanted, h = target(x, self.lag), states(p, x)

            def readout(q, p=p, h=h, wanted=wanted):
                return times * loss(h, p | q, *wanted)

            now = readout({})
            gradient = self.credit.gives | slope(readout, {"V": p["V"], "c": p["c"]})
            if before:
                gradient["V"] = taught_before(h, p, wanted)
            p = p | {name: p[name] - rate * self.rate * gradient[name] for name in moves}
            found.append(times * loss(states(p, x), p, *wanted) if late else now)
        return np.array(found)

    @cached_property
    def first_call(self) -> dict[str, np.ndarray]:
        """What ``credit`` should be given first, by name."""
        h, wanted = states(self.p, self.x[0]), delayed(self.x[0], self.lag)
        g = slope(lambda h: loss(h, self.p, *wanted), h)[1:]
        return {"X": self.x[0], "H": h, "G": g, "W": self.p["W"]}


STILL, MOVED = Case(0.0), Case(0.2)

#: The task itself: the lag, the batches, the net and the rate, and where the losses should end.
LAG, BATCHES, NET, RATE = 4, bits(500, 10, 16), start(8, 0.3), 0.3
ABOVE, BELOW = 0.2, 0.05


@exercise(
    "Learn to remember: why go back at all?",
    section="Section: “Delayed recall”.",
    points=6,
    kind="synthesis",
    mistakes={
        "reach": (
            "The function `credit` is not asked for the credit that is wanted: see what it is given"
            " for K and S.",
            "Every loss is to look K steps back on its own: pass K on, and S = 1.",
        ),
        "calls": (
            "The function `credit` that is passed in is to be asked once for each update.",
            "Call `credit`, the first argument, inside the loop over the batches.",
        ),
        "no-contrast": (
            "The curves do not end as they should: low with K = ℓ + 1 and high with K = 1.",
            "Mend the parts before first; then nothing is missing here.",
        ),
    },
)
def remember(attempt):
    done = []
    with attempt.part("the first loss") as part:
        value = np.asarray(part.call(*STILL.given))
        first = np.ravel(value)[0] if value.size == len(STILL.x) else value
        part.expect(first, STILL.losses()[0], of=[STILL, "first", first])
        done.append(1)
    with attempt.part("V and c learn, where credit says 0") as part:
        value = part.call(*STILL.given, repeat=False)
        part.expect(value, STILL.losses(), of=[STILL, "losses", value], batch=3, lengths=False)
        done.append(2)
    with attempt.part("what credit is asked for", weight=2) as part:
        expect_call(part)
        done.append(3)
    with attempt.part("U, W and b move by what credit says") as part:
        value = part.call(*MOVED.given, repeat=False)
        part.expect(value, MOVED.losses(), of=[MOVED, "losses", value], batch=3, lengths=False)
        done.append(4)
    with attempt.part("the whole task, with K = 1 and with K = ℓ + 1") as part:
        part.require(len(done) == 4, "It is tried when all before it is right.")
        args = Truncation(kept), BATCHES, NET, LAG
        curves = [np.ravel(part.call(*args, k, RATE, repeat=False)) for k in (1, LAG + 1)]
        ends = [curve[-50:].mean() for curve in curves]
        if not ends[0] > ABOVE > BELOW > ends[1]:
            part.blame("no-contrast", f"They end at {ends[0]:.2g} and {ends[1]:.2g}.")
        compare(attempt, ends)


def expect_call(part) -> None:
    """End the part unless ``credit`` was asked for the right thing in the first update."""
    MOVED.credit.calls.clear()
    part.call(*MOVED.given, repeat=False)
    calls, right = list(MOVED.credit.calls), MOVED.first_call
    if len(calls) != len(MOVED.x):
        part.blame("calls", f"In {len(MOVED.x)} updates it was called {len(calls)} times.")
    *arrays, k, s = calls[0]
    for name, value in zip(right, arrays, strict=True):
        part.here = [name]
        part.expect(value, right[name], of=[MOVED, name, value], batch=3, lengths=False)
    part.here = []
    if (k, s) != (MOVED.k, 1):
        part.blame("reach", f"Called with K = {MOVED.k}, it asks for K = {k} and S = {s}.")


def compare(attempt: Attempt, ends: list[float]) -> None:
    """Tell how far the predictions were off, of the losses at the end."""
    guesses = attempt.prediction
    guesses = guesses if isinstance(guesses, tuple | list) else ()
    for k, end, guess in zip((1, LAG + 1), ends, guesses, strict=False):
        attempt.compare(f"The loss at the end of the check's run with K = {k}", float(end), guess)


def wrong_loss(sentence: str, fix: str) -> Callable:
    """Enter a mistake that gives other losses, as ``changes(case)`` says: each of these dicts is a
    form of it.
    """

    def enter(changes: Callable) -> Callable:
        @cache
        def found(case):
            return [case.losses(**change) for change in changes(case)]

        def values(case, name, given):
            if name not in ("first", "losses"):
                return None
            forms = [one[0] if name == "first" else one for one in found(case)]
            return either(given, *forms) if forms else None

        values.__name__ = changes.__name__
        return remember.mistake(sentence, fix)(values)

    return enter


def at_lag(other: Callable) -> Callable:
    """:func:`delayed` with the target of another lag, in the same steps."""
    return lambda x, lag: (np.roll(x, other(lag), axis=0), delayed(x, lag)[1])


def all_steps(target: Callable) -> Callable:
    """A loss at each step, with these targets, (T, n, 1)."""
    return lambda x, lag: (target(x, lag), np.ones((len(x), 1, 1)))


@wrong_loss(
    "The output of a step is compared with the input of another step than the one ℓ before it.",
    "o_t is compared with x_{t−ℓ}: O[lag:] with X[:-lag].",
)
def other_lag(case):
    shifts = (lambda lag: lag + 1, lambda lag: lag - 1, lambda lag: 0, lambda lag: -lag)
    others = [{"target": at_lag(shift)} for shift in shifts]

    def few(x, lag):
        return np.roll(x, lag + 1, axis=0), (np.arange(len(x)) > lag)[:, None, None]

    return [*others, {"target": few}]


@wrong_loss(
    "The first ℓ steps have a loss, too, though there is nothing to recall yet.",
    "Leave them out: their error is 0, and they are not counted.",
)
def early_counted(case):
    def nothing(x, lag):
        return delayed(x, lag)[0] * delayed(x, lag)[1]

    def wrapped(x, lag):
        return delayed(x, lag)[0]

    forms = [{"target": all_steps(nothing)}, {"target": all_steps(wrapped)}]
    longer = len(case.x[0]) / (len(case.x[0]) - case.lag)
    return forms + [form | {"times": longer} for form in forms]


@wrong_loss(
    "The loss is off by a factor: it is half of a mean, over the sequences and the steps that have"
    " a loss.",
    "Divide the sum of the squares by 2 n (T − ℓ), and their derivative by n (T − ℓ).",
)
def other_scale(case):
    n, steps = case.x.shape[2], case.x.shape[1]
    counted = steps - case.lag
    return [{"times": times} for times in (2, n, counted, n * counted, counted / steps, 2 * n)]


@wrong_loss(
    "V and c do not both learn.",
    "Their gradients are Σ H[t + 1]ᵀ E[t] and Σ E[t]: take a step against both.",
)
def readout_fixed(case):
    return [{"moves": moves} for moves in ("UWbc", "UWbV", "UWb")]


@wrong_loss(
    "V is taught with other states than those that it met.",
    "The output of a step is made of the state after it: H[t + 1]ᵀ E[t], if H[0] is h_0.",
)
def state_before(case):
    return [{"before": True}]


@wrong_loss(
    "Nothing moves, or the steps go up, or they are of another length.",
    "Of each parameter subtract rate times its gradient.",
)
def ascent(case):
    return [{"rate": rate} for rate in (-1, 0, 2, 0.5)]


@wrong_loss(
    "The losses are those after each update.",
    "Note the loss of a batch before its update, with the parameters that it met.",
)
def late(case):
    return [{"late": True}]


@wrong_loss(
    "One of U, W and b does not move by what credit says of it.",
    "credit returns dU, dW and db: take a step against each.",
)
def weights_fixed(case):
    if not case.credit.times:
        return []
    return [{"moves": moves} for moves in ("WbVc", "UbVc", "UWVc", "bVc", "UVc", "WVc", "Vc")]


@remember.mistake(
    "G is not ∂L_t/∂h_t. What lies between the output and the state?",
    "G[t] = E[t] Vᵀ, with E = ∂L/∂O and the V of the forward pass: before V takes its step.",
)
def other_g(case, name, given):
    if name != "G":
        return None
    right, v = case.first_call["G"], case.p["V"]
    moved = v - case.rate * slope(
        lambda q: loss(case.first_call["H"], case.p | {"V": q}, *delayed(case.x[0], case.lag)), v
    )
    error = right[..., :1] / v[0]
    return either(given, error @ moved.T, error * np.ones(len(v)), 3 * right, right[::-1])


@remember.mistake(
    "The states are not those of this batch from h_0 = 0 on.",
    "H has T + 1 states: first zeros, then what each step makes, H[t + 1].",
)
def other_h(case, name, given):
    if name != "H":
        return None
    right = case.first_call["H"]
    return either(given, np.roll(right, -1, axis=0), np.roll(right, 1, axis=0), right[::-1])
