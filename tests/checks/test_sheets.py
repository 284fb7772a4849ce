"""A chapter's exercise sheet: its notebooks and its checks say the same."""

import ast
import re

import pytest
from contract import Sheet, sheet
from places import ROOT

from backpass import notebooks
from backpass.checks import KINDS, chapters
from backpass.checks.stages import FIXES

CHAPTERS = chapters()


def outputs(cells):
    """The check cells' outputs, by the slug of the exercise; nothing else was said anywhere.

    They are the committed ones: nbval runs the notebooks and compares them.
    """
    found = {}
    for cell in cells.values():
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", output.text
            assert output.output_type != "error"
        if cell.id.endswith("-check"):
            (output,) = cell.outputs
            found[cell.id.removesuffix("-check").replace("-", "_")] = output.data
    return found


def headings(chapter):
    text = notebooks.read(ROOT / "chapters" / f"{chapter}.ipynb")
    lines = (line for cell in text.cells for line in cell.source.splitlines())
    return {told[1] for line in lines if (told := re.fullmatch("###? (.+?) *", line))}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_kind_of_exercise_is_there_and_the_last_puts_things_together(chapter):
    exercises = list(CHAPTERS[chapter].values())
    assert {one.kind for one in exercises} == set(KINDS)
    assert [one.slug for one in exercises if one.kind == "synthesis"] == [exercises[-1].slug]
    assert 5 <= exercises[-1].points <= 6
    assert 36 <= sum(one.points for one in exercises) + 4 <= 48


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_mistake_has_a_way_out(chapter):
    for one in CHAPTERS[chapter].values():
        for slug, sentence in one.mistakes.items():
            assert sentence.fix or slug in FIXES, (one.slug, slug)
            assert sentence.fix not in sentence or not sentence.fix, (one.slug, slug)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_sheet_draws_what_the_learner_found_and_adds_up_at_the_end(chapter):
    code = [cell for cell in sheet(chapter).cells.values() if cell.cell_type == "code"]
    assert sum("@picture(" in cell.source for cell in code) >= 3
    assert (code[-1].id, code[-1].source) == ("total", "check.total()")
    for cell in code:
        if cell.id.endswith("-try"):
            assert "#" in cell.source, f"{cell.id} does not say what to expect"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_solution_says_what_most_people_slip_on(chapter):
    cells = sheet(chapter).cells
    for slug in CHAPTERS[chapter]:
        source = cells[slug.replace("_", "-")].source
        solution = source.partition("### BEGIN SOLUTION")[2].partition("### END SOLUTION")[0]
        assert "# The usual slip: " in solution, slug


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_open_question_has_a_checklist_and_a_prediction_is_kept(chapter):
    cells = sheet(chapter).cells.values()
    lists = [cell.source for cell in cells if cell.source.count("- [ ] ") >= 3]
    assert len(lists) == 1
    calls = [cell.source for cell in cells if cell.id.endswith("-check")]
    assert any("prediction=" in call for call in calls)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_learners_are_sent_to_sections_that_the_chapter_has(chapter):
    told = [text for one in CHAPTERS[chapter].values() for text in one.mistakes.values()]
    for path in (ROOT / "backpass" / "checks" / chapter).glob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        told += [str(node.value) for node in nodes if isinstance(node, ast.Constant)]
    read = [cell.source for cell in sheet(chapter).notebook.cells if cell.cell_type == "markdown"]
    sections = re.findall("(?:[Ss]ection:? |In the chapter: )“([^”]+)”", " ".join(told + read))
    assert len(sections) > 50
    assert set(sections) <= headings(chapter)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_notebook_and_the_checks_agree_on_points_names_and_order(chapter):
    exercises, cells = CHAPTERS[chapter], sheet(chapter).cells
    graded = [
        cell.id.removesuffix("-check").replace("-", "_")
        for cell in cells.values()
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
    ]
    assert graded == list(exercises)
    for slug, one in exercises.items():
        name = slug.replace("_", "-")
        checked = cells[f"{name}-check"]
        assert checked.metadata.nbgrader.points == one.points
        assert checked.source.startswith(f"check.{slug}(")
        assert checked.metadata.nbgrader.grade_id == checked.id
        assert cells[name].metadata.nbgrader.solution
        heading = f"## {one.title} ({one.points} point"
        assert cells[f"{name}-text"].source.startswith(heading)
    total = sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in cells.values())
    first = sheet(chapter).notebook.cells[0].source
    assert f"**{total} points**: {len(exercises)} parts" in first


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_solutions_score_full(chapter):
    found = outputs(sheet(chapter).cells)
    points = {slug: float(data["text/plain"]) for slug, data in found.items()}
    assert points == {slug: one.points for slug, one in CHAPTERS[chapter].items()}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_an_untouched_exercise_runs_and_scores_nothing(chapter):
    found = outputs(Sheet(chapter, "exercises").cells)
    assert set(found) == set(CHAPTERS[chapter])
    for data in found.values():
        assert float(data["text/plain"]) == 0
        assert "Not attempted" in data["text/html"]
