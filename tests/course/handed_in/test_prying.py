"""What reaches into the checks is seen, and an honest sheet does not."""

import pytest
from course import made_up
from places import ROOT

from backpass.course.assignment import of_book
from backpass.course.handed_in.prying import prying

CHAPTERS = sorted(path.stem for path in (ROOT / "exercises").glob("*/*.ipynb"))

PRYING = {
    "import backpass.checks.safely as s\ns.Runner.call = None": "backpass.checks.safely",
    "from backpass.checks.watched import Watched": "backpass.checks.watched.Watched",
    "from backpass.checks import part": "backpass.checks.part",
    "import backpass.course.sandbox.inside": "backpass.course.sandbox.inside",
    "import backpass.gradcheck.measure as m": "backpass.gradcheck.measure",
    "import gc\ngc.get_objects()": "gc.get_objects",
    "from gc import get_objects": "gc.get_objects",
    "def f():\n    import sys\n    sys.settrace(None)": "sys.settrace",
    "import inspect\ninspect.stack()[0]": "inspect.stack",
    "import ctypes": "ctypes",
    "import sys\nsys.modules['backpass.checks']": "sys.modules",
}


@pytest.mark.parametrize(("source", "what"), PRYING.items())
def test_it_is_seen(source, what):
    assert what in prying(source, "bptt")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_sheet_and_its_solution_do_not_pry(chapter):
    cells = [*of_book(chapter, ROOT).cells]
    sources = [cell.source for cell in cells if cell.role not in ("text", "open")]
    sources += [
        made_up.source(c) for c in made_up.raw(chapter)["cells"] if c["cell_type"] == "code"
    ]
    assert [found for source in sources for found in prying(source, chapter)] == []


@pytest.mark.parametrize(
    "source",
    ["from backpass.gradcheck import check_gradient", "import sys\nsys.path", "import gc",
     "gc.collect()", "def broken(:", "from .checks import x", "backpass = 3"],
)  # fmt: skip
def test_what_is_honest_is_not(source):
    assert prying(source, "bptt") == ()
