"""Words become links where the text runs on, and nowhere else."""

import re

from docutils import nodes

from backpass.book.text import words


def test_headings_code_formulas_and_links_are_no_running_text():
    section = nodes.section("", nodes.title("", "a heading"))
    code, link = nodes.literal("", "code"), nodes.reference("", "a link", refuri="")
    strong = nodes.strong("", "in bold")
    section += nodes.paragraph(
        "", "", nodes.Text("words "), code, link, strong, nodes.math("", "x")
    )
    section += nodes.math_block("", "h_1 + w")
    assert list(words.texts(section)) == ["words ", "in bold"]
    assert list(words.texts(section[0])) == []


def test_what_is_found_becomes_a_link_and_the_rest_stays():
    paragraph = nodes.paragraph("", "", nodes.Text("one"), nodes.Text("one and two, one"))

    def make(found):
        return nodes.reference("", found[0], refuri="#") if found.start() else None

    words.link(paragraph[1], re.compile("one|two"), make)
    assert [child.astext() for child in paragraph] == ["one", "one and ", "two", ", ", "one"]
    assert [isinstance(child, nodes.reference) for child in paragraph] == [0, 0, 1, 0, 1]
    assert paragraph.astext() == "oneone and two, one"
