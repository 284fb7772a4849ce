import re

import pytest
from places import ROOT

from backpass import checks
from backpass.course.pages.mistakes import PLAIN, sentence
from backpass.gradcheck import GENERIC

EXERCISES = [one for chapter in checks.chapters().values() for one in chapter.values()]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: f"{one.chapter}-{one.slug}")
def test_each_mistake_of_an_exercise_has_its_sentence(exercise):
    for slug, told in exercise.mistakes.items():
        said = sentence(exercise, slug)
        assert said == told.replace("{n}", "n").replace("{c}", "c")


@pytest.mark.parametrize("slug", GENERIC)
def test_each_mistake_that_all_exercises_know_has_a_sentence(slug):
    said = sentence(None, slug)
    assert said.endswith((".", "?"))
    assert "{" not in said


def test_no_sentence_is_there_without_its_mistake():
    assert set(PLAIN) <= set(GENERIC)


def test_a_sentence_that_quotes_a_learners_numbers_has_one_that_does_not():
    """The others are told to a class as to a learner."""
    quoting = {slug for slug, told in GENERIC.items() if "{" in told}
    assert quoting <= set(PLAIN)
    assert set(GENERIC) - quoting - set(PLAIN) == {
        "sign", "transposed", "zeros", "nan", "infinite", "integer", "complex",
    }  # fmt: skip
    assert not any("{" in told for told in PLAIN.values())


def test_two_at_once_and_unknown_ones_are_told():
    assert sentence(None, "sign+summed") == f"{GENERIC['sign']} {PLAIN['summed']}"
    assert sentence(None, "new") == "The known mistake “new”."


def test_what_a_function_does_instead_of_an_answer_has_a_sentence_too():
    """Every slug that stands behind a message where functions are called."""
    text = (ROOT / "backpass" / "checks" / "safely.py").read_text(encoding="utf-8")
    given = set(re.findall(r', "([a-z]+)"\)', text))
    assert {"time", "exception", "arguments", "mutated", "printed", "changing"} <= given
    for slug in given | {"missing", "shadowed", "internal"}:
        assert "known mistake" not in sentence(None, slug), slug
