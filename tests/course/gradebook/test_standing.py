import pytest
from course.made import result, ungradable

from backpass.course.gradebook.book import Gradebook
from backpass.course.gradebook.standing import standings
from backpass.course.results import Open


@pytest.fixture
def book(tmp_path):
    with Gradebook(tmp_path / "gradebook.sqlite") as book:
        yield book


def test_points_of_checks_and_of_people_add_up(book):
    book.put(result(), "k", ids={"moodle": "7"})
    [before] = standings(book)
    assert (before.points, before.most, before.ids) == (5, 12, {"moodle": "7"})
    assert [one.slug for one in before.waiting] == ["open-question"]
    book.give("Ada", "bptt", "open-question", 2.5)
    book.give("Ada", "softmax", "open-question", 1)
    [after] = standings(book)
    assert (after.points, after.waiting) == (7.5, ())


def test_who_wrote_nothing_is_not_waited_for(book):
    book.put(result(open=(Open("open-question", 4.0, " \n"),)), "k")
    [one] = standings(book)
    assert (one.of(one.result.open[0]), one.waiting) == (0, ())


def test_an_answer_that_changed_since_is_known(book):
    book.put(result(), "k")
    book.give("Ada", "bptt", "open-question", 2, answer="Because *it* is.")
    assert not standings(book)[0].changed(result().open[0])
    book.put(result(open=(Open("open-question", 4.0, "No."),)), "other")
    [one] = standings(book)
    assert one.changed(one.result.open[0])
    assert one.points == 7  # what was given stays


def test_a_chapter_can_be_asked_for(book):
    book.put(result(), "k")
    book.put(ungradable(chapter="softmax"), "k")
    assert [one.result.student for one in standings(book)] == ["Ada", "Bob"]
    assert [one.result.student for one in standings(book, "softmax")] == ["Bob"]
