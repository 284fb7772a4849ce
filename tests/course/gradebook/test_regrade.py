import pytest
from course.made import result, ungradable

from backpass.course.errors import CourseError
from backpass.course.gradebook.book import Entry
from backpass.course.gradebook.regrade import Change, changes, regraded, with_mark
from backpass.course.results import Mark


def test_only_the_exercise_that_is_graded_again_changes():
    old = result(points=1, notes=("A twin was pasted.",))
    new = result(points=4, marks=(Mark("bptt", 4.0, 5.0), Mark("unrolled", 0.0, 3.0)))
    mixed = with_mark(old, new, "bptt")
    assert [(mark.slug, mark.points) for mark in mixed.marks] == [("bptt", 4.0), ("unrolled", 3.0)]
    assert mixed.notes == old.notes


def test_an_exercise_without_a_mark_before_gets_one():
    mixed = with_mark(result(marks=()), result(), "unrolled")
    assert [mark.slug for mark in mixed.marks] == ["unrolled"]


def test_what_could_not_be_graded_changes_nothing():
    assert with_mark(result("Bob"), ungradable(), "bptt") == result("Bob")
    assert with_mark(ungradable(), result("Bob"), "bptt") == ungradable()


def test_limits_stay_known_as_long_as_they_may_have_cost_something():
    late = result(points=1, hangs_on=("seconds", "sandbox"))
    old = Entry(late, "file sheet 1 seconds=300,sandbox=bwrap", "now")
    again = regraded(old, result(points=4, hangs_on=("memory",)), "file sheet 2 memory=64", "bptt")
    assert again.key == "file sheet 2 seconds=300,sandbox=bwrap,memory=64"
    assert again.result.hangs_on == ("seconds", "sandbox", "memory")
    assert regraded(old, result(points=5), "file sheet 2", "bptt").key == "file sheet 2"


def test_a_check_that_failed_is_not_tried_again_once_it_was_mended():
    broken = result(marks=(Mark("bptt", 0, 5, (), ("internal",)),), hangs_on=("chance",))
    old = Entry(broken, "file sheet 1 chance=", "now")
    assert regraded(old, result(points=4), "file sheet 2", "bptt").key == "file sheet 2"
    assert regraded(old, result(), "file sheet 2", "unrolled").key == "file sheet 2 chance="


def test_another_student_or_an_unknown_exercise_is_refused():
    with pytest.raises(CourseError, match="is not"):
        with_mark(result("Ada"), result("Bob"), "bptt")
    with pytest.raises(CourseError, match="no exercise 'recite'"):
        with_mark(result(), result(), "recite")


def test_whose_points_change_is_told_before_they_do():
    old = [result("Ada", points=1), result("Bob"), result("Eve", marks=())]
    new = [result("Ada", points=2.5), result("Bob"), result("Eve", marks=(Mark("bptt", 0, 5),))]
    found = changes(old, new)
    assert found == [
        Change("Ada", "bptt", "bptt", 1, 2.5),
        Change("Eve", "bptt", "bptt", None, 0),
    ]
    assert [str(one) for one in found] == ["Ada: bptt 1 → 2.5", "Eve: bptt – → 0"]


def test_who_is_new_or_gone_changes_too():
    assert [one.before for one in changes([], [result()])] == [None, None]
    assert [one.after for one in changes([result()], [])] == [None, None]
