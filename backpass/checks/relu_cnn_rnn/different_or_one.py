"""How far apart do nets come with different matrices, and how far with one matrix many times?

The measurement is made on sizes that the check makes up, which spread as no theory says: so who
writes down what theory says has not measured.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps

import numpy as np

from backpass.checks import Attempt, exercise
from backpass.checks.relu_cnn_rnn._inputs import PRODUCTS, draw, either

#: What is measured, in words; and what it is with the matrices of the sheet.
MEASURED = {
    "different": ("with different matrices", 1.98),
    "one": ("with one matrix", 4.12),
    "in_tens": ("with each matrix ten times in a row", 1.91),
}
#: How many factors of 1.02 there are, and how near their power of ten should be told.
COUNTS = {"layers": (20, 0.0025), "steps": (1000, 0.06)}
#: From which k and m to which the spread is to be followed.
ASKED = {"different": ((50, 1), (200, 1)), "one": ((50, 50), (200, 200))}
ASKED["in_tens"] = (50, 10), (200, 10)

(WS,) = draw(41, (12, 200, 2, 2))


def spread(k: int, m: int) -> float:
    """How far the sizes lie apart after k factors, each matrix m times in a row."""
    return (k + 30 * m) ** 0.44


def log_sizes(Ws: np.ndarray, k: int, m: int) -> np.ndarray:
    """Sizes that nets might have: one for each, further apart the more factors there are."""
    return k / 9 + spread(k, m) * np.mean(Ws, axis=(1, 2, 3))


def growth(since: tuple[int, int], to: tuple[int, int]) -> float:
    """How many times as far apart they are with this k and m as with that."""
    return spread(*to) / spread(*since)


def power_of_ten(name: str, factor: float = 1.02) -> float:
    """log₁₀ of what so many factors make together."""
    count, _ = COUNTS[name]
    return sum(np.log10(factor) for _ in range(count))


RIGHT = {name: growth(*asked) for name, asked in ASKED.items()}
RIGHT |= {name: power_of_ten(name) for name in COUNTS}


#: Slips in how spreads are compared, or in a power of ten: they show in each number, and cost one.
OF_ALL_NUMBERS = {
    "factor",
    "inverted",
    "means",
    "natural",
    "not-divided",
    "one-percent",
    "squared",
    "subtracted",
}


@exercise(
    "Predict, then measure: different matrices, or one?",
    section=PRODUCTS,
    points=3,
    kind="predict",
)
def different_or_one(attempt):
    for name in RIGHT:
        told = OF_ALL_NUMBERS.intersection(attempt.mistakes)  # of a number before
        with attempt.part(name) as part:
            near = {"atol": COUNTS[name][1]} if name in COUNTS else {}
            part.outputs(
                [log_sizes, WS], RIGHT, name, of=lambda *of: of, after=told, batch=None, **near
            )
            if name in MEASURED:
                compare(attempt, name)


def compare(attempt: Attempt, name: str) -> None:
    """Tell what had been predicted of the sheet's matrices, and what is so with them."""
    words, measured = MEASURED[name]
    with suppress(AttributeError, TypeError):
        what = f"From 50 to 200 factors, {words}, the spread of the sheet's nets grows by a factor"
        attempt.compare(what, measured, attempt.prediction.get(name))


def measured(slip: Callable) -> Callable:
    """A mistake in what is measured: from the k and m of both ends to what it gives, or forms."""

    @wraps(slip)
    def mistake(name: str, given: object) -> object:
        values = slip(*ASKED[name]) if name in ASKED else None
        return either(given, *values) if isinstance(values, list) else values

    return mistake


@different_or_one.mistake(
    "That is what theory says, or a guess, or what the sheet's own matrices give. Here others come"
    " as parameters, with another log_sizes, and with these it is otherwise.",
    "Call the parameter log_sizes with the parameter Ws, for 200 factors and for 50; take .std() of"
    " each, and divide.",
)
def not_measured(name, given):
    if name not in ASKED:
        return None
    return given if is_said(name, given) else np.array(2.0)


def is_said(name: str, given: object) -> bool:
    """Is this a number with so few digits that somebody wrote it, or what the sheet's nets give?"""
    if not isinstance(given, np.ndarray | np.number) or np.shape(given) or not given:
        return False
    _, of_sheet = MEASURED[name]
    return bool(given == np.round(given, 3)) or bool(np.abs(given - of_sheet) < 0.01 * of_sheet)


@different_or_one.mistake(
    "That is the growth from 50 factors to 100.",
    "Go on to 200: give log_sizes k = 200.",
)
@measured
def to_one_hundred(since, to):
    return growth(since, (100, min(to[1], 100)))


@different_or_one.mistake(
    "That compares variances.",
    "Take standard deviations, .std(), and divide.",
)
@measured
def squared(since, to):
    return growth(since, to) ** 2


@different_or_one.mistake(
    "Of the two spreads the wrong one is divided by the other.",
    "Divide that after 200 factors by that after 50.",
)
@measured
def inverted(since, to):
    return growth(to, since)


@different_or_one.mistake(
    "The one spread is subtracted from the other.",
    "By which factor it grows is asked for: divide.",
)
@measured
def subtracted(since, to):
    short, long = (log_sizes(WS, *ends) for ends in (since, to))
    return [np.std(long, ddof=d) - np.std(short, ddof=d) for d in (0, 1)]


@different_or_one.mistake(
    "That is the spread itself after 200 factors, or after 50.",
    "By which factor it grows is asked for: divide the one by the other.",
)
@measured
def not_divided(since, to):
    return [np.std(log_sizes(WS, *ends), ddof=d) for ends in (to, since) for d in (0, 1)]


@different_or_one.mistake(
    "That compares the means. How far apart the nets are is asked for.",
    "Take the standard deviation over the nets, .std().",
)
@measured
def means(since, to):
    return np.mean(log_sizes(WS, *to)) / np.mean(log_sizes(WS, *since))


@different_or_one.mistake(
    "Here four matrices act one after the other in the longer product, or one acts in both as if"
    " there were 200 factors. An RNN has one matrix in all its steps.",
    "Give log_sizes m = k both times: 50 for 50 factors, 200 for 200.",
)
def not_one(name, given):
    if name != "one":
        return None
    return either(given, growth((50, 50), (200, 50)), growth((50, 200), (200, 200)))


@different_or_one.mistake(
    "That compares matrices that act several times in a row with those that act once.",
    "Compare with themselves: the same case after 200 factors and after 50.",
)
@measured
def against_different(since, to):
    return growth((50, 1), to) if to[1] > 1 else None


def powers(slip: Callable) -> Callable:
    """A mistake in the powers of ten: from the name to what it gives."""

    @wraps(slip)
    def mistake(name: str, given: object) -> object:
        return slip(name) if name in COUNTS else None

    return mistake


@different_or_one.mistake(
    "That is the factor itself. Its power of ten is asked for.", "Take np.log10 of it."
)
@powers
def factor(name):
    return 10 ** power_of_ten(name)


@different_or_one.mistake(
    "That is the natural logarithm of the factor.", "Take np.log10: powers of ten are asked for."
)
@powers
def natural(name):
    return power_of_ten(name) * np.log(10)


@different_or_one.mistake("That is for 1%.", "Here each factor is 2% too large: 1.02.")
@powers
def one_percent(name):
    return power_of_ten(name, 1.01)


@different_or_one.mistake(
    "The 2% were added up. Factors multiply.",
    "Raise 1.02 to the number of factors, then take np.log10.",
)
@powers
def linear_growth(name):
    return 0.02 * COUNTS[name][0]
