"""The front end in a browser: recorded as the book loads it, live with a kernel played here."""

import json
from datetime import datetime
from io import BytesIO, StringIO
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from accessibility import faults
from browser import Watch, chromium
from PIL import Image

from backpass import style
from backpass.book.cells.explorers import with_controls
from backpass.explore import Explorer, explore
from backpass.explore.recording import pack

pytestmark = pytest.mark.browser

SCRIPT = str(Explorer._esm).removesuffix("export default { render };\n")
CLASSIC = f"(() => {{ {SCRIPT} globalThis.backpassExplorer = {{ prepare, replay, render }}; }})();"
HEAD = f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Explorers</title>
<style>body {{ margin: 0 1rem }} {Explorer._css}</style>
<script>{CLASSIC}</script>
<main><h1>Explorers</h1>"""

#: A kernel of one line: it answers when `answer()` is called, with the state that it was told.
LIVE = """<div id="el"></div><script>
globalThis.model = {
  state: %s, callbacks: [], sent: [],
  get(key) { return this.state[key]; },
  set(key, value) { this.state[key] = value; this.pending = {...this.pending, [key]: value}; },
  save_changes() { this.sent.push(this.pending); this.pending = undefined; },
  on(event, call) { this.callbacks.push(call); },
  off(event, call) { this.callbacks = this.callbacks.filter((one) => one !== call); },
  answer(state) { this.state._state = state; for (const call of this.callbacks) call(); },
};
globalThis.cleanup = backpassExplorer.render({ model, el: document.getElementById("el") });
</script>"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


SIZE = {"width": 1280, "height": 720}


@pytest.fixture(scope="module")
def tab(browser):
    yield watched(context := browser.new_context(viewport=SIZE))
    context.close()


def watched(context):
    page = context.new_page()
    page.watch = Watch(context)
    return page


@pytest.fixture
def load(browser, tab, tmp_path):
    """Opens a page from disk; a request or a complaint of it fails the test.

    All in one tab, but in a new window if that is to be of another kind.
    """
    opened, contexts = {tab: []}, []
    tab.watch.clear()

    def load(body, new=False, **options):
        page = tab
        if new or options:
            contexts.append(browser.new_context(**options))
            page = watched(contexts[-1])
        addresses = opened.setdefault(page, [])
        file = tmp_path / f"{len(opened)}-{len(addresses)}.html"
        file.write_text(HEAD + body, encoding="utf-8")
        addresses.append(file.as_uri())
        page.goto(file.as_uri())
        return page

    yield load
    happened = [(page.watch.complaints, page.watch.requests) for page in opened]
    for context in contexts:
        context.close()
    tab.goto("about:blank")
    tab.emulate_media(media="null", color_scheme="null")
    tab.set_viewport_size(SIZE)
    assert happened == [([], addresses) for addresses in opened.values()]


@pytest.fixture
def wave():
    with plt.rc_context():
        style.use()
        _, axes = plt.subplots()
        axes.set(xlim=(0, 10), ylim=(-2, 2))
        x = np.linspace(0, 10, 200)

        @explore(axes, gain={"min": 0.5, "max": 1.5, "step": 0.25, "unit": "V"}, shape=["a", "b"],
                 flip=False)  # fmt: skip
        def wave(ax, gain, shape, flip):
            """A wave"""
            ax.plot(x, (-1) ** flip * gain * np.sin(x + (shape == "b")))
            return f"Gain {gain}, shape {shape}, flip {flip}"

        return wave


@pytest.fixture
def walk():
    """An explorer with steps."""

    steps = {"min": 0, "max": 4, "value": 0, "label": "step", "interval": 50}

    @explore(plt.subplots()[1], at=steps, size={"stops": [1, 10, 100], "value": 1})
    def walk(ax, at, size):
        """A walk"""
        ax.plot([0, at], [0, size], "o")
        return f"At {at}, size {size}"

    return walk


def recorded(explorer):
    told = explorer.recording()
    packed = json.dumps(pack(told))
    call = f'backpassExplorer.replay(document.getElementById("{told["id"]}"), {packed})'
    return f"{with_controls(told)}<script>{call}</script>"


def live(explorer):
    state = {key: explorer.get_state(key)[key] for key in ("_spec", "_state", *explorer._drawn)}
    return LIVE % json.dumps(state)


def caption(page, number=0):
    return page.locator("figcaption").nth(number).text_content()


def picture(page, number=0):
    return page.locator("g.layer").nth(number).inner_html()


def test_recorded_answers_mouse_keyboard_select_and_checkbox(load, wave):
    page = load(recorded(wave))
    assert caption(page) == "Gain 1.0, shape a, flip False"
    slider, seen = page.get_by_label("gain"), [picture(page)]

    def changed(sentence):
        assert caption(page) == sentence
        assert picture(page) not in seen
        seen.append(picture(page))

    slider.focus()
    page.keyboard.press("ArrowRight")
    changed("Gain 1.25, shape a, flip False")
    page.keyboard.press("Home")
    changed("Gain 0.5, shape a, flip False")
    box = slider.bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    changed("Gain 1.5, shape a, flip False")
    page.get_by_label("shape").select_option("b")
    changed("Gain 1.5, shape b, flip False")
    page.get_by_label("flip").check()
    changed("Gain 1.5, shape b, flip True")
    page.get_by_label("flip").press("Space")
    assert caption(page) == "Gain 1.5, shape b, flip False"
    assert picture(page) == seen[-2]


def test_every_recorded_state_is_reached(load, wave):
    page = load(recorded(wave))
    told = wave.recording()
    normal = page.evaluate(
        """(markup) => markup.map((one) => {
          const g = document.createElementNS("http://www.w3.org/2000/svg", "g");
          g.innerHTML = one; return g.innerHTML; })""",
        told["states"],
    )
    for number, state in enumerate(wave.grid()):
        values = [state["gain"] / 0.25 - 2, state["shape"], state["flip"]]
        page.evaluate(
            """([gain, shape, flip]) => {
              const [a, b, c] = document.querySelectorAll("input, select");
              [a.value, b.value, c.checked] = [gain, shape, flip];
              a.dispatchEvent(new Event("input", { bubbles: true })); }""",
            values,
        )
        assert caption(page) == told["sentences"][number] == wave(**state)
        assert picture(page) == normal[number]


def test_names_and_values_for_those_who_do_not_see(load, wave):
    page = load(recorded(wave))
    assert page.get_by_role("img", name="A wave").get_attribute("aria-describedby")
    slider = page.get_by_role("slider", name="gain")
    assert slider.get_attribute("aria-valuetext") == "1.00\N{NO-BREAK SPACE}V"
    assert page.locator("output").text_content() == "1.00\N{NO-BREAK SPACE}V"
    slider.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "0.75\N{NO-BREAK SPACE}V"
    assert page.get_by_role("form", name="Controls: A wave").count() == 1
    assert page.locator("figcaption").get_attribute("aria-live") == "polite"
    page.get_by_role("combobox", name="shape").focus()
    assert faults(page) == []


def test_two_explorers_do_not_disturb_each_other(load, wave):
    @explore(plt.subplots()[1], gain=(0, 2))
    def other(ax, gain):
        """Another wave"""
        ax.plot([0, gain], "o")
        return f"Other {gain}"

    page = load(recorded(wave) + recorded(other))
    before = picture(page, 1)
    page.get_by_label("gain").first.press("End")
    assert [caption(page, 0)[:8], caption(page, 1)] == ["Gain 1.5", "Other 1"]
    assert picture(page, 1) == before
    page.get_by_label("gain").last.press("End")
    assert [caption(page, 0)[:8], caption(page, 1)] == ["Gain 1.5", "Other 2"]
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    dangling = """() => [...document.querySelectorAll('use')].filter(
      (one) => !document.querySelector(one.getAttribute('href'))).length"""
    assert page.evaluate(dangling) == 0


def test_reset_goes_back_to_the_start(load, wave):
    page = load(recorded(wave))
    reset = page.get_by_role("button", name="Reset: A wave")
    assert not reset.is_visible()
    height = page.locator("figure").bounding_box()["height"]
    first = caption(page), picture(page)
    page.get_by_label("gain").press("End")
    page.get_by_label("shape").select_option("b")
    page.get_by_label("flip").check()
    assert reset.is_visible()
    assert page.locator("figure").bounding_box()["height"] == height
    page.keyboard.press("Tab")  # from the last control
    page.keyboard.press("Enter")
    assert (caption(page), picture(page)) == first
    assert not reset.is_visible()
    assert page.evaluate("document.activeElement.name") == "gain"
    page.keyboard.press("ArrowRight")
    assert reset.is_visible()
    page.keyboard.press("ArrowLeft")
    assert not reset.is_visible()


def test_an_explorer_tells_the_page_of_its_changes(load, walk):
    told = """<script>addEventListener("explorer", ({ target }) =>
        (globalThis.told ??= []).push(target.explorer.places()));</script>"""
    page = load(told + recorded(walk))
    page.get_by_label("step", exact=True).press("End")
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("button", name="Forward: step").click()
    page.evaluate("document.querySelector('figure').explorer.go([3, 2])")
    assert caption(page) == "At 3, size 100"
    assert page.evaluate("told") == [[0, 0], [4, 0], [0, 0], [1, 0]]


# --- steps ----------------------------------------------------------------------------------------


def seconds(page, number):
    """Let time pass on the page's clock."""
    page.clock.run_for(1000 * number)


@pytest.fixture
def walking(load, walk):
    """A function that loads a walk, on a clock of its own; gives the page."""

    def walking(body=recorded, **options):
        page = load("", new=True, **options)
        page.clock.install(time=datetime(2000, 1, 1))
        file = Path(page.url.removeprefix("file://"))
        file.write_text(HEAD + body(walk), encoding="utf-8")
        page.reload()
        page.watch.requests.pop()
        page.clock.pause_at(datetime(2000, 1, 2))
        return page

    return walking


def playing(page):
    return page.get_by_role("button", name="Pause: step").count() == 1


def test_back_and_forward_walk_to_the_ends(walking):
    page = walking()
    back, forward = (page.get_by_role("button", name=f"{x}: step") for x in ("Back", "Forward"))
    back.click()
    assert caption(page) == "At 0, size 1"
    for step in (1, 2, 3, 4, 4):
        forward.click()
        assert caption(page) == f"At {step}, size 1"
    back.press("Enter")
    assert caption(page) == "At 3, size 1"
    slider = page.get_by_role("slider", name="step")
    assert slider.get_attribute("aria-valuetext") == "3"
    page.get_by_label("size").press("End")
    assert caption(page) == "At 3, size 100"
    assert page.locator("button:not(.reset)").count() == 3  # the other slider has no steps


def test_play_stops_at_the_end_and_begins_anew(walking):
    page = walking()
    page.get_by_role("button", name="Play: step").click()
    assert caption(page) == "At 0, size 1"
    assert page.locator("figcaption").get_attribute("aria-live") == "off"
    page.clock.run_for(60)
    assert caption(page) == "At 1, size 1"
    seconds(page, 1)
    assert caption(page) == "At 4, size 1"
    assert not playing(page)
    assert page.locator("figcaption").get_attribute("aria-live") == "polite"
    page.get_by_role("button", name="Play: step").click()
    assert caption(page) == "At 0, size 1"
    page.clock.run_for(60)
    page.get_by_role("button", name="Pause: step").click()
    seconds(page, 1)
    assert caption(page) == "At 1, size 1"


@pytest.mark.parametrize(
    "touch",
    [
        lambda page: page.get_by_label("size").press("End"),
        lambda page: page.get_by_role("slider", name="step").click(),
        lambda page: page.get_by_role("button", name="Forward: step").click(),
        lambda page: page.evaluate("scrollTo(0, 5000)"),
        lambda page: page.emulate_media(reduced_motion="reduce"),
    ],
    ids=["another control", "the slider", "forward", "out of view", "less motion"],
)
def test_play_stops_when_the_reader_does_something_else(walking, touch):
    page = walking(lambda walk: recorded(walk) + "<p style='height: 9000px'>")
    page.get_by_role("button", name="Play: step").click()
    assert playing(page)
    touch(page)
    page.clock.run_for(60)
    stopped = page.get_by_role("button", name="Play: step", include_hidden=True)
    stopped.wait_for(state="attached")
    before = caption(page)
    seconds(page, 1)
    assert caption(page) == before


def test_who_wants_less_motion_steps_by_hand(walking):
    page = walking(reduced_motion="reduce")
    assert page.get_by_role("button", name="Play: step").count() == 0
    page.get_by_role("button", name="Forward: step").click()
    assert caption(page) == "At 1, size 1"
    assert page.evaluate("document.getAnimations().length") == 0


def test_play_waits_for_the_kernel(walking, walk):
    page = walking(live)
    page.get_by_role("button", name="Play: step").click()
    page.clock.run_for(500)
    assert sent(page) == [{"at": 1}]
    walk.at = 1
    page.evaluate("(state) => model.answer(state)", walk._state)
    page.clock.run_for(60)
    assert sent(page) == [{"at": 1}, {"at": 2}]
    page.get_by_role("button", name="Pause: step").click()
    walk.at = 2
    page.evaluate("(state) => model.answer(state)", walk._state)
    page.get_by_label("size").press("End")
    assert sent(page)[2:] == [{"size": 100}]


# --- a finger -------------------------------------------------------------------------------------


def swipe(page, x, y, dx, dy):
    """Move a finger from (x, y), and lift it."""
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        points = [{"x": x, "y": y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (x, y))
    for part in range(1, 11):
        touch("touchMove", (x + dx * part / 10, y + dy * part / 10))
    touch("touchEnd")
    page.wait_for_timeout(100)


PHONE = {"viewport": {"width": 390, "height": 700}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("where", [0.1, 0.5, 0.9])
def test_a_finger_that_scrolls_does_not_move_the_slider(load, wave, where):
    page = load(recorded(wave) + "<p style='height: 3000px'>", **PHONE)
    slider = page.get_by_label("gain")
    before, box = (slider.input_value(), caption(page)), slider.bounding_box()
    x, y = box["x"] + box["width"] * where, box["y"] + box["height"] / 2
    swipe(page, x, y, 12, -200)
    assert page.evaluate("scrollY") > 100
    assert (slider.input_value(), caption(page)) == before


def test_a_finger_that_goes_sideways_moves_the_slider(load, wave):
    page = load(recorded(wave) + "<p style='height: 3000px'>", **PHONE)
    box = page.get_by_label("gain").bounding_box()
    swipe(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 160, 15)
    assert page.get_by_label("gain").input_value() == "4"
    assert caption(page).startswith("Gain 1.5")
    assert page.evaluate("scrollY") == 0


def test_a_slider_goes_back_if_the_browser_takes_the_finger(load, wave):
    """As WebKit does, which moves the slider first."""
    page = load(recorded(wave))
    page.get_by_label("gain").evaluate(
        """(slider) => {
          slider.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
          slider.value = 4;
          slider.dispatchEvent(new Event("input", { bubbles: true }));
          slider.dispatchEvent(new PointerEvent("pointercancel", { bubbles: true })); }"""
    )
    assert caption(page) == "Gain 1.0, shape a, flip False"


def test_thinned_and_single_values(load, wave):
    controls = {"gain": (0.5, 1.5, 0.25), "shape": ["a", "b"], "flip": True}
    kept = {"gain": [1.0, 1.5], "shape": ["a"], "flip": [True]}
    thin = explore(wave._piece.stage.target, recorded=kept, **controls)(wave._piece.function)
    page = load(recorded(thin))
    assert "Recorded at 2 of 5 values of gain" in page.locator("form .note").text_content()
    assert page.get_by_label("shape").is_disabled()
    assert page.get_by_label("flip").is_disabled()
    assert page.get_by_label("flip").is_checked()
    page.get_by_label("gain").press("End")
    assert caption(page) == "Gain 1.5, shape a, flip True"


def test_picture_keeps_its_height_and_fits_a_phone(load, wave):
    page = load(recorded(wave))
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 700})
        heights = set()
        for key in ("Home", "ArrowRight", "End"):
            page.get_by_label("gain").press(key)
            heights.add(page.locator("svg").bounding_box()["height"])
        assert len(heights) == 1
        assert min(heights) > 100
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("touch", [False, True])
def test_targets_are_large_enough(load, wave, walk, touch):
    """A checkbox by its label, for a finger."""
    options = PHONE | {"has_touch": touch, "is_mobile": touch}
    box, label = "[type=checkbox]", ".checkbox label" if touch else "[type=checkbox]"
    page = load(recorded(wave) + recorded(walk), **options)
    page.get_by_label("gain").press("End")
    page.get_by_role("slider", name="step").press("End")  # the buttons to reset are there
    boxes = {
        one.get_attribute("name") or one.get_attribute("class"): one.bounding_box()
        for one in page.locator(f"input:not({box}), select, button, {label}").all()
    }
    assert len(boxes) == 9
    least = 44 if touch else 24
    small = {name: box for name, box in boxes.items() if box["height"] < least}
    assert small == {}
    assert all(box["width"] >= 24 for box in boxes.values())


def test_print_keeps_picture_and_sentence(load, wave):
    page = load(recorded(wave))
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("form").is_hidden()
    assert page.locator("svg").is_visible()
    assert page.locator("figcaption").is_visible()
    line = "getComputedStyle(document.querySelector('g.layer path')).stroke"
    assert page.evaluate(line) == rgb(style.PALETTE["blue"][0])


def rgb(colour):
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


@pytest.mark.parametrize(
    ("attribute", "preference", "dark"),
    [
        ("", "light", False),
        ("", "dark", True),
        ("data-theme=dark", "light", True),
        ("data-theme=light", "dark", False),
        ("data-jp-theme-light=false", "light", True),
        ("data-jp-theme-light=true", "dark", False),
    ],
)
def test_light_and_dark(load, wave, attribute, preference, dark):
    page = load(f"<div {attribute}>{recorded(wave)}</div>")
    page.emulate_media(color_scheme=preference)
    line = "getComputedStyle(document.querySelector('g.layer path')).stroke"
    assert page.evaluate(line) == rgb(style.PALETTE["blue"][dark])
    card = "getComputedStyle(document.querySelector('.explorer')).backgroundColor"
    assert page.evaluate(card) == rgb(style.PALETTE["paper"][dark])


def test_layer_over_background_is_the_whole_figure(load):
    """Pixel by pixel: what a reader sees against matplotlib's own SVG of everything."""
    x = np.linspace(0, 10, 50)

    def content(ax):
        ax.plot(x, np.exp(x / 3), "o-", label=r"$e^{x/3}$")
        ax.fill_between(x, 1, np.sqrt(x) + 1, alpha=0.4, hatch="/")
        ax.bar([2, 4], [5, 9], color=style.C.teal)
        ax.scatter(x, 20 - x, c=x)
        ax.annotate("here", (5, 5), (7, 12), arrowprops={"arrowstyle": "->"})
        ax.legend(loc="upper left")

    def axes():
        ax = plt.subplots(figsize=(6.4, 3.6))[1]
        ax.set(xlim=(0, 10), ylim=(1, 30), yscale="log", xlabel=r"$x_1$", title="Title")
        ax.set_axisbelow(True)
        for spine in ax.spines.values():
            spine.set_zorder(0.9)
        return ax

    with plt.rc_context():
        style.use()
        ax = axes()

        @explore(ax)
        def whole(ax):
            """Whole"""
            content(ax)
            return "Whole."

        told = whole.recording()["figure"].replace('class="explorer"', "")
        ax = axes()
        content(ax)
        with plt.rc_context({"svg.fonttype": "path"}):
            ax.figure.savefig(reference := StringIO(), format="svg")
        plt.close(ax.figure)
    size = "width: 922px; max-width: none !important; height: 518px"
    css = f"<style>svg {{ position: fixed; inset: 0; {size} }}</style>"
    clip = {"x": 0, "y": 0, "width": 922, "height": 518}
    theirs = reference.getvalue()
    markups = (told, theirs[theirs.index("<svg") :])
    shots = [load(css + markup).screenshot(clip=clip) for markup in markups]
    assert difference(*shots) < 0.002


def difference(one, other):
    """The share of pixels that differ by more than a tenth of full scale."""
    one, other = (np.asarray(Image.open(BytesIO(p)).convert("RGB"), float) for p in (one, other))
    assert one.shape == other.shape
    return np.mean(np.abs(one - other).max(axis=2) > 25)


# --- live -----------------------------------------------------------------------------------------


def sent(page):
    return page.evaluate("model.sent")


def test_live_sends_values_and_shows_what_comes_back(load, wave):
    page = load(live(wave))
    assert caption(page) == "Gain 1.0, shape a, flip False"
    before = picture(page)
    page.get_by_label("gain").press("ArrowRight")
    assert sent(page) == [{"gain": 1.25}]
    wave.gain = 1.25
    page.evaluate("(state) => model.answer(state)", wave._state)
    assert caption(page) == "Gain 1.25, shape a, flip False"
    assert picture(page) != before
    page.get_by_label("shape").select_option("b")
    assert sent(page)[1:] == [{"shape": 1}]
    page.evaluate("(state) => model.answer(state)", wave._state)
    page.get_by_label("flip").check()
    assert sent(page)[2:] == [{"flip": True}]


def test_live_asks_for_one_state_at_a_time_and_always_for_the_last(load, wave):
    page = load(live(wave))
    slider = page.get_by_label("gain")
    for key in ("Home", "ArrowRight", "ArrowRight", "End"):
        slider.press(key)
    assert sent(page) == [{"gain": 0.5}]
    assert slider.get_attribute("aria-valuetext") == "1.50\N{NO-BREAK SPACE}V"
    wave.gain = 0.5
    page.evaluate("(state) => model.answer(state)", wave._state)
    assert sent(page) == [{"gain": 0.5}, {"gain": 1.5}]
    assert slider.input_value() == "4"  # the late answer does not pull the slider back
    wave.gain = 1.5
    page.evaluate("(state) => model.answer(state)", wave._state)
    assert len(sent(page)) == 2
    assert caption(page).startswith("Gain 1.5")


def test_live_survives_a_lost_answer(load, wave):
    page = load(live(wave), new=True)
    page.clock.install()  # for as long as the window is open
    slider = page.get_by_label("gain")
    slider.press("Home")
    slider.press("End")
    assert sent(page) == [{"gain": 0.5}]
    page.clock.run_for(5000)
    assert sent(page) == [{"gain": 0.5}, {"gain": 1.5}]
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")  # back to where it started
    page.clock.run_for(5000)
    assert sent(page)[2:] == [{"gain": 1.0}]


def test_live_follows_the_kernel(load, wave):
    page = load(live(wave))
    wave.gain, wave.shape, wave.flip = 0.6, "b", True
    page.evaluate("(state) => model.answer(state)", wave._state)
    assert page.locator("output").text_content() == "0.60\N{NO-BREAK SPACE}V"
    assert page.get_by_label("shape").input_value() == "b"
    assert page.get_by_label("flip").is_checked()
    page.get_by_label("flip").uncheck()
    assert sent(page) == [{"flip": False}]  # a value between two steps stays


def test_live_error_takes_the_place_of_the_picture(load, wave):
    page = load(live(wave))
    height = page.locator("svg").bounding_box()["height"]
    state = wave._state | {"error": ["ZeroDivisionError: <b>", "line 3: 1 / 0"]}
    page.evaluate("(state) => model.answer(state)", state)
    alert = page.get_by_role("alert")
    assert alert.inner_text().split("\n") == ["ZeroDivisionError: <b>", "", "line 3: 1 / 0"]
    assert not page.locator("svg").is_visible()
    assert page.locator("svg").bounding_box()["height"] == height
    page.evaluate("(state) => model.answer(state)", wave._state)
    assert not alert.is_visible()
    assert page.locator("svg").is_visible()
    assert caption(page) == "Gain 1.0, shape a, flip False"


def test_live_views_have_ids_of_their_own_and_clean_up(load, wave):
    page = load(live(wave))
    page.add_script_tag(content=CLASSIC)  # each model loads the script anew
    page.evaluate("""() => { const el = document.createElement("div"); document.body.append(el);
      globalThis.second = backpassExplorer.render({ model, el }); }""")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    assert page.evaluate("() => { cleanup(); second(); return model.callbacks.length; }") == 0


def test_handlers_are_quick(load, wave):
    """Median time from an input to a changed picture, recorded: under 4 ms."""
    page = load(recorded(wave))
    median = page.evaluate(
        """() => { const input = document.querySelector("input"), times = [];
          for (let i = 0; i < 100; i++) {
            input.value = i % 5;
            const start = performance.now();
            input.dispatchEvent(new Event("input", { bubbles: true }));
            times.push(performance.now() - start); }
          return times.sort((a, b) => a - b)[50]; }"""
    )
    assert median < 4
