"""In their pages, solutions and mistakes have the words and points that CPython gives them."""

import re

import pytest
from places import ROOT
from pressed import STAGES, solved, spoilt
from working import answer, exercise, fill_in, opened, press

pytestmark = pytest.mark.browser

CHAPTERS = sorted(path.stem for path in ROOT.glob("exercises/*/*.ipynb"))


def plain(tab, html):
    """The words of a check as a browser writes them, its links left out."""
    written = "html => { const box = document.createElement('p'); box.innerHTML = html;"
    return re.sub(r"</?a\b[^>]*>", "", tab.evaluate(written + " return box.innerHTML }", html))


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


class AllSolved:
    """Where the book is, and what its pages load there, subclasses say."""

    def test_what_is_answered_has_the_points_and_words_that_it_has_elsewhere(
        self, browser, places, told, tmp_path
    ):
        here = places[self.place]
        pages = [f"{here}/exercises/{name}/{name}.html" for name in CHAPTERS]
        frames = "".join(
            f'<iframe src="{page}" width="1280" height="900"></iframe>' for page in pages
        )
        (tmp_path / "all.html").write_text(frames, encoding="utf-8")
        all_ = opened(browser, here)
        all_.context.add_init_script(SHARED)
        all_.context.add_init_script(self.script)
        all_.goto((tmp_path / "all.html").as_uri())
        for chapter, page in zip(CHAPTERS, pages, strict=True):
            self.solutions_and_a_mistake(all_.frame(url=page), chapter, *told(chapter))
        all_.watch.requests.remove((tmp_path / "all.html").as_uri())
        loaded = " ".join(all_.watch.requests)
        assert "symbolic-0.bin" in loaded
        assert ("numpy.zip" in loaded) is self.starts_anew
        assert all(url.startswith((here, "blob:")) for url in all_.watch.requests)
        assert all_.watch.complaints == []

        # What has been loaded needs no network.
        all_.watch.clear()
        all_.context.set_offline(True)
        section = exercise(all_.frame(url=pages[0]), "two_paths")
        assert "2 of 2" in press(section, "check").inner_text()
        assert all_.watch.requests == []
        all_.context.close()

    def solutions_and_a_mistake(self, page, chapter, right, wrong):
        """Answer all of a sheet rightly, then one exercise wrongly, and compare what is told."""
        sections = {
            section.locator(".editable").first.get_attribute("data-cell"): section
            for section in page.locator("section.exercise").all()
        }
        assert [*sections] == [*right]
        assert len(sections) >= 10
        self.write(page, sections, solved(chapter))
        for name, section in sections.items():
            words = press(section, "check", by_hand=False).inner_html()
            assert plain(page, words) == plain(page, right[name]["html"]), (chapter, name)
        most = page.locator(".sum").get_attribute("data-most")
        assert page.locator(".sum").inner_text() == f"{most} of {most} points"

        name, text = spoilt(chapter)
        answer(sections[name], text)
        words = [press(sections[name], action, by_hand=False).inner_html() for action in STAGES]
        expected = [plain(page, one["html"]) for one in wrong]
        assert [plain(page, one) for one in words] == expected, chapter
        assert len(set(words)) == len(STAGES)


class TestServed(AllSolved):
    """Python starts anew, and the answers are typed."""

    place, starts_anew, script = "served", True, ""

    def write(self, page, sections, texts):
        fill_in(page, texts)


class TestFromDisk(AllSolved):
    """Python begins with its memory, and the page is given the answers."""

    place, starts_anew, script = "from disk", False, SYMBOLIC

    def write(self, page, sections, texts):
        for name, section in sections.items():
            answer(section, texts[name])
        fill_in(page, {name: text for name, text in texts.items() if name not in sections})
