"""Where in somebody's own code an exception arose."""

import linecache

import pytest

from backpass.gradcheck.lines import own_line


def test_own_line_without_source():
    scope = {}
    exec(compile("def f():\n    return 1 / 0", "<made>", "exec"), scope)
    assert "<made>" not in linecache.cache
    with pytest.raises(ZeroDivisionError) as caught:
        scope["f"]()
    assert own_line(caught.value).endswith("(line 2)")
    assert own_line(ValueError()) == ""
