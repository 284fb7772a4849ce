"""A function becomes a figure that lives twice: live in Jupyter, recorded in the book.

``widget`` (``explore`` itself) → ``piece`` (the author's function) and ``recording`` (what a page
replays) → ``controls``, ``stage`` (background and layer) → ``svg``; ``explorer.js`` and
``explorer.css`` are the front end of both lives, ``errors`` what goes wrong.
"""

from backpass.explore.errors import ExplorerError
from backpass.explore.widget import MIME, Explorer, explore

__all__ = ["MIME", "Explorer", "ExplorerError", "explore"]
