"""Pages are read and written side by side, and Python looks for garbage again afterwards."""

import gc
import os
import re
from types import SimpleNamespace

import pytest
from books import build_book

from backpass.book.building import pace


@pytest.fixture
def app(monkeypatch):
    """What `pace` asks of Sphinx."""
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert gc.isenabled()
    extensions = {name: SimpleNamespace(parallel_read_safe=None) for name in pace.SILENT[:1]}
    yield SimpleNamespace(parallel=1, extensions=extensions)
    gc.enable()


def test_a_build_uses_all_processors_and_looks_for_no_garbage(app):
    pace.share(app)
    assert app.parallel == 3
    assert app.extensions[pace.SILENT[0]].parallel_read_safe
    assert not gc.isenabled()
    pace.look_again(app, ValueError("It did not end well."))
    assert gc.isenabled()


def test_who_asks_for_more_gets_it(app):
    app.parallel = 8
    pace.share(app)
    assert app.parallel == 8


@pytest.mark.skipif(os.cpu_count() == 1, reason="Pages can be made side by side on two processors.")
def test_several_pages_go_to_a_process_and_nothing_forbids_it(own):
    pages = [f"page{number}" for number in range(20)]
    for name in pages:
        (own / f"{name}.md").write_text(f"# The page {name}\n")
    with (own / "_toc.yml").open("a") as file:
        file.write("  - file: ".join(["", *(f"{name}\n" for name in pages)]))
    run = build_book(own, own)
    assert run.returncode == 0, run.stdout
    for what in ("reading sources", "writing output"):
        assert re.search(rf"{what}\.\.\. .*\S \.\. \S", run.stdout), run.stdout
    for name in pages:
        assert f"The page {name}" in (own / f"_build/html/{name}.html").read_text()
