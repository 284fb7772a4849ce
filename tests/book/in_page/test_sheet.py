"""A sheet is worked in its page as it is in Jupyter; here by this Python, without a page."""

import ast
import json

import pytest
from places import ROOT
from pressed import cells, is_answer, solved

from backpass.book.cells import kinds
from backpass.book.in_page import sheet as sheet_module
from backpass.book.in_page.marks import runnable
from backpass.book.in_page.sheet import Chapter, Sheet
from backpass.checks import deadline

CHAPTERS = sorted(path.stem for path in ROOT.glob("exercises/*/*.ipynb"))

#: The exercises whose answers need SymPy, which is 4.6 MB more to load.
SYMBOLIC = {"hidden-delta", "unrolled", "jacobian", "label-gradient", "price-of-a-mean"}
SYMBOLIC |= {"he-scaling", "side-by-side", "two-parts", "sum-rates", "decayed-line"}
SYMBOLIC |= {"hessian", "signs", "census"}


def source(cell):
    return "".join(cell["source"])


def names(chapter):
    return [cell["id"] for cell in cells("exercises", chapter) if is_answer(cell)]


def said(chapter, name):
    """What the solution's own notebook shows below the cell that tries the answer."""
    (tries,) = (cell for cell in cells("solutions", chapter) if cell["id"] == f"{name}-try")
    *_, last = tries["outputs"]
    return "".join(last.get("data", {}).get("text/plain", last.get("text", ""))).strip()


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_solution_has_all_points_and_is_shown_as_in_jupyter(chapter, told):
    sheet, answers = Sheet(cells("exercises", chapter)), solved(chapter)
    right, _ = told(chapter)
    assert [*right] == names(chapter)
    for name, checked in right.items():
        assert checked["points"] == checked["maximum"], (name, checked)
        assert checked["outputs"] == []
        assert "✓" in checked["html"]
        *_, last = sheet.press(name, "run", answers)["outputs"]
        assert last["text"].strip() == said(chapter, name)


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_nobody_has_answered_runs_and_has_no_points(chapter):
    sheet = Sheet(cells("exercises", chapter))
    for name in names(chapter):
        assert "Not attempted" in sheet.press(name, "check", {})["html"]
        kinds = {one["kind"] for one in sheet.press(name, "run", {})["outputs"]}
        assert kinds <= {"stream", "result"}, name


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_only_what_is_used_is_imported(chapter):
    sheet, answers = Sheet(cells("exercises", chapter)), solved(chapter)
    for name in names(chapter):
        needed = sheet.needed(name, "check", answers)
        assert ("import sympy" in needed) == (name in SYMBOLIC), name
        assert "picture" not in needed
        assert "-try" not in needed


def cell(name, text, **nbgrader):
    metadata = {"nbgrader": nbgrader} if nbgrader else {}
    return {"id": name, "cell_type": "code", "source": [text], "metadata": metadata}


def text(words):
    return {
        "id": words,
        "cell_type": "markdown",
        "source": [f"## {words} (2 points)"],
        "metadata": {},
    }


GIVEN = {"solution": False, "grade": False}
ANSWER = {"solution": True, "grade": False}
CHECK = {"solution": False, "grade": True, "points": 2}

#: The check gives a point for each unit of the answer.
CELLS = [
    cell("imports", "import math, json\nfrom backpass.checks import Score\n", **GIVEN),
    text("Three"),
    cell("three", "def three():\n    return ...", **ANSWER),
    cell("three-try", "x = three()\nprint('tried')\nx"),
    cell("three-check", "Score(three(), 3, 'said')", **CHECK),
    text("Twice"),
    cell("factor", "factor = 2", **GIVEN),
    cell("twice", "def twice(x):\n    return ...", **ANSWER),
    cell("twice-try", "twice(three())"),
    cell("twice-check", "Score(twice(three()), 6, 'said', [f'{factor}'])", **CHECK),
]
THREE, TWICE = "def three():\n    return 3", "def twice(x):\n    return factor * x"


@pytest.fixture
def sheet():
    return Sheet(CELLS)


def test_what_is_used_from_above_is_run_before(sheet):
    told = sheet.press("twice", "check", {"three": THREE, "twice": TWICE})
    assert (told["points"], told["maximum"], told["outputs"]) == (6, 6, [])
    needed = sheet.needed("twice", "check", {"three": THREE, "twice": TWICE})
    assert "factor = 2" in needed
    assert "tried" not in needed
    assert "json" not in needed


def test_what_has_not_changed_is_read_once(sheet, monkeypatch):
    read = []
    names = sheet_module._names
    monkeypatch.setattr(sheet_module, "_names", lambda one: read.append(one) or names(one))
    sheet.press("twice", "check", {"three": THREE, "twice": TWICE})
    assert read
    read.clear()
    sheet.press("twice", "check", {"three": THREE, "twice": TWICE})
    assert read == []
    told = sheet.press("twice", "check", {"three": THREE, "twice": "def twice(x):\n    return 3"})
    assert read
    assert told["points"] == 3


def test_each_press_begins_anew(sheet):
    sheet.press("three", "check", {"three": THREE})
    told = sheet.press("three", "check", {"three": "def other():\n    return 3"})
    assert "points" not in told
    assert "NameError: name 'three' is not defined" in told["outputs"][-1]["text"]


def test_run_shows_what_is_printed_and_the_last_value(sheet):
    told = sheet.press("three", "run", {"three": "print('seen')\n" + THREE})
    assert told["outputs"] == [
        {"kind": "stream", "text": "seen\n"},
        {"kind": "stream", "text": "tried\n"},
        {"kind": "result", "text": "3"},
    ]


def test_an_answer_that_is_no_python_is_told_where(sheet):
    told = sheet.press("three", "check", {"three": "def three()\n    return 3"})
    assert "points" not in told
    (error,) = told["outputs"]
    assert error["kind"] == "error"
    assert "your answer to “Three”, line 1" in error["text"]
    assert "SyntaxError: expected ':'" in error["text"]


def test_an_error_is_told_with_the_learners_own_lines(sheet):
    wrong = "import json\n\n\ndef three():\n    return json.loads('{')"
    *_, error = sheet.press("three", "run", {"three": wrong})["outputs"]
    assert "line 5, in three\n    return json.loads('{')" in error["text"]
    assert "decoder.py" not in error["text"]
    assert "sheet.py" not in error["text"]


def test_an_earlier_answer_that_does_not_run_is_named_where_it_is_used(sheet):
    told = sheet.press("twice", "check", {"three": "def three(:", "twice": TWICE})
    assert "NameError" in told["outputs"][0]["text"]
    assert "Your answer to “Three”, which is used here, does not run" in told["outputs"][1]["text"]
    alone = sheet.press("twice", "check", {"twice": "def twice(x):\n    return 1\nthree = len"})
    assert "which is used here" not in str(alone)


def test_a_hint_is_a_check_that_is_asked_for_it(monkeypatch, sheet):
    asked = []
    monkeypatch.setattr("backpass.checks.score.Score.__new__", lambda cls, *_, **o: asked.append(o))
    sheet.press("three", "hint", {"three": THREE})
    assert asked == [{"hint": True}]


@pytest.mark.slow
def test_an_answer_that_does_not_end_is_stopped(monkeypatch, sheet):
    monkeypatch.setenv("BACKPASS_SECONDS", "0.3")
    assert deadline.allowed() == 0.3
    told = sheet.press("three", "run", {"three": "while True:\n    pass"})
    assert [one["text"] for one in told["outputs"]] == ["It ran for 10 s and was stopped."]


def test_what_is_under_way_is_told():
    running = []
    sheet = Sheet(CELLS, lambda *told: running.append(told))
    sheet.press("twice", "check", {"three": THREE, "twice": TWICE})
    others = ["three", "factor", "twice", "twice-check"]
    assert running == [("imports", False), *((name, True) for name in others)]


def test_a_value_that_cannot_be_shown_is_told(sheet):
    odd = "class Odd:\n    def __repr__(self):\n        return 1 / 0\n\n\n"
    wrong = f"{odd}def three():\n    return Odd()"
    *_, last = sheet.press("three", "run", {"three": wrong})["outputs"]
    assert "cannot be shown (ZeroDivisionError" in last["text"]


@pytest.mark.parametrize(
    ("text", "used", "bound"),
    [
        ("a = b + 1", "b", "a"),
        ("a += 1", "a", "a"),
        ("a[0] = b.c", "a b", ""),
        ("a, (b, *c) = d", "d", "a b c"),
        ("a = [x * y for x in z if x for y in x]", "z", "a"),
        ("a = {x: b for x in x}", "x b", "a"),
        ("print([w := x for x in z], w)", "print z w", "w"),
        ("def f(x):\n    y = x + g\n    return y", "g", "f"),
        ("f = lambda x: x + g", "g", "f"),
        ("class C(B):\n    a = b\n    def f(self): return c", "B b c", "C"),
        ("for i in r:\n    s = i", "r i", "i s"),
        ("with o() as p:\n    q = p", "o p", "p q"),
        ("import a.b, c as d\n", "", "a d"),
        ("from a import b as c", "", "c"),
        ("try:\n    a\nexcept E as e:\n    print(e)", "a E print e", "e"),
        ("match a:\n    case [b, *c]:\n        d = b", "a b", "b c d"),
        ("def f():\n    global g\n    g = 1", "", "f g"),
    ],
)
def test_what_a_statement_looks_up_and_what_it_binds(text, used, bound):
    """Whatever the version of Python tells of comprehensions."""
    (statement,) = ast.parse(text).body
    assert sheet_module._names(statement) == (set(used.split()), set(bound.split()))


# --- a chapter's cells ------------------------------------------------------------------------


def code(name, text, *shown):
    """A cell of a chapter, and what it showed when the chapter ran."""
    outputs = [{"output_type": "stream", "name": "stdout", "text": [one]} for one in shown]
    return {"id": name, "cell_type": "code", "source": [text], "metadata": {}, "outputs": outputs}


PAGE = [
    code("imports", "import math\nimport matplotlib.pyplot as plt\nplt.rc('x')\ncount = []"),
    code("base", "base = 2\ncount.append('base')"),
    code("square", "def square(x):\n    return x**2\n\ncount.append('square')"),
    code("early", "print(square(base), len(count))", "4 2\n"),
    code("other", "base = 10\nprint(base)", "10\n"),
    code("last", "print(square(base), len(count))", "100 2\n"),
]


@pytest.fixture
def page(monkeypatch):
    return Chapter(PAGE)


def printed(told):
    return "".join(one["text"] for one in told["outputs"]).strip()


def test_a_cell_runs_with_what_it_uses_and_nothing_else(page):
    told = page.press("other", "run", {})
    assert told == {"outputs": [{"kind": "stream", "text": "10\n"}], "same": True}
    assert "matplotlib" not in page.needed("last", "run", {})
    assert "base = 10" not in page.needed("early", "run", {})
    assert "base = 2" not in page.needed("last", "run", {})


def test_what_has_run_runs_again_only_if_it_is_other_than_it_was(page):
    assert page.press("early", "run", {})["same"]
    assert page.press("early", "run", {})["same"]  # nothing is counted twice
    changed = {"base": "base = 3\ncount.append('base')"}
    told = page.press("early", "run", changed)
    assert printed(told) == "9 3"
    assert not told["same"]
    assert printed(page.press("early", "run", {"square": "square = abs"} | changed)) == "3 3"


def test_a_name_that_a_later_cell_took_is_given_back(page):
    assert page.press("early", "run", {})["same"]
    assert page.press("last", "run", {})["same"]
    assert printed(page.press("early", "run", {})) == "4 3"
    assert printed(page.press("last", "run", {})) == "100 3"


def test_what_does_not_run_is_told_and_mended(page):
    for cell, text, said in [
        ("last", "print(nothing)", "the page (last), line 1\n    print(nothing)\nNameError: name"),
        ("other", "base = 1 / 0", "ZeroDivisionError"),
        ("square", "def square(x): return", "None "),
        ("other", "base = ", "SyntaxError"),
    ]:
        for _ in range(2):  # and again, as long as it is not mended
            told = page.press("last", "run", {cell: text})
            assert said in printed(told)
            assert not told["same"]
    assert printed(page.press("last", "run", {"base": "base = 1 / 0"})).startswith("100 ")


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_open_cell_gives_what_stands_in_the_chapter(chapter, monkeypatch):
    monkeypatch.chdir(ROOT / "chapters")
    text = (ROOT / "chapters" / f"{chapter}.ipynb").read_text(encoding="utf-8")
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    kept = [kinds.Cell(source(cell), tagged=False) for cell in cells]
    kinds.classify(kept)
    page, runs = Chapter(cells), 0
    for cell, kind in zip(cells, kept, strict=True):
        if kind.kind is None and runnable(page.needed(cell["id"], "run", {})):
            told = page.press(cell["id"], "run", {})
            assert told["same"], (cell["id"], told)
            runs += 1
    assert runs > 10
