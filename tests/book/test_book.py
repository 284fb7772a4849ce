"""The book as it is built: what stands in a page, what it loads, what happens when it fails."""

import ctypes
import gzip
import html
import json
import re
import resource
import shutil
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from books import build_book
from browser import chromium
from myst_nb.core.render import get_mime_priority
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from places import ROOT

from backpass.book import extension, katex, output
from backpass.style import PALETTE

SECRET = "the_answer_is_seventeen"

RECORDING = {
    "version": 1,
    "id": "explorer-0123456789",
    "title": "A dot",
    "width": 100,
    "height": 50,
    "controls": [
        {"name": "x", "label": "x", "kind": "slider", "values": [1, 2], "texts": ["1", "2"],
         "initial": 0, "step": 1}
    ],
    "note": "",
    "background": "<rect/>",
    "defs": '<path id="explorer-0123456789-ab"/>',
    "states": ['<use href="#explorer-0123456789-ab"/>', "<circle/>"],
    "sentences": ["The dot is at 1 – left.", "The dot is at 2."],
    "figure": '<figure class="explorer" id="explorer-0123456789" aria-label="A dot"><div>'
    '<svg role="img" aria-describedby="explorer-0123456789-sentence"><rect/></svg></div>'
    '<figcaption id="explorer-0123456789-sentence" aria-live="polite">The dot is at 1 – left.'
    "</figcaption></figure>",
}  # fmt: skip

TEXT = r"""# One of $x^2$

Inline $o_j - t_j$, then the rest. A **word**. For $x$. For $y$ ever.

## Formulas

$$
\begin{aligned}
a &= b \\ c &= \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}
\end{aligned}
$$

## Table

| reported | measured |
|---|---|
| 1 | 2 |

[Elsewhere](https://example.org/page).
"""

SHOW = f"""import os
from IPython.display import display
assert os.environ["BACKPASS_RECORD"] == "1"
recording = {RECORDING!r}
display({{"text/plain": "A dot (x=1)", "{extension.EXPLORER}": recording}}, raw=True)"""


def notebook(path, *cells):
    """Write a notebook of code cells, except that a cell starting with # is prose."""
    made = [new_markdown_cell(c) if c.startswith("# ") else new_code_cell(c) for c in cells]
    for number, cell in enumerate(made):
        cell.id = f"cell-{number}"
        if cell.source == SHOW:
            cell.metadata.tags = ["remove-input"]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=made, metadata={"kernelspec": kernel}), path)


def make_source(folder):
    """A book of a few pages with the real configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "_config.yml", folder)
    (folder / "intro.md").write_text("# Tiny\n\nSee [the chapter](chapters/one.ipynb).\n")
    latex = r"class A:\n    def _repr_latex_(self): return r'$\displaystyle \left[\begin{matrix}1 & x\\2 & y\end{matrix}\right]$'\nA()"  # noqa: E501
    notebook(
        folder / "chapters/one.ipynb",
        TEXT,
        SHOW,
        SHOW,
        latex.replace(r"\n", "\n"),
        "import warnings; warnings.warn('noise for stderr')",
    )
    notebook(folder / "exercises/one/one.ipynb", "# Exercises of one", "def f(): ...")
    notebook(folder / "solutions/one/one.ipynb", "# Solved", f"{SECRET} = 1\nprint('{SECRET}')")
    (folder / "_toc.yml").write_text(
        "format: jb-book\nroot: intro\nparts:\n- caption: Chapters\n  chapters:\n"
        "  - file: chapters/one\n    sections:\n    - file: exercises/one/one\n"
        "    - file: solutions/one/one\n"
    )
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A tiny book's source folder, built once; a test that changes it takes a copy."""
    source = make_source(tmp_path_factory.mktemp("tiny") / "source")
    run = build_book(source, source)
    assert run.returncode == 0, run.stdout
    return source


@pytest.fixture
def own(tiny, tmp_path):
    """A copy of the tiny book, with its build, to break."""
    return Path(shutil.copytree(tiny, tmp_path / "own", symlinks=True))


@pytest.fixture(scope="module")
def page(tiny):
    return (tiny / "_build/html/chapters/one.html").read_text()


# Explorers ---------------------------------------------------------------------------------------


def test_an_explorers_first_state_stands_in_the_page(page):
    figure = re.search(r'<figure [^>]*id="explorer-0123456789".*?</figure>', page, re.S)[0]
    assert 'class="explorer"' in figure
    assert '<svg role="img"' in figure
    assert ">The dot is at 1 – left.</figcaption>" in figure
    assert "A dot (x=1)" not in page
    assert "The dot is at 2." not in page


def test_all_states_wait_in_a_script_of_their_own(page, tiny):
    names = re.findall(r'data-states="([^"]+)"', page)
    assert len(names) == 2
    text = (tiny / "_build/html/chapters" / names[0]).read_text()
    states = json.loads(re.fullmatch(r"backpassExplorer\.replay\(.*?\),(.*)\);\n", text)[1])
    assert states["states"] == RECORDING["states"]
    assert states["sentences"] == RECORDING["sentences"]
    assert "figure" not in states
    assert "background" not in states


def test_the_same_explorer_twice_has_ids_of_its_own(page):
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "explorer-0123456789-2" in ids


def test_the_front_end_becomes_a_classic_script(tiny):
    text = (tiny / "_build/html/_static/explorer.js").read_text()
    assert "globalThis.backpassExplorer = { replay };" in text
    assert not re.search(r"^\s*(import|export)\b", text, re.M)
    with pytest.raises(extension.ConfigError, match="must end with"):
        extension.classic("export default { render };\nlater()")


def test_only_html_chooses_an_explorer():
    assert get_mime_priority("html", [])[0] == extension.EXPLORER
    assert extension.EXPLORER not in get_mime_priority("latex", [])


# Formulas and text -------------------------------------------------------------------------------


def test_formulas_are_set_for_the_eye_and_for_a_screen_reader(page):
    main = page[page.index("<main") : page.index("</main>")]
    assert main.count("<math") == main.count('class="katex"') == 6
    assert r"\begin{matrix}1 &amp; x" in main
    assert "katex-error" not in main
    assert "$" not in re.sub(r"<annotation.*?</annotation>|<pre>.*?</pre>", "", main, flags=re.S)


def test_punctuation_stays_with_its_formula(page):
    assert re.search(r'<span class="math tied">.*?</span>,</span> then', page)
    prose = re.sub("<annotation.*?</annotation>|<[^>]*>", "", page)
    assert re.search(r"A word\. For x\S*\. For y\S* ever\.", prose)


@pytest.mark.parametrize("tex", [r"\undefined", r"\frac{1}", r"\begin{cases} a", "a_b_c"])
def test_a_bad_formula_is_named(tex):
    with pytest.raises(katex.FormulaError) as caught:
        katex.render(tex)
    assert len(str(caught.value).splitlines()) == 1


def test_a_bad_formula_fails_the_build_and_shows_no_red(own):
    (own / "intro.md").write_text("# Tiny\n\nBad: $\\frac{1$ here. [c](chapters/one.ipynb)\n")
    run = build_book(own, own)
    assert run.returncode != 0
    assert "intro.md:3: WARNING: This formula cannot be set." in run.stdout
    assert "<code>\\frac{1</code>" in (own / "_build/html/intro.html").read_text()


def test_a_table_scrolls_in_a_box_of_its_own(page):
    assert re.search(r'<div class="table[^"]*">\s*<table', page)


def test_stderr_is_not_part_of_the_book(page):
    assert "noise for stderr" not in re.sub(r"<pre>.*?</pre>", "", page, count=0, flags=re.S)
    assert 'class="output stderr' not in page


def test_every_colour_of_the_palette_has_two_values():
    css = extension.palette()
    for name, (light, dark) in PALETTE.items():
        assert css.count(f"--bp-{name}: {light};") == 1
        assert css.count(f"--bp-{name}: {dark};") == 2


# What a page loads -------------------------------------------------------------------------------

LOADED = re.compile(
    r"""<(?!a\b)[a-z]+\b[^>]*?\b(?:src|href|srcset|poster|action|data)\s*=\s*["']?([^"'\s>]+)"""
    r"""|url\(\s*["']?([^"')]+)|@import\s+["']?([^"';]+)|\bimport\s*\(?["']([^"']+)"""
    r"""|(?:fetch|importScripts|open|EventSource|WebSocket)\(\s*["'`]([^"'`]+)"""
)


def foreign(html_folder):
    """What the files of a built book would load from another origin."""
    found = []
    for file in html_folder.rglob("*"):
        if file.suffix in (".html", ".css", ".js", ".svg"):
            for match in LOADED.finditer(file.read_text(encoding="utf-8")):
                target = next(filter(None, match.groups()))
                if re.match(r"(?:https?|wss?|ftp):|//", target):
                    found.append(f"{file.name}: {target}")
    return found


def weight(html_folder, name):
    """Bytes of a page, each file it loads compressed by itself; every font counted, no explorer."""
    page = html_folder / name
    seen, todo = set(), [page]
    while todo:
        file = todo.pop()
        seen.add(file)
        if file.suffix not in (".html", ".css"):
            continue
        for match in LOADED.finditer(file.read_text(encoding="utf-8")):
            target = re.split("[?#]", next(filter(None, match.groups())))[0]
            path = (file.parent / target).resolve()
            if path.is_file() and path.suffix != ".html" and path not in seen:
                todo.append(path)
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in seen)


@pytest.mark.browser
def test_a_page_from_disk_saves_its_notebook(tiny):
    with chromium() as browser:
        page = browser.new_page()
        page.goto((tiny / "_build/html/chapters/one.html").as_uri())
        for _ in range(2):
            with page.expect_download() as saved:
                page.get_by_role("link", name="Download this page as a notebook").click()
            assert saved.value.suggested_filename == "one.ipynb"
            text = Path(saved.value.path()).read_text()
            assert text == (tiny / "chapters/one.ipynb").read_text()


def test_nothing_is_loaded_from_another_origin(tiny):
    assert foreign(tiny / "_build/html") == []


def test_the_scan_for_other_origins_sees_them(tmp_path):
    (tmp_path / "a.html").write_text('<script defer src="https://a.example/x.js"></script>')
    (tmp_path / "b.css").write_text("@font-face { src: url(//b.example/f.woff2) }")
    (tmp_path / "c.js").write_text('import("https://c.example/m.js"); fetch("https://d.example")')
    (tmp_path / "d.html").write_text('<a href="https://e.example">a link is no request</a>')
    assert len(foreign(tmp_path)) == 4


def test_only_what_a_page_asks_for_is_in_the_book(tiny):
    names = {path.name for path in (tiny / "_build/html/_static").rglob("*")}
    assert {"book.css", "explorer.js", "searchtools.js", "LICENSE"} <= names
    stray = [n for n in names if re.search(r"thebe|fontawesome|design|copybutton|\.map|mathjax", n)]
    assert stray == []


def test_a_page_that_is_gone_leaves_the_output(own):
    built = own / "_build/html"
    (built / "old.html").write_text("gone</html>")
    (built / "_sources/old.ipynb").write_text("gone")
    assert build_book(own, own).returncode == 0
    assert not (built / "old.html").exists()
    assert not (built / "_sources/old.ipynb").exists()
    assert (built / "_sources/chapters/one.ipynb").exists()
    assert (built / "_static/explorers/explorer-0123456789.js").exists()


def test_a_page_weighs_little(tiny):
    assert weight(tiny / "_build/html", "chapters/one.html") < 330_000


def test_the_real_book_loads_nothing_foreign_and_weighs_little(book):
    assert foreign(book) == []
    pages = [path.relative_to(book) for path in book.rglob("*.html")]
    assert len(pages) > 8
    for name in pages:
        assert weight(book, name) < 600_000, name
    for states in (book / "_static/explorers").glob("*.js"):
        assert len(gzip.compress(states.read_bytes(), 9)) < 150_000, states.name


def test_no_formula_of_the_real_book_failed(book):
    for page in book.rglob("*.html"):
        assert "katex-error" not in page.read_text(encoding="utf-8"), page


# The cache ---------------------------------------------------------------------------------------


def test_an_unchanged_book_runs_nothing_again(own):
    assert build_book(own, own).returncode == 0  # in its new place all pages are made anew
    before = (own / "_build/html/chapters/one.html").stat().st_mtime_ns
    run = build_book(own, own)
    assert run.returncode == 0
    assert "Executing notebook" not in run.stdout
    assert (own / "_build/html/chapters/one.html").stat().st_mtime_ns == before


def test_new_data_runs_the_notebooks_again_and_drops_the_old_cache(own):
    caches = own / "_build/.jupyter_cache"
    (old,) = (path.name for path in caches.iterdir())
    (own / "chapters/data.csv").write_text("1,2\n")
    run = build_book(own, own)
    assert run.returncode == 0
    assert run.stdout.count("Executing notebook using") == 3
    (new,) = (path.name for path in caches.iterdir())
    assert new != old


def test_the_fingerprint_knows_what_outputs_depend_on(tmp_path, monkeypatch):
    package, source = tmp_path / "package", tmp_path / "source"
    (package / "checks").mkdir(parents=True)
    (package / "checks/a.py").write_text("A = 1")
    (source / "chapters").mkdir(parents=True)
    first = extension.fingerprint(source, package)

    def changed():
        nonlocal first
        before, first = first, extension.fingerprint(source, package)
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
    (package / "book.py").write_text("# makes pages, not outputs")
    assert not changed()
    versions = extension.metadata.version
    monkeypatch.setattr(extension.metadata, "version", lambda name: versions(name) + "1")
    assert changed()


# Editions ----------------------------------------------------------------------------------------


def leaks(folder, secrets):
    """Where a secret stands in the files of a folder: as it is, as JSON, or as a page shows it."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "replace")
            if path.suffix == ".html":
                text += html.unescape(re.sub("<[^>]*>", "", text))
            for secret in secrets:
                if secret in text or json.dumps(secret)[1:-1] in text:
                    found.append(f"{path.relative_to(folder)}: {secret}")
    return found


def test_the_student_edition_holds_no_solution_even_over_a_full_one(own):
    built = own / "_build/html"
    assert leaks(built, [SECRET])
    run = build_book(own, own, edition="student")
    assert run.returncode == 0, run.stdout
    assert leaks(built, [SECRET, "solutions/"]) == []
    assert (built / "exercises/one/one.html").exists()
    run = build_book(own, own)
    assert run.returncode == 0
    assert leaks(built, [SECRET])


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
    assert leaks(book, secret)
    assert leaks(tmp_path / "_build/html", secret) == []
    assert not list((tmp_path / "_build/html").glob("solutions*"))


# When a build stops ------------------------------------------------------------------------------


#: A kernel that is told to go may find its socket closed, and say so: ipykernel's, and harmless.
KERNEL_DIES = re.compile(r"Traceback \(most recent call last\):\n(?:  .*\n)+zmq\.error\.")


def stops(source, **options):
    """Build a book that must fail; return what was said. The page that was there must stay."""
    target = source / "_build/html/chapters/one.html"
    before = target.read_bytes()
    run = build_book(source, source, **options)
    assert run.returncode == 1, run.stdout
    assert target.read_bytes() == before
    assert not list((source / "_build").rglob("*.part"))
    assert "Traceback" not in KERNEL_DIES.sub("", run.stdout)
    _, _, reason = run.stdout.partition("The book was not built. ")
    assert "\n" not in reason.strip()
    return reason.strip()


def test_a_corrupt_notebook_is_named_with_what_to_do(own):
    path = own / "chapters/one.ipynb"
    path.write_text(path.read_text()[:300])
    reason = stops(own)
    assert reason.startswith("chapters/one.ipynb is not a readable notebook: ")
    assert "git checkout -- chapters/one.ipynb" in reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{\n<<<<<<< HEAD\n"cells": []}', "line 2. It holds the marks of a merge"),
        ("", "chapters/one.ipynb is not a readable notebook: Expecting value in line 1."),
        ('{"a": 1}', "chapters/one.ipynb is not a notebook: it has no list of cells."),
        ("[]", "chapters/one.ipynb is not a notebook: it has no list of cells."),
    ],
)
def test_a_notebook_that_cannot_be_read_says_why(text, reason, tmp_path):
    env = SimpleNamespace(doc2path=lambda name: str(tmp_path / f"{name}.ipynb"))
    app = SimpleNamespace(env=env, srcdir=tmp_path)
    with pytest.raises(SystemExit, match=re.escape(reason)):
        extension.check_notebook(app, "chapters/one", [text])
    extension.check_notebook(app, "chapters/one", ['{"cells": []}'])


def test_a_failing_cell_is_named_with_its_line(own):
    notebook(own / "chapters/one.ipynb", "# One", "x = 1", "y = 2\nassert x == y, 'not equal'")
    reason = stops(own)
    assert "Cell 2 of chapters/one.ipynb failed in line 2: AssertionError: not equal" in reason


def test_a_state_that_fails_is_named(own):
    code = (
        "import matplotlib.pyplot as plt\nfrom backpass.explore import explore\n"
        "fig, ax = plt.subplots()\n@explore(ax, x=(0, 2))\ndef f(ax, x):\n"
        "    'A line'\n    ax.plot([1 / (x - 2)])\n    return 'Said.'\nf"
    )
    notebook(own / "chapters/one.ipynb", "# One", code)
    reason = stops(own)
    assert "A line" in reason
    assert "x=2" in reason
    assert "ZeroDivisionError" in reason


def test_an_output_folder_that_cannot_be_written_to(own):
    built = own / "_build/html"
    built.chmod(0o555)

    def as_anyone():  # root may write anywhere: give that up (CAP_DAC_OVERRIDE)
        ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)

    try:
        reason = stops(own, preexec_fn=as_anyone)
    finally:
        built.chmod(0o755)
    assert f"{built} cannot be written (Permission denied)" in reason
    assert "chown" in reason


def test_a_full_disk_leaves_the_old_page_whole(own):
    text = "# One\n\n" + "A long page. " * 30_000
    (own / "intro.md").write_text(text)

    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    before = (own / "_build/html/intro.html").read_bytes()
    reason = stops(own, preexec_fn=small)
    assert "no room to write" in reason
    assert (own / "_build/html/intro.html").read_bytes() == before


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "a/b.js"
    output.write(target, "whole")
    assert target.read_text() == "whole"

    def fail(path, text, encoding):
        path.write_bytes(text[:2].encode())
        raise OSError(28, "full")

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(OSError, match="full"):
        output.write(target, "half")
    assert target.read_text() == "whole"
    assert [path.name for path in target.parent.iterdir()] == ["b.js"]
