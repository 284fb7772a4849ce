"""Where does a stop-gradient belong between a teacher and a student? A choice, as a letter."""

from backpass.checks import exercise
from backpass.checks.softmax_cross_entropy._inputs import LABELS


@exercise(
    "Where does the stop-gradient belong?",
    points=2,
    kind="choose",
    section=LABELS,
    mistakes={
        "a": "Nothing is stopped: the student's loss also reaches the teacher, which learns to give"
        " labels that the student finds easy.",
        "b": "This stops the student. Its loss now reaches the teacher alone, so the wrong network"
        " learns.",
        "d": "This stops everything: nobody gets a gradient from it, and the student does not"
        " learn.",
    },
)
def stop_gradient(attempt):
    with attempt.part("your choice") as part:
        part.choose(attempt.value, "c")
        part.label = (
            "your choice: to this loss the labels are constants; the student's logits get o − t"
        )
