"""``backpass``, the command of who assigns and grades: a module a command.

A module imports what its command needs inside the command, so that ``backpass --help`` and the
completion of words answer at once. The exit status is 0 if all went well, 1 if some submissions
could not be graded, 2 if the command was called wrongly or could not do its work, which a paragraph
says (:class:`~backpass.course.errors.CourseError`), and 130 if Ctrl-C stopped it.
"""

import sys
from collections.abc import Sequence

from backpass.course.errors import CourseError

#: How the packages that the course needs are installed.
INSTALL = (
    "In the book's folder `make course` installs it, or in an environment of your own: python -m"
    " pip install -c constraints.txt -e '.[course]'."
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; ends the process, with an exit status as above."""
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
