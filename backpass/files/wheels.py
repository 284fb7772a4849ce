"""The package that is installed here, made a wheel again: what pip takes where there is no book.

A wheel is a zip of a package's files and of what is written down about it. All of that stands here,
so that nothing has to be built, and making it takes neither a network nor time.
"""

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

PACKAGE = Path(__file__).parents[1]

#: What is written down about a package, besides the list of its files, which is made here.
ABOUT = ("METADATA", "WHEEL", "entry_points.txt", "top_level.txt", "licenses/LICENSE")


def packed(contents: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of the contents, given by path: the same bytes for the same contents."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name)  # its date is the first that a zip can have
            entry.compress_type = method
            entry.create_system, entry.external_attr = 3, 0o100644 << 16  # a file that all may read
            archive.writestr(entry, contents[name])
    return file.getvalue()


def wheel() -> tuple[str, bytes]:
    """The wheel's file name, and the wheel."""
    # A clone has a second, older-fashioned note about the package; only the installation's is one.
    about = next(one for one in metadata.distributions(name="backpass") if one.read_text("WHEEL"))
    name = f"backpass-{about.version}"
    contents = {
        f"backpass/{path.relative_to(PACKAGE).as_posix()}": path.read_bytes()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    for one in ABOUT:
        if text := about.read_text(one):
            contents[f"{name}.dist-info/{one}"] = text.encode()
    record = f"{name}.dist-info/RECORD"
    lines = [f"{path},sha256={digest(held)},{len(held)}" for path, held in sorted(contents.items())]
    contents[record] = "\n".join([*lines, f"{record},,", ""]).encode()
    return f"{name}-py3-none-any.whl", packed(contents)


def digest(content: bytes) -> str:
    """A hash as a wheel's list has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
