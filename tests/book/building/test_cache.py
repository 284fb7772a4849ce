"""What is kept from one build to the next, and when it is stale."""

import re

from books import build_book

from backpass.book.building import cache


def test_an_unchanged_book_runs_nothing_again(own):
    assert build_book(own, own).returncode == 0  # in its new place all pages are made anew
    before = (own / "_build/html/chapters/one.html").stat().st_mtime_ns
    run = build_book(own, own)
    assert run.returncode == 0
    assert "running" not in run.stdout
    assert (own / "_build/html/chapters/one.html").stat().st_mtime_ns == before


def test_new_data_runs_the_notebooks_again_and_drops_the_old_cache(own):
    caches = own / "_build/.jupyter_cache"
    (old,) = (path.name for path in caches.iterdir())
    (own / "chapters/data.csv").write_text("1,2\n")
    run = build_book(own, own)
    assert run.returncode == 0
    assert "running 1 notebooks" in run.stdout  # sheets show what they hold
    assert len(re.findall(r"^chapters/.*\.ipynb ran in \d+ s$", run.stdout, re.MULTILINE)) == 1
    (new,) = (path.name for path in caches.iterdir())
    assert new != old


def test_the_fingerprint_knows_what_outputs_depend_on(tmp_path, monkeypatch):
    package, source = tmp_path / "package", tmp_path / "source"
    (package / "checks").mkdir(parents=True)
    (package / "checks/a.py").write_text("A = 1")
    (source / "chapters").mkdir(parents=True)
    first = cache.fingerprint(source, package)

    def changed():
        nonlocal first
        before, first = first, cache.fingerprint(source, package)
        return before != first

    assert not changed()
    (package / "checks/a.py").write_text("A = 2")
    assert changed()
    (package / "b.py").write_text("")
    assert changed()
    (package / "b.py").rename(package / "c.py")
    assert changed()
    (source / "chapters/result.json").write_text("{}")
    assert changed()
    (source / "chapters/one.ipynb").write_text("{}")  # jupyter-cache sees this one
    for room in ("book", "notebooks", "course"):
        (package / room).mkdir()
        (package / room / "pages.py").write_text("# makes pages or grades, no outputs")
        assert not changed()
    versions = cache.metadata.version
    monkeypatch.setattr(cache.metadata, "version", lambda name: versions(name) + "1")
    assert changed()


def test_pages_are_made_anew_when_code_that_makes_them_has_changed(tmp_path):
    for place in ("book/in_page", "notebooks", "files", "course", "checks"):
        (tmp_path / place).mkdir(parents=True)
    last = cache.code(tmp_path)
    makes = ("book/pages.py", "book/in_page/__init__.py", "book/layout.html", "notebooks/links.py")
    for name in (*makes, "files/fetched.py", "scopes.py"):
        (tmp_path / name).write_text(name)
        assert cache.code(tmp_path) != last, name
        last = cache.code(tmp_path)
    for name in ("course/grade.py", "checks/a.py", "book/in_page/page.css"):
        (tmp_path / name).write_text(name)
        assert cache.code(tmp_path) == last, name
