"""Where the time of the tests goes: ``python -m benchmarks.suite`` runs them and writes the table.

Times are those of the workers, set-up of fixtures included, and of this machine on this day; only
how they compare means much. The table is ``suite.md`` beside this file.
"""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
ROOT = HERE.parent
TABLE = HERE / "suite.md"
#: Rows of the table; the rest is one row.
ROWS = 20


def seconds(report):
    """The seconds in each test module or notebook, from pytest's JUnit report."""
    spent = Counter()
    for case in ET.parse(report).iter("testcase"):
        spent[place(case.get("classname", ""))] += float(case.get("time", 0))
    return spent


def place(classname):
    """``tests.book.test_pages.TestLinks`` stands in tests/book/test_pages.py."""
    parts = classname.split(".")
    for end in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:end])
        for file in (path.with_suffix(".py"), path.with_suffix(".ipynb"), path):
            if file.exists():
                return str(file.relative_to(ROOT))
    return classname


def table(spent, wall):
    """The Markdown of the table."""
    total = sum(spent.values())
    rows = spent.most_common(ROWS)
    rest = total - sum(value for _, value in rows)
    if len(spent) > ROWS:
        rows.append((f"{len(spent) - ROWS} others", rest))
    lines = [
        "# Where the time of the tests goes",
        "",
        f"{wall:.0f} s by the clock on {os.cpu_count()} cores, {total:.0f} s of the workers.",
        "Written by `python -m benchmarks.suite`.",
        "",
        "| module | seconds | share |",
        "|---|--:|--:|",
    ]
    lines += [f"| {name} | {value:.0f} | {value / total:.0%} |" for name, value in rows]
    return "\n".join(lines) + "\n"


def main():
    with TemporaryDirectory() as folder:
        report, start = Path(folder, "report.xml"), time.monotonic()
        command = [sys.executable, "-m", "pytest", "-n", "auto", "--dist", "loadscope"]
        kept = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}  # as make has it
        command += ["-q", f"--junitxml={report}"]
        done = subprocess.run(command, cwd=ROOT, env=kept, check=False)
        if done.returncode not in (0, 1):  # not all tests ran
            return done.returncode
        spent = seconds(report)
    TABLE.write_text(table(spent, time.monotonic() - start), encoding="utf-8")
    print(f"{TABLE.relative_to(ROOT)} is written.")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
