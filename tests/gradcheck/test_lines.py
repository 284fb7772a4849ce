"""Where in somebody's own code an exception arose."""

import importlib
import linecache
import zipfile

import pytest

from backpass.gradcheck import lines
from backpass.gradcheck.lines import own_line


def test_own_line_without_source():
    scope = {}
    exec(compile("def f():\n    return 1 / 0", "<made>", "exec"), scope)
    assert "<made>" not in linecache.cache
    with pytest.raises(ZeroDivisionError) as caught:
        scope["f"]()
    assert own_line(caught.value).endswith("(line 2)")
    assert own_line(ValueError()) == ""


def test_a_library_in_a_zip_is_not_the_learners(monkeypatch, tmp_path):
    """As in a browser, where the standard library lies in one."""
    with zipfile.ZipFile(tmp_path / "python3.zip", "w") as library:
        library.writestr("halves.py", "def halve(x):\n    return x / 0\n")
    monkeypatch.syspath_prepend(str(tmp_path / "python3.zip"))
    own = importlib.reload(lines)
    from halves import halve

    with pytest.raises(ZeroDivisionError) as caught:
        halve(1)
    step = caught.value.__traceback__
    assert not own.is_own(step.tb_next.tb_frame.f_code.co_filename)
    assert f"line {step.tb_lineno}" in own.own_line(caught.value)
    monkeypatch.undo()
    importlib.reload(lines)
