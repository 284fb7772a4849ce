"""Abbreviations are read as ``ipywidgets.interact`` reads them, and refused in plain words."""

import json
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ipywidgets import Dropdown, FloatSlider, IntSlider, SelectionSlider, interactive
from ipywidgets.widgets.interaction import _get_min_max_value

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
    0.75,
    -0.5,
    0.0,
    {"value": 3, "min": 0},
    {"value": -3, "max": 20},
    {"value": 1.0, "step": 0.25},
    {"value": 6, "step": 2, "max": 9},
    {"value": 0.0, "step": 0.25},
    {"min": 0.0, "max": 2.0, "value": 1.0},
    True,
    False,
    ["tanh", "relu"],
    [3, 1, 2],
    [("one", 1), ("two", 2)],
    {"one": 1, "two": 2},
    range(3),
]


def theirs_of(given):
    """What ``interact`` makes of an abbreviation, or what it is built of, of a dict's words."""
    if not (isinstance(given, dict) and "value" in given):
        return interactive.widget_from_abbrev(given)
    low, high, value = _get_min_max_value(given.get("min"), given.get("max"), given["value"])
    slider = IntSlider if isinstance(value, int) else FloatSlider
    return slider(value, min=low, max=high, **{key: given[key] for key in {"step"} & set(given)})


@pytest.mark.parametrize("abbreviation", ABBREVIATIONS, ids=repr)
def test_same_as_interact(abbreviation):
    ours, theirs = control("x", abbreviation), theirs_of(abbreviation)
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


def test_a_number_of_any_type_has_a_range_of_its_own():
    assert control("x", np.uint8(3)).values == tuple(range(-3, 10))
    assert control("x", np.float32(0.5)).values[0] == -0.5


def test_dict_names_label_unit_and_value():
    one = control("rate", {"min": 0.0, "max": 1.0, "step": 0.25, "label": "η", "value": 0.75})
    assert (one.label, one.initial, one.kind) == ("η", 3, "slider")
    assert control("on", {"value": True, "label": "on?"}).values == (False, True)
    assert control("act", {"options": {"Tanh": 1, "ReLU": 2}, "value": 2}).initial == 1
    assert control("learning_rate", (0, 1)).label == "learning rate"


@given(
    st.one_of(
        st.floats(1e-12, 1e12), st.floats(-1e12, -1e-12), st.integers(-2500, 2500),
        st.sampled_from([0.03, 0.01, 0.125, 1 / 3, 1e-6, 2e-4, -0.05, 1e5, 123456.789, 50000, 0.0]),
    )
)  # fmt: skip
def test_any_number_is_where_its_slider_starts(number):
    one = control("x", number)
    assert one.kind == "slider"
    assert math.isclose(one.values[one.initial], number, rel_tol=1e-9)
    assert len(set(one.values)) == len(one.values) <= MOST + 1
    assert len(one.values) >= (2 if number == 0 else 3)
    low, high = sorted((-number, 3 * number)) if number else (0, 1)
    for ours, theirs in ((one.values[0], low), (one.values[-1], high)):
        assert abs(ours - theirs) <= one.step * (1 + 1e-6)


@given(
    st.one_of(st.floats(-100, 100), st.integers(-100, 100)), st.one_of(
        st.floats(0.01, 0.5), st.sampled_from([0.25, 0.1, 1, 2])
    )
)  # fmt: skip
def test_a_number_with_a_step_starts_there_too(number, step):
    assume(2 * abs(number) > step or not number)
    assume(4 * abs(number) / step < MOST and step <= 4 * abs(number) + (not number))
    one = control("x", {"value": number, "step": step})
    assert math.isclose(one.values[one.initial], number, rel_tol=1e-9, abs_tol=1e-12)
    assert one.step == step


@pytest.mark.parametrize(
    "options",
    [
        (0, 10, 2), (1, 5, 10), (1, 2), (1, 2, 3, 4), ("a", "b"), (("a", 1), ("b", 2)), [0, 1],
        {"a": 1, "b": 2}, range(5), np.array([3, 1]), (None, True), (True,),
    ],
    ids=repr,
)  # fmt: skip
def test_options_are_a_choice_whatever_they_are(options):
    one, bare = control("x", {"options": options}), list(options)
    assert one.kind == "choice"
    theirs = Dropdown(options=options)
    assert (one.texts, list(one.values)) == (
        theirs._options_labels,
        list(theirs._options_values),
    )
    if isinstance(options, tuple):
        assert control("x", bare).values == one.values
    last = one.values[-1]
    assert control("x", {"options": options, "value": last}).initial == len(bare) - 1


SAID = {
    "min": 0, "max": 4, "step": 1, "value": 2, "label": "n", "unit": "ms", "interval": 500,
    "stops": [1, 2], "options": [1, 2],
}  # fmt: skip


@pytest.mark.parametrize(
    ("has", "kind", "may"),
    [
        ({"options": [1, 2]}, "choice", {"label", "value"}),
        ({"stops": [1, 2]}, "slider", {"label", "value", "unit", "interval"}),
        ({"value": True}, "checkbox", {"label"}),
        ({"min": 0, "max": 4}, "slider", {"step", "label", "value", "unit", "interval"}),
        ({"value": 2}, "slider", {"min", "max", "step", "label", "unit", "interval"}),
    ],
    ids=["choice", "stops", "checkbox", "range", "number"],
)
def test_a_word_is_read_or_refused_and_never_dropped(has, kind, may):
    bare = control("x", has)
    assert bare.kind == kind
    for word in SAID.keys() - has.keys() - {"stops", "options"}:
        given = has | {word: SAID[word]}
        if word in may:
            said_as_it_is = {"min": 0, "max": 4, "step": 1, "value": 2}
            assert control("x", given) != bare or word in said_as_it_is
        else:
            with pytest.raises(ExplorerError, match=r"says nothing|has no steps"):
                control("x", given)
    if not {"options", "value"} & set(has):
        with pytest.raises(ExplorerError, match="is a choice, of which"):
            control("x", has | {"options": [1, 2], "value": 2})


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
        ({"value": (0, 10)}, "cannot be read"),
        ({"value": None, "min": 0, "max": 1}, "cannot be read"),
        ({"min": "0", "max": 1}, "cannot be read"),
        ({"min": 0, "max": 1, "step": None}, "cannot be read"),
        ({"value": 3, "min": True}, "cannot be read"),
        ({"value": 3, "min": 5}, "cannot start at 3"),
        ({"value": 3, "min": 10}, "min must be"),
        ({"value": 0.5, "step": 0}, "min must be"),
        (math.nan, "min must be"),
        (math.inf, "min must be"),
        (10_007, "steps, and nobody"),
        ({"min": 0, "label": "n"}, "'min', 'label' and nothing to set"),
        ({"label": 1, "unit": 2}, "nothing to set: give min and max"),
        ({"options": 5}, "wants a list of values, and is given 5"),
        ({"options": "abc"}, "wants a list"),
        ({"stops": 5}, "wants a list"),
        ({"options": [1, 2], "unit": "ms"}, "a choice, of which 'unit' says nothing"),
        ({"options": [1, 2], "min": 0, "max": 1}, "'max', 'min' says nothing"),
        ({"value": True, "min": 0}, "a checkbox, of which 'min' says nothing"),
        ({"stops": [1, 2], "step": 1}, "a slider, of which 'step' says nothing"),
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
