"""Which experiment tells whether centring matters, and what others tell."""

from backpass.checks import exercise

SENTENCES = {
    "a": (False, "several-things"),
    "b": (True, "centring-alone"),
    "c": (True, "slope-alone"),
    "d": (False, "mean-grows"),
    "e": (False, "one-rate"),
    "f": (True, "setting"),
}


@exercise(
    "Which experiment?",
    section="Section: “Slope or centring?”.",
    points=2,
    kind="choose",
    mistakes={
        "several-things": (
            "How many things change between σ and tanh? List the mean, the slope at 0, the range,"
            " and where each saturates.",
            "Whatever comes out, you do not know which of them did it: the sentence is false.",
        ),
        "centring-alone": (
            "Subtract the two functions: what is their difference, and what is its slope?",
            "They differ by a constant, so the slope is the same at every z and the mean alone is"
            " another: the sentence is true.",
        ),
        "slope-alone": (
            "Take z = 0 and ask both for their value, then for their slope.",
            "Both are 0 there, and one is four times as steep (and as wide): the sentence is true.",
        ),
        "mean-grows": (
            "What is the mean of 4σ, and what that of σ?",
            "The mean is four times as large too, so a valley gets narrower while the slope grows:"
            " the sentence is false.",
        ),
        "one-rate": (
            "What if the rate was just too small for one twin, or too large for the other?",
            "Each twin needs the best of several rates, chosen on starts that are not reported:"
            " the sentence is false.",
        ),
        "setting": (
            "Did the chapter find one answer for all nets, starts and tasks?",
            "It did not: what weighs more depends on the net, the start and the task. The sentence"
            " is true.",
        ),
    },
)
def experiment(attempt):
    attempt.judge(SENTENCES)
