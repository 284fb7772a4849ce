"""Import what exercises import, in Python for the pages, whose memory is kept then (``image.mjs``).

Of which modules it has need not be loaded any more: their paths, below the packages, are written
into ``/given/imported.json``.
"""

import gc
import gzip
import importlib
import io
import json
import linecache
import random
import re
import sys
import zipfile
import zipimport
from importlib.machinery import PathFinder
from pathlib import Path

import numpy

#: Where a page lays what was not imported, packed: of the packages and of Python's own library.
LATER = "/packages.zip", "/python_stdlib.zip"
SITE = next(path for path in sys.path if path.endswith("/site-packages"))
LIBRARY = next(path for path in sys.path if path.endswith(".zip"))


class Later:
    """Unpacks the rest when something is imported that has not been."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        sys.meta_path.remove(cls)
        packages, library = (gzip.decompress(Path(one).read_bytes()) for one in LATER)
        Path(LIBRARY).write_bytes(library)
        look_anew()  # to unpack asks for a module of the library
        zipfile.ZipFile(io.BytesIO(packages)).extractall(SITE)
        look_anew()
        return PathFinder.find_spec(name, path, target)


def look_anew() -> None:
    """Forget which files lay where Python looks for modules: a page has others there."""
    sys.path_importer_cache.clear()
    zipimport._zip_directory_cache.clear()


def begin() -> None:
    """What a page does with Python as it was kept, before anything else."""
    look_anew()
    random.seed()  # as if just imported
    numpy.random.seed()  # noqa: NPY002, what a learner may still use


#: A chapter whose cells are run, since some modules are imported only then, and what is written
#: into them.
CELLS = ("x = [n / 3 for n in range(3)]\nx", "def f(a):\n    return a / 0\n\nf(x)")
WRITTEN = ("x = 2\nx", "if x:", "x.y")


def practise() -> None:
    """Run cells that end well, and others."""
    import sheet

    cells = [
        {"id": text, "cell_type": "code", "source": text, "metadata": {}, "outputs": []}
        for text in CELLS
    ]
    page = sheet.Chapter(cells)
    for name in CELLS:
        for text in (name, *WRITTEN):
            page.needed(name, "run", {name: text})
            page.press(name, "run", {name: text})


def main() -> None:
    """Import the modules that ``/given/imports.json`` lists."""
    for name in json.loads(Path("/given/imports.json").read_text()):
        importlib.import_module(name)
    practise()
    files = [getattr(module, "__file__", None) or "" for module in sys.modules.values()]
    imported = [one.removeprefix(f"{SITE}/") for one in files if one.startswith(f"{SITE}/")]
    Path("/given/imported.json").write_text(json.dumps(sorted(imported)))
    linecache.clearcache()
    re.purge()
    sys.meta_path.append(Later)
    gc.collect()


if __name__ == "__main__":
    main()
