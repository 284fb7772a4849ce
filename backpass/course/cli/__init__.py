"""``backpass``, the command of who assigns and grades: a module a command.

A module imports what its command needs inside the command, so that ``backpass --help`` and the
completion of words answer at once. A :class:`~backpass.course.errors.CourseError` ends the command
with one paragraph and the exit status 2.
"""

import sys
from collections.abc import Sequence

from backpass.course.errors import CourseError

#: How the packages that the course needs are installed.
INSTALL = (
    "In the book's folder `make course` installs it; elsewhere: python -m pip install"
    " 'backpass[course]'."
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; ends the process, with 0 if all went well, else with 2."""
    try:
        from backpass.course.cli.commands import backpass  # here, as click may be missing

        backpass.main(arguments, prog_name="backpass")
    except CourseError as error:
        reason = str(error)
    except ModuleNotFoundError as error:
        if (error.name or "backpass").partition(".")[0] == "backpass":
            raise
        reason = f"This command needs the package {error.name}, which is not installed. {INSTALL}"
    print(f"backpass: {reason}", file=sys.stderr)
    sys.exit(2)
