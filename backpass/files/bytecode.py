"""What the pages import, compiled beforehand: no browser need do it, visit after visit.

To compile NumPy's, SymPy's and Python's own modules takes most of the time in which a page gets
ready, and only their own Python can do it. So Node runs it (``bytecode.mjs``, ``compiling.py``)
when it has been fetched, and what it writes is kept beside the packages in one zip. The zip's name
tells what it was made of and what is in it.
"""

import hashlib
import io
import shutil
import subprocess
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

from backpass import files
from backpass.files import fetched
from backpass.files.fetched import FetchError
from backpass.files.wheels import packed

HERE = Path(__file__).parent
SCRIPTS = [HERE / "bytecode.mjs", HERE / "compiling.py"]
#: Seconds after which Node is taken not to come to an end.
LONG = 600


def read(folder: Path, wheels: dict[str, str]) -> dict[str, bytes]:
    """Each compiled module by its path in its wheel, or in Python's own library.

    `wheels` are the packages that lie in the folder, each with its SHA-256. Raises `FetchError` if
    nothing is there that was made of just these, or if it is not what was written then.
    """
    for path in folder.glob(_name(wheels, "*")):
        content = path.read_bytes()
        if path.name == _name(wheels, _digest(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return {name: archive.read(name) for name in archive.namelist()}
    raise FetchError(f"{folder} does not have it compiled.")


def make(folder: Path, wheels: dict[str, str], other: Path | None = None) -> None:
    """Compile the modules, unless they are there, or in the folder `other`, already.

    Raises `FetchError` if they cannot be compiled.
    """
    with suppress(FetchError):
        read(folder, wheels)
        return
    try:
        found = read(other, wheels) if other else None
    except FetchError:
        found = None
    content = packed(found or _compiled(folder, wheels))
    name = _name(wheels, _digest(content))
    files.write(folder / name, content)
    for path in set(folder.glob("compiled-*.zip")) - {folder / name}:
        path.unlink()  # of another version


def _compiled(folder: Path, wheels: dict[str, str]) -> dict[str, bytes]:
    print("Compiling Python for the pages (a quarter of a minute, once)", flush=True)
    core = (fetched.ROOT / "node_modules/pyodide").as_uri()
    with tempfile.TemporaryDirectory() as given:
        for wheel in wheels:
            shutil.copy(folder / wheel, given)
        try:
            done = subprocess.run(
                [fetched.node(), SCRIPTS[0], core, SCRIPTS[1], given],
                capture_output=True,
                text=True,
                timeout=LONG,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise FetchError(f"Node, which compiles it, does not run ({error}).") from None
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if "Error" in line]
            why = said[-1].strip() if said else f"exit code {done.returncode}"
            raise FetchError(f"Node, which compiles it, stopped ({why}).")
        made = Path(given, "compiled")
        return {
            path.relative_to(made).as_posix(): path.read_bytes() for path in made.rglob("*.pyc")
        }


def _name(wheels: dict[str, str], digest: str) -> str:
    core = [one for name, one in fetched.locked().items() if name.startswith("pyodide/")]
    made_of = "".join([*sorted(wheels.values()), *sorted(core)]).encode()
    made_of += b"".join(script.read_bytes() for script in SCRIPTS)
    return f"compiled-{_digest(made_of)}-{digest}.zip"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
