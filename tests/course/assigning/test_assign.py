"""What a class is given: all of it agrees, and nothing gives an answer away."""

import io
import json
import re
import shutil
import zipfile
from datetime import date, datetime

import pytest
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import compute_checksum
from places import ROOT

from backpass.checks import chapters, settings
from backpass.course.assigning import assign
from backpass.course.assignment import of_notebook, of_zip
from backpass.course.errors import CourseError

CHAPTERS = sorted(path.stem for path in ROOT.glob("solutions/*/*.ipynb"))
PACKAGE = ("backpass-0.1.0-py3-none-any.whl", b"the package")


def solved(chapter):
    """The lines of the solutions that no exercise has."""
    path = f"{chapter}/{chapter}.ipynb"
    found = []
    for folder in ("solutions", "exercises"):
        cells = json.loads((ROOT / folder / path).read_text(encoding="utf-8"))["cells"]
        found.append({line.strip() for cell in cells for line in cell["source"]})
    return {line for line in found[0] - found[1] if len(line) > 12}


TERMS = assign.Terms(
    exercises=("remember", "open-question", "unrolled"),
    points={"remember": 10, "credit": 2.5},
    feedback="where",
    due=date(2027, 2, 12),
)


@pytest.fixture(scope="module")
def part():
    return assign.assign(ROOT, "bptt", TERMS)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_zip_holds_no_solution(chapter):
    held = assign.zipped(ROOT, assign.assign(ROOT, chapter), PACKAGE)
    with zipfile.ZipFile(io.BytesIO(held)) as archive:
        names = sorted(archive.namelist())
        texts = [archive.read(name).decode() for name in names]
    files = ["LICENSE", "START.html", PACKAGE[0], f"{chapter}.ipynb"]
    assert names == [f"{chapter}/{name}" for name in files]
    lines = solved(chapter)
    assert len(lines) > 50
    notebook = json.loads(texts[-1])
    told = {line.strip() for cell in notebook["cells"] for line in cell["source"]}
    assert told & lines == set()
    assert not any("SOLUTION" in text or "The usual slip" in text for text in texts)
    assert not any(cell.get("outputs") for cell in notebook["cells"])


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_whole_chapter_is_the_sheet_and_sets_nothing(chapter):
    one = assign.assign(ROOT, chapter)
    code = [cell.source for cell in one.notebook.cells if cell.cell_type == "code"]
    assert not any("assigned(" in source for source in code)
    assert one.notes == ()
    given = {cell.slug: cell.points for cell in one.assignment.checks}
    assert given == {slug: check.points for slug, check in chapters()[chapter].items()}


def test_points_agree_everywhere(part):
    points = {"unrolled": 3, "credit": 2.5, "remember": 10, "open-question": 4}
    given = part.assignment
    assert {cell.slug: cell.points for cell in given.cells if cell.slug} == points
    first, imports = part.notebook.cells[:2]
    assert "**19.5 points**: 3 parts checked while you work, one open question" in first.source
    assert imports.source.endswith(
        "\n\n# What holds for this assignment.\n"
        'check.total.assigned("where", unrolled=3, credit=2.5, remember=10)'
    )
    texts = "\n".join(c.source for c in part.notebook.cells if c.cell_type == "markdown")
    assert re.findall(r"^## .*\((.*) points\)$", texts, re.M) == ["3", "2.5", "10", "4"]
    assert "the 6 that it has in the book" in texts
    assert part.notes == ("credit (2.5 points) comes along: remember uses what is written there.",)


def test_the_notebook_says_what_it_is(part):
    said = part.notebook.metadata["backpass"]
    assert said == {"chapter": "bptt", "feedback": "where", "due": "2027-02-12", "version": "0.1.0"}
    assert (part.assignment.feedback, part.assignment.due) == ("where", "2027-02-12")
    moment = assign.assign(ROOT, "bptt", assign.Terms(due=datetime(2027, 2, 12, 18)))
    assert moment.assignment.due == "2027-02-12T18:00:00"


def test_nbgrader_takes_it_and_its_cells_are_locked(part):
    MetadataValidator().validate_nb(part.notebook)
    for cell in part.notebook.cells:
        mark = cell.metadata.get("nbgrader", {})
        if "checksum" in mark:
            assert mark.checksum == compute_checksum(cell), cell.id
    imports = part.notebook.cells[1]
    assert imports.metadata.nbgrader.locked
    assert imports.metadata.editable is False


@pytest.fixture
def as_before(monkeypatch):
    """What the first cell of an assignment sets is taken back; nothing was checked before."""
    checks = chapters()["bptt"]
    for one in checks.values():
        monkeypatch.setattr(one, "last", None)
    before, level = {slug: one.points for slug, one in checks.items()}, settings.feedback
    from backpass.checks import bptt

    yield bptt
    bptt.total.assigned(**before)
    settings.feedback = level


def test_its_first_cell_makes_the_checks_count_and_tell_so_much(part, as_before):
    exec(part.notebook.cells[1].source, {})
    score = as_before.credit(...)
    assert score.maximum == 2.5
    assert repr(as_before.total()).startswith("0 of 15.5 points. 3 parts are open:")
    assert settings.feedback == "where"
    assert not settings.reaches("kind")


def test_it_is_graded_from_its_zip(part, tmp_path):
    (path,) = assign.write(ROOT, tmp_path / "hw", [part])
    assert path == tmp_path / "hw" / "bptt.zip"
    assert of_zip(path) == part.assignment
    assert [one.name for one in path.parent.iterdir()] == ["bptt.zip"]


def test_a_link_leads_to_the_published_book_or_leaves_its_words():
    first = assign.assign(ROOT, "bptt").notebook.cells[0].source
    assert "the chapter Why propagate back through time?;" in first
    terms = assign.Terms(address="https://book.example/")
    first = assign.assign(ROOT, "bptt", terms).notebook.cells[0].source
    assert "[Why propagate back through time?](https://book.example/chapters/bptt.html)" in first


def test_the_page_tells_what_counts_and_how_to_start(part):
    with zipfile.ZipFile(io.BytesIO(assign.zipped(ROOT, part, PACKAGE))) as archive:
        page = archive.read("bptt/START.html").decode()
    assert "Due: Friday, 12 February 2027" in page
    assert f'pip install "{PACKAGE[0]}[lab]"' in page
    assert "Python 3.11 or newer" in page
    rows = re.findall(
        r'<th scope="row">(.*?)</th><td>(.*?)</td><td class="number">(.*?)</td>', page
    )
    assert rows[1:] == [
        ("Credit over K steps, every S steps", "its check", "2.5"),
        ("Learn to remember: why go back at all?", "its check", "10"),
        ("Open question: why go back at all?", "a person", "4"),
    ]
    assert "if something is wrong, where. Run" in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("chapter", "terms", "said"),
    [
        ("bpt", {}, "There is no chapter 'bpt'. Did you mean bptt? There are: backpropagation,"),
        ("bptt", {"exercises": ("credt",)}, "'credt'. Did you mean credit? There are: unrolled"),
        ("bptt", {"points": {"xyz": 2}}, "There is no exercise of bptt 'xyz'. There are: unrolled"),
        ("bptt", {"exercises": ("open-question",)}, "at least one exercise that is checked"),
        ("bptt", {"exercises": ("credit",), "points": {"rtrl": 2}}, "rtrl has other points but is"),
        ("bptt", {"points": {"rtrl": -1}}, "Points are positive"),
    ],
)
def test_what_cannot_be_assigned_is_told(chapter, terms, said):
    with pytest.raises(CourseError, match=re.escape(said)):
        assign.assign(ROOT, chapter, assign.Terms(**terms))


def test_other_points_of_an_open_question_concern_no_check():
    one = assign.assign(ROOT, "bptt", assign.Terms(points={"open-question": 10}))
    assert one.assignment.most == 50
    assert "**50 points**: 11 parts" in one.notebook.cells[0].source
    texts = [cell.source for cell in one.notebook.cells]
    assert any(
        text.startswith("## Open question: why go back at all? (10 points)") for text in texts
    )
    assert not any("assigned(" in text for text in texts)


def test_a_hyphen_is_as_good_as_an_underscore():
    one = assign.assign(ROOT, "bptt", assign.Terms(exercises=("repair-loop",)))
    assert [cell.slug for cell in one.assignment.checks] == ["repair_loop"]


def test_stale_exercises_are_refused(tmp_path):
    for folder in ("solutions", "exercises"):
        shutil.copytree(ROOT / folder / "bptt", tmp_path / folder / "bptt")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    assert assign.assign(tmp_path, "bptt").assignment.chapter == "bptt"
    path = tmp_path / "exercises/bptt/bptt.ipynb"
    path.write_text(path.read_text().replace("Derive.", "Find."))
    with pytest.raises(CourseError, match="Run `make exercises`"):
        assign.assign(tmp_path, "bptt")
    path.unlink()
    with pytest.raises(CourseError, match="does not exist"):
        assign.assign(tmp_path, "bptt")


def test_elsewhere_it_says_where_to_go(tmp_path):
    with pytest.raises(CourseError, match=r"There is no solutions/ in .*Go to the folder"):
        assign.assign(tmp_path, "bptt")


def test_a_folder_that_cannot_be_written_stays_as_it_is(part, tmp_path):
    (tmp_path / "hw").write_text("a file")
    with pytest.raises(CourseError, match="Choose another folder with --out"):
        assign.write(ROOT, tmp_path / "hw", [part])
    assert [path.name for path in tmp_path.iterdir()] == ["hw"]


def test_the_same_is_assigned_again_byte_for_byte(part):
    again = assign.zipped(ROOT, assign.assign(ROOT, "bptt", TERMS), PACKAGE)
    assert again == assign.zipped(ROOT, part, PACKAGE)
    with zipfile.ZipFile(io.BytesIO(again)) as archive:  # later, too
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert of_notebook("bptt", part.notebook) == part.assignment
