"""Where things are."""

from pathlib import Path

#: The folder of the book.
ROOT = Path(__file__).parents[2]
