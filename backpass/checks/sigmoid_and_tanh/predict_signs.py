"""How many sign patterns the gradient of a unit with five weights can have."""

from backpass.checks import exercise
from backpass.checks.sigmoid_and_tanh._inputs import BATCH

ONE = "Section: “One example, two orthants”."

# For each case of the sheet: how many patterns there are, and what a wrong number betrays.
CASES = {
    "a": (2, {32: "free", 31: "free", 1: "one-orthant"}),
    "b": (2, {32: "batch-cures", 31: "batch-cures", 1: "one-orthant"}),
    "c": (
        32,
        {1: "batch-useless", 2: "batch-useless", 3: "one-each", 30: "only-new", 31: "all-minus"}
        | {4: "products", 64: "products", 5: "one-component", 10: "one-component"},
    ),
    "d": (
        2,
        {32: "signs-fixed", 31: "signs-fixed", 1: "one-orthant", 3: "groups"}
        | {4: "groups", 8: "groups", 12: "groups", 6: "groups"},
    ),
}
POSSIBLE = range(1, 2**5 + 1)
#: What numbers betray that are not in the list of a case.
ELSE = {"a": "free", "b": "batch-cures", "c": "too-few", "d": "signs-fixed"}


COUNT = (
    "Write the gradient as ∂L/∂f times the inputs, summed over the examples, and count which signs"
    " its five components can have together."
)


@exercise(
    "Predict: how many directions?",
    section=BATCH,
    points=2,
    kind="predict",
    mistakes={
        "free": "The gradient of one example is ∂L/∂f times its inputs: one number times positive"
        f" ones, so all components have the sign of that number. {ONE}",
        "one-orthant": f"∂L/∂f may have either sign, and the whole gradient turns with it. {ONE}",
        "batch-cures": "A sum of vectors of one orthant stays in that orthant, however many"
        " they are. It is not the size of the batch that counts, but the signs of its δ.",
        "batch-useless": "The gradient is a difference of two positive vectors, weighed by the"
        " two δ. Such a difference can have any signs.",
        "one-each": "Between all of one sign and all of the other lies every mixture: each"
        " component is a difference of its own, and may have either sign whatever the others do.",
        "all-minus": "All components may be positive, and all negative: both patterns count.",
        "too-few": "Each component is a difference of two positive numbers, which the inputs choose"
        " freely: any pattern can be reached. Try to write down two examples for one.",
        "one-component": "These count components. A pattern is the signs of all five together.",
        "impossible": "A pattern has five signs, so there are between 1 and 32 of them: give a"
        " whole number.",
        "only-new": "The two old orthants are still there: one example may outweigh the other.",
        "products": "Count patterns of the sum: it has one sign for each of the five weights.",
        "signs-fixed": "The inputs are not all positive, but their signs are fixed: the pattern is"
        f" that of x or its opposite. What frees it are signs that vary between examples. {ONE}",
        "groups": f"The two groups do not turn separately: both are multiplied by one ∂L/∂f. {ONE}",
    },
)
def predict_signs(attempt):
    for letter, (right, betrayed) in CASES.items():
        with attempt.part(f"case {letter}") as part:
            given = part.entry(letter, CASES)
            if given == 5 and right == 2:
                part.blame("one-component")
            if given not in POSSIBLE and given not in betrayed:
                part.blame("impossible")
            part.predict(given, right, dict.fromkeys(POSSIBLE, ELSE[letter]) | betrayed, what=COUNT)
