"""A zip is read in memory, within limits, and never by where its names lead."""

import zipfile

import pytest
from course.zips import zipped

from backpass.course.errors import Ungradable
from backpass.course.handed_in.archives import Archive, is_zip


def entries(content, **more):
    with Archive(content, **more) as archive:
        return archive.entries()


def test_an_entry_has_its_path_size_and_time():
    (one,) = entries(zipped({"a/b.ipynb": b"123", "c/": b""}))
    assert (one.parts, one.size, one.reason) == (("a", "b.ipynb"), 3, "")
    assert one.when.strftime("%Y-%m-%d %H:%M") == "2026-11-20 10:00"
    assert one.when.tzinfo


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../../x.ipynb", "leads out"),
        ("a/../../x.ipynb", "leads out"),
        ("/etc/x.ipynb", "leads out"),
        ("..\\x.ipynb", "leads out"),
        ("C:\\x.ipynb", "leads out"),
        ("link.ipynb", "a link"),
    ],
)
def test_where_a_name_leads_is_not_followed(name, why):
    (one,) = entries(zipped({name: None if "link" in name else b"x"}))
    assert why in one.reason


def test_what_is_packed_otherwise_is_not_unpacked():
    (one,) = entries(zipped({"a": b"x"}, zipfile.ZIP_LZMA))
    assert "compressed" in one.reason


def test_what_is_encrypted_is_told():
    raw = bytearray(zipped({"a": b"x"}))
    raw[raw.index(b"PK\1\2") + 8] |= 1
    assert "encrypted" in entries(bytes(raw))[0].reason


def test_no_more_is_read_than_was_asked_for():
    with Archive(zipped({"a": b"0" * 1_000_000})) as archive:
        assert archive.read(0, 100) == b"0" * 101


def test_the_names_of_a_mac_are_utf_8_without_saying_so():
    raw = bytearray(zipped({"é.ipynb": b"x"}))
    for mark, place in ((b"PK\1\2", 9), (b"PK\3\4", 7)):
        raw[raw.index(mark) + place] &= ~8
    assert entries(bytes(raw))[0].parts == ("é.ipynb",)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"PK\3\4 nothing", zipped({"a": b"x"})[:-8]])
def test_a_broken_zip_is_told(content):
    with pytest.raises(Ungradable, match="cannot be read"):
        entries(content)


def test_a_broken_entry_is_told():
    raw = bytearray(zipped({"a": bytes(range(250)) * 4}))
    raw[80] ^= 0xFF
    with Archive(bytes(raw)) as archive, pytest.raises(Ungradable, match="cannot be unpacked"):
        archive.read(0, 2000)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_of_too_many_files_is_told():
    with pytest.raises(Ungradable, match="more than 2 files"):
        entries(zipped([("a", b""), ("b", b""), ("b", b"")]), most=2)
    assert len(entries(zipped([("a", b""), ("a", b"")]), most=2)) == 2


def test_a_zip_is_known_by_how_it_begins():
    assert is_zip(zipped({}))
    assert not is_zip(b"PDF")
