"""What holds of the repository as a whole: its notebooks, their anatomy, its lists and links."""

import ast
import re
import statistics
import subprocess
import sys
import tempfile
import textwrap
import tomllib
from functools import cache
from itertools import takewhile
from pathlib import Path

import nbformat
import pytest
import yaml
from places import ROOT
from tiny_book import made_cell

from backpass import notebooks
from backpass.book.cells import kinds
from backpass.checks import chapters
from backpass.notebooks.release import asked

CHAPTERS = sorted(ROOT.glob("chapters/*.ipynb"))
SOLUTIONS = sorted(ROOT.glob("solutions/*/*.ipynb"))
EXERCISES = sorted(ROOT.glob("exercises/*/*.ipynb"))

BUILT = {".git", ".venv", ".runtime", "_build", "node_modules", "__pycache__", ".pytest_cache"}
BUILT |= {".ruff_cache"}

#: The sections that end a chapter, in this order; before the exercises stands `FURTHER`.
ENDING = ["Reported and measured", "Common claims, tested", "Summary", "Exercises"]
ENDING += ["Further reading"]
FURTHER = "Further"

#: Words of Markdown, and cells of code, that a chapter has at most before it.
LENGTH = (5_000, 80)


def names(paths):
    return {"argvalues": paths, "ids": [str(path.relative_to(ROOT)) for path in paths]}


@cache
def _read(path, content):
    return notebooks.read(path)


def read(path):
    """The notebook, which nobody changes."""
    return _read(path, path.read_bytes())


def cells(path, kind):
    return [cell for cell in read(path).cells if cell.cell_type == kind]


def headings(text, level="#{1,6}"):
    """The headings of Markdown ``text``, leaving out what stands in code fences."""
    text = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(rf"^{level} +(.+?) *$", text, flags=re.MULTILINE)


def bullets(text):
    return re.findall(r"^[-*] +\S", text, flags=re.MULTILINE)


def tracked():
    """Every file of the repository, as git knows it; in a download without git, all but builds."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        paths = [path for path in ROOT.rglob("*") if not BUILT & set(path.relative_to(ROOT).parts)]
    else:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return sorted(path for path in paths if path.is_file())


def test_no_test_that_is_quick_starts_a_process():
    with pytest.raises(pytest.fail.Exception, match="mark it slow"):
        subprocess.run([sys.executable, "-c", ""], check=True)
    subprocess.run(["git", "--version"], capture_output=True, check=True)


def test_there_is_something_to_check():
    assert CHAPTERS
    assert SOLUTIONS
    assert chapters()


# --- notebooks --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", **names(CHAPTERS + SOLUTIONS + EXERCISES))
def test_notebook_is_executed_and_in_canonical_form(path):
    text = notebooks.canonical(notebooks.read(path), name=path.name)
    assert text.encode() == path.read_bytes(), "Run `make notebooks`."


@pytest.mark.parametrize("path", **names(SOLUTIONS))
def test_exercises_are_derived_from_the_solutions(path):
    """Their outputs are compared by nbval."""
    derived = ROOT / "exercises" / path.relative_to(ROOT / "solutions")
    assert derived.exists(), "Run `make exercises`."
    fresh = notebooks.release(notebooks.read(path), notebooks.configuration(ROOT))
    assert asked(fresh) == asked(read(derived)), "Run `make exercises`."


def test_chapters_solutions_exercises_and_checks_belong_together():
    texts = {path.stem for path in CHAPTERS}
    for paths in (SOLUTIONS, EXERCISES):
        assert all(path.parent.name == path.stem for path in paths)
        assert {path.stem for path in paths} == set(chapters())
    assert set(chapters()) <= texts


def test_every_chapter_and_solution_is_in_the_book():
    listed = set(re.findall(r"(?:file|root): *(\S+)", (ROOT / "_toc.yml").read_text()))
    for path in CHAPTERS + SOLUTIONS:
        assert str(path.relative_to(ROOT).with_suffix("")) in listed


@pytest.mark.parametrize("path", **names(CHAPTERS + SOLUTIONS + EXERCISES))
def test_code_is_free_of_tricks(path):
    for cell in cells(path, "code"):
        assert not re.search(r"sys\.path|^\s*[!%]|import \*", cell.source, re.MULTILINE), (
            cell.source
        )
        for output in cell.outputs:
            assert output.get("name") != "stderr", output.text


# --- anatomy of a chapter ---------------------------------------------------------------------


@pytest.mark.parametrize("path", **names(CHAPTERS))
def test_chapter_opens_with_title_answer_figure_aims_and_needs(path):
    first, imports, *others = read(path).cells
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    _, answer = first.source.split("\n\n")  # a paragraph, and no more
    assert 20 <= len(answer.split()) <= 60, f"{len(answer.split())} words"
    assert imports.cell_type == "code"
    opening = list(takewhile(lambda cell: cell.cell_type == "code", others))
    assert "@explore(" in opening[-1].source, "The figure that shows the answer comes first."
    left_open = [kinds.Cell(cell.source) for cell in cells(path, "code")]
    kinds.classify(left_open)
    assert all(cell.kind for cell in left_open[: 1 + len(opening)]), "Open code stands before it."
    aims = others[len(opening)].source
    _, learn, need = re.split(r"^\*\*You (?:will learn|need)\*\*", aims, flags=re.M)
    assert 3 <= len(bullets(learn)) <= 5
    assert need.strip()
    assert len([cell for cell in cells(path, "markdown") if headings(cell.source, "#")]) == 1


@pytest.mark.parametrize("path", **names(CHAPTERS))
def test_chapter_ends_with_evidence_summary_and_exercises(path):
    text = "\n\n".join(cell.source for cell in cells(path, "markdown"))
    ending = [one for one in headings(text, "##") if one != FURTHER]
    assert ending[-len(ENDING) :] == ENDING
    parts = dict(zip(headings(text, "##"), re.split(r"^## .*", text, flags=re.M)[1:], strict=True))
    aims = re.split(r"^\*\*You need\*\*", text, flags=re.M)[0]
    assert len(bullets(parts["Summary"])) >= len(bullets(aims)), "The summary answers the aims."
    assert f"exercises/{path.stem}/{path.stem}.ipynb" in parts["Exercises"]
    assert bullets(parts["Further reading"])


def length(path):
    """Words and cells of a chapter before `FURTHER`; none if it has no such section."""
    words = count = 0
    for cell in read(path).cells:
        before, there, _ = f"\n{cell.source}\n".partition(f"\n## {FURTHER}\n")
        if cell.cell_type == "code":
            count += 1
            continue
        words += len(before.split())
        if there:
            return words, count
    return None


@pytest.mark.parametrize("path", **names(CHAPTERS))
def test_what_the_asker_can_do_without_stands_after_the_summary_and_the_rest_is_short(path):
    told = length(path)
    assert told is not None, "Nothing is said to be what the asker can do without."
    text = "\n\n".join(cell.source for cell in cells(path, "markdown"))
    listed = headings(text, "##")
    assert listed[listed.index(FURTHER) - 1 : listed.index(FURTHER) + 2] == [
        "Summary", FURTHER, "Exercises",
    ]  # fmt: skip
    inside = text.partition(f"\n## {FURTHER}\n")[2].partition("\n## ")[0]
    assert headings(inside, "###"), "The page names its parts."
    assert all(one <= most for one, most in zip(told, LENGTH, strict=True)), told


def test_a_chapter_is_measured_up_to_what_the_asker_can_do_without(tmp_path):
    path = tmp_path / "one.ipynb"
    made = ["# One", "x = 1", "## Two words\n\n## Further\n\n### Not counted", "y = 2"]
    nbformat.write(nbformat.v4.new_notebook(cells=list(map(made_cell, made))), path)
    assert length(path) == (5, 1)
    nbformat.write(nbformat.v4.new_notebook(cells=list(map(made_cell, made[:2]))), path)
    assert length(path) is None


@pytest.mark.parametrize("path", **names(CHAPTERS))
def test_chapter_imports_in_one_cell(path):
    first, *others = (ast.parse(cell.source) for cell in cells(path, "code"))
    assert isinstance(first.body[0], ast.Import | ast.ImportFrom)
    for tree in others:
        assert not any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree))


@pytest.mark.parametrize("path", **names(CHAPTERS))
def test_chapter_has_short_cells_and_tags_only_what_the_page_would_not_fold(path):
    code = cells(path, "code")
    lengths = [sum(map(bool, map(str.strip, cell.source.splitlines()))) for cell in code]
    assert statistics.median(lengths) < 8, lengths
    assert max(lengths) <= 25, lengths
    left_open = [kinds.Cell(cell.source) for cell in code]
    kinds.classify(left_open)
    for cell, untagged in zip(code, left_open, strict=True):
        hidden = [
            tag for tag in cell.metadata.get("tags", []) if tag.startswith(("hide", "remove"))
        ]
        assert hidden == [] or (hidden == ["hide-input"] and untagged.kind is None), cell.source


@pytest.mark.parametrize("path", **names(SOLUTIONS))
def test_a_solution_that_is_a_bare_value_says_why(path):
    bare = []
    for cell in cells(path, "code"):
        for body in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.S):
            (*others, last) = ast.parse(textwrap.dedent(body)).body
            if others or any(isinstance(node, ast.Name) for node in ast.walk(last)):
                continue
            why = " ".join(re.findall(r"^ *# (.*)", body, re.M))
            bare.append((cell.id, len(why.split())))
    assert bare
    assert [name for name, words in bare if words < 15] == []


#: Letters of code that a phone has room for.
NARROW = 44


@pytest.mark.parametrize("path", **names(CHAPTERS + SOLUTIONS))
def test_what_is_drawn_with_letters_is_read_whole_on_a_phone(path):
    for cell in cells(path, "markdown"):
        for drawn in re.findall(r"^```\n(.*?)^```", cell.source, re.M | re.S):
            assert max(map(len, drawn.splitlines())) <= NARROW, drawn


# --- recorded runs ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", **names(sorted(ROOT.glob("chapters/data/*.json"))))
def test_a_recorded_run_can_be_repeated(path):
    """A chapter reads it and names the command that makes it."""
    command, script = f"python -m experiments.{path.stem}", ROOT / f"experiments/{path.stem}.py"
    assert command in script.read_text()
    readers = [text for text in map(Path.read_text, CHAPTERS) if path.name in text]
    assert readers
    assert all(command in text for text in readers)


# --- files ------------------------------------------------------------------------------------


def readable():
    for path in tracked():
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a font


def test_no_file_names_this_machine():
    here = {f"{path}/" for path in (ROOT, Path.home()) if len(path.parts) > 1}
    someone = re.compile(r"/(?:home|Users)/\w+/|[A-Z]:\\Users|/ipykernel_\d|/tmp/\w")
    for path, text in readable():
        found = [one for one in here if one in text]
        assert not found, path
        if path.suffix == ".ipynb":
            assert not someone.search(text), path


def test_requirements_name_no_index_and_the_lock_is_exact():
    lock = (ROOT / "constraints.txt").read_text()
    lines = [line for line in lock.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    assert lines == sorted(lines, key=str.lower)
    wanted = (ROOT / "requirements.txt").read_text()
    assert not re.search(r"index-url|find-links|https?:", wanted + lock)
    assert "\n-c constraints.txt\n-e .[test]\n" in wanted
    locked = {line.split("==")[0].lower() for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert extras["test"][0] == f"backpass[{','.join(sorted(extras.keys() - {'test'}))}]"
    parts = [project["dependencies"], *extras.values()]
    asked = {re.match(r"[\w-]+", one)[0].lower() for part in parts for one in part}
    assert asked - {"backpass"} <= locked


def test_configuration_files_are_readable():
    for name in ("_config.yml", "_toc.yml", "CITATION.cff"):
        assert yaml.safe_load((ROOT / name).read_text())


def anchor(heading):
    """A heading's anchor, as GitHub and MyST make it."""
    heading = re.sub(r"[`*]|\[([^]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def markdown(path):
    if path.suffix == ".ipynb":
        return "\n\n".join(cell.source for cell in cells(path, "markdown"))
    return path.read_text(encoding="utf-8")


#: What the book spells otherwise: learnt, normalise, optimiser, centre, colour.
SPELT = re.compile(
    r"(?<!He )\b(?:(?:un)?learned|\w*(?:normal|initial|optim|minim|general|regular|recogn)iz\w+|"
    r"cent(?:ers?|ered|ering)|(?:behavi|col|neighb|fav)or(?:s|ed|ing|able)?)\b",
    re.IGNORECASE,
)


def spelt_otherwise(text):
    """Words of Markdown ``text`` that the book spells otherwise; titles and code have their own."""
    text = re.sub(r"^(```|~~~).*?^\1|`[^`]*`|\]\([^)]*\)|<[^>]*>", "", text, flags=re.M | re.S)
    return SPELT.findall(re.sub(r"\*[^*\n]+\*|“[^”]*”", "", re.sub(r"\*\*", "", text)))


PROSE = [*CHAPTERS, *SOLUTIONS, *ROOT.glob("pages/**/*.md"), *ROOT.glob("*.md")]


@pytest.mark.parametrize("path", **names(PROSE))
def test_a_word_has_one_spelling(path):
    assert spelt_otherwise(markdown(path)) == []


def test_another_spelling_is_found():
    text = "An optimizer has **learned** `color`s.\n\n*Batch normalization*, [a](center.md)"
    assert spelt_otherwise(text) == ["optimizer", "learned"]


def broken(path):
    """The relative links in the Markdown file or notebook at ``path`` that lead nowhere."""
    text = re.sub(r"^(```|~~~).*?^\1", "", markdown(path), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "code", text)
    links = re.findall(r"\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)", text)
    for target in links + re.findall(r"<(?:a|img)\b[^>]*\b(?:href|src)=\"([^\"]+)\"", text):
        if re.match(r"https?:|mailto:|attachment:", target):
            continue
        file, _, place = target.partition("#")
        other = (path.parent / file).resolve() if file else path
        if not other.exists() or (place and place not in map(anchor, headings(markdown(other)))):
            yield target


@pytest.mark.parametrize(
    "path", **names([path for path in tracked() if path.suffix in (".md", ".ipynb")])
)
def test_links_lead_somewhere(path):
    assert list(broken(path)) == []


def test_a_broken_link_is_found():
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "a.md")
        page.write_text(
            "# One `two`\n\n[a](#one-two) [b](#three) [c](a.md) [d](b.md) [e](https://x.y)\n"
            '```\n[f](none.md)\n```\n`[f](none.md)` [`a[0]`](#four) [g](a.md "G")\n'
            '[h](#five "formula") [![i](i.svg)](a.md) <a href="j.md">j</a>\n<img src="k.svg">'
        )
        wrong = ["#three", "b.md", "#four", "#five", "i.svg", "j.md", "k.svg"]
        assert list(broken(page)) == wrong
