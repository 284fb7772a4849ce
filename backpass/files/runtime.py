"""Python for the pages: what a reader's browser runs where exercises are worked in the page.

    python -m backpass.files.runtime         # fetch it, unless it is there already

The interpreter is Pyodide, which npm brings (``fetched``). Its own list names the file of each
package that was built for it, with its SHA-256, and the list is one of the files that are locked
here. What it names is no download of a registry's own, but lies in a wheel that has it along,
`CARRIER`: so the list vouches for the bytes, whoever carries them. They are put into ``.runtime``,
and nothing else of the carrier is kept. What of them is imported is compiled then (``bytecode``).

BACKPASS_PYODIDE names a folder that has these files instead: the full distribution of this version
of Pyodide, or the ``.runtime`` of another copy of this book. Without them the book is built all the
same, and its exercises are worked in Jupyter; BACKPASS_PYODIDE=none builds it so, 85 MB smaller.
"""

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from backpass import files
from backpass.files import bytecode, fetched
from backpass.files.fetched import ROOT, FetchError

#: Where the packages are kept, below the folder of the book.
FOLDER = ".runtime"
#: Pyodide itself, below node_modules.
CORE = (
    "pyodide/pyodide.mjs",
    "pyodide/pyodide.asm.mjs",
    "pyodide/pyodide.asm.wasm",
    "pyodide/python_stdlib.zip",
)
LIST = "pyodide/pyodide-lock.json"
#: What answers and checks import.
PACKAGES = ("numpy", "mpmath", "sympy")
#: A wheel that has them along, the folder in it, and how much is downloaded.
CARRIER, INSIDE, SIZE = "open-webui==0.12.4", "open_webui/frontend/pyodide", "106 MB"
#: A folder that has them too, or that none are wanted.
OTHER, NONE = "BACKPASS_PYODIDE", "none"


def listed() -> dict[str, tuple[str, str]]:
    """The file of each package, and its SHA-256.

    Raises `FetchError` if Pyodide itself is not there as it was locked.
    """
    known = json.loads(fetched.read(LIST))["packages"]
    return {name: (known[name]["file_name"], known[name]["sha256"]) for name in PACKAGES}


def read(name: str, root: Path = ROOT) -> bytes:
    """The file of the package `name`, exactly as it is listed.

    Raises `FetchError` if it is missing, cannot be read, or is not what the list says.
    """
    file, digest = listed()[name]
    return _checked(root / FOLDER / file, digest)


def packed(root: Path = ROOT) -> dict[str, bytes]:
    """The files that pages load of Python and its packages; raises `FetchError` if they are not
    there, or not wanted.
    """
    if os.environ.get(OTHER) == NONE:
        raise FetchError(f"{OTHER} says that none is wanted.")
    return bytecode.read(root / FOLDER, dict(listed().values()))


def folders(root: Path = ROOT) -> list[Path]:
    """Where what is made of Python for the pages is kept, and where it may be found besides."""
    other = os.environ.get(OTHER)
    return [root / FOLDER, *([Path(other)] if other else [])]


def check(root: Path = ROOT) -> None:
    """Raise `FetchError` for the first file that is not as it is listed, or not compiled."""
    _check(root)
    packed(root)


def _check(root: Path) -> None:
    for name in CORE:
        fetched.read(name)
    for name in PACKAGES:
        read(name, root)


def fetch(root: Path = ROOT) -> None:
    """Put the packages into ``.runtime``, and them compiled, unless they are there already.

    Raises `FetchError` if they are not to be had, if what comes is not what the list says, or if it
    cannot be compiled or written.
    """
    if os.environ.get(OTHER) == NONE:
        return
    try:
        _check(root)
    except FetchError:
        _fetch(root)
    other = os.environ.get(OTHER)
    wheels = dict(listed().values())
    bytecode.make(root / FOLDER, wheels, CORE, Path(other) if other else None)


@fetched.as_fetch_errors()
def _fetch(root: Path) -> None:
    wanted = listed()
    if other := os.environ.get(OTHER):
        found = {file: _checked(Path(other, file), digest) for file, digest in wanted.values()}
    else:
        found = _carried(wanted)
    for file, content in found.items():
        files.write(root / FOLDER / file, content)
    for path in set((root / FOLDER).iterdir()) - {root / FOLDER / file for file in found}:
        if path.is_file():
            path.unlink()  # of another version


def _checked(path: Path, digest: str) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FetchError(f"{path.name} is missing from {path.parent}.") from None
    except OSError as error:
        raise FetchError(f"{path} cannot be read ({error.strerror}).") from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise FetchError(f"{path} is not the file that Pyodide's list names.")
    return content


def _carried(wanted: dict[str, tuple[str, str]]) -> dict[str, bytes]:
    """The contents of the wanted files, taken out of the carrier, which is not kept."""
    print(f"Fetching Python for the pages ({SIZE}, once)", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check"]
        command += ["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--retries=1"]
        # It is unpacked, not installed: which Python it is for does not matter.
        command += ["--ignore-requires-python", f"--dest={folder}", CARRIER]
        done = subprocess.run(command, capture_output=True, text=True)
        carriers = list(Path(folder).glob("*.whl"))
        if done.stderr.rstrip().endswith("No module named pip"):  # uv makes environments without
            raise FetchError("there is no pip here to fetch it; python -m ensurepip adds one.")
        if done.returncode or not carriers:
            said = done.stderr.strip().splitlines()
            raise FetchError(f"pip could not fetch it ({said[-1] if said else 'it says nothing'}).")
        try:
            with zipfile.ZipFile(carriers[0]) as carrier:
                found = {file: carrier.read(f"{INSIDE}/{file}") for file, _ in wanted.values()}
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise FetchError(f"What pip brought has not the files in it ({error}).") from None
    for file, digest in wanted.values():
        if hashlib.sha256(found[file]).hexdigest() != digest:
            raise FetchError(f"The {file} that pip brought is not the one that Pyodide's list has.")
    return found


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m backpass.files.runtime", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.parse_args(arguments)
    # A shell lets what runs beside another command ignore Ctrl-C, and then 106 MB would still come.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        fetch()
    except FetchError as error:
        print(
            f"Without Python for the pages, exercises are worked in Jupyter alone: {error} With a"
            " network, run make runtime (without make: python -m backpass.files.runtime).",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
