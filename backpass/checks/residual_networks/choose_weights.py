"""What do the weights in the block get?"""

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import COPY, WEIGHTS


@exercise(
    "What do the weights in the block get?",
    section=WEIGHTS,
    points=2,
    kind="choose",
    mistakes={
        "a": "The add does not choose a way: it copies. All of the upstream gradient goes down the"
        " skip, and all of it goes into the block.",
        "b": f"Nothing is shared out at an add: each input has slope 1. {COPY}",
        "d": "I + J_F is for x, where the two paths meet. The weights sit on one path, and the"
        " skip's 1 does not depend on them.",
        "e": "The formula is the same, but not its numbers: with skips above, another G arrives,"
        " and with skips below, another x went in.",
    },
)
def choose_weights(attempt):
    with attempt.part("your choice") as part:
        part.choose(attempt.value, "c")
        part.label = "your choice: the skip adds no term and takes none away"
