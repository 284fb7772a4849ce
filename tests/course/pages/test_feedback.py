import re
from dataclasses import replace
from html import escape, unescape

from course.classes import class_
from course.made import result, ungradable

from backpass.checks.markup import marked
from backpass.course.gradebook.book import Manual
from backpass.course.gradebook.standing import Standing
from backpass.course.pages.feedback import feedback
from backpass.course.results import Mark, Open


def given(points, comment=""):
    return {"open-question": Manual(points, comment, "", "")}


def test_every_sentence_that_was_told_is_there_as_it_was():
    standing = class_(size=1)[0]
    text = unescape(re.sub("</?(code|em)>", "", feedback(standing)))
    told = [said for mark in standing.result.marks for said in mark.feedback]
    told = ["".join(words for _, words in marked(said)) for said in told]
    assert len(told) > 11
    assert all(said in text for said in told)


def test_exercises_are_called_as_on_the_sheet_or_by_their_slug():
    html = feedback(Standing(result()), "Why go back?")
    assert "<h1>Why go back?</h1>" in html
    assert "<h2>Backpropagation through time, with a leak</h2>" in html
    assert "<h2>unrolled</h2>" in feedback(Standing(result(chapter="other")))


def test_points_of_an_open_question_wait_for_a_person():
    waiting = feedback(Standing(result()))
    assert "5 of 12 points so far" in waiting
    assert "Still to be read, for up to 4 points" in waiting
    read = feedback(Standing(result(), given(2.5, "Why not < 3?")))
    assert "7.5 of 12 points</p>" in read
    assert "2.5 of 4 points" in read
    assert escape("Why not < 3?") in read
    assert "<em>it</em>" in read


def test_who_wrote_nothing_is_told_so():
    html = feedback(Standing(result(open=(Open("open-question", 4.0, ""),))))
    assert "No answer was written." in html
    assert "0 of 4 points" in html


def test_what_was_not_attempted_is_told():
    html = feedback(Standing(result(marks=(Mark("bptt", 0, 5.0, attempted=False),))))
    assert "0 of 5 points, not attempted" in html


def test_who_could_not_be_graded_is_told_why():
    html = feedback(Standing(ungradable(reason="It is no <notebook>.")))
    assert "could not be graded" in html
    assert "It is no &lt;notebook&gt;." in html
    assert "<table>" not in html


def test_what_was_noticed_is_told():
    assert "A check was changed." in feedback(Standing(result(notes=("A check was changed.",))))
    assert "Noticed" not in feedback(Standing(result()))


def test_two_open_questions_are_told_apart():
    two = replace(result(), open=(Open("a", 1.0, "x"), Open("b", 2.0, "y")))
    html = feedback(Standing(two))
    assert "<h2>Open question</h2>" in html
    assert "<h2>Open question 2</h2>" in html


def test_code_in_what_was_told_is_shown_as_code():
    marks = (Mark("bptt", 0, 5.0, feedback=("Call `f(<x>)`.",)),)
    html = feedback(Standing(result(marks=marks)))
    assert "Call <code>f(&lt;x&gt;)</code>." in html
