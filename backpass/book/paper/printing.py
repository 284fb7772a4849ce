"""The document is printed until it says of every place the page on which it stands."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from pypdf import PdfReader

from backpass.book.chromium import PrintError, print_page
from backpass.book.paper.document import Book

#: The first time no number is known; the second is right unless a number moved what follows it.
TIMES = 5


def places(pdf: Path) -> dict[str, int]:
    """The page, from 1, of every place of a PDF that a link in it leads to."""
    reader = PdfReader(pdf)
    return {
        name.removeprefix("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }


def print_book(book: Book, pdf: Path, size: str = "A4", about: Mapping | None = None) -> int:
    """Print a book that was built on paper of this size; returns the number of its pages.

    ``about`` is what CITATION.cff says. Raises `PrintError`, and then what was in ``pdf`` before
    still stands. For as long a folder beside it holds what is printed.
    """
    numbers: dict[str, int] = {}
    with tempfile.TemporaryDirectory(dir=pdf.parent) as folder:
        page, printed = Path(folder, "book.html"), Path(folder, "book.pdf")
        for _ in range(TIMES):
            page.write_text(book.document(numbers, size, about or {}), encoding="utf-8")
            print_page(page, printed)
            found = places(printed)
            if found == numbers:
                printed.replace(pdf)
                return len(PdfReader(pdf).pages)
            numbers = found
    raise PrintError("The page numbers do not settle: each changes where the others stand.")
