"""What a class handed in is found in any download, and nothing in it stops the others."""

import os
from datetime import UTC, datetime

import pytest
from course.zips import zipped

from backpass.course.errors import CourseError, Ungradable
from backpass.course.handed_in import submissions
from backpass.course.handed_in.submissions import find

OURS = b'{"cells": ["from backpass.checks import bptt as check"]}'
OTHER = b'{"cells": []}'


def put(root, files):
    """Files by name, with the hour of a day at which they were written."""
    for name, (content, hour) in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        at = datetime(2026, 11, 20, hour, tzinfo=UTC).timestamp()
        os.utime(path, (at, at))
    return root


def one(root):
    (found,) = find(root, "bptt")
    return found


def by_student(root):
    return {found.student: found for found in find(root, "bptt")}


LAYOUTS = {
    "nbgrader": "{}/bptt/bptt.ipynb",
    "moodle": "{}_12_assignsubmission_file_/bptt.ipynb",
    "moodle, flat": "{}_12_assignsubmission_file_bptt.ipynb",
    "canvas": "{}_12_34_bptt.ipynb",
    "canvas, late": "{}_LATE_12_34_bptt-1.ipynb",
    "folders": "{}/bptt.ipynb",
    "flat": "{}.ipynb",
}
NAMES = ["Ng, Ada", 'O\'Hara "Bo"', "=HYPERLINK(1)", "می‌خواهم", "আদা", "อาดา", "-x", "a.b", "é"]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("packed", [False, True])
def test_everybody_is_found_in_every_layout(tmp_path, layout, packed):
    names = {LAYOUTS[layout].format(name): OURS + name.encode() for name in NAMES}
    if packed:
        where = tmp_path / "all.zip"
        where.write_bytes(zipped(names))
    else:
        where = put(tmp_path, {name: (content, 9) for name, content in names.items()})
    found = by_student(where)
    assert set(found) == set(NAMES)
    for name, submission in found.items():
        assert submission.reason == ""
        assert submission.content() == OURS + name.encode()
        assert submission.late == ("late" in layout)
        assert len(submission.digest) == 64


def test_a_platforms_ids_are_kept(tmp_path):
    put(tmp_path, {"a_1_2_x.ipynb": (OURS, 9), "B_3_assignsubmission_file_x.ipynb": (OURS, 9)})
    found = by_student(tmp_path)
    assert found["a"].ids == {"canvas": "1", "attachment": "2"}
    assert found["B"].ids == {"moodle": "3"}


def test_two_of_one_name_are_two(tmp_path):
    names = "Ann Lee_1_assignsubmission_file_x.ipynb", "Ann Lee_2_assignsubmission_file_x.ipynb"
    put(tmp_path, {name: (OURS, 9) for name in names})
    assert set(by_student(tmp_path)) == {"Ann Lee (1)", "Ann Lee (2)"}


def test_the_newest_counts_and_the_others_are_listed(tmp_path):
    put(tmp_path, {"ada/a.ipynb": (OURS, 9), "ada/b.ipynb": (OURS + b" ", 11),
                   "ada/c.ipynb": (OURS, 10)})  # fmt: skip
    found = one(tmp_path)
    assert found.name_of_file == "b.ipynb"
    assert found.when.hour == 11
    assert found.others == (
        "c.ipynb (older, 2026-11-20 10:00)",
        "a.ipynb (older, 2026-11-20 09:00)",
    )


def test_a_notebook_of_the_chapter_goes_before_a_newer_one_that_is_not(tmp_path):
    put(tmp_path, {"ada/bptt.ipynb": (OURS, 9), "ada/scratch.ipynb": (OTHER, 11)})
    found = one(tmp_path)
    assert found.name_of_file == "bptt.ipynb"
    assert found.others == ("scratch.ipynb (another notebook, 2026-11-20 11:00)",)


def test_of_a_platforms_repeated_files_the_last_counts(tmp_path):
    put(tmp_path, {"a_1_9_x.ipynb": (OURS, 12), "a_LATE_1_10_x-1.ipynb": (OURS + b" ", 9)})
    found = one(tmp_path)
    assert (found.name_of_file, found.late) == ("x-1.ipynb", True)


def test_of_files_of_one_time_that_with_the_higher_number_counts(tmp_path):
    put(tmp_path, {"ada.ipynb": (OURS, 9), "ada (2).ipynb": (OURS, 9), "ada (10).ipynb": (OURS, 9)})
    assert one(tmp_path).name_of_file == "ada (10).ipynb"


def test_nbgraders_own_time_counts(tmp_path):
    put(tmp_path, {"ada/bptt/bptt.ipynb": (OURS, 9),
                   "ada/bptt/timestamp.txt": (b"2026-11-21 08:30:00.5 UTC\n", 9)})  # fmt: skip
    found = one(tmp_path)
    assert f"{found.when:%d %H:%M}" == "21 08:30"
    assert found.others == ()


@pytest.mark.parametrize("stamp", [b"yesterday", b"\xff", b""])
def test_a_time_that_cannot_be_read_is_passed_over(tmp_path, stamp):
    put(tmp_path, {"ada/bptt/b.ipynb": (OURS, 9), "ada/bptt/timestamp.txt": (stamp, 9)})
    assert one(tmp_path).when.hour == 9


def test_litter_is_nobodys(tmp_path):
    put(tmp_path, {"ada/.ipynb_checkpoints/a.ipynb": (OURS, 12), "ada/a.ipynb": (OURS, 9),
                   "__MACOSX/ada/._a.ipynb": (b"x", 9), ".DS_Store": (b"x", 9)})  # fmt: skip
    assert one(tmp_path).others == ()


def test_what_is_no_notebook_is_said_by_name(tmp_path):
    put(tmp_path, {"ada/a.ipynb": (OURS, 9), "ada/report.pdf": (b"%PDF", 9),
                   "bob/work.py": (b"x = 1", 9), "eve.docx": (b"PK\3\4", 9)})  # fmt: skip
    found = by_student(tmp_path)
    assert found["ada"].others == ("report.pdf (not a notebook)",)
    assert found["bob"].reason == "work.py is not a notebook."
    assert found["eve"].reason == "eve.docx is not a notebook."
    with pytest.raises(Ungradable, match=r"work\.py"):
        found["bob"].content()


@pytest.mark.parametrize("name", ["a.ipynb.txt", "a.IPYNB", "a.ipynb.json", "a.json", "a.txt", "a",
                                  "a.ipynb (1)", "a.ipynb.download"])  # fmt: skip
def test_a_renamed_notebook_is_one(tmp_path, name):
    put(tmp_path, {f"ada/{name}": (OURS, 9)})
    assert one(tmp_path).reason == ""


def test_what_a_system_cannot_read_is_a_submission_with_a_reason(tmp_path):
    put(tmp_path, {"ok.ipynb": (OURS, 9)})
    (tmp_path / "link.ipynb").symlink_to("/etc/passwd")
    (tmp_path / "folder").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe.ipynb")
    with (tmp_path / "large.ipynb").open("wb") as file:
        file.truncate(200_000_000)
    found = by_student(tmp_path)
    assert found["ok"].reason == ""
    assert "a link, which is not followed" in found["link"].reason
    assert "a link" in found["folder"].reason
    assert "no ordinary file" in found["pipe"].reason
    assert found["large"].reason.startswith("large.ipynb has 200 MB")


def test_a_link_beside_a_notebook_takes_nothing_from_it(tmp_path):
    put(tmp_path, {"ada/a.ipynb": (OURS, 9)})
    (tmp_path / "ada" / "z.ipynb").symlink_to("/etc/passwd")
    assert one(tmp_path).reason == ""
    assert one(tmp_path).others == ("z.ipynb: it is a link, which is not followed",)


def test_in_a_zip_nothing_evil_stops_the_others(tmp_path):
    where = tmp_path / "all.zip"
    evil = {
        "ok.ipynb": OURS,
        "../../x.ipynb": OURS,
        "link.ipynb": None,
        "bomb.ipynb": bytes(30_000_000),
    }
    where.write_bytes(zipped(evil))
    found = by_student(where)
    assert found.pop("ok").content() == OURS
    assert set(found) == {"../../x", "link", "bomb"}
    assert all(one.reason for one in found.values())
    assert not list(tmp_path.glob("../x.ipynb"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.zip"]


def lying(content, said):
    """A zip whose directory says that a file is smaller than it is."""
    raw = bytearray(zipped({"bomb.ipynb": content}))
    place = raw.index(b"PK\1\2") + 24
    raw[place : place + 4] = said.to_bytes(4, "little")
    return bytes(raw)


def test_a_zip_that_lies_about_sizes_stops_nothing(tmp_path):
    where = tmp_path / "all.zip"
    where.write_bytes(lying(bytes(30_000_000), 1000))
    assert one(where).reason


def test_a_zip_of_a_student_is_read_one_level_deep(tmp_path):
    inner = zipped({"mine/a.ipynb": OURS, "data.csv": b"1", "deep.zip": zipped({"b.ipynb": OURS}),
                    "__MACOSX/._a.ipynb": b"x", "../evil.ipynb": OURS})  # fmt: skip
    put(tmp_path, {"ada.zip": (inner, 9)})
    where = tmp_path / "all.zip"
    where.write_bytes(zipped({"Bo_1_assignsubmission_file_/w.zip": inner}))
    for found in (by_student(tmp_path)["ada"], by_student(where)["Bo"]):
        assert found.reason == ""
        assert found.name_of_file.endswith(".zip/mine/a.ipynb")
        assert found.content() == OURS
        assert "deep.zip: it is a zip within a zip" in " ".join(found.others)
        assert "evil.ipynb: its path leads out" in " ".join(found.others)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (zipped({}), "empty zip"),
        (b"PK\3\4 broken", "cannot be read"),
        (b"Rar!", "cannot be read"),
        (zipped({"x.pdf": b"1"}), "not a notebook"),
        (zipped({f"{i}.pdf": b"" for i in range(3000)}), "more than 2,000 files"),
    ],
)
def test_a_students_broken_zip_is_told(tmp_path, content, why):
    put(tmp_path, {"ada.zip": (content, 9), "bob.ipynb": (OURS, 9)})
    found = by_student(tmp_path)
    assert why in found["ada"].reason
    assert found["bob"].reason == ""


def test_a_students_zip_is_not_unpacked_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(submissions, "MOST_ZIPPED", 2_000_000)
    inner = zipped({f"{number}.ipynb": OURS + bytes(500_000) for number in range(9)})
    put(tmp_path, {"ada.zip": (inner, 9)})
    others = one(tmp_path).others
    assert sum("more than is unpacked" in other for other in others) == 6
    assert sum("older" in other for other in others) == 2


def test_a_folder_or_a_zip_is_wanted(tmp_path):
    with pytest.raises(CourseError, match="missing"):
        find(tmp_path / "missing", "bptt")
    (tmp_path / "broken.zip").write_bytes(b"PK\3\4")
    with pytest.raises(CourseError, match=r"broken\.zip"):
        find(tmp_path / "broken.zip", "bptt")
    put(tmp_path, {"a/ada.ipynb": (OURS, 9)})
    assert one(tmp_path / "a" / "ada.ipynb").student == "ada"
    (tmp_path / "none").mkdir()
    assert find(tmp_path / "none", "bptt") == []


def test_the_digest_is_the_contents(tmp_path):
    put(tmp_path, {"a.ipynb": (OURS, 9), "b.ipynb": (OURS, 10), "c.ipynb": (OURS + b" ", 9)})
    found = by_student(tmp_path)
    assert found["a"].digest == found["b"].digest != found["c"].digest


def test_no_content_is_held(tmp_path):
    put(tmp_path, {"ada.ipynb": (OURS, 9)})
    found = one(tmp_path)
    (tmp_path / "ada.ipynb").write_bytes(OURS + b"later")
    assert found.content() == OURS + b"later"
    (tmp_path / "ada.ipynb").unlink()
    with pytest.raises(Ungradable, match="cannot be read"):
        found.content()


def test_what_has_grown_since_is_not_read_whole(tmp_path):
    put(tmp_path, {"ada.ipynb": (OURS, 9)})
    found = one(tmp_path)
    with (tmp_path / "ada.ipynb").open("wb") as file:
        file.truncate(submissions.MOST_BYTES + 1)
    with pytest.raises(Ungradable, match="20 MB"):
        found.content()
