"""Words chosen and numbers predicted."""

import numpy as np
import pytest

from backpass.checks import choices
from backpass.checks.errors import Wrong


def test_a_word_is_read_in_any_case_and_in_brackets():
    for word in ("moves", " Moves. ", "(MOVES)", "'moves'"):
        choices.chosen(word, "moves", {}, {})


def test_a_wrong_word_is_told_its_sentence_and_an_unknown_one_the_choices():
    for word, slug, said in [
        ("Stays", "a", "It moves."),
        ("jumps", "type", "not one of the choices: moves, stays"),
        (3, "type", "as text in quotes"),
    ]:
        with pytest.raises(Wrong, match=said) as wrong:
            choices.chosen(word, "moves", {"stays": "a"}, {"a": "It moves."})
        assert wrong.value.mistake == slug


def test_a_number_is_found_by_its_name_or_its_place():
    assert choices.entry({"b": 2, "a": 1}, "b", "ab") == choices.entry([1, 2], "b", "ab") == 2
    for value, slug in [([1], "shape"), ("ab", "shape"), ([1, np.nan], "type"), ([1, 1j], "type")]:
        with pytest.raises(Wrong, match="Give two numbers, one for each of a, b") as wrong:
            choices.entry(value, "b", "ab")
        assert wrong.value.mistake == slug


def test_numbers_are_alike_if_they_are_near_and_infinity_is_itself():
    assert choices.alike(np.inf, np.inf)
    assert choices.alike(-15.4, -15, near=0.5)
    assert not choices.alike(-15.5, -15, near=0.5)
    assert not choices.alike(2.0000001, 2)


def test_names_are_counted_in_words():
    assert choices.counted("abc") == "Three expressions (a, b, c)"
    assert choices.counted("abcdefghi").startswith("9 expressions")


def test_judgments_are_read_in_many_forms():
    right = {"a": True, "b": False}
    for value in (
        right,
        [True, False],
        (np.True_, "no"),
        {"A": "true", " b ": "F"},
        np.array([1, 0]) > 0,
    ):
        assert choices.judgments(value, "ab") == right
    for value in ({"a": True, "b": ...}, {"a": True}):
        assert choices.judgments(value, "ab") == {"a": True, "b": None}


def test_what_is_no_judgment_of_each_is_sent_back():
    for value, said in [
        ("a", "Say of each sentence, a, b"),
        ([True], "Say of each sentence"),
        ({"c": True}, "Nothing is said of a, b"),
        ({"a": True, "b": 2}, "Of b say True or False"),
        ({"a": True, "b": "maybe"}, "Of b say True or False"),
    ]:
        with pytest.raises(Wrong, match=said) as wrong:
            choices.judgments(value, "ab")
        assert wrong.value.mistake == "type"


def test_a_prediction_is_set_beside_what_was_measured():
    for predicted, value, said in [
        (3, 3.0, "it is 3, exactly."),
        (40, 12, "you predicted 40, it is 12, 3.33 times less."),
        (1, 12.5, "it is 12.5, 12.5 times more."),
        (-16, -4, "it is −4, 12 more."),
        (10, 12, "it is 12, 2 more."),
        (-1, 2, "it is 2, 3 more."),
        (np.inf, 2, "it is 2."),
        (2, 123456.0, "you predicted 2, it is 123,456, 61,700 times more."),
        (-4, -16, "you predicted −4, it is −16, 12 less."),
        ("No", "no", "it is so."),
        ("yes", "no", "you predicted “yes”, it is “no”."),
        (True, "no", "it is “no”."),
    ]:
        assert said in choices.compared("Units", predicted, value)
