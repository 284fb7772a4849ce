"""The student edition holds no solution: no page, search index, download or source does."""

import html
import json
import re
import shutil

import nbformat
from books import build_book
from places import ROOT
from tiny_book import SECRET


def leaks(folder, secrets):
    """Where a secret stands in the files of a folder: as it is, as JSON, or as a page shows it."""
    forms = {form: secret for secret in secrets for form in (json.dumps(secret)[1:-1], secret)}
    # Wherever a form stands, it holds a whole one of the pieces that a text is cut into.
    size = (min(map(len, forms)) + 1) // 2
    pieces = {}
    for form in forms:
        for i in range(len(form) - size + 1):
            pieces.setdefault(form[i : i + size], set()).add(form)
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "replace")
            if path.suffix == ".html":
                text += html.unescape(re.sub("<[^>]*>", "", text))
            seen = {text[i : i + size] for i in range(0, len(text), size)} & pieces.keys()
            found = {forms[form] for piece in seen for form in pieces[piece] if form in text}
            yield from (f"{path.relative_to(folder)}: {secret}" for secret in found)


def test_the_student_edition_holds_no_solution_even_over_a_full_one(own):
    built = own / "_build/html"
    assert any(leaks(built, [SECRET]))
    run = build_book(own, own, edition="student")
    assert run.returncode == 0, run.stdout
    assert list(leaks(built, [SECRET, "solutions/"])) == []
    assert (built / "exercises/one/one.html").exists()
    run = build_book(own, own)
    assert run.returncode == 0
    assert any(leaks(built, [SECRET]))


def test_an_unknown_edition_is_refused(own):
    run = build_book(own, own, edition="teacher")
    assert run.returncode == 1
    assert "no 'teacher' edition: EDITION (or BACKPASS_EDITION) is \"full\"" in run.stdout


def sources(folder):
    for path in (ROOT / folder).rglob("*.ipynb"):
        for cell in nbformat.read(path, 4).cells:
            yield cell.source


def solutions():
    """The lines between the marks of a solution that neither exercises nor chapters show."""
    hidden = {
        line.strip()
        for source in sources("solutions")
        for part in re.findall(r"### BEGIN.*?\n(.*?)### END", source, re.S)
        for line in part.splitlines()
    }
    shown = "\n".join([*sources("exercises"), *sources("chapters")])
    return [line for line in hidden if len(line) > 25 and line not in shown]


def test_the_real_student_edition_holds_no_solution(book, tmp_path):
    cache = book.parent / ".jupyter_cache"
    shutil.copytree(cache, tmp_path / "_build/.jupyter_cache")
    run = build_book(ROOT, tmp_path, edition="student")
    assert run.returncode == 0, run.stdout[-3000:]
    secret = solutions()
    assert len(secret) > 5
    assert any(leaks(book, secret))
    assert list(leaks(tmp_path / "_build/html", secret)) == []
    assert not list((tmp_path / "_build/html").glob("solutions*"))
