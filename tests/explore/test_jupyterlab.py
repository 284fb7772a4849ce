"""The notebooks in JupyterLab, as learners use them: NumPy behind a slider, a check that tells."""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from browser import Watch, chromium, picture_and_sentence
from places import ROOT

from backpass.checks import markup
from backpass.checks import softmax_cross_entropy as check

pytestmark = pytest.mark.browser

NAME = "softmax_cross_entropy"

#: JupyterLab's own places, which must not be those of whoever runs the tests.
PLACES = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")

#: No questions about news, no look-ups of newer versions; every cell stands in the page.
SETTINGS = {
    "apputils-extension/notification": {"checkForUpdates": False, "fetchNews": "false"},
    "extensionmanager-extension/plugin": {"enabled": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}

#: Answers to the first exercise: the mistake in each, or what is said of it; the last is right.
SHARES = "P = np.exp(E - E.max(axis=1)[:, None]); return P / P.sum(axis=1)[:, None]"
ANSWERS = [
    ("no-max-shift", "P = np.exp(Z / tau) * allowed; return P / P.sum(axis=1, keepdims=True)"),
    ("mask-ignored", f"E = Z / tau; {SHARES}"),
    ("There is a NaN", "return np.full(Z.shape, np.nan)"),
    (None, f"E = np.where(allowed, Z / tau, -np.inf); {SHARES}"),
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab of its own on a copy of the notebooks: (address, token, folder)."""
    root, home = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("home")
    for folder in ("chapters", "exercises", "pages"):
        shutil.copytree(ROOT / folder, root / folder)
    for name, settings in SETTINGS.items():
        path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    places = {f"JUPYTER_{place}": str(home / place) for place in PLACES}
    places |= {"JUPYTERLAB_SETTINGS_DIR": str(home / "settings")}
    places |= {"JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"), "IPYTHONDIR": str(home / "i")}
    token = secrets.token_hex(16)
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"),
            *(f"--ServerApp.root_dir={root}", f"--IdentityProvider.token={token}"),
        ],
        cwd=root,
        env=os.environ | places | {"JUPYTER_PREFER_ENV_PATH": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield address(server, Path(places["JUPYTER_RUNTIME_DIR"])), token, root
    finally:
        server.terminate()
        server.wait(timeout=30)


def address(server, runtime):
    """The URL of the server, once it listens."""
    for _ in range(240):
        assert server.poll() is None, "JupyterLab did not start."
        for path in runtime.glob("jpserver-*.json"):
            try:
                return json.loads(path.read_text())["url"]
            except ValueError:
                pass  # half written
        time.sleep(0.25)
    raise AssertionError("JupyterLab did not start within a minute.")


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_notebook(lab, browser):
    """A function that opens a notebook and waits for its kernel."""
    url, token, _ = lab
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(60_000)
    watch = Watch(context)

    def open_notebook(path):
        page = context.new_page()
        # A workspace of its own: another one would bring back what was open before.
        page.goto(f"{url}lab/workspaces/{Path(path).parts[0]}/tree/{path}?token={token}")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        page.get_by_text("| Idle").wait_for()
        return page

    yield open_notebook
    context.close()
    away = [one for one in watch.requests if not one.startswith((url, "data:", "blob:"))]
    assert away == []


def run(page, command):
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name=command, exact=True).click()


def test_a_slider_of_the_chapter_asks_numpy(lab, open_notebook):
    """Its first slider, with the cells below left alone: the kernel answers once it has nothing
    else to do. Of those below a few are there."""
    chapter = nbformat.read(ROOT / f"chapters/{NAME}.ipynb", 4)
    first = next(number for number, cell in enumerate(chapter.cells) if "@explore" in cell.source)
    del chapter.cells[first + 4 :]
    nbformat.write(chapter, lab[2] / "chapters" / "begun.ipynb")
    page = open_notebook("chapters/begun.ipynb")
    page.locator(".jp-Cell").nth(first).locator(".jp-InputPrompt").click()
    run(page, "Run All Above Selected Cell")
    page.keyboard.press("Control+Enter")
    figure = page.locator("figure.explorer").first
    figure.locator("form").wait_for()
    figure.scroll_into_view_if_needed()
    slider = figure.locator("input[type=range]").first
    before, box = picture_and_sentence(figure), slider.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, y, steps=4)
    page.mouse.up()
    dragged = changed(figure, before)
    # The mouse left the focus on the slider: JupyterLab must not take its keys for shortcuts.
    page.keyboard.press("Home")
    first = changed(figure, dragged)
    page.keyboard.press("ArrowRight")
    changed(figure, first)


def test_explorers_move_together_and_play_moves_them(lab, open_notebook):
    """The code of the page on explorers as widgets."""
    page = (ROOT / "pages" / "api" / "explore.md").read_text(encoding="utf-8")
    sources = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(notebook, lab[2] / "pages" / "widgets.ipynb")
    page = open_notebook("pages/widgets.ipynb")
    run(page, "Run All Cells")
    signal, slope, played = (page.locator("figure.explorer").nth(place) for place in range(3))
    played.locator("form").wait_for()
    before = picture_and_sentence(slope)
    signal.get_by_role("slider", name="gain").press("End")
    changed(slope, before)
    assert slope.get_by_role("slider", name="gain").get_attribute("aria-valuetext") == "2.0"
    before = [picture_and_sentence(one) for one in (slope, played)]
    page.locator(".widget-play button").first.click()
    for figure, was in zip((slope, played), before, strict=True):
        changed(figure, was)


def changed(figure, before):
    """Wait until both picture and sentence are others than ``before``; returns them."""
    for _ in range(100):
        now = picture_and_sentence(figure)
        if all(new != old for new, old in zip(now, before, strict=True)):
            return now
        time.sleep(0.1)
    raise AssertionError(f"It still shows: {before[1]}")


def test_a_check_names_the_mistake_and_then_gives_the_points(open_notebook):
    page = open_notebook(f"exercises/{NAME}/{NAME}.ipynb")
    run(page, "Run All Cells")
    exercise = check.EXERCISES["stable_softmax"]
    full = f"✓ {exercise.points:g} of {exercise.points:g} points"
    answer = page.locator(".jp-CodeCell", has_text="def softmax(Z, tau").first
    checking = page.locator(".jp-CodeCell", has_text="check.stable_softmax(softmax)").first
    said = checking.locator(".jp-OutputArea-output")
    said.get_by_text("Not attempted").wait_for()

    def check_it():
        checking.locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")

    for mistake, body in [*ANSWERS, ANSWERS[0]]:
        answer.locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(f"def softmax(Z, tau=1.0, allowed=True):\n    {body}")
        page.keyboard.press("Shift+Enter")
        check_it()
        if mistake:
            said.get_by_text("it says what kind of mistake").wait_for()
            check_it()
            told = markup.marked(exercise.mistakes.get(mistake, mistake))
            said.get_by_text("".join(text for _, text in told)).first.wait_for()
            assert full not in said.inner_text()
        else:
            said.get_by_text(full).wait_for()
    link = said.get_by_role("link").first  # to the section of the chapter
    title = link.inner_text()
    link.click()
    page.locator(".jp-Notebook:visible h2", has_text=title).wait_for()
