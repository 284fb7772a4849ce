"""How tall the sections of a page will be."""

import re

import pytest

from backpass.book.heights import SECTION, count, estimate, parts

FOLDED = "<details class='a'><summary>A line</summary><pre>one\ntwo</pre></details>"


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("<p>Two &lt; <b>three</b></p>", {"letter": 11}),
        ("<math><mi>x</mi></math><span>x</span>", {"letter": 1}),
        ("<ul><li>a</li><li class='b'>b</li></ul>", {"letter": 2, "list item": 2}),
        ("<td>1</td><td data-head='a'>2</td>", {"letter": 2, "cell of a table": 2}),
        ('<span class="katex-display"></span>', {"formula": 1}),
        ("<pre>one\ntwo\n</pre>", {"box of code": 1, "line of code": 2}),
        (FOLDED, {"folded": 1, "letter": 6}),
        (
            f"<details><summary>All</summary>{FOLDED}<p>More</p></details>",
            {"folded": 1, "letter": 3},
        ),
        (
            "<details class='long'><summary>2 rows</summary><th scope='row'>a</th><td>1</td>"
            "<th scope='row' data-head='n'>2</th></details>",
            {"folded": 1, "row of a long table": 2},
        ),
        (
            """<figure data-controls='[{"kind":"slider"},{"kind":"choice"}]'>
            <svg><text>x</text></svg><figcaption>It is.</figcaption></figure>""",
            {"figure": 1, "control": 2, "letter": 6},
        ),
    ],
)
def test_what_takes_room_is_counted(section, told):
    assert {name: number for name, number in count(section).items() if number} == told


def test_a_section_is_as_tall_as_what_is_in_it():
    assert estimate("") == SECTION
    narrow, wide = estimate("<p>" + 1000 * "a" + "</p>")
    assert SECTION[1] + 300 < wide < narrow < SECTION[0] + 1500


def test_each_section_of_a_page_has_its_heights(tiny, page):
    body = page[page.index("<main") : page.index('<nav class="turn"')]
    before, *sections = parts(body)
    assert "<h1>" in before
    assert len(sections) == page.count("<h2>") > 1
    found = re.compile(r'<section id="[^"]+" style="--narrow: (\d+)px; --wide: (\d+)px">')
    for section in sections:
        told = tuple(map(int, found.match(section).groups()))
        assert told == estimate(section)
