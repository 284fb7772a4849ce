"""What several test modules share."""

import gc
import os
from functools import partial, wraps
from multiprocessing.process import BaseProcess
from pathlib import Path
from subprocess import Popen

import kernels
import newcomer
import pytest
import replay
from books import once
from forked import Copy
from fuzz import TIMES, examples
from hypothesis import settings
from places import ROOT

from backpass import checks

# A check stops an answer after 10 s by the clock; on a loaded machine a right one may take longer.
os.environ.setdefault("BACKPASS_SECONDS", "120")
# Where every kernel has as many threads as there are processors, they wait for each other.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # as grading sets it, too
    os.environ.setdefault(variable, "1")

kernels.begin_as_copies()

# What a mistake is told in stages, the tests read at once; those of the stages ask for them.
checks.settings.at_once = True

for helper in (
    "contract",
    "browser",
    "chapter_code",
    "survey",
    "visits",
    "working",
):  # they hold assertions too
    pytest.register_assert_rewrite(helper)

# A deadline is a clock, and a loaded machine misses it. The same examples come everywhere and every
# time; tests/fuzz.py asks for new ones.
settings.register_profile("book", deadline=None, derandomize=True, max_examples=examples(100))
settings.register_profile(
    "fuzz", deadline=None, derandomize=False, max_examples=examples(100), print_blob=True
)
settings.load_profile("fuzz" if TIMES > 1 else "book")


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """One worker more than there are processors, since one of them often waits for a browser, a
    kernel or the network: but not in ``make quick``.
    """
    waits = "not slow" not in config.option.markexpr
    return (yield) + (waits and "PYTEST_XDIST_AUTO_NUM_WORKERS" not in os.environ)


#: Fixtures that build something, run notebooks or start Python for the pages. Their tests are slow.
BUILDERS = {"book", "tiny", "course", "clone", "wheel", "contents"}


#: The module whose first test builds the book.
NEWCOMER = "test_newcomer"
#: The modules that take longest of those that look at the book.
LONGEST = ("test_accessibility", "test_in_page", "test_kept_in_page", "test_solved_in_page")


def builds(name, item):
    """Whether the fixture is one of those: what is made anew for each test, say a gradebook, is
    another of the same name.
    """
    return item._fixtureinfo.name2fixturedefs[name][-1].scope != "function"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """The book's build comes first, and last what looks at it: nobody waits for it meanwhile.

    A module is tested as a whole, so one test is enough to make it wait. Of these those that take
    longest begin. Chapters are compared as they ran for the book, where it is built.
    """
    looking = {item.path for item in items if "book" in getattr(item, "fixturenames", ())}
    if NEWCOMER in {item.path.stem for item in items} and "BACKPASS_BOOK" not in os.environ:
        for item in items:
            if item.path.suffix == ".ipynb" and item.path.parent == ROOT / "chapters":
                looking.add(item.path)
                item.parent.setup = partial(compare_with_book, item.parent)

    def turn(item):
        if item.path.stem == NEWCOMER:
            return 0
        if item.path not in looking:
            return 1
        return 2 + LONGEST.index(item.path.stem) if item.path.stem in LONGEST else 2 + len(LONGEST)

    for item in items:
        if any(builds(name, item) for name in BUILDERS & set(getattr(item, "fixturenames", ()))):
            item.add_marker("slow")
    items.sort(key=turn)


def pytest_collection_finish():
    """What is collected stays to the end: it need not be looked at for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


#: Programs that answer at once.
PROMPT = {"git"}
#: While a test runs that `make quick` has too, nothing else is started: no kernel, browser, Node or
#: Python.
quick = False


def guard(owner, name, program):
    """Let what starts a process ask first; ``program`` tells from its arguments what it starts."""
    start = getattr(owner, name)

    @wraps(start)
    def started(*args, **options):
        if quick and Path(program(*args, **options)).name not in PROMPT:
            what = program(*args, **options)
            pytest.fail(f"It starts {what}: mark it slow, so that `make quick` leaves it out.")
        return start(*args, **options)

    setattr(owner, name, started)


def first(args):
    return args if isinstance(args, str | os.PathLike) else args[0]


guard(Popen, "__init__", lambda self, args, *_, **__: first(args))
guard(Copy, "__init__", lambda self, kind, command, *_: command[0])
guard(BaseProcess, "start", lambda self: self.name)
guard(os, "system", lambda command: command)
for name in {"fork", "posix_spawn", "posix_spawnp"} & set(dir(os)):
    guard(os, name, lambda program="a copy of itself", *_, **__: program)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    global quick
    known = item.get_closest_marker("slow") or item.get_closest_marker("browser")
    quick = not known and item.path.suffix != ".ipynb"
    try:
        return (yield)
    finally:
        quick = False


def newcomers_clone(factory, worker):
    """A fresh clone in which the book has been built: one for all tests and all workers."""

    def build(folder):
        clone = newcomer.cloned(folder / "my books")  # a space is what paths trip over
        # Who has Python for the pages already need not fetch it again for each run of the tests.
        there = (
            {"BACKPASS_PYODIDE": str(runtime)} if (runtime := ROOT / ".runtime").exists() else {}
        )
        made = newcomer.make(clone, "book", **there)
        (clone / "made.log").write_text(made.stdout, encoding="utf-8")
        if made.returncode:
            pytest.fail(f"make book fails.\n{made.stdout[-4000:]}", pytrace=False)

    return once(factory, worker, "newcomer", build) / "my books"


@pytest.fixture(scope="session")
def book(tmp_path_factory, worker_id):
    """The folder of the built book (full edition), as ``make book`` makes it from a fresh clone.

    BACKPASS_BOOK names a book that is already built, for example _build/html.
    """
    if ready := os.environ.get("BACKPASS_BOOK"):
        return Path(ready).resolve()
    return newcomers_clone(tmp_path_factory, worker_id) / "_build" / "html"


def compare_with_book(file):
    """Have nbval compare a chapter with what it gave when the newcomer's book was built."""
    worker = getattr(file.config, "workerinput", {"workerid": "master"})["workerid"]
    clone = newcomers_clone(file.config._tmp_path_factory, worker)
    file.kernel = replay.Replay(replay.executed(clone, file.nb))
    file.setup_sanitize_files()
