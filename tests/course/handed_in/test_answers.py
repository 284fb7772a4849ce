"""A student's answers are found wherever they stand, and run in the assignment's order."""

import ast
from dataclasses import replace

import pytest
from course.small import SHEET, STUB, F, G, cell, notebook, of, prose

from backpass.course.errors import Ungradable
from backpass.course.handed_in.answers import match


def put(book, place, *cells):
    """A notebook with cells put after the one of this name (``""``: before all)."""
    names = [one.id for one in book.cells]
    at = names.index(place) + 1 if place else 0
    book.cells[at:at] = cells
    return book


def kinds(matched):
    return [f"{run.kind} {run.id}" for run in matched.cells]


def source(matched, name):
    return next(run.source for run in matched.cells if run.id == name)


def ran(matched):
    """What the checks are given, by slug, if all of it runs in order and errors stop a cell."""
    space, given = {}, {}
    for run in matched.cells:
        if run.kind == "check":
            one = next(c for c in SHEET.cells if c.id == run.id)
            given[one.slug] = tried(lambda one=one: eval(one.answer, space)(5))
            continue
        text = run.source.replace("from backpass.checks import sheet as check", "")
        nodes = tried(lambda text=text: ast.parse(text).body)
        for node in nodes if nodes is not ValueError else []:
            piece = compile(ast.Module([node], []), "cell", "exec")
            if tried(lambda piece=piece: exec(piece, space)) is ValueError:
                break
    return given


def tried(action):
    try:
        return action()
    except Exception:
        return ValueError


RIGHT = {"first": 5, "second": 10}


def test_the_cells_run_in_the_order_of_the_assignment():
    matched = match(SHEET, notebook())
    assert kinds(matched) == [
        "given imports", "answer f", "check f-check", "free g-guess", "answer g", "given g-given",
        "check g-check",
    ]  # fmt: skip
    assert source(matched, "f") == F
    assert source(matched, "g") == G
    assert ran(matched) == RIGHT
    assert matched.notes == ()


def test_what_is_given_and_what_checks_is_the_assignments():
    theirs = notebook(
        imports="math = 3", f_check="check.first(lambda x: 7)", g_given="def both(x):\n    return 1"
    )
    matched = match(SHEET, theirs)
    assert ran(matched) == RIGHT
    assert matched.notes == (
        "Cell 2 changes what is given (imports); the original ran.",
        "Cell 6 changes a check (f-check); the original ran.",
        "Cell 9 changes what is given (g-given); the original ran.",
    )


def test_a_check_asked_for_a_hint_is_not_changed():
    assert match(SHEET, notebook(f_check="check.first(f, hint=True)")).notes == ()


def test_what_is_given_and_was_deleted_is_there_all_the_same():
    matched = match(SHEET, notebook(imports=None, g_given=None, f_check=None, g_check=None))
    assert ran(matched) == RIGHT
    assert matched.notes == (
        "What is given was missing and ran all the same: imports and g-given.",
    )


def test_what_was_added_to_what_is_given_runs():
    added = "from backpass.checks import sheet as check\nimport math\nimport cmath"
    matched = match(
        SHEET, notebook(imports=added, f="def f(x):\n    return cmath.sqrt(x * x).real")
    )
    assert ran(matched)["first"] == 5
    assert matched.notes == ()


def helped(name):
    return f"def {name}(x):\n    return helper(x)"


HELPER = "def helper(x):\n    return x * one\n\n\none = 1"


@pytest.mark.parametrize("place", ["", "imports", "f", "f-check", "g-check", "total"])
def test_an_own_function_is_there_wherever_it_stands(place):
    theirs = put(notebook(f=helped("f")), place, cell(HELPER))
    assert ran(match(SHEET, theirs)) == RIGHT


def test_an_own_function_is_there_among_what_fails():
    theirs = put(notebook(f=helped("f")), "g-check", cell(f"1 / 0\n{HELPER}\nundefined"))
    assert ran(match(SHEET, theirs)) == RIGHT


def test_own_functions_that_need_each_other_below_come_in_order():
    theirs = put(notebook(f=helped("f")), "total", cell("helper = wrapped(int)"),
                 cell("def wrapped(x):\n    return scaled(x)"),
                 cell("import operator as o\ndef scaled(x):\n    return o.pos"))  # fmt: skip
    assert ran(match(SHEET, theirs)) == RIGHT


@pytest.mark.parametrize(
    ("answer", "below"),
    [
        ("return fabs(x)", ["from math import *"]),
        ("return x * table['a']", ["table = {}", "table['a'] = 1"]),
        ("return x * sum(ones)", ["ones = []\nones.append(1)"]),
        ("return A(x).v", ["class A:\n    def __init__(self, v):\n        self.v = v"]),
    ],
)
def test_what_is_made_in_other_ways_is_there_too(answer, below):
    theirs = put(notebook(f=f"def f(x):\n    {answer}"), "total", *map(cell, below))
    assert ran(match(SHEET, theirs)) == RIGHT


def test_an_own_function_within_a_later_answer_is_there_before():
    theirs = notebook(f=helped("f"), g=f"{HELPER}\n\n\n{G}")
    assert ran(match(SHEET, theirs)) == RIGHT


def test_an_answer_may_use_a_later_one():
    assert ran(match(SHEET, notebook(f="def f(x):\n    return g(x)"))) == RIGHT


def test_an_own_cell_runs_where_it_stood():
    theirs = put(notebook(), "f-check", cell("mine = 1", "mine"))
    found = kinds(match(SHEET, theirs))
    assert found.index("free mine") == found.index("check f-check") + 1


def test_what_follows_an_answer_in_a_cell_of_everything_runs_after_it():
    everything = "\n\n".join([F, "x = f(2)", G, "a = 3", "a = 1"])
    found = kinds(match(SHEET, of(cell(everything, "all"))))
    assert found.index("check f-check") < found.index("free all")


def test_a_name_that_is_used_again_later_in_the_cell_is_what_it_was():
    again = f"a = 1\n\n\ndef f(x):\n    return x * a\n\n\na = 3\n{G.replace('a = 1', 'b = 1')}"
    theirs = of(cell(again.replace("return a * x", "return b * x")))
    assert "a = 3" not in source(match(SHEET, theirs), "f")
    assert ran(match(SHEET, theirs))["first"] == 5


def test_an_own_cell_waits_for_what_comes_later():
    theirs = put(notebook(), "", cell("mine = math.pi + g(1)", "mine"))
    found = kinds(match(SHEET, theirs))
    assert found.index("free mine") == found.index("answer g") + 1


def test_cells_that_need_each_other_run_in_the_end():
    theirs = put(notebook(), "f", cell("u = v", "u"), cell("v = u", "v"))
    assert kinds(match(SHEET, theirs))[-2:] == ["free u", "free v"]


def test_a_cell_to_try_an_answer_runs_if_it_was_changed_or_is_needed():
    assert "free f-try" not in kinds(match(SHEET, notebook()))
    assert "free f-try" in kinds(match(SHEET, notebook(f_try="net = 7")))
    assert "free f-try" in kinds(match(SHEET, notebook(g="def g(x):\n    return net and x")))
    assert ran(match(SHEET, notebook(f_try=None, g="def g(x):\n    return net and x"))) == RIGHT


@pytest.mark.parametrize("place", ["", "f-text", "f-try", "f-check", "total"])
def test_an_answer_is_found_by_its_function(place):
    theirs = put(notebook(f=STUB.format("f")), place, cell(F))
    assert ran(match(SHEET, theirs)) == RIGHT
    assert ran(match(SHEET, put(notebook(f=None), place, cell(F)))) == RIGHT


def test_of_two_that_differ_the_last_counts_and_it_is_said():
    theirs = put(notebook(f="def f(x):\n    return 7"), "g-check", cell(F))
    matched = match(SHEET, theirs)
    assert ran(matched) == RIGHT
    assert matched.notes == ("f is defined in cells 4 and 11; the last counts, in cell 11.",)
    matched = match(SHEET, notebook(f=f"def f(x):\n    return 7\n\n{F}"))
    assert matched.notes == ("f is defined more than once in cell 4; the last counts, in cell 4.",)


def test_of_two_that_are_the_same_nothing_is_said():
    assert match(SHEET, put(notebook(), "f", cell(F))).notes == ()


def test_a_placeholder_never_goes_before_an_answer():
    assert ran(match(SHEET, put(notebook(), "total", cell(STUB.format("f"))))) == RIGHT
    assert ran(match(SHEET, put(notebook(), "f", cell("f = ...")))) == RIGHT


@pytest.mark.parametrize(
    "clobber",
    [
        "f = f(1)",
        "f = 3",
        "for f in (1, 2):\n    pass",
        "import os as f2\nf = [1]",
        "f, n = f(1), 2",
        "n, f = f, 1",
        "(f := 3)",
        "print(f := f(1))",
        "f = [f(1)][0]",
    ],
)
def test_a_name_given_to_something_else_does_no_harm(clobber):
    assert ran(match(SHEET, put(notebook(), "f", cell(clobber)))) == RIGHT


@pytest.mark.parametrize(
    "answer",
    [
        "f = lambda x: x",
        "(f := lambda x: x)",
        "f = same = lambda x: x",
        "f = (same := lambda x: x)",
        "f, other = lambda x: x, 3",
        "f = (lambda x: x) if math else None",
        "def mine(x):\n    return x\n\n\nf = mine or None",
        "many = [lambda x: x]\nf = many[0]",
        "1 def f(x):\n2     return x",
        " 9: def f(x):\n10:     y = x\n\n12:     return y",
        "1.\tdef f(x):\n3.\t    return x".replace("3.", "2."),
        "01 │ def f(x):\n02 │ \n03 │     return x",
        "import functools\n@functools.lru_cache\ndef f(x):\n    return x",
        "def mine(x):\n    return x\n\n\nf = mine",
        "import functools\n\n\ndef f(x, y):\n    return x\n\n\nf = functools.partial(f, y=1)",
        "if True:\n    def f(x):\n        return x",
        "from math import fabs as f",
        "class f:\n    def __new__(cls, x):\n        return x",
        "%time\ndef f(x):\n    return x",
        "    def f(x):\n        return x",
        "table = {}\ntable[1] = 0\n\n\ndef f(x):\n    return x + table[1]",
        "def f(x):\n    return x\n\nprint 'done'",
    ],
)
@pytest.mark.parametrize("place", ["", "f", "total"])
def test_a_function_may_be_made_in_any_way(answer, place):
    book = notebook(f=answer) if place == "f" else put(notebook(f=None), place, cell(answer))
    assert ran(match(SHEET, book)) == RIGHT


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("form", ["{}", "```python\n{}\n```", "Look:\n\n```\n{}\n```\nIt works."])
def test_an_answer_in_a_cell_that_is_no_code_is_used_and_said(kind, form):
    theirs = put(notebook(f=None), "f-text", cell(form.format(F), "f", kind))
    matched = match(SHEET, theirs)
    assert ran(matched) == RIGHT
    assert f"a {kind.title()} cell" in " ".join(matched.notes)


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("form", ["{}", "```python\n{}\n```"])
@pytest.mark.parametrize("until", ["    return x", "    return a", "guess"])
def test_a_sheet_in_cells_that_are_no_code_may_be_cut_anywhere(kind, form, until):
    whole = f"{F}\n\nguess = 3\n\n{G}"
    at = whole.index(until)
    theirs = of(*(cell(form.format(text), None, kind) for text in (whole[:at], whole[at:])))
    assert ran(match(SHEET, theirs)) == RIGHT


def test_of_a_sheet_that_breaks_off_within_a_function_the_others_count():
    theirs = of(prose(f"{F}\n\n{G}".removesuffix("return a * x")))
    matched = match(SHEET, theirs)
    assert ran(matched)["first"] == 5
    assert "There is no answer to g." in matched.notes


def test_prose_behind_an_answer_in_prose_is_no_part_of_it():
    for text in ("* why", "    So it is.", "and more of it", ""):
        theirs = put(notebook(f=None), "f-text", prose(f"```\n{F}\n```"), prose(text))
        assert ran(match(SHEET, theirs)) == RIGHT


def test_what_is_commented_out_is_no_answer():
    commented = "\n".join(f"# {line}" for line in F.split("\n"))
    matched = match(SHEET, notebook(f=commented))
    assert source(matched, "f") == STUB.format("f")
    assert matched.notes == ("There is no answer to f: what is commented out does not count.",)
    assert ran(match(SHEET, put(notebook(), "f", cell(commented)))) == RIGHT


def test_what_ran_goes_before_what_is_told_in_markdown():
    told = prose("I had this:\n```\ndef f(x):\n    return 7\n```")
    assert ran(match(SHEET, put(notebook(), "f", told))) == RIGHT


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_own_functions_and_guesses_in_a_cell_that_is_no_code_are_there(kind):
    helper, guess = (
        cell(HELPER.replace("one", "1", 1), None, kind),
        cell("guess = 4", "g-guess", kind),
    )
    theirs = put(notebook(f=helped("f"), g_guess=None), "g-check", helper, guess)
    matched = match(SHEET, theirs)
    assert ran(matched) == RIGHT
    assert "free g-guess" in kinds(matched)


def test_what_stands_in_markdown_and_nobody_needs_does_not_run():
    theirs = put(notebook(), "f", prose("def scribble(x):\n    return x"), prose("x = 1"))
    assert kinds(match(SHEET, theirs)) == kinds(match(SHEET, notebook()))


@pytest.mark.parametrize("own", ["both = 3", "def both(x):\n    return 1"])
def test_what_a_check_asks_for_and_is_given_stays_as_it_is(own):
    assert ran(match(SHEET, put(notebook(), "g-given", cell(own)))) == RIGHT


def test_an_answer_typed_over_another_cell_counts():
    for place in ("f-text", "f-try", "f-check", "g-given", "imports", "open-text"):
        theirs = notebook(f=None, **{place.replace("-", "_"): F})
        for one in theirs.cells:
            if one.id == place:
                one["cell_type"] = "code"
        assert ran(match(SHEET, theirs)) == RIGHT, place


def test_a_broken_answer_comes_as_it_is():
    broken = "def f(x):\n    return x +"
    matched = match(SHEET, notebook(f=broken))
    assert source(matched, "f") == broken
    assert matched.notes == ("Cell 4 (f) is no Python as it stands.",)
    assert ran(matched) == {"first": ValueError, "second": ValueError}
    theirs = put(notebook(f=STUB.format("f")), "f", cell(broken))
    assert source(match(SHEET, theirs), "f") == broken


def test_a_broken_one_beside_a_good_one_does_no_harm():
    assert ran(match(SHEET, put(notebook(), "f", cell("def f(x):\n    return x +")))) == RIGHT


def test_a_missing_answer_is_the_placeholder_and_is_said():
    matched = match(SHEET, notebook(f=None))
    assert source(matched, "f") == STUB.format("f")
    assert matched.notes == ("There is no answer to f.",)


def test_an_answer_with_another_name_comes_as_it_is():
    matched = match(SHEET, notebook(f="def F(x):\n    return x"))
    assert source(matched, "f") == "def F(x):\n    return x"
    assert matched.notes == ("f does not define f.",)


def test_an_answer_may_be_a_value():
    cells = [replace(c, source="f = ...", defines=()) if c.id == "f" else c for c in SHEET.cells]
    sheet = replace(SHEET, cells=tuple(cells))
    theirs = put(notebook(f="f = ..."), "f-check", cell("f = 1"), cell("f = 7"))
    assert source(match(sheet, theirs), "f") == "f = 7"


def test_a_guess_made_elsewhere_counts():
    theirs = put(notebook(g_guess="guess = ..."), "total", cell("guess = 4"))
    matched = match(SHEET, theirs)
    before = kinds(matched).index("check g-check")
    assert [r.source for r in matched.cells[:before] if "guess" in r.source] == ["guess = 4"]


def test_calls_of_checks_are_left_out():
    theirs = notebook(f=f"{F}\n\ncheck.first(f)\ncheck.total()")
    assert "check." not in source(match(SHEET, theirs), "f")


@pytest.mark.parametrize("name", ["f", "g", "both", "check", "math", "print"])
def test_whatever_is_deleted_or_empty_nothing_stops(name):
    match(SHEET, put(notebook(), "f", cell(f"del {name}"), cell(""), cell("%%bash\nls"), prose("")))


@pytest.mark.slow
def test_a_chain_too_long_to_follow_is_ungradable():
    chain = [cell(f"x{i} = x{i + 1}") for i in range(2000)]
    theirs = notebook(f="def f(x):\n    return x0")
    with pytest.raises(Ungradable, match="too long a chain"):
        match(SHEET, put(theirs, "total", *chain, cell("x2000 = 1")))


@pytest.mark.slow
def test_many_cells_take_no_time_to_speak_of():
    many = [cell(f"y{i} = {i}\nz = y{i}") for i in range(2000)]
    assert ran(match(SHEET, put(notebook(), "f", *many))) == RIGHT


def test_nothing_of_the_assignment_is_ungradable():
    with pytest.raises(Ungradable, match="No answer of sheet"):
        match(SHEET, of(cell("x = 1"), prose("# Notes")))
