"""How far apart do nets come with different matrices, and how far with one matrix many times?"""

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import PRODUCTS

#: What is asked, by name: the right number, how near, and what other numbers come of.
QUESTIONS = {
    "different": (
        2.0,
        0.4,
        {
            4: "linear",
            1: "not-at-all",
            1.41: "to-one-hundred",
        },
    ),
    "one": (
        4.1,
        0.5,
        {
            2: "root",
            1: "not-at-all",
            16: "squared",
        },
    ),
    "in_tens": (
        2.0,
        0.4,
        {
            4: "linear-in-tens",
            1: "not-at-all",
            3.2: "against-different",
        },
    ),
    "layers": (
        0.172,
        0.005,
        {
            1.486: "factor",
            0.396: "natural",
            0.086: "one-percent",
            0.4: "linear-growth",
        },
    ),
    "steps": (
        8.6,
        0.06,
        {
            398264651.7: "factor",
            19.8: "natural",
            4.32: "one-percent",
            20: "linear-growth",
        },
    ),
}
#: What is measured, and can be predicted, in words.
MEASURED = {
    "different": "with different matrices",
    "one": "with one matrix",
    "in_tens": "with each matrix ten times in a row",
}

WHAT = {
    "different": "Divide the standard deviation after 200 factors by that after 50, with m = 1.",
    "one": "Divide the standard deviation after 200 factors by that after 50, with m = k.",
    "in_tens": "Divide the standard deviation after 200 factors by that after 50, with m = 10.",
    "layers": "Take log₁₀ of what 20 factors of 1.02 make together.",
    "steps": "Take log₁₀ of what 1,000 factors of 1.02 make together.",
}


@exercise(
    "Predict, then measure: different matrices, or one?",
    section=PRODUCTS,
    points=3,
    kind="predict",
    mistakes={
        "linear": (
            "That would be a spread that grows like k. It does so if all nets are off by the same"
            " in every factor.",
            "With different matrices the errors are independent: measure with m = 1.",
        ),
        "root": (
            "That would be a spread that grows like √k, as with independent factors. Are they"
            " independent here?",
            "Give your function m = k, 50 and then 200, so that one matrix acts all the time.",
        ),
        "not-at-all": (
            "That would be a spread that does not grow.",
            "Compare the nets after 50 factors with the same nets after 200.",
        ),
        "to-one-hundred": (
            "That is the growth from 50 factors to 100.",
            "Go on to 200: give your function k = 200.",
        ),
        "squared": (
            "That compares variances.",
            "Take standard deviations, .std(), and divide.",
        ),
        "linear-in-tens": (
            "That is so within the first ten factors. After them a new matrix comes, and what it is"
            " off by is independent of what came before.",
            "Measure with m = 10 both times, after 50 and after 200 factors.",
        ),
        "against-different": (
            "That compares matrices that act ten times with those that act once.",
            "Compare with themselves: m = 10 after 200 factors, and m = 10 after 50.",
        ),
        "factor": (
            "That is the factor itself. Its power of ten is asked for.",
            "Take np.log10 of it.",
        ),
        "natural": (
            "That is the natural logarithm of the factor.",
            "Take np.log10: powers of ten are asked for.",
        ),
        "one-percent": (
            "That is for 1 %.",
            "Here each factor is 2 % too large: 1.02.",
        ),
        "linear-growth": (
            "The 2 % were added up. Factors multiply.",
            "Raise 1.02 to the number of factors, then take np.log10.",
        ),
    },
)
def different_or_one(attempt):
    for label, (right, near, wrong) in QUESTIONS.items():
        with attempt.part(label) as part:
            value = part.entry(label, QUESTIONS)
            for number, slug in wrong.items():
                apart = max(near / 2, number * (0.1 if label in MEASURED else 0.005))
                if abs(value - number) < apart and abs(value - right) >= near:
                    part.blame(slug, f"{value:.4g} is not it.")
            part.predict(value, right, what=WHAT[label], near=near)
            if label in MEASURED and isinstance(attempt.prediction, dict):
                what = f"From 50 to 200 factors, {MEASURED[label]}, the spread grows by a factor"
                attempt.compare(what, value, attempt.prediction.get(label))
