"""What no line of a page parts."""

import re
from types import SimpleNamespace

import pytest
from browser import chromium
from docutils import nodes

from backpass.book import pages
from backpass.book.text import formulas, katex, lines


def test_punctuation_stays_with_its_formula(page):
    assert re.search(r'<span class="tied">.*?</span>,</span> then', page)
    prose = re.sub("<[^>]*>", "", page)
    assert re.search(r"A word\. For x\S*\. For y\S* ever\.", prose)


@pytest.mark.parametrize(
    ("before", "formula", "after", "tied", "left"),
    [
        ("for (", "U", ", then", ("(", ","), ("for ", " then")),
        ("its ", "i", "-th output", ("", "-th"), ("its ", " output")),
        ("of ", r"\lVert J^k\rVert^{1/k} \to \rho(J)", ". But", ("", "."), ("of ", " But")),
        ("with ", r"\delta", " and", None, ("with ", " and")),
        (
            "a ",
            r"\begin{pmatrix} w_{00} & w_{01} \\ w_{10} & w_{11} \end{pmatrix}",
            ", a",
            ("", ","),
            ("a ", " a"),
        ),
        ("as ", r"a = b + c + d + e + f + g + h + i", ", or", ("", ","), ("as ", " or")),
    ],
)
def test_a_formula_has_what_stands_against_it_if_it_is_short(before, formula, after, tied, left):
    math = nodes.math("", formula)
    line = nodes.paragraph("", "", nodes.Text(before), math, nodes.Text(after))
    lines.tie(math)
    assert math.get("tied") == tied
    assert (line[0], line[2]) == left
    assert ("long" in math) == (after == ", or")


def test_neither_does_a_line_of_what_is_printed_and_not_in_columns():
    def output(text, *classes):
        return nodes.literal_block(text, text, classes=[*classes])

    document = nodes.document(None, None)
    printed = (["x = 1", "stream"], ["a  b  c\n1  2  = 3", "stream"], ["x = 1", "code"])
    document += [output(*one) for one in printed]
    lines.typeset(SimpleNamespace(builder=SimpleNamespace(format="html")), document, "one")
    assert [one.astext() for one in document] == ["x\xa0=\xa01", "a  b  c\n1  2  = 3", "x = 1"]
    assert all(one.rawsource == one.astext() for one in document)  # or it is not set as printed
    assert ["aligned" in one["classes"] for one in document] == [False, True, False]


@pytest.mark.browser
def test_no_line_begins_with_the_comma_after_a_long_formula():
    tex = r"\partial L/\partial w = \sum_t \delta_t h_t + \sum_k \delta_k + g_k"
    line = nodes.paragraph("", "", nodes.Text("("), nodes.math("", tex), nodes.Text("), and so on"))
    lines.tie(line[1])
    assert "long" in line[1]
    writer = SimpleNamespace(body=[])
    with pytest.raises(nodes.SkipNode):
        formulas.visit_math(writer, line[1])
    (html,) = writer.body
    assert html.count("katex-base") == katex.render(tex).count("katex-base") == 4
    style = (pages.THEME / "static/book.css").read_text() + ".katex-mathml { display: none }"
    style += ".katex-base { display: inline-block }"
    begins = """() => {
        const line = document.querySelector("p");
        const found = [];
        for (let width = 150; width < 500; width += 2) {
            line.style.width = `${width}px`;
            const signs = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
            while (signs.nextNode()) {
                const at = signs.currentNode.data.indexOf("),");
                if (at < 0) continue;
                const sign = document.createRange();
                sign.setStart(signs.currentNode, at);
                sign.setEnd(signs.currentNode, at + 1);
                const left = line.getBoundingClientRect().left;
                if (sign.getClientRects()[0].left - left < 1) found.push(width);
            }
        }
        return found;
    }"""
    with chromium() as browser:
        tab = browser.new_page()
        found = []
        for shown in (html, f'(<span class="long">{katex.render(tex)}</span>),'):
            tab.set_content(f"<style>{style}</style><p>{shown} and so on</p>")
            found.append(tab.evaluate(begins))
    assert found[0] == []
    assert found[1] != []  # which is what would be


@pytest.mark.parametrize(
    ("text", "aligned"),
    [
        ("rate   steps   loss\n0.1       20   0.02\n0.2       11   0.01", True),
        ("name     1     2\nplain  0.1   0.2", True),
        ("one line   with    gaps", False),
        ("a line\nand   another  with gaps\nand a third", False),
        ("a = 1.0   h = 2.0\nb = 1.0   k = 2.0", False),  # pairs, not columns
        ("S = 1    S = 2\n[1 2]    [2 1]\n[2 4]    [4 2]", True),
        ("(array([[-0.19,  1.8 ],\n       [ 1.5 ,  0.2 ]]), array([0.58]))", True),
        ("[1, 2]\n[3, 4]", False),
        ("S = 1   S = 2\n[1 2]    [2 1]\n[2 4]     [4 2]", False),
    ],
)
def test_lines_in_columns_are_told_from_lines_that_may_break(text, aligned):
    assert lines.is_aligned(text) == aligned
