"""The tables of notebooks: what no line parts, captions, and long ones on a phone."""

from types import SimpleNamespace

import pytest
from docutils import nodes

from backpass.book import tables
from backpass.checks.score import Score
from backpass.tables import table

HEAD = ("widths of the layers", *(f"momentum of {n} and {n + 1}" for n in range(5)))


def shown(table, name="html"):
    """The markup of a table on a page, in a builder of this name."""
    page = nodes.container("", nodes.raw("", table._repr_html_() + "\n", format="html"))
    app = SimpleNamespace(builder=SimpleNamespace(format=name))
    tables.typeset(app, page, "chapters/one")
    return page.astext()


def made(count, caption="steps < 3"):
    return table(caption, HEAD, [(f"net {n}", *range(5)) for n in range(count)])


def test_a_long_one_opens_by_a_line_with_its_caption():
    page = shown(made(9))
    line = "<details class='long'><summary>9 rows: steps_&lt;_3</summary><table"
    assert page.replace("\N{NO-BREAK SPACE}", "_").startswith(line)
    assert page.endswith("</table></details>")
    assert shown(made(9, "")).startswith("<details class='long'><summary>9 rows</summary><table")


@pytest.mark.parametrize("count", [1, 8])
def test_a_short_one_stands_as_it_is(count):
    assert shown(made(count, "")) == made(count, "")._repr_html_()


def test_a_narrow_one_stands_side_by_side_and_is_not_folded():
    narrow = table("", ("n", "a"), [(n, n) for n in range(40)])
    assert shown(narrow) == narrow._repr_html_()


def test_a_caption_is_something_of_its_own():
    assert "<caption><span>it’s “a” &amp; b</span></caption>" in shown(made(1, "it’s “a” & b"))


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("in 5 steps, at κ = 25", "in 5 steps, at κ_=_25"),
        (
            "about √u ≈ 10⁻⁸, 2/(λmax + λmin): 58",
            "about √u_≈_10⁻⁸, 2/\N{WORD JOINER}(λmax_+_λmin): 58",
        ),
        ("outputs × 4, centred, β &lt; 0.1", "outputs_×_4, centred, β_&lt;_0.1"),
        ("<b>x = 1</b> a = somethinglong, it&#x27;s", "<b>x_=_1</b> a = somethinglong, it's"),
        ("(1 + |w|²)η", "(1_+_|w|\N{WORD JOINER}²)η"),
        ("a – b, =, -1", "a – b, =, -\N{WORD JOINER}1"),
    ],
)
def test_no_line_parts_what_is_calculated_or_compared(words, kept):
    made = tables.SHOWN.sub(lambda found: tables.tied(found[0]), f"<td>{words}</td>")
    assert made.replace("\N{NO-BREAK SPACE}", "_") == f"<td>{kept}</td>"


def test_no_line_parts_it_in_what_a_check_says():
    said = shown(Score(1, 2, ["two images of three channels, S = 2"]))
    assert "channels, S\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}2" in said
    assert "<strong>○ 1 of 2 points</strong>" in said


def test_only_pages_have_it():
    assert shown(made(9), "latex").strip() == made(9)._repr_html_()
