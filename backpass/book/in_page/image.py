"""Python as it is once it has started: its memory, which a page takes up instead of starting it.

To start Python and to import NumPy and the checks takes some seconds in a page, longer on a phone.
So Node does it (``image.mjs``, ``keeping.py``) when the book is built, and keeps the memory and the
compiled code that belongs to it. Where they are on the reader's disk or in the browser's cache, a
page takes them up (``worker.js``); where they would have to be downloaded first, starting needs
less. What came of it is kept beside the packages, in one zip, whose name tells what it was made of
and what is in it: it is made anew when a check has changed.
"""

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from backpass import files
from backpass.files import bytecode
from backpass.files.wheels import packed

HERE = Path(__file__).parent
PROGRAM, SCRIPT = HERE / "image.mjs", HERE / "keeping.py"
MADE_BY = [PROGRAM, SCRIPT, HERE / "image.js", Path(__file__)]
#: Python's own library.
LIBRARY = "python_stdlib.zip"


def keep(
    folders: Iterable[Path], library: bytes, packages: Mapping[str, bytes], imports: Iterable[str]
) -> dict[str, bytes]:
    """The files that a page loads in place of the `packages`, packed.

    `library` is Python's own; `packages` has each file by its path; `imports` are the modules that
    are there from the start. What is made is kept in the first of the `folders`; nothing is made
    if one of them has it. Raises `FetchError` if it cannot be made.
    """
    imports = sorted(imports)
    made_of = [library, json.dumps(imports).encode(), *(path.read_bytes() for path in MADE_BY)]
    made_of += [part for name in sorted(packages) for part in (name.encode(), packages[name])]
    key = _digest(b"".join(hashlib.sha256(one).digest() for one in made_of))
    folders = list(folders)
    for folder in folders:
        for path in folder.glob(f"image-{key}-*.zip"):
            content = path.read_bytes()
            if path.name == _name(key, content):
                with zipfile.ZipFile(io.BytesIO(content)) as archive:
                    return {name: archive.read(name) for name in archive.namelist()}
    found = bytecode.pack(_made(library, packages, imports))
    content = packed(found, zipfile.ZIP_STORED)
    with suppress(OSError):  # else it is made again next time
        files.write(folders[0] / _name(key, content), content)
        for path in set(folders[0].glob("image-*.zip")) - {folders[0] / _name(key, content)}:
            path.unlink()  # of other checks
    return found


def _made(library: bytes, packages: Mapping[str, bytes], imports: list[str]) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        inside = {f"packages/{name}": content for name, content in packages.items()}
        for name, content in {LIBRARY: library, **inside}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        (folder / "imports.json").write_text(json.dumps(imports))
        bytecode.run(PROGRAM, SCRIPT, folder, "starts")
        image = {path.name: path.read_bytes() for path in folder.glob("image*")}
        libraries = [name for name, _ in json.loads(image["image.json"])["libraries"]]
        there = {*libraries, *json.loads((folder / "imported.json").read_bytes())}
    rest = {name: content for name, content in packages.items() if name not in there}
    return image | {
        "libraries.bin": b"".join(packages[name] for name in libraries),
        "packages.zip": packed(rest, zipfile.ZIP_STORED),
    }


def _name(key: str, content: bytes) -> str:
    return f"image-{key}-{_digest(content)}.zip"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
