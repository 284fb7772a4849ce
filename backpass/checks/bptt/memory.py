"""What has to be kept in memory?"""

from backpass.checks.exercise import exercise


@exercise(
    "What has to be kept in memory?",
    section="Section: “What it costs”.",
    points=2,
    kind="choose",
    mistakes={
        "a": "RTRL keeps no past states, but ∂h/∂W: m numbers for each of the m² weights, m³ in"
        " all, a million here.",
        "c": "That holds for T above m², 10,000 steps here: RTRL's m³ does not grow with T.",
        "d": "All are computed, but a loss that looks K steps back needs the last K only, K·m"
        " numbers; older ones can be forgotten.",
        "e": "To go back through T steps the states of all T are needed: T·m numbers.",
    },
)
def memory(attempt):
    with attempt.part("your choice") as part:
        part.choose(attempt.value, "b")
        part.label = "your choice: K·m = 2,000, T·m = 100,000, m³ = 1,000,000"  # only if right
