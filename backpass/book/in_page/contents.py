"""What a browser loads to run a sheet: Python, its packages, the checks, and its memory ahead.

A page from disk loads the same as `scripts`.
"""

import base64
import functools
import gzip
import hashlib
import importlib.util
import io
import json
import re
import sys
import zipfile
from pathlib import Path

import backpass
from backpass.book.in_page import image
from backpass.book.in_page.editor import EDITOR, editor
from backpass.files import bytecode, fetched, runtime
from backpass.files.wheels import packed

HERE = Path(__file__).parent
PACKAGE = Path(backpass.__file__).parent

#: Rooms of the package that no sheet and no check imports.
ELSEWHERE = ("book", "course", "explore", "files", "notebooks")


@functools.cache
def contents() -> dict[str, bytes]:
    """The files that a browser loads, by their names; no name of them tells a version.

    Raises `fetched.FetchError` if there is no Python for the pages.
    """
    # Packages are loaded by their names: what the list says of others nobody asks.
    known = json.loads(fetched.read(runtime.LIST)) | {"packages": {}}
    own = {"pyodide-lock.json": json.dumps(known).encode()} | archives()
    python = runtime.packed()
    try:
        ahead = started(python)
    except fetched.FetchError as error:
        print(f"Each visit to a page starts Python anew: {error}", file=sys.stderr)
        ahead = {}
    found = python | bytecode.pack(own) | ahead
    sizes = {name: len(content) for name, content in found.items()}
    found["sizes.json"] = json.dumps(sizes).encode()
    scripts = [(HERE / name).read_bytes() for name in ("image.js", "worker.js")]
    return found | {"worker.js": b"".join(scripts), EDITOR: editor()}


#: The files of what `started` gives, which a page loads ahead for the next visit.
AHEAD = re.compile(r"(image|libraries|numeric|symbolic)\b.*")
#: What a sheet uses, besides the checks, and what where it uses SymPy.
USED = ("numpy", "numpy.fft", "numpy.linalg", "numpy.random", "numpy.typing", "sheet")
USED_SYMBOLIC = ("sympy", "backpass.symbolic")
#: Cells that bring in what is imported only when they run, at their end or when they go wrong.
CELLS = ("x = [n / 3 for n in range(3)]\nx", "def f(a):\n    return a / 0\n\nf(1)", "x.y", "if x:")
CELLS_SYMBOLIC = (
    "import sympy as sp\nimport numpy as np",
    'y = sp.Symbol("y", real=True)\nz = sp.diff(sp.exp(y) / (1 + y**2), y)\nz',
    'sp.lambdify(y, z, modules="numpy", cse=True)(np.ones(2))',
    "sp.simplify(sp.Matrix([z, z]) - sp.Matrix([y, y]).diff(y)).subs(y, sp.Rational(1, 3)).evalf()",
)


def started(python: dict[str, bytes]) -> dict[str, bytes]:
    """Python with what exercises import, as it is once it has started.

    `python` are its files, packed. Raises `fetched.FetchError` if it cannot be started here.
    """

    def unpacked(name: str) -> bytes:
        return gzip.decompress(python[f"{name}{bytecode.PACKED}"])

    def within(*zips: bytes) -> dict[str, bytes]:
        found = {}
        for archive in zips:
            with zipfile.ZipFile(io.BytesIO(archive)) as opened:
                found |= {name: opened.read(name) for name in opened.namelist()}
        return found

    packages = within(unpacked("numpy.zip"), *archives().values())
    checks = [name for name in packages if name.startswith("backpass/checks/")]
    modules = [re.sub(r"(/__init__)?\.py$", "", name).replace("/", ".") for name in checks]
    symbolic = within(unpacked("mpmath.zip"), unpacked("sympy.zip"))
    stages = [
        image.Stage("numeric", packages, {*USED, *modules}, CELLS),
        image.Stage("symbolic", symbolic, USED_SYMBOLIC, CELLS_SYMBOLIC),
    ]
    return image.keep(runtime.folders(), unpacked(image.LIBRARY), stages)


def scripts(found: dict[str, bytes]) -> dict[str, bytes]:
    """The same files as scripts, where they are none, since a page from disk loads nothing else.

    ``backpassFile`` is called with the file's name and its content in base64.
    """
    return {
        f"{name}.js": f'backpassFile("{name}", "{base64.b64encode(content).decode()}");\n'.encode()
        for name, content in found.items()
        if name != EDITOR
    }


def name_of(found: dict[str, bytes]) -> str:
    """The folder of these contents: another one for each other content."""
    digest = hashlib.sha256()
    for name, content in sorted(found.items()):
        digest.update(name.encode() + hashlib.sha256(content).digest())
    return f"_python/{digest.hexdigest()[:10]}"


def archives() -> dict[str, bytes]:
    """Zips of what is imported besides: the checks of each chapter, as they are, and the rest."""
    parts: dict[str, dict[str, bytes]] = {"backpass.zip": {}}
    for path in sorted(PACKAGE.rglob("*.py")):
        room, *inner = path.relative_to(PACKAGE).parts
        if room in ELSEWHERE:
            continue
        name = f"checks-{inner[0]}.zip" if room == "checks" and inner[1:] else "backpass.zip"
        within = f"backpass/{path.relative_to(PACKAGE).as_posix()}"
        parts.setdefault(name, {})[within] = path.read_bytes()
    own = parts["backpass.zip"]
    own["sheet.py"] = (HERE / "sheet.py").read_bytes()
    # The one module of IPython that prints a value as Jupyter does; it imports no other.
    printer = Path(importlib.util.find_spec("IPython").origin).with_name("lib") / "pretty.py"
    own["IPython/lib/pretty.py"] = printer.read_bytes()
    own["IPython/display.py"] = b"display = print  # what IPython does where there is no notebook\n"
    return {name: packed(found, zipfile.ZIP_STORED) for name, found in parts.items()}
