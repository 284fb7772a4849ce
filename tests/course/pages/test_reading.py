import nbformat
import pytest
from course.made import result, ungradable
from places import ROOT

from backpass.course.assignment import of_book
from backpass.course.errors import CourseError
from backpass.course.gradebook.book import Manual
from backpass.course.gradebook.standing import Standing
from backpass.course.pages.reading import answers, models, questions
from backpass.course.results import Open

CLASS = [Standing(result(name)) for name in ("Ada", "Bob", "Cyd", "Dan", "Eve", "Fay")]


def test_who_wrote_nothing_is_not_read():
    empty = result("Bob", open=(Open("open-question", 4.0, " \n"),))
    assert answers([Standing(empty), Standing(ungradable("Cyd"))], "", names=True) == []


def test_with_names_they_come_by_name_and_question():
    two = (Open("b", 1.0, "x"), Open("a", 1.0, "y"))
    class_ = [Standing(result(name, open=two)) for name in ("Bob", "Ada")]
    found = [(one.question.slug, one.student) for one in answers(class_, "", names=True)]
    assert found == [("a", "Ada"), ("a", "Bob"), ("b", "Ada"), ("b", "Bob")]


def test_without_names_the_order_tells_nothing_and_stays():
    found = [[one.student for one in answers(some, salt, names=False)]
             for some, salt in ((CLASS, "x"), (CLASS[::-1], "y"))]  # fmt: skip
    assert found[0] == found[1]
    assert found[0] != sorted(found[0])


def test_an_id_says_nothing_and_is_ones_own():
    found = answers(CLASS, "x", names=False)
    assert len({one.id for one in found}) == len(CLASS)
    assert not {one.id for one in found} & {one.id for one in answers(CLASS, "y", names=False)}


def test_another_text_is_another_answer():
    texts = [Standing(result(open=(Open("open-question", 4.0, text),))) for text in "ab"]
    assert len({answers([one], "x", names=False)[0].id for one in texts}) == 2


def test_what_was_given_comes_with_it():
    given = Manual(2, "", "", "", "Another.")
    [one] = answers([Standing(result(), {"open-question": given})], "", names=True)
    assert (one.given, one.changed) == (given, True)


def test_the_question_has_its_checklist_and_a_model():
    solved = models("bptt", ROOT)
    [one] = questions(of_book("bptt", ROOT), solved)
    assert one.text.startswith("## Open question: why go back at all?")
    assert "- [ ] It says of the forward pass" in one.text
    assert one.model.startswith("*One answer, and how it is graded")
    assert questions(of_book("bptt", ROOT), {})[0].model == ""


def test_a_book_without_solutions_has_no_models(tmp_path):
    assert models("bptt", tmp_path) == {}
    path = tmp_path / "solutions" / "bptt" / "bptt.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(CourseError, match="not a readable notebook"):
        models("bptt", tmp_path)
    nbformat.write(nbformat.v4.new_notebook(), path)
    with pytest.raises(CourseError, match="checks nothing"):
        models("bptt", tmp_path)
