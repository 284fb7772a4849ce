"""The folder beside the pages, and which page is told of it."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

from docutils import nodes

from backpass.book.in_page import folder, marks
from backpass.book.in_page.editor import EDITOR
from backpass.book.in_page.licences import licences
from backpass.files import fetched


def test_the_book_holds_one_folder_of_it_and_it_is_whole(book, contents):
    (place,) = (book / "_python").iterdir()
    page = (book / "exercises/bptt/bptt.html").read_text(encoding="utf-8")
    assert f'data-python="../../_python/{place.name}/"' in page
    names = {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}
    disk = {f"disk/{name}.js" for name in contents if name != EDITOR}
    assert names == set(contents) | disk | {f"licences/{name}" for name in licences()}
    assert json.loads(Path(place, "sizes.json").read_text(encoding="utf-8")) == {
        path.name: path.stat().st_size for path in place.glob("*.packed")
    }


def test_only_pages_of_exercises_load_it(book):
    for path in book.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        works = path.parts[-3] == "exercises"
        assert bool(re.search(r'src="[^"]*/in_page\.js"', page)) == works, path
        assert ('class="run-all"' in page) == (path.parts[-2] == "chapters"), path
        assert ('class="exercise"' in page) == works, path


def test_without_python_nothing_of_it_is_in_a_page(monkeypatch):
    def missing():
        raise fetched.FetchError("numpy.whl is missing.")

    monkeypatch.setattr(folder, "contents", missing)
    config = SimpleNamespace(backpass_in_page="_python/0123456789")
    folder.choose(None, config)
    assert config.backpass_in_page == ""
    page = SimpleNamespace(config=config, body=[])
    box = marks.exercise("", slug="a", title="A", points=2)
    marks.visit_exercise(page, box)
    marks.visit_editable(page, marks.editable("", cell="a", edition="0"))
    marks.depart_exercise(page, None)
    marks.depart_editable(page, None)
    assert page.body == []
    said = nodes.document(None, None, nodes.container(classes=["on-screen", "in-page"]))
    marks.leave_out(SimpleNamespace(config=config), said, "intro")
    assert said.children == []
    context = {}
    folder.offer(SimpleNamespace(config=config), "exercises/a/a", "", context, None)
    assert context == {}


def test_what_no_page_loads_any_more_is_removed(tmp_path):
    (tmp_path / "_python/0ld/disk").mkdir(parents=True)
    (tmp_path / "_python/0ld/disk/numpy.whl.js").write_text("")
    app = SimpleNamespace(
        outdir=tmp_path,
        builder=SimpleNamespace(name="html"),
        config=SimpleNamespace(backpass_in_page=""),
    )
    folder.write(app, None)
    assert [path.name for path in (tmp_path / "_python").rglob("*")] == []
