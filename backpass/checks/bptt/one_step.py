"""When is one step enough?"""

from backpass.checks.bptt._inputs import WRONG_WAY
from backpass.checks.exercise import exercise


@exercise(
    "When is one step enough?",
    section="Section: “When one step is enough”.",
    points=2,
    kind="choose",
    mistakes={
        "cure": (
            "What does a distant step learn from a loss if its term is dropped?",
            "Nothing at all: a small term has become zero, and so have those of the same lag that"
            " were not small.",
        ),
        "forward": (
            "Which of the two passes does K change?",
            "The backward pass only. The state comes from all inputs so far, whatever K is.",
        ),
        "direction": (
            f"Can a rate turn one vector into another? {WRONG_WAY}",
            "The dropped terms have sizes and signs of their own: the sum may point elsewhere, even"
            " the other way.",
        ),
        "echo": (
            "With which weights does a readout alone get along, and who has taught those?"
            " Section: “Delayed recall”.",
            "U and W are those of the start: what the readout finds in the state, nobody has"
            " stored for it.",
        ),
        "text": (
            "Of how many letters before it does the next letter depend, and of how many the bit?",
            "Two or three letters, which are in the state anyway: that tells nothing of what must"
            " be stored for nine steps.",
        ),
    },
)
def one_step(attempt):
    attempt.judge(
        {
            "a": (False, "cure"),
            "b": (True, "forward"),
            "c": (False, "direction"),
            "d": (True, "echo"),
            "e": (False, "text"),
        }
    )
