"""No answer is lost, whatever was done to a notebook."""

import ast
import json
import random
from functools import cache
from itertools import product

import pytest
from course.distortions import CELLS, FILES, FIRST, LAST, dumped
from course.inbox import CHAPTERS, assignment, worked
from fuzz import examples

from backpass.course.handed_in.answers import match
from backpass.course.handed_in.lenient import read
from backpass.course.handed_in.statements import BUILTINS, same, statements


def matched(chapter, content):
    notebook, _ = read(content, "x.ipynb")
    return match(assignment(chapter), notebook)


@cache
def defining(runs, name):
    """The statement that makes a name, of all that run."""
    found = [s for run in runs for s in statements(run.source) if name in s.binds]
    return found[-1].text if found else ""


def definition(text):
    return "\n".join(ast.unparse(node) for node in ast.parse(text).body)


def before_check(runs, slug):
    place = next(i for i, run in enumerate(runs) if run.kind == "check" and run.id == slug)
    return runs[:place]


@cache
def unbound(runs):
    """The names that what the runs define needs and does not find."""
    bound, later, lost = set(BUILTINS), set(), set()
    for run in runs:
        for one in statements(run.source):
            if run.kind != "free":
                lost |= one.now - bound
                later |= one.later
            bound |= one.binds
    return lost | later - bound


@cache
def whole(chapter):
    return matched(chapter, dumped(worked(chapter)).encode())


def check_nothing_lost(chapter, content):
    undistorted, found = whole(chapter).cells, matched(chapter, content).cells
    sheet = assignment(chapter)
    assert [r for r in found if r.kind in ("given", "check")] == [
        r for r in undistorted if r.kind in ("given", "check")
    ]
    assert [r.id for r in found if r.kind != "free"] == [
        r.id for r in undistorted if r.kind != "free"
    ]
    names = {
        name: cell.id for cell in sheet.cells if cell.role == "answer" for name in cell.defines
    }
    for name, cell in names.items():
        text = next(run.source for run in found if run.id == cell and run.kind == "answer")
        inside = [s.text for s in statements(text) if name in s.binds]
        assert inside, f"{name} is not in {cell}: {text}"
        assert same(inside[-1], defining(undistorted, name)), inside[-1]
    for cell in sheet.checks:
        runs = before_check(found, cell.id)
        expected = before_check(undistorted, cell.id)
        assert not unbound(runs) - unbound(expected)
        for name in names.keys() & {cell.answer}:
            assert same(defining(runs, name), defining(undistorted, name))


def distorted(chapter, distortion, seed):
    found = CELLS[distortion](worked(chapter), random.Random(seed))
    assert (found == worked(chapter)) == (distortion == "nothing")
    return json.dumps(found).encode()


@pytest.mark.parametrize(("number", "distortion"), list(enumerate(CELLS)))
def test_no_answer_is_lost(number, distortion):
    chapter = CHAPTERS[number % len(CHAPTERS)]
    check_nothing_lost(chapter, distorted(chapter, distortion, 0))


@pytest.mark.slow
@pytest.mark.parametrize("distortion", CELLS)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_answer_of_any_chapter_is_lost(chapter, distortion):
    check_nothing_lost(chapter, distorted(chapter, distortion, 1))


@pytest.mark.parametrize("distortion", FILES)
def test_no_file_is_lost(distortion):
    chapter = CHAPTERS[0]
    content = FILES[distortion](worked(chapter), random.Random(0))
    assert (content == dumped(worked(chapter)).encode()) == (distortion == "as_it_is")
    check_nothing_lost(chapter, content)


#: Two distortions, one after the other, and one of the file.
PAIRS = [(a, b) for a, b in product(CELLS, CELLS) if a not in LAST and b not in FIRST and a != b]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(examples(60)))
def test_no_answer_is_lost_by_two_at_a_time(seed):
    rng = random.Random(seed)
    one, other = rng.choice(PAIRS)
    chapter, file = rng.choice(CHAPTERS), rng.choice(list(FILES))
    raw = CELLS[other](CELLS[one](worked(chapter), rng), rng)
    content = FILES[file](raw, rng)
    print(chapter, one, other, file)  # seen if it fails
    check_nothing_lost(chapter, content)
