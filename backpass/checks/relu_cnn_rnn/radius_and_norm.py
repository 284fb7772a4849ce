"""What does a spectral radius of the recurrent matrix promise, and what does its norm?"""

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import BOUNDS


@exercise(
    "What does a spectral radius promise?",
    section=BOUNDS,
    points=2,
    kind="choose",
    mistakes={
        "a": "That is the bound for the *norm*: ‖W‖₂ ≤ 0.9 would give it. A spectral radius of 0.9"
        " allows any norm, and the first factor alone may be larger than 1.",
        "b": "With one and the same matrix it would go to 0, after a rise perhaps. But the factors"
        " are W diag(φ′) with slopes that differ from unit to unit, and these may have a larger"
        " spectral radius than W.",
        "d": "A norm above 1 forces nothing: [[0, 2], [0, 0]] has norm 2, and its square is 0.",
        "e": "Slopes of at most 1 cannot raise the norm bound, ‖W diag(φ′)‖₂ ≤ ‖W‖₂. They can raise"
        " a spectral radius, since they change some columns of W more than others.",
    },
)
def radius_and_norm(attempt):
    with attempt.part("your choice") as part:
        part.choose(attempt.value, "c")
        part.label = (
            "your choice: a norm below 1 would settle it; a spectral radius below 1 does not"
        )
