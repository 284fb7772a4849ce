"""Two editions: the full book, and the student's, without a word of the solutions."""

import os

from sphinx.application import Sphinx
from sphinx.config import Config

from backpass.book.building.reasons import stop


def choose(app: Sphinx, config: Config) -> None:
    """Leave the solutions out of the student edition; stop at an edition that there is not."""
    if config.backpass_edition not in ("full", "student"):
        stop(
            f"There is no {config.backpass_edition!r} edition: EDITION (or BACKPASS_EDITION) is "
            '"full", with the solutions, or "student", without.'
        )
    if config.backpass_edition == "student":
        site = config.external_site_map
        for document in site.values():
            for tree in document.subtrees:
                tree.items = [i for i in tree.items if not str(i).startswith("solutions/")]
            document.subtrees = [tree for tree in document.subtrees if tree.items]
        for name in [name for name in site if name.startswith("solutions/")]:
            del site[name]
        config.exclude_patterns = [*config.exclude_patterns, "solutions"]


def setup(app: Sphinx) -> None:
    app.add_config_value("backpass_edition", os.environ.get("BACKPASS_EDITION", "full"), "env")
    app.connect("config-inited", choose, priority=950)  # after the table of contents is read
