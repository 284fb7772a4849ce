"""Import what exercises import, in Python for the pages, whose memory is kept then (``image.mjs``).

It is done in stages, as ``/given/stages.json`` lists them: each has a name and imports modules.
What it has of the packages need not be loaded any more: after each its paths are written into
``/given/told.json``.
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
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

import numpy

#: What a page has of what was not imported, packed: Python's own library, and what the packages of
#: each stage have besides.
LATER = ["python_stdlib.zip"]
STAGES = json.loads(Path("/given/stages.json").read_text())
SITE = next(path for path in sys.path if path.endswith("/site-packages"))
LIBRARY = next(path for path in sys.path if path.endswith(".zip"))


class Later:
    """Unpacks the rest when something is imported that has not been."""

    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        sys.meta_path.remove(cls)
        library, *packages = (gzip.decompress(Path("/", one).read_bytes()) for one in LATER)
        Path(LIBRARY).write_bytes(library)
        look_anew()  # to unpack asks for a module of the library
        for one in packages:
            zipfile.ZipFile(io.BytesIO(one)).extractall(SITE)
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


def practise(texts: list[str]) -> None:
    """Run a chapter with these cells, since some modules are imported only then."""
    import sheet

    cells = [
        {"id": text, "cell_type": "code", "source": "", "metadata": {}, "outputs": []}
        for text in texts
    ]
    page = sheet.Chapter(cells)
    written = {text: text for text in texts}
    for name in texts:
        page.needed(name, "run", written)
        page.press(name, "run", written)


def bring() -> bool:
    """Import what the next stage imports, if there is one."""
    if not STAGES:
        return False
    stage = STAGES.pop(0)
    if Later in sys.meta_path:
        sys.meta_path.remove(Later)  # here all is there
    for name in stage["imports"]:
        importlib.import_module(name)
    practise(stage["practice"])
    files = [getattr(module, "__file__", None) or "" for module in sys.modules.values()]
    imported = [one.removeprefix(f"{SITE}/") for one in files if one.startswith(f"{SITE}/")]
    LATER.append(f"{stage['name']}.zip")
    told = {"name": stage["name"], "imported": sorted(imported), "later": LATER}
    Path("/given/told.json").write_text(json.dumps(told))
    linecache.clearcache()
    re.purge()
    sys.meta_path.append(Later)
    gc.collect()
    return True
