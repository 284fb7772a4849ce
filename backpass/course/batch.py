"""Many submissions at once: the unit of work is one submission, wherever it is done.

To grade one is idempotent, and its result is kept under a key of all that decides it. So one that
is done twice, or begun anew because a worker was lost, does no harm; and only results travel back.
"""

from __future__ import annotations

import faulthandler
import hashlib
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, islice
from multiprocessing.util import Finalize
from pathlib import Path

import backpass
from backpass.course.assignment import Assignment
from backpass.course.errors import CourseError, Ungradable
from backpass.course.grade import grade
from backpass.course.gradebook.book import Gradebook, key_of
from backpass.course.handed_in import answers, lenient
from backpass.course.handed_in.submissions import Submission
from backpass.course.limits import CHANCE, VARIABLE, Limits
from backpass.course.results import Result
from backpass.course.sandbox.box import Sandbox
from backpass.course.sandbox.container import Alone, opened


@dataclass(frozen=True)
class Task:
    """What a ``student`` handed in: the ``content`` of the file ``name``.

    ``only`` are slugs of exercises; without any all are graded.
    """

    assignment: Assignment
    student: str
    name: str
    content: bytes
    limits: Limits
    only: frozenset[str] = frozenset()


#: The sandbox of this process, its limits, and who uses it: there is one session at a time.
_sandbox: dict[tuple, Sandbox | Alone] = {}
_lock = threading.Lock()

#: What a worker has for the answers that it judges: bytes beyond those that it begins with.
ROOM = 4 * 2**30


def work(task: Task) -> Result:
    """The result of a task. Whatever was handed in, it is one; CourseError without a sandbox."""
    chapter = task.assignment.chapter
    try:
        return _worked(task, chapter)
    except Ungradable as error:
        return Result(task.student, chapter, "ungradable", reason=str(error))
    except CourseError:
        raise
    except Exception as error:  # nobody else shall wait for this one
        return _failed(task, f"Grading it failed ({type(error).__name__}).")


def _failed(task: Task, reason: str) -> Result:
    """A result that says nothing of the submission: it is tried again."""
    reason += " The next run tries it again; please report it if that fails, too."
    chapter = task.assignment.chapter
    return Result(task.student, chapter, "ungradable", reason=reason, hangs_on=(CHANCE,))


def _worked(task: Task, chapter: str) -> Result:
    notebook, notes = lenient.read(task.content, task.name)
    matched = answers.match(task.assignment, notebook)
    with _lock:
        return grade(
            task.assignment,
            task.student,
            matched,
            _own_sandbox(task.limits, chapter),
            seconds=task.limits.seconds,
            only=task.only,
            notes=notes,
        )


def _own_sandbox(limits: Limits, chapter: str) -> Sandbox | Alone:
    """This process's sandbox, as it is or made anew for other limits."""
    key = limits.sandbox, limits.memory, limits.call, chapter
    if key not in _sandbox:
        close()
        os.environ[VARIABLE] = str(limits.call)  # for the checks here and what they call there
        _sandbox[key] = opened(limits.sandbox, limits.memory, (chapter,))
    return _sandbox[key]


def close() -> None:
    """End this process's sandbox."""
    while _sandbox:
        _sandbox.popitem()[1].close()


#: What no grade depends on. What was assigned is read by ``files`` and ``notebooks``, and the key
#: of a result has what came of that.
APART = ("book", "course/cli", "course/pages", "explore", "files", "notebooks")


@cache
def version() -> str:
    """A name for the checks, and for what runs answers, as they are: another one as soon as a
    module of them is changed, or one that they or a notebook may import.
    """
    found = hashlib.sha256()
    for path, name in sorted(_deciding(Path(backpass.__file__).parent)):
        found.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}".encode())
    return found.hexdigest()


def _deciding(package: Path) -> Iterator[tuple[Path, str]]:
    """The modules of the package that may decide a grade."""
    for path in package.rglob("*.py"):
        name = path.relative_to(package).as_posix()
        if not name.startswith(tuple(f"{room}/" for room in APART)):
            yield path, name


class Local:
    """So many ``workers``, processes of this machine."""

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or os.cpu_count() or 1

    def __enter__(self) -> Local:
        return self

    def __exit__(self, *error: object) -> None:
        """Its processes end with what they are asked for."""

    def results(self, tasks: Iterable[Task]) -> Iterator[Result]:
        """The results as they come. No more tasks are taken than are worked on soon.

        What a lost worker, and those beside it, were doing is done again, one after the other; who
        loses a worker alone is ungradable.
        """
        waiting = iter(tasks)
        while True:
            running: dict[Future, Task] = {}
            with _pool(self.workers) as pool:
                while not pool._broken:
                    for task in islice(waiting, 2 * self.workers - len(running)):
                        running[_submitted(pool, task)] = task
                    if not running:
                        return
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        if not isinstance(future.exception(), BrokenProcessPool):
                            del running[future]
                            yield future.result()
            yield from _alone(running.values())


def _submitted(pool: ProcessPoolExecutor, task: Task) -> Future:
    """What comes of a task. A worker may be lost at any moment, just before this too."""
    try:
        return pool.submit(_guarded, task)
    except BrokenProcessPool as error:
        future = Future()
        future.set_exception(error)
        return future


def _alone(tasks: Iterable[Task]) -> Iterator[Result]:
    """The results of tasks that one worker does, one after the other, or the next if it is lost."""
    waiting = deque(tasks)
    while waiting:
        with _pool(1) as pool:
            lost = False
            while waiting and not lost:
                task = waiting.popleft()
                try:
                    yield pool.submit(_guarded, task).result()
                except BrokenProcessPool:
                    lost = True
                    yield _lost(task)


def _lost(task: Task) -> Result:
    return _failed(task, "The process that graded it was lost, twice.")


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    pool = _new_pool(workers)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _new_pool(workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # there is a worker for each core
    return ProcessPoolExecutor(workers, context, initializer=_begin)


#: The process beside one of a cluster's, and who uses it.
_beside: list[ProcessPoolExecutor] = []
_turn = threading.Lock()


def beside(task: Task) -> Result:
    """The result of a task, worked on in a process beside this one, as by a worker of
    :class:`Local`: what hangs, or takes too much memory, takes nothing of a cluster with it.
    """
    with _turn:
        for _ in range(2):
            if not _beside:
                # Dask's workers are daemons, which may begin no process; ours goes when they do.
                multiprocessing.current_process()._config["daemon"] = False
                _beside.append(_new_pool(1))
            try:
                return _beside[0].submit(_guarded, task).result()
            except BrokenProcessPool:
                _beside.pop().shutdown()
    return _lost(task)


def _guarded(task: Task) -> Result:
    """The same, in a worker that goes if it hangs, whatever it hangs in."""
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(
            task.limits.seconds + task.limits.late, exit=True, file=nowhere
        )
        try:
            return work(task)
        finally:
            faulthandler.cancel_dump_traceback_later()


def _begin() -> None:
    """A worker goes when who began it is gone, however that came about. Its memory has an end."""
    _bounded()
    parent = multiprocessing.parent_process()

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    Finalize(None, close, exitpriority=10)


def _bounded() -> None:
    """Let this process have no more than ROOM beyond what it holds."""
    with suppress(ImportError, OSError, ValueError):  # not everywhere
        import resource

        with open("/proc/self/statm") as file:  # its sixth number: what is its own, in pages
            now = int(file.read().split()[5]) * resource.getpagesize()
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (now + ROOM, most))


#: How Dask is installed.
INSTALL = "In the book's folder: pip install -c constraints.txt -e '.[cluster]'"

#: Seconds that a scheduler may take to answer.
PATIENCE = 20.0


class Cluster:
    """The workers of a Dask scheduler at ``address``; CourseError if there is none."""

    def __init__(self, address: str) -> None:
        try:
            from dask.distributed import Client
        except ImportError:
            raise CourseError(f"--scheduler needs Dask. {INSTALL}") from None
        try:
            self._client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise CourseError(
                f"There is no Dask scheduler at {address} ({error}). Start one, `dask scheduler`,"
                " and workers: `dask worker ADDRESS --nthreads 1`."
            ) from None
        try:
            self._agree(address)
        except BaseException:
            self.close()
            raise

    def _agree(self, address: str) -> None:
        """CourseError unless there are workers, with the checks that are here."""
        versions = self._client.run(version)
        if not versions:
            raise CourseError(f"The scheduler at {address} has no workers.")
        if other := [name for name, found in versions.items() if found != version()]:
            raise CourseError(f"Other checks than here are installed at {', '.join(other)}.")

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def results(self, tasks: Iterable[Task]) -> Iterator[Result]:
        """The results as they come. What a lost worker did is done again by another; who loses
        several is ungradable.
        """
        from dask.distributed import KilledWorker, as_completed

        waiting = iter(tasks)
        given: dict[str, Task] = {}

        def more(count: int) -> list:
            futures = []
            for task in islice(waiting, count):
                futures.append(self._client.submit(beside, task, pure=False, retries=2))
                given[futures[-1].key] = task
            return futures

        first = more(2 * sum(self._client.nthreads().values()))
        running = as_completed(first, loop=self._client.loop)
        for future in running:
            running.update(more(1))
            task = given.pop(future.key)
            try:
                result = future.result()
            except KilledWorker:
                result = _failed(task, "The workers that graded it were lost.")
            yield result

    def close(self) -> None:
        """Leave the scheduler."""
        self._client.close()


def grade_class(
    assignment: Assignment,
    submissions: Iterable[Submission],
    book: Gradebook,
    pool: Local | Cluster,
    limits: Limits,
    *,
    tried: set[tuple[str, str]] | None = None,
) -> Iterator[tuple[Result, bool]]:
    """Grade what is new, and keep each result as soon as it is there.

    Yields each submission's result, and whether it was graded now; False: it was there already.
    Stopped anywhere it may be begun again. What came up against limits that are wider now, or
    failed by no fault of its own, is graded again; who calls this again and again hands over the
    same ``tried``, so that this is done once.
    """
    tried = set() if tried is None else tried
    chapter, submissions = assignment.chapter, list(submissions)
    book.entitle(chapter, assignment.title)
    _renamed(submissions, book, chapter)
    at: dict[str, tuple[Submission, str]] = {}
    there: list[Result] = []

    def tasks() -> Iterator[Task]:
        for one in submissions:
            content, reason = _read(one)
            key = key_of(content or reason.encode(), assignment, version())
            if (one.student, key) in tried or book.known(one.student, chapter, key, limits):
                there.append(book.history(one.student, chapter)[0].result)
                continue
            at[one.student] = one, key
            if reason:
                there.append(Result(one.student, chapter, "ungradable", reason=reason))
            else:
                yield Task(assignment, one.student, one.name_of_file, content, limits)

    def kept(result: Result) -> tuple[Result, bool]:
        one, key = at.get(result.student, (None, ""))
        if one is not None:
            result = replace(result, notes=(*result.notes, *_said(one)))
            book.put(result, _whole(key, result, limits), ids=one.ids)
            if CHANCE in result.hangs_on:
                tried.add((one.student, key))
        return result, one is not None

    for result in pool.results(tasks()):
        yield from map(kept, _emptied(there))
        yield kept(result)
    yield from map(kept, _emptied(there))


def grade_again(
    assignment: Assignment,
    submissions: Iterable[Submission],
    pool: Local | Cluster,
    limits: Limits,
    only: frozenset[str],
) -> Iterator[tuple[Result, str]]:
    """Grade these exercises, slugs, of each submission, whatever was graded before.

    Yields each result and its key, as :func:`grade_class` keeps one; nothing is kept.
    """
    keys: dict[str, str] = {}
    there: list[Result] = []

    def tasks() -> Iterator[Task]:
        for one in submissions:
            content, reason = _read(one)
            keys[one.student] = key_of(content or reason.encode(), assignment, version())
            if reason:
                there.append(Result(one.student, assignment.chapter, "ungradable", reason=reason))
            else:
                yield Task(assignment, one.student, one.name_of_file, content, limits, only)

    for result in chain(pool.results(tasks()), there):
        yield result, _whole(keys[result.student], result, limits)


def _read(one: Submission) -> tuple[bytes, str]:
    """What was handed in, or why it cannot be read."""
    try:
        return one.content(), ""
    except Ungradable as error:
        return b"", str(error)


def _whole(key: str, result: Result, limits: Limits) -> str:
    """A result's key with the limits that it came up against."""
    return f"{key} {limits.word(result.hangs_on)}".rstrip()


def _renamed(submissions: Iterable[Submission], book: Gradebook, chapter: str) -> None:
    """A student whom a platform knows by the same number is the same, by whatever name."""
    names = {one.student for one in submissions}
    known = {
        item: entry.result.student
        for entry in book.entries(chapter)
        for item in entry.ids.items()
        if entry.result.student not in names and item[0] in ("moodle", "canvas")
    }
    for one in submissions:
        for item in one.ids.items():
            if (old := known.pop(item, None)) and not book.history(one.student, chapter):
                book.rename(old, one.student, chapter)


def _emptied(results: list[Result]) -> list[Result]:
    found = list(results)
    results.clear()
    return found


def _said(one: Submission) -> Iterator[str]:
    """What is noted of how it came in."""
    if one.late:
        yield "It was handed in late."
    if one.others:
        yield f"What counts is {one.name_of_file}. Not graded: {', '.join(one.others)}."
