"""What takes long to make is found again as long as nothing that it is made of has changed."""

import pytest

from backpass.files import kept

CONTENTS = {"a": b"1", "b/c": b"\x00"}


def test_what_is_kept_is_found_by_its_key_alone(tmp_path):
    assert kept.find(tmp_path, "one", kept.key(b"x")) is None
    kept.keep(tmp_path, "one", kept.key(b"x"), CONTENTS)
    assert kept.find(tmp_path, "one", kept.key(b"x")) == CONTENTS
    assert kept.find(tmp_path, "one", kept.key(b"y")) is None
    assert kept.find(tmp_path, "other", kept.key(b"x")) is None


def test_what_is_kept_takes_the_place_of_others_of_its_kind(tmp_path):
    kept.keep(tmp_path, "one", kept.key(b"x"), CONTENTS)
    kept.keep(tmp_path, "other", kept.key(b"x"), CONTENTS)
    kept.keep(tmp_path, "one", kept.key(b"y"), {})
    assert len([*tmp_path.iterdir()]) == 2
    assert kept.find(tmp_path, "one", kept.key(b"x")) is None
    assert kept.find(tmp_path, "one", kept.key(b"y")) == {}
    assert kept.find(tmp_path, "other", kept.key(b"x")) == CONTENTS


@pytest.mark.parametrize("damaged", [lambda old: old[:-1], lambda old: old + b"0", lambda old: b""])
def test_what_is_not_as_it_was_written_is_not_taken(tmp_path, damaged):
    kept.keep(tmp_path, "one", kept.key(b"x"), CONTENTS)
    (path,) = tmp_path.iterdir()
    path.write_bytes(damaged(path.read_bytes()))
    assert kept.find(tmp_path, "one", kept.key(b"x")) is None


def test_a_key_knows_where_one_content_ends_and_the_next_begins():
    assert kept.key(b"ab", b"c") != kept.key(b"a", b"bc")
    assert kept.key(b"a", b"b") != kept.key(b"b", b"a")
