import unicodedata

from backpass.course.pages.page import KEPT, file_name, fill, points, style

NAMES = ["Ada Lovelace", "ada lovelace", "ADA LOVELACE", "Ada-Lovelace", "../../etc/passwd", "..",
         "", " ", "/", "\\", "con", "NUL", "a:b", "a\0b", "a\nb", "é",
         unicodedata.normalize("NFD", "é"), "ناصر خسرو", "সুমিত্রা দেবী", "สมชาย", "x" * 500,
         "x" * 501, "ক" * 500, "🎓", "İ", "ß", "\udcff",
         "~/.ssh", "-rf", "<b>"]  # fmt: skip


def test_no_two_names_share_a_file_also_where_capitals_do_not_count():
    files = [unicodedata.normalize("NFC", file_name(name)).casefold() for name in NAMES]
    assert len(set(files)) == len(NAMES)


def test_a_name_becomes_one_file_and_no_way(tmp_path):
    for file in map(file_name, NAMES):
        assert not set(file) & set('/\\:*?"<>|. \0\n~')
        assert not file.startswith("-")
        assert len(file.encode()) < 200
        (tmp_path / f"{file}.html").touch()
    assert len(list(tmp_path.iterdir())) == len(NAMES)


def test_a_name_can_be_read_in_its_file():
    assert file_name("O'Neil, Ada").startswith("o-neil-ada-")
    for name in ("সুমিত্রা", "สมชาย", "ناصر"):
        assert file_name(name).startswith(f"{name}-")
    assert file_name("x" * 500).startswith("x" * KEPT + "-")


def test_points_are_said_in_words():
    assert [points(1), points(2.5)] == ["1 point", "2.5 points"]
    assert [points(0, 1), points(1, 4)] == ["0 of 1 point", "1 of 4 points"]


def test_a_page_is_whole_in_itself_and_escapes():
    html = fill("index.html", title="<script>", chapters=[])
    assert "<script>" not in html
    assert f"<style>{style()}</style>" in html
    assert "src=" not in html
    assert "url(" not in html
