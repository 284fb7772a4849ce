"""A department that has nbgrader loses nothing: its commands work, and give the same points."""

import csv
import os
import shutil
import sys
from pathlib import Path

import forked
import pytest
from course import made_up
from course.sandboxes import needs_bubblewrap
from places import ROOT

from backpass.course import batch
from backpass.course.batch import Limits, Task, work

pytestmark = [pytest.mark.slow, needs_bubblewrap]
CHAPTER = "residual_networks"


def nbgrader(folder, *arguments):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # for its alembic
    done = forked.call(
        "nbgrader",
        "nbgrader.apps.nbgraderapp:main",
        *arguments,
        folder=folder,
        environment={"PATH": path},
    )
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.fixture(scope="module")
def submitted(tmp_path_factory):
    """A course as nbgrader keeps one, with two submissions, and what these are."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "solutions" / CHAPTER, folder / "solutions" / CHAPTER)
    contents = {one.student: one.content for one in made_up.class_of(CHAPTER, 8, seed=7)
                if one.kind in ("right", "wrong")}  # fmt: skip
    contents = {f"s{i}": content for i, content in enumerate(list(contents.values())[:2])}
    for name, content in contents.items():
        place = folder / "submitted" / name / CHAPTER
        place.mkdir(parents=True)
        (place / f"{CHAPTER}.ipynb").write_bytes(content)
    nbgrader(folder, "generate_assignment", CHAPTER)
    nbgrader(folder, "autograde", CHAPTER)
    nbgrader(folder, "generate_feedback", CHAPTER)
    nbgrader(folder, "export")
    return folder, contents


def test_the_exercise_is_the_one_of_the_book(submitted):
    folder, _ = submitted
    theirs, ours = (made_up.json.loads((root / "exercises" / CHAPTER / f"{CHAPTER}.ipynb")
                    .read_text(encoding="utf-8")) for root in (folder, ROOT))  # fmt: skip
    assert [made_up.source(cell) for cell in theirs["cells"]] == [
        made_up.source(cell) for cell in ours["cells"]
    ]


def test_both_give_the_same_points(submitted):
    folder, contents = submitted
    with (folder / "grades.csv").open(encoding="utf-8") as file:
        theirs = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assignment = made_up.assignment(CHAPTER)
    ours = {name: work(Task(assignment, name, "x.ipynb", content, Limits())).points
            for name, content in contents.items()}  # fmt: skip
    batch.close()
    assert ours == theirs
    assert len(set(ours.values())) == 2


def test_its_feedback_says_what_the_checks_say(submitted):
    folder, contents = submitted
    pages = [folder / "feedback" / name / CHAPTER / f"{CHAPTER}.html" for name in contents]
    assert all("points" in page.read_text(encoding="utf-8") for page in pages)
