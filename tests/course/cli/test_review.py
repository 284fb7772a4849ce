"""`backpass review`: the page is served until it is stopped, and the tables written then."""

import re
import threading
import urllib.request

from course.cli.conftest import CHAPTER

from backpass.course.pages import review


def test_the_page_is_served_and_the_tables_written(run, inbox, tmp_path, monkeypatch):
    grades, seen = tmp_path / "grades", []
    run("grade", CHAPTER, inbox, "--out", grades)
    (grades / "grades.csv").unlink()

    def served(self):
        thread = threading.Thread(target=super(review.Review, self).serve_forever)
        thread.start()
        with urllib.request.urlopen(self.address, timeout=10) as page:
            seen.append(page.read().decode())
        self.shutdown()
        thread.join()
        raise KeyboardInterrupt

    monkeypatch.setattr(review.Review, "serve_forever", served)
    status, said = run("review", grades, "--no-open")
    assert status == 0
    assert re.search(r"Open http://127\.0\.0\.1:\d+/\S+", said)
    assert "Since the skip adds I." in seen[0]
    assert "Ada" not in seen[0]  # without names unless told
    assert (grades / "grades.csv").exists()


def test_what_is_missing_is_named(run, inbox, tmp_path):
    status, said = run("review", tmp_path)
    assert (status, "holds no gradebook" in said) == (2, True)
    run("grade", CHAPTER, inbox, "--out", tmp_path / "grades")
    status, said = run("review", tmp_path / "grades", "--chapter", "bptt")
    assert (status, f"but of {CHAPTER}" in said) == (2, True)
