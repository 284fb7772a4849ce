"""What a page is made of, what it loads, and how much that weighs."""

import gzip
import html
import re
from pathlib import Path

import pytest
from books import build_book
from browser import chromium

from backpass.book import pages

#: A phone lays out about so many elements in a tenth of a second.
ELEMENTS = 15_000


def test_no_page_has_more_elements_than_a_phone_shows_at_once(book):
    for path in book.rglob("*.html"):
        count = len(re.findall("<[a-z]", path.read_text(encoding="utf-8")))
        assert count < ELEMENTS, path.name


def test_stderr_is_not_part_of_the_book(page):
    assert "noise for stderr" not in re.sub(r"<pre>.*?</pre>", "", page, count=0, flags=re.S)
    assert 'class="output stderr' not in page


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("chapters/bptt", "bptt.ipynb"),
        ("exercises/bptt/bptt", "bptt-exercises.ipynb"),
        ("solutions/bptt/bptt", "bptt-solutions.ipynb"),
    ],
)
def test_each_notebook_is_saved_under_a_name_of_its_own(book, page, name):
    assert pages.download_name(page) == name
    assert f'download="{name}"' in (book / f"{page}.html").read_text(encoding="utf-8")


def test_each_page_says_in_its_head_what_it_is_about(book):
    said = {}
    for path in book.rglob("*.html"):
        name = path.relative_to(book).as_posix()
        found = re.findall('<meta name="description" content="([^"]*)">', path.read_text("utf-8"))
        if name != "index.html":
            assert len(found) == 1
            assert 20 <= len(html.unescape(found[0])) <= pages.DESCRIBED, name
            said[name] = found[0]
    told = [text for name, text in said.items() if name.startswith("chapters/")]
    assert len(set(told)) == len(told) >= 6
    assert "canonical" not in (book / "intro.html").read_text(encoding="utf-8")  # no address


def test_where_the_address_is_known_each_page_says_it(own):
    config = own / "_config.yml"
    address = 'baseurl: "https://book.example/gradients"'
    config.write_text(config.read_text().replace('baseurl: ""', address))
    assert build_book(own, own).returncode == 0
    built, root = own / "_build/html", "https://book.example/gradients"
    page = (built / "chapters/one.html").read_text(encoding="utf-8")
    assert f'<link rel="canonical" href="{root}/chapters/one.html">' in page
    listed = re.findall("<loc>(.*?)</loc>", (built / "sitemap.xml").read_text(encoding="utf-8"))
    assert {f"{root}/intro.html", f"{root}/chapters/one.html"} <= set(listed)
    assert all((built / url.removeprefix(root).lstrip("/")).is_file() for url in listed)


@pytest.mark.browser
def test_a_page_from_disk_saves_its_notebook(tiny):
    with chromium() as browser:
        page = browser.new_page()
        page.goto((tiny / "_build/html/chapters/one.html").as_uri())
        for _ in range(2):
            with page.expect_download() as saved:
                page.get_by_role("link", name="Download this page as a notebook").click()
            assert saved.value.suggested_filename == "one.ipynb"
            text = Path(saved.value.path()).read_text()
            assert text == (tiny / "chapters/one.ipynb").read_text()


LOADED = re.compile(
    r"""<(?!a\b)[a-z]+\b[^>]*?\b(?:src|href|srcset|poster|action|data)\s*=\s*["']?([^"'\s>]+)"""
    r"""|url\(\s*["']?([^"')]+)|@import\s+["']?([^"';]+)|\bimport\s*\(?["']([^"']+)"""
    r"""|(?:fetch|importScripts|open|EventSource|WebSocket)\(\s*["'`]([^"'`]+)"""
)


def foreign(html_folder):
    """What the files of a built book would load from another origin."""
    found = []
    for file in html_folder.rglob("*"):
        if file.suffix in (".html", ".css", ".js", ".svg"):
            for match in LOADED.finditer(file.read_text(encoding="utf-8")):
                target = next(filter(None, match.groups()))
                if re.match(r"(?:https?|wss?|ftp):|//", target):
                    found.append(f"{file.name}: {target}")
    return found


def weight(html_folder, name):
    """Bytes of a page, each file it loads compressed by itself; every font counted, no explorer."""
    page = html_folder / name
    seen, todo = set(), [page]
    while todo:
        file = todo.pop()
        seen.add(file)
        if file.suffix not in (".html", ".css"):
            continue
        for match in LOADED.finditer(file.read_text(encoding="utf-8")):
            target = re.split("[?#]", next(filter(None, match.groups())))[0]
            path = (file.parent / target).resolve()
            if path.is_file() and path.suffix != ".html" and path not in seen:
                todo.append(path)
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in seen)


def test_nothing_is_loaded_from_another_origin(tiny):
    assert foreign(tiny / "_build/html") == []


def test_the_scan_for_other_origins_sees_them(tmp_path):
    (tmp_path / "a.html").write_text('<script defer src="https://a.example/x.js"></script>')
    (tmp_path / "b.css").write_text("@font-face { src: url(//b.example/f.woff2) }")
    (tmp_path / "c.js").write_text('import("https://c.example/m.js"); fetch("https://d.example")')
    (tmp_path / "d.html").write_text('<a href="https://e.example">a link is no request</a>')
    assert len(foreign(tmp_path)) == 4


def test_a_page_weighs_little(tiny):
    assert weight(tiny / "_build/html", "chapters/one.html") < 330_000


def test_the_real_book_loads_nothing_foreign_and_weighs_little(book):
    assert foreign(book) == []
    pages = [path.relative_to(book) for path in book.rglob("*.html")]
    assert len(pages) > 8
    for name in pages:
        assert weight(book, name) < 600_000, name
    for states in (book / "_static/explorers").glob("*.js"):
        assert len(gzip.compress(states.read_bytes(), 9)) < 150_000, states.name
