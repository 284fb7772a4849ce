"""Whose file it is, by its name in a download."""

import pytest

from backpass.course.handed_in.downloads import litter, owners, shown


def whose(*paths, **more):
    found = owners([tuple(path.split("/")) for path in paths], "bptt", **more)
    return {"/".join(path): owner for path, owner in found.items()}


@pytest.mark.parametrize(
    ("path", "student", "name", "ids", "late"),
    [
        ("ada/bptt/bptt.ipynb", "ada", "bptt.ipynb", {}, False),
        ("submitted/ada/bptt/my work.ipynb", "ada", "my work.ipynb", {}, False),
        ("Ada L_12_assignsubmission_file_/x.ipynb", "Ada L", "x.ipynb", {"moodle": "12"}, False),
        ("Ada L_12_assignsubmission_file/x.ipynb", "Ada L", "x.ipynb", {"moodle": "12"}, False),
        ("Ada L_12_assignsubmission_file_x.ipynb", "Ada L", "x.ipynb", {"moodle": "12"}, False),
        ("Ada L_12_assignsubmission_file_/bptt/bptt.ipynb", "Ada L", "bptt/bptt.ipynb",
         {"moodle": "12"}, False),
        ("a_b_12_assignsubmission_onlinetext_t.html", "a_b", "t.html", {"moodle": "12"}, False),
        ("ngada_12_34_b.ipynb", "ngada", "b.ipynb", {"canvas": "12", "attachment": "34"}, False),
        ("ngada_LATE_12_34_b-1.ipynb", "ngada", "b-1.ipynb",
         {"canvas": "12", "attachment": "34"}, True),
        ("x/ngada_12_34_my_b_2.ipynb", "ngada", "my_b_2.ipynb",
         {"canvas": "12", "attachment": "34"}, False),
        ("ada/any.ipynb", "ada", "any.ipynb", {}, False),
        ("ada.ipynb", "ada", "ada.ipynb", {}, False),
        ("ada.ipynb.txt", "ada", "ada.ipynb.txt", {}, False),
        ("ada (2).ipynb", "ada", "ada (2).ipynb", {}, False),
        ("ada.b.zip", "ada.b", "ada.b.zip", {}, False),
        ("Ng, Ada.ipynb", "Ng, Ada", "Ng, Ada.ipynb", {}, False),
        ('=HYPERLINK("x").ipynb', '=HYPERLINK("x")', '=HYPERLINK("x").ipynb', {}, False),
        ("আদা.ipynb", "আদা", "আদা.ipynb", {}, False),
        ("อาดา_5_assignsubmission_file_/x.ipynb", "อาดา", "x.ipynb", {"moodle": "5"}, False),
        ("می‌خواهم.ipynb", "می‌خواهم", "می‌خواهم.ipynb", {}, False),
    ],
)  # fmt: skip
def test_every_platforms_names_are_read(path, student, name, ids, late):
    owner = whose(path)[path]
    assert (owner.student, owner.name, dict(owner.ids), owner.late) == (student, name, ids, late)


def test_in_a_course_of_nbgrader_other_chapters_are_passed_over():
    found = whose("ada/bptt/a.ipynb", "ada/other/a.ipynb", "bob/b.ipynb", "gradebook.db")
    assert {path: owner.student for path, owner in found.items()} == {
        "ada/bptt/a.ipynb": "ada",
        "bob/b.ipynb": "bob",
    }


def test_a_folder_with_the_chapters_name_in_a_platforms_download_is_the_students():
    paths = "A_1_assignsubmission_file_/bptt/x.ipynb", "B_2_assignsubmission_file_/x.ipynb"
    assert {owner.student for owner in whose(*paths).values()} == {"A", "B"}


def test_what_was_put_beside_a_platforms_download_by_hand_counts_too():
    found = whose("A_1_assignsubmission_file_/x.ipynb", "b/bptt/x.ipynb", "c/x.ipynb")
    assert {owner.student for owner in found.values()} == {"A", "b", "c"}


def test_a_folder_around_all_of_a_zip_is_nobodys():
    found = whose("all/a.ipynb", "all/b.ipynb", wrapped=True)
    assert {owner.student for owner in found.values()} == {"a", "b"}
    assert {owner.student for owner in whose("all/a.ipynb", "all/b.ipynb").values()} == {"all"}
    assert {owner.student for owner in whose("ada/a.ipynb", wrapped=True).values()} == {"ada"}


@pytest.mark.parametrize(
    ("path", "turn"),
    [("ada.ipynb", 0), ("ada (3).ipynb", 3), ("ada/bptt-2.ipynb", 2), ("ada/b-20261126.ipynb", 0)],
)
def test_a_number_behind_a_name_counts_the_times(path, turn):
    assert whose(path)[path].turn == turn


@pytest.mark.parametrize(
    "path",
    [".ipynb_checkpoints/a.ipynb", "a/__MACOSX/._a.ipynb", "a/.DS_Store", "Thumbs.db", "~$a.x"],
)
def test_what_nobody_handed_in_is_litter(path):
    assert litter(path.split("/"))


def test_a_name_that_begins_with_no_dot_is_no_litter():
    assert not litter(("Ada .", "b.ipynb"))


@pytest.mark.parametrize(
    ("name", "text"),
    [("e\u0301", "é"), ("a\x1b[2Jb\n", "a [2Jb"), ("\udcff", "\ufffd"), ("\n", "?"), ("  a ", "a")],
)
def test_a_name_can_be_written_anywhere(name, text):
    assert shown(name) == text
    shown(name).encode()
