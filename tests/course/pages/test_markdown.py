import time
from html.parser import HTMLParser

import pytest
from course.payloads import PAYLOADS

from backpass.course.pages import markdown
from backpass.course.pages.markdown import rendered

#: All that an answer may be made of.
TAGS = {"a", "blockquote", "br", "code", "div", "em", "hr", "li", "ol", "p", "pre", "s", "span"}
TAGS |= {"strong", "table", "tbody", "td", "th", "thead", "tr", "ul", "h3", "h4", "h5", "h6"}
ATTRIBUTES = {"class", "href", "rel", "start", "target", "title"}


class Seen(HTMLParser):
    """The tags of a text, the names of their attributes, and where its links lead."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.links = set(), set(), []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name == "href"]


@pytest.mark.parametrize("text", PAYLOADS)
def test_nothing_is_left_that_could_run_or_fetch(text):
    around = ("", "> ", "- ", "# ", "a ", "[", "| ", "    ")
    seen = Seen("\n\n".join(rendered(f"{before}{text}") for before in around))
    assert seen.tags <= TAGS
    assert seen.attributes <= ATTRIBUTES
    assert all(link.startswith(("http://", "https://", "mailto:")) for link in seen.links)


def test_what_markdown_has_is_shown():
    html = rendered(
        "# One\n\n*a* **b** `c` ~~d~~ [e](https://example.org) <mailto:f@example.org>\n\n1. g\n\n"
        "> h\n\n| i |\n|--:|\n| j |\n\n```python\nk\n```\n"
    )
    tags = "h3 em strong code s a ol li blockquote table thead th tbody td pre p tr".split()  # noqa: SIM905
    assert Seen(html).tags == set(tags)
    assert Seen(html).links == ["https://example.org", "mailto:f@example.org"]


def test_headings_go_below_those_of_the_page():
    assert "<h4>a</h4>" in rendered("# a", below=3)
    assert "<h6>a</h6>" in rendered("# a", below=9)


def test_no_level_of_headings_is_left_out():
    html = rendered("## a\n\n#### b\n\n# c\n\n## d")
    assert [html[html.index(f">{word}<") - 1] for word in "abcd"] == ["3", "4", "3", "4"]


def test_a_formula_stays_as_its_tex():
    html = rendered(r"$a_b < c^*_d$ and $x_*y*_z$")
    assert '<span class="math inline">a_b &lt; c^*_d</span>' in html
    assert "<em>" not in html


def test_a_picture_becomes_a_link():
    html = rendered("![p](https://example.org/p.png)")
    assert "<img" not in html
    assert 'href="https://example.org/p.png"' in html


def test_a_checklist_has_boxes():
    assert "☐ a" in rendered("- [ ] a")
    assert "☒ b" in rendered("- [x] b")


def test_what_is_endless_is_cut_and_said(monkeypatch):
    monkeypatch.setattr(markdown, "MOST", 10)
    html = rendered("a" * 1500)
    assert "<p>" + "a" * 10 + "</p>" in html
    assert "1,490 more characters" in html


@pytest.mark.slow
@pytest.mark.parametrize("text", ["> " * 20_000, "[" * 30_000, "*a_" * 10_000, "$" * 30_000,
                                  "- " * 15_000, "`" * 30_000, "![](" * 7_500])  # fmt: skip
def test_no_text_takes_long(text):
    start = time.process_time()
    rendered(text)
    assert time.process_time() - start < 10
