"""How small a step?"""

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import CHECKING


@exercise(
    "How small a step?",
    section=CHECKING,
    points=2,
    kind="choose",
    mistakes={
        "a": "So it would be with exact numbers. In float64 the numbers next to 1 are 2.2e-16"
        " above it and 1.1e-16 below: x + h and x − h are rounded to one of these or to 1 itself,"
        " and what is left of the difference is noise as large as the slope.",
        "b": "That is best for *forward* differences, whose truncation falls only like h."
        " Central ones suffer from rounding there: about ε/h ≈ 1e-8.",
        "d": "Rounding is no trouble there, but truncation is: about h²/6 times the third"
        " derivative, some 1e-5.",
        "e": "There x + h is x and the difference is 0. Such a step is for the *complex* step,"
        " which subtracts nothing.",
    },
)
def step_size(attempt):
    with attempt.part("your choice") as part:
        part.choose(attempt.value, "c")
        part.label = (  # why, told to those who chose it
            "your choice: near ε^(1/3), where truncation, h², and rounding, ε/h, are alike in size"
        )
