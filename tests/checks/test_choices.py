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
