"""What takes long to make is kept in a zip, whose name tells what it was made of and what is in it.

``<kind>-<key>-<digest>.zip``: the key hangs on all that it is made of, so who looks for it finds it
as long as nothing of that has changed; the digest is that of the zip's bytes, so none is taken that
is not as it was written.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from backpass import files
from backpass.files.wheels import packed


def key(*made_of: bytes) -> str:
    """A key for these contents in this order, in 32 digits."""
    return _digest(b"".join(hashlib.sha256(one).digest() for one in made_of))


def find(folder: Path, kind: str, key: str) -> dict[str, bytes] | None:
    """What is kept in the folder, by its names; None if it is not there. Raises `OSError`."""
    for path in folder.glob(f"{kind}-{key}-*.zip"):
        content = path.read_bytes()
        if path.name == _name(kind, key, content):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return {name: archive.read(name) for name in archive.namelist()}
    return None


def keep(folder: Path, kind: str, key: str, contents: Mapping[str, bytes]) -> None:
    """Keep it in the folder, instead of any other of this kind. Raises `OSError`."""
    content = packed(contents, zipfile.ZIP_STORED)
    kept = folder / _name(kind, key, content)
    files.write(kept, content)
    for path in set(folder.glob(f"{kind}-*.zip")) - {kept}:
        if path.is_file():
            path.unlink()  # made of something else


def _name(kind: str, key: str, content: bytes) -> str:
    return f"{kind}-{key}-{_digest(content)}.zip"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
