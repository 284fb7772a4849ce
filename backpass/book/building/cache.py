"""What is kept from one build to the next, and when it is stale.

jupyter-cache sees a notebook's own code only. So each state of everything else that outputs depend
on (`fingerprint`) has a cache of its own, and a finished build drops the others. A page is made
anew when the code that makes pages has changed.
"""

import hashlib
import re
import shutil
import sys
from importlib import metadata
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from backpass.files import fetched

PACKAGE = Path(__file__).parents[2]
#: Folders whose files, other than notebooks and prose, a notebook may read.
SOURCES = ("chapters", "exercises", "solutions")
#: Rooms whose modules make pages and never run in a notebook; and what of them makes a page.
MAKERS = ("book", "files", "notebooks", "scopes.py")
MAKING = (".py", ".html", ".cjs", ".mjs")
#: Rooms that a built book has nothing of.
APART = ("course",)


def fingerprint(srcdir: str | Path, package: Path = PACKAGE) -> str:
    """A digest, in 12 digits, of all that a notebook's outputs depend on besides the notebook.

    The package's modules, the data beside the notebooks in `srcdir`, and the versions of Python
    and of what the package requires.
    """
    beside = MAKERS + APART
    files = [p for p in package.rglob("*.py") if p.relative_to(package).parts[0] not in beside]
    for folder in SOURCES:
        files += (p for p in Path(srcdir, folder).rglob("*") if p.is_file() and is_input(p))
    digest = hashlib.sha256(sys.version.encode())
    for requirement in sorted(metadata.requires("backpass")):
        if "extra ==" not in requirement:
            name = re.match(r"[\w.-]+", requirement)[0]
            digest.update(f"{name} {metadata.version(name)}\n".encode())
    for path in sorted(files):
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def is_input(path: Path) -> bool:
    """Whether a file beside the notebooks may be read by one: not hidden, not itself a page."""
    hidden = any(part.startswith((".", "__")) for part in path.parts[-3:])
    return not hidden and path.suffix not in (".ipynb", ".md")


def code(package: Path = PACKAGE) -> str:
    """A digest of the code that makes pages of notebooks and prose, and of what it fetches."""
    files = [p for room in MAKERS for p in (package / room, *(package / room).rglob("*"))]
    made = sorted(p for p in files if p.is_file() and p.suffix in MAKING)
    return hashlib.sha256(b"".join(p.read_bytes() for p in [*made, fetched.LOCK])).hexdigest()


def choose(app: Sphinx, config: Config) -> None:
    """Choose the cache by the fingerprint; make pages anew if the code that makes them changed."""
    config.backpass_fingerprint = fingerprint(app.srcdir)
    config.backpass_code = code()
    caches = Path(app.outdir).parent / ".jupyter_cache"
    config.nb_execution_cache_path = str(caches / config.backpass_fingerprint)


def drop_stale(app: Sphinx, exception: Exception | None) -> None:
    """Delete the caches of other fingerprints."""
    if exception or app.builder.name != "html":
        return
    cache = Path(app.config.nb_execution_cache_path)
    for old in cache.parent.glob("*"):
        if old.is_dir() and re.fullmatch("[0-9a-f]{12}", old.name) and old != cache:
            shutil.rmtree(old)


def setup(app: Sphinx) -> None:
    app.add_config_value("backpass_fingerprint", "", "env")
    app.add_config_value("backpass_code", "", "env")
    app.connect("config-inited", choose, priority=950)  # after Jupyter Book's own choice
    app.connect("build-finished", drop_stale)
