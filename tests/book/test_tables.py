"""A long table of numbers is folded where each of its numbers is a line."""

from types import SimpleNamespace

import pytest
from docutils import nodes

from backpass.book import tables
from backpass.tables import table

HEAD = ("widths of the layers", *(f"momentum of {n} and {n + 1}" for n in range(5)))


def folded(shown, name="html"):
    """The markup of a table on a page, in a builder of this name."""
    page = nodes.container("", nodes.raw("", shown._repr_html_() + "\n", format="html"))
    app = SimpleNamespace(builder=SimpleNamespace(format=name))
    tables.fold(app, page, "chapters/one")
    return page.astext()


def made(count, caption="steps < 3"):
    return table(caption, HEAD, [(f"net {n}", *range(5)) for n in range(count)])


def test_a_long_one_opens_by_a_line_with_its_caption():
    shown = folded(made(9))
    line = "<details class='long'><summary>9 rows: steps &lt; 3</summary><table"
    assert shown.startswith(line)
    assert shown.endswith("</table></details>")
    assert "<caption>steps &lt; 3</caption>" in shown
    assert folded(made(9, "")).startswith("<details class='long'><summary>9 rows</summary><table")


@pytest.mark.parametrize("count", [1, 8])
def test_a_short_one_stands_as_it_is(count):
    assert folded(made(count)).strip() == made(count)._repr_html_()


def test_a_narrow_one_stands_side_by_side_and_is_not_folded():
    shown = table("", ("n", "a"), [(n, n) for n in range(40)])
    assert folded(shown).strip() == shown._repr_html_()


def test_only_pages_fold():
    assert folded(made(9), "latex").strip() == made(9)._repr_html_()
