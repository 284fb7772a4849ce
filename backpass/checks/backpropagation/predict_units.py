"""Predict: how many hidden units are left?"""

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import EQUAL

#: For each case the right number, and what a wrong one says of who chose it.
CASES = {
    "a": (1, {n: "separates" for n in range(2, 7)}),
    "b": (6, {1: "stuck", 2: "pairs", 3: "pairs", 4: "all-differ", 5: "all-differ"}),
    "c": (2, {1: "groups", 3: "groups", 4: "groups", 5: "groups", 6: "separates"}),
    "d": (1, {n: "batch-noise" for n in range(2, 7)}),
}
POSSIBLE = range(1, 7)


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
        "pairs": "Which units would stay alike? No two of the six outgoing weights are equal, and"
        " δ_j contains that of unit j: at the first step each gets another gradient.",
        "all-differ": "Those with the smallest outgoing weights move slowly, but they move by other"
        " steps than their neighbours: count units that differ at all, not by how much.",
        "impossible": "There are six hidden units, so that 1 to 6 of them can be distinct: give a"
        " whole number.",
        "groups": "Look at one group by itself, then at what tells the two groups apart.",
        "batch-noise": "The noise of a mini-batch is the same for all units: each of them sees"
        " the same examples and gets the same δ for them.",
    },
)
def predict_units(attempt):
    for letter, (right, mistakes) in CASES.items():
        with attempt.part(f"case {letter}") as part:
            given = part.entry(letter, CASES)
            if given not in POSSIBLE:
                part.blame("impossible")
            part.predict(given, right, mistakes, what=COUNT)
