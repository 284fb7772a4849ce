"""How fast a class is graded: ``python -m benchmarks.grading`` measures and writes it.

The same submissions are graded by ``backpass grade`` and by nbgrader's ``autograde``, one after
the other. Then 100 and 1,000 are, to see whether the memory grows; and a made-up class of two
chapters is: right, wrong in known ways, spoilt and hostile, killed in the middle and begun again.
Each grade is compared with the expected one. The table is ``grading.md`` beside this file.

It takes about half an hour; ``python -m benchmarks.grading 20`` makes all of it so much smaller.
"""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
ROOT = HERE.parent
TABLE = HERE / "grading.md"

#: The chapters of the made-up class, and of the comparison.
CHAPTERS, CHAPTER = ("residual_networks", "softmax_cross_entropy"), "residual_networks"
#: How many: compared with nbgrader, for the memory, in the made-up class of each chapter.
COMPARED, FEW, MANY, CLASS = 20, 100, 1000, 100


def command(chapter: str, inbox: Path, grades: Path, *more: str) -> list[str]:
    words = ["grade", chapter, str(inbox), "--out", str(grades), "--quiet", *more]
    return [sys.executable, "-m", "backpass.course.cli", *words]


def flat(folder: Path, contents: dict[str, bytes]) -> Path:
    """A notebook a student, in a folder."""
    folder.mkdir(parents=True)
    for name, content in contents.items():
        (folder / f"{name}.ipynb").write_bytes(content)
    return folder


def solved(count: int) -> dict[str, bytes]:
    """So many submissions with the solutions in them, no two the same."""
    raw = json.loads((ROOT / "solutions" / CHAPTER / f"{CHAPTER}.ipynb").read_text())
    found = {}
    for number in range(count):
        raw["metadata"]["number"] = number
        found[f"student-{number:04d}"] = json.dumps(raw).encode()
    return found


def timed(words: list[str], folder: Path = ROOT, most: int = 0) -> float:
    """The seconds that a command takes, which ends with this status at most."""
    begin = time.monotonic()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader's alembic
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, env=environment)
    if done.returncode > most:
        sys.exit(f"{' '.join(words)}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return time.monotonic() - begin


def by_us(contents: dict[str, bytes], folder: Path) -> float:
    """Submissions a second."""
    inbox = flat(folder / "inbox", contents)
    return len(contents) / timed(command(CHAPTER, inbox, folder / "grades"))


def by_nbgrader(contents: dict[str, bytes], folder: Path) -> float:
    """Submissions a second, of ``nbgrader autograde`` alone."""
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "solutions" / CHAPTER, folder / "solutions" / CHAPTER)
    program = [sys.executable, "-m", "nbgrader"]
    timed([*program, "generate_assignment", CHAPTER], folder)
    for name, content in contents.items():
        place = folder / "submitted" / name / CHAPTER
        place.mkdir(parents=True)
        (place / f"{CHAPTER}.ipynb").write_bytes(content)
    rate = len(contents) / timed([*program, "autograde", CHAPTER], folder)
    timed([*program, "export"], folder)
    with (folder / "grades.csv").open(encoding="utf-8") as file:
        scores = {row["score"] for row in csv.DictReader(file)}
    if scores != {"38.0"}:
        sys.exit(f"nbgrader gave these points: {scores}")
    return rate


def peak(words: list[str]) -> float:
    """The most memory, in MB, that a command and what it began held together."""
    import psutil

    most, process = 0.0, subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
    whole = psutil.Process(process.pid)
    while process.poll() is None:
        held = 0.0
        for one in [whole, *_children(whole)]:
            try:
                held += one.memory_full_info().pss / 2**20
            except (psutil.Error, AttributeError):
                continue
        most = max(most, held)
        time.sleep(0.5)
    return most


def _children(whole) -> list:
    import psutil

    try:
        return whole.children(recursive=True)
    except psutil.Error:
        return []


def class_of_two_chapters(count: int, folder: Path) -> tuple[int, int, int]:
    """How many were made up, how many had another grade than expected, how often one was kept."""
    sys.path[:0] = [str(ROOT / "tests" / "helpers"), str(ROOT / "tests")]
    from course import made_up

    from backpass.course.gradebook.book import NAME, Gradebook

    grades, expected = folder / "grades", {}
    for chapter in CHAPTERS:
        made = made_up.class_of(chapter, count, seed=count)
        inbox = folder / chapter
        for number, one in enumerate(made):
            place = inbox / f"{one.student}_{number}_assignsubmission_file_"
            place.mkdir(parents=True)
            (place / "work.ipynb").write_bytes(one.content)
            expected[one.student, chapter] = one.expected
        words = command(chapter, inbox, grades, "--format", "csv", "--format", "canvas")
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
        _until(lambda: _kept(grades / NAME, chapter) >= count // 3)  # noqa: B023
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        timed(words, most=1)  # some are no notebooks
    other = often = 0
    with Gradebook(grades / NAME) as book:
        for result in book.results():
            graded = {mark.slug: mark.points for mark in result.marks}
            found = None if result.status == "ungradable" else graded
            if found != expected.pop((result.student, result.chapter)):
                other += 1
                print(f"another grade: {result.student}, {result.chapter}: {found}", flush=True)
            often = max(often, len(book.history(result.student, result.chapter)))
    return 2 * count, other + len(expected), often


def _kept(path: Path, chapter: str) -> int:
    import sqlite3

    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as book:
            ask = "SELECT count(*) FROM result WHERE chapter = ?"
            return book.execute(ask, [chapter]).fetchone()[0]
    except sqlite3.Error:
        return 0


def _until(condition: Callable[[], bool], seconds: float = 600) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.2)


def main() -> None:
    smaller = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    compared, few, many, class_ = (
        max(count // smaller, 2) for count in (COMPARED, FEW, MANY, CLASS)
    )
    lines = []
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for name in "nfgc":
            (root / name).mkdir()
        contents = solved(compared)
        theirs, ours = by_nbgrader(contents, root / "n"), by_us(contents, root / "f")
        lines += [
            f"| submissions a second, {compared} of `{CHAPTER}` | {ours:.2f} |",
            f"| the same of nbgrader 0.9 | {theirs:.3f} |",
            f"| ratio (at least 4) | {ours / theirs:.1f} |",
        ]
        for count in (few, many):
            inbox = flat(root / "g" / f"inbox-{count}", solved(count))
            held = peak(command(CHAPTER, inbox, root / "g" / f"grades-{count}"))
            lines.append(f"| most memory with {count} submissions, MB | {held:.0f} |")
        made, other, often = class_of_two_chapters(class_, root / "c")
        lines += [
            f"| made-up submissions, killed in the middle and begun again | {made} |",
            f"| of these with another grade than expected | {other} |",
            f"| most results kept of one submission | {often} |",
        ]
    text = "\n".join(
        [
            "# How fast a class is graded",
            "",
            f"On {os.cpu_count()} cores. Written by `python -m benchmarks.grading`.",
            "",
            "| what | measured |",
            "|---|--:|",
            *lines,
            "",
        ]
    )
    print(text)
    if smaller == 1:
        TABLE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
