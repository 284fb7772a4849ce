"""Judge: how small a step?"""

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import CHECKING


@exercise(
    "Judge: how small a step?",
    section=CHECKING,
    points=2,
    kind="choose",
    mistakes={
        "smaller-is-better": (
            "So it would be with exact numbers. What is left of 1 + h in float64?",
            "The numbers next to 1 are 2.2e-16 above it and 1.1e-16 below: the difference is noise"
            " as large as the slope. See your picture at its left end.",
        ),
        "forward-step": (
            "1e-8 is the best step of *forward* differences, whose truncation falls only like h.",
            "Central ones suffer from rounding there, about ε/h ≈ 1e-8: they are best near the cube"
            " root of ε.",
        ),
        "cube-root": (
            "Two errors are to be balanced: one that falls like h², one that grows like ε/h.",
            "They are alike where h³ is about ε, and ε^(1/3) is some 1e-5.",
        ),
        "tenfold": (
            "Where truncation rules, the error goes like h², not like h.",
            "Ten times the step gives a hundred times the error: see the slope of your curve.",
        ),
        "lost-step": (
            "With so small a step x + h is x, and nothing is left to divide.",
            "Such steps are for the *complex* step, which subtracts nothing.",
        ),
        "price": (
            "Each parameter is moved by itself, once up and once down.",
            "2n losses for n parameters, whatever h is; a backward pass costs about two.",
        ),
    },
)
def step_size(attempt):
    attempt.judge(
        {
            "a": (False, "smaller-is-better"),
            "b": (False, "forward-step"),
            "c": (True, "cube-root"),
            "d": (True, "tenfold"),
            "e": (False, "lost-step"),
            "f": (True, "price"),
        }
    )
