"""What is let through leads to nothing that looks on, and what sheets need is let through."""

import collections
import types
from importlib import import_module

import numpy as np
import pytest
from course import made_up, tricks
from places import ROOT

from backpass.checks.watched import Watched
from backpass.course.handed_in import lenient, listed
from backpass.course.handed_in.answers import match
from backpass.course.handed_in.listed import beyond
from backpass.course.handed_in.order import Run
from backpass.course.handed_in.sight import in_sight
from backpass.course.sandbox import inside
from backpass.tape import Value

CHAPTERS = sorted(path.stem for path in (ROOT / "exercises").glob("*/*.ipynb"))


def looked_at(chapter, raw):
    assignment = made_up.assignment(chapter)
    notebook, _ = lenient.read(made_up.saved(raw), "x.ipynb")
    found = in_sight(assignment, match(assignment, notebook).cells)
    slugs = {cell.id: cell.slug for cell in assignment.checks}
    return found, {slugs[name]: why for name, why in found.hidden.items()}


#: Answers that use SymPy, which evaluates text, or views that look into memory.
OUT_OF_SIGHT = {
    "backpropagation": {"hidden_delta"},
    "bptt": {"unrolled"},
    "minibatches": {"two_parts", "sum_rates"},
    "relu_cnn_rnn": {"he_scaling", "patches", "conv_gradients"},
    "residual_networks": {"side_by_side"},
    "sigmoid_and_tanh": {"price_of_a_mean"},
    "softmax_cross_entropy": {"jacobian", "label_gradient"},
    "why_gradients": {"census", "decayed_line", "hessian", "signs"},
}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_solutions_are_in_plain_sight_but_for_those_that_need_more(chapter):
    _, hidden = looked_at(chapter, made_up.raw(chapter))
    assert hidden.keys() == OUT_OF_SIGHT[chapter]


@pytest.mark.parametrize("trick", sorted(tricks.TRICKS.keys() - {"nothing", "tracing that fails"}))
def test_a_trick_is_left_out(trick):
    beside, lines = tricks.TRICKS[trick]
    answer = tricks.ANSWERS["a loop over the layer"]
    raw = made_up.raw(answer.chapter)
    made_up.changed(raw, answer.cell, answer.tricked(lines))
    place = next(i for i, cell in enumerate(raw["cells"]) if cell["id"] == answer.cell)
    raw["cells"].insert(place, made_up.distortions.code(beside))
    found, hidden = looked_at(answer.chapter, raw)
    ran = [run.source for run in found.cells if run.kind in ("answer", "free")]
    last = beside.rpartition("\n")[2].strip()  # what such a cell comes to stands in its last line
    assert "weight_gradient" in hidden or (last and not any(last in source for source in ran))


def roots():
    def generator():
        yield 1

    kind = collections.namedtuple("kind", "a b")
    try:
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        caught = error
    modules = listed.MODULES.keys() - listed.IN_PARTS
    yield from ((name, import_module(name)) for name in modules if not name.startswith("scipy"))
    for module in listed.IN_PARTS - {"scipy"}:
        found = import_module(module)
        yield from ((name, getattr(found, name)) for name in listed.offered(module))
    things = Watched().counting(np.ones((2, 2))), Value(np.ones(2)), generator(), generator
    things += caught, kind, kind(1, 2), np.random.default_rng(), np.float64(1), np.dtype("f8")
    things += "text", b"bytes", 1, 1.0, [], (), {}, set(), np.ones(2).flat, memoryview(b"a")
    yield from ((type(one).__name__, one) for one in things)


@pytest.mark.slow
def test_what_may_be_read_leads_to_no_module_and_no_frame():
    """And whatever is met there has no attribute that could be taken for a student's own."""
    np.linalg.linalg = types.ModuleType("linalg")  # as it is before NumPy 2.4
    inside.close_numpy()
    allowed, known = listed.attributes()
    seen, left = {}, [(name, one, 0) for name, one in roots()]
    while left:
        path, one, depth = left.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one  # kept, so that no other thing gets its address
        assert not isinstance(one, types.FrameType | types.CodeType | Watched), path
        assert not isinstance(one, types.ModuleType) or one.__name__ in listed.MODULES, path
        own = set(dir(one)) - known - {"a", "b"}
        assert all(name.startswith("__") for name in own), (path, own)
        if depth == 3:
            continue
        for name in allowed.intersection(dir(one)):
            try:
                left.append((f"{path}.{name}", getattr(one, name), depth + 1))
            except Exception:  # a thing may not want to be asked
                continue
    assert len(seen) > 5000


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import sys", "`import sys`"),
        ("import numpy as np, os", "`import os`"),
        ("import backpass.checks.watched as w", "`import backpass.checks.watched`"),
        ("import backpass.tape", "`import backpass.tape`"),
        ("from backpass.gradcheck import measure", "`backpass.gradcheck.measure`"),
        ("from . import x", "`from . import`"),
        ("from numpy import load", "`numpy.load`"),
        ("eval('1')", "`eval`"),
        ("def f():\n    e = exec", "`exec`"),
        ("class A:\n    if 0: exec = 1\n    e = exec", "`exec`"),
        ("__builtins__", "`__builtins__`"),
        ("X.ctypes", "`.ctypes`"),
        ("np.random.seed.func_globals", "`.func_globals`"),
        ("f.__globals__", "`.__globals__`"),
        ("np.dot = mine", "`.dot`"),
        ("Value.backward = mine", "`.backward`"),
        ("del np.dot", "`.dot`"),
        ("for np.dot in [1]: pass", "`.dot`"),
        ("class A:\n    __array_interface__ = {}", "`__array_interface__`"),
        ("class A:\n    def __array_interface__(self): pass", "`__array_interface__`"),
        ("class A(metaclass=M): pass", "`metaclass=`"),
        ("match f:\n    case A(__globals__=g): pass", "`matchclass`"),
        ("async def f(): pass", "`asyncfunctiondef`"),
        ("np.ndarray((1,), object, b)", "`.ndarray`"),
        ("isinstance = f", "another `isinstance`"),
        ("def f(isinstance): pass", "another `isinstance`"),
        ("tuple = mine", "another `tuple`"),
        ("def f(x: (N := np.ndarray)): pass", "`.ndarray`"),
        ("def f(x: mine[np.ndarray]): pass", "`.ndarray`"),
        ("x: mine(np.ndarray)", "`.ndarray`"),
        ("kind.type(1)", "`.type`"),
        ("getattr(f, 'a')", "`getattr`"),
        ("type(f)", "`type`"),
        ("Out[3]", "`Out`"),
        ("_i3", "`_i3`"),
        ("if 1:\n    from numpy import *", "an import of all among other things"),
        ("a = 1; from numpy import *", "an import of all among other things"),
        ("def broken(:", "what is no Python"),
    ],
)
def test_what_is_not_let_through_is_named(text, why):
    assert why in beyond(text)


@pytest.mark.parametrize(
    "text",
    [
        "import numpy as np\nfrom numpy.linalg import norm",
        "from backpass.tape import Value, operation",
        "from scipy.special import softmax\nfrom scipy import special",
        "def f(x: np.ndarray, *, k=2) -> tuple[np.ndarray, float]:\n    return x.T @ x, x.sum()",
        "assert isinstance(x, np.ndarray), f'{x!r} is {x.shape}'",
        "isinstance(x, (np.ndarray, list))",
        "def f(x: np.ndarray | None) -> dict[str, list[np.ndarray]]:\n    y: np.ndarray = x",
        "with np.errstate(all='ignore'):\n    y = np.where(x > 0, x, 0)",
        "try:\n    f(1)\nexcept ValueError as error:\n    print(error.args)",
        "A.grad += g\nA.data[index] = 0",
        "f = lambda x, *a, **k: [y for y in x if y]",
        "global rate\nrate = 3",
        "match n:\n    case 1 | 2: a = 1\n    case [x, *rest]: a = 2\n    case _: a = 3",
        "if __name__ == '__main__': f()",
        "warnings.simplefilter('ignore')",
        "raise NotImplementedError('not yet')",
    ],
)
def test_what_answers_need_is_let_through(text):
    assert list(beyond(text)) == []


def kept(*sources, given=""):
    cells = [Run("given", "first", given)] if given else []
    cells += [Run("free", str(i), source) for i, source in enumerate(sources)]
    found = in_sight(made_up.assignment("bptt"), cells)
    return [run.source for run in found.cells[len(cells) - len(sources) :]]


def test_of_a_cell_only_what_is_out_of_sight_is_left_out():
    assert kept("import sys\na = 1\nsys.settrace(None)\nb = a") == ["a = 1\nb = a"]


def test_what_needs_what_is_left_out_is_left_out_too():
    assert kept("a = eval('1')", "b = a + 1\nc = b", "a = 2", "d = a") == ["", "", "a = 2", "d = a"]


def test_a_name_that_is_given_and_leads_further_is_left_alone():
    given = "import sympy as sp\nimport numpy as np\ndef put_in(e): return sp.Matrix(e)"
    assert kept("sp.exp('x')", "put_in('x')", "np.exp(1)", given=given) == ["", "", "np.exp(1)"]


def test_nothing_of_a_students_comes_to_what_is_given_and_leads_further():
    given = "import sympy as sp\ndef value(e): return float(sp.sympify(e))"
    cells = [
        Run("given", "first", given), Run("answer", "mine", "e = '__import__(\"os\")'"),
        Run("given", "second", "a = value(e)\nb = 1"), Run("free", "later", "c = a"),
    ]  # fmt: skip
    found = in_sight(made_up.assignment("bptt"), cells)
    assert [run.source for run in found.cells] == [given, cells[1].source, "b = 1", ""]


def test_an_import_of_all_brings_what_may_be_taken():
    assert kept("from numpy import *\na = exp(1)", "lib.npyio") == [
        "from numpy import *\na = exp(1)", "",
    ]  # fmt: skip


def test_a_students_own_things_have_names_of_their_own():
    source = (
        "class Net:\n    def __init__(self):\n        self.rate_ = 1\n    def go(self): return 2"
    )
    assert kept(f"{source}\nn = Net()\nn.rate_ + n.go()")[0].endswith("n.go()")
    own = "class Net:\n    func_globals = seen = operations = 1"
    assert kept(own, "np.random.seed.func_globals", "X.seen", given="import numpy as np")[1:] == [
        "", "",
    ]  # fmt: skip
