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

HERE = Path(__file__).parent
PACKAGE = HERE.parent
#: Folders whose files, other than notebooks and prose, a notebook may read.
SOURCES = ("chapters", "exercises", "solutions")
#: Rooms whose modules make pages and never run in a notebook.
MAKERS = ("book", "notebooks")


def fingerprint(srcdir: str | Path, package: Path = PACKAGE) -> str:
    """A digest, in 12 digits, of all that a notebook's outputs depend on besides the notebook.

    The package's modules, the data beside the notebooks in `srcdir`, and the versions of Python
    and of what the package requires.
    """
    files = [p for p in package.rglob("*.py") if p.relative_to(package).parts[0] not in MAKERS]
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


def choose(app: Sphinx, config: Config) -> None:
    """Choose the cache by the fingerprint; make pages anew if the code that makes them changed."""
    config.backpass_fingerprint = fingerprint(app.srcdir)
    makers = [*sorted(path for path in HERE.iterdir() if path.is_file()), fetched.LOCK]
    config.backpass_code = hashlib.sha256(
        b"".join(path.read_bytes() for path in makers)
    ).hexdigest()
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
