"""What becomes of labels that learn beside the classifier? A prediction, as a letter."""

from backpass.checks import exercise
from backpass.checks.softmax_cross_entropy._inputs import LABELS


@exercise(
    "Predict: labels that can move",
    points=1,
    kind="predict",
    section=LABELS,
    mistakes={
        "a": "So it was with the first version, and so it is with a stop-gradient. Here u has a"
        " gradient of its own, and it is not 0.",
        "c": "Look at what lowers E = −Σ t log o when o is fixed: it is linear in t, so t moves its"
        " weight to the class with the smallest −log o. Uniform labels rest only if o is uniform.",
        "d": "That would be climbing. −log o is largest for the least probable class, and descent"
        " moves the labels away from it.",
    },
)
def predict_labels(attempt):
    with attempt.part("your prediction") as part:
        part.choose(attempt.value, "b")
        part.label = "your prediction: the labels go where −log o is small, and o follows them"
