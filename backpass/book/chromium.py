"""A headless Chromium: where one is; a page printed, and a picture taken by it."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

#: What it is called on the `PATH`, and where it lies on a Mac. That without windows is the fastest.
NAMES = (
    "chromium-headless-shell",
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

#: It asks nothing of any network, and waits for fonts.
ALONE = ("--headless", "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=60000")

MISSING = (
    "Chromium prints the book and takes its pictures, and none is installed. On Debian or Ubuntu: "
    "sudo apt install chromium. On Fedora: sudo dnf install chromium. On a Mac: brew install "
    "--cask chromium. Google Chrome and Microsoft Edge do as well. If one is installed where it "
    "was not looked for, say where: make pdf CHROMIUM=/path/to/chromium."
)


#: Minutes after which Chromium is taken not to come to an end: with a book, and with a picture.
LONG, SHORT = 20, 2


class PrintError(RuntimeError):
    """Nothing was printed, or no picture taken; the message is one paragraph that says why."""


def executable() -> str | None:
    """The path of a Chromium, or None: of that which `CHROMIUM` names, or of one installed."""
    named = os.environ.get("CHROMIUM")
    return next(filter(None, map(shutil.which, [named] if named else NAMES)), None)


def print_page(page: Path, pdf: Path) -> None:
    """Print an HTML file as a PDF with bookmarks; raises `PrintError`."""
    how = ("--no-pdf-header-footer", "--generate-pdf-document-outline")
    _run(page, pdf, LONG, *how, f"--print-to-pdf={pdf}")


def take_picture(page: Path, png: Path, width: int, height: int) -> None:
    """Take a picture of an HTML file as it is seen in so many pixels; raises `PrintError`."""
    how = ("--hide-scrollbars", "--force-device-scale-factor=1", f"--window-size={width},{height}")
    _run(page, png, SHORT, *how, f"--screenshot={png}")


def _run(page: Path, result: Path, minutes: float, *options: str) -> None:
    """Open a page to make a file of it.

    Chromium's profile lies beside the file for as long: a Chromium that the user has open is left
    alone, and one that may write only in the user's own folders (a snap) can do it.
    """
    chromium = executable()
    if chromium is None:
        raise PrintError(MISSING)
    result.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=result.parent, ignore_cleanup_errors=True) as profile:
        where = (f"--user-data-dir={profile}", page.resolve().as_uri())
        try:
            done = subprocess.run(
                [chromium, *QUIET, *ALONE, *options, *where],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=60 * minutes,
            )
        except subprocess.TimeoutExpired:
            told = f"{chromium} has not made anything of {page.name} in {minutes} minutes."
            raise PrintError(told) from None
        except OSError as error:
            raise PrintError(f"{chromium} does not run ({error.strerror}).") from None
    if done.returncode or not result.exists():
        said = " ".join(done.stdout.split())[-300:]
        code = f"exit code {done.returncode}"
        raise PrintError(f"{chromium} made nothing of {page.name} ({code}). {said}")
