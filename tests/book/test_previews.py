"""What is seen where somebody links to a page."""

import re
import struct
from types import SimpleNamespace

import matplotlib.image
import pytest
from books import build_book
from browser import chromium
from tiny_book import RECORDING

from backpass.book import previews

ADDRESS = "https://book.example/gradients"


def properties(page):
    """The page's Open Graph properties, and its card."""
    return dict(
        re.findall(r'<meta (?:property|name)="((?:og|twitter):\S+)" content="([^"]*)">', page)
    )


@pytest.mark.browser
def test_a_page_shows_its_first_explorer_and_others_show_the_front_page(own):
    with chromium():
        pass
    stale = own / "_build/html/previews/gone-solutions.png"
    stale.parent.mkdir()
    stale.touch()
    config = own / "_config.yml"
    config.write_text(config.read_text().replace('baseurl: ""', f'baseurl: "{ADDRESS}"'))
    run = build_book(own, own)
    assert run.returncode == 0, run.stdout
    built = own / "_build/html"
    pages = {
        name: properties((built / f"{name}.html").read_text(encoding="utf-8"))
        for name in ("intro", "chapters/one", "exercises/one/one")
    }
    assert pages["chapters/one"]["og:image"] == f"{ADDRESS}/previews/one.png"
    assert pages["chapters/one"]["og:image:alt"] == f"A dot. {RECORDING['sentences'][0]}"
    assert pages["exercises/one/one"]["og:image"] == pages["intro"]["og:image"]
    assert {page["twitter:card"] for page in pages.values()} == {"summary_large_image"}
    assert {one.name for one in (built / "previews").iterdir()} == {"one.png", "intro-intro.png"}
    for page in pages.values():
        picture = built / page["og:image"].removeprefix(ADDRESS).lstrip("/")
        assert struct.unpack(">II", picture.read_bytes()[16:24]) == (1200, 630)
        assert matplotlib.image.imread(picture)[..., :3].std() > 0.05  # there is something to see


def page_of(app):
    context = {}
    previews.preview(app, "chapters/one", "page.html", context, SimpleNamespace(findall=None))
    return context


def test_without_an_address_or_without_a_browser_there_is_none(monkeypatch, caplog):
    monkeypatch.setattr(previews.chromium, "executable", lambda: None)
    there = SimpleNamespace(config=SimpleNamespace(html_baseurl=ADDRESS))
    nowhere = SimpleNamespace(config=SimpleNamespace(html_baseurl=""))
    assert page_of(there) == page_of(nowhere) == {}
    told = []
    monkeypatch.setattr(previews.logger, "info", lambda text, *more: told.append(text % more))
    previews.say(nowhere)
    assert told == []
    previews.say(there)
    assert "sudo apt install chromium" in told[0]
    monkeypatch.setattr(previews.chromium, "executable", lambda: "/usr/bin/chromium")
    assert page_of(nowhere) == {}


def test_a_card_has_the_title_the_book_and_the_picture():
    card = previews.card("The <Book>", "Is 1 < 2?", '<figure><svg id="x"></svg></figure>')
    assert "<p>The &lt;Book&gt;</p><h1>Is 1 &lt; 2?</h1>" in card
    assert '<svg id="x"></svg>' in card
    assert "<p>" not in previews.card("The book", "The book", "")
