"""What nbgrader makes of a solution, and what is said when it cannot."""

import json

import nbformat
import pytest
from nbgrader.utils import determine_grade
from notebook_cells import CONFIG, broken_solution, paragraph, without_end

from backpass.notebooks import NotebookError, configuration, release


def test_nbgrader_reads_the_points_of_a_score(course):
    for folder, points in (("solutions", 2), ("exercises", 0)):
        notebook = nbformat.read(course / folder / "one" / "one.ipynb", 4)
        assert determine_grade(notebook.cells[-1]) == (points, 2)


def test_an_exercise_holds_the_stub_the_locks_and_no_solution(course):
    exercise = nbformat.read(course / "exercises" / "one" / "one.ipynb", 4)
    answer, check = exercise.cells[2:]
    assert answer.source == 'def double(x):\n    """Twice x."""\n    ...  # your answer here'
    assert "SOLUTION" not in json.dumps(exercise)
    assert (check.metadata.deletable, check.metadata.editable) == (False, False)
    assert len(check.metadata.nbgrader.checksum) == 32


def without_begin(cells):
    cells[2].source = cells[2].source.replace("    ### BEGIN SOLUTION\n", "")


def nested(cells):
    cells[2].source = "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION\n### END SOLUTION"


def unmarked(cells):
    del cells[2].metadata["nbgrader"]


def same_id(cells):
    cells[3].metadata.nbgrader.grade_id = "double"


def no_points(cells):
    del cells[3].metadata.nbgrader["points"]


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (without_end, "cell 3 of 4 .*1 × “BEGIN SOLUTION” but 0 × “END SOLUTION”"),
        (without_begin, "cell 3 of 4 .*0 × “BEGIN SOLUTION” but 1 × “END SOLUTION”"),
        (nested, "cell 3 of 4 .*nested begin solution"),
        (unmarked, "cell 3 of 4 .*non-solution cell"),
        (same_id, "Duplicate grade id: double"),
        (no_points, "'double-check' does not have points"),
    ],
)
def test_a_broken_solution_is_refused_in_one_paragraph(tmp_path, capfd, break_it, reason):
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    config = configuration(tmp_path)
    with pytest.raises(NotebookError, match=reason) as caught:
        release(broken_solution(break_it), config, name="solutions/one/one.ipynb")
    assert paragraph(caught.value)
    assert str(caught.value).startswith("solutions/one/one.ipynb: ")
    assert capfd.readouterr().err == ""
