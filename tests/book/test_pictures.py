"""Every state of every explorer of the built book can be read, on a phone too."""

import re

import pytest
from collisions import collisions
from picture import BRACKETS, Text, pictures
from places import ROOT

from backpass.style import SIZE, WIDTH

#: A minus sign before a zero, also the glyph of a hyphen.
SIGNED_ZERO = re.compile(r"(?<![\d.])[-−]0(?:\.0*)?(?![\d.])")
#: A power of ten as Python writes it, or a thousand without a comma. (10¹⁵ on a logarithmic axis
#: is read as 1015: its digits stand in two lines.)
RAW = re.compile(r"(?<![\w.,])(?:\d[\d.]*e[-+−]?\d+|(?!10\d\d$)\d{4,}(?!\w))")
PAGES = ["intro", *sorted(f"chapters/{path.stem}" for path in ROOT.glob("chapters/*.ipynb"))]


@pytest.fixture(scope="module", params=PAGES)
def drawn(request, book):
    """The explorers of a page: recording, background, and (values, layer) of all states."""
    return [(*one, [*states]) for *one, states in pictures(book / f"{request.param}.html")]


def test_no_text_lies_on_anything_or_reaches_out_of_its_picture(drawn):
    found = {}
    for recording, background, states in drawn:
        title, size = recording["title"], (recording["width"], recording["height"])
        for fault in collisions(background, *size):
            found[title, fault] = "always"
        for values, layer in states:
            for fault in collisions([*background, *layer], *size, known=len(background)):
                found.setdefault((title, fault), values)
    assert found == {}


def test_text_is_large_enough_for_a_phone(drawn):
    """It shows a figure of 4.4 inches 350 px wide, and so its text of 11 points as 12 px."""
    for recording, background, states in drawn:
        sizes = {item.size for item in background if isinstance(item, Text)}
        for _, layer in states:
            sizes |= {item.size for item in layer if isinstance(item, Text)}
        assert recording["width"] <= 72 * WIDTH + 0.01, recording["title"]
        assert min(sizes, default=SIZE) >= SIZE - 0.01, recording["title"]


def test_numbers_are_as_in_print_and_no_zero_has_a_sign(drawn):
    found = set()
    for recording, background, states in drawn:
        for layer in (background, *(layer for _, layer in states)):
            words = {item.words for item in layer if isinstance(item, Text)}
            for wrong in (SIGNED_ZERO, RAW, BRACKETS):
                found |= {(recording["title"], one) for one in words if wrong.search(one)}
    assert found == set()


def test_the_book_is_not_without_pictures(book):
    pages = [(book / f"{name}.html").read_text(encoding="utf-8") for name in PAGES]
    assert sum(len(re.findall("data-states=", page)) for page in pages) > 40
