import re

import numpy as np
import pytest

from backpass.tables import table, told


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1.00"),
        (-0.44988, "−0.450"),
        (0.00123456, "0.00123"),
        (0.000123456, "1.23 · 10⁻⁴"),
        (9.996, "10.0"),
        (0.99951, "1.00"),
        (1118.4, "1,120"),
        (99_949.0, "99,900"),
        (5.61e14, "5.61 · 10¹⁴"),
        (-2.6e-8, "−2.60 · 10⁻⁸"),
        (1118, "1,118"),
        (np.int64(-30803), "−30,803"),
        (np.float64(2.5), "2.50"),
        (float("inf"), "∞"),
        (-np.inf, "−∞"),
        (float("nan"), "–"),
        ("3 of 4", "3 of 4"),
    ],
)
def test_a_number_is_told_by_one_rule(value, text):
    assert told(value) == text


def test_a_column_with_powers_of_ten_has_no_zeros_to_count():
    shown = table("", ("h", "best"), [("a", 3.16e-8), ("b", 5.62e-3), ("c", 0.834), ("d", 40100.0)])
    told_so = ["3.16 · 10⁻⁸", "5.62 · 10⁻³", "0.834", "4.01 · 10⁴"]
    assert [line.split("  ", 1)[1].strip() for line in repr(shown).splitlines()[1:]] == told_so
    assert all(f">{text}</td>" in shown._repr_html_() for text in told_so)


def test_a_column_without_powers_of_ten_stays_as_it_is():
    shown = table("", ("h", "best"), [(3.16e-8, 5.62e-3), (5.62e-3, 40100.0), ("below 10⁻⁷", 7)])
    assert [re.split("  +", line)[1] for line in repr(shown).splitlines()[1:]] == [
        "0.00562",
        "40,100",
        "7",
    ]


def test_text_is_aligned_numbers_to_the_right():
    shown = table("Loss by rate", ("rate", "loss", "verdict"), [(0.1, 20.5, "far"), (1, 3, "near")])
    assert repr(shown).splitlines() == [
        "Loss by rate",
        " rate  loss  verdict",
        "0.100  20.5  far",
        "    1     3  near",
    ]


def test_html_has_a_caption_heads_of_rows_and_a_name_in_each_cell():
    html = table("a < b", ("rate", "‘loss’ & co"), [("fast", 0.5)])._repr_html_()
    assert "<caption>a &lt; b</caption>" in html
    assert "<th scope='col'>rate</th>" in html
    assert "<th scope='row'>fast</th><td data-head='‘loss’ &amp; co'>0.500</td>" in html


def test_what_a_phone_has_no_room_for_is_wide():
    head, triple = ("targets", "differences", "o − t"), "0.665, −0.755, 0.090"
    assert "'numbers'" in table("", head, [("a name of many words", triple, "1")])._repr_html_()
    assert "'numbers wide'" in table("", head, [("one", triple, triple)])._repr_html_()
    lags = ("net", *(f"K = {lag}" for lag in range(7)))
    assert "'numbers wide'" in table("", lags, [("long", *range(7))])._repr_html_()
    assert "'numbers'" in table("", lags[:5], [("long", *range(4))])._repr_html_()


def test_a_row_that_a_number_names_says_what_the_number_is():
    named = (0.1, "10", "0.1, slow", "30, 1", "6 · 10⁻⁵", "1:2")
    html = table("", ("rate", "loss"), [(name, 1) for name in named])._repr_html_()
    assert "<th scope='row' data-head='rate'>0.100</th>" in html
    assert "<th scope='row' data-head='rate'>10</th>" in html
    assert "<th scope='row'>0.1, slow</th>" in html
    assert html.count("<th scope='row' data-head='rate'>") == len(named) - 1


@pytest.mark.parametrize("rows", [[], [(1, 2), (1, 2, 3)]])
def test_each_row_has_a_value_for_each_name(rows):
    with pytest.raises(ValueError, match="2 names"):
        table("", ("a", "b"), rows)
