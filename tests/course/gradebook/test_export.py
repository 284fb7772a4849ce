import csv
from dataclasses import replace

import pytest
from course.made import result, ungradable

from backpass.course.errors import CourseError
from backpass.course.gradebook.book import Manual
from backpass.course.gradebook.export import safe, write
from backpass.course.gradebook.standing import Standing
from backpass.course.results import Mark

GIVEN = {"open-question": Manual(2.5, "", "", "")}

HEAD = ["student", "chapter", "status", "points", "maximum"]

#: Names that a table must bring through as they are.
NAMES = [
    "O'Neil, Ada",
    'The "Boss"',
    "two\nlines",
    "ناصر خسرو",
    "সুমিত্রা দেবী",
    "สมชาย",
    "a;b",
    "é 🎓",
]


def read(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_the_table_has_a_line_a_student_and_a_column_an_exercise(tmp_path):
    other = result("Eve", "softmax", marks=(Mark("logits", 1.0, 2.0),), open=())
    standings = [Standing(result(), GIVEN), Standing(ungradable()), Standing(other)]
    [path], notices = write(standings, tmp_path / "new")
    assert path == tmp_path / "new" / "grades.csv"
    assert notices == []
    assert read(path) == [
        [*HEAD, "bptt", "unrolled", "logits", "open-question", "reason"],
        ["Ada", "bptt", "graded", "7.5", "12", "2", "3", "", "2.5", ""],
        ["Bob", "bptt", "ungradable", "", "", "", "", "", "", "The file is empty."],
        ["Eve", "softmax", "graded", "1", "2", "", "", "1", "", ""],
    ]


def test_points_that_nobody_gave_yet_are_no_zero(tmp_path):
    [path], _ = write([Standing(result())], tmp_path)
    assert read(path)[1][-2:] == ["", ""]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["csv", "canvas", "moodle"])
def test_names_survive(tmp_path, name, form):
    [path], _ = write([Standing(result(name))], tmp_path, [form])
    assert any(name in row for row in read(path))


def test_excel_sees_that_it_is_utf_8_and_the_systems_see_no_mark(tmp_path):
    paths, _ = write([Standing(result())], tmp_path, ["csv", "canvas", "moodle", "csv"])
    marked = [path.read_bytes().startswith(b"\xef\xbb\xbf") for path in paths]
    assert marked == [True, False, False]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM", " =1",
     "\u200b=1", "\ufeff=1", "\u200f=1", "\u3000＝1", "\0=1", "=cmd|' /C calc'!A0", "﹦1", "﹢1"],
)  # fmt: skip
def test_no_cell_is_a_formula(tmp_path, text):
    assert safe(text) == f"'{text}"
    standing = Standing(result(text))
    paths, _ = write([standing, Standing(ungradable(reason=text))], tmp_path, ["csv", "canvas"])
    for path in paths:
        assert {row[0] for row in read(path)} & {f"'{text}"}
    assert read(paths[0])[2][-1] == f"'{text}"


@pytest.mark.parametrize("text", ["Ada", "a=b", "O'Neil", "", " ", "\u200f", "1-2", *NAMES])
def test_what_is_no_formula_stays(text):
    assert safe(text) == text


def test_the_form_for_canvas(tmp_path):
    standings = [Standing(result(), GIVEN, {"canvas": "1001"}), Standing(ungradable())]
    [path], notices = write(standings, tmp_path, ["canvas"])
    assert path.name == "canvas-bptt.csv"
    assert read(path) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "bptt"],
        ["    Points Possible", "", "", "", "", "12"],
        ["Ada", "1001", "", "", "", "7.5"],
        ["Bob", "", "", "", "", ""],
    ]
    assert notices == [
        "canvas-bptt.csv: without the number by which Canvas knows them: Bob.",
        "canvas-bptt.csv: without a grade, as nothing could be graded: Bob.",
    ]


def test_the_form_for_moodle(tmp_path):
    standings = [Standing(result(), {}, {"moodle": "42"})]
    [path], notices = write(standings, tmp_path, ["moodle"])
    assert path.name == "moodle-bptt.csv"
    assert read(path) == [
        ["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)"],
        ["Participant 42", "Ada", "5", "12", ""],
    ]
    [notice] = notices
    assert "1 open answer counts 0 until" in notice


def test_the_forms_have_a_file_a_chapter(tmp_path):
    standings = [Standing(result()), Standing(replace(result(), chapter="softmax"))]
    paths, _ = write(standings, tmp_path, ["moodle"])
    assert [path.name for path in paths] == ["moodle-bptt.csv", "moodle-softmax.csv"]
    assert [len(read(path)) for path in paths] == [2, 2]


def test_tables_that_are_there_are_written_again(tmp_path):
    both = [Standing(result(points=1)), Standing(replace(result(), chapter="softmax"))]
    write(both[:1], tmp_path, ["moodle", "csv"])
    paths, notices = write([Standing(result(points=4)), both[1]], tmp_path, [])
    assert [path.name for path in paths] == ["grades.csv", "moodle-bptt.csv"]
    assert read(paths[0])[1][5] == "4"
    assert read(paths[1])[1][2] == "7"
    assert sum("backpass review" in said for said in notices) == 1
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    "content", ["Student,ID\r\nAda,1\r\n", "", "\udcff", "Student,ID,SIS User ID,Section,Essay 2\n"]
)
def test_a_table_whose_first_line_was_changed_stays_and_that_is_told(tmp_path, content):
    class_ = [Standing(result())]
    path = tmp_path / "canvas-bptt.csv"
    path.write_bytes(before := content.encode(errors="surrogateescape"))
    paths, [notice] = write(class_, tmp_path)
    assert [one.name for one in paths] == ["grades.csv"]
    assert path.read_bytes() == before
    assert "canvas-bptt.csv: its first line was changed, so it stays" in notice
    assert write(class_, tmp_path, ["canvas"])[0] == [tmp_path / "grades.csv", path]


def test_of_many_names_five_are_told(tmp_path):
    _, [notice, _] = write([Standing(result(f"S{i}")) for i in range(9)], tmp_path, ["canvas"])
    assert notice.endswith("S0, S1, S2, S3, S4, and 4 more.")


def test_a_class_of_nobody_is_a_table_with_a_head(tmp_path):
    paths, _ = write([], tmp_path, ["csv", "canvas"])
    assert [len(read(path)) for path in paths] == [1]


def test_what_cannot_be_written_is_told(tmp_path):
    with pytest.raises(CourseError, match="Formats are csv, canvas, moodle; not 'xls'"):
        write([], tmp_path, ["xls"])
    (tmp_path / "grades.csv").mkdir()
    with pytest.raises(CourseError, match="cannot be written"):
        write([], tmp_path)
