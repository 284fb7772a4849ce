"""A chapter's zip: complete, the same each time, and without a solution.

That it runs where there is only Python is asked in ``test_wheel.py``.
"""

import io
import json
import re
import zipfile

import pytest
from books import build_book
from places import ROOT
from tiny_book import SECRET

from backpass.book import zips

CHAPTERS = sorted(path.stem for path in ROOT.glob("chapters/*.ipynb"))


def markdown(notebook):
    cells = json.loads(notebook)["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_zip_holds_all_that_its_notebooks_name(name):
    found = zips.contents(ROOT, name)
    assert {f"{name}.ipynb", f"{name}-exercises.ipynb", "LICENSE"} <= found.keys()
    for notebook in (f"{name}.ipynb", f"{name}-exercises.ipynb"):
        code = json.dumps(json.loads(found[notebook]), ensure_ascii=False)
        assert set(re.findall(r'\bPath\(\\"([^"\\]*)', code)) <= found.keys()
        assert set(re.findall(r"\]\(([\w./-]+\.\w+)", markdown(found[notebook]))) <= found.keys()


@pytest.mark.parametrize("name", CHAPTERS)
def test_no_command_is_told_that_needs_the_makefile(name):
    here = (ROOT / f"chapters/{name}.ipynb").read_text(encoding="utf-8")
    assert "names the mistake it sees. Open them in Jupyter with `make lab`." in here
    found = {path: text for path, text in zips.contents(ROOT, name).items() if "ipynb" in path}
    assert [path for path, text in found.items() if "`make " in markdown(text)] == []
    assert "names the mistake it sees." in markdown(found[f"{name}.ipynb"])


def test_a_chapter_brings_the_data_that_it_reads_and_no_others():
    held = [name for one in CHAPTERS for name in zips.contents(ROOT, one) if "data/" in name]
    assert len(held) == len(set(held)) == len(list(ROOT.glob("chapters/data/*")))


def test_a_link_leads_into_the_zip_or_to_the_book_or_leaves_its_words(tmp_path):
    text = "[a](one.ipynb#x) [b [c]](../exercises/one/one.ipynb) [d](../pages/e.md#f) `k[i](x)`"
    for place in ("chapters/one.ipynb", "exercises/one/one.ipynb"):
        (tmp_path / place).parent.mkdir(parents=True)
        cells = [{"cell_type": "markdown", "source": text}, {"cell_type": "code", "source": text}]
        (tmp_path / place).write_text(json.dumps({"cells": cells}))
    inside = "[a](one.ipynb#x) [b [c]](one-exercises.ipynb)"
    for address, then in [
        ("", "d"),
        ("https://b.example/", "[d](https://b.example/pages/e.html#f)"),
    ]:
        found = zips.contents(tmp_path, "one", address)
        assert markdown(found["one.ipynb"]) == f"{inside} {then} `k[i](x)`"
        assert json.loads(found["one.ipynb"])["cells"][1]["source"] == text
    back = "[c](../../chapters/one.ipynb) [d](two.ipynb)"
    (tmp_path / "exercises/one/one.ipynb").write_text(
        json.dumps({"cells": [{"cell_type": "markdown", "source": back}]})
    )
    found = zips.contents(tmp_path, "one")
    assert markdown(found["one-exercises.ipynb"]) == "[c](one.ipynb) d"


def test_how_to_start_says_where_to_find_what_did_not_come_along():
    def start(text):
        made = zips.whole({"one.ipynb": text}, ("b.whl", b""), "one", "A Book", "One")
        with zipfile.ZipFile(io.BytesIO(made)) as archive:
            return archive.read("one/START.txt").decode()

    assert "python -m experiments…, is in the book's folder" in start(b"python -m experiments.x")
    assert start(b"python").endswith("instead of  env/bin/python.\n")


def test_the_pages_of_a_chapter_offer_its_zip(tiny):
    built = tiny / "_build/html"
    for page, target in [("chapters/one", ".."), ("exercises/one/one", "../..")]:
        text = (built / f"{page}.html").read_text(encoding="utf-8")
        assert f'<a href="{target}/_downloads/one.zip" download="one.zip"' in text
    for page in ("intro", "solutions/one/one"):
        assert ".zip" not in (built / f"{page}.html").read_text(encoding="utf-8")


def test_a_zip_of_either_edition_holds_no_solution(own):
    """A rebuild changes nothing of it."""
    path = own / "_build/html/_downloads/one.zip"
    first = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()
                 if not name.endswith(".whl")}  # fmt: skip
    assert {"one/START.txt", "one/one.ipynb", "one/one-exercises.ipynb"} <= texts.keys()
    assert not [name for name, text in texts.items() if SECRET in text or "SOLUTION" in text]
    assert build_book(own, own, edition="student").returncode == 0
    assert path.read_bytes() == first
