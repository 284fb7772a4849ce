"""Whatever comes in place of a notebook, the batch goes on: it is graded, or says why not."""

import random
from copy import deepcopy

import pytest
from course.distortions import dumped
from course.handed_in.test_mend import released
from course.inbox import CHAPTERS, assignment, worked
from fuzz import examples

from backpass.course.errors import Ungradable
from backpass.course.handed_in.answers import match
from backpass.course.handed_in.lenient import read
from backpass.course.handed_in.mend import mend

pytestmark = pytest.mark.slow

THINGS = [None, True, -1, 1e999, "", "x", "def f(", "\ud800\0", [], [[]], {}, {"a": [None]}, ["a"]]
TYPED = ["", "\n", "(", "'", '"""', "    ", "%", "é", "\t"]


def places(thing, found):
    """All that can be replaced in some JSON: (container, key)."""
    for key, value in list(thing.items() if isinstance(thing, dict) else enumerate(thing)):
        found.append((thing, key))
        if isinstance(value, dict | list):
            places(value, found)
    return found


def taken(chapter, content):
    try:
        notebook, notes = read(content, "x.ipynb")
        matched = match(assignment(chapter), notebook)
    except Ungradable:
        return
    assert all(isinstance(note, str) for note in (*notes, *matched.notes))
    for run in matched.cells:
        run.source.encode()


@pytest.mark.parametrize("seed", range(examples(20)))
def test_any_part_may_be_anything(seed):
    rng = random.Random(seed)
    chapter = rng.choice(CHAPTERS)
    raw = worked(chapter)
    for _ in range(rng.choice([1, 3, 30])):
        thing, key = rng.choice(places(raw, []))
        thing[key] = deepcopy(rng.choice(THINGS))
    taken(chapter, dumped(raw).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("seed", range(examples(20)))
def test_any_bytes_may_be_lost_or_others(seed):
    rng = random.Random(seed)
    content = bytearray(dumped(worked(CHAPTERS[seed % len(CHAPTERS)])).encode())
    for _ in range(rng.choice([1, 3, 30])):
        place = rng.randrange(len(content))
        content[place : place + rng.choice([0, 1, 1, 9])] = rng.randbytes(rng.choice([0, 1, 3]))
    taken(CHAPTERS[seed % len(CHAPTERS)], bytes(content))


@pytest.mark.parametrize("seed", range(examples(10)))
def test_any_characters_in_the_code_may_be_lost_or_others(seed):
    rng = random.Random(seed)
    raw = worked(CHAPTERS[0])
    for cell in raw["cells"]:
        text = cell["source"]
        for _ in range(rng.choice([0, 1, 5])):
            place = rng.randrange(len(text) + 1)
            text = text[:place] + rng.choice(TYPED) + text[place + 1 :]
        cell["source"] = text
    content = dumped(raw).encode()
    taken(CHAPTERS[0], content)
    mended, _ = mend(released(), read(content, "x")[0])
    assert mended.cells
