"""Import what exercises import, in Python for the pages, whose memory is kept then (``image.mjs``).

Of which modules it has need not be loaded any more: their paths, below the packages, are written
into ``/given/imported.json``.
"""

import gc
import importlib
import json
import linecache
import re
import sys
import zipfile
from importlib.machinery import PathFinder
from pathlib import Path

#: Where a page lays what was not imported, unless it is Python's own.
LATER = "/packages.zip"
SITE = next(path for path in sys.path if path.endswith("/site-packages"))


class Later:
    """Unpacks the rest of the packages when something of it is imported for the first time."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        sys.meta_path.remove(cls)
        with zipfile.ZipFile(LATER) as archive:
            archive.extractall(SITE)
        importlib.invalidate_caches()
        return PathFinder.find_spec(name, path, target)


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
    importlib.invalidate_caches()  # of the packages' files none lies there in a page
    sys.path_importer_cache.clear()
    sys.meta_path.append(Later)
    gc.collect()


if __name__ == "__main__":
    main()
