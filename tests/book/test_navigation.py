"""From page to page: solutions stand beside the way, and links have names of their own."""

import re
from itertools import pairwise

from places import ROOT

from backpass.book import navigation


def test_links_of_the_navigation_that_read_alike_are_named_after_their_chapter(book):
    page = (book / "intro.html").read_text(encoding="utf-8")
    shown = re.search('<nav id="book-nav".*?</nav>', page, re.S)[0]
    links = re.findall(r"<a ([^>]*)>(Exercises|Solutions)</a>", shown)
    names = [re.search('aria-label="([^"]*)"', attributes)[1] for attributes, _ in links]
    assert len(names) == len(set(names)) >= 12
    assert "Exercises: Why propagate back through time?" in names
    for name, (_, text) in zip(names, links, strict=True):
        assert name.startswith(text)  # what is said begins with what is seen


def test_a_title_with_signs_of_its_own_makes_a_name():
    tree = '<li class="toctree-l1"><a href="x">Is <em>a</em> &lt; "b"?</a><ul>'
    tree += '<li class="toctree-l2"><a href="y">Exercises</a>'
    named = navigation.named_apart(tree)
    assert 'aria-label="Exercises: Is a &lt; &quot;b&quot;?" href="y">' in named


def test_reading_on_leads_past_the_solutions(book):
    names = re.findall(r"file: chapters/(\w+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))

    def turn(page, rel):
        text = (book / f"{page}.html").read_text(encoding="utf-8")
        found = re.search(rf'<a rel="{rel}" href="([^"]*)"', text)
        return found and found[1]

    for name, after in pairwise(names):
        sheet = f"exercises/{name}/{name}"
        assert turn(f"chapters/{name}", "next") == f"../{sheet}.html"
        assert turn(sheet, "next") == f"../../chapters/{after}.html"
        assert turn(f"chapters/{after}", "prev") == f"../{sheet}.html"
        solutions = f"solutions/{name}/{name}"
        assert turn(solutions, "prev") == f"../../{sheet}.html"
        assert turn(solutions, "next") is None
