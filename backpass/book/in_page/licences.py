"""Whose it is that a page runs: the licences of what comes with it, which stand beside it."""

import io
import json
import re
import zipfile
from importlib import metadata

from backpass.book.in_page.editor import MODULE
from backpass.files import fetched, runtime

#: The licences of what is brought without its own text, by their names in SPDX's list.
LICENCES = {"Pyodide": "MPL-2.0", "CPython": "Python-2.0.1"}
#: What the packages are by and under, for who finds them in the folder.
ABOUT = """\
Python for this book's pages. Each licence stands beside this file.

{}
Of the packages and of Python's own library, the modules that the exercises import are compiled,
and have no docstrings then, except NumPy's; files that are of no use in a page are left out. What
begins with "image" is Python's memory when these modules have been imported, "libraries" NumPy's
compiled code, "packages" what of NumPy has not been imported.

Pyodide's sources, with those of what it was built from: https://github.com/pyodide/pyodide
"""


def licences() -> dict[str, str]:
    """The texts of the licences of what is not this book's own, and a note on each."""
    found = {}
    for name, code in LICENCES.items():
        listed = json.loads(fetched.read(f"spdx-license-list/licenses/{code}.json"))
        found[f"{name}.txt"] = f"{listed['licenseText'].strip()}\n"
    for name in runtime.PACKAGES:
        with zipfile.ZipFile(io.BytesIO(runtime.read(name))) as wheel:
            texts = [
                one for one in wheel.namelist() if re.search(r"info/licenses/LICENSE[^/]*$", one)
            ]
            found[f"{name}.txt"] = wheel.read(texts[0]).decode()
    printer = metadata.distribution("ipython")
    found["IPython.txt"] = next(
        one.read_text(encoding="utf-8") for one in printer.files if one.name.startswith("LICENSE")
    )
    texts = {}
    for file in fetched.locked():
        if MODULE.fullmatch(file):
            name = MODULE.fullmatch(file)[1]
            texts.setdefault(fetched.read(f"{name}/LICENSE").decode(), []).append(name)
    found["CodeMirror.txt"] = "\n\n".join(
        f"{', '.join(names)}\n\n{text}" for text, names in texts.items()
    )
    what = [file for file, _ in runtime.listed().values()]
    lines = [
        "Pyodide and, compiled by it, CPython",
        *what,
        f"IPython {printer.version}, one module",
        "CodeMirror, the editor, with what it is made of",
    ]
    found["ABOUT.txt"] = ABOUT.format("".join(f"- {line}\n" for line in lines))
    return found
