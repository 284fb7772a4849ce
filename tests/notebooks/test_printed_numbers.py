"""What a notebook prints is the same on every processor.

Libraries choose their instructions by the processor, and the last digits of a sum change with them.
So a notebook shows at most DIGITS significant digits, unless a number is exact: a whole number, a
sum of powers of two, or one that stands in the cell itself. What is smaller than NOISE may be
nothing but rounding, of which no digit is right; it is told as a bound, “below 1e-12”.
"""

import re
from fractions import Fraction

import pytest
from places import ROOT

from backpass import notebooks
from backpass.notebooks.files import find

DIGITS, NOISE = 6, Fraction(1, 10**9)

#: Small numbers that are no rounding errors: (notebook, cell) and where the digits come from.
SMALL = {
    ("relu_cnn_rnn", "cnn-table"): "a product of twenty layers",
    ("residual_networks", "q6-measure"): "a product of fifty blocks",
    ("residual_networks", "shortcuts-lambda"): "the power 0.5⁵⁴",
    ("residual_networks", "shortcuts-measured-2"): "a product of a hundred blocks",
    ("residual_networks", "claim-lambda-test"): "the power 0.5¹⁰⁰",
    ("sigmoid_and_tanh", "limit-steps"): "the power 0.98⁴⁰⁰⁰",
    ("softmax_cross_entropy", "claim-safe-test"): "the exponential of −38",
}

FOLDERS = ("chapters", "solutions", "exercises")
NOTEBOOKS = [path for folder in FOLDERS for path in find(ROOT / folder)]

NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def numbers(text):
    """What is written as a number, and what stands right before it; 5 · 10⁻⁷ is read as 5e-7."""
    text = re.sub(r"\s·\s10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda power: f"e{power[1].translate(RAISED)}", text)
    text = re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", text)
    for found in NUMBER.finditer(text):
        yield found.group().rstrip(","), text[: found.start()]


def complaints(text, source):
    """The numbers of an output that the rule forbids, each with the reason."""
    for number, before in numbers(text):
        value = Fraction(number.replace(",", ""))
        digits = re.sub(r"e.*|\D", "", number.lower()).lstrip("0")
        whole = number.replace(",", "").isdigit()
        binary = value.denominator & (value.denominator - 1) == 0
        if len(digits) > DIGITS and not (whole or binary or number in source):
            yield number, "too many digits"
        if 0 < value < NOISE and not before.endswith("below "):
            yield number, "too small"


def forbidden(path):
    """(cell, number, reason) for each number of a notebook that the rule forbids."""
    for cell in notebooks.read(path).cells:
        for output in cell.get("outputs", []):
            for text in [output.get("text", ""), *output.get("data", {}).values()]:
                yield from ((cell.id, *one) for one in complaints(text, cell.source))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_notebook_shows_digits_that_every_processor_has(path):
    listed = [cell for stem, cell in SMALL if stem == path.stem]
    told = [one for one in forbidden(path) if one[0] not in listed or one[2] != "too small"]
    assert not told, "Round to six digits; tell a residual as “below 1e-12”."


def test_every_small_number_that_is_let_through_is_still_there():
    every = ((path.stem, *one) for path in NOTEBOOKS for one in forbidden(path))
    assert {(stem, cell) for stem, cell, _, why in every if why == "too small"} == set(SMALL)


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("0.011858870070833596", ["too many digits"]),
        ("1000.6931", ["too many digits"]),
        ("[1.234567e+05 2.5]", ["too many digits"]),
        ("1,234.5678 and 5763.70", ["too many digits"]),
        ("3.13913279e-17", ["too many digits", "too small"]),
        ("a residual of 3e-13", ["too small"]),
        ("a residual of 3 · 10⁻¹³", ["too small"]),
        ("a residual of 3\N{NO-BREAK SPACE}·\N{NO-BREAK SPACE}10⁻¹³", ["too small"]),
        (r"3.2 \cdot 10^{-13}", ["too small"]),
        ("agree, relative difference below 1e-12", []),
        ("1,099,511,627,776 paths, 0.0078125 of them, 1.5 · 10⁵", []),
        ("0.453667, −0.000123456, 2.9e+07, 0.0, 1e+300", []),
        ("u = 1.000885", []),
        ("x1.2345678 v0.12345678", []),  # parts of names
    ],
)
def test_the_rule_finds_what_it_should(text, reasons):
    assert [why for _, why in complaints(text, "u = 1.000885")] == reasons
