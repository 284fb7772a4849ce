"""What a page is made of, what it loads, and how much that weighs."""

import gzip
import html
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from books import build_book
from browser import chromium
from docutils import nodes

from backpass.book import formulas, katex, pages


def test_punctuation_stays_with_its_formula(page):
    assert re.search(r'<span class="tied">.*?</span>,</span> then', page)
    prose = re.sub("<[^>]*>", "", page)
    assert re.search(r"A word\. For x\S*\. For y\S* ever\.", prose)


@pytest.mark.parametrize(
    ("before", "formula", "after", "tied", "left"),
    [
        ("for (", "U", ", then", ("(", ","), ("for ", " then")),
        ("its ", "i", "-th output", ("", "-th"), ("its ", " output")),
        ("of ", r"\lVert J^k\rVert^{1/k} \to \rho(J)", ". But", ("", "."), ("of ", " But")),
        ("with ", r"\delta", " and", None, ("with ", " and")),
        (
            "a ",
            r"\begin{pmatrix} w_{00} & w_{01} \\ w_{10} & w_{11} \end{pmatrix}",
            ", a",
            ("", ","),
            ("a ", " a"),
        ),
        ("as ", r"a = b + c + d + e + f + g + h + i", ", or", ("", ","), ("as ", " or")),
    ],
)
def test_a_formula_has_what_stands_against_it_if_it_is_short(before, formula, after, tied, left):
    math = nodes.math("", formula)
    line = nodes.paragraph("", "", nodes.Text(before), math, nodes.Text(after))
    pages.tie(math)
    assert math.get("tied") == tied
    assert (line[0], line[2]) == left
    assert ("long" in math) == (after == ", or")


def test_neither_does_a_line_of_what_is_printed_and_not_in_columns():
    def output(text, *classes):
        return nodes.literal_block(text, text, classes=[*classes])

    document = nodes.document(None, None)
    printed = (["x = 1", "stream"], ["a  b  c\n1  2  = 3", "stream"], ["x = 1", "code"])
    document += [output(*one) for one in printed]
    pages.typeset(SimpleNamespace(builder=SimpleNamespace(format="html")), document, "one")
    assert [one.astext() for one in document] == ["x\xa0=\xa01", "a  b  c\n1  2  = 3", "x = 1"]
    assert all(one.rawsource == one.astext() for one in document)  # or it is not set as printed
    assert ["aligned" in one["classes"] for one in document] == [False, True, False]


@pytest.mark.browser
def test_no_line_begins_with_the_comma_after_a_long_formula():
    tex = r"\partial L/\partial w = \sum_t \delta_t h_t + \sum_k \delta_k + g_k"
    line = nodes.paragraph("", "", nodes.Text("("), nodes.math("", tex), nodes.Text("), and so on"))
    pages.tie(line[1])
    assert "long" in line[1]
    writer = SimpleNamespace(body=[])
    with pytest.raises(nodes.SkipNode):
        formulas.visit_math(writer, line[1])
    (html,) = writer.body
    assert html.count("katex-base") == katex.render(tex).count("katex-base") == 4
    style = (pages.THEME / "static/book.css").read_text() + ".katex-mathml { display: none }"
    style += ".katex-base { display: inline-block }"
    begins = """() => {
        const line = document.querySelector("p");
        const found = [];
        for (let width = 150; width < 500; width += 2) {
            line.style.width = `${width}px`;
            const signs = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
            while (signs.nextNode()) {
                const at = signs.currentNode.data.indexOf("),");
                if (at < 0) continue;
                const sign = document.createRange();
                sign.setStart(signs.currentNode, at);
                sign.setEnd(signs.currentNode, at + 1);
                const left = line.getBoundingClientRect().left;
                if (sign.getClientRects()[0].left - left < 1) found.push(width);
            }
        }
        return found;
    }"""
    with chromium() as browser:
        tab = browser.new_page()
        found = []
        for shown in (html, f'(<span class="long">{katex.render(tex)}</span>),'):
            tab.set_content(f"<style>{style}</style><p>{shown} and so on</p>")
            found.append(tab.evaluate(begins))
    assert found[0] == []
    assert found[1] != []  # which is what would be


def test_a_table_scrolls_in_a_box_of_its_own(page):
    assert re.search(r'<div class="table[^"]*">\s*<table', page)


def made_table(*rows):
    group = nodes.tgroup("", *(nodes.colspec() for _ in rows[0]), cols=len(rows[0]))
    made = [nodes.row("", *(nodes.entry("", *([nodes.paragraph("", cell)] if cell else []))
                            for cell in row)) for row in rows]  # fmt: skip
    group += [nodes.thead("", made[0]), nodes.tbody("", *made[1:])]
    return nodes.table("", group)


def test_a_first_column_without_a_name_holds_the_names_of_its_rows():
    named, nameless = made_table(["a", "b"], ["1", "2"]), made_table(["", "b"], ["1", "2"])
    for table in (named, nameless):
        pages.name_rows(table)
    assert [[bool(col.get("stub")) for col in table.findall(nodes.colspec)]
            for table in (named, nameless)] == [[False, False], [True, False]]  # fmt: skip


def test_cells_of_a_table_of_prose_have_the_names_of_their_columns():
    long = made_table(["chapter", "reported", "came out?"], ["One", "a word " * 20, "yes"],
                      ["", "more", ""])  # fmt: skip
    pages.name_cells(long)
    names = [node.astext() for node in long.findall(nodes.inline)]
    assert names == ["reported", "came out?", "reported"]  # what is empty needs no name


def test_a_formula_in_the_name_of_a_column_stays_one():
    long = made_table(["net", "", "state"], ["One", "tanh", "a word " * 20])
    head = next(long.findall(nodes.thead))
    head[0][1] += nodes.paragraph("", "", nodes.math("", r"\varphi"))
    pages.name_cells(long)
    (first, _) = long.findall(nodes.inline)
    assert isinstance(first[0], nodes.math)
    assert len(list(long.findall(nodes.math))) == 2  # the head has its own
    assert "wide" in long["classes"]
    for short in (
        made_table(["a", "b", "c"], ["1", "2", "3"]),
        made_table(["a", "b"], ["x" * 90] * 2),
    ):
        pages.name_cells(short)
        assert not short["classes"]
        assert not list(short.findall(nodes.inline))


@pytest.mark.parametrize(
    ("text", "aligned"),
    [
        ("rate   steps   loss\n0.1       20   0.02\n0.2       11   0.01", True),
        ("name     1     2\nplain  0.1   0.2", True),
        ("one line   with    gaps", False),
        ("a line\nand   another  with gaps\nand a third", False),
        ("a = 1.0   h = 2.0\nb = 1.0   k = 2.0", False),  # pairs, not columns
        ("S = 1    S = 2\n[1 2]    [2 1]\n[2 4]    [4 2]", True),
        ("(array([[-0.19,  1.8 ],\n       [ 1.5 ,  0.2 ]]), array([0.58]))", True),
        ("[1, 2]\n[3, 4]", False),
        ("S = 1   S = 2\n[1 2]    [2 1]\n[2 4]     [4 2]", False),
    ],
)
def test_lines_in_columns_are_told_from_lines_that_may_break(text, aligned):
    assert pages.is_aligned(text) == aligned


#: A phone lays out about so many elements in a tenth of a second.
ELEMENTS = 15_000


def test_no_page_has_more_elements_than_a_phone_shows_at_once(book):
    for path in book.rglob("*.html"):
        count = len(re.findall("<[a-z]", path.read_text(encoding="utf-8")))
        assert count < ELEMENTS, path.name


def test_stderr_is_not_part_of_the_book(page):
    assert "noise for stderr" not in re.sub(r"<pre>.*?</pre>", "", page, count=0, flags=re.S)
    assert 'class="output stderr' not in page


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("chapters/bptt", "bptt.ipynb"),
        ("exercises/bptt/bptt", "bptt-exercises.ipynb"),
        ("solutions/bptt/bptt", "bptt-solutions.ipynb"),
    ],
)
def test_each_notebook_is_saved_under_a_name_of_its_own(book, page, name):
    assert pages.download_name(page) == name
    assert f'download="{name}"' in (book / f"{page}.html").read_text(encoding="utf-8")


def test_each_page_says_in_its_head_what_it_is_about(book):
    said = {}
    for path in book.rglob("*.html"):
        name = path.relative_to(book).as_posix()
        found = re.findall('<meta name="description" content="([^"]*)">', path.read_text("utf-8"))
        if name != "index.html":
            assert len(found) == 1
            assert 20 <= len(html.unescape(found[0])) <= pages.DESCRIBED, name
            said[name] = found[0]
    told = [text for name, text in said.items() if name.startswith("chapters/")]
    assert len(set(told)) == len(told) >= 6
    assert "canonical" not in (book / "intro.html").read_text(encoding="utf-8")  # no address


def test_where_the_address_is_known_each_page_says_it(own):
    config = own / "_config.yml"
    address = 'baseurl: "https://book.example/gradients"'
    config.write_text(config.read_text().replace('baseurl: ""', address))
    assert build_book(own, own).returncode == 0
    built, root = own / "_build/html", "https://book.example/gradients"
    page = (built / "chapters/one.html").read_text(encoding="utf-8")
    assert f'<link rel="canonical" href="{root}/chapters/one.html">' in page
    listed = re.findall("<loc>(.*?)</loc>", (built / "sitemap.xml").read_text(encoding="utf-8"))
    assert {f"{root}/intro.html", f"{root}/chapters/one.html"} <= set(listed)
    assert all((built / url.removeprefix(root).lstrip("/")).is_file() for url in listed)


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


def test_nothing_is_loaded_from_another_origin(tiny):
    assert foreign(tiny / "_build/html") == []


def test_the_scan_for_other_origins_sees_them(tmp_path):
    (tmp_path / "a.html").write_text('<script defer src="https://a.example/x.js"></script>')
    (tmp_path / "b.css").write_text("@font-face { src: url(//b.example/f.woff2) }")
    (tmp_path / "c.js").write_text('import("https://c.example/m.js"); fetch("https://d.example")')
    (tmp_path / "d.html").write_text('<a href="https://e.example">a link is no request</a>')
    assert len(foreign(tmp_path)) == 4


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
