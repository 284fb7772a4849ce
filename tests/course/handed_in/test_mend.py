"""A mended notebook is the assignment with the student's answers, and nbgrader grades it so."""

import random

import nbformat
import pytest
from course.distortions import CELLS, dumped
from course.inbox import CHAPTERS, assignment, worked
from nbformat.v4 import new_code_cell, new_markdown_cell
from places import ROOT
from some import some

from backpass import notebooks
from backpass.course.assignment import of_notebook
from backpass.course.errors import CourseError
from backpass.course.handed_in.answers import match
from backpass.course.handed_in.lenient import read
from backpass.course.handed_in.mend import mend, save
from backpass.course.handed_in.statements import same, statements

CHAPTER = CHAPTERS[0]
#: Distortions of different kinds.
COMMON = ("nothing", "no_names_at_all", "split_in_four", "shuffled")


def released(chapter=CHAPTER):
    return notebooks.read(ROOT / "exercises" / chapter / f"{chapter}.ipynb")


def handed_in(distortion="nothing", chapter=CHAPTER):
    raw = CELLS[distortion](worked(chapter), random.Random(3))
    return read(dumped(raw).encode(), "x.ipynb")[0]


def marks(notebook):
    return [c.metadata["nbgrader"] for c in notebook.cells if "nbgrader" in c.metadata]


@pytest.mark.parametrize("distortion", some(list(CELLS), COMMON))
def test_it_has_the_assignments_cells_and_the_students_answers(distortion):
    own = released()
    mended, _ = mend(own, handed_in(distortion))
    assert marks(mended) == marks(own)
    ids = [cell.id for cell in mended.cells]
    assert len(set(ids)) == len(ids)
    kept = [cell.id for cell in own.cells if "nbgrader" in cell.metadata]
    assert [name for name in ids if name in set(kept)] == kept
    right = {run.id: run.source for run in match(assignment(CHAPTER), handed_in()).cells}
    sources = {cell.id: cell.source for cell in mended.cells}
    for cell in assignment(CHAPTER).cells:
        if cell.role in ("given", "check"):
            assert sources[cell.id] == cell.source
        elif cell.role == "answer":
            (name,) = cell.defines
            theirs = [one.text for one in statements(sources[cell.id]) if name in one.binds]
            expected = [one.text for one in statements(right[cell.id]) if name in one.binds]
            assert same(theirs[-1], expected[-1])
    assert nbformat.validate(mended) is None


@pytest.mark.parametrize("distortion", ["no_names_at_all", "split_in_four", "shuffled"])
def test_mending_it_again_changes_nothing(distortion):
    once, _ = mend(released(), handed_in(distortion))
    twice, notes = mend(released(), read(nbformat.writes(once).encode(), "x")[0])
    assert [(c.cell_type, c.source) for c in once.cells] == [
        (c.cell_type, c.source) for c in twice.cells
    ]
    assert notes == ()


def test_a_good_notebook_stays_as_it_is():
    mended, notes = mend(released(), handed_in())
    assert [cell.source for cell in mended.cells] == [cell.source for cell in handed_in().cells]
    assert notes == ()


def test_own_cells_and_notes_stay_where_they_stood():
    theirs = handed_in()
    names = [cell.id for cell in theirs.cells]
    place = names.index("two-paths-check") + 1
    theirs.cells[place:place] = [new_markdown_cell("My *notes*."), new_code_cell("mine = 3")]
    mended, _ = mend(released(), theirs)
    found = [cell.id for cell in mended.cells].index("two-paths-check") + 1
    assert [cell.source for cell in mended.cells[found : found + 2]] == ["My *notes*.", "mine = 3"]


def test_a_guess_made_elsewhere_is_not_undone():
    theirs = handed_in()
    cell = next(cell for cell in theirs.cells if cell.source.startswith("my_prediction"))
    cell.source = "my_prediction = ..."
    theirs.cells.append(new_code_cell("my_prediction = 1, 2"))
    mended, _ = mend(released(), theirs)
    code = [cell.source for cell in mended.cells if cell.cell_type == "code"]
    found = [source for source in code if source.startswith("my_prediction")]
    assert found == ["my_prediction = 1, 2"]


def test_the_pictures_of_an_open_answer_come_along():
    theirs = handed_in()
    cell = next(cell for cell in theirs.cells if cell.id == "open-question")
    cell["attachments"] = {"a.png": {"image/png": "aGk="}}
    mended, _ = mend(released(), theirs)
    kept = next(cell for cell in mended.cells if cell.id == "open-question")
    assert kept.attachments == cell.attachments
    assert kept.source == cell.source


def test_nothing_is_written_over_unless_told(tmp_path):
    mended, _ = mend(released(), handed_in())
    save(mended, tmp_path / "a.ipynb")
    written = (tmp_path / "a.ipynb").read_bytes()
    assert of_notebook(CHAPTER, notebooks.read(tmp_path / "a.ipynb")).checks
    with pytest.raises(CourseError, match="there already"):
        save(mended, tmp_path / "a.ipynb")
    (tmp_path / "a.ipynb").write_text("x")
    save(mended, tmp_path / "a.ipynb", over=True)
    assert (tmp_path / "a.ipynb").read_bytes() == written
    with pytest.raises(CourseError, match="cannot be written"):
        save(mended, tmp_path / "a.ipynb" / "b.ipynb")
