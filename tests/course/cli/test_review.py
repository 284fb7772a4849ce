"""`backpass review`: the page is served until it is stopped, and the tables written then."""

import re
import threading
import urllib.request

from course.cli.conftest import CHAPTER
from course.cli.test_grade import rows

from backpass.course.pages import review


def test_the_page_is_served_and_the_tables_written(run, inbox, tmp_path, monkeypatch):
    grades, seen = tmp_path / "grades", []
    run("grade", CHAPTER, inbox, "--out", grades)
    run("report", grades, "--format", "moodle", "--format", "canvas")
    canvas, moodle = (grades / f"{name}-{CHAPTER}.csv" for name in ("canvas", "moodle"))
    canvas.write_bytes(canvas.read_bytes().replace(f'"{CHAPTER}"'.encode(), b'"Homework 3"'))
    (grades / "grades.csv").unlink()

    def served(self):
        thread = threading.Thread(target=super(review.Review, self).serve_forever)
        thread.start()
        with urllib.request.urlopen(self.address, timeout=10) as page:
            seen.append(page.read().decode())
        self.gradebook.give("Ada", CHAPTER, "open-question", 2.5)
        self.shutdown()
        thread.join()
        raise KeyboardInterrupt

    monkeypatch.setattr(review.Review, "serve_forever", served)
    status, said = run("review", grades, "--no-open")
    assert status == 0
    assert re.search(r"Open http://127\.0\.0\.1:\d+/\S+", said)
    assert "Since the skip adds I." in seen[0]
    assert "Ada" not in seen[0]  # without names unless told
    assert rows(grades)["Ada"]["points"] == "40.5"
    assert '"Ada","40.5"' in moodle.read_text(encoding="utf-8")
    assert "Homework 3" in canvas.read_text(encoding="utf-8")
    assert f"canvas-{CHAPTER}.csv: its first line was changed" in said
    written = f"Written: {grades / 'grades.csv'}, {moodle}, and pages: {grades / 'index.html'}"
    assert said.splitlines()[-1] == written


def test_what_is_missing_is_named(run, inbox, tmp_path):
    status, said = run("review", tmp_path)
    assert (status, "holds no gradebook" in said) == (2, True)
    run("grade", CHAPTER, inbox, "--out", tmp_path / "grades")
    status, said = run("review", tmp_path / "grades", "--chapter", "bptt")
    assert (status, f"but of {CHAPTER}" in said) == (2, True)
