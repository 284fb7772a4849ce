"""Print the book that was built in a folder as a PDF beside that folder.

python -m backpass.book.paper [--size letter] [_build/html]
python -m backpass.book.paper --find    # only say what to install, if Chromium is missing
"""

import argparse
import sys
from pathlib import Path

import yaml

from backpass.book.building.disk import NO_BOOK
from backpass.book.chromium import MISSING, PrintError, executable
from backpass.book.paper.document import Book
from backpass.book.paper.printing import print_book


def main(arguments: list[str]) -> str | None:
    """Run the command; returns what went wrong, None if all is well."""
    parser = argparse.ArgumentParser(prog="python -m backpass.book.paper", description=__doc__)
    parser.add_argument("built", nargs="?", type=Path, default=Path("_build/html"))
    parser.add_argument("--size", default="A4", help="of the paper: A4, letter, ...")
    parser.add_argument("--find", action="store_true", help="only say if Chromium is missing")
    options = parser.parse_args(arguments)
    if not executable():
        return MISSING
    if options.find:
        return None
    built = options.built.resolve()
    if not (built / "intro.html").exists():
        return NO_BOOK.format(built)
    citation = built.parents[1] / "CITATION.cff"
    about = yaml.safe_load(citation.read_text(encoding="utf-8")) if citation.exists() else {}
    book = Book(built)
    pdf = built.parent / f"{book.file_name}.pdf"
    print("Chromium prints the book, which takes a few minutes.")
    try:
        pages = print_book(book, pdf, options.size, about)
    except PrintError as error:
        return str(error)
    print(f"{pages} pages: {pdf}")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
