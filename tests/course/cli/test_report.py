"""`backpass report`: tables and pages once more."""

from course.cli.conftest import CHAPTER
from course.cli.test_grade import rows

from backpass.course.gradebook.book import NAME, Gradebook


def test_points_that_a_person_gave_come_into_the_tables(run, inbox, tmp_path):
    grades = tmp_path / "grades"
    run("grade", CHAPTER, inbox, "--out", grades)
    with Gradebook(grades / NAME) as book:
        book.give("Ada", CHAPTER, "open-question", 2.5)
    status, said = run("report", grades, "--format", "csv", "--format", "canvas")
    assert status == 0
    assert "grades.csv" in said
    assert rows(grades)["Ada"]["points"] == "40.5"
    assert (grades / f"canvas-{CHAPTER}.csv").exists()


def test_a_folder_without_a_gradebook_is_named(run, tmp_path):
    status, said = run("report", tmp_path)
    assert (status, "holds no gradebook" in said) == (2, True)
    assert list(tmp_path.iterdir()) == []
