"""Where in somebody's own code an exception arose."""

import importlib
import linecache
import ntpath
import posixpath
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


@pytest.mark.parametrize(
    ("path", "here", "library", "theirs", "own"),
    [
        (
            posixpath, "/home/a/backpass/gradcheck/lines.py", "/usr/lib/python3.13",
            ["/home/a/backpass/tape.py", "/usr/lib/python3.13/json/decoder.py"],
            ["/home/a/backpass.py", "/home/a/backpass2/x.py", "/usr/lib/python3.13-mine/x.py",
             "/home/a/Backpass/x.py", "<ipython-input-1>"],
        ),
        (
            ntpath, r"C:/Users\a\Lib\backpass\gradcheck\lines.py", r"C:\Python\Lib",
            [r"C:/Users\a\Lib\backpass\tape.py", r"C:\Users\A\lib\backpass\checks\part.py",
             r"C:\Python\lib\json\decoder.py"],
            [r"C:\Users\a\Lib\backpass.py", r"C:\Users\a\x.py", r"C:\Python\Library\x.py",
             "<ipython-input-1>"],
        ),
    ],
    ids=["posix", "windows"],
)  # fmt: skip
def test_whose_a_file_is_on_each_system(path, here, library, theirs, own):
    foreign = lines._foreign(here, [library], path)
    assert all(path.normcase(file).startswith(foreign) for file in theirs)
    assert not any(path.normcase(file).startswith(foreign) for file in own)


def test_the_package_and_its_libraries_are_nobodys_own():
    for file in (lines.__file__, zipfile.__file__, pytest.__file__, "<frozen importlib>"):
        assert not lines.is_own(file), file
    assert lines.is_own(__file__)
    assert lines.is_own("<ipython-input-1>")


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
