"""In their pages, solutions and mistakes have the words and points that CPython gives them."""

import functools
import re
from unittest import mock

import pytest
from places import ROOT
from working import answer, cells, exercise, fill_in, opened, press, solved

from backpass import checks
from backpass.book.in_page.sheet import Sheet

pytestmark = pytest.mark.browser

CHAPTERS = sorted(path.stem for path in ROOT.glob("exercises/*/*.ipynb"))


def plain(tab, html):
    """The words of a check as a browser writes them, its links left out."""
    written = "html => { const box = document.createElement('p'); box.innerHTML = html;"
    return re.sub(r"</?a\b[^>]*>", "", tab.evaluate(written + " return box.innerHTML }", html))


#: Of each chapter an exercise, whose answer is spoilt by a sign.
SPOILT = {
    "backpropagation": "backward-pass",
    "bptt": "bptt",
    "minibatches": "accumulate",
    "relu_cnn_rnn": "conv-gradients",
    "residual_networks": "block-backward",
    "sigmoid_and_tanh": "layer-backward",
    "softmax_cross_entropy": "logit-gradient",
    "why_gradients": "estimate",
}
SPOIL = """

right = {name}


def {name}(*given):
    found = right(*given)
    return tuple(-one for one in found) if isinstance(found, tuple | list) else -found
"""

#: Frames of one page share the Python of the first: to load it for each takes long. Threads that
#: gather its memory are the first one's own.
SHARED = """
if (parent !== window) {
    const Real = Worker, first = parent.frames[0] === window;
    let real, mine, asking;
    const pass = (data, from) => {
        asking = from;
        real.postMessage(data);
    };
    addEventListener("message", ({ data, source }) => {
        if (data.pass) pass(data.pass, source);
        else if (data.back) mine.onmessage({ data: data.back });
    });
    const told = ({ data }) => {
        if (asking === window) mine.onmessage({ data });
        else asking.postMessage({ back: data }, "*");
    };
    globalThis.Worker = function (...given) {
        const own = first ? new Real(...given) : undefined;
        return {
            terminate() {},
            postMessage(data) {
                if (this.gathers ||= "gather" in data) {
                    own?.postMessage(data);
                    if (own) own.onmessage = (event) => this.onmessage(event);
                    return;
                }
                mine = this;
                if (first && !real) Object.assign(real = own, { onmessage: told });
                if (first) pass(data, window);
                else parent.frames[0].postMessage({ pass: data }, "*");
            },
        };
    };
}
"""
#: What has Python begin with SymPy in its memory, from disk, whatever is answered first.
SYMBOLIC = """
addEventListener("DOMContentLoaded", () => {
    for (const one of document.querySelectorAll("section.exercise")) one.dataset.symbolic = "";
});
"""


@pytest.mark.parametrize("place", ["served", "from disk"])
def test_what_is_answered_has_the_points_and_words_that_it_has_elsewhere(
    browser, places, place, tmp_path
):
    pages = [f"{places[place]}/exercises/{name}/{name}.html" for name in CHAPTERS]
    frames = "".join(f'<iframe src="{page}" width="1280" height="900"></iframe>' for page in pages)
    (tmp_path / "all.html").write_text(frames, encoding="utf-8")
    all_ = opened(browser, places[place])
    all_.context.add_init_script(SHARED)
    if place == "from disk":
        all_.context.add_init_script(SYMBOLIC)
    all_.goto((tmp_path / "all.html").as_uri())
    for chapter, page in zip(CHAPTERS, pages, strict=True):
        solutions_and_a_mistake(all_.frame(url=page), chapter)
    all_.watch.requests.remove((tmp_path / "all.html").as_uri())
    loaded = " ".join(all_.watch.requests)
    assert "symbolic-0.bin" in loaded
    assert ("numpy.zip" in loaded) is (place == "served")
    assert all(url.startswith((places[place], "blob:")) for url in all_.watch.requests)
    assert all_.watch.complaints == []

    # What has been loaded needs no network.
    all_.watch.clear()
    all_.context.set_offline(True)
    section = exercise(all_.frame(url=pages[0]), "two_paths")
    assert "2 of 2" in press(section, "check").inner_text()
    assert all_.watch.requests == []
    all_.context.close()


@functools.cache
def spoilt(chapter):
    """The answer that is wrong, and its text."""
    name = SPOILT[chapter]
    text = solved(chapter)[name]
    return name, text + SPOIL.format(name=re.search(r"^def (\w+)", text, re.M)[1])


@functools.cache
def elsewhere(chapter):
    """What this Python tells of each solution, then of the one that is spoilt, and of it again."""
    texts, here = solved(chapter), Sheet(cells("exercises", chapter))
    answers = [
        cell["id"]
        for cell in cells("exercises", chapter)
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution")
    ]
    with mock.patch.object(checks.settings, "at_once", False):
        right = {name: here.press(name, "check", texts)["html"] for name in answers}
        name, text = spoilt(chapter)
        with mock.patch.object(checks.chapters()[chapter][name.replace("-", "_")], "told", {}):
            texts |= {name: text}
            wrong = [here.press(name, action, texts)["html"] for action in STAGES]
    return right, wrong


STAGES = ("check", "check", "hint")


def solutions_and_a_mistake(page, chapter):
    """Answer all of a sheet rightly, then one exercise wrongly, and compare what is told.

    Served, the answers are typed; from disk the page is given them.
    """
    right, wrong = elsewhere(chapter)
    sections = {
        section.locator(".editable").first.get_attribute("data-cell"): section
        for section in page.locator("section.exercise").all()
    }
    assert [*sections] == [*right]
    assert len(sections) >= 10
    if page.url.startswith("file:"):
        for name, section in sections.items():
            answer(section, solved(chapter)[name])
        fill_in(
            page, {name: text for name, text in solved(chapter).items() if name not in sections}
        )
    else:
        fill_in(page, solved(chapter))
    for name, section in sections.items():
        told = press(section, "check", by_hand=False).inner_html()
        assert plain(page, told) == plain(page, right[name]), (chapter, name)
    most = page.locator(".sum").get_attribute("data-most")
    assert page.locator(".sum").inner_text() == f"{most} of {most} points"

    name, text = spoilt(chapter)
    answer(sections[name], text)
    told = [press(sections[name], action, by_hand=False).inner_html() for action in STAGES]
    assert [plain(page, one) for one in told] == [plain(page, one) for one in wrong], chapter
    assert len(set(told)) == len(STAGES)
