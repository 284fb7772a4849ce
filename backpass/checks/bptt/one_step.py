"""When is one step enough?"""

from backpass.checks.bptt._inputs import WRONG_WAY
from backpass.checks.exercise import exercise


@exercise(
    "When is one step enough?",
    section="Section: “When one step is enough”.",
    points=2,
    kind="choose",
    mistakes={
        "a": "Dropping the terms that vanish does not cure vanishing: what a distant step should"
        " learn from a loss, it now learns not at all.",
        "b": "K changes the gradient, not the forward pass. The state still holds the past, and W"
        " still learns what to make of it; what K = 1 does not teach is what to *store*.",
        "c": "No rate turns one vector into another: the dropped terms may point elsewhere, even"
        f" the other way. {WRONG_WAY}",
        "e": "It did work, and can be repeated: on text whose next character depends on a few"
        " before it. What does not follow is that it works for long lags.",
    },
)
def one_step(attempt):
    with attempt.part("your choice") as part:
        part.choose(attempt.value, "d")
