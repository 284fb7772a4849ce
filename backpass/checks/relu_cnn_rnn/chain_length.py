"""How many logistic layers, each with the weight ½, until a gradient is tiny, or is 0?"""

from backpass.checks import exercise

#: For each question the right number of layers, and what another number comes of. It is told
#: without the right one, so that a prediction is not given away.
QUESTIONS = {
    "below 1e-6": (
        7,
        {6: "one-short", 8: "one-too-many", 10: "weight-forgotten", 20: "slope-forgotten"},
    ),
    "0 in float32": (
        50,
        {49: "one-short", 51: "one-too-many", 75: "weight-forgotten", 150: "slope-forgotten"}
        | dict.fromkeys((42, 43), "normal-numbers"),
    ),
    "0 in float64": (
        359,
        {358: "one-short", 360: "one-too-many", 538: "weight-forgotten", 1075: "slope-forgotten"}
        | dict.fromkeys((340, 341), "normal-numbers"),
    ),
}


@exercise(
    "Predict: how long a chain?",
    section="Section: “A chain of layers”.",
    points=2,
    kind="predict",
    mistakes={
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
            part.predict(part.entry(label, QUESTIONS), right, wrong, what=what)
