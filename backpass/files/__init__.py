"""What every room that keeps files needs: whole writes, and a notebook's text read or refused.

``wheels`` makes zips, and a wheel of the package that is installed here; ``fetched`` has npm bring
what others wrote, and checks it; ``runtime`` has pip bring the Python packages that a page runs,
which ``bytecode`` compiles (``compiling`` is what runs in that Python); ``kept`` has what takes
long to make found again.
"""

import json
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path


class UnreadableNotebookError(ValueError):
    """This text is no notebook; the message is one paragraph that says what to do."""


def write(path: str | Path, content: str | bytes) -> bool:
    """Put `content` (text as UTF-8, its line ends as they are) into the file `path`.

    Whole or not at all: whoever reads `path` finds what was there before or all of `content`. Who
    may read it stays as it was; of a new file that is as for any that this user makes. Returns
    whether anything changed; a file that already holds `content` is left alone. Raises `OSError`,
    and then what was there before still stands.
    """
    path = Path(path)
    content = content.encode() if isinstance(content, str) else content
    if holds(path, content):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            shutil.copymode(path, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return True


def holds(path: str | Path, content: str | bytes) -> bool:
    """Whether the file `path` can be read and is exactly `content` (text as UTF-8)."""
    content = content.encode() if isinstance(content, str) else content
    try:
        return Path(path).read_bytes() == content
    except OSError:
        return False


def parse_notebook(text: str | bytes, name: str | Path) -> dict:
    """The JSON object of a notebook with the given text; `name` is what messages call it.

    Raises `UnreadableNotebookError` if the text is not UTF-8, not JSON, or has no list of cells.
    """
    try:
        text = text.decode() if isinstance(text, bytes) else text
        raw = json.loads(text)
    except UnicodeDecodeError:
        raise UnreadableNotebookError(_unreadable(name, "it is not text in UTF-8")) from None
    except json.JSONDecodeError as error:
        reason = f"{error.msg} in line {error.lineno}"
        if "<<<<<<<" in text:
            reason += ". It holds the marks of a merge that was not finished (<<<<<<<)"
        raise UnreadableNotebookError(_unreadable(name, reason)) from None
    if not isinstance(raw, dict) or not isinstance(raw.get("cells"), list):
        raise UnreadableNotebookError(f"{name} is not a notebook: it has no list of cells.")
    return raw


def _unreadable(name: str | Path, reason: str) -> str:
    return (
        f"{name} is not a readable notebook: {reason}. Save it again from Jupyter, or take back "
        f"the last good version: git checkout -- {name}."
    )
