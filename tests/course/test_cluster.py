"""The same on the workers of a Dask scheduler, one of which is killed in the middle."""

import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager

import pytest
from course import made_up
from course.sandboxes import needs_bubblewrap
from course.test_batch import CHAPTER, expected, found, handed_in, lines
from places import ROOT

from backpass.course import batch
from backpass.course.batch import Cluster, Limits, grade_class
from backpass.course.errors import CourseError
from backpass.course.gradebook.book import NAME, Gradebook
from backpass.course.handed_in.submissions import find

pytestmark = [pytest.mark.slow, needs_bubblewrap]

DASK = [sys.executable, "-c", "from dask.__main__ import main; main()"]


@contextmanager
def started(folder, *arguments):
    """One of Dask's own commands, in the background."""
    said = (folder / f"{arguments[0]}-{len(list(folder.iterdir()))}.log").open("w")
    file = folder / "scheduler.json"
    process = subprocess.Popen(
        [*DASK, *arguments, "--scheduler-file", str(file), "--interface", "lo", "--no-dashboard"],
        cwd=ROOT, stdout=said, stderr=said,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        said.close()


@contextmanager
def cluster(folder):
    """A scheduler and two workers on this machine."""
    with ExitStack() as stack:
        stack.enter_context(started(folder, "scheduler", "--port", "0"))
        worker = ("worker", "--nthreads", "1", "--no-nanny")
        yield [stack.enter_context(started(folder, *worker)) for _ in range(2)]


def test_every_submission_is_graded_once_though_a_worker_is_killed(tmp_path):
    distributed = pytest.importorskip("distributed")
    made = made_up.class_of(CHAPTER, 12, seed=5)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    handed_in(made, inbox)
    folder = tmp_path / "dask"
    folder.mkdir()
    with cluster(folder) as workers, Gradebook(tmp_path / NAME) as book:
        with distributed.Client(
            scheduler_file=str(folder / "scheduler.json"), timeout=60, set_as_default=False
        ) as client:
            client.wait_for_workers(2, timeout=60)
            address = client.scheduler.address
        pool, results = Cluster(address), []
        assignment = made_up.assignment(CHAPTER)
        for result, _ in grade_class(assignment, find(inbox, CHAPTER), book, pool, Limits()):
            results.append(result)
            if len(results) == 4:
                workers[0].send_signal(signal.SIGKILL)
        pool.close()
        assert found(results) == expected(made)
        assert found(book.results()) == expected(made)
    assert set(lines(tmp_path).values()) == {1}


def test_without_a_scheduler_it_is_said_how_to_start_one(monkeypatch):
    monkeypatch.setattr(batch, "PATIENCE", 0.5)
    with pytest.raises(CourseError, match="dask scheduler"):
        Cluster("tcp://127.0.0.1:9")


def test_without_dask_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    with pytest.raises(CourseError, match=r"backpass\[cluster\]"):
        Cluster("tcp://127.0.0.1:8786")
