import pytest
from course.classes import NAMES, class_
from course.made import result, ungradable

from backpass.course.gradebook.standing import Standing
from backpass.course.pages.summary import distribution, summary
from backpass.course.results import Mark


def marked(*points, mistakes=(), attempted=True):
    return [
        Standing(result(marks=(Mark("bptt", one, 5.0, (), mistakes, attempted),), open=()))
        for one in points
    ]


def test_everybody_is_in_one_column():
    columns = distribution(class_(size=7))
    assert sum(one.count for one in columns) == 7
    assert [one.low for one in columns[1:]] == [one.high for one in columns[:-1]]
    assert (columns[0].low, columns[-1].high) == (0, 44)


def test_all_points_and_none_are_in_the_outermost_columns():
    assert [one.count for one in distribution(marked(0, 4, 5))] == [1, 0, 0, 0, 2]
    assert distribution([]) == []


@pytest.mark.parametrize("most", [0.5, 1, 4, 10, 11, 44, 100, 101, 999, 5000])
def test_there_are_a_few_columns_of_whole_points(most):
    columns = distribution([Standing(result(marks=(Mark("bptt", most, most),), open=()))])
    assert len(columns) <= 10
    assert columns[-1].high == most > columns[-1].low
    assert columns[-1].count == 1
    assert all(one.low % 1 == 0 for one in columns)


def test_a_mistake_is_told_with_its_sentence_and_how_many_made_it():
    html = summary(marked(0, 1, mistakes=("leak-ignored", "zeros")) + marked(5))
    assert "<h1>bptt</h1>" in html
    assert "2 students: Backpropagation through time, with a leak" in html
    assert "in which nothing of the old state stays" in html
    assert "<code>leak-ignored</code>" in html
    assert "3 of 3 tried it, 1 got all points." in html


def test_the_mistakes_that_most_made_come_first():
    html = summary(marked(0, mistakes=("zeros",)) + marked(0, 0, mistakes=("leak-ignored",)))
    assert html.index("2 students:") < html.index("1 student:")


def test_what_no_check_has_a_name_for_is_counted():
    html = summary(marked(1, 2) + marked(0, attempted=False))
    assert "2 of 3 tried it" in html
    assert "In 2 the check found no mistake that it knows." in html
    assert "The checks named no mistake." in html


def test_one_who_makes_a_mistake_twice_counts_once():
    assert "1 student:" in summary(marked(0, mistakes=("zeros", "zeros")))


def test_it_has_no_names():
    html = summary(class_())
    assert not any(name.split()[0] in html for name in NAMES)
    assert "30 students handed in; 1 could not be graded" in html


def test_exercises_come_in_the_order_of_the_sheet():
    marks = (Mark("new", 1, 1), Mark("credit", 1, 5), Mark("unrolled", 3, 3))
    html = summary([Standing(result(marks=marks))])
    places = [html.index(word) for word in ("Three steps", "Credit over", ">new<")]
    assert places == sorted(places)


def test_a_class_of_which_nothing_could_be_graded_is_told_so():
    assert "None of it could be graded." in summary([Standing(ungradable())])
