"""Where the browser is, and what is said when it does not print."""

import pytest

from backpass.book import chromium


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine on which no browser is found; a folder for what it has."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "NAMES", ("chromium", "google-chrome"))
    return tmp_path


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_the_first_that_is_installed_is_taken_unless_another_is_named(bare, monkeypatch):
    assert chromium.executable() is None
    chrome = script(bare / "google-chrome", "")
    assert chromium.executable() == str(chrome)
    first = script(bare / "chromium", "")
    assert chromium.executable() == str(first)
    other = script(bare / "another", "")
    monkeypatch.setenv("CHROMIUM", str(other))
    assert chromium.executable() == str(other)
    monkeypatch.setenv("CHROMIUM", str(bare / "none"))
    assert chromium.executable() is None


def test_without_one_it_is_said_what_to_install(bare):
    with pytest.raises(chromium.PrintError, match="sudo apt install chromium"):
        chromium.print_page(bare / "page.html", bare / "page.pdf")


@pytest.mark.slow
def test_a_browser_that_prints_nothing_is_told_in_a_paragraph(bare):
    script(bare / "chromium", "echo it broke; exit 3")
    (bare / "page.pdf").write_text("of an earlier time")
    with pytest.raises(chromium.PrintError, match=r"exit code 3\)\. it broke"):
        chromium.print_page(bare / "page.html", bare / "page.pdf")


@pytest.mark.slow
def test_a_browser_that_does_not_end_or_does_not_begin_is_told(bare, monkeypatch):
    hangs = script(bare / "chromium", "exec /bin/sleep 60")
    monkeypatch.setattr(chromium, "SHORT", 0.01)
    with pytest.raises(chromium.PrintError, match=r"page\.html in 0\.01 minutes"):
        chromium.take_picture(bare / "page.html", bare / "page.png", 10, 10)
    hangs.write_bytes(b"no program")
    with pytest.raises(chromium.PrintError, match="does not run"):
        chromium.take_picture(bare / "page.html", bare / "page.png", 10, 10)


@pytest.mark.slow
def test_it_prints_with_a_profile_of_its_own_that_is_gone_afterwards(bare):
    said = bare / "said"
    script(
        bare / "chromium",
        f'echo "$@" > {said}; for a; do case $a in --print-to-pdf=*) : > "${{a#*=}}";; esac; done',
    )
    chromium.print_page(bare / "page.html", bare / "page.pdf")
    assert f"--user-data-dir={bare}/" in said.read_text()
    assert {one.name for one in bare.iterdir()} == {"chromium", "said", "page.pdf"}
