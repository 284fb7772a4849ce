"""A submission's points: hostile code gains none, and an honest answer beside it loses none."""

from dataclasses import replace
from importlib import import_module
from unittest import mock

import numpy as np
import pytest
from course import made_up
from course.sandboxes import needs_bubblewrap

from backpass.checks import safely, settings
from backpass.checks.residual_networks import EXERCISES
from backpass.course import grade as module
from backpass.course.grade import grade
from backpass.course.handed_in import lenient
from backpass.course.handed_in.answers import match

pytestmark = [pytest.mark.slow, needs_bubblewrap]
CHAPTER = "residual_networks"

#: Exercises before and after the place where something else is put.
FEW = frozenset(["side_by_side", "block_backward", "no_way_back"])
#: The one whose answer is changed here.
ONE = frozenset(["repair_stack"])


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(module, "CELL", 1.5)


def graded(sandbox, raw, assignment=None, **options):
    assignment = assignment or made_up.assignment(CHAPTER)
    notebook, _ = lenient.read(made_up.saved(raw), "x.ipynb")
    return grade(assignment, "Ada", match(assignment, notebook), sandbox, **options)


def points(result):
    return {mark.slug: mark.points for mark in result.marks}


def beside(source, before="block-backward", chapter=CHAPTER):
    """The honest answers, and a cell that is none of them."""
    raw = made_up.raw(chapter)
    place = next(i for i, cell in enumerate(raw["cells"]) if cell["id"] == before)
    raw["cells"].insert(place, made_up.distortions.code(source))
    return raw


def answered(source, cell="repair-stack"):
    raw = made_up.raw(CHAPTER)
    made_up.changed(raw, cell, source)
    return raw


def mark(result, slug="repair_stack"):
    return next(one for one in result.marks if one.slug == slug)


def test_solutions_have_all_points_and_their_open_answers(sandbox):
    result = graded(sandbox, made_up.raw(CHAPTER))
    assert result.points == result.most == 38
    assert result.open[0].most == 4
    assert len(result.open[0].text) > 100
    assert result.notes == ()


def test_an_untouched_sheet_is_not_attempted(sandbox):
    result = graded(sandbox, made_up.raw(CHAPTER, "exercises"))
    assert result.points == 0
    assert not any(one.attempted for one in result.marks)
    assert result.status == "graded"


@pytest.mark.parametrize("name", made_up.HOSTILE)
def test_an_honest_submission_loses_nothing_by_what_stands_beside_it(sandbox, name):
    result = graded(sandbox, beside(made_up.HOSTILE[name]), only=FEW)
    assert points(result) == {"side_by_side": 4, "block_backward": 5, "no_way_back": 3}


CASES = import_module(f"backpass.checks.{CHAPTER}.repair_stack").CASES
#: The results that are asked for, by name: the answers below are made of these and their number.
RESULTS = tuple(CASES[0].right)

#: Answers that find the right values where they are, if they are in the same process.
READS = {
    "an array that lies": f"""\
class Liar:
    def __init__(self, name):
        self.name = name
    def __array__(self, *args, **named):
        import inspect
        for one in inspect.stack():
            for value in one.frame.f_locals.values():
                if isinstance(value, dict) and set(value) == {set(RESULTS)}:
                    return np.asarray(value[self.name])
        return np.zeros(3)
def stack(*args):
    return [Liar(name) for name in {RESULTS}]
""",
    "the stack read": f"""\
def stack(*args):
    import inspect
    for one in inspect.stack():
        for value in one.frame.f_locals.values():
            if isinstance(value, dict) and set(value) == {set(RESULTS)}:
                return value
""",
    "the checks read": f"""\
def stack(X, *args):
    import sys
    for name in [one for one in sys.modules if one.startswith("backpass.checks.")]:
        for value in vars(sys.modules[name]).values():
            for case in value if isinstance(value, list) else ():
                found = getattr(case, "right", None)
                if isinstance(found, dict) and set(found) == {set(RESULTS)}:
                    if np.array_equal(case.x, X):
                        return found
""",
    "the runner patched": """\
import backpass.checks.safely as safely
def call(self, function, args, *, outputs, repeat=True):
    return tuple(outputs.values()), safely.Heard()
safely.Runner.call = call
def stack(*args):
    return safely
""",
}

HOSTILE_ANSWERS = READS | {
    "equal to everything": f"""\
class Liar(float):
    def __eq__(self, other): return True
    def __abs__(self): return 0.0
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    __hash__ = None
def stack(*args):
    return [Liar(0) for _ in {RESULTS}]
""",
    "arrays equal to everything": f"""\
class Liar(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
    def __array_ufunc__(self, *args, **named): return np.zeros(self.shape)
def stack(X, W, G, lam):
    shapes = (len(W) + 1, *X.shape), W.shape
    return [np.ones(shape).view(Liar) for _, shape in zip({RESULTS}, shapes)]
""",
    "the session patched": """\
import backpass.course.sandbox.inside as inside
def call(self, of, args, outputs, seconds):
    result = tuple(outputs.values()) if isinstance(outputs, dict) else 1
    return {"result": result, "warned": "", "measured": [], "restored": []}
inside.Session.call = call
def stack(*args):
    return inside
""",
    "a score for an answer": (
        "from backpass.checks.score import Score\ndef stack(*args):\n    return Score(3, 3)"
    ),
    "a score for a function": "from backpass.checks.score import Score\nstack = Score(3, 3)",
    "a message of its own": (
        "import backpass.course.sandbox.inside as inside, gc\n"
        "for one in gc.get_objects():\n"
        "    if isinstance(one, inside.Session):\n"
        "        one.line._send({'answer': {'said': '', 'points': 100}})\n"
        "def stack(*args):\n    return inside"
    ),
    "an endless answer": "def stack(*args):\n    while True: pass",
    "an answer that leaves": "def stack(*args):\n    import os; os._exit(0)",
    "an endless result": (
        "def stack(*args):\n    def forever():\n        while True: yield 1\n    return forever()"
    ),
    "a huge result": f"def stack(*args):\n    return [np.zeros(10**7) for _ in {RESULTS}]",
    "a result in a circle": (
        "def stack(*args):\n    found = []\n    found.append(found)\n"
        f"    return [found for _ in {RESULTS}]"
    ),
    "a deep result": (
        "def stack(*args):\n    found = 0\n    for _ in range(900): found = [found]\n"
        f"    return [found for _ in {RESULTS}]"
    ),
    "a name that is none": "def stack(*args): return 0\nstack.__name__ = '<script>' * 9000",
}

#: What is told of some, which shows that they did what they are here for.
ALL_ZERO, ENDED = "Every entry is zero", "stack ended the process in which it ran"
TOLD = {
    "an array that lies": ALL_ZERO,
    "the stack read": ALL_ZERO,
    "the runner patched": ALL_ZERO,
    "the session patched": "The shape is (3,)",
    "a message of its own": "Asking for `stack` ended the process",
    "an endless answer": "stack was stopped after",
    "an answer that leaves": ENDED,
    "a huge result": ENDED,
    "a result in a circle": ENDED,
    "a deep result": ENDED,
    "a name that is none": "your function should return",
}


def in_the_open(source):
    """The points of an answer whose code runs in the process of the check."""
    names = {"np": np}
    with mock.patch.object(safely.Runner, "call", safely.Runner.call):
        exec(source, names)
        return float(EXERCISES["repair_stack"](names["stack"]))


def zeros(X, *args):
    case = next(one for one in CASES if np.array_equal(one.x, X))
    return {name: np.zeros_like(value) for name, value in case.right.items()}


@pytest.fixture(scope="module")
def of_zeros():
    """What is there for who writes only zeros: of these one result follows from the other."""
    return float(EXERCISES["repair_stack"](zeros))


@pytest.mark.parametrize("name", READS)
def test_in_the_open_an_answer_that_reads_right_values_has_all_points(name):
    assert in_the_open(READS[name]) == EXERCISES["repair_stack"].points


@pytest.mark.parametrize("name", HOSTILE_ANSWERS)
def test_no_answer_gains_by_anything_but_being_right(sandbox, name, of_zeros, monkeypatch):
    monkeypatch.setenv("BACKPASS_SECONDS", "2")
    result = graded(sandbox, answered(HOSTILE_ANSWERS[name]))
    assert mark(result).points <= of_zeros < mark(result).most
    others = {one.slug for one in result.marks if one.points < one.most}
    assert others <= {"repair_stack", "survey"}  # which uses `stack`; it is handed another one too
    assert result.points <= result.most - mark(result).most + of_zeros
    assert TOLD.get(name, "") in mark(result).feedback[0]


def test_a_changed_check_is_ignored(sandbox):
    raw = answered("def stack(X, W, G, lam):\n    return 0")
    made_up.changed(raw, "repair-stack-check", "from backpass.checks import Score\nScore(3, 3)")
    result = graded(sandbox, raw)
    assert mark(result).points == 0
    assert "the original ran" in " ".join(result.notes)


def test_points_in_a_students_metadata_count_nothing(sandbox):
    raw = made_up.raw(CHAPTER)
    for cell in raw["cells"]:
        if "points" in cell["metadata"].get("nbgrader", {}):
            cell["metadata"]["nbgrader"]["points"] = 1000
    assert graded(sandbox, raw).most == 38


def test_exercises_have_the_points_of_the_assignment(sandbox):
    assignment = made_up.assignment(CHAPTER).reweighed({"repair_stack": 30})
    result = graded(sandbox, made_up.raw(CHAPTER), assignment)
    assert mark(result).points == mark(result).most == 30
    assert result.points == 38 + 27
    raw = answered("def stack(*args):\n    return ...")
    told = [mark(graded(sandbox, raw, one, only=ONE)).feedback for one in (assignment, None)]
    assert told == [("Not attempted, 0 of 30.",), ("Not attempted, 0 of 3.",)]


def test_only_some_exercises_can_be_graded(sandbox):
    result = graded(sandbox, made_up.raw(CHAPTER), only=ONE)
    assert points(result) == {"repair_stack": 3}


def test_a_broken_cell_costs_its_own_part(sandbox):
    result = graded(sandbox, answered("def stack(X, W, G, lam:\n    return 0"))
    assert mark(result).points == 0
    assert "SyntaxError" in mark(result).feedback[0]
    assert {one.slug for one in result.marks if one.points < one.most} <= {"repair_stack", "survey"}


def test_a_notebook_that_reaches_into_the_checks_is_told(sandbox):
    result = graded(sandbox, beside("import backpass.checks.watched as w\nw.watching = None"))
    assert f"{module.REACHES}: backpass.checks.watched." in result.notes


def test_a_name_taken_from_numpy_is_named(sandbox):
    result = graded(sandbox, beside("np = 3"))
    assert "`np`" in " ".join(result.notes)


def test_time_has_an_end(sandbox):
    raw = beside("while True: pass", before="imports")
    result = graded(sandbox, raw, seconds=0.5)
    assert result.points == 0
    assert "longer than it may" in result.marks[-1].feedback[0]


def test_what_a_limit_may_have_cost_is_known(sandbox):
    assert graded(sandbox, made_up.raw(CHAPTER)).hangs_on == ()
    stopped = graded(sandbox, beside("1 / 0"), only=FEW)
    assert (stopped.points, stopped.hangs_on) == (12, ())  # nothing to gain
    wrong = graded(sandbox, answered("def stack(X, W, G, lam):\n    return X, W, lam"), only=ONE)
    assert (wrong.points, wrong.hangs_on) == (0, ())
    late = graded(sandbox, beside("while True: pass", before="imports"), seconds=0.5)
    assert late.hangs_on == ("seconds", "sandbox")


@pytest.mark.parametrize("level", ["full", "points"])
@pytest.mark.parametrize(
    "source",
    [
        "def stack(X, W, G, lam):\n    bytearray(10 * 2**30)",
        "def stack(X, W, G, lam):\n    import os; os._exit(0)",
        "much = bytearray(10 * 2**30)\ndef stack(X, W, G, lam):\n    return X, W, len(much)",
    ],
)
def test_memory_that_was_short_is_known(sandbox, source, level):
    assignment = replace(made_up.assignment(CHAPTER), feedback=level)
    assert graded(sandbox, answered(source), assignment, only=ONE).hangs_on == (
        "memory", "sandbox",
    )  # fmt: skip


@pytest.mark.parametrize("more", ["", "    sys.flags\n"])  # in plain sight, and not
def test_a_check_that_waited_no_longer_is_known(sandbox, more, monkeypatch):
    monkeypatch.setenv("BACKPASS_SECONDS", "1")
    source = f"import sys\ndef stack(X, W, G, lam):\n{more}    while True: pass"
    assert graded(sandbox, answered(source), only=ONE).hangs_on == ("call", "sandbox")


def test_what_is_not_here_may_be_elsewhere(sandbox):
    result = graded(sandbox, answered("import torch\nstack = torch.stack"), only=ONE)
    assert result.hangs_on == ("sandbox",)


def test_one_student_is_not_told_more_since_another_made_the_same_mistake(sandbox, monkeypatch):
    """What was told before is remembered by the kernel; here it would be another student's. So
    all is told at once, whatever is told a learner first.
    """
    monkeypatch.setattr(settings, "at_once", False)
    exercise = EXERCISES["repair_stack"]
    raw = answered("def stack(*args):\n    return stack_broken(*args)")
    first, second = (mark(graded(sandbox, raw, only=ONE)).feedback for _ in range(2))
    assert first == second
    assert exercise.mistakes["unscaled"] in first[0]
    assert exercise.mistakes["unscaled"].fix in first[0]
    assert not settings.at_once
    assert (exercise.told, exercise.last) == ({}, None)


@pytest.mark.parametrize("level", ["full", "where", "points"])
def test_as_much_is_told_as_was_assigned(sandbox, level):
    wrong = made_up.mutants(CHAPTER)["by-length"][0]
    raw = answered(wrong, "by-length")
    assignment = replace(made_up.assignment(CHAPTER), feedback=level)
    told, full = (
        " ".join(mark(graded(sandbox, raw, one, only={"by_length"}), "by_length").feedback)
        for one in (assignment, None)
    )
    assert (told == full) == (level == "full")
    assert len(told) <= len(full)
