"""Delayed recall: the bits, the net that reads them, and its training with one thing changed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

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


def states(p: Parameters, x: np.ndarray, first: np.ndarray | None = None) -> np.ndarray:
    """h_0 = 0, …, h_T, (T + 1, n, m); or with another ``first`` state."""
    hs = [np.zeros((x.shape[1], len(p["W"]))) if first is None else first]
    for step in x:
        hs.append(np.tanh(step @ p["U"] + hs[-1] @ p["W"] + p["b"]))
    return np.array(hs)


def delayed(x: np.ndarray, lag: int) -> tuple[np.ndarray, np.ndarray]:
    """The targets, (T, n, 1), and which of the steps have a loss, (T, 1, 1)."""
    there = np.arange(len(x)) >= lag
    return np.roll(x, lag, axis=0), there[:, None, None]


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


@dataclass(frozen=True)
class Change:
    """What is done otherwise than asked for.

    The loss: ``target`` is instead of :func:`delayed`; ``out`` is done to the outputs, which are
    made of the states ``before`` the steps; it is so many ``times`` what it is, and so is its
    gradient unless ``pull`` says how many times that is. On the way forward the net is ``without``
    some parameters, or its state is ``carried`` from batch to batch. The learning: only some
    parameters have ``moves``, and so many times the ``rate``, some go ``up``; with ``late`` the
    losses are those after each update; ``taught(gradient, error, h)`` is instead of the gradient of
    V and c, by name, where ``error()`` is ∂L/∂O, (T, n, 1).
    """

    target: Callable = delayed
    out: Callable = lambda o: o
    before: bool = False
    times: float = 1
    pull: float | None = None
    without: str = ""
    carried: bool = False
    moves: str = "UWbVc"
    rate: float = 1
    up: str = ""
    late: bool = False
    taught: Callable = lambda gradient, error, h: gradient

    @property
    def pulls(self) -> float:
        """How many times its size the gradient of the loss is."""
        return self.times if self.pull is None else self.pull

    def used(self, p: Parameters) -> Parameters:
        """The parameters that the way forward uses."""
        return p | {name: 0 * p[name] for name in self.without}

    def loss(self, h: np.ndarray, p: Parameters, wanted: tuple, added: float = 0.0) -> float:
        """Half the mean squared error over the steps that have a loss, and the sequences, if
        something is ``added`` to the outputs; but for ``times``.
        """
        (target, there), p = wanted, self.used(p)
        read = h[:-1] if self.before else h[1:]
        error = (self.out(read @ p["V"] + p["c"] + added) - target) * there
        return np.sum(error**2) / 2 / (there.sum() * h.shape[1])

    def readout(self, h: np.ndarray, p: Parameters, wanted: tuple) -> Parameters:
        """What V and c are taught, by name."""
        own = {"V": p["V"], "c": p["c"]}
        gradient = {name: 0 * one for name, one in own.items()}
        heard = {name: one for name, one in own.items() if name not in self.without}
        gradient |= slope(lambda q: self.loss(h, p | q, wanted), heard)

        def error():
            return slope(lambda o: self.loss(h, p, wanted, o), np.zeros((*h[1:, :, 0].shape, 1)))

        return {name: self.pulls * one for name, one in self.taught(gradient, error, h).items()}


class Case:
    """A few updates of a net of m units on batches of n sequences of T bits, at a lag, a K and a
    rate, with what ``credit`` says of U, W and b: so many ``times`` what :class:`Watched` has.
    """

    def __init__(
        self, times: float, *, steps: int, n: int, m: int, lag: int, k: int, rate: float
    ) -> None:
        self.x, self.p, self.credit = bits(4, steps, n), start(m, 0.8), Watched(m, times)
        self.lag, self.k, self.rate = lag, k, rate

    @property
    def given(self) -> list:
        """What the learner's function is called with."""

        # A function, since other objects are copied before they are given; the names are those of
        # the sheet, as an answer may call it by them.
        def credit(X, H, G, W, K, S):
            return self.credit(X, H, G, W, K, S)

        return [credit, self.x, self.p, self.lag, self.k, self.rate]

    @property
    def steps(self) -> int:
        """T."""
        return self.x.shape[1]

    @property
    def n(self) -> int:
        """How many sequences a batch has."""
        return self.x.shape[2]

    @property
    def counted(self) -> int:
        """How many steps have a loss."""
        return self.steps - self.lag

    @cache  # noqa: B019 (the cases stand in a module)
    def run(
        self, change: Change, updates: int | None = None
    ) -> tuple[np.ndarray, list[tuple[np.ndarray, Parameters]]]:
        """The losses, (updates,), and the states and parameters before each update; of the first
        so many ``updates`` alone.
        """
        p, found, before, h = dict(self.p), [], [], None
        batches = self.x[:updates]
        for x in batches:
            wanted = change.target(x, self.lag)
            h = states(change.used(p), x, h[-1] if change.carried and h is not None else None)
            before.append((h, p))
            found.append(change.times * change.loss(h, p, wanted))
            if len(found) == len(batches) and not change.late:
                break  # nobody asks what is learnt of it
            gradient = self.credit.gives | change.readout(h, p, wanted)
            rates = {name: change.rate * self.rate for name in change.moves}
            rates |= {name: -self.rate for name in change.up}
            p = p | {name: p[name] - rate * gradient[name] for name, rate in rates.items()}
            if change.late:
                found[-1] = change.times * change.loss(states(change.used(p), x), p, wanted)
        return np.array(found), before

    def losses(self, change: Change, updates: int | None = None) -> np.ndarray:
        """The losses of :meth:`run`."""
        return self.run(change, updates)[0]

    @cache  # noqa: B019
    def asked(self, change: Change) -> dict[str, np.ndarray]:
        """What ``credit`` should be given at the first update, by name."""
        (h, p), x = self.run(change, 1)[1][0], self.x[0]
        wanted = change.target(x, self.lag)
        g = change.pulls * slope(lambda h: change.loss(h, p, wanted), h)[1:]
        return {"X": x, "H": h, "G": g, "W": p["W"]}

    def second(self, change: Change) -> dict[str, np.ndarray]:
        """What the second update meets, by name: it shows how U, W and b have moved."""
        h, p = self.run(change, 2)[1][1]
        return {"W": p["W"], "the last state": h[-1]}
