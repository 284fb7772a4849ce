"""No two links of a page have one name and lead to different pages or places of one."""

import html
import re
from collections import defaultdict

import pytest
from docutils import nodes

from backpass.book.text import names


def named(page):
    """What each link of a page's text is called, and where the links of that name lead."""
    text = re.sub(r"<annotation.*?</annotation>", "", page, flags=re.S)
    found = defaultdict(set)
    for attributes, inside in re.findall(r"<a ([^>]*)>(.*?)</a>", text, re.S):
        label = re.search(r'aria-label="([^"]*)"', attributes)
        name = label[1] if label else re.sub("<[^>]*>", "", inside)
        target = re.search(r'href="([^"]*)"', attributes)[1]
        found[" ".join(html.unescape(name).split())].add(target)
    return found


def test_links_of_one_name_lead_to_one_page(book):
    """A section of a page counts as the page, unless that is the page one is on; where the
    references have a source counts as the source.
    """
    pages = [path for path in book.rglob("*.html") if path.name != "search.html"]
    assert len(pages) > 20
    for path in pages:
        for name, targets in named(path.read_text(encoding="utf-8")).items():
            assert name, path
            leads = {one if one.startswith("#") else one.partition("#")[0] for one in targets}
            leads = {one for one in leads if not one.endswith("pages/references.html")} or {""}
            assert len(leads) == 1, (path.name, name, leads)


def test_a_sign_is_called_after_the_place_it_links_to(tiny):
    page = (tiny / "_build/html/chapters/one.html").read_text(encoding="utf-8")
    assert re.search(r'href="#formulas" aria-label="Link to Formulas" title="Link to this', page)
    assert 'aria-label="Link to One of x²"' in page  # a formula as one would read it


def test_a_place_without_words_of_its_own_is_called_by_its_address():
    context = {"body": '<a class="headerlink" href="#a&amp;b" title="Link to this x">#</a>'}
    names.name_permalinks(None, "", "", context, nodes.document(None, None))
    assert 'aria-label="Link to a&amp;b" title' in context["body"]


@pytest.mark.parametrize("page", ["pages/glossary", "pages/questions"])
def test_each_entry_is_called_by_its_words(book, page):
    found = named((book / f"{page}.html").read_text(encoding="utf-8"))
    entries = [name for name in found if name.startswith("Link to ")]
    assert len(entries) > 30
    assert not [name for name in entries if "-" in name and " " not in name[8:] and name.islower()]
