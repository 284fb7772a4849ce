"""What the tests of pages that run Python share."""

import pytest
from missing import missing

from backpass.book.in_page import contents as made
from backpass.files import fetched


@pytest.fixture(scope="session")
def contents():
    """What a browser loads, by its names."""
    try:
        return made.contents()
    except fetched.FetchError as error:
        missing(f"There is no Python for the pages here: {error}")
