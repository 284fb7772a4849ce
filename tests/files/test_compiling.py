"""A compiled module does what its source does, without its docstrings."""

import pytest

from backpass.files.compiling import compiled

SOURCE = '''
"""Words."""
from __future__ import annotations

if True:
    class Some:
        """Words."""
        def one(self):
            """Words."""

        async def other(self):
            """Words."""
            return "no words"

def value(x) -> int:
    "Words."
    assert x > 0, "needs more"
    return x
'''


def names(source, file):
    found = {}
    exec(compiled(source.encode(), file), found)
    return found


def test_docstrings_are_left_out_and_nothing_else():
    found = names(SOURCE, "sympy/some.py")
    some, value = found["Some"], found["value"]
    assert [one.__doc__ for one in (some, some.one, some.other, value)] == [None] * 4
    assert "__doc__" not in found or found["__doc__"] is None
    assert some().one() is None
    assert value(3) == 3
    assert value.__annotations__ == {"return": "int"}
    with pytest.raises(AssertionError, match="needs more"):
        value(0)
    assert value.__code__.co_firstlineno == 15
    assert value.__code__.co_filename == "sympy/some.py"


def test_numpys_stay():
    found = names(SOURCE, "numpy/some.py")
    assert found["__doc__"] == found["value"].__doc__ == "Words."
