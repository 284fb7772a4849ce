"""A department that has nbgrader loses nothing: its commands work, and give the same points."""

import csv
import os
import re
import shutil
import sys
from dataclasses import replace
from html import unescape
from pathlib import Path

import forked
import pytest
from course import made_up
from course.sandboxes import needs_bubblewrap
from places import ROOT

from backpass.checks.markup import marked
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


@pytest.fixture(scope="module")
def ours(submitted):
    """What the same submissions are given here, told as far as a check goes when it runs once."""
    assignment = replace(made_up.assignment(CHAPTER), feedback="where")
    found = {name: work(Task(assignment, name, "x.ipynb", content, Limits()))
             for name, content in submitted[1].items()}  # fmt: skip
    batch.close()
    return found


def test_both_give_the_same_points(submitted, ours):
    with (submitted[0] / "grades.csv").open(encoding="utf-8") as file:
        theirs = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert {name: one.points for name, one in ours.items()} == theirs
    assert len(set(theirs.values())) == 2


def test_its_feedback_says_what_the_checks_say(submitted, ours):
    for name, one in ours.items():
        page = submitted[0] / "feedback" / name / CHAPTER / f"{CHAPTER}.html"
        text = unescape(re.sub("</?(code|em|sub|sup)>", "", page.read_text(encoding="utf-8")))
        told = [said for mark in one.marks for said in mark.feedback]
        told = ["".join(words for _, words in marked(said)) for said in told]
        assert len(told) > 11
        assert [said for said in told if said not in text] == []
