"""How an answer comes to its result: no trick in a sandbox brings a point that the answer has not
in the open, and no answer in the open loses one.
"""

from importlib import import_module
from textwrap import indent

import numpy as np
import pytest
from course import made_up
from course.sandboxes import needs_bubblewrap
from course.tricks import ANSWERS, AROUND, DISGUISED, MOODS, ONCE_WORKED, TRICKS

from backpass.course import grade as module
from backpass.course.grade import HIDDEN, grade
from backpass.course.handed_in import lenient
from backpass.course.handed_in.answers import match
from backpass.course.handed_in.sight import Sight
from backpass.course.sandbox.box import Sandbox

pytestmark = [pytest.mark.slow, needs_bubblewrap]


@pytest.fixture(scope="module")
def box():
    with Sandbox(memory=512, chapters=("softmax_cross_entropy", "backpropagation")) as opened:
        yield opened


def submission(answer, source, beside=""):
    raw = made_up.raw(answer.chapter)
    made_up.changed(raw, answer.cell, source)
    if beside:
        place = next(i for i, cell in enumerate(raw["cells"]) if cell["id"] == answer.cell)
        raw["cells"].insert(place, made_up.distortions.code(beside))
    return raw


def graded(box, answer, source, beside=""):
    assignment = made_up.assignment(answer.chapter)
    raw = submission(answer, source, beside)
    notebook, _ = lenient.read(made_up.saved(raw), "x.ipynb")
    found = match(assignment, notebook)
    return grade(assignment, "Ada", found, box, only=frozenset([answer.slug]))


#: One answer to each of the questions gets all of them.
ALL = ("a loop over the layer", "the tape", "a rule that writes into grad")
PAIRS = [(name, trick) for name in ANSWERS for trick in (TRICKS if name in ALL else ONCE_WORKED)]


@pytest.mark.parametrize(("name", "trick"), PAIRS)
def test_no_trick_brings_a_point(box, name, trick):
    answer, (beside, lines) = ANSWERS[name], TRICKS[trick]
    result = graded(box, answer, answer.tricked(lines), beside)
    assert result.marks[0].points <= answer.points, result.marks[0].feedback


@pytest.mark.parametrize(("trick", "name"), ONCE_WORKED.items())
def test_a_trick_would_bring_points_if_all_of_a_notebook_were_in_sight(
    box, trick, name, monkeypatch
):
    monkeypatch.setattr(module, "in_sight", lambda _, cells: Sight(tuple(cells), {}))
    answer, (beside, lines) = ANSWERS[name], TRICKS[trick]
    (mark,) = graded(box, answer, answer.tricked(lines), beside).marks
    assert mark.points == mark.most, mark.feedback


@pytest.mark.parametrize("name", ANSWERS)
def test_the_answers_are_right_but_for_how_they_come_about(box, name):
    answer = ANSWERS[name]
    (mark,) = graded(box, answer, answer.tricked("")).marks
    assert mark.points == answer.points
    assert mark.mistakes[0] in ("loop", "differences", "tape", "into-grad")


def solution(answer):
    cells = made_up.raw(answer.chapter)["cells"]
    return next(made_up.source(cell) for cell in cells if cell["id"] == answer.cell)


def in_the_open(answer, source):
    """The points that the check gives in a learner's own notebook."""
    names = {"np": np}
    exec(source, names)
    check = import_module(f"backpass.checks.{answer.chapter}").EXERCISES[answer.slug]
    return check(names[answer.function])


@pytest.mark.parametrize("lines", DISGUISED.values(), ids=DISGUISED)
def test_a_loop_that_looks_otherwise_is_seen_as_in_a_notebook(box, lines):
    answer = ANSWERS["a loop over the examples"]
    source = AROUND.format(lines=indent(lines, "    "))
    mark = graded(box, answer, source).marks[0]
    assert mark.points == in_the_open(answer, source) == 0
    assert mark.mistakes == ("loop",)


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize(
    ("name", "of"),
    [("a loop over the layer", "(rest[0], 0.0, X)"), ("a loop over the examples", "rest[1:]")],
)
def test_an_answer_that_knows_when_it_is_looked_at_gains_nothing(box, name, of, mood, monkeypatch):
    monkeypatch.setenv("BACKPASS_SECONDS", "1" if "ever" in mood else "3")
    answer = ANSWERS[name]
    slow = answer.tricked("").replace(answer.function, "slow")
    source = slow + MOODS[mood].replace("SLOW", "slow").replace("SHAPES", of)
    source = source.replace("ANSWER", answer.function)
    assert graded(box, answer, source).marks[0].points == 0
    assert "memory" in mood or in_the_open(answer, source) == 0


@pytest.mark.parametrize("slug", ["weight_gradient", "backward_pass", "tape_operation"])
def test_a_right_answer_loses_nothing_by_what_stands_beside_it(box, slug):
    """Nor by a trick, which is left out."""
    answer = next(one for one in ANSWERS.values() if one.slug == slug)
    for beside in ("import time\nbegin = time.time()\nprint(begin)", TRICKS["ctypes"][0]):
        (mark,) = graded(box, answer, solution(answer), beside).marks
        assert mark.points == mark.most


def test_who_cannot_be_seen_at_work_is_told_why_and_named(box):
    answer = ANSWERS["a loop over the layer"]
    source = solution(answer).replace("    product =", "    import time\n    product =")
    result = graded(box, answer, source)
    assert result.marks[0].points == 0
    assert result.marks[0].mistakes == ("unseen",)
    assert "it uses `import time`" in result.marks[0].feedback[0]
    assert f"{HIDDEN}: weight_gradient uses `import time`." in result.notes[0]
