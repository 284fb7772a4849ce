"""The foot of a page: version and date."""

import subprocess

import pytest
from newcomer import git

from backpass.book import imprint


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A repository with one commit, and in it a folder of which git knows nothing."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-11-24T23:30:00 -0200")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "other").mkdir()
    git(tmp_path, "commit", "--allow-empty", "-qm", "Empty")
    return tmp_path


def test_the_date_is_that_of_the_last_commit_anywhere_on_earth(folder, monkeypatch):
    (folder / "text").write_text("one")
    git(folder, "add", "text")
    git(folder, "commit", "-qm", "One")
    for zone in ("UTC", "Asia/Tokyo"):
        monkeypatch.setenv("TZ", zone)
        assert imprint.changed(folder) == "2026-11-25"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert imprint.changed(folder) == "1970-01-01"


def test_what_git_does_not_know_has_no_date(folder, tmp_path_factory):
    assert imprint.changed(folder / "other") == ""
    assert imprint.changed(tmp_path_factory.mktemp("outside")) == ""


def test_without_git_there_is_no_date(folder, monkeypatch):
    monkeypatch.setenv("PATH", str(folder / "other"))
    assert imprint.changed(folder) == ""


def test_a_page_says_the_version_and_no_date_that_nobody_knows(page):
    foot = page.partition("<footer>")[2]
    assert f"The Backward Pass {imprint.metadata.version('backpass')}. Text" in foot
    assert "<time" not in foot
    assert "kernelName" not in page
