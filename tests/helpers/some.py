"""Cases of which ``make quick`` tries some, and ``make test`` all."""

from collections.abc import Collection

import pytest


def some(cases: Collection, quick: Collection) -> list:
    """The parameters ``cases``, slow but for those that are ``quick``.

    A dict's cases go by their names.
    """
    named = cases.items() if isinstance(cases, dict) else ((None, case) for case in cases)
    found = []
    for name, case in named:
        chosen = (case if name is None else name) in quick
        found.append(pytest.param(case, id=name, marks=() if chosen else pytest.mark.slow))
    assert sum(not one.marks for one in found) == len(quick), "each of them is a case"
    return found
