"""What a page does by itself it does in Firefox too: explorers, and exercises worked there."""

import json

import pytest
from firefox import firefox
from places import ROOT

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tab():
    with firefox() as tab:
        yield tab


def test_an_explorer_answers(tab, book):
    tab.goto((book / "chapters/backpropagation.html").as_uri())
    before, after = tab.evaluate("""(async () => {
        const figure = document.querySelector("figure.explorer");
        figure.scrollIntoView();
        const look = () => figure.querySelector("figcaption").textContent;
        const before = look(), slider = figure.querySelector("input[type=range]");
        for (let turn = 0; turn < 200 && look() === before; turn += 1) {
            slider.value = turn % 2 ? slider.min : slider.max;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
            await new Promise((done) => setTimeout(done, 50));
        }
        return [before, look()];
    })()""")
    assert before
    assert after
    assert before != after


def check(tab, text):
    return tab.evaluate(f"""(async () => {{
        const section = document.querySelector("[data-exercise=two_paths]");
        section.answer = {json.dumps(text)};
        section.querySelector("button.check").click();
        while (section.ariaBusy === "true") await new Promise((done) => setTimeout(done, 50));
        return [section.querySelector("[role=status]").textContent, section.answer];
    }})()""")


#: Notes which scripts the page loads from now on.
SCRIPTS = """(() => {
    const append = document.head.append;
    globalThis.asked = [];
    document.head.append = (...all) => {
        globalThis.asked.push(...all.map((one) => one.src));
        return append.apply(document.head, all);
    };
})()"""


@pytest.mark.parametrize("place", ["served", "from disk"])
def test_an_exercise_is_worked_in_its_page(tab, places, place):
    cells = json.loads((ROOT / "solutions/backpropagation/backpropagation.ipynb").read_text())
    (right,) = ("".join(cell["source"]) for cell in cells["cells"] if cell["id"] == "two-paths")
    tab.goto(f"{places[place]}/exercises/backpropagation/backpropagation.html")
    tab.evaluate(SCRIPTS)
    words, text = check(tab, right)
    assert words.startswith("✓ 2 of 2 points")
    assert text == right
    if place == "from disk":  # Python's memory is taken up
        asked = " ".join(tab.evaluate("globalThis.asked"))
        assert "numeric-0.bin" in asked
        assert "numpy.zip" not in asked
    words, _ = check(tab, "def two_paths(*_):\n    return 1")
    assert words.startswith("○ 0 of 2 points")
    assert "should return 3 things" in words
    words, _ = check(tab, "1 +")
    assert "SyntaxError" in words
    short = "import os\nos.environ['BACKPASS_SECONDS'] = '1'\n"
    words, _ = check(tab, f"{short}def two_paths(*_):\n    while True:\n        pass")
    assert "stopped after 1 s, as long as a check waits" in words
    tab.evaluate("globalThis.backpassSeconds = 1")
    words, _ = check(tab, "sum(range(10**12))")  # which Python cannot interrupt
    assert "still running after 1 s" in words
    tab.evaluate("globalThis.backpassSeconds = 120")
    words, _ = check(tab, right)
    assert words.startswith("✓ 2 of 2 points")
    assert tab.evaluate("document.querySelectorAll('textarea').length") == 1  # the one in prose
