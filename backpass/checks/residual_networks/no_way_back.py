"""A block that cannot be undone."""

import numpy as np

from backpass.checks import Part, exercise
from backpass.checks.residual_networks._inputs import FLOW, INVERSE, MEET, relu
from backpass.gradcheck import diagnose, slope, vjp

NAMES = ("W1", "W2", "x", "other", "g")


def made(part: Part) -> list[np.ndarray]:
    """The learner's W1 (2, h), W2 (h, 2), x, other and g (2,), as floats; ends the part if they
    are not such.

    A vector may come as a matrix of one row or one column, and with one hidden unit a matrix as a
    vector.
    """
    given = dict(zip(NAMES, part.call(outputs=NAMES), strict=True))
    for name, a in given.items():
        numbers = isinstance(a, np.ndarray) and a.dtype.kind in "iuf"
        part.require(numbers, f"{name} should be an array of numbers.", "type")
        if name[0] != "W" and a.shape in ((1, 2), (2, 1)):
            given[name] = a.ravel()
        elif name[0] == "W" and a.shape == (2,):
            given[name] = a.reshape((2, 1) if name == "W1" else (1, 2))
    w1, w2, *vectors = given.values()
    matrices = w1.ndim == 2 and w1.shape == w2.shape[::-1] and w1.shape[0] == 2
    if not matrices or not 0 < w1.shape[1] <= 50 or any(v.shape != (2,) for v in vectors):
        shapes = ", ".join(f"{name} {a.shape}" for name, a in given.items())
        part.require(False, f"{no_way_back.mistakes['shape']} Yours: {shapes}.", "shape")
    given = {name: a.astype(float) for name, a in given.items()}
    for name, a in given.items():
        sane = np.all(np.isfinite(a) & (np.abs(a) < 1000))
        part.require(sane, f"Finite numbers are wanted, below 1000 in size: look at {name}.", "nan")
    return list(given.values())


@exercise(
    "A block that cannot be undone",
    section=INVERSE,
    points=3,
    kind="derive",
    mistakes={
        "same-input": (
            "The two inputs are the same, or nearly.",
            "Two different ones are wanted: let one entry differ by 1.",
        ),
        "one-entry": (
            "They differ in one entry only: that is the chapter's example in one dimension.",
            "Let the other entry differ too, and let both columns of W₂ take something back.",
        ),
        "f-collides": (
            "F gives both the same, but the block is x + F(x), and the shortcut keeps them apart.",
            "F has to take back just the difference of the inputs: F(x) − F(other) = other − x.",
        ),
        "differ": (
            "The block tells them apart: their outputs differ.",
            "Print x + relu(x W₁) W₂ for both, and choose W₂ so that F takes back by how much x and"
            " other differ.",
        ),
        "nothing-upstream": (
            "g is zero. The question is of a gradient that arrives and is lost.",
            "Take a g other than zero, on the left of I + J_F.",
        ),
        "block-only": (
            "Only the block's part, g J_F, is zero; g itself still comes down the shortcut."
            f" {MEET}",
            "g J_F has to be −g, so that the sum of both parts is zero.",
        ),
        "wrong-side": (
            "(I + J_F) g is zero: that is a step forward. On which side does a gradient stand?"
            f" {FLOW}",
            "It stands on the left, g (I + J_F): turn the matrix over, or look for another g.",
        ),
        "survives": (
            "This g arrives at x: g (I + J_F) is not zero.",
            "J_F at x is W₁ W₂ transposed, of the units that are on there: choose g so that g J_F"
            " is −g. If none is so, since I + J_F has an inverse there, change W₁, W₂ or x.",
        ),
        "kink": (
            "At this x the ReLU of a hidden unit is just at 0, where it has no derivative.",
            "Move x a little, so that no entry of x W₁ is 0.",
        ),
        "shape": (
            "W1 is (2, h), W2 is (h, 2), with h from 1 to 50; x, other, g have 2 entries.",
            "Write matrices in double brackets, np.array([[1.0], [0.0]]).",
        ),
    },
)
def no_way_back(attempt):
    with attempt.part("two inputs, one output", weight=2) as part:
        w1, w2, x, other, _ = made(part)
        apart = np.max(np.abs(x - other))
        if apart <= 1e-3:
            part.blame("same-input", "Look at x and other.")
        if np.min(np.abs(x - other)) <= 1e-3:
            part.blame("one-entry", "Look at x and other.")
        f, f_other = (relu(v @ w1) @ w2 for v in (x, other))
        if np.max(np.abs(x + f - other - f_other)) > 1e-9 * apart:
            same = np.max(np.abs(f - f_other)) <= 1e-9 * apart
            shown = " and ".join(np.array2string(y, precision=3) for y in (x + f, other + f_other))
            part.blame("f-collides" if same else "differ", f"Their outputs are {shown}.")
    with attempt.part("a gradient that does not arrive") as part:
        w1, w2, x, _, g = made(part)
        size = np.max(np.abs(g))
        if size <= 1e-3:
            part.blame("nothing-upstream", "Look at g.")
        used = w1.any(axis=0) & w2.any(axis=1)
        if np.any(np.abs(x @ w1)[used] <= 1e-6):
            part.blame("kink", f"x W1 is {np.array2string(x @ w1, precision=3)}.")
        on = x @ w1 > 0  # around x the block is linear

        def f(x):
            return (x @ w1 * on) @ w2

        block = vjp(g, f, x)
        if np.max(np.abs(g + block)) > 1e-9 * size:
            where = f"At x arrives {np.array2string(g + block, precision=3)}."
            if np.max(np.abs(block)) <= 1e-9 * size:
                part.blame("block-only", where)
            forward = [slope(lambda x, i=i: (x + f(x))[i], x) @ g for i in (0, 1)]
            lost = diagnose(forward, np.zeros(2), atol=1e-9 * size)
            part.blame("wrong-side" if lost else "survives", where)
