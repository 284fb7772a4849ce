"""What is true of sums, means and batch sizes."""

from backpass.checks import exercise
from backpass.checks.minibatches._inputs import BUYS, LAST, OWN, RULES, SUM

SENTENCES = {
    "a": (False, "adam-divides"),
    "b": (True, "sums-diverge"),
    "c": (True, "on-average"),
    "d": (False, "examples"),
    "e": (False, "linear-for-ever"),
    "f": (True, "too-large"),
}


@exercise(
    "What is true?",
    section=BUYS,
    points=2,
    kind="choose",
    mistakes={
        "adam-divides": (
            f"What does Adam do with gradients that are all B times as large? {SUM}",
            "It divides them by a root that is B times as large too: the sentence is false.",
        ),
        "sums-diverge": (
            f"At which rate of the mean does a sum of 256 step? {SUM}",
            "At 256 times its own, and beyond the limit of that it diverges: the sentence is true.",
        ),
        "on-average": (
            f"Who is in the last batch, if the order is drawn anew? {LAST}",
            "Everybody equally often, so on average nobody counts more: the sentence is true.",
        ),
        "examples": (
            "Steps or examples? A batch of twice the size takes twice the examples in a step.",
            "Steps fall like 1 + noise scale/B, examples grow like B + noise scale: the sentence"
            " is false.",
        ),
        "linear-for-ever": (
            f"What if the batch is already so large that its noise hardly matters? {RULES}",
            "The full gradient has a best rate as well, and beyond 2/λ it diverges: the sentence is"
            " false.",
        ),
        "too-large": (
            f"Of what is the mean of |g|² the sum? {OWN}",
            "Of |G|² and the noise, tr Σ/B, which is never negative: the sentence is true.",
        ),
    },
)
def statements(attempt):
    attempt.judge(SENTENCES)
