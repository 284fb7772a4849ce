"""One value beside what is right, in whatever form it comes."""

import numpy as np
import pytest

from backpass.checks import judging
from backpass.checks.errors import Wrong

A = np.array([1.0, 2.0, 1 / 3])
SENTENCES = {"precision": "Use float64.", "type": "An array."}


def diagnosed(value, known=(), given=()):
    return judging.diagnosed(value, A, {}, dict(known), sentences=SENTENCES, given=given)


def test_a_single_row_and_whole_numbers_in_single_precision_are_right():
    assert judging.is_right(A[None], A, {})
    assert judging.is_right(np.float32(41), 41, {})
    assert not judging.is_right(np.float32(A), A, {})


def test_what_cannot_be_compared_is_told_with_the_sentence_of_the_exercise():
    for value, slug, said in [
        (np.float32(A), "precision", "computed in float32; the exercise asks for float64. Use"),
        (map(float, A), "type", "make it a list. An array."),
        (("text", A), "type", "[1] of them is right: return that alone. An array."),
        ((A,), "type", "What is right comes in a list or tuple of one: return that alone."),
    ]:
        with pytest.raises(Wrong) as wrong:
            diagnosed(value)
        assert wrong.value.mistake == slug
        assert said in wrong.value.message


def test_a_multiple_of_an_argument_is_looked_for_where_nothing_else_fits():
    w = np.array([3.0, -1.0, 0.5])
    found = diagnosed(A + 0.1 * w, given=[("params", {"w": [w]})])
    assert found.mistake == "left-over"
    assert "Yours minus the right one is 0.1 times what came in as params." in found.message
    assert "decay" not in found.message
    assert diagnosed(A + 0.1 * w).mistake is None
    assert diagnosed(-A, given=[("w", w)]).mistake == "sign"


def test_the_slips_of_a_value_are_those_foreseen_to_give_it():
    known = {"one": (A, ""), "two": (2 * A, ""), "also": (2 * A, ""), "never": (None, "")}
    assert judging.slips(2 * A, known) == {"two", "also"}
    assert judging.slips("text", known) == set()
