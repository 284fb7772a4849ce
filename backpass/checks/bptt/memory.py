"""What has to be kept in memory?"""

from backpass.checks.exercise import exercise


@exercise(
    "What has to be kept in memory?",
    section="Section: “What it costs”.",
    points=2,
    kind="choose",
    mistakes={
        "length": (
            "Of the three, whose numbers are one for each step of the sequence?",
            "BPTT keeps T·m numbers, a stream with credit over K steps K·m, RTRL m³: only the"
            " first has T in it.",
        ),
        "influence": (
            "RTRL keeps no past states, but what does it keep in their place?",
            "∂h/∂W has m numbers for each of the m² weights: m³, a million here, beside T·m ="
            " 100,000 and K·m = 2,000.",
        ),
        "crossing": (
            "One of the two grows with T, and the other does not: where do they meet?",
            "T·m passes m³ at T = m², which is 10,000 here.",
        ),
        "copies": (
            "What is needed of each step on the way back, besides the one W that all share?",
            "Its state, m numbers: T·m in all, and W once.",
        ),
        "units": (
            "How do K·m and m³ grow with m?",
            "Twice as many units double K·m and take m³ times 8.",
        ),
    },
)
def memory(attempt):
    attempt.judge(
        {
            "a": (True, "length"),
            "b": (False, "influence"),
            "c": (True, "crossing"),
            "d": (False, "copies"),
            "e": (True, "units"),
        }
    )
