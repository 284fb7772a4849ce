"""Scripts of others, which pages load and nobody reads."""

import re

#: Comments that have lines of their own.
COMMENTS = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*\n", re.DOTALL | re.MULTILINE)


def without_comments(script: str) -> str:
    """A script without the comments that have lines of their own: it is loaded, and not read."""
    return COMMENTS.sub("", script)
