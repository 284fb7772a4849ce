"""Abbreviations are read as ``ipywidgets.interact`` reads them, and refused in plain words."""

import json
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ipywidgets import SelectionSlider, interactive

from backpass.explore.controls import MOST, control
from backpass.explore.errors import ExplorerError

ABBREVIATIONS = [
    (0, 10),
    (0, 10, 2),
    (-5, 5),
    (0.5, 1.5, 0.05),
    (0.0, 1.0),
    (2, 50, 2),
    (-2, 2.5, 0.5),
    (np.int64(1), np.int64(9)),
    10,
    -3,
    0,
    2.5,
    True,
    False,
    ["tanh", "relu"],
    [3, 1, 2],
    [("one", 1), ("two", 2)],
    {"one": 1, "two": 2},
    range(3),
]


@pytest.mark.parametrize("abbreviation", ABBREVIATIONS, ids=repr)
def test_same_as_interact(abbreviation):
    ours, theirs = control("x", abbreviation), interactive.widget_from_abbrev(abbreviation)
    kinds = {"IntSlider": "slider", "FloatSlider": "slider", "Dropdown": "choice"}
    assert ours.kind == kinds.get(type(theirs).__name__, "checkbox")
    assert ours.values[ours.initial] == pytest.approx(theirs.value)
    if ours.kind == "slider":
        assert isinstance(ours.values[0], type(theirs.min))
        assert ours.values[0] == theirs.min
        assert ours.values[-1] <= theirs.max < ours.values[-1] + theirs.step
        assert ours.step == theirs.step
    if ours.kind == "choice":
        assert ours.values == theirs._options_values
        assert ours.texts == theirs._options_labels


@pytest.mark.parametrize("abbreviation", [(0, 10), ["a", 4], {"one": 4, "two": 2}], ids=repr)
def test_starts_at_the_default_of_the_function(abbreviation):
    ours, theirs = control("x", abbreviation, 4), interactive.widget_from_abbrev(abbreviation, 4)
    assert ours.values[ours.initial] == theirs.value == 4


@given(st.floats(-100, 100), st.floats(0.01, 100), st.integers(1, 300))
def test_slider_keeps_within_its_range(low, width, steps):
    step = width / steps
    assume(low + width > low)
    one = control("x", (low, low + width, step))
    assert one.values[0] == low or math.isclose(one.values[0], low, abs_tol=1e-11)
    assert one.values[-1] <= low + width + 1e-8
    assert abs(len(one.values) - 1 - steps) <= 1
    assert all(one.index(value) == i for i, value in enumerate(one.values))
    assert len(set(one.texts)) == len(one.texts)


@pytest.mark.parametrize(
    ("given", "texts"),
    [
        ((0.5, 0.6, 0.05), ("0.50", "0.55", "0.60")),
        ((-1, 1), ("−1", "0", "1")),
        ((0.0, 1.0, 1 / 3), ("0.000", "0.333", "0.667", "1.000")),
        ({"min": 0, "max": 1, "unit": "ms"}, ("0\N{NO-BREAK SPACE}ms", "1\N{NO-BREAK SPACE}ms")),
        ({"min": 0, "max": 50, "step": 50, "unit": "%"}, ("0%", "50%")),
        ({"min": 1e-5, "max": 2e-5, "step": 1e-5}, ("0.00001", "0.00002")),
        ([0.1, None, np.tanh], ("0.1", "None", "<ufunc 'tanh'>")),
    ],
    ids=repr,
)
def test_texts(given, texts):
    assert control("x", given).texts == texts


def test_dict_names_label_unit_and_value():
    one = control("rate", {"min": 0.0, "max": 1.0, "step": 0.25, "label": "η", "value": 0.75})
    assert (one.label, one.initial, one.kind) == ("η", 3, "slider")
    assert control("on", {"value": True, "label": "on?"}).values == (False, True)
    assert control("act", {"options": {"Tanh": 1, "ReLU": 2}, "value": 2}).initial == 1
    assert control("learning_rate", (0, 1)).label == "learning rate"


def test_stops_are_a_slider_of_numbers_at_any_distance():
    given = {"stops": [("small", 0.1), ("1,000", np.int64(1000))], "value": 1000, "unit": "steps"}
    one = control("n", given)
    assert (one.kind, one.step, one.initial, one.values) == ("slider", None, 1, (0.1, 1000))
    assert one.texts == ("small\N{NO-BREAK SPACE}steps", "1,000\N{NO-BREAK SPACE}steps")
    assert (one.index(700), one.text(700)) == (1, one.texts[1])
    assert control("n", {"stops": [-2, 0.5]}).texts == ("−2", "0.5")
    json.dumps(one.as_json())
    theirs = SelectionSlider(options=given["stops"], value=1000)
    assert (one.values, one.initial) == (theirs._options_values, theirs.index)


def test_steps_say_how_long_each_is_shown():
    one = control("t", {"min": 0, "max": 4, "value": 1, "interval": 500})
    assert (one.initial, one.as_json()["interval"]) == (1, 500)
    told = control("t", {"stops": [0, 1, 10], "interval": 250}).thinned([0, 10]).as_json()
    assert (told["values"], told["interval"]) == ([0, 10], 250)
    assert "interval" not in control("t", (0, 4)).as_json()


def test_false_is_not_nought():
    one = control("x", [0, False, 1, True], True)
    assert [one.index(value) for value in (0, False, 1, True)] == [0, 1, 2, 3]
    assert one.initial == 3


def test_value_between_two_belongs_to_the_nearest():
    one = control("x", (0.0, 1.0, 0.25))
    assert (one.index(0.3), one.text(0.3)) == (1, "0.30")


def test_thinned_keeps_order_and_start():
    one = control("x", (0, 10)).thinned([10, 0, 5.0])
    assert (one.values, one.texts, one.initial) == ((0, 5, 10), ("0", "5", "10"), 1)


@pytest.mark.parametrize(
    ("kept", "why"),
    [([0, 11], "11"), ([0, 1], "leaves out 5"), ("05", "wants a list"), (5, "wants a list")],
)
def test_thinned_refuses(kept, why):
    with pytest.raises(ExplorerError, match=why):
        control("x", (0, 10)).thinned(kept)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("tanh", "cannot be read from 'tanh'"),
        (("a", "b", "c"), "cannot be read"),
        (None, "cannot be read"),
        ((1, 0), "min must be"),
        ((0, 1, 0), "min must be"),
        ((0, 1, 2), "step must fit"),
        ((0.0, math.inf), "min must be"),
        ((0.0, math.nan), "min must be"),
        ((0.0, 1.0, 1e-9), f"more than {MOST}"),
        ([], "nothing to choose"),
        (["a", "a"], "same label twice"),
        ({"a": 1, "b": 1}, "same value twice"),
        ({"min": 0, "max": 1, "stp": 1}, "'stp'; known are"),
        ({"min": 0, "max": 1, "value": 3}, "cannot start at 3"),
        ({"options": [1, 2], "value": 3}, "cannot start at 3: its values are 1, 2"),
        ({"value": "a"}, "cannot be read"),
        ({"min": 0, "max": 1, "interval": "fast"}, "the interval 'fast': give a whole number"),
        ({"min": 0, "max": 1, "interval": 0}, "the interval 0"),
        ({"options": [1, 2], "interval": 500}, "a choice, which has no steps"),
        ({"value": True, "interval": 500}, "a checkbox, which has no steps"),
        ({"stops": ["a", "b"]}, "stops at a, b: a slider stops at numbers"),
        ({"stops": [2, 1]}, "from the least to the largest"),
        ({"stops": [1, 2], "value": 3}, "cannot start at 3: its values are 1, 2"),
    ],
    ids=repr,
)
def test_refuses(given, why):
    with pytest.raises(ExplorerError, match=why) as caught:
        control("gain", given)
    assert "'gain'" in str(caught.value)
