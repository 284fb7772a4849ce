"""Tables: names of rows and cells; of notebooks', what no line parts, and long ones on a phone."""

import re
from types import SimpleNamespace

import pytest
from docutils import nodes

from backpass.book.text import tables
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


def test_a_table_scrolls_in_a_box_of_its_own(page):
    assert re.search(r'<div class="table[^"]*">\s*<table', page)


def made_table(*rows):
    group = nodes.tgroup("", *(nodes.colspec() for _ in rows[0]), cols=len(rows[0]))
    made = [nodes.row("", *(nodes.entry("", *([nodes.paragraph("", cell)] if cell else []))
                            for cell in row)) for row in rows]  # fmt: skip
    group += [nodes.thead("", made[0]), nodes.tbody("", *made[1:])]
    return nodes.table("", group)


def test_a_first_column_without_a_name_holds_the_names_of_its_rows():
    named, nameless = made_table(["a", "b"], ["1", "2"]), made_table(["", "b"], ["1", "2"])
    for one in (named, nameless):
        tables.name_rows(one)
    assert [[bool(col.get("stub")) for col in one.findall(nodes.colspec)]
            for one in (named, nameless)] == [[False, False], [True, False]]  # fmt: skip


def test_cells_of_a_table_of_prose_have_the_names_of_their_columns():
    long = made_table(["chapter", "reported", "came out?"], ["One", "a word " * 20, "yes"],
                      ["", "more", ""])  # fmt: skip
    tables.name_cells(long)
    names = [node.astext() for node in long.findall(nodes.inline)]
    assert names == ["reported", "came out?", "reported"]  # what is empty needs no name


def test_a_formula_in_the_name_of_a_column_stays_one():
    long = made_table(["net", "", "state"], ["One", "tanh", "a word " * 20])
    head = next(long.findall(nodes.thead))
    head[0][1] += nodes.paragraph("", "", nodes.math("", r"\varphi"))
    tables.name_cells(long)
    (first, _) = long.findall(nodes.inline)
    assert isinstance(first[0], nodes.math)
    assert len(list(long.findall(nodes.math))) == 2  # the head has its own
    assert "wide" in long["classes"]
    for short in (
        made_table(["a", "b", "c"], ["1", "2", "3"]),
        made_table(["a", "b"], ["x" * 90] * 2),
    ):
        tables.name_cells(short)
        assert not short["classes"]
        assert not list(short.findall(nodes.inline))
