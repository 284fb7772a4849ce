"""Code is coloured by few elements, and nothing of it is lost."""

import re
from html import unescape

from pygments import highlight
from pygments.lexers import PythonLexer

from backpass.book.cells.code import COLOURS, Formatter
from backpass.book.pages import THEME

SOURCE = """@cached
def f(x):  # doubled
    return f"{x:.2f} is" 'not' "two" if x not in (2, 3.5) else None
"""


def coloured(source):
    return highlight(source, PythonLexer(), Formatter(nowrap=True))


def test_only_what_has_a_colour_is_an_element_and_neighbours_share_one():
    told = re.findall('<span class="([^"]+)">([^<]*)</span>', unescape(coloured(SOURCE)))
    assert told == [
        ("f", "@cached"), ("k", "def"), ("f", "f"), ("c", "# doubled"), ("k", "return"),
        ("s", 'f"{'), ("s", ':.2f} is"'), ("s", "'not'"), ("s", '"two"'), ("k", "if"),
        ("k", "not"), ("k", "in"), ("m", "2"), ("m", "3.5"), ("k", "else"), ("k", "None"),
    ]  # fmt: skip


def test_nothing_is_lost():
    assert unescape(re.sub("<[^>]*>", "", coloured(SOURCE))) == SOURCE


def test_every_class_has_a_colour():
    style = (THEME / "static/book.css").read_text(encoding="utf-8")
    for name in COLOURS.values():
        where = r"(?:\.highlight|:is\(\.highlight, \.cm-content\))"
        assert re.search(rf"{where} \.{name} \{{\s*color:", style), name


def test_short_code_stays_in_its_line_and_a_long_name_breaks_in_its_joints(tiny):
    page = (tiny / "_build/html/chapters/one.html").read_text(encoding="utf-8")
    assert '<code class="short">h = h.detach()</code>' in page
    assert "<code>h</code>" in page
    assert "<code>nn.<wbr>softmax_<wbr>cross_<wbr>entropy</code>" in page
    assert '<code class="short">--memory</code>' in page
    assert '<code>grade <span class="short">--memory</span> 4 <span' in page


def test_code_within_a_line_is_one_element(book):
    page = (book / "pages/api/gradcheck.html").read_text(encoding="utf-8")
    assert "<code>" in page
    assert 'class="pre"' not in page[page.index("<main") :].partition("<dl")[0]
