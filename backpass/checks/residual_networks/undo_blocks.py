"""Blocks that can be undone."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import Part, exercise
from backpass.checks.residual_networks._inputs import INVERSE, either, relu, uniform
from backpass.gradcheck.check import matches


@dataclass(frozen=True, eq=False)
class Momentum:
    """The inputs x and v (n, d) of L blocks v ← γ v + relu(x A_l), x ← x + v; a (L, d, d)."""

    x: np.ndarray
    v: np.ndarray
    a: np.ndarray
    gamma: float

    @cached_property
    def end(self) -> tuple[np.ndarray, np.ndarray]:
        """What comes out of the last block: x and v, shape (n, d) each."""
        return self.forwards(self.x, self.v)

    def forwards(self, x: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Go forward through all blocks."""
        for a in self.a:
            v = self.gamma * v + relu(x @ a)
            x = x + v
        return x, v

    @property
    def args(self) -> list:
        """What the learner's function is called with."""
        return [*self.end, self.a, self.gamma]

    @property
    def right(self) -> dict[str, np.ndarray]:
        """What should come back."""
        return {"X": self.x, "V": self.v}

    def back(self, step: Callable, blocks: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """What ``step(x, v, f)`` gives, done for each of the blocks from the last to the first.

        ``f(x)`` is the block's relu(x A). ``blocks`` are others, in the order in which they are
        undone.
        """
        x, v = self.end
        for a in self.a[::-1] if blocks is None else blocks:
            x, v = step(x, v, lambda x, a=a: relu(x @ a))
        return {"X": x, "V": v}

    def undone(self, x: np.ndarray, v: np.ndarray, f: Callable) -> tuple[np.ndarray, np.ndarray]:
        """One block undone."""
        x = x - v
        return x, (v - f(x)) / self.gamma


def drawn(seed: int, n: int, d: int, blocks: int, gamma: float) -> Momentum:
    """A case of n examples and so many blocks of width d."""
    return Momentum(*uniform(seed, (n, d), (n, d), (blocks, d, d)), gamma)


ONE = [drawn(0, 4, 3, 1, 0.6), drawn(1, 2, 2, 1, 0.8)]
SEVERAL = [drawn(2, 3, 2, 2, 0.7), drawn(3, 4, 3, 5, 1.25), drawn(4, 2, 4, 3, 0.9)]
#: As many blocks as the prediction is about, small ones.
MANY = Momentum(*uniform(5, (4, 8), (4, 8)), 0.05 * uniform(6, (40, 8, 8))[0], 0.5)


@exercise(
    "Blocks that can be undone",
    section=INVERSE,
    points=4,
    kind="implement",
    mistakes={"order": ("", "Return X first, then V.")},
)
def undo_blocks(attempt):
    for label, cases in [("one block", ONE), ("several blocks", SEVERAL)]:
        with attempt.part(label) as part:
            # Who has one block wrong may still undo several of them, in the right order.
            own = cases is SEVERAL and bool(set(attempt.mistakes) & WITHIN_A_BLOCK)
            for case in cases:
                if own and all(map(matches, part.call(*case.args), one_by_one(part, case))):
                    part.right_for("your single block")
                    continue
                part.outputs(case.args, case.right, of=lambda *of, case=case: (case, *of))
    if attempt.right == attempt.total and attempt.prediction is not ...:
        with attempt.part("forty blocks, for your prediction", 0) as part:
            x, _ = part.call(*MANY.args, outputs=("X", "V"), repeat=False)
            power = round(float(np.log10(np.max(np.abs(x - MANY.x)))))
            attempt.compare("log₁₀ of the largest error of forty blocks at γ = ½", power)


#: The mistakes within a block.
WITHIN_A_BLOCK = {"v-first", "old-x", "gamma-forgotten", "gamma-elsewhere", "added",
                  "relu-forgotten", "block-forgotten", "turned", "other-gamma"}  # fmt: skip


def one_by_one(part: Part, case: Momentum) -> tuple:
    """What the learner's own function makes of the blocks, one after the other from the last."""
    x, v = case.end
    for a in case.a[::-1]:
        x, v = part.call(x, v, a[None], case.gamma, outputs=case.right, repeat=False)
    return x, v


@undo_blocks.mistake(
    "γ is another number than the one that is given.",
    "Divide by gamma, the last argument.",
)
def other_gamma(case, output, given):
    numbers = [number for number in (0.5, 0.8, 0.9, 0.6) if number != case.gamma]
    steps = [lambda x, v, f, g=g: (x - v, (v - f(x - v)) / g) for g in numbers]
    return either(given, *(case.back(step)[output] for step in steps))


@undo_blocks.mistake(
    "V is undone first, with the X that came out of the block. Which of the two was computed last"
    " on the way forward?",
    "Undo the last step first: X − V gives the X that went in, and with that relu(X A) is known.",
)
def v_first(case, output, given):
    if output == "V" and len(case.a) == 1:  # as of one block old_x gives it
        return None

    def v_before_x(x, v, f, gamma=case.gamma):
        v = (v - f(x)) / gamma
        return x - v, v

    def as_in_the_chapter(x, v, f):  # whose halves have no factor
        return v_before_x(x, v, f, 1.0)

    return either(given, case.back(v_before_x)[output], case.back(as_in_the_chapter)[output])


@undo_blocks.mistake(
    "What was added to V is worked out with the X that came out of the block. Which X went in?",
    "It is the one that X − V gives: use the new X in relu(X A).",
)
def old_x(case, output, _):
    return case.back(lambda x, v, f: (x - v, (v - f(x)) / case.gamma))[output]


@undo_blocks.mistake(
    "γ is not undone. The chapter's blocks have no such factor; here V was multiplied by it.",
    "Divide by γ, after relu(X A) has been taken away.",
)
def gamma_forgotten(case, output, _):
    return case.back(lambda x, v, f: (x - v, v - f(x - v)))[output]


@undo_blocks.mistake(
    "γ comes in at the wrong place, or the wrong way. Read the forward line from its end.",
    "First take relu(X A) away from V, then divide all that is left by γ.",
)
def gamma_elsewhere(case, output, given):
    steps = (
        lambda x, v, f: (x - v, v / case.gamma - f(x - v)),
        lambda x, v, f: (x - v, v - f(x - v) / case.gamma),
        lambda x, v, f: (x - v, case.gamma * (v - f(x - v))),
        lambda x, v, f: (x - v, case.gamma * v - f(x - v)),
        lambda x, v, f: (x - v / case.gamma, (v - f(x - v / case.gamma)) / case.gamma),
        lambda x, v, f: (x - case.gamma * v, (v - f(x - case.gamma * v)) / case.gamma),
    )
    return either(given, *(case.back(step)[output] for step in steps))


@undo_blocks.mistake(
    "What was added on the way forward is added once more.",
    "Take it away: X − V, and V − relu(X A).",
)
def added(case, output, given):
    steps = (
        lambda x, v, f: (x - v, (v + f(x - v)) / case.gamma),
        lambda x, v, f: (x + v, (v - f(x + v)) / case.gamma),
        lambda x, v, f: (x + v, (v + f(x + v)) / case.gamma),
    )
    return either(given, *(case.back(step)[output] for step in steps))


@undo_blocks.mistake(
    "What is taken away from V is not what was added. Where does the ReLU stand?",
    "It was relu(X A) as a whole: max(0, ·) of the product.",
)
def relu_forgotten(case, output, given):
    forms = []
    for act in (lambda z: z, np.tanh):
        x, v = case.end
        for a in case.a[::-1]:
            x = x - v
            v = (v - act(x @ a)) / case.gamma
        forms.append({"X": x, "V": v}[output])
    x, v = case.end
    for a in case.a[::-1]:
        x = x - v
        v = relu(v - x @ a) / case.gamma
    of_v = case.back(lambda x, v, f: (x - v, (v - f(v)) / case.gamma))[output]
    return either(given, *forms, {"X": x, "V": v}[output], of_v)


@undo_blocks.mistake(
    "Nothing of what the blocks added to V is taken away.",
    "Take relu(X A) away before you divide by γ.",
)
def block_forgotten(case, output, _):
    return case.back(lambda x, v, f: (x - v, v / case.gamma))[output]


@undo_blocks.mistake(
    "A matrix goes another way than forward. Nothing is inverted or sent back through it here.",
    "What was added is computed again as it was: X A, with A as it is.",
)
def turned(case, output, given):
    inverse = np.linalg.inv(case.a[::-1])
    forms = case.a[::-1].transpose(0, 2, 1), inverse
    return either(given, *(case.back(case.undone, form)[output] for form in forms))


@undo_blocks.mistake(
    "The blocks are undone from the first to the last. Which one was the last to change X?",
    "Begin with it: go through A from its end, reversed(A).",
)
def other_walk(case, output, _):
    return case.back(case.undone, case.a)[output]


@undo_blocks.mistake(
    "Only one of the blocks is undone.", "Do the same for every block: a loop over A, and no return"
    " inside of it."
)  # fmt: skip
def one_block(case, output, _):
    return case.back(case.undone, case.a[-1:])[output]


@undo_blocks.mistake(
    "Block 0 is left as it is. How often does the loop run?",
    "Undo all L of them: for l in reversed(range(L)), down to l = 0.",
)
def first_left(case, output, _):
    if len(case.a) == 2:  # as one_block gives it
        return None
    return case.back(case.undone, case.a[:0:-1])[output]


@undo_blocks.mistake(
    "This is the forward pass, applied to its own outputs.",
    "Undo each step: the last first, and with minus for plus.",
)
def forward(case, output, _):
    return dict(zip("XV", case.forwards(*case.end), strict=True))[output]
