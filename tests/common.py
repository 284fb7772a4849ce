"""What is asked of every chapter's checks.

Every mistake in, its name out; every right answer full points; nothing else ever full points; and
the solution notebook agrees with all that. A chapter's test module says, in a class of its own,
which checks these are and which answers are wrong and right::

    class TestChecks(common.Checks):
        check = softmax_cross_entropy  # the module
        wrong = {"stable_softmax": {"no-max-shift": naive, ...}, ...}
        right = {"stable_softmax": [rows, by_loops], ...}
        nearly = {...}  # right on most inputs
"""

import ast
import copy
import re
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import nbformat
import numpy as np
import pytest
import sympy as sp

from backpass import notebooks
from backpass.checks import KINDS

ROOT = Path(__file__).parents[1]


# ----------------------------------------------------------------------------- odd answers


def mutates(*args):
    args[0][:] = 0
    return args[0]


class Liar(float):
    """Equal to everything."""

    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class EqualObject:
    def __eq__(self, other):
        return True

    __hash__ = None


class EqualArray(np.ndarray):
    def __eq__(self, other):
        return np.ones(self.shape, dtype=bool)

    __hash__ = None


def endless(*args):
    return endless(*args)


def leaves(*args):
    raise SystemExit


def prints(*args):
    import sys

    print("noise")
    print("noise", file=sys.stderr)
    return np.zeros(3)


def gives(value):
    return lambda *args: value


def like_first(f):
    return lambda *args: f(np.asarray(args[0], dtype=float))


ODD = [
    None, ..., "", "hello", "e", 3.0, 0, True, [], {}, (), float("nan"), object(), Liar(1), np,
    float, Liar, Exception("no"), np.zeros((3, 3)), np.full((3, 3), np.nan), sp.Symbol("q"),
    sp.zeros(3, 3), sp.eye(3), [sp.Symbol("x")] * 3, sp.Matrix([[1, 2], [3, 4]]), ["a", "b", "c"],
    {"a": "c"}, [EqualObject()] * 4, [{}] * 4,
    gives(None), gives(...), gives("text"), gives(0.0), gives(np.nan), gives({}), gives([]),
    gives((1, 2)), gives((1, 2, 3)), gives((None, None)), gives(np.zeros((4, 3))), gives(Liar(1)),
    gives(np.zeros((4, 3)).view(EqualArray)), gives(sp.Symbol("x")), gives(object),
    gives([[1], [2, 3]]), gives([EqualObject()] * 2), gives([EqualObject()] * 3),
    gives([EqualObject()] * 4),
    like_first(lambda x: x), like_first(np.zeros_like), like_first(np.ones_like),
    like_first(lambda x: x * np.nan), like_first(lambda x: x.T), like_first(lambda x: x.tolist()),
    like_first(lambda x: (x, x)), like_first(lambda x: (x, x, x)), like_first(lambda x: iter(x)),
    lambda: 1, lambda a: a.nothing, lambda *args: 1 / 0, lambda *, key: key, mutates, endless,
    leaves, prints, lambda *args: (yield args),
]  # fmt: skip


# ------------------------------------------------------------------------- mutated answers

SWAPS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
CALLS = {"max": "min", "sum": "mean", "mean": "sum", "exp": "log", "log": "exp", "diag": "ones"}
CALLS |= {"zeros_like": "ones_like", "tanh": "sin"}


def changed(node):
    """The ways in which one node of an answer may be wrong."""
    match node:
        case ast.BinOp(left, op, right) if type(op) in SWAPS:
            yield ast.BinOp(left, SWAPS[type(op)](), right)
            yield left
            yield right
        case ast.BinOp(left, ast.MatMult(), right):
            yield ast.BinOp(right, ast.MatMult(), left)
        case ast.BinOp(left, ast.Pow(), right):
            yield left
        case ast.UnaryOp(ast.USub(), operand):
            yield operand
        case ast.AugAssign(target, op, value):
            yield ast.Assign([target], value)
        case ast.Attribute(value, "T") | ast.Subscript(value, _, ast.Load()):
            yield value
        case ast.Attribute(value, name) if name in CALLS:
            yield ast.Attribute(value, CALLS[name], node.ctx)
        case ast.keyword("axis", ast.Constant(axis)):
            yield ast.keyword("axis", ast.Constant(1 - axis))
        case ast.keyword("keepdims", _):
            yield ast.keyword("keepdims", ast.Constant(False))
        case ast.Constant(str(letter)) if len(letter) == 1:
            yield from (ast.Constant(other) for other in "abcde" if other != letter)
        case ast.Return(ast.Tuple(elements)):
            yield ast.Return(ast.Tuple([*elements[1:], elements[0]], ast.Load()))
            for i, element in enumerate(elements):
                more = ast.BinOp(element, ast.Add(), ast.Constant(1))
                yield ast.Return(ast.Tuple([*elements[:i], more, *elements[i + 1 :]], ast.Load()))
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(test, orelse, body)
            yield body
            yield orelse


class Replace(ast.NodeTransformer):
    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


def mutants(source):
    """Every source with one change in the solution's lines, docstrings left alone."""
    first = source.split("### BEGIN SOLUTION")[0].count("\n") + 1
    tree = ast.parse(source)
    for node in ast.walk(tree):
        within = [n.lineno for n in ast.walk(node) if hasattr(n, "lineno")]
        if within and min(within) > first:
            for new in changed(node):
                fresh = Replace(node, new).visit(copy.deepcopy(tree, {id(node): node}))
                fresh = ast.unparse(ast.fix_missing_locations(fresh))
                if fresh != ast.unparse(tree):
                    yield fresh


def where_it_fits(wrong, right):
    """The wrong product if its shape is the right one's; elsewhere NumPy would raise."""

    def product(*args):
        good = right(*args)
        try:
            bad = wrong(*args)
        except ValueError:
            return good
        return bad if bad.shape == good.shape else good

    return product


# --------------------------------------------------------------------------------- the tests


def of(table):
    """(exercise, name, answer) for a dict or a list of answers to each exercise."""
    return [
        pytest.param(exercise, name, answer, id=f"{exercise}-{name}")
        for exercise, answers in table.items()
        for name, answer in (answers.items() if isinstance(answers, dict) else enumerate(answers))
    ]


def scores(notebook):
    """Exercise to points; and nothing in the notebook went to stderr."""
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", output.text
            assert output.output_type != "error"
        if cell.id.endswith("-check"):
            (output,) = cell.outputs
            found[cell.id.removesuffix("-check").replace("-", "_")] = float(
                output.data["text/plain"]
            )
    return found


class Chapter:
    """A chapter's checks and its solution notebook."""

    def __init__(self, check):
        self.check, self.exercises = check, check.EXERCISES
        self.name = check.__name__.rpartition(".")[2]

    @cached_property
    def notebook(self):
        return nbformat.read(ROOT / "solutions" / self.name / f"{self.name}.ipynb", 4)

    @cached_property
    def cells(self):
        return {cell.id: cell for cell in self.notebook.cells}

    def graded(self):
        """(exercise, id of the answer's cell, id of the check's cell) for each automatic check."""
        for cell in self.notebook.cells:
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade"):
                name = cell.id.removesuffix("-check")
                yield name.replace("-", "_"), name, cell.id

    def names(self, **instead):
        """What the cells define, tries and checks left out; ``instead`` has other sources."""
        names = {}
        for cell in self.notebook.cells:
            if cell.cell_type == "code" and not cell.id.endswith(("-try", "-check")):
                source = instead.get(cell.id.replace("-", "_"), cell.source)
                exec(compile(source, cell.id, "exec"), names)
        return names


class Checks:
    """The tests; a chapter's class adds ``check``, ``wrong``, ``right`` and ``nearly``."""

    nearly = MappingProxyType({})

    @pytest.fixture
    def chapter(self):
        return Chapter(self.check)

    def pytest_generate_tests(self, metafunc):
        cases = {
            "test_names_the_mistake": self.wrong,
            "test_gives_a_right_answer_full_points": self.right,
            "test_gives_no_full_points_for_what_is_right_now_and_then": self.nearly,
        }
        if metafunc.function.__name__ in cases:
            found = of(cases[metafunc.function.__name__])
            metafunc.parametrize(("exercise", "name", "answer"), found)
        elif "graded" in metafunc.fixturenames:
            found = list(Chapter(self.check).graded())
            metafunc.parametrize("graded", found, ids=[exercise for exercise, *_ in found])
        elif "exercise" in metafunc.fixturenames:
            metafunc.parametrize("exercise", self.check.EXERCISES)

    def test_names_the_mistake(self, exercise, name, answer):
        score = getattr(self.check, exercise)(answer)
        assert name in score.mistakes, score.feedback
        assert score < score.maximum
        assert "The check" not in " ".join(score.feedback), "the check stumbled over the answer"
        told = self.check.EXERCISES[exercise].mistakes[name]
        assert any(told in paragraph for paragraph in score.feedback), score.feedback

    def test_every_named_mistake_is_tested(self, chapter):
        assert {e: set(m) for e, m in self.wrong.items()} == {
            slug: set(exercise.mistakes) for slug, exercise in chapter.exercises.items()
        }
        assert all(len(exercise.mistakes) >= 3 for exercise in chapter.exercises.values())
        assert set(KINDS) == {exercise.kind for exercise in chapter.exercises.values()}

    def test_sends_the_learner_to_sections_that_the_chapter_has(self, chapter):
        text = nbformat.read(ROOT / "chapters" / f"{chapter.name}.ipynb", 4)
        headings = {
            line.removeprefix("## ").strip()
            for cell in text.cells
            for line in cell.source.splitlines()
            if line.startswith("## ")
        }
        told = [t for exercise in chapter.exercises.values() for t in exercise.mistakes.values()]
        read = [cell.source for cell in chapter.notebook.cells if cell.cell_type == "markdown"]
        sections = re.findall("(?:Section: |In the chapter: )“([^”]+)”", " ".join(told + read))
        assert len(sections) > 50
        assert set(sections) <= headings

    def test_gives_a_right_answer_full_points(self, exercise, name, answer):
        score = getattr(self.check, exercise)(answer)
        assert score == score.maximum == self.check.EXERCISES[exercise].points, score.feedback
        assert score.mistakes == ()

    def test_every_exercise_has_a_right_answer(self, chapter):
        assert set(self.right) == set(chapter.exercises)

    def test_tells_low_precision_from_a_wrong_formula(self, chapter):
        for slug, exercise in chapter.exercises.items():

            def single(*args, slug=slug):
                result = self.right[slug][0](*args)
                many = isinstance(result, tuple)
                return tuple(map(np.float32, result)) if many else np.float32(result)

            if exercise.kind == "implement":
                score = getattr(self.check, slug)(single)
                assert score < score.maximum
                assert set(score.mistakes) == {"precision"}, slug

    def test_gives_no_full_points_for_what_is_right_now_and_then(self, exercise, name, answer):
        score = getattr(self.check, exercise)(answer)
        assert score < score.maximum

    def test_survives_odd_answers_and_gives_none_of_them_full_points(self, exercise, capfd):
        for answer in ODD:
            score = getattr(self.check, exercise)(answer)
            assert 0 <= score < score.maximum, answer
            assert score.feedback
            assert all(isinstance(paragraph, str) and paragraph for paragraph in score.feedback)
        assert capfd.readouterr().err == ""

    def test_says_when_nothing_was_attempted(self, exercise):
        for answer in (..., gives(...)):
            score = getattr(self.check, exercise)(answer)
            assert score == 0
            assert "Not attempted" in score.feedback[0]

    def test_the_notebook_and_the_checks_agree_on_points_and_names(self, chapter):
        cells = chapter.cells
        assert [exercise for exercise, *_ in chapter.graded()] == list(chapter.exercises)
        for slug, name, checked in chapter.graded():
            exercise = chapter.exercises[slug]
            assert cells[checked].metadata.nbgrader.points == exercise.points
            assert cells[checked].source.startswith(f"check.{slug}(")
            assert cells[checked].metadata.nbgrader.grade_id == checked
            assert cells[name].metadata.nbgrader.solution
            heading = f"## {exercise.title} ({exercise.points} point"
            assert cells[f"{name}-text"].source.startswith(heading)
        total = sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in cells.values())
        first = chapter.notebook.cells[0].source
        assert f"**{total} points**: {len(chapter.exercises)} parts" in first

    def test_solutions_score_full(self, chapter, tmp_path):
        notebook = copy.deepcopy(chapter.notebook)
        notebooks.execute(notebook, tmp_path)
        assert scores(notebook) == {slug: e.points for slug, e in chapter.exercises.items()}

    def test_an_untouched_exercise_runs_and_scores_nothing(self, chapter, tmp_path):
        untouched = notebooks.release(chapter.notebook, notebooks.configuration(ROOT))
        assert "SOLUTION" not in nbformat.writes(untouched)
        notebooks.execute(untouched, tmp_path)
        assert scores(untouched) == dict.fromkeys(chapter.exercises, 0)
        for cell in untouched.cells:
            if cell.id.endswith("-check"):
                assert "Not attempted" in cell.outputs[0].data["text/html"]

    def test_no_mutation_of_the_solution_gets_full_points(self, chapter, graded):
        _, name, checked = graded
        passed, count = [], 0
        for source in dict.fromkeys(mutants(chapter.cells[name].source)):
            try:
                scope = chapter.names(**{name.replace("-", "_"): source})
            except Exception:
                continue  # a learner sees this one in the answer's own cell
            count += 1
            score = eval(chapter.cells[checked].source, scope)
            if score == score.maximum:
                passed.append(source)
        assert not passed, "\n\n".join(passed)
        assert count >= 3
