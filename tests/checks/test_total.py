"""What has been earned on a sheet, and what is open."""

import pytest

from backpass.checks import exercise, settings
from backpass.checks.total import Total


def made(slug, title, points=2):
    def body(attempt):
        for right in (1, 2):
            attempt.case(f"part {right}", [right], right)

    body.__name__ = slug
    return exercise(title, points=points, kind="implement")(body)


def sheet():
    return {slug: made(slug, title) for slug, title in [("one", "One & all"), ("two", "Two")]}


def test_what_was_never_checked_is_said():
    total = Total(sheet())()
    assert (total.points, total.most) == (0, 4)
    lines = ["0 of 4 points. 2 parts are open:", "- One & all: not checked", "- Two: not checked"]
    assert repr(total) == "\n".join(lines)
    assert "One &amp; all: not checked" in total._repr_html_()


def test_the_last_check_counts_and_what_lacks_points_is_open():
    exercises = sheet()
    total = Total(exercises)
    exercises["one"](lambda a: a)
    exercises["two"](...)
    assert repr(total()) == "2 of 4 points. 1 part is open:\n- Two: not attempted"
    exercises["two"](lambda a: a)
    exercises["one"](lambda a: 1)
    assert repr(total()) == "3 of 4 points. 1 part is open:\n- One & all: 1 of 2"


def test_when_nothing_is_open_it_says_so():
    exercises = sheet()
    for one in exercises.values():
        one(lambda a: a)
    total = Total(exercises)
    assert repr(total()) == "4 of 4 points. Every checked part is done."
    assert "<ul" not in total()._repr_html_()
    assert repr(total) == "<the points of this sheet: total()>"


def test_a_part_of_a_sheet_counts_alone_and_for_what_it_is_worth_there(monkeypatch):
    monkeypatch.setattr(settings, "feedback", settings.feedback)
    exercises = sheet()
    total = Total(exercises)
    total.assigned("where", two=5)
    assert settings.feedback == "where"
    exercises["two"](lambda a: 1)
    assert repr(total()) == "2.5 of 5 points. 1 part is open:\n- Two: 2.5 of 5"
    with pytest.raises(ValueError, match="no exercise three"):
        total.assigned(three=1)
    total.assigned()
    assert settings.feedback == "where"
    assert "2.5 of 7 points. 2 parts are open:" in repr(total())
