"""Python as it is once it has started: its memory, which a page takes up instead of starting it.

To start Python and to import NumPy and the checks takes some seconds in a page, longer on a phone.
So Node does it (``image.mjs``, ``keeping.py``) when the book is built, and keeps the memory and the
compiled code that belongs to it. Where they are on the reader's disk or in the browser's cache, a
page takes them up (``worker.js``); where they would have to be downloaded first, starting needs
less. What came of it is kept beside the packages, in one zip, whose name tells what it was made of
and what is in it: it is made anew when a check has changed.

SymPy is large and few exercises need it. So the memory is kept in stages: of the second one, with
SymPy, what it changes in the first one.
"""

import json
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from backpass.files import bytecode, kept
from backpass.files.fetched import as_fetch_errors
from backpass.files.wheels import packed

HERE = Path(__file__).parent
PROGRAM, SCRIPT = HERE / "image.mjs", HERE / "keeping.py"
MADE_BY = [PROGRAM, SCRIPT, HERE / "image.js", Path(__file__)]
#: What it is kept as.
KIND = "image"
#: Python's own library.
LIBRARY = "python_stdlib.zip"
#: Of compression: the highest would save one byte in a hundred, in five times the time.
LEVEL = 6


@dataclass(frozen=True)
class Stage:
    """What Python has brought in when its memory is kept.

    ``packages`` has each file by its path; ``imports`` are the modules that are there from the
    start; ``practice`` are cells that have run, since some modules are imported only then.
    """

    name: str
    packages: Mapping[str, bytes]
    imports: Iterable[str]
    practice: Sequence[str]

    def told(self) -> dict:
        """What ``keeping.py`` has to know of it."""
        return {"name": self.name, "imports": sorted(self.imports), "practice": [*self.practice]}


@as_fetch_errors()
def keep(folders: Iterable[Path], library: bytes, stages: Sequence[Stage]) -> dict[str, bytes]:
    """The files that a page loads in place of the stages' packages, packed.

    ``image.json`` tells what there is, ``libraries.bin`` is the compiled code; for each stage there
    are its memory in parts, ``NAME-0.bin`` and so on, and ``NAME.zip``, what was not imported of
    its packages. `library` is Python's own. What is made is kept in the first of the `folders`;
    nothing is made if one of them has it. Raises `FetchError` if it cannot be made.
    """
    made_of = [library, *(path.read_bytes() for path in MADE_BY)]
    for stage in stages:
        made_of.append(json.dumps(stage.told()).encode())
        for name, content in sorted(stage.packages.items()):
            made_of += [name.encode(), content]
    key = kept.key(*made_of)
    folders = list(folders)
    for folder in folders:
        with suppress(OSError):  # else it is made again
            if (found := kept.find(folder, KIND, key)) is not None:
                return found
    found = bytecode.pack(_made(library, stages), LEVEL)
    with suppress(OSError):  # else it is made again next time
        kept.keep(folders[0], KIND, key, found)
    return found


def _made(library: bytes, stages: Sequence[Stage]) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        packages = {name: one for stage in stages for name, one in stage.packages.items()}
        inside = {f"packages/{name}": content for name, content in packages.items()}
        for name, content in {LIBRARY: library, **inside}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        (folder / "stages.json").write_text(json.dumps([stage.told() for stage in stages]))
        bytecode.run(PROGRAM, SCRIPT, folder, "starts")
        told = (folder / "image.json").read_bytes()
        imported = json.loads((folder / "imported.json").read_bytes())
        found = {"image.json": told} | {one.name: one.read_bytes() for one in folder.glob("*.bin")}
    libraries = [name for name, _ in json.loads(told)["libraries"]]
    found["libraries.bin"] = b"".join(packages[name] for name in libraries)
    for stage in stages:
        there = {*libraries, *imported[stage.name]}
        rest = {name: content for name, content in stage.packages.items() if name not in there}
        found[f"{stage.name}.zip"] = packed(rest, zipfile.ZIP_STORED)
    return found
