"""What is seen where somebody links to a page: its title and its first explorer, as a picture.

Only a book that knows its address has previews: others fetch them from there. Chromium takes each,
as 1200 × 630 pixels; where there is none the book is as it was, and says so. A page without an
explorer has the front page's.
"""

import html
import re
import tempfile
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from backpass.book import chromium
from backpass.book.cells.explorers import explorer
from backpass.book.pages import download_name
from backpass.book.text.plain import text_of
from backpass.style import palette

logger = logging.getLogger(__name__)

WIDTH, HEIGHT = 1200, 630
#: Letters of a title that fit on a line.
LINE = 44

CARD = """<!DOCTYPE html>
<html data-theme="light"><meta charset="utf-8">
<style>{palette}
* {{ box-sizing: border-box; margin: 0; }}
body {{ display: grid; grid-template-rows: auto minmax(0, 1fr); gap: 24px; width: {width}px;
  height: {height}px; padding: 44px 60px 36px; border-left: 16px solid var(--bp-blue);
  background: var(--bp-paper); color: var(--bp-ink);
  font-family: system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }}
p {{ color: var(--bp-muted); font-size: 26px; }}
h1 {{ font-size: {size}px; line-height: 1.2; letter-spacing: -0.02em; text-wrap: balance; }}
svg {{ display: block; width: 100%; height: 100%; max-width: none !important; }}
</style>
<body><header>{book}<h1>{title}</h1></header>{picture}</body></html>
"""


def card(book: str, title: str, figure: str) -> str:
    """The page of which a picture is taken: a title, and an explorer's figure, if there is one."""
    picture = re.search("<svg.*?</svg>", figure, re.S)
    above = f"<p>{html.escape(book)}</p>" if title != book else ""
    return CARD.format(
        palette=palette(),
        width=WIDTH,
        height=HEIGHT,
        size=52 if len(title) <= LINE else 42,
        book=above,
        title=html.escape(title),
        picture=picture[0] if picture else "",
    )


def preview(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Take a page's picture, and tell the theme where the picture is to be had."""
    if not app.config.html_baseurl or doctree is None or not chromium.executable():
        return
    shown = next(doctree.findall(explorer), None)
    owner = pagename if shown is not None else app.config.root_doc
    name = f"previews/{picture_name(owner)}"
    words = app.config.html_title
    if owner == pagename:
        title = " ".join(text_of(app.env.titles[pagename]).split())
        figure = shown["recording"]["figure"] if shown is not None else ""
        if figure:
            words = html.unescape(alternative(figure))
        try:
            take(card(app.config.html_title, title, figure), Path(app.outdir, name))
        except chromium.PrintError as error:
            logger.info("%s has no preview. %s", pagename, error)
            return
    context["preview_text"] = words
    context["preview"] = f"{app.config.html_baseurl.rstrip('/')}/{name}"


def picture_name(page: str) -> str:
    return f"{Path(download_name(page)).stem}.png"


def drop_stale(app: Sphinx, exception: Exception | None) -> None:
    """Delete the previews of pages that are gone, as solutions of an earlier full edition."""
    if exception or app.builder.name != "html":
        return
    pages = app.env.found_docs if app.config.html_baseurl else ()
    for picture in set(Path(app.outdir, "previews").glob("*.png")):
        if picture.name not in map(picture_name, pages):
            picture.unlink()


def alternative(figure: str) -> str:
    """The picture of an explorer in words, as HTML: its title and its sentence."""
    title = re.search(r'aria-label="([^"]*)"', figure)[1]
    sentence = re.search("<figcaption[^>]*>(.*?)</figcaption>", figure, re.S)[1]
    return f"{title}. {html.escape(html.unescape(re.sub('<[^>]*>', '', sentence)))}"


def take(page: str, picture: Path) -> None:
    """Take the picture of a page, given as HTML; raises `PrintError`."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=picture.parent) as folder:
        text, taken = Path(folder, "card.html"), Path(folder, "card.png")
        text.write_text(page, encoding="utf-8")
        chromium.take_picture(text, taken, WIDTH, HEIGHT)
        taken.replace(picture)


def say(app: Sphinx) -> None:
    """Say once if there can be no previews, and how there could be."""
    if app.config.html_baseurl and not chromium.executable():
        logger.info("Links to the pages show no pictures elsewhere. %s", chromium.MISSING)


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", say)
    app.connect("html-page-context", preview)
    app.connect("build-finished", drop_stale)
