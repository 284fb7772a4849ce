"""Names of code are the same in every Python."""

import pytest

from backpass.scopes import names, table


@pytest.mark.parametrize(
    ("source", "uses", "binds"),
    [
        ("x = [k * m for k in range(3)]", {"range", "m"}, {"x"}),
        ("x = {k for k in a if k in b}", {"a", "b"}, {"x"}),
        ("x = {k: v + c for k, v in a}", {"a", "c"}, {"x"}),
        ("x = [[j for j in k] for k in a]", {"a"}, {"x"}),
        ("x = [lambda: k + h for k in a]", {"a", "h"}, {"x"}),
        ("for i in a:\n    y = [i for i in b]", {"a", "b"}, {"i", "y"}),
        ("def f(a):\n    return [b * k for k in a] + c", {"b", "c"}, {"f"}),
        ("class A(B):\n    w = [u for u in r]", {"B", "r"}, {"A"}),
        ("[z := q for q in r]", {"r"}, {"z"}),
        ("def f():\n    global n\n    n = m", {"m"}, {"f", "n"}),
        ("import a.b as c, d.e", set(), {"c", "d"}),
        ("k = 1\n[k for k in range(k)]", {"range", "k"}, {"k"}),
    ],
)
def test_a_name_of_a_comprehension_is_its_own(source, uses, binds):
    assert names(source) == (uses, binds)


def test_a_table_of_its_own_has_each_comprehension():
    for source in ("[k for k in a]", "{k for k in a}", "{k: k for k in a}", "(k for k in a)"):
        (inner,) = table(source).get_children()
        assert "k" in inner.get_identifiers(), source


@pytest.mark.parametrize("source", ["x = (", "def f():\n    nonlocal x", "x = '\0'"])
def test_what_is_no_code_is_told_as_python_tells_it(source):
    with pytest.raises((SyntaxError, ValueError)):
        names(source)
