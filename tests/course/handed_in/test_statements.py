"""What a cell's text is as Python."""

import time

import pytest

from backpass.course.handed_in.statements import (
    fenced,
    needed,
    needed_now,
    parse,
    plain,
    salvaged,
    same,
    sides,
    statements,
)


def one(text):
    (found,) = statements(text)
    return found


def test_a_statement_has_the_comments_before_it_and_the_last_those_after_it():
    found = statements("# first\na = 1\n\n# of f\n@g\ndef f():\n    return a\n# end\n")
    assert [s.text for s in found] == [
        "# first\na = 1",
        "# of f\n@g\ndef f():\n    return a\n# end\n",
    ]


def test_what_shares_a_line_stays_together():
    assert one("a = 1; b = a").binds == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "binds", "now", "later"),
    [
        ("a, b = c", {"a", "b"}, {"c"}, set()),
        ("f = g(f)", {"f"}, {"g", "f"}, set()),
        ("import numpy as np", {"np"}, set(), set()),
        ("@d(z)\ndef f(x=y):\n    return g(x) + h", {"f"}, {"d", "z", "y"}, {"g", "h"}),
        ("class A(B):\n    x = y\n    def f(self):\n        return z", {"A"}, {"B", "y"}, {"z"}),
        ("for i in s:\n    c[i] = i", {"i"}, {"s", "c"}, set()),
        ("x = [k * m for k in range(3)]", {"x"}, {"m"}, set()),
        ("[z := k for k in m]", {"z"}, {"m"}, set()),
        ("def f():\n    global z\n    z = 1", {"f"}, set(), {"z"}),
        ("f = lambda x: x + y", {"f"}, set(), {"y"}),
        ("if a:\n    def f(): return b", {"f"}, {"a"}, {"b"}),
    ],
)
def test_a_statement_tells_what_it_makes_and_what_it_needs(text, binds, now, later):
    found = one(text)
    assert (found.binds, found.now, found.later) == (binds, now, later)


@pytest.mark.parametrize("text", ["c['a'] = 1", "c.append(1)", "c.x.y = 2", "c[0].sort()"])
def test_a_statement_tells_what_it_changes(text):
    assert (one(text).binds, one(text).changes) == (set(), {"c"})


@pytest.mark.parametrize("text", ["from math import *", "exec('a = 1')", "globals()['a'] = 1"])
def test_a_statement_may_make_what_nobody_can_read_off(text):
    assert one(text).opaque
    assert not one("import math").opaque


def test_statements_together_need_what_none_of_them_makes():
    found = statements("def f():\n    return a + b\na = c\nd = f()")
    assert needed(found) == {"b", "c"}
    assert needed_now(statements("print(x)\nx = 1")) == {"x"}


@pytest.mark.parametrize(
    ("text", "python", "said"),
    [
        ("x = (a\n     % b)", "x = (a\n     % b)", ""),
        ("%time x\n!ls\ny = 1", "pass\npass\ny = 1", ""),
        ("for i in a:\n    %time i", "for i in a:\n    pass", ""),
        ("%%time\nx = 1", "pass\nx = 1", ""),
        ("!ls\n\n    x = 1\n    y = 2", "pass\n\nx = 1\ny = 2", ""),
        ("  %time\n!ls\n  if x:\n    %time y", "pass\npass\nif x:\n  pass", ""),
        ("  x = 1\n  y = 2", "x = 1\ny = 2", ""),
        (">>> x = 1\n>>> y = 2", "x = 1\ny = 2", ""),
        ("In [1]: def f():\n   ...:     return 1", "def f():\n    return 1", ""),
        ("x\xa0= 1", "x = 1", "spaces that are none to Python"),
        ("x = “a”", 'x = "a"', "typographic quotes and signs"),
        ("```python\nx = 1\n```", "x = 1", "the fences around it"),
        ("3 if x:\n4     y", "if x:\n    y", "the numbers of its lines"),
        ("1  if x:\n2      y\n\n3  z", "if x:\n    y\n\nz", "the numbers of its lines"),
        ("7| if x:\n8|     y\n9|", "if x:\n    y\n", "the numbers of its lines"),
        ("if x:\n\ty\n        z", "if x:\n        y\n        z", "tabs among spaces"),
        ("> if x:\n>     y", "if x:\n    y", "the marks of a quotation"),
        ("x &gt;= 1", "x >= 1", "the escapes of a web page"),
    ],
)
def test_a_text_is_read_as_jupyter_reads_it_and_mended(text, python, said):
    assert plain(text) == (python, said)


def test_what_is_no_python_stays_as_it_is():
    assert plain("Some words.") == ("Some words.", "")
    assert plain("1 if x:\n5     y") == ("1 if x:\n5     y", "")  # these number no lines
    assert plain("1 if x:\n    y") == ("1 if x:\n    y", "")
    assert statements("Some words.") == ()


@pytest.mark.parametrize(
    "text",
    ["-" * 50_000 + "1", "a" + ".b" * 50_000, "(" * 9_999, "x = 1\n" * 50_000, "\0", "\ud800"],
)
def test_no_text_stops_the_reader(text):
    assert statements(text) == () or len(text) > 200_000 or text.startswith("x")
    assert isinstance(plain(text), tuple)
    assert isinstance(salvaged(text), str)


def test_definitions_are_taken_out_of_what_is_no_python_as_a_whole():
    text = (
        "Here it is:\ndef f(x):\n    '''One\nmargin.'''\n    return [\n1]\n\nAnd more of it\ny = 2"
    )
    assert salvaged(text) == "def f(x):\n    '''One\nmargin.'''\n    return [\n1]\n\ny = 2"
    assert salvaged("def f(:\n    x\ndef g():\n    return 1\nprint 'a'") == "def g():\n    return 1"


def test_what_is_indented_as_a_whole_is_taken_out_too():
    text = "  Words.\n  x = 2\n  def f():\n      return x\n\n      def inner():\n          pass"
    assert salvaged(text).startswith("x = 2\n\ndef f():\n    return x")
    assert salvaged("Words.\n  def f():\n      return 1\nmore words") == "def f():\n    return 1"


def test_code_is_the_same_but_for_layout_and_lost_letters():
    assert same("f( x )  # a", "f(x)")
    assert same("x = 'δ → 1'", "x = '? ? 1'")
    assert not same("x = 1", "x = 2")


def test_both_versions_of_a_merge_are_found():
    text = "a\n<<<<<<< HEAD\nb\n||||||| base\nz\n=======\nc\n>>>>>>> x\nd"
    assert sides(text) == ("a\nb\nd", "a\nc\nd")
    assert sides("a <<<<<<< b") is None


def test_code_between_fences_is_found():
    assert fenced("Words\n```py\na\n```\nmore\n~~~\nb\n~~~\n") == "a\n\nb"
    assert fenced("none") == ""


def test_an_escape_of_the_learners_own_warns_nobody():
    assert parse("x = '\\d'") is not None


@pytest.mark.parametrize(
    "line", ["```x", "```python\nx = 1", "~~~~\n~~~x", "<<<<<<< a", "<<<<<<< a\n=======", "\t"]
)
def test_a_long_text_takes_no_longer_than_it_is(line):
    """Nobody else's grade waits for one that was made to take for ever."""
    begin = time.process_time()
    for text in (f"{line}\n" * 20_000, f"{line}\n" * 20_000 + "x"):
        fenced(text)
        sides(text)
    assert time.process_time() - begin < 2


def test_of_fences_the_next_of_its_kind_ends_a_block():
    text = "```\na = 1\n```\n~~~py\nb = 2\n```\n~~~\n````\nc\n```\n````  \n```\nnever ended"
    assert fenced(text) == "a = 1\n\nb = 2\n```\n\nc\n```"
