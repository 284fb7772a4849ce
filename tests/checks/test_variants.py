"""Every exercise's check, on answers made from a right one: see variants and recorded.

``python tests/checks/variants.py`` shows the figures that are asserted here.
"""

from functools import cache

import numpy as np
import pytest
from checks import recorded, variants

from backpass.checks import chapters
from backpass.gradcheck import diagnose

pytestmark = pytest.mark.slow

CHAPTERS = chapters()

#: Exercises that do not say which of their results is wrong.
NAMELESS = {
    "backpropagation": {"tape_operation"},
    "sigmoid_and_tanh": {"as_tanh_net"},
}


@pytest.fixture(autouse=True, scope="module")
def _remembering():
    with recorded.remembering():
        yield


@cache
def fared(chapter):
    return variants.fared(chapter)


def told(chapter, *kinds):
    """What was told of the variants that fared so."""
    fates = (fate for fate in fared(chapter) if fate.kind in kinds)
    return [(slug, variant.what, score.mistakes) for _, slug, variant, score in fates]


def wrong(chapter):
    return [fate for fate in fared(chapter) if fate.kind not in variants.RIGHT]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_right_answers_are_accepted_in_every_form(chapter):
    assert not told(chapter, "refused")
    assert len(told(chapter, "accepted")) > 100


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_wrong_answer_gets_full_marks(chapter):
    assert not told(chapter, "full")
    assert len(wrong(chapter)) > 200


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_wrong_answers_are_told_what_was_done(chapter):
    named = len(told(chapter, "named"))
    assert named >= 0.85 * len(wrong(chapter)), told(chapter, "unnamed")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_hardly_a_wrong_answer_is_told_what_was_not_done(chapter):
    accused = told(chapter, "false")
    assert len(accused) <= 0.01 * len(wrong(chapter)), accused


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_prediction_with_one_wrong_number_has_the_points_of_the_others(chapter):
    for one in variants.chapter(chapter):
        for variant in variants.wrong_predictions(one):
            score = one.check(variant.answer)
            told = (one.check.slug, variant.what, score.feedback)
            assert 0 < score < score.maximum, told
            assert sum(text.startswith("✗") for text in score.feedback) == 1, told
            assert not any("Not right, and not one of" in text for text in score.feedback), told


def misplaced(one, fates):
    """What is told of one wrong result that does not say which, or costs another its points."""
    parts = {}
    for asked in one.seen.asked:
        parts.setdefault(asked.part, set()).add(asked.name)
    names = [name for name in one.seen.names if len(one.seen.names) > 1]
    for fate in fates:
        for name in names:
            if fate.variant.what in (f"{name} negated", f"{name} one entry NaN"):
                for said in fate.score.feedback:
                    mark, _, text = said.partition(" ")
                    part = max((p for p in parts if text.startswith(p)), key=len, default="")
                    about = parts.get(part, {None})
                    which = name in said or about == {name} or "the same as at" in said
                    if mark == "✗" and not (which and about & {name, None}):
                        yield fate.variant.what, said


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_wrong_result_is_told_by_its_name_and_costs_no_other_its_points(chapter):
    found = {
        one.check.slug: list(misplaced(one, fates))
        for one in variants.chapter(chapter)
        if (fates := [fate for fate in wrong(chapter) if fate.slug == one.check.slug])
    }
    assert {slug for slug, said in found.items() if said} == NAMELESS.get(chapter, set()), found


# --- two mistakes that give the same ----------------------------------------------------------

#: What is done to right values under a generic name.
GENERIC = {
    "(negated)": lambda right: -right,
    "(doubled)": lambda right: 2 * right,
    "(halved)": lambda right: right / 2,
    "(zeroed)": lambda right: 0 * right,
    "(transposed)": np.transpose,
    "(turned)": np.flip,
}


def coincidences(test):
    """Who makes one mistake and is told another: (the part, the result, what was done, the name).

    A part ends at the first comparison that is not right, so that is where the values count. If
    they are the same in all comparisons, then the two mistakes are.
    """
    seen, parts = recorded.seen_by(test.check, recorded.rights(test)[0]), {}
    for asked in seen.asked:
        parts.setdefault((asked.part, asked.name), []).append(wrong_values(test.check, asked))
    for part, comparisons in parts.items():
        for done in dict.fromkeys(name for values, _ in comparisons for name in values):
            shown = [(values, same) for values, same in comparisons if done in values]
            for name in told_before(done, shown[0][0]):
                alike = [name in values and same(done, name) for values, same in shown]
                if alike[0] and not all(alike):
                    yield *part, done, name


def wrong_values(check, asked):
    """The values of each mistake in a comparison, and a function that says if two are the same."""
    options = {key: value for key, value in asked.options.items() if key != "axes"}
    made = {what: change(asked.right) for what, change in GENERIC.items()}
    values = recorded.foreseen(check, asked) | made
    values = {s: v for s, v in values.items() if not diagnose(v, asked.right, **options)}
    return values, lambda a, b: bool(diagnose(values[a], values[b], **options))


def told_before(done, names):
    """The names that would be told before that of what was done: those entered earlier."""
    foreseen = [name for name in names if name not in GENERIC]
    return foreseen[: foreseen.index(done)] if done in foreseen else foreseen


EXERCISES = [f"{chapter}.{slug}" for chapter, ones in CHAPTERS.items() for slug in ones]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_nobody_is_told_another_mistake_that_gives_the_same_by_chance(exercise):
    chapter, slug = exercise.split(".")
    assert list(coincidences(recorded.tests(chapter)[slug])) == []
