"""What the chapters' own functions bring in their exercises: ``python tests/checks/pasted.py``."""

import pytest
from checks import pasted

from backpass.checks import chapters

CHAPTERS = chapters()

#: The exercises that a function of the chapter solves, pasted as it stands, and its points. Each
#: should ask for one thing more than the chapter does.
PASTED: dict[str, dict[str, float]] = {}


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_other_exercise_gives_points_for_a_pasted_function(chapter):
    functions = pasted.functions(chapter)
    assert len(functions) >= 20
    found = {slug: pasted.points(check, functions)[0] for slug, check in CHAPTERS[chapter].items()}
    assert {slug: brought for slug, brought in found.items() if brought} == PASTED.get(chapter, {})
