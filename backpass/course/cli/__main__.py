"""``python -m backpass.course.cli``: the command where it is not on the PATH."""

from backpass.course.cli import main

main()
