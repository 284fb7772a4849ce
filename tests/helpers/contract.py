"""What is asked of every exercise's check.

Every mistake in, its name out; every right answer full points; nothing else ever full points. An
exercise's test module says which answers are wrong and right::

    class TestStableSoftmax(contract.Exercise):
        check = stable_softmax
        wrong = {"no-max-shift": naive, ...}  # for each mistake that the check names, an answer
        right = [rows, by_loops]
        nearly = [...]  # right on most inputs
"""

import ast
from contextlib import contextmanager
from functools import cache, cached_property
from types import MappingProxyType
from unittest import mock

import numpy as np
import pytest
import sympy as sp
from places import ROOT

from backpass import checks, notebooks

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
        case ast.Dict(keys, [ast.Constant(bool()), *_] as judged):
            for i, one in enumerate(judged):
                flipped = ast.Constant(not one.value)
                yield ast.Dict(keys, [*judged[:i], flipped, *judged[i + 1 :]])
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


def replaced(tree, old, new):
    """A tree like this one, but with another node in the place of ``old``."""
    if tree is old:
        return new
    if isinstance(tree, list):
        return [replaced(one, old, new) for one in tree]
    if not isinstance(tree, ast.AST):
        return tree
    fields = ast.iter_fields(tree)
    return type(tree)(**{name: replaced(value, old, new) for name, value in fields})


def mutants(source):
    """Every source with one change in the solution's lines, docstrings left alone."""
    first = source.split("### BEGIN SOLUTION")[0].count("\n") + 1
    tree = ast.parse(source)
    right = ast.unparse(tree)
    for node in ast.walk(tree):
        within = [n.lineno for n in ast.walk(node) if hasattr(n, "lineno")]
        if within and min(within) > first:
            for new in changed(node):
                fresh = ast.unparse(ast.fix_missing_locations(replaced(tree, node, new)))
                if fresh != right:
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


def roughly(right, digits):
    """The right answer to so many digits, off in each entry by another part of them."""

    def off(value):
        if isinstance(value, dict):
            return {name: off(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [off(one) for one in value]
        value = np.asarray(value, float)
        parts = np.random.default_rng(0).uniform(0.2, 1, value.shape) * (value != 0)
        return value + 10.0**-digits * np.max(np.abs(value), initial=0) * parts

    return lambda *args: off(right(*args))


# --------------------------------------------------------------------------------- the tests


def named(answers):
    """(name, answer) for a dict or a list of answers."""
    return answers.items() if isinstance(answers, dict) else enumerate(answers)


class Sheet:
    """A chapter's solution notebook: its cells, and what they define."""

    def __init__(self, chapter, folder="solutions"):
        self.path = ROOT / folder / chapter / f"{chapter}.ipynb"

    @cached_property
    def notebook(self):
        return notebooks.read(self.path)

    @cached_property
    def cells(self):
        return {cell.id: cell for cell in self.notebook.cells}

    def names(self, **instead):
        """What the cells define; ``instead`` has other sources, by slug, and then what is given to
        other exercises is left out, which may take long, and what stands below the last of their
        checks. Nothing is tried or drawn.
        """
        names, left = {}, set(instead)
        for cell in self.notebook.cells:
            slug = cell.id.replace("-", "_")
            if slug.endswith("_check"):
                left.discard(slug.removesuffix("_check"))
            if instead and not left:
                break
            shows = cell.id.endswith(("-try", "-check")) or "@picture(" in cell.source
            other = (
                instead and slug.endswith("_given") and slug.removesuffix("_given") not in instead
            )
            if cell.cell_type == "code" and not shows and not other:
                source = instead.get(slug, cell.source)
                exec(compiled(source, cell.id), names)
        return names


@cache
def compiled(source, name):
    """All cells but one are what they were for the mutant before.

    What is given with an exercise ends with what comes of it, which defines nothing.
    """
    tree = ast.parse(source, name)
    if name.endswith("-given"):
        tree.body = [one for one in tree.body if not isinstance(one, ast.Expr)]
    return compile(tree, name, "exec")


@contextmanager
def points_alone():
    """As long as this is open nothing is foreseen, and a check ends with the first part that costs
    points: whether all of them are given does not hang on the rest, which takes time.
    """
    leave = checks.Part.__exit__

    def end(part, kind, error, traceback):
        handled = leave(part, kind, error, traceback)
        return handled and not (error and part.weight)

    foreseen = mock.patch.object(checks.Exercise, "foreseen", return_value={})
    with foreseen, mock.patch.object(checks.Part, "__exit__", end):
        yield


@cache
def sheet(chapter):
    return Sheet(chapter)


class Exercise:
    """The tests; an exercise's class adds ``check``, ``wrong``, ``right`` and ``nearly``."""

    nearly = MappingProxyType({})

    def __init_subclass__(cls):
        """What is asked of some exercises alone is no test of the others."""
        asked = {
            "test_tells_low_precision_from_a_wrong_formula": cls.check.kind == "implement",
            "test_tells_differences_from_a_derivative": cls.check.exact,
            "test_gives_no_full_points_for_what_is_right_now_and_then": cls.nearly,
        }
        for name, applies in asked.items():
            if not applies:
                setattr(cls, name, None)

    def pytest_generate_tests(self, metafunc):
        cases = {
            "test_names_the_mistake": self.wrong,
            "test_gives_a_right_answer_full_points": self.right,
        }
        if metafunc.function.__name__ in cases:
            # With every mistake of every exercise it takes as long as all else: one is quick.
            first, *others = (
                pytest.param(name, answer, id=str(name))
                for name, answer in named(cases[metafunc.function.__name__])
            )
            slow = [pytest.param(*one.values, id=one.id, marks=pytest.mark.slow) for one in others]
            metafunc.parametrize(("name", "answer"), [first, *slow])

    @property
    def chapter(self):
        """The name of the chapter's folder, in which the exercise's module stands."""
        return self.check.__module__.split(".")[-2]

    @property
    def first_right(self):
        right = self.right
        return next(iter(right.values())) if isinstance(right, dict) else right[0]

    def test_names_the_mistake(self, name, answer):
        score = self.check(answer)
        assert name in score.mistakes, score.feedback
        assert score < score.maximum
        assert "The check" not in " ".join(score.feedback), "the check stumbled over the answer"
        told = self.check.mistakes[name]
        assert any(told in paragraph for paragraph in score.feedback), score.feedback

    def test_every_named_mistake_is_tested(self):
        assert set(self.wrong) == set(self.check.mistakes)

    def test_gives_a_right_answer_full_points(self, name, answer):
        score = self.check(answer)
        assert score == score.maximum == self.check.points, score.feedback
        assert score.mistakes == ()

    def test_has_a_right_answer(self):
        assert self.right

    def test_tells_low_precision_from_a_wrong_formula(self):
        def single(*args):
            result = self.first_right(*args)
            many = isinstance(result, tuple)
            return tuple(map(np.float32, result)) if many else np.float32(result)

        score = self.check(single)
        assert score < score.maximum
        assert set(score.mistakes) == {"precision"}

    @pytest.mark.parametrize(
        "digits",
        [9, pytest.param(6, marks=pytest.mark.slow), pytest.param(11, marks=pytest.mark.slow)],
    )
    def test_tells_differences_from_a_derivative(self, digits):
        score = self.check(roughly(self.first_right, digits))
        assert (score, score.mistakes) == (0, ("finite-differences",)), score.feedback

    @pytest.mark.slow
    def test_gives_no_full_points_for_what_is_right_now_and_then(self):
        for name, answer in named(self.nearly):
            assert self.check(answer) < self.check.points, name

    @pytest.mark.slow
    def test_survives_odd_answers_and_gives_none_of_them_full_points(self, capfd):
        for answer in ODD:
            score = self.check(answer)
            assert 0 <= score < score.maximum, answer
            assert score.feedback
            assert all(isinstance(paragraph, str) and paragraph for paragraph in score.feedback)
        assert capfd.readouterr().err == ""

    def test_says_when_nothing_was_attempted(self):
        for answer in (..., gives(...)):
            score = self.check(answer)
            assert score == 0
            assert "Not attempted" in score.feedback[0]

    @pytest.mark.slow
    def test_no_mutation_of_the_solution_gets_full_points(self):
        solutions, slug = sheet(self.chapter), self.check.slug
        name = slug.replace("_", "-")
        call, passed, count = solutions.cells[f"{name}-check"].source, [], 0
        right = solutions.cells[name].source
        score = eval(call, solutions.names(**{slug: right}))
        assert score == score.maximum, score.feedback  # it lacks nothing here, nor do the mutants
        for source in dict.fromkeys(mutants(right)):
            try:
                scope = solutions.names(**{slug: source})
            except Exception:
                continue  # a learner sees this one in the answer's own cell
            count += 1
            with points_alone():
                score = eval(call, scope)
            if score == score.maximum:
                passed.append(source)
        assert not passed, "\n\n".join(passed)
        assert count >= 3
