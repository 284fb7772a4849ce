"""Every exercise's check, on answers made from a right one: see variants and recorded.

``python tests/checks/variants.py`` shows the figures that are asserted here.
"""

from functools import cache
from itertools import combinations

import pytest
from checks import recorded, variants

from backpass.checks import chapters
from backpass.gradcheck import diagnose

pytestmark = pytest.mark.slow

CHAPTERS = chapters()

#: Chapters in which too many wrong answers hear of a slip that was not made.
ACCUSED_FALSELY = {"backpropagation", "bptt"}

#: Exercises that do not say which of their results is wrong.
NAMELESS = {
    "backpropagation": {"tape_operation"},
    "relu_cnn_rnn": {"sizes"},
    "sigmoid_and_tanh": {"as_tanh_net"},
}

#: Exercises at whose inputs two mistakes give the same (``pytest --runxfail`` says which).
COINCIDE = {
    "backpropagation.cost",
    "backpropagation.measure_units",
    "bptt.bptt",
    "bptt.influence",
    "bptt.recall",
    "bptt.sliding",
    "bptt.terms",
    "relu_cnn_rnn.indrnn_gradients",
    "relu_cnn_rnn.sizes",
    "relu_cnn_rnn.u_range",
    "residual_networks.block_backward",
    "residual_networks.path_share",
    "residual_networks.scaled_shortcut",
    "residual_networks.undo_block",
    "sigmoid_and_tanh.as_tanh_net",
    "sigmoid_and_tanh.centre",
    "sigmoid_and_tanh.largest_rates",
    "softmax_cross_entropy.hessian_product",
    "softmax_cross_entropy.label_gradient",
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


def each(names, failing, reason):
    """The names, of chapters or exercises, with the ``failing`` ones expected to fail."""
    fails = pytest.mark.xfail(strict=True, reason=reason)
    return [pytest.param(one, marks=fails if one in failing else ()) for one in names]


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


@pytest.mark.parametrize("chapter", each(CHAPTERS, ACCUSED_FALSELY, "inputs coincide"))
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

#: Generic names that say how values lie beside the right ones. That a foreseen mistake is some
#: factor everywhere is what it does; that it is one at some inputs only is chance.
GENERIC = {
    "a factor": {"sign", "factor", "summed", "averaged", "averaged-twice"},
    "zeros, or rows": {"zeros", "one-example", "all-but-one", "one-number"},
    "axes": {"transposed", "flipped"},
    "something added": {"offset", "decay"},
    "whole numbers": {"integer"},
}


def coincidences(test):
    """What coincides in an exercise: (the part, the result, one mistake, another)."""
    seen = recorded.seen_by(test.check, recorded.rights(test)[0])
    groups = {}
    for asked in seen.asked:
        for pair, alike in pairs(test.check, asked):
            groups.setdefault((asked.part, asked.name, *pair), []).append(alike)
    return [group for group, alike in groups.items() if any(alike) and not all(alike)]


def pairs(check, asked):
    """Pairs of names at a comparison, and whether they give the same there."""
    options = {key: value for key, value in asked.options.items() if key != "axes"}
    values = recorded.foreseen(check, asked)
    values = {s: v for s, v in values.items() if not diagnose(v, asked.right, **options)}
    for one, other in combinations(values, 2):
        yield (one, other), bool(diagnose(values[one], values[other], **options))
    for slug, value in values.items():
        found = set((diagnose(value, asked.right, **options).mistake or "").split("+"))
        for kind, names in GENERIC.items():
            if slug not in names:
                yield (slug, kind), found <= names


EXERCISES = [f"{chapter}.{slug}" for chapter, ones in CHAPTERS.items() for slug in ones]


@pytest.mark.parametrize("exercise", each(EXERCISES, COINCIDE, "inputs coincide"))
def test_no_two_mistakes_give_the_same_by_chance(exercise):
    chapter, slug = exercise.split(".")
    assert coincidences(recorded.tests(chapter)[slug]) == []
