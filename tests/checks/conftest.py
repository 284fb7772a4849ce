"""What the tests of the checks share."""

import pytest
from checks import recorded


@pytest.fixture(autouse=True, scope="module")
def _remembering():
    """The same few arguments are asked about in hundreds of runs of a check."""
    with recorded.remembering():
        yield
