"""What is needed runs before what needs it; all else stays where it stood."""

from course.small import SHEET

from backpass.course.handed_in.homes import Theirs
from backpass.course.handed_in.order import Answer, Part, Piece, in_order
from backpass.course.handed_in.statements import statements

COUNT = iter(range(0, 10_000, 10))


def parts(text, name="own"):
    found = statements(text)
    cell = Theirs(1, name, "code", text, code=text, parts=found)
    start = next(COUNT)
    return [Part(cell, one, start + number) for number, one in enumerate(found)]


def answer(text, core=None):
    whole = parts(text)
    return Answer(whole, core=whole[-core:] if core else whole)


def runs(f, g, *pieces):
    return [(r.kind, r.source) for r in in_order(SHEET, {3: f, 7: g}, pieces) if r.kind != "given"]


F, G = "def f(x):\n    return 1", "def g(x):\n    return 2"
CHECKS = [("check", "check.first(f)"), ("check", "check.second(both, prediction=guess)")]


def test_pieces_run_where_they_stood():
    found = runs(answer(F), answer(G), Piece(parts("a = 1"), 5), Piece(parts("b = 1"), -1))
    assert found == [("free", "b = 1"), ("answer", F), CHECKS[0], ("free", "a = 1"), ("answer", G),
                     CHECKS[1]]  # fmt: skip


def test_statements_of_a_cell_stay_together():
    found = runs(answer(F), answer(G), Piece(parts("a = 1\n\nb = 2"), -1))
    assert found[0] == ("free", "a = 1\nb = 2")


def test_only_what_is_needed_of_a_cell_below_runs_before():
    f = "def f(x):\n    return h(x)"
    below = Piece(parts("print(g(1))\ndef h(x):\n    return k\nk = 1"), 12)
    found = runs(answer(f), answer(G), below)
    assert found[:2] == [("free", "def h(x):\n    return k\nk = 1"), ("answer", f)]
    assert found[-1] == ("free", "print(g(1))")


def test_an_answer_whose_cell_needs_what_comes_later_runs_with_what_it_needs():
    found = runs(answer(f"print(both(1))\n{F}", core=1), answer(G))
    assert found[0] == ("answer", F)
    assert ("free", "print(both(1))") in found


def test_a_name_that_is_never_made_stops_nothing():
    assert ("free", "a = never") in runs(answer(F), answer(G), Piece(parts("a = never"), 3))


def test_of_several_before_the_last_is_taken_and_of_functions_below_too():
    f = "def f(x):\n    return h"
    below = [Piece(parts(f"def h():\n    return {n}", f"own-{n}"), 10 + n) for n in (1, 2)]
    assert runs(answer(f), answer(G), *below)[0] == ("free", "def h():\n    return 2")


def test_a_broken_answer_is_its_text():
    assert runs(Answer(text="def f(:"), answer(G))[0] == ("answer", "def f(:")
