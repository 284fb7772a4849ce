"""The pair of activations that tells whether centring matters, and nothing else."""

from backpass.checks import exercise


@exercise(
    "Which experiment?",
    section="Section: “Slope or centring?”.",
    points=2,
    kind="choose",
    mistakes={
        "a": "Between σ and tanh several things change at once: mean, slope, range, and how soon it"
        " saturates. Whatever comes out, you do not know which of them did it.",
        "b": "This changes the slope and the mean: at 0, σ is ½ and 4σ is 2. It tells what a"
        " steeper and larger activation does among those that are not centred.",
        "d": "Both of these are centred. What differs is the slope, and with it the range: this"
        " pair answers the other question.",
        "e": "This changes neither the mean of the activations nor their slope. It asks whether the"
        " rate was well chosen.",
    },
)
def experiment(attempt):
    with attempt.part("your choice") as part:
        part.choose(attempt.value, "c")
        # The reason is told to those only who chose it.
        part.label = (
            "your choice: σ and σ − ½ have the same slope everywhere and differ by a constant"
        )
