"""The same on the workers of a Dask scheduler, one of which is killed in the middle."""

import os
import signal
import subprocess
import sys
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib.util import find_spec

import pytest
from course import made_up
from course.hanging import Hangs
from course.sandboxes import needs_bubblewrap
from course.test_batch import CHAPTER, expected, found, handed_in, lines
from places import ROOT

from backpass.course import batch
from backpass.course.batch import Cluster, Limits, Task, grade_class
from backpass.course.errors import CourseError
from backpass.course.gradebook.book import NAME, Gradebook
from backpass.course.handed_in.submissions import find
from backpass.course.results import Result

pytestmark = [pytest.mark.slow, needs_bubblewrap]

#: In CI that is an error.
needs_dask = pytest.mark.skipif(
    find_spec("distributed") is None and not os.environ.get("CI"),
    reason="Dask is not installed (pip install -c constraints.txt -e '.[cluster]')",
)

DASK = [sys.executable, "-c", "from dask.__main__ import main; main()"]


@contextmanager
def started(folder, *arguments):
    """One of Dask's own commands, in the background."""
    said = (folder / f"{arguments[0]}-{len(list(folder.iterdir()))}.log").open("w")
    file = folder / "scheduler.json"
    process = subprocess.Popen(
        [*DASK, *arguments, "--scheduler-file", str(file), "--interface", "lo", "--no-dashboard"],
        cwd=ROOT, stdout=said, stderr=said,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        said.close()


@contextmanager
def cluster(folder, count=2, *options):
    """A scheduler and workers on this machine."""
    folder.mkdir()
    with ExitStack() as stack:
        stack.enter_context(started(folder, "scheduler", "--port", "0"))
        worker = ("worker", "--nthreads", "1", *options)
        yield [stack.enter_context(started(folder, *worker)) for _ in range(count)]


def address(folder, count=2):
    import distributed

    file = str(folder / "scheduler.json")
    with distributed.Client(scheduler_file=file, timeout=60, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=60)
        return client.scheduler.address


@needs_dask
def test_every_submission_is_graded_once_though_a_worker_is_killed(tmp_path):
    made = made_up.class_of(CHAPTER, 12, seed=5)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    handed_in(made, inbox)
    folder = tmp_path / "dask"
    with cluster(folder, 2, "--no-nanny") as workers, Gradebook(tmp_path / NAME) as book:
        results, assignment = [], made_up.assignment(CHAPTER)
        with Cluster(address(folder)) as pool:
            for result, _ in grade_class(assignment, find(inbox, CHAPTER), book, pool, Limits()):
                results.append(result)
                if len(results) == 4:
                    workers[0].send_signal(signal.SIGKILL)
        assert found(results) == expected(made)
        assert found(book.results()) == expected(made)
    assert set(lines(tmp_path).values()) == {1}


@needs_dask
def test_what_hangs_costs_no_worker_and_nobody_else(tmp_path):
    one = made_up.class_of(CHAPTER, 1, seed=5)[0]
    whole = Task(made_up.assignment(CHAPTER), "Bob", "x.ipynb", one.content, Limits())
    with cluster(tmp_path / "dask", 1):
        tasks = [Hangs(whole.assignment), whole]
        with Cluster(address(tmp_path / "dask", 1)) as pool:
            results = {one.student: one for one in pool.results(tasks)}
    assert "was lost, twice" in results["Ada"].reason
    assert found([results["Bob"]]) == {"Bob": one.expected}


@needs_dask
def test_without_a_scheduler_it_is_said_how_to_start_one(monkeypatch):
    monkeypatch.setattr(batch, "PATIENCE", 0.5)
    with pytest.raises(CourseError, match="dask scheduler"):
        Cluster("tcp://127.0.0.1:9")


def test_without_dask_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    with pytest.raises(CourseError, match=r"-e '\.\[cluster\]'"):
        Cluster("tcp://127.0.0.1:8786")


class Dask:
    """Stands for Dask; its workers have these versions, and are all lost with a task of Bob's."""

    KilledWorker = type("KilledWorker", (Exception,), {})
    loop = None

    def __init__(self, **versions):
        self.versions, self.closed = versions, 0

    def Client(self, address, **_):
        return self

    def run(self, _):
        return self.versions

    def nthreads(self):
        return dict.fromkeys(self.versions, 1)

    def submit(self, function, task, **_):
        future = Future()
        future.key = task.student
        if task.student == "Bob":
            future.set_exception(self.KilledWorker())
        else:
            future.set_result(Result(task.student, CHAPTER, "graded"))
        return future

    def as_completed(self, futures, **_):
        class Running(list):
            update = list.extend

        return Running(futures)

    def close(self):
        self.closed += 1


@pytest.mark.parametrize(
    ("versions", "said"), [({}, "has no workers"), ({"tcp://a": "old"}, "Other checks .* tcp://a")]
)
def test_what_is_refused_is_left(monkeypatch, versions, said):
    dask = Dask(**versions)
    monkeypatch.setitem(sys.modules, "dask.distributed", dask)
    with pytest.raises(CourseError, match=said):
        Cluster("tcp://127.0.0.1:8786")
    assert dask.closed == 1


def test_who_loses_all_workers_stops_nobody_else(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask.distributed", Dask(a=batch.version()))
    names = ["Ada", "Bob", "Cleo", "Dan"]
    one = Task(made_up.assignment(CHAPTER), "", "x.ipynb", b"{}", Limits())
    with Cluster("tcp://127.0.0.1:8786") as pool:
        results = list(pool.results(replace(one, student=name) for name in names))
    assert [(one.student, one.status == "graded") for one in results] == [
        ("Ada", True), ("Bob", False), ("Cleo", True), ("Dan", True),
    ]  # fmt: skip
    assert results[1].hangs_on == ("chance",)


def test_who_is_done_leaves(monkeypatch):
    dask = Dask(a=batch.version())
    monkeypatch.setitem(sys.modules, "dask.distributed", dask)
    with pytest.raises(KeyboardInterrupt), Cluster("tcp://127.0.0.1:8786"):
        raise KeyboardInterrupt
    assert dask.closed == 1
