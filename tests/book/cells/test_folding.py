"""A chapter's page folds what it does not teach, and loses nothing."""

import re

import pytest
from docutils import nodes
from tiny_book import CODE

from backpass.book.cells import folding, kinds

FOLDED = re.compile(r'<details class="folded"><summary>(.*?)</summary>(.*?)</details>', re.S)


def plain(markup):
    """The text of some markup, its white space as it is."""
    text = re.sub("<[^>]*>", "", markup)
    return text.replace("&#39;", "'").replace("&lt;", "<")


@pytest.fixture
def folded(page):
    """What is folded on the tiny book's chapter: each line, and the code behind it."""
    return [(plain(line), plain(code)) for line, code in FOLDED.findall(page)]


def test_each_line_says_what_is_behind_it(folded):
    assert [line for line, _ in folded] == [
        "Code: the measurement",
        "Code: imports",  # which warn
        "Code: imports",
        "Code: the helper helped, the measurement, 2 checks: all hold",
    ]


def test_cells_that_follow_each_other_share_a_line_unless_one_shows_something(folded):
    _, code = folded[-1]
    for part in CODE[2:]:
        _, found, code = code.partition(part)
        assert found
    assert "warnings.warn" in folded[1][1]
    assert "warnings.warn" not in folded[2][1]


def test_nothing_is_lost_and_what_is_taught_is_open(page):
    for source in CODE:
        assert source in plain(page)
    assert CODE[1] in plain(FOLDED.sub("", page))
    assert "measured 2 0.76" in FOLDED.sub("", page)  # what a folded cell says


def test_a_page_that_folds_nothing_offers_nothing_to_open(tiny, page):
    assert "Show all code" in page
    assert "Show all code" not in (tiny / "_build/html/intro.html").read_text()


@pytest.mark.parametrize("below", [True, False])
def test_the_line_of_an_opening_figure_stands_below_it(below):
    def cell(code):
        parts = [
            nodes.container("", nb_element=f"cell_code_{name}") for name in ("source", "output")
        ]
        parts[0] += nodes.Text(code)
        return nodes.container("", *parts, nb_element="cell_code"), kinds.Cell(code)

    imports, figure = cell("import math"), cell("fig, ax = plt.subplots()")
    kinds.classify([imports[1], figure[1]])
    page = nodes.section("", imports[0], figure[0])
    folding.gather(imports, figure, below=below)
    (shown,) = page
    names = [part.get("nb_element", "line") for part in shown]
    assert names == (["cell_code_output", "line"] if below else ["line", "cell_code_output"])
    assert "import math" in shown.astext()
