"""Which optimiser? Sentences to judge."""

from backpass.checks import exercise

SENTENCES = {
    "a": (False, "n-for-n-plus-1"),
    "b": (True, "backward-cost"),
    "c": (False, "hundred"),
    "d": (True, "steps"),
    "e": (False, "saddle-for-minimum"),
    "f": (False, "noise"),
}


@exercise(
    "Which way down?",
    section="Section: “The race”.",
    points=2,
    kind="choose",
    mistakes={
        "n-for-n-plus-1": (
            "With what is each of the n evaluations compared?",
            "With the loss at w itself: n + 1 evaluations, so the sentence is false.",
        ),
        "backward-cost": (
            "What did the chapter measure for 10 and for 10,000 weights?",
            "About two evaluations of the loss each time: the sentence is true.",
        ),
        "hundred": (
            "Look at the race with 100 weights again.",
            "Nelder–Mead reached the goal there: the sentence is false.",
        ),
        "steps": (
            "What is the derivative of a count of errors, where there is one?",
            "It is 0 almost everywhere, so the sentence is true: a gradient must be that of another"
            " function.",
        ),
        "saddle-for-minimum": (
            "Of which kinds of points is the gradient 0?",
            "Of saddles and maxima too, so the sentence is false.",
        ),
        "noise": (
            "What becomes of the noise of two evaluations when it is divided by a small step?",
            "It grows like 1/ε and drowns the slope: the sentence is false.",
        ),
    },
)
def judge(attempt):
    attempt.judge(SENTENCES)
