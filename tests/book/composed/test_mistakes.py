"""The instructor's table has every mistake, and an answer that is told so."""

import html
import re

import pytest
from places import ROOT
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from backpass.book.composed import mistakes
from backpass.checks import chapters

CHAPTERS = chapters()
PAGE = ROOT / "pages" / "mistakes.md"
CONF = """from backpass.book.composed import mistakes
from backpass.book.text import further
extensions = ["myst_parser"]
def setup(app):
    app.add_config_value("backpass_edition", "full", "env")
    further.setup(app)
    mistakes.setup(app)
"""


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_there_is_an_answer_to_each_mistake(chapter):
    for slug, exercise in CHAPTERS[chapter].items():
        answers, _ = mistakes.found(ROOT / "tests" / "checks" / chapter, slug)
        answers |= mistakes.misjudged(exercise)
        for name in exercise.mistakes.keys() - answers.keys():
            assert exercise(name).mistakes == (name,), (slug, name)  # a choice


def test_a_sentence_judged_wrongly_is_the_answer():
    check = CHAPTERS["sigmoid_and_tanh"]["experiment"]
    found = mistakes.misjudged(check)
    assert found["mean-grows"] == '"d": True'
    assert set(found) == set(check.mistakes)
    assert mistakes.misjudged(CHAPTERS["sigmoid_and_tanh"]["centre"]) == {}


def test_an_answer_is_that_of_the_test_itself_whole_if_it_has_a_name(tmp_path):
    shared = "TOGETHER = {'both': 1, 'late': 2}\ndef slow(x):\n    pass"
    (tmp_path / "answers.py").write_text(shared)
    (tmp_path / "test_one.py").write_text(
        "def late(x):\n    return x[1:]\nOTHER = {'sign': 0}\nWRONG = {'sign': lambda x: -x,"
        " 'late': late, 'more': changed(1,  b=2)} | TOGETHER\nWRONG['slow'] = slow"
    )
    answers, paths = mistakes.found(tmp_path, "one")
    assert [path.name for path in paths] == ["test_one.py", "answers.py"]
    assert answers == {
        "sign": "lambda x: -x", "late": "def late(x):\n    return x[1:]",
        "more": "changed(1, b=2)", "both": "1", "slow": "def slow(x):\n    pass",
    }  # fmt: skip


def built(folder, text, **settings):
    """The text of a page, built."""
    (folder / "tests").symlink_to(ROOT / "tests")
    (folder / "conf.py").write_text(CONF)
    (folder / "index.md").write_text(text)
    out = folder / "out"
    with docutils_namespace():
        Sphinx(folder, folder, out, out, "html", settings, None, warningiserror=True).build()
    page = (out / "index.html").read_text(encoding="utf-8")
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", page)).replace("’", "'").split())


@pytest.mark.slow
def test_the_page_has_a_row_for_every_mistake(tmp_path):
    page = built(tmp_path, PAGE.read_text(encoding="utf-8").replace("(api/gradcheck.md)", ""))
    for exercises in CHAPTERS.values():
        for exercise in exercises.values():
            assert f"{exercise.title} ({exercise.kind}, " in page
            assert f" {len(exercise.mistakes)} mistake" in page
            for name, sentence in exercise.mistakes.items():
                said = re.split(r" Section:|[`*_^]", sentence)[0]
                said = said.replace("’", "'").split()
                assert " ".join([name, *said[:5]]) in page


def test_a_stressed_word_has_no_stars():
    words = [*mistakes._words("The sum of *all* 2 * 3 `a *b*` is *one*. Section: “Sums”.")]
    assert [word.astext() for word in words if word.tagname == "emphasis"] == ["all", "one"]
    assert "".join(word.astext() for word in words) == "The sum of all 2 * 3 a *b* is one."


def test_the_student_edition_has_no_row(tmp_path):
    page = built(tmp_path, "# Bptt\n\n```{mistakes} bptt\n```\n", backpass_edition="student")
    assert mistakes.LEFT_OUT in page
    assert "lambda" not in page
