"""What people, editors and platforms do to a notebook that somebody has worked in.

Each takes the notebook as JSON and a source of chance; those of ``CELLS`` change cells and give a
notebook, those of ``FILES`` give a file's content.
"""

import ast
import json
from copy import deepcopy

CELLS, FILES = {}, {}

#: Nothing else can be done to a notebook before, or after: an answer would be gone.
FIRST = {"nothing_but_answers", "shuffled", "upside_down", "all_answers_pasted_at_the_end"}
LAST = {"split_between_lines_with_the_metadata", "split_between_lines_without", "split_in_four"}


def of_cells(distort):
    CELLS[distort.__name__] = distort
    return distort


def of_files(distort):
    FILES[distort.__name__] = distort
    return distort


def text(cell):
    return "".join(cell["source"])


def grade_id(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id", cell.get("id"))


def is_answer(cell):
    mark = cell["metadata"].get("nbgrader", {})
    return cell["cell_type"] == "code" and mark.get("solution") and not mark.get("grade")


def answers(raw):
    """The places of answers, by what they define if no metadata is left."""
    marked = [i for i, cell in enumerate(raw["cells"]) if is_answer(cell)]
    code = (i for i, cell in enumerate(raw["cells"]) if cell["cell_type"] == "code")
    return marked or [i for i in code if "return" in text(raw["cells"][i])] or [0]


def one_answer(raw, rng):
    return rng.choice(answers(raw))


def code(source, **metadata):
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": [],
            "execution_count": None}  # fmt: skip


def prose(source):
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def stub(source):
    """What a student has before the answer."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            node.body = [ast.Return(ast.Constant(...))]
    return ast.unparse(tree)


def wrong(source):
    return stub(source).replace("...", "41")


@of_cells
def nothing(raw, rng):
    return raw


@of_cells
def new_ids(raw, rng):
    for number, cell in enumerate(raw["cells"]):
        cell["id"] = f"new-{number}"
    return raw


@of_cells
def one_id_for_all(raw, rng):
    for cell in raw["cells"]:
        cell["id"] = "same"
    return raw


@of_cells
def no_metadata(raw, rng):
    for cell in raw["cells"]:
        cell["metadata"] = {}
    return raw


@of_cells
def no_names_at_all(raw, rng):
    for cell in raw["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    raw["nbformat_minor"] = 4
    return raw


@of_cells
def no_keys_but_sources(raw, rng):
    cells = [{key: cell[key] for key in ("cell_type", "source")} for cell in raw["cells"]]
    return {"cells": [cell | {"metadata": {}} for cell in cells]}


@of_cells
def saved_by_colab(raw, rng):
    for number, cell in enumerate(raw["cells"]):
        cell.pop("id", None)
        cell["metadata"] |= {"id": f"aB_{number}cD", "outputId": "x", "colab": {"height": 1}}
        cell["source"] = text(cell).splitlines(keepends=True)
    raw["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}
    raw["nbformat_minor"] = 0
    return raw


@of_cells
def saved_by_deepnote(raw, rng):
    for number, cell in enumerate(raw["cells"]):
        cell.pop("id", None)
        cell["metadata"] = {"cell_id": f"{number:032x}", "deepnote_cell_type": "code"}
    return raw


@of_cells
def saved_by_vs_code(raw, rng):
    for number, cell in enumerate(raw["cells"]):
        cell["id"] = f"{number:08x}"
        cell["metadata"] = {"vscode": {"languageId": "python"}}
    return raw


@of_cells
def split_between_lines_with_the_metadata(raw, rng):
    return _split(raw, rng, 2, keep=True)


@of_cells
def split_between_lines_without(raw, rng):
    return _split(raw, rng, 2, keep=False)


@of_cells
def split_in_four(raw, rng):
    return _split(raw, rng, 4, keep=False)


def _split(raw, rng, count, *, keep):
    place = one_answer(raw, rng)
    cell = raw["cells"][place]
    if cell["cell_type"] != "code":  # code in prose, cut within a function, is not put together
        return raw
    lines = text(cell).split("\n")
    body = max((i for i, line in enumerate(lines) if '"""' in line), default=len(lines))
    cuts = sorted(
        rng.sample(range(body + 1, len(lines)), max(0, min(count - 1, len(lines) - body - 1)))
    )
    parts = [lines[a:b] for a, b in zip([0, *cuts], [*cuts, len(lines)], strict=True)]
    cells = []
    for number, part in enumerate(parts):
        one = deepcopy(cell) if keep or not number else code("")
        one["source"] = "\n".join(part)
        if number:
            one["id"] = f"split-{number}"
        cells.append(one)
    raw["cells"][place : place + 1] = cells
    return raw


@of_cells
def split_off_what_stands_before(raw, rng):
    """An answer's symbols stay in its cell, its function goes into the next."""
    for place in sorted(answers(raw), reverse=True):
        source = text(raw["cells"][place])
        try:
            nodes = ast.parse(source).body
        except SyntaxError:
            continue
        if len(nodes) > 1:
            lines, cut = source.split("\n"), nodes[-1].lineno - 1
            raw["cells"][place]["source"] = "\n".join(lines[:cut])
            raw["cells"].insert(place + 1, code("\n".join(lines[cut:])))
    return raw


@of_cells
def merged_with_the_next(raw, rng):
    place = one_answer(raw, rng)
    after = place + 1
    while after < len(raw["cells"]) and raw["cells"][after]["cell_type"] != "code":
        after += 1
    if after < len(raw["cells"]):
        one, other = raw["cells"][place], raw["cells"].pop(after)
        one["source"] = f"{text(one)}\n\n{text(other)}"
    return raw


@of_cells
def merged_into_the_one_before(raw, rng):
    place = one_answer(raw, rng)
    before = place - 1
    while before >= 0 and raw["cells"][before]["cell_type"] != "code":
        before -= 1
    if before >= 0:
        one, other = raw["cells"][before], raw["cells"].pop(place)
        one["source"] = f"{text(one)}\n\n{text(other)}"
    return raw


@of_cells
def merged_with_its_question(raw, rng):
    kinds = [cell["cell_type"] for cell in raw["cells"]]
    if places := [i for i in answers(raw) if i and kinds[i - 1] == "markdown"]:
        place = rng.choice(places)
        question = raw["cells"].pop(place - 1)
        cell = raw["cells"][place - 1]
        cell["source"] = f"{text(question)}\n\n{text(cell)}"
    return raw


@of_cells
def two_answers_in_one_cell(raw, rng):
    if len(places := answers(raw)) < 2:
        return raw
    first, second = sorted(rng.sample(places, 2))
    one, other = raw["cells"][first], raw["cells"].pop(second)
    one["source"] = f"{text(one)}\n\n{text(other)}"
    return raw


@of_cells
def all_code_in_one_cell(raw, rng):
    cells = [text(cell) for cell in raw["cells"] if cell["cell_type"] == "code"]
    raw["cells"] = [cell for cell in raw["cells"] if cell["cell_type"] != "code"]
    raw["cells"].append(code("\n\n".join(cells)))
    return raw


@of_cells
def all_answers_pasted_at_the_end(raw, rng):
    places = answers(raw)
    pasted = "\n\n".join(text(raw["cells"][place]) for place in places)
    for place in places:
        raw["cells"][place]["source"] = _stub_or_same(raw["cells"][place])
    raw["cells"].append(code(pasted))
    return raw


def _stub_or_same(cell):
    try:
        return stub(text(cell))
    except SyntaxError:
        return text(cell)


@of_cells
def a_copy_below(raw, rng):
    place = one_answer(raw, rng)
    raw["cells"].insert(place + 1, deepcopy(raw["cells"][place]))
    return raw


@of_cells
def a_wrong_one_above(raw, rng):
    place = one_answer(raw, rng)
    cell = deepcopy(raw["cells"][place])
    try:
        cell["source"] = wrong(text(cell))
    except SyntaxError:
        return raw
    raw["cells"].insert(place, cell)
    return raw


@of_cells
def the_right_one_pasted_at_the_end(raw, rng):
    place = one_answer(raw, rng)
    cell = raw["cells"][place]
    raw["cells"].append(code(text(cell)))
    try:
        cell["source"] = wrong(text(cell))
    except SyntaxError:
        raw["cells"].pop()
    return raw


@of_cells
def written_below_the_check_and_the_stub_left(raw, rng):
    place = one_answer(raw, rng)
    cell = raw["cells"][place]
    raw["cells"].insert(place + 4, code(text(cell)))
    cell["source"] = _stub_or_same(cell)
    return raw


@of_cells
def the_stub_pasted_again(raw, rng):
    place = one_answer(raw, rng)
    raw["cells"].insert(place + 3, code(_stub_or_same(raw["cells"][place])))
    return raw


@of_cells
def an_answer_moved_to_the_end(raw, rng):
    raw["cells"].append(raw["cells"].pop(one_answer(raw, rng)))
    return raw


@of_cells
def an_answer_moved_to_the_top(raw, rng):
    raw["cells"].insert(0, raw["cells"].pop(one_answer(raw, rng)))
    return raw


@of_cells
def shuffled(raw, rng):
    rng.shuffle(raw["cells"])
    return raw


@of_cells
def upside_down(raw, rng):
    raw["cells"].reverse()
    return raw


@of_cells
def nothing_but_answers(raw, rng):
    raw["cells"] = [raw["cells"][place] for place in answers(raw)]
    return raw


@of_cells
def no_checks(raw, rng):
    raw["cells"] = [cell for cell in raw["cells"] if not text(cell).startswith("check.")]
    return raw


@of_cells
def checks_that_always_give_points(raw, rng):
    for cell in raw["cells"]:
        if text(cell).startswith("check."):
            cell["source"] = "from backpass.checks import Score\nScore(99, 99, 'Right.')"
    return raw


@of_cells
def given_code_changed(raw, rng):
    for cell in raw["cells"]:
        mark = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "code" and mark.get("locked") and not mark.get("grade"):
            cell["source"] = text(cell).replace("0", "7")
    return raw


@of_cells
def more_imports_at_the_top(raw, rng):
    for cell in raw["cells"]:
        if cell["cell_type"] == "code" and "import numpy" in text(cell):
            cell["source"] = f"import math\n{text(cell)}\nfrom functools import reduce"
    return raw


@of_cells
def an_answer_in_markdown(raw, rng):
    return _as(raw, rng, "markdown", "```python\n{}\n```")


@of_cells
def an_answer_in_bare_markdown(raw, rng):
    return _as(raw, rng, "markdown", "{}")


@of_cells
def an_answer_in_a_raw_cell(raw, rng):
    return _as(raw, rng, "raw", "{}")


@of_cells
def an_answer_with_words_around_it(raw, rng):
    return _as(raw, rng, "markdown", "This is what I did:\n\n```\n{}\n```\nIt works, does it not?")


def _as(raw, rng, kind, form):
    place = one_answer(raw, rng)
    cell = raw["cells"][place]
    raw["cells"][place] = {"cell_type": kind, "metadata": cell["metadata"], "id": f"{kind}-{place}",
                           "source": form.format(text(cell))}  # fmt: skip
    return raw


@of_cells
def everything_is_code(raw, rng):
    for place, cell in enumerate(raw["cells"]):
        if cell["cell_type"] != "code":
            raw["cells"][place] = code(text(cell), **cell["metadata"]) | {"id": f"code-{place}"}
    return raw


@of_cells
def everything_is_raw(raw, rng):
    for place, cell in enumerate(raw["cells"]):
        raw["cells"][place] = {"cell_type": "raw", "metadata": cell["metadata"],
                               "id": f"raw-{place}", "source": text(cell)}  # fmt: skip
    return raw


@of_cells
def all_of_it_in_one_markdown_cell(raw, rng):
    raw["cells"] = [prose("\n\n".join(text(cell) for cell in raw["cells"]))]
    return raw


@of_cells
def all_of_it_in_one_code_cell(raw, rng):
    raw["cells"] = [code("\n\n".join(text(cell) for cell in raw["cells"]))]
    return raw


@of_cells
def typed_over_the_check(raw, rng):
    cells = raw["cells"]
    checks = {place for place, cell in enumerate(cells) if text(cell).startswith("check.")}
    places = [place for place in answers(raw) if place + 2 in checks]
    if places:
        place = rng.choice(places)
        cells[place + 2]["source"], cells[place]["source"] = text(cells[place]), ""
    return raw


@of_cells
def magics(raw, rng):
    for place in answers(raw):
        cell = raw["cells"][place]
        head = rng.choice(["%%time\n", "%matplotlib inline\n", "!pip install numpy\n", "?print\n"])
        cell["source"] = head + text(cell)
    return raw


@of_cells
def indented_as_a_whole(raw, rng):
    cell = raw["cells"][one_answer(raw, rng)]
    cell["source"] = "\n".join(f"    {line}" for line in text(cell).split("\n"))
    return raw


@of_cells
def spaces_that_do_not_break(raw, rng):
    cell = raw["cells"][one_answer(raw, rng)]
    cell["source"] = text(cell).replace("    ", "\xa0   ", 3).replace("return ", "return\xa0")
    return raw


@of_cells
def lines_of_windows(raw, rng):
    for cell in raw["cells"]:
        cell["source"] = text(cell).replace("\n", "\r\n")
    return raw


@of_cells
def formatted_anew(raw, rng):
    for cell in raw["cells"]:
        if cell["cell_type"] == "code":
            try:
                cell["source"] = ast.unparse(ast.parse(text(cell)))
            except SyntaxError:
                continue
    return raw


@of_cells
def scratch_between(raw, rng):
    scratch = [
        "",
        "x = 1 +",
        "print(undefined_name)",
        "1 / 0",
        "Notes to myself",
        "# later",
        "help(sum)",
    ]
    for place in range(len(raw["cells"]), 0, -3):
        raw["cells"].insert(place, code(rng.choice(scratch)))
        raw["cells"].insert(place, prose("Some notes."))
    return raw


@of_cells
def a_name_taken_for_something_else(raw, rng):
    """In a cell below: ``f = f(1)``, or a number."""
    place = one_answer(raw, rng)
    try:
        name = ast.parse(text(raw["cells"][place])).body[-1].name
    except (SyntaxError, AttributeError, IndexError):
        return raw
    raw["cells"].insert(place + 1, code(rng.choice([f"{name} = {name}(1)", f"{name} = 3"])))
    return raw


@of_cells
def all_of_it_twice(raw, rng):
    raw["cells"] = [*raw["cells"], *deepcopy(raw["cells"])]
    return raw


@of_cells
def a_syntax_error_beside_an_answer(raw, rng):
    cell = raw["cells"][one_answer(raw, rng)]
    cell["source"] = f"{text(cell)}\n\nprint 'done'"
    return raw


@of_cells
def marks_of_a_merge_around_an_answer(raw, rng):
    cell = raw["cells"][one_answer(raw, rng)]
    body = text(cell)
    cell["source"] = f"<<<<<<< HEAD\n{_stub_or_same(cell)}\n=======\n{body}\n>>>>>>> other"
    return raw


def dumped(raw):
    return json.dumps(raw, ensure_ascii=False, indent=1)


@of_files
def as_it_is(raw, rng):
    return dumped(raw).encode()


@of_files
def byte_order_mark(raw, rng):
    return b"\xef\xbb\xbf" + dumped(raw).encode()


@of_files
def utf_16(raw, rng):
    return dumped(raw).encode("utf-16")


@of_files
def utf_16_without_a_mark(raw, rng):
    return dumped(raw).encode("utf-16-be")


@of_files
def cp1252(raw, rng):
    return dumped(raw).encode("cp1252", errors="replace")


@of_files
def utf_8_read_as_latin_1(raw, rng):
    return dumped(raw).encode().decode("latin-1").encode()


@of_files
def a_bad_byte(raw, rng):
    return dumped(raw).encode().replace(b'"# Exercises', b'"# \xff Exercises', 1)


@of_files
def windows_and_a_tail(raw, rng):
    return dumped(raw).replace("\n", "\r\n").encode() + b"\r\n}\r\n \x00"


@of_files
def format_3(raw, rng):
    cells = []
    for cell in raw["cells"]:
        cell = {key: value for key, value in cell.items() if key != "id"}
        if cell["cell_type"] == "code":
            cell["input"] = cell.pop("source")
            cell["language"] = "python"
            cell["prompt_number"] = cell.pop("execution_count", None)
        cells.append(cell)
    old = {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0}
    return dumped(old | {"worksheets": [{"cells": cells, "metadata": {}}]}).encode()


@of_files
def a_merge_of_outputs(raw, rng):
    lines = dumped(raw).split("\n")
    place = next(i for i, line in enumerate(lines) if '"metadata"' in line)
    found = lines[place]
    lines[place : place + 1] = ["<<<<<<< HEAD", found, "=======", found, ">>>>>>> 0a1b2c"]
    return "\n".join(lines).encode()


@of_files
def lines_without_ends(raw, rng):
    cells = [cell | {"source": text(cell).split("\n")} for cell in raw["cells"]]
    return dumped(raw | {"cells": cells}).encode()
