"""`backpass mend`: a repaired file beside the student's."""

import json

from course import made_up
from course.cli.conftest import CHAPTER


def spoilt(path):
    raw = made_up.raw(CHAPTER)
    for cell in raw["cells"]:
        cell["metadata"] = {}
        cell.pop("id")
    path.write_bytes(b"\xef\xbb\xbf" + made_up.saved(raw))
    return path


def test_it_writes_what_nbgrader_can_grade_and_says_what_it_mended(run, tmp_path):
    mine = spoilt(tmp_path / "Ada.ipynb")
    before = mine.read_bytes()
    status, said = run("mend", CHAPTER, mine)
    assert status == 0
    assert mine.read_bytes() == before
    mended = json.loads((tmp_path / "Ada-mended.ipynb").read_text(encoding="utf-8"))
    marks = [cell["metadata"].get("nbgrader", {}) for cell in mended["cells"]]
    assert sum(mark.get("points", 0) for mark in marks) == 42
    assert "Written: " in said


def test_no_file_is_replaced_unless_told(run, tmp_path):
    mine = spoilt(tmp_path / "Ada.ipynb")
    run("mend", CHAPTER, mine)
    (tmp_path / "Ada-mended.ipynb").write_text("mine")
    status, said = run("mend", CHAPTER, mine)
    assert (status, "is there already" in said) == (2, True)
    assert run("mend", CHAPTER, mine, "--force")[0] == 0
    assert (tmp_path / "Ada-mended.ipynb").read_text(encoding="utf-8") != "mine"


def test_what_is_no_notebook_is_named(run, tmp_path):
    (tmp_path / "Ada.ipynb").write_text("<html>")
    status, said = run("mend", CHAPTER, tmp_path / "Ada.ipynb")
    assert (status, "web page" in said) == (2, True)
    assert len(list(tmp_path.iterdir())) == 1
