"""A zip is made of its contents alone. The wheel itself is asked in ``test_wheel.py``."""

import io
import zipfile

from backpass.files.wheels import packed


def test_the_same_contents_give_the_same_bytes():
    some = {"b/x.txt": b"one", "a.txt": b"two"}
    assert packed(some) == packed(dict(reversed(some.items())))
    with zipfile.ZipFile(io.BytesIO(packed(some))) as archive:
        assert archive.namelist() == ["a.txt", "b/x.txt"]
        assert archive.read("b/x.txt") == b"one"
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
