"""Python and its packages as the pages load them: compiled, lean, compressed.

To compile NumPy's, SymPy's and Python's own modules takes most of the time in which a page gets
ready, and only their own Python can do it. So Node runs it (``bytecode.mjs``, ``compiling.py``)
when it has been fetched. Then each package is packed as a whole, since not every server compresses
what it sends. What comes of it is kept beside the packages in one zip. The zip's name tells what it
was made of and what is in it.
"""

import gzip
import io
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

from backpass.files import fetched, kept
from backpass.files.fetched import FetchError, as_fetch_errors
from backpass.files.wheels import packed

HERE = Path(__file__).parent
SCRIPTS = [HERE / "bytecode.mjs", HERE / "compiling.py"]
#: What it is kept as.
KIND = "compiled"
#: How the name of a compressed file ends. Of ``.gz`` some servers say that they compressed it.
PACKED = ".packed"

#: What no Python imports here: of wheels what is for compilers, for what checks types and for
#: installers, and what would run programs that are not there.
UNUSED = re.compile(
    r".*\.(a|h|lib|pxd|pyi|pyx)|.*\.dist-info/RECORD"
    r"|numpy/(_pyinstaller|random/_examples)/.*|numpy/conftest\.py"
    r"|sympy/(testing|parsing/(autolev|c|fortran|latex))/.*"
)

#: Seconds after which Node is taken not to come to an end.
LONG = 600


def pack(files: Mapping[str, bytes], level: int = 9) -> dict[str, bytes]:
    """The files compressed, side by side, under the names that say so.

    `level` is zlib's: 1 is soonest done, 9 gives least.
    """
    with ThreadPoolExecutor() as pool:  # zlib lets other threads run meanwhile
        contents = pool.map(partial(gzip.compress, compresslevel=level, mtime=0), files.values())
        return {f"{name}{PACKED}": one for name, one in zip(files, contents, strict=True)}


@as_fetch_errors()
def read(folder: Path, wheels: dict[str, str]) -> dict[str, bytes]:
    """What pages load of Python and its packages, packed.

    `wheels` are the packages that lie in the folder, each with its SHA-256. Raises `FetchError` if
    nothing is there that was made of just these, if it cannot be read, or if it is not what was
    written then.
    """
    found = kept.find(folder, KIND, _key(wheels))
    if found is None:
        raise FetchError(f"{folder} does not have it compiled.")
    return found


@as_fetch_errors()
def make(
    folder: Path, wheels: dict[str, str], core: Sequence[str], other: Path | None = None
) -> None:
    """Make what `read` gives, unless it is there, or in the folder `other`, already.

    `core` are the files of Python itself, below node_modules. Raises `FetchError` if something of
    it cannot be read, compiled or written.
    """
    with suppress(FetchError):
        read(folder, wheels)
        return
    try:
        found = read(other, wheels) if other else None
    except FetchError:
        found = None
    kept.keep(folder, KIND, _key(wheels), found or _made(folder, wheels, core))


def _made(folder: Path, wheels: dict[str, str], core: Sequence[str]) -> dict[str, bytes]:
    compiled = _compiled(folder, wheels)
    whole = {Path(name).name: fetched.read(name) for name in core}
    whole |= {f"{file.split('-')[0]}.zip": (folder / file).read_bytes() for file in wheels}
    return pack(
        {
            name: lean(content, compiled) if name.endswith(".zip") else content
            for name, content in whole.items()
        }
    )


def lean(archive: bytes, compiled: Mapping[str, bytes]) -> bytes:
    """The archive with compiled modules in place of their sources, without what is unused.

    `compiled` has each module by its path. The archive is not compressed in itself: as a whole it
    becomes smaller.
    """
    used = {}
    with zipfile.ZipFile(io.BytesIO(archive)) as wheel:
        for entry in wheel.infolist():
            name = entry.filename
            if f"{name}c" in compiled:
                used[f"{name}c"] = compiled[f"{name}c"]
            elif not (entry.is_dir() or UNUSED.fullmatch(name)):
                used[name] = wheel.read(name)
    return packed(used, zipfile.ZIP_STORED)


def _compiled(folder: Path, wheels: dict[str, str]) -> dict[str, bytes]:
    print("Compiling Python for the pages (a quarter of a minute, once)", flush=True)
    with tempfile.TemporaryDirectory() as given:
        for wheel in wheels:
            shutil.copy(folder / wheel, given)
        run(SCRIPTS[0], SCRIPTS[1], Path(given), "compiles")
        made = Path(given, "compiled")
        return {
            path.relative_to(made).as_posix(): path.read_bytes() for path in made.rglob("*.pyc")
        }


def run(program: Path, script: Path, folder: Path, does: str) -> None:
    """Have Node run Python for the pages by the program, which is told the script and the folder.

    Raises `FetchError`, with what Node `does`, if it does not come to its end.
    """
    core = (fetched.ROOT / "node_modules/pyodide").as_uri()
    try:
        done = subprocess.run(
            [fetched.node(), program, core, script, folder],
            capture_output=True,
            text=True,
            timeout=LONG,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FetchError(f"Node, which {does} it, does not run ({error}).") from None
    if done.returncode:
        said = re.findall(r"^(?:\w+\.)*\w*Error\b.*", done.stderr, re.M)
        why = said[-1].strip() if said else f"exit code {done.returncode}"
        raise FetchError(f"Node, which {does} it, stopped ({why}).")


def _key(wheels: dict[str, str]) -> str:
    core = [one for name, one in fetched.locked().items() if name.startswith("pyodide/")]
    listed = "".join([*sorted(wheels.values()), *sorted(core)]).encode()
    return kept.key(listed, *(script.read_bytes() for script in (*SCRIPTS, Path(__file__))))
