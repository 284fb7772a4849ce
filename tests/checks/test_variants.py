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
ACCUSED_FALSELY = {"bptt"}

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
    """The chapter's tally, and what is not as it should be: (slug, kind, variant, mistakes)."""
    found = []

    def odd(slug, kind, variant, score):
        found.append((slug, kind, variant.what, score.mistakes))

    total = sum(variants.tally(chapter, odd).values(), variants.Tally())
    return total, found


def told(chapter, kind):
    return [one for one in fared(chapter)[1] if one[1] == kind]


def each(names, failing, reason):
    """The names, of chapters or exercises, with the ``failing`` ones expected to fail."""
    fails = pytest.mark.xfail(strict=True, reason=reason)
    return [pytest.param(one, marks=fails if one in failing else ()) for one in names]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_right_answers_are_accepted_in_every_form(chapter):
    total, _ = fared(chapter)
    assert not told(chapter, "refused")
    assert total.accepted == total.right > 100


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_wrong_answer_gets_full_marks(chapter):
    total, _ = fared(chapter)
    assert not told(chapter, "full")
    assert total.wrong > 200


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_wrong_answers_are_told_what_was_done(chapter):
    total, _ = fared(chapter)
    assert total.named >= 0.85 * total.wrong, told(chapter, "unnamed")


@pytest.mark.parametrize("chapter", each(CHAPTERS, ACCUSED_FALSELY, "inputs coincide"))
def test_hardly_a_wrong_answer_is_told_what_was_not_done(chapter):
    total, _ = fared(chapter)
    assert total.false <= 0.01 * total.wrong, told(chapter, "false")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_prediction_with_one_wrong_number_has_the_points_of_the_others(chapter):
    for one in variants.chapter(chapter):
        for variant in variants.wrong_predictions(one):
            score = one.check(variant.answer)
            told = (one.check.slug, variant.what, score.feedback)
            assert 0 < score < score.maximum, told
            assert sum(text.startswith("✗") for text in score.feedback) == 1, told
            assert not any("Not right, and not one of" in text for text in score.feedback), told


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
