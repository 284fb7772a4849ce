import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from threading import Thread

import pytest
from course.made import result, ungradable
from places import ROOT

from backpass.course.assignment import Assignment, Cell
from backpass.course.errors import CourseError
from backpass.course.gradebook import book as book_module
from backpass.course.gradebook.book import Entry, Gradebook, key_of
from backpass.course.gradebook.database import Database
from backpass.course.limits import Limits

#: A process that keeps results, and says of each when it stands.
WRITER = """
import sys
sys.path[:0] = ["tests/helpers", "tests"]
from course.made import result
from backpass.course.gradebook.book import Gradebook

path, name, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
book = Gradebook(path)
for i in range(times):
    if not book.known(f"{name} {i}", "bptt", "k"):
        book.put(result(f"{name} {i}"), "k")
        print(i, flush=True)
"""


@pytest.fixture
def book(tmp_path):
    with Gradebook(tmp_path / "grades" / "gradebook.sqlite") as book:
        yield book


def writer(book, name, times):
    command = [sys.executable, "-c", WRITER, book.path, name, times]
    return subprocess.Popen(
        [str(word) for word in command], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def test_a_result_comes_back_as_it_was(book):
    for kept in (result(), ungradable()):
        book.put(kept, "k", when="2026-11-26", ids={"canvas": "7"})
        assert kept in book.results()
    assert book.entries()[0] == Entry(result(), "k", "2026-11-26", {"canvas": "7"})


def test_what_is_unchanged_is_known(book):
    book.put(result(), "k")
    assert book.known("Ada", "bptt", "k")
    for other in (("Bob", "bptt", "k"), ("Ada", "softmax", "k"), ("Ada", "bptt", "other")):
        assert not book.known(*other)
    assert book.latest("Bob", "bptt") is None


def test_what_came_up_against_a_limit_is_known_until_that_is_wider(book):
    limits = Limits(600, 1024)
    book.put(result(), f"k {limits.word(['seconds'])}")
    assert book.known("Ada", "bptt", "k", limits)
    assert not book.known("Ada", "bptt", "k", Limits(1200, 1024))
    assert not book.known("Ada", "bptt", "k")
    book.put(result(), "k")
    assert book.known("Ada", "bptt", "k", Limits(1200, 1024))


def test_the_latest_result_counts_and_earlier_ones_stay(book):
    first, second = result(points=1), result(points=2)
    book.put(first, "one")
    book.put(second, "two")
    assert book.results() == [second] == [book.latest("Ada", "bptt")]
    assert not book.known("Ada", "bptt", "one")
    book.put(first, "one")  # the first file is handed in again
    assert book.results() == [first]
    assert [entry.key for entry in book.history("Ada", "bptt")] == ["one", "two"]


def test_one_chapter_can_be_asked_for(book):
    book.put(result(chapter="softmax"), "k")
    book.put(result(chapter="bptt"), "k")
    book.give("Ada", "bptt", "open-question", 3)
    assert [one.chapter for one in book.results()] == ["bptt", "softmax"]
    assert [one.chapter for one in book.results("softmax")] == ["softmax"]
    assert book.manual("softmax") == {}
    assert len(book.manual("bptt")) == 1


def test_points_that_a_person_gave_survive_every_regrade(book):
    book.put(result(), "one")
    given = book.give("Ada", "bptt", "open-question", 2.5, "Good.", giver="Ms C", answer="Why.")
    book.put(result(points=0), "two")
    book.put_all([Entry(result(points=5), "two", "now")])
    assert book.manual() == {("Ada", "bptt", "open-question"): given}
    assert (given.points, given.comment, given.giver, given.answer) == (
        2.5,
        "Good.",
        "Ms C",
        "Why.",
    )
    assert given.at


def test_points_can_be_given_anew_and_are_never_negative(book):
    book.give("Ada", "bptt", "open-question", 1)
    book.give("Ada", "bptt", "open-question", 2)
    assert [one.points for one in book.manual().values()] == [2]
    for wrong in (-1, float("nan"), float("inf")):
        with pytest.raises(CourseError, match="0 or more"):
            book.give("Ada", "bptt", "open-question", wrong)


def test_results_are_kept_together_or_not_at_all(book):
    with pytest.raises(AttributeError):
        book.put_all([Entry(result("Ada"), "k", "now"), Entry(None, "k", "now")])
    assert book.results() == []


def test_what_came_in_since_is_not_replaced(book):
    for name in ("Ada", "Bob", "Eve"):
        book.put(result(name, points=1), "k", ids={"moodle": name})
    before = book.entries()
    book.put(result("Bob", points=2), "newer")
    book.put(result("Eve", points=3), "k", when=before[2].at)
    after = [replace(one, result=result(one.result.student, points=5), key="z") for one in before]
    assert book.replace_all(zip(before, after, strict=True)) == after[:1]
    assert [one.marks[0].points for one in book.results()] == [5, 2, 3]
    assert book.entries()[0] == after[0]


@pytest.mark.parametrize("name", ["=1+1, \"x\"\n'; DROP TABLE result; --", "ناصر", "সুমি", "ก\0ข",
                                  "", "\udcff\ud800"])  # fmt: skip
def test_any_name_can_be_kept(book, name):
    book.put(result(name, open=()), "k")
    book.give(name, "bptt", "open-question", 1, "\ud800")
    [kept] = book.results()
    assert book.known(name, "bptt", "k")
    assert list(book.manual()) == [(kept.student, "bptt", "open-question")]
    assert kept.student == name or "\ud800" in name
    kept.as_json().encode()


def test_a_key_names_all_that_decides_a_result():
    sheet = Assignment("bptt", "Why?", (Cell("a", "check", "check.f(f)", slug="f", points=2.0),))
    key = key_of(b"file", sheet, "1")
    others = [
        key_of(b"other", sheet, "1"),
        key_of(b"file", sheet.reweighed({"f": 3.0}), "1"),
        key_of(b"file", sheet, "2"),
    ]
    assert len({key, *others}) == 4
    assert [one.split()[0] == key.split()[0] for one in others] == [False, True, True]


@pytest.mark.slow
def test_two_processes_write_at_once(book):
    both = [writer(book, name, 40) for name in ("Ada", "Bob")]
    for one in both:
        one.communicate(timeout=60)
        assert one.returncode == 0
    assert len(book.results()) == 80


def test_threads_share_a_gradebook(book):
    def put(name):
        for i in range(20):
            book.put(result(f"{name} {i}"), "k")
            book.results()

    threads = [Thread(target=put, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(book.results()) == 60


@pytest.mark.slow
def test_what_was_kept_stands_after_a_kill(book):
    draw, told = random.Random(0), set()
    for _ in range(4):
        process = writer(book, "Ada", 100_000)
        for _ in range(draw.randint(1, 30)):
            told.add(int(process.stdout.readline()))
        time.sleep(draw.uniform(0, 0.01))
        process.send_signal(signal.SIGKILL)
        told |= {int(line) for line in process.stdout.read().split()}
        assert process.wait() == -signal.SIGKILL
        process.stdout.close()
        with Gradebook(book.path) as again:
            names = [one.student for one in again.results()]
            # The last one may stand without its writer having said so.
            assert {f"Ada {i}" for i in told} <= set(names)
            assert len(names) == len(set(names)) <= len(told) + 4
            assert all(again.history(name, "bptt")[1:] == [] for name in names)
            assert again._database.read("PRAGMA integrity_check") == [("ok",)]
    assert max(told) < 100_000


def test_another_name_takes_all_that_was_kept(tmp_path):
    with Gradebook(tmp_path / "g.sqlite") as book:
        book.put(result("Li Wei", points=1), "first")
        book.put(result("Li Wei", points=2), "second")
        book.give("Li Wei", "bptt", "open-question", 3, "good")
        book.put(result("Ada"), "first")
        book.rename("Li Wei", "Li Wei (17)", "bptt")
        assert [one.student for one in book.results()] == ["Ada", "Li Wei (17)"]
        assert [one.key for one in book.history("Li Wei (17)", "bptt")] == ["second", "first"]
        assert book.manual()["Li Wei (17)", "bptt", "open-question"].points == 3
        assert book.history("Li Wei", "bptt") == []


def test_what_a_sheet_is_called_is_kept(tmp_path):
    with Gradebook(tmp_path / "g.sqlite") as book:
        book.entitle("bptt", "Why?")
        book.entitle("softmax", "Which?")
        book.entitle("bptt", "Why go back?")
        book.note("another", "thing")
        book.note("no text", "\ud800")
    with Gradebook(tmp_path / "g.sqlite") as book:
        assert book.titles() == {"bptt": "Why go back?", "softmax": "Which?"}
        assert (book.noted("another"), book.noted("nothing")) == ("thing", "")


def test_a_gradebook_of_the_first_form_goes_on(tmp_path):
    """As it was made before there were notes."""
    first = book_module._SCHEMA.replace(book_module._NOTES, "")
    with Gradebook(tmp_path / "now.sqlite") as book:
        book.put(result(), "k")
        rows = book._database.read("SELECT * FROM result")
    old = Database(tmp_path / "old.sqlite", first, kind=book_module.KIND, version=1)
    with old.writing() as connection:
        connection.execute("INSERT INTO result VALUES (?, ?, ?, ?, ?, ?, ?)", rows[0])
    old.close()
    with Gradebook(tmp_path / "old.sqlite") as book:
        assert book.results() == [result()]
        assert book.titles() == {}
        book.entitle("bptt", "Why?")
        assert book.titles() == {"bptt": "Why?"}
