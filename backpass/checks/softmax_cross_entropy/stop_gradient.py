"""What a stop-gradient does between a teacher and a student: five sentences to be judged."""

from backpass.checks import exercise
from backpass.checks.softmax_cross_entropy._inputs import LABELS


@exercise(
    "Where does the stop-gradient belong?",
    points=3,
    kind="choose",
    section=LABELS,
    mistakes={
        "student-differs": (
            "Whether something flows into t is another question than what z gets.",
            "With t and z both numbers at hand, ∂E/∂z is o − t in both lines.",
        ),
        "student-stopped": (
            "Follow the gradient back from the loss: which of the two networks does it reach in"
            " this line?",
            "Only the labels' network moves; for the student the line is a constant.",
        ),
        "value-changes": (
            "What does a stop-gradient do to a number on its way forward, and what to the gradient"
            " on its way back?",
            "Forward it changes nothing, and back it lets nothing pass: to neither network here.",
        ),
        "below-the-entropy": (
            "E = H(t) + KL(t‖o). Which of the two can change while the labels stand still?",
            "H(t) stays, and KL is at least 0: E cannot fall below H(t).",
        ),
        "data-differ": (
            "A gradient that arrives at a constant: who makes a step with it?",
            "Nobody does, so the two lines train alike.",
        ),
    },
)
def stop_gradient(attempt):
    attempt.judge(
        {
            "a": (True, "student-differs"),
            "b": (False, "student-stopped"),
            "c": (True, "value-changes"),
            "d": (False, "below-the-entropy"),
            "e": (True, "data-differ"),
        }
    )
