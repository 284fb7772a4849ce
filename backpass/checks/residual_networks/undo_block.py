"""A block that can be undone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import INVERSE, either, relu, uniform


@dataclass(frozen=True, eq=False)
class Reversible:
    """The inputs of Y1 = X1 + relu(X2 A), Y2 = X2 + relu(Y1 B): x1 (n, p), x2 (n, q), a (q, p),
    b (p, q).
    """

    x1: np.ndarray
    x2: np.ndarray
    a: np.ndarray
    b: np.ndarray

    @property
    def y1(self) -> np.ndarray:
        """The first output, shape (n, p)."""
        return self.x1 + relu(self.x2 @ self.a)

    @property
    def turned(self) -> "Way":
        """The way back with each matrix where the other one's transpose belongs."""
        return Way(self, self.b.T, self.a.T)

    def first(self, output: str, given: object, take: Callable, act: Callable = relu) -> np.ndarray:
        """:meth:`Way.first` with the right matrices."""
        return Way(self, self.a, self.b).first(output, given, take, act)

    @property
    def y2(self) -> np.ndarray:
        """The second output, shape (n, q)."""
        return self.x2 + relu(self.y1 @ self.b)


@dataclass(frozen=True, eq=False)
class Way:
    """A way back with the matrices a (q, p) and b (p, q)."""

    block: Reversible
    a: np.ndarray
    b: np.ndarray

    def first(self, output: str, given: object, take: Callable, act: Callable = relu) -> np.ndarray:
        """An input if ``take(y, f)`` is what is left of y when f is taken away, ``act`` the ReLU.

        X1 may be made with the right X2, or with one that went wrong in the same way.
        """
        block = self.block
        x2 = take(block.y2, act(block.y1 @ self.b))
        if output == "X2":
            return x2
        forms = (take(block.y1, act(half @ self.a)) for half in (block.x2, x2))
        return either(given, *forms)


def drawn(seed: int, n: int, p: int, q: int) -> Reversible:
    """A case of n examples, their two parts p and q wide."""
    x1, x2, a, b = uniform(seed, (n, p), (n, q), (q, p), (p, q))
    return Reversible(x1, x2, 3 * a, 3 * b)


CASES = [drawn(0, 5, 3, 3), drawn(1, 4, 2, 5), drawn(2, 2, 4, 2), drawn(3, 3, 3, 3)]


@exercise("A block that can be undone", section=INVERSE, points=3, kind="implement")
def undo_block(attempt):
    for output, weight in [("X2", 1), ("X1", 2)]:
        with attempt.part(output, weight=weight) as part:
            for case in CASES:
                args, right = [case.y1, case.y2, case.a, case.b], {"X1": case.x1, "X2": case.x2}
                part.outputs(args, right, output, of=lambda *of, case=case: (case, *of))


@undo_block.mistake(
    "relu(Y₂ A) is taken away from Y₁. What had been added was relu(X₂ A): find X₂ first."
)
def outputs_forgotten(case, output, _):
    return case.y1 - relu(case.y2 @ case.a) if output == "X1" else None


@undo_block.mistake(
    "relu(X₁ B) is taken away from Y₂. What had been added was relu(Y₁ B), and Y₁ is given."
)
def wrong_half(case, output, given):
    wrong = case.x1, case.y1 - relu(case.y2 @ case.a)
    forms = (case.y2 - relu(x1 @ case.b) for x1 in wrong)
    return either(given, *forms) if output == "X2" else None


@undo_block.mistake("What was added on the way forward is added once more; it is taken away.")
def added(case, output, given):
    return case.first(output, given, lambda y, f: y + f)


@undo_block.mistake(
    "The ReLU is missing, or stands elsewhere. What was added is relu(X₂ A) and relu(Y₁ B), as a"
    " whole."
)
def relu_forgotten(case, output, given):
    bare = case.first(output, given, lambda y, f: y - f, act=lambda z: z)
    around = case.first(output, given, lambda y, f: relu(y - f), act=lambda z: z)
    other = case.first(output, given, lambda y, f: y - f, act=lambda z: relu(-z))
    return either(given, bare, around, other, relu(bare))


@undo_block.mistake("tanh stands where ReLU belongs. What was added is max(0, z) of X₂ A and Y₁ B.")
def tanh_units(case, output, given):
    return case.first(output, given, lambda y, f: y - f, act=np.tanh)


@undo_block.mistake("This is what was added on the way forward. It is to be taken away from Y.")
def added_alone(case, output, given):
    return case.first(output, given, lambda y, f: f)


@undo_block.mistake("A and B are exchanged, or turned: X₂ A stands beside Y₁, and Y₁ B beside Y₂.")
def other_matrix(case, output, given):
    return case.turned.first(output, given, lambda y, f: y - f)


@undo_block.mistake("This is the forward pass, applied to its own outputs.")
def forward(case, output, _):
    again = Reversible(case.y1, case.y2, case.a, case.b)
    return {"X1": again.y1, "X2": again.y2}[output]


@undo_block.mistake("These are the outputs as they were given: only the skips are undone.")
def block_forgotten(case, output, _):
    return {"X1": case.y1, "X2": case.y2}[output]


@undo_block.mistake("The two halves are exchanged.")
def exchanged(case, output, _):
    if case.x1.shape != case.x2.shape:
        return None
    return {"X1": case.x2, "X2": case.x1}[output]
