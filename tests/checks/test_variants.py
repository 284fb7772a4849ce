"""Every exercise's check, on answers made from a right one: see variants and recorded.

``python tests/checks/variants.py`` shows the figures that are asserted here.
"""

from functools import cache

import numpy as np
import pytest
from checks import recorded, variants

from backpass.checks import chapters
from backpass.gradcheck import diagnose
from backpass.gradcheck.check import matches

pytestmark = pytest.mark.slow


#: The exercises whose answers give words, of which there are no variants.
OF_WORDS = {"backpropagation": {"find_faults"}, "why_gradients": {"kind"}}
#: Those that ask for several numbers foreseen.
PREDICTED = {"relu_cnn_rnn": {"chain_length"}}


class Chapter:
    """What is asked of a chapter's checks. Each has a class of its own, so that several workers
    share them.
    """

    chapter = ""

    @property
    def fates(self):
        return fared(self.chapter)

    @property
    def wrong(self):
        return [fate for fate in self.fates if fate.kind not in variants.RIGHT]

    def told(self, *kinds):
        """What was told of the variants that fared so."""
        fates = (fate for fate in self.fates if fate.kind in kinds)
        return [(slug, variant.what, score.mistakes) for _, slug, variant, score in fates]

    def test_right_answers_are_accepted_in_every_form(self):
        assert not self.told("refused")
        assert len(self.told("accepted")) > 100

    def test_no_wrong_answer_gets_full_marks(self):
        assert not self.told("full")
        assert len(self.wrong) > 200

    def test_wrong_answers_are_told_what_was_done(self):
        named = len(self.told("named"))
        assert named >= 0.85 * len(self.wrong), self.told("unnamed")

    def test_hardly_a_wrong_answer_is_told_what_was_not_done(self):
        accused = self.told("false")
        assert len(accused) <= 0.01 * len(self.wrong), accused

    def test_every_exercise_has_variants_but_those_that_give_words(self):
        tried = {fate.slug for fate in self.fates}
        assert set(chapters()[self.chapter]) - tried == OF_WORDS.get(self.chapter, set())

    def test_a_prediction_with_one_wrong_number_has_the_points_of_the_others(self):
        exercises = variants.chapter(self.chapter)
        found = [(one, [*variants.wrong_predictions(one)]) for one in exercises]
        asked = {one.check.slug for one, wrong in found if wrong}
        assert asked == PREDICTED.get(self.chapter, set())
        for one, wrong in found:
            for variant in wrong:
                score = one.check(variant.answer)
                told = (one.check.slug, variant.what, score.feedback)
                assert 0 < score < score.maximum, told
                assert sum(text.startswith("✗") for text in score.feedback) == 1, told
                assert not any("Not right, and not one of" in text for text in score.feedback), told

    def test_a_wrong_result_is_told_by_its_name_and_costs_no_other_its_points(self):
        found = {
            one.check.slug: list(misplaced(one, fates))
            for one in variants.chapter(self.chapter)
            if (fates := [fate for fate in self.wrong if fate.slug == one.check.slug])
        }
        assert {slug: said for slug, said in found.items() if said} == {}

    def test_nobody_is_told_another_mistake_that_gives_the_same_by_chance(self, slug):
        found = list(coincidences(recorded.tests(self.chapter)[slug]))
        assert {(done, name) for _, done, name, _ in found} == SAME.get(slug, set()), found
        assert [one for one in found if not one[-1] and one[1] not in GENERIC] == []

    def pytest_generate_tests(self, metafunc):
        if "slug" in metafunc.fixturenames:
            metafunc.parametrize("slug", list(chapters()[self.chapter]))


class TestBackpropagation(Chapter):
    chapter = "backpropagation"


class TestBptt(Chapter):
    chapter = "bptt"


class TestMinibatches(Chapter):
    chapter = "minibatches"


class TestReluCnnRnn(Chapter):
    chapter = "relu_cnn_rnn"


class TestResidualNetworks(Chapter):
    chapter = "residual_networks"


class TestSigmoidAndTanh(Chapter):
    chapter = "sigmoid_and_tanh"


class TestSoftmaxCrossEntropy(Chapter):
    chapter = "softmax_cross_entropy"


class TestWhyGradients(Chapter):
    chapter = "why_gradients"


def test_every_chapter_is_asked():
    assert {one.chapter for one in Chapter.__subclasses__()} == set(chapters())


@cache
def fared(chapter):
    return variants.fared(chapter)


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


#: What is the same in one comparison, though not in all: (what was done, the name). It is so by
#: definition, or where a part looks last. Both are told; and what is under a generic name is done
#: by what is named.
SAME = {
    # All of these units have the same incoming weights, or the same biases; some have neither pairs
    # nor as many as half.
    "measure_units": {
        ("outgoing-only", "bias-ignored"),
        ("incoming-only", "outgoing-ignored"),
        ("(halved)", "outgoing-only"),
        ("(halved)", "bias-ignored"),
        ("(zeroed)", "pairs"),
    },
    # With windows of one, reset, w meets no state but zero; nor does it in the first step, which is
    # all that is left. Doubled losses are other losses.
    "repair_windows": {
        ("unmoved", "reset"),
        ("overwritten", "unmoved"),
        ("(doubled)", "other-losses"),
    },
    # Nothing has come through another layer before the last one, on the way back.
    "layer_errors": {("last-forgotten", "mask-forgotten")},
    # With m = 1 the first m matrices are one; with m = k they are all. (Of an answer only what
    # explains all cases is told.)
    "log_sizes": {
        ("taking-turns", "always-one"),
        ("taking-turns", "always-new"),
        ("m-matrices", "taking-turns"),
        ("m-matrices", "always-one"),
        ("m-matrices", "always-new"),
    },
    # With S = 1 a pass has one loss, with S = 2 two, with K = 1 only its own step.
    "credit": {
        ("overwritten", "one-pass"),
        ("overwritten", "last-loss"),
        ("last-loss", "one-pass"),
        ("other-losses", "newest-loss"),
        ("from-the-oldest", "one-too-many"),
        ("newest-lost", "one-too-few"),
        ("first-lost", "exchanged"),
        ("(zeroed)", "newest-lost"),
        ("(zeroed)", "one-too-few"),
        ("(zeroed)", "dropped"),
    },
    # A doubled loss has another scale.
    "remember": {("(doubled)", "other-scale")},
    # One block: there is the path through it and that around it.
    "by_length": {("skip-forgotten", "first-row-lost")},
    # For "nowhere" many return 0.
    "survey": {("(zeroed)", "never")},
    # The differences of outputs do not show b3, and they are twice as large if W3 is.
    "as_tanh_net": {("second-layer-left", "second-not-halved"), ("(doubled)", "W3-not-halved")},
    # One example less its own mean.
    "centre": {("(zeroed)", "own-mean")},
    # What is negative, made 0.
    "repair_noise": {("(zeroed)", "never-negative")},
    # Of two classes, or steps, the one is what the other is.
    "weight_gradient": {("per-class", "scale-forgotten")},
}


def coincidences(test):
    """Who makes one mistake and is told another: (part, what was done, the name, both told?).

    Whatever a check compares is looked at, since a learner who has mended an earlier comparison
    meets the later ones. Two mistakes that agree wherever they show are one.
    """
    seen, results = recorded.seen_by(test.check, recorded.rights(test)[0]), {}
    for asked in seen.asked:
        results.setdefault(asked.name, []).append((asked, *wrong_values(test.check, asked)))
    for compared in results.values():
        for done in dict.fromkeys(name for _, values, _ in compared for name in values):
            shown = [one for one in compared if done in one[1]]
            names = dict.fromkeys(n for one in shown for n in told_before(done, one[1]))
            for name in names:
                alike = [name in values and same(done, name) for _, values, same in shown]
                if any(alike) and not all(alike):
                    asked, values, _ = shown[alike.index(True)]
                    yield asked.part, done, name, both_told(test.check, asked, values[done], done)


def both_told(check, asked, answer, done):
    """Does the diagnosis of an answer say what was done, first or besides?"""
    options = {key: value for key, value in asked.options.items() if key != "axes"}
    found = diagnose(answer, asked.right, mistakes=check.foreseen(asked.of), **options)
    return done in (found.mistake, *found.also)


def wrong_values(check, asked):
    """The values of each mistake in a comparison, and a function that says if two are the same."""
    options = {key: asked.options.get(key) for key in ("rtol", "atol")}
    made = {what: change(asked.right) for what, change in GENERIC.items()}
    values = recorded.foreseen(check, asked) | made
    values = {s: v for s, v in values.items() if not matches(v, asked.right, **options)}
    return values, lambda a, b: matches(values[a], values[b], **options)


def told_before(done, names):
    """The names that would be told before that of what was done: those entered earlier."""
    foreseen = [name for name in names if name not in GENERIC]
    return foreseen[: foreseen.index(done)] if done in foreseen else foreseen
