"""What the benchmark of pages serves and writes."""

import gzip
from urllib.request import urlopen

from benchmarks import pages


def test_the_table_has_a_row_for_each_page():
    text = pages.table({"bptt": (96.6, 100, 100, 100, 1400, 1820, 120.4, 0, 211 * 1024)}, 4.94)
    assert text.splitlines()[-1] == "| bptt | 97 | 100 | 100 | 100 | 1.4 | 1.8 | 120 | 0 | 211 |"
    assert text.splitlines()[-2].count("|--:") == text.splitlines()[-3].count("|") - 2
    assert "are 4.9 MB on disk" in text


def test_files_are_served_compressed(tmp_path):
    (tmp_path / "a b.html").write_text("é" * 1000, encoding="utf-8")
    (tmp_path / "font.woff2").write_bytes(b"letters")
    with pages.served(tmp_path) as address:
        with urlopen(f"{address}/a%20b.html") as answer:
            assert gzip.decompress(answer.read()).decode() == "é" * 1000
            assert answer.headers["Content-Encoding"] == "gzip"
        with urlopen(f"{address}/font.woff2") as answer:
            assert answer.read() == b"letters"
