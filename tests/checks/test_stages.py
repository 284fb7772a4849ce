"""First where, then what, on request how: and no more than an instructor allows."""

import numpy as np
import pytest

from backpass.checks import exercise, settings, stages
from backpass.checks.stages import Settings, Told
from backpass.gradcheck import GENERIC

A = np.array([[1.0, 2.0], [3.0, 5.0]])
WHERE = "At [1, 1] yours is 10, right is 5."
KIND = f"It is doubled. Section: “Halves”. {WHERE}"
FIX = "Leave out the 2."


@pytest.fixture(autouse=True)
def in_stages():
    settings.at_once = False
    yield
    settings.at_once, settings.feedback = True, "full"


def made():
    @exercise(
        "Itself",
        points=2,
        kind="implement",
        section="Section: “Halves”.",
        mistakes={"sign": ("It is upside down.", "Turn it."), "odd": ("It is odd.", "Even it.")},
    )
    def itself(attempt):
        with attempt.part("a") as part:
            part.expect(part.call(A), A, of=[A])
        with attempt.part("a half") as part:
            part.expect(part.call(A / 2), A / 2, of=[A / 2])

    @itself.mistake("It is doubled.", FIX)
    def doubled(a):
        return 2 * a

    return itself


def double(a):
    return 2 * a


def told(check, answer, **how):
    return check(answer, **how).feedback


def test_first_it_is_told_where_then_what_and_on_request_how():
    check = made()
    first, again, hint = (told(check, double, **how) for how in ({}, {}, {"hint": True}))
    assert first == ("✗ a: " + WHERE, "✗ a half: the same as at “a”.", stages.advice({"where"}, ""))
    assert again[0] == "✗ a: " + KIND
    assert again[-1] == "To be told how to mend it: check.itself(…, hint=True)."
    assert hint == (f"✗ a: {KIND} {FIX}", "✗ a half: the same as at “a”.")


def test_a_hint_can_be_asked_for_at_once_and_says_when_there_is_none():
    assert told(made(), double, hint=True)[0] == f"✗ a: {KIND} {FIX}"
    assert (
        "No hint fits it. Section: “Halves”." in told(made(), lambda a: a + np.sin(a), hint=True)[0]
    )


def test_another_mistake_begins_anew_and_so_does_one_that_was_mended_between():
    check = made()
    told(check, double)
    assert told(check, lambda a: -a)[0].startswith("✗ a: At [1, 1] yours is -5")
    assert "upside down" in told(check, lambda a: -a)[0]
    told(check, lambda a: a)
    assert "upside down" not in told(check, lambda a: -a)[0]


def test_points_and_names_are_the_same_in_every_stage():
    check = made()
    scores = [check(double) for _ in range(3)]
    assert {(float(score), score.mistakes) for score in scores} == {(0.0, ("doubled",) * 1)}


def test_what_a_function_did_is_not_kept_back():
    for answer, said in [(lambda a: 1 / 0, "ZeroDivisionError"), (lambda a: a[0], "shape")]:
        assert said in told(made(), answer)[0]


@pytest.mark.parametrize(
    ("feedback", "runs"),
    [
        ("points", ["✗ a", "✗ a", "✗ a"]),
        ("where", [f"✗ a: {WHERE}"] * 3),
        ("kind", [f"✗ a: {WHERE}", f"✗ a: {KIND}", f"✗ a: {KIND}"]),
        ("full", [f"✗ a: {WHERE}", f"✗ a: {KIND}", f"✗ a: {KIND} {FIX}"]),
    ],
)
def test_an_instructor_sets_how_far_it_goes(feedback, runs):
    check, settings.feedback = made(), feedback
    assert [told(check, double, hint=hint)[0] for hint in (False, False, True)] == runs
    more = told(check, double)[-1]
    assert ("hint=True" in more) == (feedback == "full")


def test_all_that_is_allowed_is_told_at_once_if_one_wants():
    settings.at_once = True
    for feedback, text in [("full", f"{KIND} {FIX}"), ("kind", KIND), ("where", WHERE)]:
        settings.feedback = feedback
        assert told(made(), double) == (f"✗ a: {text}", "✗ a half: the same as at “a”.")


def test_what_the_body_blames_comes_in_stages_too():
    @exercise("Even", points=1, kind="predict", mistakes={"odd": ("It is odd.", "Add one.")})
    def even(attempt):
        with attempt.part("it") as part:
            part.predict(part.attempt.value, 2, {3: "odd"}, what="Think.")

    runs = [told(even, 3, hint=hint)[0] for hint in (False, False, True)]
    assert runs == ["✗ it: 3 is not it.", "✗ it: It is odd.", "✗ it: It is odd. Add one."]


def test_a_level_that_is_none_is_refused():
    with pytest.raises(ValueError, match="points, where, kind, full, not 'all'"):
        Settings("all")
    with pytest.raises(ValueError, match="feedback is one of"):
        settings.feedback = 3
    assert repr(Settings("kind")) == "Settings(feedback='kind', at_once=False)"


def test_fixes_of_two_mistakes_stand_together_and_generic_ones_have_theirs():
    known = {"doubled": Told("It is doubled.", FIX), "sign": "Upside down."}
    assert stages.fix_of("doubled+sign", known) == f"{FIX} {stages.FIXES['sign']}"
    assert stages.fix_of(None, known) == stages.fix_of("nothing", {}) == ""


def test_every_generic_mistake_has_a_way_out_that_does_not_repeat_it():
    assert set(GENERIC) < set(stages.FIXES)
    for slug, fix in stages.FIXES.items():
        assert len(fix) > 20, slug
        assert fix not in GENERIC.get(slug, ""), slug


@pytest.mark.parametrize(
    ("answer", "slug"),
    [
        (lambda a: a * np.nan, "nan"),
        (lambda a: a / 0, "infinite"),
        (lambda a: a * (1 + 3e-6 * np.sin(a)), "approximate"),
        (lambda a: a / 2, "averaged-twice"),
        (lambda a: a + np.sin(a), None),
    ],
)
def test_who_asks_for_a_hint_gets_one(answer, slug):
    @exercise("Itself", points=1, kind="implement")
    def itself(attempt):
        with attempt.part("a") as part:
            part.expect(part.call(A), A, batch=2)

    told(itself, answer)
    score = itself(answer, hint=True)
    assert score.mistakes == ((slug,) if slug else ())
    assert (stages.FIXES[slug] if slug else "No hint fits it.") in score.feedback[0]


def test_what_is_told_at_once_has_its_way_out_too():
    @exercise("A slope", points=1, kind="implement", exact=True)
    def slope(attempt):
        with attempt.part("it") as part:
            part.expect(part.call(A), 3 * A**2)

    def differences(a):
        return ((a + 1e-5) ** 3 - (a - 1e-5) ** 3) / 2e-5

    first, hint = told(slope, differences), told(slope, differences, hint=True)
    assert "digits only, as differences of a forward pass are." in first[0]
    assert first[-1] == "To be told how to mend it: check.slope(…, hint=True)."
    assert hint[0].endswith(stages.FIXES["finite-differences"])
    assert len(hint) == 1


def test_of_a_mistake_that_nobody_knows_no_hint_is_offered():
    def odd(a):
        return a + np.sin(a)

    check = made()
    first, again = (told(check, odd) for _ in range(2))
    assert first[-1] == stages.advice({"where"}, "")
    assert "not one of the recognised mistakes" in again[0]
    assert "hint=True" not in again[-1]


@pytest.mark.parametrize(
    ("answer", "slug"),
    [
        (lambda a: (a + 1, a), "order"),
        (lambda a: (np.float32(a), np.float32(a + 1)), "precision"),
        (lambda a: "text", "type"),
    ],
)
def test_a_hint_is_given_of_what_is_told_of_every_answer(answer, slug):
    @exercise("Two", points=1, kind="implement")
    def two(attempt):
        with attempt.part("it") as part:
            part.outputs([A / 3], {"same": A / 3, "next": A / 3 + 1})

    score = two(answer, hint=True)
    assert score.mistakes == (slug,)
    assert score.feedback[0].endswith(stages.FIXES[slug])
