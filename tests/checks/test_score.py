import copy
import math
import pickle

import nbformat
import pytest
from nbgrader.utils import determine_grade

from backpass.checks.score import Score
from backpass.notebooks.execute import execute


@pytest.mark.parametrize(
    ("points", "kept"),
    [(1.5, 1.5), (0, 0.0), (2, 2.0), (7, 2.0), (-1, 0.0), (math.nan, 0.0), (math.inf, 2.0),
     (-math.inf, 0.0), (-0.0, 0.0)],
)  # fmt: skip
def test_points_stay_between_nothing_and_the_maximum(points, kept):
    score = Score(points, 2)
    assert score == kept
    assert repr(score) == str(score) == repr(kept)
    assert f"{score}" == repr(kept)


@pytest.mark.parametrize("maximum", [0, -1, math.nan, math.inf])
def test_a_maximum_is_a_positive_number(maximum):
    with pytest.raises(ValueError, match="maximum"):
        Score(1, maximum)


def test_survives_copies():
    score = Score(1, 3, ["one", "two"], ["sign"], "bptt")
    for twin in (pickle.loads(pickle.dumps(score)), copy.copy(score), copy.deepcopy(score)):
        assert type(twin) is Score
        assert (twin, twin.maximum) == (1, 3)
        assert (twin.feedback, twin.mistakes) == (("one", "two"), ("sign",))
        assert twin.chapter == "bptt"


def test_feedback_may_be_one_paragraph():
    assert Score(0, 1, "why").feedback == ("why",)
    assert Score(0, 1).feedback == ()


def test_html_is_escaped_and_needs_no_colour():
    html = Score(1, 2, ["o < t & <script>alert(1)</script>"])._repr_html_()
    assert "<script>" not in html
    assert "o &lt; t &amp; &lt;script&gt;" in html
    assert "1 of 2 points" in html
    assert "color" not in html
    assert Score(2, 2)._repr_html_() != html


def test_a_section_is_a_link_where_the_chapter_lies_beside_the_exercise(tmp_path, monkeypatch):
    sheet = tmp_path / "exercises" / "bptt"
    sheet.mkdir(parents=True)
    monkeypatch.chdir(sheet)
    score = Score(0, 1, "No. Section: “It’s 1 < 2”.", chapter="bptt")
    assert "<a" not in score._repr_html_()
    cells = [nbformat.v4.new_markdown_cell(text) for text in ("# A", "## It’s 1 < 2\n\nYes.")]
    (tmp_path / "chapters").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "chapters/bptt.ipynb")
    address = f"../../chapters/bptt.ipynb#cell-id={cells[1].id}"
    assert f"Section: “<a href='{address}'>It’s 1 &lt; 2</a>”." in score._repr_html_()
    for other in ("Section: “No such”.", "In “It’s 1 < 2”."):
        assert "<a" not in Score(0, 1, other, chapter="bptt")._repr_html_()
    assert "<a" not in Score(0, 1, score.feedback)._repr_html_()
    (tmp_path / "chapters/bptt.ipynb").write_text("no notebook")
    assert "<a" not in score._repr_html_()


VALUES = ["1.5", "0", "2", "nan", "3", "-1", "1.55"]


@pytest.fixture(scope="module")
def shown():
    """Cells that end with a score of each value, as one real kernel has run them."""
    cells = [nbformat.v4.new_code_cell("%precision 0")] + [
        nbformat.v4.new_code_cell(
            f"from backpass.checks.score import Score\nScore(float('{value}'), 2, 'why <not>')"
        )
        for value in VALUES
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    execute(notebook, ".", timeout=60)
    return dict(zip(VALUES, notebook.cells[1:], strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("value", VALUES)
def test_nbgrader_reads_the_points(value, shown):
    cell = shown[value]
    cell.metadata["nbgrader"] = {
        "grade": True, "solution": False, "locked": True, "points": 2.0, "grade_id": "check",
    }  # fmt: skip
    assert determine_grade(cell) == (Score(float(value), 2), 2)
    (output,) = cell.outputs
    assert "why &lt;not&gt;" in output.data["text/html"]
