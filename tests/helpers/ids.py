"""Names for parametrised tests that are the same in every process."""

import re


def named(value):
    """``str(value)`` without addresses: workers must collect the same tests."""
    return re.sub(r" at 0x[0-9a-f]+", "", str(value))
