import re
from urllib.parse import unquote

import pytest
from accessibility import faults
from browser import Watch, chromium
from course.classes import class_
from course.made import result, ungradable
from course.payloads import PAYLOADS

from backpass.course.errors import CourseError
from backpass.course.gradebook.book import Manual
from backpass.course.gradebook.standing import Standing
from backpass.course.pages.write import write
from backpass.course.results import Mark, Open


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def tab(browser):
    context = browser.new_context()
    tab = context.new_page()
    tab.watch = Watch(context)
    yield tab
    context.close()


def hostile(text):
    """A student who tries everywhere."""
    marks = (Mark(text, 1.0, 2.0, (text,), (text,)),)
    given = {"open-question": Manual(1.0, text, text, "")}
    graded = result(text, marks=marks, notes=(text,), open=(Open("open-question", 4.0, text),))
    return Standing(graded, given)


def test_all_pages_are_found_from_the_index(tmp_path):
    standings = [*class_(size=9), Standing(ungradable("../../Eve", "softmax_cross_entropy"))]
    index = write(standings, tmp_path, {"bptt": "Why go back?"})
    links = re.findall('href="([^"]+)"', index.read_text(encoding="utf-8"))
    assert {tmp_path / unquote(link) for link in links} | {index} == set(tmp_path.rglob("*.html"))
    assert len(links) == 12
    assert "<h2>Why go back?</h2>" in index.read_text(encoding="utf-8")


def test_an_empty_gradebook_has_an_index(tmp_path):
    assert "Nothing was graded yet." in write([], tmp_path).read_text(encoding="utf-8")


def test_the_page_of_who_is_not_there_any_more_goes(tmp_path):
    write([Standing(result("Li Wei")), Standing(result("Ada"))], tmp_path)
    folder = tmp_path / "feedback" / "bptt"
    [old] = folder.glob("li-wei-*.html")
    page = old.read_bytes()
    kept = {
        "a copy.html": page,
        f"{old.stem[:-1]}x.html": page,
        "mine.html": b"<p>Well done.</p>",
        "empty.html": b"",
        "notes.txt": page,
    }
    for name, content in kept.items():
        (folder / name).write_bytes(content)
    (folder / "a folder.html").mkdir()
    write([Standing(result(name)) for name in ("Li Wei (17)", "Li Wei (18)", "Ada")], tmp_path)
    assert not old.exists()
    assert {name: (folder / name).read_bytes() for name in kept} == kept
    assert len(list(folder.iterdir())) == 3 + len(kept) + 1


@pytest.mark.parametrize("change", [(b"points", b"marks"), (b"</html>", b"</html>\n<!-- mine -->")])
def test_a_page_that_somebody_changed_stays(tmp_path, change):
    write([Standing(result("Li Wei"))], tmp_path)
    [old] = tmp_path.glob("feedback/bptt/*.html")
    old.write_bytes(content := old.read_bytes().replace(*change))
    write([Standing(result("Li Wei (17)"))], tmp_path)
    assert old.read_bytes() == content


def test_another_chapters_pages_stay(tmp_path):
    write([Standing(result("Ada")), Standing(result("Bob", "softmax_cross_entropy"))], tmp_path)
    write([Standing(result("Eve"))], tmp_path)
    assert len(list(tmp_path.glob("feedback/*/*.html"))) == 2


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "feedback").touch()
    with pytest.raises(CourseError, match="cannot be written"):
        write([Standing(result())], tmp_path)


def test_a_name_that_is_no_text_has_a_page(tmp_path):
    write([Standing(result("\udcff"))], tmp_path)
    assert len(list(tmp_path.rglob("*.html"))) == 3


@pytest.mark.browser
def test_no_page_runs_or_fetches_what_a_student_wrote(tab, tmp_path):
    standings = [hostile(text) for text in PAYLOADS]
    standings.append(Standing(ungradable(reason=" ".join(PAYLOADS))))
    index = write(standings, tmp_path)
    assert len(PAYLOADS) >= 25
    dialogs = []
    tab.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for path in [index, tmp_path / "bptt.html", *tmp_path.glob("feedback/*/*.html")]:
        tab.goto(path.as_uri())
        found = tab.evaluate(
            "document.querySelectorAll(`main :is(style, input, video, audio, meta)"
            ", script, img, iframe, object, embed, form, link, base`).length"
        )
        assert (found, tab.title() == "hit") == (0, False), path
    assert dialogs == []
    assert tab.watch.away() == []
    assert tab.watch.complaints == []


@pytest.mark.browser
@pytest.mark.parametrize(
    "markup",
    [
        "<script>document.title = 'hit'</script>",
        "<svg onload=\"document.title = 'hit'\"></svg>",
        "<img src='http://127.0.0.1:9/away' onerror=\"document.title = 'hit'\">",
        "<iframe src='http://127.0.0.1:9/away'></iframe>",
        "<link rel=stylesheet href='http://127.0.0.1:9/away'>",
        "<style>body { background: url(http://127.0.0.1:9/away) }</style>",
        "<p style='background: url(http://127.0.0.1:9/away)'>x</p>",
    ],
)
def test_behind_the_escaping_stands_the_policy(tab, tmp_path, markup):
    [path] = write([Standing(result())], tmp_path).parent.glob("feedback/*/*.html")
    html = path.read_text(encoding="utf-8")
    path.write_text(html.replace("</main>", f"{markup}</main>"), encoding="utf-8")
    tab.goto(path.as_uri())
    tab.wait_for_timeout(50)
    assert tab.title() != "hit"
    assert tab.watch.complaints  # the policy says what it refused
    assert all("violates" in one or "failed" in one for one in tab.watch.complaints)
    assert [url for url in tab.watch.away() if not was_refused(tab, url)] == []


def was_refused(tab, url):
    return any(url in one for one in tab.watch.complaints)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everyone_can_read_the_pages(browser, tmp_path, scheme, width):
    context = browser.new_context(
        offline=True, color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True
    )
    tab = context.new_page()
    standings = [*class_(size=9), Standing(result("x" * 300))]
    index = write(standings, tmp_path)
    feedback = sorted(tmp_path.glob("feedback/*/[axł]*.html"))
    assert len(feedback) == 3
    for path in (index, tmp_path / "bptt.html", *feedback):
        tab.goto(path.as_uri())
        assert faults(tab) == [], path
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()


@pytest.mark.browser
def test_nothing_is_refused_that_the_pages_need(tab, tmp_path):
    write(class_(size=2), tmp_path)
    for path in tmp_path.rglob("*.html"):
        tab.goto(path.as_uri())
        assert tab.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") != "none"
    assert tab.watch.complaints == []
    assert tab.watch.away() == []
