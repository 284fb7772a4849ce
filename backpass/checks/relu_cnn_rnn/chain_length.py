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
        "order": "That is the answer to another of the three questions: mind their order.",
        "not-whole": "Layers are counted in whole numbers: the first one after which it is so.",
        "factors-counted": "That counts factors, of which each layer has two, or halvings, of which"
        " it has three. Layers are asked for.",
        "digits": "After so many layers a number that is added to 1 is lost. By itself a small"
        " number keeps all its digits: what moves is its exponent.",
        "one-short": "That many layers leave something just not small enough: one more.",
        "one-too-many": "One layer fewer is enough.",
        "weight-forgotten": "That is for a factor ¼ a layer. Each layer has a slope, at most ¼,"
        " and a weight, ½.",
        "slope-forgotten": "That is for a factor ½ a layer. The largest slope of the logistic"
        " function is ¼; ½ is its value there.",
        "normal-numbers": "There float numbers begin to lose digits, but they are not 0 yet: the"
        " smallest positive ones are far below the smallest *normal* ones.",
    },
)
def chain_length(attempt):
    for label, (right, wrong) in QUESTIONS.items():
        with attempt.part(label) as part:
            what = "Count in a loop, with numbers of that type."
            value = part.entry(label, QUESTIONS)
            if value % 1:
                part.blame("not-whole")
            others = dict.fromkeys((one for one, _ in QUESTIONS.values()), "order")
            near = {right - 1: "one-short", right + 1: "one-too-many"}
            part.predict(value, right, others | wrong | near, what=what)
