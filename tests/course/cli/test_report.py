"""`backpass report`: tables and pages once more."""

from course.cli.conftest import CHAPTER
from course.cli.test_grade import rows
from places import ROOT

from backpass.course.assignment import of_book
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


def test_it_says_what_it_has_written(run, inbox, tmp_path):
    grades = tmp_path / "grades"
    moodle = grades / f"moodle-{CHAPTER}.csv"
    run("grade", CHAPTER, inbox, "--out", grades, "--format", "moodle")
    _, said = run("report", grades, "--format", "moodle")
    assert said.splitlines()[-1] == f"Written: {moodle}, and pages: {grades / 'index.html'}"
    assert not (grades / "grades.csv").exists()


def test_pages_are_headed_by_the_sheets_titles_whoever_writes_them(run, inbox, tmp_path):
    grades = tmp_path / "grades"
    run("grade", CHAPTER, inbox, "--out", grades)
    heads = f"<h2>{of_book(CHAPTER, ROOT).title}</h2>", f"<h2>{of_book('bptt', ROOT).title}</h2>"
    assert heads[0] in (grades / "index.html").read_text(encoding="utf-8")
    run("grade", "bptt", inbox, "--out", grades)
    assert all(head in (grades / "index.html").read_text(encoding="utf-8") for head in heads)
    before = {path: path.read_bytes() for path in grades.rglob("*.html")}
    run("report", grades)
    assert {path: path.read_bytes() for path in grades.rglob("*.html")} == before


def test_a_folder_without_a_gradebook_is_named(run, tmp_path):
    status, said = run("report", tmp_path)
    assert (status, "holds no gradebook" in said) == (2, True)
    assert list(tmp_path.iterdir()) == []
