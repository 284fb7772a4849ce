"""From page to page: the book's navigation, the pages before and after."""

import html
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

#: A link of the navigation: its level, what stands before its text, its text.
LINK = re.compile(r'(<li class="toctree-l(\d)[^>]*><a )([^>]*>)(.*?)(?=</a>)', re.S)


def named_apart(navigation: str) -> str:
    """The navigation with links that read alike (“Exercises”) named after what they are below."""
    above = ""

    def name(found: re.Match) -> str:
        nonlocal above
        start, level, attributes, text = found.groups()
        words = html.escape(html.unescape(re.sub("<[^>]*>", "", text)))
        if level == "1":
            above = re.sub(r"^\d+\s", "", words)  # its number
            return found[0]
        return f'{start}aria-label="{words}: {above}" {attributes}{text}'

    return LINK.sub(name, navigation)


def navigate(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Hand the theme the book's navigation, and the pages before and after this one."""
    if "toctree" in context:
        tree = context["toctree"](collapse=False, includehidden=True, titles_only=True, maxdepth=3)
        tree = tree.replace(' role="heading"', "").replace(
            'class="current reference internal" href="#"',
            'class="current" aria-current="page" href="#"',
        )
        context["navigation"] = named_apart(tree)
    if doctree is not None:
        before, after = neighbours(app, pagename)
        context["prev"], context["next"] = (
            name
            and {"link": app.builder.get_relative_uri(pagename, name), "title": title(app, name)}
            for name in (before, after)
        )


def neighbours(app: Sphinx, pagename: str) -> tuple[str | None, str | None]:
    """The pages before and after a page, as one reads: solutions are looked up, not read.

    From a solution the way back is to its exercises.
    """
    relations = app.env.collect_relations()
    before, after = relations.get(pagename, (None, None, None))[1:]
    if pagename.startswith("solutions/"):
        return before, None
    while before and before.startswith("solutions/"):
        before = relations[before][1]
    while after and after.startswith("solutions/"):
        after = relations[after][2]
    return before, after


def title(app: Sphinx, name: str) -> str:
    return app.builder.render_partial(app.env.titles[name])["title"]


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", navigate)
