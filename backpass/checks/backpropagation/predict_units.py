"""Predict: how many hidden units are left?"""

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import EQUAL

#: For each case the right number, and what a wrong one says of who chose it.
CASES = {
    "a": (1, {n: "separates" for n in range(2, 7)}),
    "b": (6, {1: "stuck"}),
    "c": (2, {1: "groups", 3: "groups", 4: "groups", 6: "separates"}),
    "d": (1, {n: "batch-noise" for n in range(2, 7)}),
}


COUNT = (
    "Count the kinds of unit that are left: ask of every two units whether any step of the training"
    " can make them differ."
)


@exercise(
    "Predict: how many hidden units are left?",
    section=EQUAL,
    points=2,
    kind="predict",
    mistakes={
        "separates": "What would tell them apart? Units whose incoming and outgoing weights are"
        " equal compute the same h and get the same δ, so they take the same step.",
        "stuck": "Equal incoming weights do not keep units equal: δ_j contains the outgoing"
        " weight of unit j, and here these differ.",
        "groups": "Look at one group by itself, then at what tells the two groups apart.",
        "batch-noise": "The noise of a mini-batch is the same for all units: each of them sees"
        " the same examples and gets the same δ for them.",
    },
)
def predict_units(attempt):
    for letter, (right, mistakes) in CASES.items():
        with attempt.part(f"case {letter}") as part:
            part.predict(part.entry(letter, CASES), right, mistakes, what=COUNT)
