"""The front page shows an explorer of a chapter and says of each chapter what can be counted."""

import re

from books import build_book
from docutils import nodes
from places import ROOT

from backpass.book.composed import front
from backpass.checks import chapters


def text(html):
    return " ".join(re.sub("<[^>]*>", "", html).split())


def test_the_chapters_are_listed_in_order_with_their_answers_and_points(book):
    page = (book / "intro.html").read_text(encoding="utf-8")
    listed = re.search(r'<ol class="arabic chapters">(.*?)</ol>', page, re.S)[1]
    items = re.findall(r"<li>(.*?)</li>", listed, re.S)
    names = re.findall(r"file: chapters/(\w+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    assert len(items) == len(names) >= 6
    for name, item in zip(names, items, strict=True):
        chapter = (book / f"chapters/{name}.html").read_text(encoding="utf-8")
        question, answer, facts = re.findall(r"<p.*?>(.*?)</p>", item, re.S)
        title = text(re.search("<h1><span.*?</span>(.*?)<a ", chapter, re.S)[1])
        assert text(question) == title
        assert f'href="chapters/{name}.html"' in question
        assert text(answer).endswith(".")
        assert text(answer)[:40] in text(chapter.partition("</h1>")[2])
        minutes, points, of = re.fullmatch(
            r"(\d+) minutes · exercises for (\d+) points: (.*)", text(facts)
        ).groups()
        assert of == title  # read aloud, not shown
        assert 10 <= int(minutes) <= 60
        sheet = (book / f"exercises/{name}/{name}.html").read_text(encoding="utf-8")
        assert re.search(rf"\b{points} points\b.*: ", sheet)
        assert int(points) > sum(
            one.points for one in chapters()[name].values()
        )  # an open question


def paragraph(*children):
    doctree = nodes.document(None, None)
    doctree += nodes.paragraph("", "", *children)
    return doctree


def test_the_answer_is_the_first_sentence_with_what_is_in_it():
    words = [
        nodes.Text("It is "),
        nodes.emphasis("", "0.5"),
        nodes.Text(" at 1.5\nor so.\nNo more."),
    ]
    told = front.answer(paragraph(*words))
    assert "".join(node.astext() for node in told) == "It is 0.5 at 1.5\nor so."
    assert isinstance(told[1], nodes.emphasis)
    assert [node.astext() for node in front.answer(paragraph(nodes.Text("No end")))] == ["No end"]


def test_an_explorer_of_a_page_stands_on_another(own):
    intro = own / "intro.md"
    shown = "```{{live}} {}\n{}\n```\n"
    intro.write_text(f"# Tiny\n\n{shown.format('chapters/one', 'A dot')}\n```{{chapters}}\n```\n")
    assert build_book(own, own).returncode == 0
    page = (own / "_build/html/intro.html").read_text()
    script = re.search('data-states="(_static/explorers/[0-9a-f]{10}-figure-a-dot.js)"', page)[1]
    assert (own / "_build/html" / script).is_file()
    assert "Figure" not in page  # it has its number where it comes from
    assert "The dot is at 1" in page
    assert re.search(
        r'chapters/one.html">One of .*<p class="facts">\d minutes? · <a .*exercises for \d points',
        page,
        re.S,
    )
    for place, title, reason in [
        ("chapters/one", "A line", "has no explorer 'A line', but 'A dot'."),
        ("chapters/two", "A dot", "has no explorer 'A dot', but none at all."),
    ]:
        intro.write_text(f"# Tiny\n\n{shown.format(place, title)}")
        done = build_book(own, own)
        assert done.returncode
        assert f"{place} {reason}" in done.stdout
