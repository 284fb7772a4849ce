"""How many logistic layers, each with the weight ½, until a gradient is tiny, or is 0?"""

from backpass.checks import exercise

#: For each question the right number of layers, and what another number comes of. It is told
#: without the right one, so that a prediction is not given away.
QUESTIONS = {
    "below 1e-6": (
        7,
        {
            10: "weight-forgotten",
            20: "slope-forgotten",
            14: "factors-counted",
            21: "factors-counted",
        },
    ),
    "0 in float32": (
        50,
        dict.fromkeys((74, 75), "weight-forgotten")
        | dict.fromkeys((149, 150), "slope-forgotten")
        | dict.fromkeys((42, 43), "normal-numbers")
        | dict.fromkeys((99, 100), "factors-counted")
        | dict.fromkeys((7, 8, 9, 23, 24), "digits"),
    ),
    "0 in float64": (
        359,
        dict.fromkeys((537, 538), "weight-forgotten")
        | dict.fromkeys((1074, 1075), "slope-forgotten")
        | dict.fromkeys((340, 341, 342), "normal-numbers")
        | dict.fromkeys((717, 718), "factors-counted")
        | dict.fromkeys((15, 16, 17, 18, 52, 53), "digits"),
    ),
}


@exercise(
    "Predict: how long a chain?",
    section="Section: “A chain of layers”.",
    points=2,
    kind="predict",
    mistakes={
        "order": (
            "That is the answer to another of the three questions.",
            "Mind their order: below 1e-6, then float32, then float64.",
        ),
        "not-whole": (
            "Layers are counted in whole numbers.",
            "Take the first one after which it is so.",
        ),
        "factors-counted": (
            "That counts factors, of which each layer has two, or halvings, of which it has three.",
            "Count layers: let one turn of the loop multiply by ¼ and by ½.",
        ),
        "digits": (
            "After so many layers a number that is added to 1 is lost. By itself a small number"
            " keeps all its digits: what moves is its exponent.",
            "Compare with the smallest positive number of the type, not with its precision.",
        ),
        "one-short": (
            "That many layers leave something just not small enough.",
            "It is one more. (A result halfway between 0 and the smallest number is rounded to 0.)",
        ),
        "one-too-many": ("Fewer layers are enough.", "It is one fewer."),
        "weight-forgotten": (
            "That is for a factor ¼ a layer. What else does a layer multiply by?",
            "Each layer has a slope, at most ¼, and a weight, ½.",
        ),
        "slope-forgotten": (
            "That is for a factor ½ a layer. What is the largest slope of the logistic function?",
            "It is ¼; ½ is its value there. Multiply by the weight too.",
        ),
        "normal-numbers": (
            "There float numbers begin to lose digits, but they are not 0 yet.",
            "Go on to the smallest positive number, 2^−149 or 2^−1074, far below the smallest"
            " *normal* one.",
        ),
    },
)
def chain_length(attempt):
    for label, (right, wrong) in QUESTIONS.items():
        with attempt.part(label) as part:
            what = "Count in a loop, with numbers of that type."
            value = part.entry(label, QUESTIONS)
            if value % 1:
                part.blame("not-whole", f"{value:g} is no whole number.")
            others = dict.fromkeys((one for one, _ in QUESTIONS.values()), "order")
            near = {right - 1: "one-short", right + 1: "one-too-many"}
            part.predict(value, right, others | wrong | near, what=what)
