"""Whose file it is, by the name that it has in a folder or a zip from a learning platform.

nbgrader collects ``<student>/<chapter>/<chapter>.ipynb``. Moodle's “Download all submissions” has
``Full Name_123456_assignsubmission_file_`` as a folder or before a file's name, Canvas's
``lastfirst_LATE_12345_67890_file-1.ipynb``. By hand it is ``<student>/….ipynb`` or
``<student>.ipynb``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

#: What systems and editors leave behind. Nobody hands it in.
_LITTER = {"__macosx", "__pycache__", "thumbs.db", "desktop.ini", "node_modules"}

_MOODLE = re.compile(r"(.+?)_(\d+)_assignsubmission_(?:file|onlinetext)(?:_(.*))?", re.DOTALL)
_CANVAS = re.compile(r"(.+?)(_LATE)?_(\d+)_(\d+)_(.+)", re.DOTALL)
_AGAIN = re.compile(r"(.+?)(?:[- ]\((\d+)\)|-(\d+))", re.DOTALL)
_ENDS = re.compile(r"(?:\.ipynb)?(?:\.(?:ipynb|txt|json|zip))+$", re.IGNORECASE)


@dataclass(frozen=True)
class Owner:
    """Whose file it is: the ``student``'s name as the source gives it, and the ``ids`` there.

    ``name`` is the file's own, ``late`` what its name says, ``turn`` a number that grows with each
    time something is handed in, if the name has one.
    """

    student: str
    name: str
    ids: Mapping[str, str] = field(default_factory=dict)
    late: bool = False
    turn: int = 0


def litter(parts: Sequence[str]) -> bool:
    """Is it nothing that anybody handed in?"""
    hidden = (part.startswith((".", "~$")) and part != ".." for part in parts)
    return any(hidden) or any(part.lower() in _LITTER for part in parts)


def shown(name: str) -> str:
    """A name as it can be written: composed, and without what controls a screen."""
    name = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    name = unicodedata.normalize("NFC", name)
    return "".join(" " if unicodedata.category(c) == "Cc" else c for c in name).strip() or "?"


def owners(
    paths: Iterable[Sequence[str]], chapter: str, *, wrapped: bool = False
) -> dict[tuple[str, ...], Owner]:
    """The owner of each path, given as its parts, of those that belong to the chapter.

    A zip may be ``wrapped``: a folder that all paths begin with is nobody's then.
    """
    paths = {tuple(path) for path in paths}
    known = {path: owner for path in paths if (owner := _of_platform(path))}
    left = paths - known.keys()
    if not known and any(chapter in path[1:-1] for path in left):
        ours = {path: _of_nbgrader(path, chapter) for path in left if chapter in path[1:-1]}
        strays = (p for p in left - ours.keys() if len(p) < 3 and p[-1].lower().endswith(".ipynb"))
        return ours | {path: _by_hand(path) for path in strays}
    same = len(left) > 1 and len({path[0] for path in left}) == 1
    if wrapped and same and min(map(len, left)) > 1:
        inner = owners([path[1:] for path in left], chapter, wrapped=True)
        return known | {path: inner[path[1:]] for path in left if path[1:] in inner}
    return known | {path: _by_hand(path) for path in left}


def _of_nbgrader(path: Sequence[str], chapter: str) -> Owner:
    place = path.index(chapter, 1)
    return Owner(shown(path[place - 1]), shown("/".join(path[place + 1 :])))


def _of_platform(path: Sequence[str]) -> Owner | None:
    for place, part in enumerate(path):
        if found := _MOODLE.fullmatch(part):
            rest = [found[3], *path[place + 1 :]] if found[3] else path[place + 1 :]
            name = shown("/".join(rest))
            return Owner(shown(found[1]), name, {"moodle": found[2]}, turn=_turn(name))
        if found := _CANVAS.fullmatch(part):
            if place < len(path) - 1:
                continue
            ids = {"canvas": found[3], "attachment": found[4]}
            late = bool(found[2])
            return Owner(shown(found[1]), shown(found[5]), ids, late, turn=int(found[4]))
    return None


def _by_hand(path: Sequence[str]) -> Owner:
    if path[0] in ("..", "/"):  # a zip's name that leads out of it
        path = ("/".join(path),)
    if len(path) > 1:
        name = shown("/".join(path[1:]))
        return Owner(shown(path[0]), name, turn=_turn(name))
    stem = _ENDS.sub("", path[0])
    if stem == path[0]:
        stem = re.sub(r"(?<=.)\.\w{1,5}$", "", stem)
    stem = shown(stem or path[0])
    again = re.fullmatch(r"(.+?) \((\d+)\)", stem)
    return Owner(again[1] if again else stem, shown(path[0]), turn=int(again[2]) if again else 0)


def _turn(name: str) -> int:
    """The number that a browser or a platform puts behind the name of a file that is there."""
    found = _AGAIN.fullmatch(_ENDS.sub("", name))
    return int(found[2] or found[3]) if found and len(found[2] or found[3]) < 5 else 0
