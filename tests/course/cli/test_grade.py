"""`backpass grade`: what is said, what is written, and with which status it ends."""

import csv
import json
import re
from pathlib import Path

import pytest
from course import made_up
from course.cli.conftest import CHAPTER

from backpass.course import batch, cli
from backpass.course.errors import CourseError
from backpass.course.grade import REACHES
from backpass.course.results import Mark, Result


def rows(grades):
    with (grades / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_a_class_becomes_tables_and_pages(run, inbox, tmp_path):
    status, said = run("grade", CHAPTER, inbox, "--out", tmp_path / "grades")
    assert status == 1  # one could not be graded
    assert "2 graded, 1 could not be; 3 of these now." in said
    assert "Bob: " in said
    assert "backpass review" in said
    found = rows(tmp_path / "grades")
    assert list(found) == ["Ada", "Bob", "Cleo"]
    assert found["Ada"]["points"] == "38"
    assert (found["Bob"]["status"], found["Bob"]["points"]) == ("ungradable", "")
    assert (tmp_path / "grades" / "index.html").exists()
    assert len(list((tmp_path / "grades" / "feedback" / CHAPTER).glob("*.html"))) == 3


def test_what_is_unchanged_is_not_graded_again(run, inbox, tmp_path, graded):
    run("grade", CHAPTER, inbox, "--out", tmp_path / "grades")
    (inbox / "Cleo.ipynb").write_bytes((inbox / "Cleo.ipynb").read_bytes() + b"\n")
    status, said = run("grade", CHAPTER, inbox, "--out", tmp_path / "grades")
    assert (status, graded) == (1, ["Ada", "Cleo", "Cleo"])
    assert "; 1 of these now." in said


def test_wider_limits_grade_again_who_came_up_against_them(
    run, inbox, tmp_path, graded, hangs_on, monkeypatch
):
    hangs_on["Ada"] = ["seconds", "sandbox"]
    command = ["grade", CHAPTER, inbox, "--out", tmp_path / "grades"]
    run(*command)
    run(*command)
    run(*command, "--memory", "4096")
    run(*command, "--timeout", "60")
    assert graded == ["Ada", "Cleo"]
    run(*command, "--timeout", "1200")
    assert graded == ["Ada", "Cleo", "Ada"]
    run(*command)
    assert graded == ["Ada", "Cleo", "Ada"]
    run(*command, "--unsafe-no-sandbox")
    assert graded == ["Ada", "Cleo", "Ada", "Ada"]
    hangs_on["Ada"] = ["call"]
    run(*command)
    monkeypatch.setenv("BACKPASS_SECONDS", "500")
    run(*command)
    assert graded == ["Ada", "Cleo", "Ada", "Ada", "Ada", "Ada"]
    del hangs_on["Ada"]
    monkeypatch.setenv("BACKPASS_SECONDS", "900")
    run(*command)
    run(*command, "--timeout", "9000", "--memory", "9000", "--unsafe-no-sandbox")
    assert len(graded) == 7


def test_what_failed_by_itself_is_shown_and_tried_again(run, inbox, tmp_path, graded, hangs_on):
    hangs_on["Ada"] = ["chance"]
    command = ["grade", CHAPTER, inbox, "--out", tmp_path / "grades"]
    run(*command)
    assert rows(tmp_path / "grades")["Ada"]["reason"] == "It failed."
    run(*command)
    assert graded == ["Ada", "Cleo", "Ada"]
    del hangs_on["Ada"]
    _, said = run(*command)
    assert graded == ["Ada", "Cleo", "Ada", "Ada"]
    assert "2 graded, 1 could not be; 1 of these now." in said
    assert rows(tmp_path / "grades")["Ada"]["points"] == "38"
    run(*command)
    assert len(graded) == 4


def test_watching_tries_once_again_what_failed_by_itself(
    run, inbox, tmp_path, graded, hangs_on, monkeypatch
):
    hangs_on["Ada"] = ["chance"]
    looks = []

    def wait(seconds):
        looks.append(seconds)
        if len(looks) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", wait)
    command = ["grade", CHAPTER, inbox, "--out", tmp_path / "grades"]
    run(*command, "--watch")
    assert graded == ["Ada", "Cleo"]
    looks.clear()
    run(*command, "--watch")
    assert graded == ["Ada", "Cleo", "Ada"]


def test_one_student_alone(run, inbox, tmp_path, graded):
    status, _ = run("grade", CHAPTER, inbox, "--out", tmp_path / "grades", "--only", "Cleo")
    assert (status, graded) == (0, ["Cleo"])
    status, said = run("grade", CHAPTER, inbox, "--out", tmp_path / "grades", "--only", "Clea")
    assert status == 2
    assert "Nobody called Clea" in said
    assert "Traceback" not in said


def test_quiet_says_nothing(run, inbox, tmp_path):
    status, said = run("grade", CHAPTER, inbox, "--out", tmp_path / "grades", "--quiet")
    assert (status, said) == (1, "")


def test_other_formats(run, inbox, tmp_path):
    options = ["--format", "canvas", "--format", "moodle"]
    _, said = run("grade", CHAPTER, inbox, "--out", tmp_path / "grades", *options)
    written = re.search("Written: (.*), and pages: (.*)", said)
    assert all((tmp_path / path).exists() for path in written[1].split(", "))
    assert written[2] == str(tmp_path / "grades" / "index.html")
    names = {path.name for path in (tmp_path / "grades").glob("*.csv")}
    assert names == {f"canvas-{CHAPTER}.csv", f"moodle-{CHAPTER}.csv"}
    assert {Path(path).name for path in written[1].split(", ")} == names


def test_points_are_those_of_the_zip_that_was_assigned(run, inbox, tmp_path):
    options = ["--exercises", "judge_flow,open-question", "--points", "judge_flow=10"]
    run("assign", CHAPTER, "--out", tmp_path / "hw", *options)
    given = ["--assignment", tmp_path / "hw" / f"{CHAPTER}.zip"]
    run("grade", CHAPTER, inbox, "--out", tmp_path / "grades", *given)
    assert rows(tmp_path / "grades")["Ada"]["maximum"] == "14"
    status, said = run("grade", "bptt", inbox, "--out", tmp_path / "other", *given)
    assert status == 2
    assert f"is an assignment of {CHAPTER}, not of bptt" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing", "inbox"], "There are no exercises of 'nothing'"),
        ([CHAPTER, "nowhere"], "nowhere"),
        ([CHAPTER, "inbox", "--workers", "0"], "0"),
        ([CHAPTER, "inbox", "--scheduler", "tcp://127.0.0.1:9"], "dask"),
        ([CHAPTER, "inbox", "--format", "xlsx"], "xlsx"),
        ([CHAPTER, "inbox", "--assignment", "no.zip"], "no.zip"),
    ],
)
def test_what_is_wrong_is_said_in_a_paragraph(run, inbox, tmp_path, monkeypatch, arguments, said):
    monkeypatch.setattr(batch, "PATIENCE", 0.2)
    arguments = [str(inbox) if one == "inbox" else one for one in arguments]
    status, told = run("grade", *arguments, "--out", tmp_path / "grades")
    assert status == 2
    assert said in told
    assert "Traceback" not in told
    assert not (tmp_path / "grades" / "grades.csv").exists()


@pytest.mark.parametrize("names", [[], [".DS_Store"], ["__MACOSX/x.ipynb"]])
def test_where_nothing_was_handed_in_it_is_said_so(run, tmp_path, graded, names):
    empty = tmp_path / "empty"
    empty.mkdir()
    for name in names:
        (empty / name).parent.mkdir(exist_ok=True)
        (empty / name).write_bytes(b"")
    status, told = run("grade", CHAPTER, empty, "--out", tmp_path / "grades")
    assert (status, graded) == (2, [])
    assert "Nothing was handed in" in told
    assert str(empty) in told
    assert not (tmp_path / "grades" / "grades.csv").exists()


@pytest.mark.parametrize("place", ["", "grades"])
def test_grades_do_not_lie_among_what_was_handed_in(run, inbox, place):
    """The next time they would be students."""
    before = sorted(inbox.iterdir())
    status, told = run("grade", CHAPTER, inbox, "--out", inbox / place)
    assert status == 2
    assert "Choose another folder" in told
    assert sorted(inbox.iterdir()) == before


def test_elsewhere_it_says_where_to_go(inbox, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        cli.main(["grade", CHAPTER, str(inbox), "--out", str(tmp_path / "grades")])
    assert "There is no exercises/ in" in capsys.readouterr().err


def test_watching_grades_what_comes_in_until_it_is_stopped(
    run, inbox, tmp_path, graded, monkeypatch
):
    looks = []

    def wait(seconds):
        looks.append(seconds)
        if len(looks) == 1:
            (inbox / "Dan.ipynb").write_bytes((inbox / "Ada.ipynb").read_bytes())
        if len(looks) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", wait)
    status, said = run("grade", CHAPTER, inbox, "--out", tmp_path / "grades", "--watch")
    assert graded == ["Ada", "Cleo", "Dan"]
    assert "Dan" in rows(tmp_path / "grades")
    assert said.count("could not be") == 2  # where nothing is new nothing is said
    assert status == 1


def test_watching_waits_for_the_first(run, inbox, tmp_path, graded, monkeypatch):
    later = tmp_path / "later"
    later.mkdir()
    looks = []

    def wait(seconds):
        looks.append(seconds)
        if len(looks) == 2:
            (later / "Ada.ipynb").write_bytes((inbox / "Ada.ipynb").read_bytes())
        if len(looks) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", wait)
    status, _ = run("grade", CHAPTER, later, "--out", tmp_path / "grades", "--watch")
    assert (status, graded) == (0, ["Ada"])


def test_watching_comes_to_the_grade_of_what_was_written_last(run, inbox, tmp_path, monkeypatch):
    """Half of a file, a file that changes while it is graded, one that is away for a moment."""
    whole = (inbox / "Ada.ipynb").read_bytes()
    steps = iter(
        [
            lambda: (inbox / "Ada.ipynb").write_bytes(whole[: len(whole) // 2]),
            lambda: (inbox / "Ada.ipynb").write_bytes(whole + b"\n"),
            lambda: (inbox / "Ada.ipynb").unlink(),
            lambda: (inbox / "Ada.ipynb").write_bytes(whole + b"\n"),
            lambda: None,
        ]
    )
    seen, changed = [], []

    def results(self, tasks):
        for task in tasks:
            try:
                json.loads(task.content)
            except ValueError:
                yield Result(task.student, CHAPTER, "ungradable", reason="It breaks off.")
                continue
            if task.student == "Cleo" and not changed:  # it is being graded, and saved anew
                changed.append(task.content)
                (inbox / "Cleo.ipynb").write_bytes(task.content + b"\n\n")
            points = float(task.content.count(b"\n", len(whole.rstrip())))
            yield Result(task.student, CHAPTER, "graded", (Mark("judge_flow", points, 9.0),))

    def wait(seconds):
        found = rows(tmp_path / "grades")
        seen.append({name: found[name]["points"] for name in ("Ada", "Cleo")})
        try:
            next(steps)()
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(batch.Local, "results", results)
    monkeypatch.setattr("time.sleep", wait)
    run("grade", CHAPTER, inbox, "--out", tmp_path / "grades", "--watch")
    assert seen[0] == {"Ada": "0", "Cleo": "0"}
    assert seen[1]["Ada"] == ""  # half of it
    assert [one["Ada"] for one in seen[2:]] == ["1"] * 4
    assert [one["Cleo"] for one in seen[1:]] == ["2"] * 5


def test_the_cluster_is_left_however_it_ends(run, inbox, tmp_path, monkeypatch):
    left = []

    class Cluster(batch.Local):
        def __exit__(self, *error):
            left.append(error[0])

    monkeypatch.setattr(batch, "Cluster", Cluster)
    options = ["--out", tmp_path / "grades", "--scheduler", "tcp://127.0.0.1:8786"]
    assert run("grade", CHAPTER, inbox, *options)[0] == 1
    assert run("grade", CHAPTER, tmp_path / "nowhere", *options)[0] == 2
    assert left == [None, CourseError]


def test_it_says_that_it_goes_on_where_it_was_stopped(run, inbox, tmp_path, monkeypatch):
    def stopped(self, tasks):
        raise KeyboardInterrupt

    monkeypatch.setattr(batch.Local, "results", stopped)
    status, said = run("grade", CHAPTER, inbox, "--out", tmp_path / "grades")
    assert (status, said) == (130, "Stopped. The same command goes on from here.\n")


def test_a_second_student_of_one_name_leaves_no_line_of_the_first(run, tmp_path, graded):
    content = made_up.saved(made_up.raw(CHAPTER))

    def handed_in(name, number):
        place = tmp_path / "inbox" / f"{name}_{number}_assignsubmission_file_"
        place.mkdir(parents=True)
        (place / "work.ipynb").write_bytes(content + b"\n" * number)

    grades = tmp_path / "grades"
    handed_in("Li Wei", 17)
    run("grade", CHAPTER, tmp_path / "inbox", "--out", grades)
    handed_in("Li Wei", 18)
    run("grade", CHAPTER, tmp_path / "inbox", "--out", grades)
    assert list(rows(grades)) == ["Li Wei (17)", "Li Wei (18)"]
    assert len(graded) == 2  # the first was not graded again
    assert len(list((grades / "feedback" / CHAPTER).iterdir())) == 2


def test_who_reaches_into_the_checks_is_named(run, inbox, tmp_path, monkeypatch):
    def reaching(self, tasks):
        for task in tasks:
            yield Result(task.student, CHAPTER, "graded", notes=(f"{REACHES}: gc.get_objects.",))

    monkeypatch.setattr(batch.Local, "results", reaching)
    _, said = run("grade", CHAPTER, inbox, "--out", tmp_path / "grades", "--only", "Ada")
    assert f"{REACHES}, look at it: Ada." in said
