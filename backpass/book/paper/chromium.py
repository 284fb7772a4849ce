"""A headless Chromium: where one is, and a page printed by it.

python -m backpass.book.paper.chromium    # says what to install, if there is none
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

#: What it is called on the `PATH`, and where it lies on a Mac.
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)

#: Chromium speaks to its makers unless told not to; a container has neither sandbox nor GPU.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

#: Printing asks nothing of any network, waits for fonts, and makes bookmarks of the headings.
PRINT = (
    "--headless",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--virtual-time-budget=60000",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)


MISSING = (
    "Chromium prints the book, and none is installed. On Debian or Ubuntu: sudo apt install "
    "chromium. On Fedora: sudo dnf install chromium. On a Mac: brew install --cask chromium. "
    "Google Chrome and Microsoft Edge do as well. If one is installed where it was not looked "
    "for, say where: make pdf CHROMIUM=/path/to/chromium."
)


class PrintError(RuntimeError):
    """The page was not printed; the message is one paragraph that says what to do."""


def executable() -> str | None:
    """The path of a Chromium, or None: of that which `CHROMIUM` names, or of one installed."""
    named = os.environ.get("CHROMIUM")
    return next(filter(None, map(shutil.which, [named] if named else NAMES)), None)


def print_page(page: Path, pdf: Path) -> None:
    """Print an HTML file as a PDF; raises `PrintError`.

    Chromium's profile lies beside the PDF for as long: a Chromium that the user has open is left
    alone, and one that may write only in the user's own folders (a snap) can print.
    """
    chromium = executable()
    if chromium is None:
        raise PrintError(MISSING)
    pdf.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=pdf.parent, ignore_cleanup_errors=True) as profile:
        where = (f"--user-data-dir={profile}", f"--print-to-pdf={pdf}", page.resolve().as_uri())
        done = subprocess.run(
            [chromium, *QUIET, *PRINT, *where],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode or not pdf.exists():
        said = " ".join(done.stdout.split())[-300:]
        raise PrintError(f"{chromium} printed nothing (exit code {done.returncode}). {said}")


if __name__ == "__main__":
    sys.exit(None if executable() else MISSING)
