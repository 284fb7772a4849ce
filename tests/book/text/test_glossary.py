"""Terms in a chapter lead to the glossary, once in a section."""

import json
import re

import pytest
from visits import CHAPTERS

from backpass.book.text import glossary
from backpass.numerals import together

TERM = re.compile(r'<a class="term[^"]*" href="\.\./pages/glossary\.html#([^"]+)">([^<]*)</a>')


@pytest.mark.parametrize(
    ("term", "forms"),
    [
        ("Batch.", ["Batch"]),
        ("Dead unit (dying ReLU).", ["Dead unit", "dying ReLU"]),
        ("Overflow, underflow.", ["Overflow", "underflow"]),
        ("Delta (δ).", ["Delta"]),
    ],
)
def test_a_term_has_several_forms(term, forms):
    assert glossary.forms(term) == forms


def test_whole_terms_are_found_the_longest_first():
    terms = {"entropy": "a", "cross-entropy": "b", "batch": "c", "batch normalisation": "d",
             "he's scale": "e"}  # fmt: skip
    found = glossary.pattern(terms).findall(
        "Entropy, cross-entropy; mini-batch, batches. Batch normalisation! He’s scale"
    )
    assert found == ["Entropy", "cross-entropy", "batch", "Batch normalisation", "He’s scale"]


def test_a_term_is_found_in_which_no_line_may_be_parted():
    finder = glossary.pattern({"cma-es": "cma-es"})
    for written in ("CMA-ES", together("CMA-ES")):
        found = finder.search(f"as {written} did")
        assert found[0] == written
        assert glossary.plain(found[1]) == "cma-es"


@pytest.fixture(scope="module")
def meanings(book):
    text = (book / "_static/glossary.js").read_text(encoding="utf-8")
    return json.loads(re.fullmatch(r"backpassGlossary\((.*)\);\n", text, re.S)[1])


@pytest.mark.parametrize("name", CHAPTERS)
def test_each_section_links_a_term_once_to_what_it_means(book, meanings, name):
    page = (book / f"{name}.html").read_text(encoding="utf-8")
    text = page[page.index("<main") : page.index("</main>")]
    for part in text.split("<h2>"):
        linked = [address for address, _ in TERM.findall(part)]
        assert len(linked) == len(set(linked))
        assert set(linked) <= set(meanings)
    assert len(TERM.findall(text)) > 20
    for apart in ("<h[1-4]>.*?</h[1-4]>", "<pre.*?</pre>", '<a class="reference.*?</a>'):
        assert not TERM.search("".join(re.findall(apart, text, re.S)))
    assert not TERM.search(text.partition('id="further-reading"')[2])
    assert 'data-glossary="../_static/glossary.js"' in page


def test_every_term_of_the_glossary_has_its_meaning(book, meanings):
    page = (book / "pages/glossary.html").read_text(encoding="utf-8")
    addresses = re.findall('<p id="([^"]+)"><strong>', page)
    assert set(addresses) == set(meanings)
    assert all(text.startswith("<p><strong>") for text in meanings.values())
    assert not any("headerlink" in text for text in meanings.values())
    assert "terms.js" not in page
