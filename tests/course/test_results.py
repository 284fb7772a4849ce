"""What came of a submission is plain values, and the same after a journey as text."""

import json
from dataclasses import replace

from backpass.course.results import Mark, Open, Result

MARKS = (
    Mark("first", 1.1, 2, ("✗ no", "“δ”"), ("sign",)),
    Mark("second", 2.2, 3, attempted=False),
)
RESULT = Result(
    "Ng, Ada", "bptt", "graded", MARKS, (Open("open", 4, "Because\n$x$"),), ("A note.",), "", 1.5,
    ("seconds",),
)  # fmt: skip


def test_a_result_comes_back_from_its_text():
    assert Result.from_json(RESULT.as_json()) == RESULT
    ungradable = Result("=x", "bptt", "ungradable", reason="It is empty.")
    assert Result.from_json(ungradable.as_json()) == ungradable


def test_one_that_was_kept_before_it_said_what_it_hangs_on_comes_back():
    kept = json.loads(RESULT.as_json())
    del kept["hangs_on"]
    assert Result.from_json(json.dumps(kept)) == replace(RESULT, hangs_on=())


def test_its_text_is_json_that_can_be_read():
    assert json.loads(RESULT.as_json())["student"] == "Ng, Ada"
    assert "δ" in RESULT.as_json()


def test_points_are_those_of_the_checks():
    assert RESULT.points == 3.3  # and not 3.3000000000000003
    assert RESULT.most == 5
    assert Result("a", "b", "ungradable").points == 0
