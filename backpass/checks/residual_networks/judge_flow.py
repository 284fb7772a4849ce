"""What is true of the gradient?"""

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import COPY, MEET, WEIGHTS


@exercise(
    "How do gradients flow through skip connections?",
    section="Section: “Where is the benefit?”.",
    points=3,
    kind="choose",
    mistakes={
        "skip-counted": (
            f"Write y as a function of W, with x held fixed: what becomes of the skip? {WEIGHTS}",
            "It does not depend on W, so it adds no term; and the add hands the block all of δ.",
        ),
        "shared": (
            f"What would the loss do if one input of a sum moved a little, and the other? {COPY}",
            "Just what it does if y moves: each input gets δ, whole. Nothing is shared out.",
        ),
        "unchanged": (
            f"Follow both copies down to x. What happens where they meet? {MEET}",
            "They are added: δ (I + J_F), another vector than δ unless δ J_F is zero.",
        ),
        "cannot-vanish": (
            f"Try the block F(x) = −x, and then fifty blocks with F(x) = −x/2. {MEET}",
            "The first gives 0 at x, the others ½⁵⁰ of δ: a slope of −1, or near it, undoes the 1.",
        ),
        "kept": (
            "How long is the sum of two vectors of one length that stand at right angles? Section:"
            " “Plain and residual, layer by layer”.",
            "√2 times as long: a block of full size makes the norm grow by that, at every block.",
        ),
        "own-benefit": (
            "Of the two factors of a weight's gradient, what came in and what comes back, which"
            " does the skip over the same block change?",
            "Neither. Skips above change what comes back, skips below what came in.",
        ),
    },
)
def judge_flow(attempt):
    attempt.judge(
        {
            "a": (True, "skip-counted"),
            "b": (False, "shared"),
            "c": (False, "unchanged"),
            "d": (True, "cannot-vanish"),
            "e": (False, "kept"),
            "f": (True, "own-benefit"),
        }
    )
