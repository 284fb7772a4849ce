"""What does a spectral radius of the recurrent matrix promise, and what does its norm?"""

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import BOUNDS


@exercise(
    "What does a spectral radius promise?",
    section=BOUNDS,
    points=2,
    kind="choose",
    mistakes={
        "bound-of-norm": (
            "A spectral radius of 0.9 allows any norm, and the first factor alone may be larger"
            " than 1.",
            "It is the norm that bounds a product factor by factor: ‖W‖₂ ≤ 0.9 would give 0.9^k.",
        ),
        "powers": (
            "With all slopes 1 every factor is W itself. What do the powers of one matrix do, in"
            " the end?",
            "‖W^k‖^(1/k) goes to the spectral radius, 0.9, however the powers begin.",
        ),
        "any-states": (
            "The factors are W diag(φ′), with slopes that differ from unit to unit. Is their"
            " spectral radius that of W?",
            "It may be larger: columns shrink by different slopes, and what cancelled in W no"
            " longer does.",
        ),
        "slopes-tame": (
            "Slopes of at most 1 cannot raise a norm. A spectral radius they can raise.",
            "Look at the chapter's second counterexample: W has radius 0, and W diag(1, ¾) has 2.",
        ),
        "norm-explodes": (
            "A norm above 1 is needed for a gradient to explode. Is it enough?",
            "It forces nothing: [[0, 2], [0, 0]] has norm 2, and whatever the slopes are, two"
            " steps give 0.",
        ),
        "norm-suffices": (
            "The norm of a product is at most the product of the norms, and slopes of at most 1"
            " raise no norm.",
            "Each factor has a norm of at most 0.95 then, for all states, and 0.95^k goes to 0.",
        ),
    },
)
def radius_and_norm(attempt):
    attempt.judge(
        {
            "a": (False, "bound-of-norm"),
            "b": (True, "powers"),
            "c": (False, "any-states"),
            "d": (True, "slopes-tame"),
            "e": (False, "norm-explodes"),
            "f": (True, "norm-suffices"),
        }
    )
