"""What whoever runs a hub, or a class's grading, sets for all its notebooks by the environment.

A notebook cannot mend a setting that cannot be read, so that it does not end there: it goes on with
another value, and says so, once. In a notebook this is printed where nbgrader takes no points for
it, not to stderr.
"""

import os
import sys
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

#: The settings that somebody was told of.
_told: set[tuple[str, str]] = set()


def setting(name: str, read: Callable[[str], T], *, unset: T, unread: T, wanted: str) -> T:
    """What the environment variable ``name`` says, as ``read`` reads it.

    ``unset`` if it says nothing; ``unread``, with a line that says what is ``wanted`` instead, if
    ``read`` raises ValueError. Blanks around it and capitals make no difference.
    """
    given = os.environ.get(name, "").strip()
    if not given:
        return unset
    try:
        return read(given.lower())
    except ValueError:
        if (name, given) not in _told:
            _told.add((name, given))
            _say(
                f"The environment variable {name} is {given!r} and should be {wanted}. Until"
                f" whoever set it mends that, it counts as {unread!r}."
            )
        return unread


def _say(line):
    print(line, file=sys.stdout if "ipykernel" in sys.modules else sys.stderr)
