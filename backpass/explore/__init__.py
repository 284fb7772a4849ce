"""A function becomes a figure that lives twice: live in Jupyter, recorded in the book.

``widget`` (``explore`` itself) → ``recording`` (what a page replays) → ``piece`` (the author's
function) → ``controls``, ``stage`` (background and layer) → ``svg``; ``target`` is what an author
draws on, ``errors`` what goes wrong. ``explorer.js`` and ``explorer.css`` are the front end of both
lives.
"""

from backpass.explore.errors import ExplorerError
from backpass.explore.widget import MIME, Explorer, explore

__all__ = ["MIME", "Explorer", "ExplorerError", "explore"]
