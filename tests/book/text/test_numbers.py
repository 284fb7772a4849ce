"""Chapters, sections, figures and the formulas that links are for are numbered; sheets are not."""

import re

import pytest
from places import ROOT
from visits import CHAPTERS, PAGES

from backpass import notebooks

HEADING = re.compile(r'<h([1-4])>(?:<span class="section-number">([\d.]+)\s*</span>)?')
FIGURE = re.compile(r'<figure [^>]*\bid="([^"]+)"(.*?)</figure>', re.S)
NUMBER = re.compile(r'<a class="number" href="#([^"]+)">Figure ([\d.]+)</a><figcaption ')


def numbers(page):
    return {level: re.findall(rf"<h{level}><span[^>]*>([\d.]+)", page) for level in "123"}


def test_chapters_sections_and_figures_are_counted(page):
    assert numbers(page) == {"1": ["1"], "2": ["1.1", "1.2", "1.3"], "3": []}
    found = [NUMBER.search(inside) for _, inside in FIGURE.findall(page)]
    assert [one.groups() for one in found] == [("figure-a-dot", "1.1"), ("figure-a-dot-2", "1.2")]


def test_the_number_is_no_part_of_what_is_read_aloud(page):
    live = re.findall(r'<[^>]*aria-live="polite"[^>]*>([^<]*)<', page)
    assert live == ["The dot is at 1 – left."] * 2


@pytest.mark.parametrize("kind", ["exercises", "solutions"])
def test_a_sheet_is_no_section_of_its_chapter(tiny, page, kind):
    sheet = (tiny / f"_build/html/{kind}/one/one.html").read_text()
    assert "<h1>" in sheet
    assert not any(numbers(sheet).values())
    assert re.search(rf'href="../{kind}/one/one.html">[A-Z]', page)


def test_the_book_is_numbered_in_its_order(book):
    for name in {*PAGES} - {"search"}:
        text = (book / f"{name}.html").read_text(encoding="utf-8")
        found = HEADING.findall(text)
        if name not in CHAPTERS:
            assert not any(number for _, number in found), name
            assert 'class="number"' not in text, name
            continue
        chapter = str(CHAPTERS.index(name) + 1)
        sections = [number for level, number in found if level == "2"]
        assert found[0] == ("1", chapter)
        assert sections == [f"{chapter}.{n}" for n in range(1, len(sections) + 1)]
        figures = FIGURE.findall(text)
        for place, (address, inside) in enumerate(figures, start=1):
            assert NUMBER.search(inside).groups() == (address, f"{chapter}.{place}"), name
        framed = re.findall(r'id="(equation-\d+)">(.*?)</div>', text, re.S)
        for place, (address, inside) in enumerate(framed, start=1):
            number = f"({chapter}.{place})"
            assert f'{number}<a class="headerlink" href="#{address}"' in inside
            told = re.findall(rf'<a [^>]*href="#{address}"[^>]*>(.*?)</a>', text, re.S)
            assert any(one.endswith(f"\xa0{number}") for one in told), number
        cells = notebooks.read(ROOT / f"{name}.ipynb").cells
        assert 0 < len(framed) <= sum(cell.source.count(r"$$\boxed{") for cell in cells)
