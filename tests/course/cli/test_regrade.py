"""`backpass regrade`: whose points change, before they do."""

import pytest
from course.cli.conftest import CHAPTER

from backpass.course import batch, cli
from backpass.course.gradebook.book import NAME, Gradebook


def points(grades):
    with Gradebook(grades / NAME) as book:
        return {one.student: one.points for one in book.results()}


def test_it_shows_whose_points_change_and_then_writes(run, inbox, tmp_path, worth):
    grades = tmp_path / "grades"
    worth |= {"judge_flow": 1.0, "survey": 2.0}
    run("grade", CHAPTER, inbox, "--out", grades, "--format", "moodle")
    worth |= {"judge_flow": 3.0, "survey": 6.0}
    options = [CHAPTER, inbox, "--out", grades, "--exercise", "judge_flow"]
    status, said = run("regrade", *options, "--yes")
    assert status == 0
    assert "Ada: judge_flow 1 → 3" in said
    assert "2 of 2 change." in said
    assert points(grades) == {"Ada": 34.0, "Bob": 0, "Cleo": 34.0}  # survey as it was
    moodle = grades / f"moodle-{CHAPTER}.csv"
    assert '"Ada","34"' in moodle.read_text(encoding="utf-8")
    assert f"Written: {grades / 'grades.csv'}, {moodle}, and pages" in said
    assert "0 of 2 change" in run("regrade", *options, "--yes")[1]


def test_without_an_answer_nothing_is_written(run, inbox, tmp_path, worth, monkeypatch):
    grades = tmp_path / "grades"
    worth["judge_flow"] = 1.0
    run("grade", CHAPTER, inbox, "--out", grades)
    worth["judge_flow"] = 3.0
    monkeypatch.setattr("click.confirm", lambda *_: False)
    assert "2 of 2 change" in run("regrade", CHAPTER, inbox, "--out", grades,
                                  "--exercise", "judge_flow")[1]  # fmt: skip
    assert points(grades)["Ada"] == 36.0


def test_points_that_a_person_gave_stay(run, inbox, tmp_path, worth):
    grades = tmp_path / "grades"
    run("grade", CHAPTER, inbox, "--out", grades)
    with Gradebook(grades / NAME) as book:
        book.give("Ada", CHAPTER, "open-question", 2.5)
    worth["survey"] = 1.0
    run("regrade", CHAPTER, inbox, "--out", grades, "--exercise", "survey", "--yes")
    with Gradebook(grades / NAME) as book:
        assert book.manual()["Ada", CHAPTER, "open-question"].points == 2.5


def test_another_submission_than_was_graded_stays_as_it_was(run, inbox, tmp_path, worth):
    grades = tmp_path / "grades"
    run("grade", CHAPTER, inbox, "--out", grades)
    (inbox / "Ada.ipynb").write_bytes((inbox / "Ada.ipynb").read_bytes() + b" ")
    worth["survey"] = 1.0
    options = [CHAPTER, inbox, "--out", grades, "--exercise", "survey", "--yes"]
    _, said = run("regrade", *options)
    assert "1 of 1 change." in said
    assert points(grades) == {"Ada": 38.0, "Bob": 0, "Cleo": 33.0}


def test_a_newer_submission_graded_meanwhile_stays(run, inbox, tmp_path, worth, monkeypatch):
    grades = tmp_path / "grades"
    run("grade", CHAPTER, inbox, "--out", grades)

    def confirm(_):
        """While the question stands, `backpass grade --watch` goes on beside it."""
        worth["survey"] = 5.0
        (inbox / "Ada.ipynb").write_bytes((inbox / "Ada.ipynb").read_bytes() + b" ")
        with pytest.raises(SystemExit):
            cli.main(["grade", CHAPTER, str(inbox), "--out", str(grades), "--quiet"])
        return True

    monkeypatch.setattr("click.confirm", confirm)
    worth["survey"] = 1.0
    _, said = run("regrade", CHAPTER, inbox, "--out", grades, "--exercise", "survey")
    assert "2 of 2 change." in said
    assert "Another was graded meanwhile, which stays: Ada." in said
    assert points(grades) == {"Ada": 37.0, "Bob": 0, "Cleo": 33.0}
    with Gradebook(grades / NAME) as book:
        assert len(book.history("Ada", CHAPTER)) == 2


def test_a_file_that_is_gone_since_it_was_found_stays_as_it_was(
    run, inbox, tmp_path, worth, monkeypatch
):
    grades = tmp_path / "grades"
    run("grade", CHAPTER, inbox, "--out", grades)
    found = batch.Local.results

    def gone(self, tasks):
        (inbox / "Cleo.ipynb").unlink()
        return found(self, tasks)

    monkeypatch.setattr(batch.Local, "results", gone)
    worth["survey"] = 1.0
    status, said = run("regrade", CHAPTER, inbox, "--out", grades, "--exercise", "survey", "--yes")
    assert status == 0
    assert "1 of 1 change.\n1 are not here as they were graded; they stay." in said
    assert points(grades) == {"Ada": 33.0, "Bob": 0, "Cleo": 38.0}


def test_whose_grading_failed_by_itself_is_told(run, inbox, tmp_path, worth, hangs_on):
    grades = tmp_path / "grades"
    hangs_on["Ada"] = ["chance"]
    run("grade", CHAPTER, inbox, "--out", grades)
    options = [CHAPTER, inbox, "--out", grades, "--exercise", "survey", "--yes"]
    _, said = run("regrade", *options)
    assert "Not graded yet, backpass grade tries again: Ada." in said
    del hangs_on["Ada"]
    run("grade", CHAPTER, inbox, "--out", grades)
    hangs_on["Cleo"] = ["chance"]
    worth["survey"] = 1.0
    _, said = run("regrade", *options)
    assert "1 of 1 change.\nCleo: stays as it was. It failed.\n" in said
    assert points(grades) == {"Ada": 33.0, "Bob": 0, "Cleo": 38.0}


def test_what_is_missing_is_named(run, inbox, tmp_path):
    options = [CHAPTER, inbox, "--out", tmp_path / "grades"]
    status, said = run("regrade", *options, "--exercise", "nothing")
    assert (status, "It has side_by_side" in said) == (2, True)
    status, said = run("regrade", *options, "--exercise", "survey")
    assert (status, "run backpass grade first" in said) == (2, True)
