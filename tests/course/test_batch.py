"""A class is graded once, whatever is killed on the way."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from course import made_up
from course.hanging import Hangs
from course.sandboxes import needs_bubblewrap
from places import ROOT

from backpass.course import batch
from backpass.course.batch import Limits, Local, Task, grade_again, grade_class, version, work
from backpass.course.gradebook.book import NAME, Gradebook, key_of
from backpass.course.handed_in.submissions import find
from backpass.course.results import Result

pytestmark = [pytest.mark.slow, needs_bubblewrap]
CHAPTER = "residual_networks"
PACKAGE = ROOT / "backpass"


@pytest.fixture(scope="module")
def made():
    return made_up.class_of(CHAPTER, 12, seed=3)


@pytest.fixture(scope="module")
def inbox(made, tmp_path_factory):
    return handed_in(made, tmp_path_factory.mktemp("inbox"))


def handed_in(made, folder):
    """As Moodle names them."""
    for number, one in enumerate(made):
        place = folder / f"{one.student}_{number}_assignsubmission_file_"
        place.mkdir()
        (place / "work.ipynb").write_bytes(one.content)
    return folder


def found(results):
    return {one.student: None if one.status == "ungradable" else
            {mark.slug: mark.points for mark in one.marks} for one in results}  # fmt: skip


def expected(made):
    return {one.student: one.expected for one in made}


def lines(folder):
    """How often each student stands in the gradebook."""
    with sqlite3.connect(folder / NAME) as kept:
        return dict(kept.execute("SELECT student, count(*) FROM result GROUP BY student"))


def alive(pattern, *which):
    done = subprocess.run(["pgrep", *which, "-f", pattern], capture_output=True, text=True)
    return [int(number) for number in done.stdout.split()]


#: As much memory as nobody else gives: sandboxes, each in a session of its own, are known by it.
MEMORY = 1000 * 2**20 + os.getpid()


def sandboxes():
    return alive(f'"memory": {MEMORY}')


def none_soon(look, seconds=20):
    """Is nothing found any more, or soon?"""
    until = time.monotonic() + seconds
    while (found := look()) and time.monotonic() < until:
        time.sleep(0.1)
    return not found


def command(inbox, grades, *more):
    return [sys.executable, "-m", "backpass.course.cli", "grade", CHAPTER, str(inbox),
            "--out", str(grades), "--memory", str(MEMORY / 2**20), *more]  # fmt: skip


def test_a_class_is_graded_through_a_kill(made, inbox, tmp_path):
    grades = tmp_path / "grades"
    process = subprocess.Popen(command(inbox, grades), cwd=ROOT, start_new_session=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with suppress(sqlite3.OperationalError):
            if len(lines(grades)) >= 4:
                break
        time.sleep(0.05)

    def workers():
        return alive("multiprocessing", "-s", str(process.pid))

    assert workers()
    assert sandboxes()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert none_soon(lambda: workers() + sandboxes())
    before = lines(grades)
    assert 4 <= len(before) < len(made)

    rest = command(inbox, grades, "--workers", "1")  # a second would begin and find little to do
    done = subprocess.run(rest, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr  # some are no notebooks
    assert f"; {len(made) - len(before)} of these now" in done.stdout
    with Gradebook(grades / NAME) as book:
        assert found(book.results(CHAPTER)) == expected(made)
    assert set(lines(grades).values()) == {1}

    again = subprocess.run(command(inbox, grades), cwd=ROOT, capture_output=True, text=True)
    assert "; 0 of these now" in again.stdout
    assert none_soon(sandboxes)


def test_a_lost_worker_costs_nobody_anything(made, inbox, tmp_path):
    killed = []
    with Gradebook(tmp_path / NAME) as book:
        some = find(inbox, CHAPTER)[:7]
        run = grade_class(made_up.assignment(CHAPTER), some, book, Local(2), Limits())
        results = []
        for result, _ in run:
            results.append(result)
            if len(results) == 2:
                workers = subprocess.run(
                    ["pgrep", "-P", str(os.getpid()), "-f", "spawn_main"],
                    capture_output=True,
                    text=True,
                )
                killed = [int(number) for number in workers.stdout.split()][:1]
                os.kill(killed[0], signal.SIGKILL)
        assert killed
        wanted = {one.student: expected(made)[one.student] for one in some}
        assert found(results) == found(book.results()) == wanted


def test_what_cannot_be_graded_has_a_reason(made):
    for one in made:
        if one.expected is None:
            task = Task(made_up.assignment(CHAPTER), one.student, "x.ipynb", one.content, Limits())
            result = work(task)
            assert result.status == "ungradable"
            assert result.reason.endswith(".")
            assert not result.marks


def task(content=b"{}", **limits):
    return Task(made_up.assignment(CHAPTER), "Ada", "x.ipynb", content, Limits(**limits))


def test_whatever_goes_wrong_with_one_is_told_of_that_one(monkeypatch):
    def fail(*_):
        raise RuntimeError("<script>")

    monkeypatch.setattr(batch.lenient, "read", fail)
    result = work(task())
    assert result.status == "ungradable"
    assert result.reason.startswith("Grading it failed (RuntimeError). The next run tries it again")
    assert result.hangs_on == ("chance",)


def test_a_worker_waits_as_long_as_its_task_says(monkeypatch):
    """Whatever the environment of the machine says on which it is."""
    batch.close()
    monkeypatch.setenv("BACKPASS_SECONDS", "120")
    monkeypatch.setattr(batch, "opened", lambda *_: Opened(os.environ["BACKPASS_SECONDS"]))
    found = [batch._own_sandbox(Limits(call=call), CHAPTER).seconds for call in (40, 50)]
    batch.close()
    assert found == ["40", "50"]


class Opened:
    """A sandbox that was opened with these seconds in its environment."""

    def __init__(self, seconds):
        self.seconds = seconds

    def close(self):
        pass


ALONE = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests")!r}, {str(ROOT / "tests" / "helpers")!r}]
from backpass.course import batch
from course.test_batch import task
"""


def alone(code):
    return subprocess.run([sys.executable, "-c", ALONE + code], capture_output=True, text=True)


def test_a_worker_that_hangs_is_lost():
    """Whatever it hangs in: nothing interrupts a long call into C."""
    code = (
        "batch.work = lambda task: sum(range(10**12))\nbatch._guarded(task(seconds=0.5, late=0))\n"
    )
    begin = time.monotonic()
    done = alone(code)
    assert done.returncode == 1
    assert done.stderr == ""
    assert time.monotonic() - begin < 30


class Inline:
    """A pool that works here. Its first one breaks at the third task that it is handed."""

    pools: ClassVar = []

    def __init__(self, workers):
        self._broken, self.taken = False, 0
        self.pools.append(self)

    def submit(self, function, task):
        self.taken += 1
        if self is self.pools[0] and self.taken == 3:
            self._broken = True
            raise BrokenProcessPool("gone just now")
        future = Future()
        future.set_result(Result(task.student, CHAPTER, "graded"))
        return future

    def shutdown(self, **_):
        pass


def test_a_worker_that_is_lost_just_before_it_is_handed_a_task_costs_nothing(monkeypatch):
    monkeypatch.setattr(Inline, "pools", [])
    monkeypatch.setattr(batch, "_new_pool", Inline)
    names = [f"S{i}" for i in range(9)]
    tasks = (replace(task(), student=name) for name in names)
    assert sorted(one.student for one in Local(2).results(tasks)) == names
    assert len(Inline.pools) > 1


def test_what_hangs_alone_is_lost_and_the_next_has_another_worker():
    hangs = Hangs(made_up.assignment(CHAPTER))
    reasons = [one.reason for one in batch._alone([hangs, task(b"")])]
    assert "was lost, twice" in reasons[0]
    assert len(reasons) == 2
    assert "lost" not in reasons[1]


@pytest.fixture
def one_beside():
    yield
    while batch._beside:
        batch._beside.pop().shutdown()


def test_what_hangs_beside_is_lost_twice_and_told_and_the_next_is_not(made, one_beside):
    result = batch.beside(Hangs(made_up.assignment(CHAPTER)))
    assert (result.status, result.student) == ("ungradable", "Ada")
    assert "was lost, twice" in result.reason
    one = next(one for one in made if one.expected is not None)
    whole = Task(made_up.assignment(CHAPTER), one.student, "x.ipynb", one.content, Limits())
    assert found([batch.beside(whole)]) == {one.student: one.expected}


def test_a_worker_has_no_memory_without_end_but_its_sandbox_has_its_own():
    code = (
        "from backpass.course.sandbox.box import Sandbox\nbatch.ROOM = 2**28\nbatch._bounded()\n"
        "try:\n    bytearray(2**29)\nexcept MemoryError:\n    print('no more')\n"
        "with Sandbox(memory=1024) as box, box.session() as session:\n"
        "    print(repr(session.run('much = bytearray(2**29)', 10)))\n"
    )
    done = alone(code)
    assert done.stdout.splitlines() == ["no more", "''"], done.stderr


def test_an_exercise_alone_can_be_graded_again(inbox):
    some, assignment = find(inbox, CHAPTER)[:4], made_up.assignment(CHAPTER)
    run = list(grade_again(assignment, some, Local(1), Limits(), frozenset(["judge_flow"])))
    assert {one.student for one, _ in run} == {one.student for one in some}
    assert all([m.slug for m in one.marks] in ([], ["judge_flow"]) for one, _ in run)
    contents = {one.student: one.content() for one in some}
    for one, key in run:
        assert key.split()[:3] == key_of(contents[one.student], assignment, version()).split()


def test_another_assignment_is_graded_anew(inbox, tmp_path):
    one = find(inbox, CHAPTER)[-1:]
    assignment = made_up.assignment(CHAPTER)
    with Gradebook(tmp_path / NAME) as book:
        fresh = []
        for now in (assignment, assignment, assignment.reweighed({"judge_flow": 7})):
            fresh += [new for _, new in grade_class(now, one, book, Local(1), Limits())]
        assert fresh == [True, False, True]


def test_the_version_names_the_checks_as_they_are():
    assert version() == version()
    assert len(version()) == 64


@pytest.mark.parametrize(
    ("name", "decides"),
    [
        ("checks/bptt/credit.py", True),
        ("gradcheck/measure.py", True),
        ("course/grade.py", True),
        ("tape.py", True),
        ("scopes.py", True),
        ("picture.py", True),
        ("another.py", True),
        ("book/theme/__init__.py", False),
        ("course/pages/summary.py", False),
    ],
)
def test_another_version_is_one_of_what_decides_a_grade(tmp_path, monkeypatch, name, decides):
    shutil.copytree(PACKAGE, tmp_path / "backpass", ignore=shutil.ignore_patterns("*.pyc"))
    monkeypatch.setattr(batch.backpass, "__file__", str(tmp_path / "backpass" / "__init__.py"))
    before = version.__wrapped__()
    with (tmp_path / "backpass" / name).open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    assert (version.__wrapped__() != before) == decides


def test_all_that_grading_imports_is_in_the_version():
    """What runs answers, all checks, and what the sheets' own cells import."""
    code = (
        "import importlib\nfrom backpass import checks\nfrom backpass.course.sandbox import inside,"
        " keeper\nfor name in keeper.IMPORTED: importlib.import_module(name)\n"
        f"checks.chapters()\nfor line in {sheet_imports()!r}: exec(line)\n"
        "print(*(m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'backpass'),"
        " sep='\\n')\n"
    )
    done = alone(code)
    loaded = {Path(line).relative_to(PACKAGE).as_posix() for line in done.stdout.splitlines()}
    assert {"tape.py", "scopes.py", "labels.py", "checks/bptt/__init__.py"} <= loaded, done.stderr
    left = loaded - {name for _, name in batch._deciding(PACKAGE)}
    assert {name.split("/")[0] for name in left} <= {"files", "notebooks"}


def sheet_imports():
    """The lines of all sheets that import from the package."""
    raws = [path.read_text(encoding="utf-8") for path in ROOT.glob("exercises/*/*.ipynb")]
    cells = ["".join(cell["source"]) for raw in raws for cell in json.loads(raw)["cells"]
             if cell["cell_type"] == "code"]  # fmt: skip
    return sorted({line for text in cells for line in re.findall(r"(?m)^from backpass.*$", text)})


@pytest.fixture(scope="module", autouse=True)
def _closed():
    yield
    batch.close()
