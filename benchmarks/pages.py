"""How soon a page can be read on a phone: ``python -m benchmarks.pages`` measures and writes it.

Lighthouse (from npm, into ``.venv/lighthouse``) opens each page of ``_build/html`` as its phone
with a slow line does, from a server that compresses. A chapter is opened three times, and the
median counts: its blocking time is the machine's, and what else runs adds to it. The other pages
are opened once. The table is ``pages.md`` beside this file.
"""

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from statistics import median
from tempfile import TemporaryDirectory
from threading import Thread

from backpass.book.chromium import QUIET, executable

HERE = Path(__file__).parent
ROOT = HERE.parent
BOOK = ROOT / "_build" / "html"
TABLE = HERE / "pages.md"
FOLDER = ROOT / ".venv" / "lighthouse"
VERSION = "12.8.2"
RUNS = 3

#: What Lighthouse judges, of 100.
SCORES = ("performance", "accessibility", "best-practices", "seo")

#: What Lighthouse calls the columns: a name, its audit, and how a number is written.
COLUMNS = (
    ("first paint, s", "first-contentful-paint", lambda value: f"{value / 1000:.1f}"),
    ("largest paint, s", "largest-contentful-paint", lambda value: f"{value / 1000:.1f}"),
    ("blocking, ms", "total-blocking-time", "{:.0f}".format),
    ("layout shift", "cumulative-layout-shift", "{:.3g}".format),
    ("loaded, KiB", "total-byte-weight", lambda value: f"{value / 1024:.0f}"),
)


class Handler(SimpleHTTPRequestHandler):
    """Serves files compressed, as a host does."""

    def log_message(self, *args): ...

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.suffix not in (".html", ".css", ".js", ".svg") or not path.is_file():
            return super().do_GET()
        body = gzip.compress(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return self.wfile.write(body)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server of this folder."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def lighthouse() -> Path:
    """Lighthouse's program, installed if it is not there."""
    program = FOLDER / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        npm = which("npm") or sys.exit(
            "npm is not installed (on Debian or Ubuntu: apt install npm)."
        )
        wanted = ["--no-save", "--no-audit", "--no-fund", f"lighthouse@{VERSION}"]
        subprocess.run([npm, "install", "--prefix", FOLDER, *wanted], check=True)
    return program


def measure(address: str) -> tuple[float, ...]:
    """The scores of a page, of 100, and the numbers of the columns."""
    with TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        options = ["--quiet", f"--only-categories={','.join(SCORES)}", "--output=json"]
        flags = f"--chrome-flags={' '.join(['--headless=new', *QUIET])}"
        subprocess.run(
            [lighthouse(), address, *options, f"--output-path={report}", flags],
            env={**os.environ, "CHROME_PATH": str(executable())},
            check=True,
        )
        told = json.loads(report.read_text(encoding="utf-8"))
    numbers = [told["audits"][audit]["numericValue"] for _, audit, _ in COLUMNS]
    scores = [100 * (told["categories"][name]["score"] or 0) for name in SCORES]
    return *scores, *numbers


def table(rows: dict[str, tuple[float, ...]], recordings: float) -> str:
    """The Markdown of the table: what was measured of each page, and MB of all recordings."""
    head = ["page", *(name.replace("-", " ") for name in SCORES), *(name for name, *_ in COLUMNS)]
    lines = [
        "# How soon a page can be read on a phone",
        "",
        f"Lighthouse {VERSION}, mobile, on {os.cpu_count()} cores; of a chapter the median of "
        f"{RUNS} runs.",
        "What is loaded includes the explorer that opens a chapter, with all its states.",
        f"The recordings of all explorers are {recordings:.1f} MB on disk.",
        "Written by `python -m benchmarks.pages` after `make book`.",
        "",
        f"| {' | '.join(head)} |",
        f"|---{'|--:' * (len(head) - 1)}|",
    ]
    writes = ["{:.0f}".format] * len(SCORES) + [write for *_, write in COLUMNS]
    for name, numbers in rows.items():
        cells = [write(value) for write, value in zip(writes, numbers, strict=True)]
        lines.append(f"| {' | '.join([name, *cells])} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    if executable() is None:
        sys.exit("Chromium is not installed.")
    order = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    rows = {}
    with served(BOOK) as address:
        for name in [*re.findall(r"(?:root|file): *(\S+)", order), "search"]:
            times = RUNS if name.startswith("chapters/") else 1
            runs = [measure(f"{address}/{name}.html") for _ in range(times)]
            rows[name] = tuple(map(median, zip(*runs, strict=True)))
            print(name, [round(one[0]) for one in runs], flush=True)
    size = sum(path.stat().st_size for path in (BOOK / "_static/explorers").iterdir())
    TABLE.write_text(table(rows, size / 1e6), encoding="utf-8")
    print(f"{TABLE.relative_to(ROOT)} is written.")


if __name__ == "__main__":
    main()
