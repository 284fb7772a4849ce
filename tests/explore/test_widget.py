"""An explorer in Python: called, observed and linked, recorded, and what it says when it fails."""

import gzip
import json
import os
import re
import time
from html.parser import HTMLParser

import ipywidgets
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import traitlets
from fuzz import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from places import ROOT

from backpass import style
from backpass.explore import MIME, Explorer, ExplorerError, explore
from backpass.explore.recording import BUDGET, pack
from backpass.notebooks.execute import execute
from backpass.numerals import printed

X = np.linspace(0, 10, 200)


@pytest.fixture(autouse=True)
def _style(monkeypatch):
    monkeypatch.delenv("BACKPASS_RECORD", raising=False)
    with mpl.rc_context():
        style.use()
        yield


@pytest.fixture
def recording_mode(monkeypatch):
    monkeypatch.setenv("BACKPASS_RECORD", "1")


def make(function=None, axes=None, **controls):
    """An explorer; by default a wave with a slider, a choice and a checkbox."""
    if axes is None:
        _, axes = plt.subplots(layout="none")
        axes.set(xlim=(0, 10), ylim=(-2, 2), xlabel="t")
    if function:
        return explore(axes, **controls)(function)

    def wave(ax, gain, shape, flip=False):
        """A wave & its <shape>

        More about it.
        """
        y = gain * {"sine": np.sin, "cosine": np.cos}[shape](X)
        ax.plot(X, -y if flip else y)
        return f"A {shape} of height {gain}."

    controls = {"gain": (0.5, 1.5, 0.5), "shape": ["sine", "cosine"], "flip": False} | controls
    return explore(axes, **controls)(wave)


def test_called_is_the_plain_function():
    wave = make()
    assert wave(gain=1.5, shape="cosine") == "A cosine of height 1.5."
    assert wave() == "A sine of height 1.0."
    assert wave(gain=7.25) == "A sine of height 7.25."  # any value, on the grid or not
    with pytest.raises(TypeError, match="wave has no control gian; its controls are gain, shape"):
        wave(gian=1)
    with pytest.raises(KeyError, match="square"):
        wave(shape="square")


def test_function_gets_the_axes_it_was_given():
    _, axes = plt.subplot_mosaic("ab")
    seen = []

    def both(axes):
        """Two"""
        seen.append(axes)
        axes["a"].plot([0, 1])
        axes["b"].bar([0], [1])
        return "Two."

    make(both, axes)()
    assert all(one is axes for one in seen)


def test_grid_is_row_major():
    states = list(make().grid())
    assert len(states) == 3 * 2 * 2
    assert states[0] == {"gain": 0.5, "shape": "sine", "flip": False}
    assert states[1] == {"gain": 0.5, "shape": "sine", "flip": True}
    assert states[4]["gain"] == 1.0


def test_repr_is_title_state_and_sentence():
    wave = make(gain={"min": -1, "max": 2, "value": -1, "unit": "V"})
    assert (
        repr(wave) == "A wave & its <shape> (gain=-1, shape=sine, flip=off): A sine of height −1."
    )
    wave.gain = 2
    assert repr(wave) == "A wave & its <shape> (gain=2, shape=sine, flip=off): A sine of height 2."


def test_default_of_the_function_is_where_it_starts():
    def line(ax, slope=0.25, name="b"):
        """A line"""
        ax.plot([0, 1], [0, slope])
        return name

    one = make(line, slope=(0, 1, 0.25), name=["a", "b"])
    assert (one.slope, one.name) == (0.25, "b")
    assert (one.recording()["sentences"]).index("b") == 1


# --- live -----------------------------------------------------------------------------------------


def test_controls_are_traits():
    wave, seen = make(), []
    wave.observe(seen.append, "gain")
    wave.gain = 1.5
    assert [change["new"] for change in seen] == [1.5]
    assert isinstance(wave, (Explorer, ipywidgets.DOMWidget))
    assert set(wave.get_state()) >= {"gain", "shape", "flip", "_spec", "_state", "_esm", "_css"}
    assert not hasattr(Explorer, "gain")
    assert not make(lambda_, power=(0, 4)).has_trait("gain")


def lambda_(ax, power):
    """A power"""
    ax.plot(X, X**power)
    return str(power)


def test_links_with_other_widgets():
    wave, slider = make(), ipywidgets.FloatSlider(min=0.5, max=1.5)
    choice = ipywidgets.Dropdown(options=["sine", "cosine"])
    ipywidgets.link((wave, "gain"), (slider, "value"))
    ipywidgets.link((wave, "shape"), (choice, "value"))
    assert (slider.value, choice.value) == (1.0, "sine")
    slider.value, choice.value = 1.25, "cosine"
    assert repr(wave).endswith("A cosine of height 1.25.")
    one, other = make(), make()
    traitlets.dlink((one, "gain"), (other, "gain"))
    one.gain = 1.5
    assert other._state["sentence"] == "A sine of height 1.5."
    ipywidgets.HBox([wave, slider])


def test_state_says_where_each_control_stands():
    wave = make()
    assert wave._state["serial"] == 1
    wave.gain = 1.26  # between two steps, as a linked slider may be
    state = wave._state
    assert (state["serial"], state["index"], state["texts"]) == (
        2,
        [2, 0, 0],
        ["1.3", "sine", "off"],
    )
    assert state["sentence"] == "A sine of height 1.26."
    assert "<path" in state["layer"]


def test_state_brings_the_shapes_that_the_page_has_not():
    def words(ax, n):
        """Words"""
        ax.text(0, 0, "0.5 zebras" * n)
        return "Words."

    one, ids = make(words, n=(1, 3)), re.compile(r' id="([^"]+)"')
    page, state = ids.findall(one._spec["figure"]), ids.findall(one._state["layer"])
    assert len(state) == len(set(state)) > 3
    assert not set(state) & set(page)
    assert set(re.findall(r'href="#([^"]+)"', one._state["layer"])) <= {*state, *page}


def test_page_speaks_numbers_and_places():
    values = [np.tanh, None, np.array([1, 2])]

    def act(ax, f, n):
        """Any values"""
        return str(getattr(f, "__name__", f))

    one = make(act, f=list(zip("abc", values, strict=True)), n=(0, 4))
    assert one.get_state(["f", "n"]) == {"f": 0, "n": 2}
    one.set_state({"f": 1, "n": 3.0})
    assert one.f is None
    assert (one.n, type(one.n)) == (3, int)
    assert one._state["sentence"] == "None"
    one.f = values[2]
    assert one.get_state("f") == {"f": 2}
    json.dumps([one._spec, one._state])


def test_a_slider_with_stops_is_known_by_its_numbers():
    _, ax = plt.subplots()

    @explore(ax, n={"stops": {"1": 1, "10": 10, "a hundred": 100}})
    def dots(ax, n):
        """Dots"""
        ax.plot(range(n), range(n), "o")
        return f"There are {n} dots."

    dots.set_state({"n": 100})
    assert dots._state["sentence"] == "There are 100 dots."
    assert (dots.get_state("n"), dots._state["index"]) == ({"n": 100}, [2])
    assert repr(dots).startswith("Dots (n=a hundred): ")
    with pytest.raises(traitlets.TraitError, match="choose from 1, 10, a hundred"):
        dots.n = 50


def test_one_message_with_two_controls_draws_once():
    wave = make()
    wave.set_state({"gain": 1.5, "shape": 1, "flip": True})
    assert wave._state["serial"] == 2
    assert wave._state["sentence"] == "A cosine of height 1.5."


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("gain", 2, "1.5"),
        ("gain", "much", "gain"),
        ("shape", "square", "choose from sine, cosine"),
        ("flip", "no", "flip"),
    ],
)
def test_values_out_of_range_are_refused(name, value, why):
    wave = make()
    with pytest.raises(traitlets.TraitError, match=why):
        setattr(wave, name, value)
    assert wave._state["serial"] == 1


def test_error_shows_live_and_the_explorer_recovers():
    def bad(ax, n):
        """Sometimes bad"""
        ax.plot(X, X)
        if n == 2:
            ax.text(0, 0, 1 / (n - 2))
        return f"n is {n}"

    one = make(bad, n=(0, 4))
    line = bad.__code__.co_firstlineno + 4
    told = ["ZeroDivisionError: division by zero", f"line {line}: ax.text(0, 0, 1 / (n - 2))"]
    assert one._state["error"] == told
    assert repr(one) == f"Sometimes bad (n=2): {': '.join(told)}"
    one.n = 3
    assert "error" not in one._state
    assert one._state["layer"].count("<path") == 1
    one.n = 2
    assert one._state["error"] == told
    with pytest.raises(ZeroDivisionError):
        one(n=2)
    with pytest.raises(ExplorerError, match=r"Sometimes bad: the state n=2 cannot be drawn. Zero"):
        one.recording()


def test_error_from_below_names_the_authors_line():
    def deep(ax):
        """Deep"""
        ax.plot([1, 2], [1, 2, 3])
        return "never"

    what, where = make(deep)._state["error"]
    assert what.startswith("ValueError: x and y must have same first dimension")
    assert where.endswith(": ax.plot([1, 2], [1, 2, 3])")

    def outer(ax):
        """Outer"""
        return deep(ax)

    assert make(outer)._state["error"] == [what, where]


@pytest.mark.parametrize("said", [None, "", "  ", 3, ["a"]])
def test_sentence_must_be_said(said):
    def mute(ax):
        """Mute"""
        ax.plot([0, 1])
        return said

    with pytest.raises(ExplorerError, match="mute must return one sentence"):
        make(mute)()
    assert repr(said) in make(mute)._state["error"][0]
    with pytest.raises(ExplorerError, match="must return one sentence"):
        make(mute).recording()


# --- recorded -------------------------------------------------------------------------------------


def test_recording():
    wave = make(gain={"min": 0.5, "max": 1.5, "step": 0.5, "label": "gain g", "unit": "V"})
    told = wave.recording()
    assert set(told) == {
        *("id", "title", "controls", "note"),
        *("defs", "states", "sentences", "figure"),
    }
    assert told["title"] == "A wave & its <shape>"
    size = re.search(r'viewBox="0 0 (\S+) ([^"]+)"', told["figure"]).groups()
    assert [float(one) / 72 for one in size] == pytest.approx(style.RC["figure.figsize"])
    assert told["controls"][0] == {
        "name": "gain",
        "label": "gain g",
        "kind": "slider",
        "values": [0.5, 1.0, 1.5],
        "texts": ["0.5\N{NO-BREAK SPACE}V", "1.0\N{NO-BREAK SPACE}V", "1.5\N{NO-BREAK SPACE}V"],
        "initial": 1,
        "step": 0.5,
    }
    assert [one["values"] for one in told["controls"][1:]] == [["sine", "cosine"], [False, True]]
    assert told["sentences"] == [wave(**state) for state in wave.grid()]
    assert len(set(told["states"])) == 12
    assert told["note"] == ""
    assert json.loads(json.dumps(told)) == told


def test_a_packed_recording_holds_each_element_once():
    told = make().recording()
    packed = pack(told)
    parts, states = packed["parts"], packed["states"]
    assert ["".join(parts[place] for place in state) for state in states] == told["states"]
    assert len(set(parts)) == len(parts)
    assert {key: packed[key] for key in ("defs", "sentences")}.items() <= told.items()


def test_recording_is_deterministic_and_named_by_its_content():
    first, same, other = make().recording(), make().recording(), make(flip=True).recording()
    assert first == same
    assert first["id"] != other["id"]
    assert first["id"] in first["figure"]


def test_ids_are_the_explorers_own():
    def ids(recording):
        return set(re.findall(r' id="([^"]+)"', recording["defs"] + recording["figure"]))

    one, other = make().recording(), make(gain=(0.5, 1.0, 0.5)).recording()
    assert len(ids(one)) > 10
    assert not ids(one) & ids(other)
    for told in (one, other):
        text = json.dumps(told)
        assert "bp-id" not in text
        refers = set(re.findall(r'(?:href=\\"#|url\(#)([^)"\\]+)', text))
        assert refers <= ids(told)
        assert all(key.startswith(told["id"]) for key in ids(told))


class Outline(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


def test_figure_stands_without_script():
    told = make().recording()
    outline = Outline(told["figure"])
    tags = [tag for tag, _ in outline.tags]
    assert (tags[0], tags.count("svg"), tags.count("figcaption")) == ("figure", 1, 1)
    first = list(make().grid()).index({"gain": 1.0, "shape": "sine", "flip": False})
    assert outline.text == told["sentences"][first] == "A sine of height 1.0."
    assert told["states"][first] in told["figure"]
    svg = dict(outline.tags)["svg"]
    assert (svg["role"], svg["aria-label"]) == ("img", "A wave & its <shape>")
    assert svg["aria-describedby"] == dict(outline.tags)["figcaption"]["id"]
    assert dict(outline.tags)["figcaption"]["aria-live"] == "polite"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("plain, 4 layers: it is flat.", "Plain, 4 layers: it is flat."),
        ("u = 1: it is flat.", "u\xa0=\xa01: it is flat."),
        ("σ is flat.", "σ is flat."),
        ("np.tanh is not.", "np.tanh is not."),
    ],
)
def test_a_sentence_starts_with_a_capital_if_with_a_word(said, shown):
    def f(ax):
        """F"""
        ax.plot([0, 1])
        return said

    assert make(f).recording()["sentences"] == [shown]


def test_title_and_sentence_are_text():
    def less(ax):
        """<"quoted"> & 'more'"""
        return "x < y & y<z>"

    axes = plt.subplots()[1]
    axes.plot([0, 1])
    outline = Outline(make(less, axes).recording()["figure"])
    assert dict(outline.tags)["svg"]["aria-label"] == "<\"quoted\"> & 'more'"
    assert outline.text == "x\xa0<\xa0y & y<z>"
    assert [tag for tag, _ in outline.tags].count("z") == 0


def test_thinned_recording_says_so():
    controls = {
        "gain": (0.0, 2.0, 0.05),
        "recorded": {"gain": [0, 0.5, 1, 1.5, 2], "flip": [False]},
    }
    wave = make(**controls)
    told = wave.recording()
    assert told["note"] == (
        "Recorded at 5 of 41 values of gain and 1 of 2 values of flip; "
        "in Jupyter every value is live."
    )
    assert len(told["states"]) == len(list(wave.grid())) == 5 * 2
    assert told["controls"][0]["values"] == [0, 0.5, 1, 1.5, 2]
    assert told["controls"][2]["values"] == [False]
    assert len(wave._spec["controls"][0]["values"]) == 41
    wave.gain = 0.05
    with pytest.raises(ExplorerError, match="recorded names 'loss', which is no control of wave"):
        make(recorded={"loss": [1]})


def test_budget_names_the_counts():
    wave = make(gain=(0.0, 2.0, 0.01))
    with pytest.raises(ExplorerError) as caught:
        wave.recording()
    assert "gain 201 × shape 2 × flip 2 makes 804 states" in str(caught.value)
    assert f"most {BUDGET}" in str(caught.value)
    assert "recorded={'gain': [...]}" in str(caught.value)
    wave.gain = 0.01  # live, every value


def test_budget_is_inclusive():
    def dot(ax, n):
        """Dot"""
        return str(n)

    axes = plt.subplots()[1]
    axes.plot([0, 1])
    assert len(make(dot, axes, n=(1, BUDGET)).recording()["states"]) == BUDGET
    with pytest.raises(ExplorerError, match=f"n {BUDGET + 1} makes {BUDGET + 1} states"):
        make(dot, axes, n=(0, BUDGET)).recording()


def test_nothing_drawn_is_an_error():
    def still(ax, n):
        """Still"""
        return "Nothing to see."

    with pytest.raises(ExplorerError, match="Still: nothing is drawn"):
        make(still, n=(0, 2)).recording()
    axes = plt.subplots()[1]
    axes.axhline(0.5)
    assert make(still, axes, n=(0, 2)).recording()["states"] == ["", "", ""]


def test_state_depends_on_the_controls_alone():
    random = np.random.default_rng(0)

    def noise(ax, n):
        """Noise"""
        ax.plot(random.normal(size=9))
        return "Noise."

    with pytest.raises(ExplorerError, match=r"Noise: the state n=2, drawn twice, differs. .* seed"):
        make(noise, n=(0, 4)).recording()


def test_without_controls_it_is_a_picture_with_a_sentence():
    def picture(ax):
        """A picture"""
        ax.plot(X, X)
        return "A line."

    told = make(picture).recording()
    assert (told["controls"], told["sentences"], len(told["states"])) == ([], ["A line."], 1)
    assert repr(make(picture)) == "A picture: A line."


def test_size():
    wave = make(gain=(0.5, 1.5, 0.01))
    told = wave.recording()
    assert len(told["states"]) == 404
    page = {key: value for key, value in told.items() if key != "figure"}
    assert len(gzip.compress(json.dumps(page).encode())) < 150_000


# --- in a notebook --------------------------------------------------------------------------------


def test_live_bundle_is_a_widget():
    wave = make()
    data, _ = wave._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == wave.model_id
    assert data["text/plain"] == repr(wave)
    assert MIME not in data


def test_where_no_widget_is_shown_there_is_its_picture_and_its_sentence():
    """A notebook is converted with the state of no widget: what nbconvert chooses is the HTML."""
    exporter = pytest.importorskip("nbconvert").HTMLExporter
    nbformat = pytest.importorskip("nbformat")
    wave = make()
    wave.gain = 1.5
    one, other = (wave._repr_mimebundle_()[0], make()._repr_mimebundle_()[0])
    outputs = [nbformat.v4.new_output("display_data", data=data) for data in (one, other)]
    cell = nbformat.v4.new_code_cell("wave", outputs=outputs)
    page, _ = exporter(embed_images=True).from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    figures = re.findall(r'<figure class="explorer".*?</figure>', page, re.S)
    assert [Outline(one).text for one in figures] == [
        "A sine of height 1.5.",
        "A sine of height 1.0.",
    ]
    layers = [re.search(r'<g class="layer">(.*?)</g></svg>', one)[1] for one in figures]
    assert [layer.count("<path") for layer in layers] == [1, 1]
    assert layers[0] != layers[1]
    assert len({one.split('id="')[1].split('"')[0] for one in figures}) == 2
    assert "bp-id" not in "".join(figures)


def test_what_went_wrong_stands_where_no_widget_is_shown():
    def bad(ax, n):
        """Bad"""
        return f"{1 / n}"

    still = make(bad, n={"min": 0, "max": 2, "value": 0})._repr_mimebundle_()[0]["text/html"]
    assert "ZeroDivisionError: division by zero" in Outline(still).text


@pytest.mark.usefixtures("recording_mode")
def test_recorded_bundle_is_the_recording_and_no_widget(monkeypatch):
    opened = []
    monkeypatch.setattr("comm.create_comm", lambda **kwargs: opened.append(kwargs))
    wave = make()
    assert wave._repr_mimebundle_() == {"text/plain": repr(wave), MIME: wave.recording()}
    wave.gain = 1.5
    assert opened == []  # or the page would want a widget manager


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["live", "recorded"])
def test_notebook(mode, tmp_path, monkeypatch):
    """A real kernel with the inline backend: one output, and no picture beside it."""
    nbformat = pytest.importorskip("nbformat")
    client = pytest.importorskip("nbclient")
    source = """
import matplotlib.pyplot as plt
from backpass import style
from backpass.explore import explore
style.use()
fig, ax = plt.subplots()
@explore(ax, n=(0, 2))
def dots(ax, n):
    \"\"\"Dots\"\"\"
    ax.plot(range(n), "o")
    return f"{n} dots."
dots
"""
    monkeypatch.setenv("BACKPASS_RECORD", "1" if mode == "recorded" else "0")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    client.NotebookClient(
        notebook, timeout=60, resources={"metadata": {"path": tmp_path}}
    ).execute()
    (output,) = notebook.cells[0].outputs
    assert output["data"]["text/plain"] == "Dots (n=1): 1 dots."
    other = MIME if mode == "recorded" else "application/vnd.jupyter.widget-view+json"
    still = {"text/html"} if mode == "live" else set()
    assert set(output["data"]) == {"text/plain", other} | still
    assert ("widgets" in notebook.metadata) == (mode == "live")


@pytest.mark.slow
def test_the_explorers_of_the_page_on_widgets_move_together(tmp_path):
    """Its code, in a kernel; what jslink does in the page is tested in JupyterLab."""
    nbformat = pytest.importorskip("nbformat")
    page = (ROOT / "pages" / "api" / "explore.md").read_text(encoding="utf-8")
    sources = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
    sources[-1:-1] = ["signal.layers, slope.gain = 3, 0.5", "print(signal, slope, sep='\\n')"]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    execute(notebook, tmp_path)
    one, other = notebook.cells[3].outputs[0]["text"].splitlines()
    assert one.endswith("(gain=0.5, layers=3): After 3 layers of gain 0.5 the signal is 0.11.")
    assert other.endswith("(gain=0.5, layers=3): The product of the 3 slopes is 0.092.")
    shown = [cell.outputs[0]["data"] for cell in (notebook.cells[1], notebook.cells[-1])]
    assert all("application/vnd.jupyter.widget-view+json" in data for data in shown)


# --- what does not fit ----------------------------------------------------------------------------


def test_arguments_must_fit_the_controls():
    def f(ax, gain, depth=3, *, seed=0):
        """F"""
        return "F."

    for controls in ({}, {"depth": (0, 4)}, {"gain": (0, 1), "width": (0, 1)}):
        with pytest.raises(ExplorerError, match=r"f\(ax, gain, .*\) does not fit its controls"):
            make(f, **controls)
    assert make(f, gain=(0, 2)).gain == 1


@pytest.mark.parametrize("name", ["layout", "grid", "keys", "comm", "_state", "recording", "_new"])
def test_names_that_widgets_have_already(name):
    space = {}
    exec(f"def f(ax, {name}):\n  'F'\n  return 'F.'", space)
    with pytest.raises(ExplorerError, match=f"cannot be called '{name}'"):
        make(space["f"], **{name: (0, 1)})


def test_title_is_needed():
    with pytest.raises(ExplorerError, match="bare needs a docstring"):

        @explore(plt.subplots()[1])
        def bare(ax):
            return "Bare."

    plt.close("all")


def test_control_and_axes_errors_come_through():
    with pytest.raises(ExplorerError, match="'gain' cannot be read"):
        make(gain="loud")
    with pytest.raises(ExplorerError, match="wants matplotlib Axes"):
        explore("ax", power=2)(lambda_)


# --- the look -------------------------------------------------------------------------------------


def test_css_has_the_palette():
    css = (Explorer._css).read_text() if hasattr(Explorer._css, "read_text") else str(Explorer._css)
    found = re.findall(r"--bp-(\w+): light-dark\((#\w+), (#\w+)\);", css)
    assert {name: (light, dark) for name, light, dark in found} == style.PALETTE
    for name, light in re.findall(r"var\(--bp-(\w+), (#\w+)\)", css):
        assert style.PALETTE[name][0] == light
    assert not re.search(r"var\(--bp-\w+\)", css)  # every one with its fallback


def test_css_touches_explorers_only():
    css = re.sub(r"/\*.*?\*/", "", str(Explorer._css), flags=re.S)
    for selector in re.findall(r"([^{};]+)\{", css):
        if not selector.strip().startswith("@"):
            assert all(".explorer" in one for one in re.split(r",(?![^(]*\))", selector)), selector


def test_script_ends_as_the_book_expects():
    assert str(Explorer._esm).endswith("\nexport default { render };\n")


# --- any controls ---------------------------------------------------------------------------------


@settings(max_examples=examples(25))
@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c"]),
        st.one_of(
            st.booleans(),
            st.lists(st.integers(), min_size=1, max_size=4, unique=True),
            st.tuples(st.integers(-9, 0), st.integers(1, 5)),
        ),
    )
)
def test_any_controls_are_called_with_what_the_grid_says(controls):
    seen = []

    def f(ax, **values):
        """F"""
        seen.append(values)
        ax.axhline(len(repr(values)))
        return repr(values)

    one = make(f, **controls)
    assert seen.pop() == {name: getattr(one, name) for name in controls}
    if len(list(one.grid())) <= 60:
        told = one.recording()
        assert seen == [*one.grid(), *seen[-1:]]  # the first is drawn again
        assert seen[-1] in seen[:-1]
        assert told["sentences"] == [printed(repr(state)) for state in one.grid()]
        assert all(len(c["texts"]) == len(c["values"]) for c in told["controls"])


@pytest.mark.slow
def test_a_state_is_much_cheaper_than_the_figure():
    wave = make()
    _, axes = plt.subplots()
    axes.set(xlim=(0, 10), ylim=(-2, 2), xlabel="t")
    axes.plot(X, np.sin(X))

    def best(run):
        times = []
        for _ in range(10):
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
        return min(times)

    whole = best(lambda: axes.figure.savefig(os.devnull, format="svg"))
    plt.close(axes.figure)
    state = best(lambda: wave._piece.shoot({}))
    assert whole > 5 * state
