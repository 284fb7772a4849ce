"""Whatever a function may draw is in the layer, and gone afterwards; the background stays."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from some import some

from backpass import style
from backpass.explore.errors import ExplorerError
from backpass.explore.stage import Stage

X = np.linspace(0.1, 9.9, 30)
Z = X[:, None] * X


@pytest.fixture(autouse=True)
def _style():
    with mpl.rc_context():
        style.use()
        yield


@pytest.fixture
def axes():
    _, axes = plt.subplots(layout="none")
    axes.set(xlim=(0, 10), ylim=(0, 10), xlabel="x", title="A title")
    axes.grid(visible=False)
    return axes


def test_an_axis_writes_its_numbers_as_in_print_unless_told_how():
    _, both = plt.subplots(2)
    both[0].set(xlim=(-2000, 2000), xticks=[-2000, 1000])
    both[1].set(xlim=(0, 2000), xticks=[1000])
    both[1].xaxis.set_major_formatter("{x:.0f} steps")
    Stage(both, "f")
    told = [[tick.get_text() for tick in axes.get_xticklabels()] for axes in both]
    assert told == [["−2,000", "1,000"], ["1000 steps"]]


def inset(axes):
    axes.inset_axes([0.5, 0.5, 0.4, 0.4]).plot(X)


def twin(axes):
    axes.figure.add_axes([0.6, 0.6, 0.2, 0.2]).bar([0, 1], [1, 2])


ARTISTS = {
    "line": lambda axes: axes.plot(X, X),
    "markers": lambda axes: axes.plot(X, X, "o"),
    "errorbar": lambda axes: axes.errorbar(X, X, yerr=1, xerr=0.2, capsize=3),
    "bars": lambda axes: axes.bar_label(axes.bar([1, 2], [3, 4], yerr=1), fmt="%.1f"),
    "barh": lambda axes: axes.barh([1, 2], [3, 4]),
    "hist": lambda axes: axes.hist(X, bins=5, histtype="stepfilled"),
    "patch": lambda axes: axes.add_patch(Circle((5, 5), 2, hatch="x")),
    "fill": lambda axes: axes.fill_between(X, X, X / 2, where=X > 2),
    "spans": lambda axes: (axes.axhline(3), axes.axvspan(2, 3), axes.axline((0, 0), slope=1)),
    "scatter": lambda axes: axes.scatter(X, X, c=X, s=X * 9),
    "lines": lambda axes: axes.vlines([1, 2], 0, 5),
    "stem": lambda axes: axes.stem([1, 2, 3], [4, 5, 6]),
    "step": lambda axes: axes.stairs([1, 2, 3]),
    "image": lambda axes: axes.imshow(Z),
    "mesh": lambda axes: axes.pcolormesh(X, X, Z),
    "contour": lambda axes: axes.clabel(axes.contour(X, X, Z)),
    "contourf": lambda axes: axes.contourf(X, X, Z),
    "hexbin": lambda axes: axes.hexbin(X, X, gridsize=5),
    "quiver": lambda axes: axes.quiverkey(axes.quiver(X, X, X, -X), 0.5, 0.5, 5, "five"),
    "streamplot": lambda axes: axes.streamplot(X, X, Z, -Z, density=0.3),
    "boxplot": lambda axes: axes.boxplot(X, manage_ticks=False),
    "violin": lambda axes: axes.violinplot(X, [5]),
    "events": lambda axes: axes.eventplot(X),
    "text": lambda axes: axes.text(5, 5, "plain"),
    "mathtext": lambda axes: axes.text(0.5, 0.5, r"$\frac{\partial L}{\partial W}$", rotation=30),
    "boxed": lambda axes: axes.text(5, 5, "boxed", bbox={"boxstyle": "round"}),
    "annotation": lambda axes: axes.annotate("here", (1, 1), (5, 5), arrowprops={"width": 1}),
    "arrow": lambda axes: axes.arrow(1, 1, 3, 3, width=0.1),
    "legend": lambda axes: axes.plot(X, X, label="identity") and axes.legend(loc="upper left"),
    "table": lambda axes: axes.table([["1", "2"]], loc="center"),
    "inset": inset,
    "other axes": twin,
    "indicated": lambda axes: axes.indicate_inset([1, 1, 2, 2]),
    "figure text": lambda axes: axes.figure.text(0.1, 0.1, "figure"),
    "figure line": lambda axes: axes.figure.add_artist(Line2D([0, 1], [0, 1])),
    "figure legend": lambda axes: axes.figure.legend(axes.plot(X, X), ["a line"]),
}
#: What nearly every figure has, and one of each further kind.
COMMON = ("line", "markers", "bars", "fill", "image", "mathtext", "legend", "inset", "figure text")


@pytest.mark.parametrize("draw", some(ARTISTS, COMMON))
def test_artist_is_in_the_layer_and_gone_afterwards(axes, draw):
    stage = Stage(axes, "f")
    before = axes.figure.findobj()
    limits = axes.axis()
    _, definitions, first = stage.shoot(lambda: draw(axes))
    assert "<path" in first or "<use" in first or "<image" in first
    for markup in (stage.background[1], first, *definitions.values()):
        ET.fromstring(f"<svg>{markup}</svg>")
    refers = set(re.findall(r'(?:href="#|url\(#)([^")]+)', first))
    assert refers == set(definitions)
    assert axes.axis() == limits
    assert [one for one in axes.figure.findobj() if not _tick(one)] == [
        one for one in before if not _tick(one)
    ]
    assert not axes.containers
    assert axes.get_legend() is None
    assert stage.shoot(lambda: draw(axes))[1:] == (definitions, first)
    assert stage.shoot(lambda: None)[1:] == ({}, "")


def _tick(artist):
    return "Tick" in type(artist).__name__ or artist.axes is None or hasattr(artist, "get_text")


def test_what_svg_cannot_draw_says_so(axes):
    stage = Stage(axes, "f")
    with pytest.raises(ValueError, match="imshow"):
        stage.shoot(lambda: axes.pcolormesh(X, X, Z, shading="gouraud"))
    assert stage.shoot(lambda: None)[2] == ""


def test_everything_at_once_in_matplotlibs_order(axes):
    stage = Stage(axes, "f")

    def act():
        axes.text(1, 1, "", zorder=9)
        axes.plot(X, X, color="#000001", zorder=3)
        axes.plot(X, X, color="#000002", zorder=1)
        axes.axhline(5, color="#000003", zorder=2)
        axes.figure.add_artist(Line2D([0, 1], [0, 1], color="#000004", zorder=0))

    assert re.findall("#00000(.)", stage.shoot(act)[2]) == list("2314")


def test_layer_lies_where_the_whole_figure_has_it(axes):
    """The same line drawn as background and as layer: the same path."""
    axes.figure.set_layout_engine("constrained")
    _, ax = plt.subplots()
    ax.set(xlim=(0, 10), ylim=(0, 10), xlabel="x", title="A title")
    ax.grid(visible=False)
    ax.plot(X, np.sqrt(X), color="#abcdef")
    whole = Stage(ax, "f").background[1]
    layer = Stage(axes, "f").shoot(lambda: axes.plot(X, np.sqrt(X), color="#abcdef"))[2]
    assert layer in whole


@pytest.mark.parametrize("scale", ["log", "symlog", "logit"])
def test_scales(scale):
    _, axes = plt.subplots()
    axes.set(yscale=scale, xscale=scale, xlim=(1e-3, 0.9), ylim=(1e-3, 0.9))
    stage = Stage(axes, "f")
    _, _, layer = stage.shoot(lambda: axes.plot([1e-3, 0.9], [1e-3, 0.9]))
    box = axes.get_window_extent()
    x, y, dx, dy = map(float, re.search(r"M(\S+) (\S+)l([^- ]+)(-\S+?)\"", layer).groups())
    assert (x, y) == pytest.approx((box.x0, stage.height - box.y0), abs=0.01)
    assert (dx, -dy) == pytest.approx((box.width, box.height), abs=0.011)


@pytest.mark.parametrize(
    "make",
    [
        lambda: plt.subplots(2, 2)[1],
        lambda: list(plt.subplots(2)[1]),
        lambda: plt.subplot_mosaic("ab")[1],
        lambda: plt.figure().subfigures(1, 2)[1].subplots(2),
        lambda: [plt.figure().add_subplot(projection="polar")],
    ],
    ids=["array", "list", "dict", "subfigure", "polar"],
)
def test_targets(make):
    target = make()
    stage = Stage(target, "f")
    assert stage.target is target
    every = list(target.values()) if isinstance(target, dict) else np.ravel(target)

    def act():
        for one in every:
            one.plot([0, 1], [0, 1], color="#abcdef")

    assert stage.shoot(act)[2].count("#abcdef") == len(every)
    assert stage.shoot(lambda: None)[2] == ""


def test_target_that_is_none():
    for wrong in (plt.figure(), [], [plt.subplots()[1], None], "ax", None):
        with pytest.raises(ExplorerError, match="wants matplotlib Axes"):
            Stage(wrong, "f")
    with pytest.raises(ExplorerError, match="contours"):
        Stage(plt.figure().add_subplot(projection="3d"), "f")
    with pytest.raises(ExplorerError, match="one figure"):
        Stage([plt.subplots()[1], plt.subplots()[1]], "f")
    plt.close("all")


def test_colours_of_the_cycle_start_again(axes):
    axes.plot(X, X)
    stage = Stage(axes, "f")
    for _ in range(3):
        layer = stage.shoot(lambda: (axes.plot(X, X), axes.bar([1], [1])))[2]
        assert "--bp-orange" in layer
        assert "--bp-blue" in layer  # bars count for themselves


@pytest.mark.parametrize("limits", [{}, {"xlim": (-0.5, 9.5), "ylim": (9.5, -0.5)}])
def test_image_moves_neither_limits_nor_aspect(limits):
    _, (axes, other) = plt.subplots(1, 2, sharex=True)
    axes.set(**limits)
    stage = Stage([axes, other], "f")
    before = axes.axis(), axes.get_aspect(), axes.get_position().bounds
    stage.perform(lambda: (axes.imshow(Z), axes.get_position(), axes.figure.canvas.draw()))
    assert (axes.axis(), axes.get_aspect(), axes.get_position().bounds) == before


CHANGES = {
    "the x limits": lambda axes, line: axes.set_xlim(0, 1),
    "the y limits": lambda axes, line: axes.invert_yaxis(),
    "the y scale": lambda axes, line: axes.set_yscale("log"),
    "the x ticks": lambda axes, line: axes.set_xticks([1, 2]),
    "the y ticks": lambda axes, line: axes.tick_params("y", colors="red"),
    "the x label": lambda axes, line: axes.set_xlabel("other"),
    "the title": lambda axes, line: axes.set_title("other", loc="center"),
    "the frame": lambda axes, line: axes.set_axis_off(),
    "the position": lambda axes, line: axes.set_position([0.1, 0.1, 0.5, 0.5]),
    "the figure's title": lambda axes, line: axes.figure.suptitle("other"),
    "the Line2D": lambda axes, line: line.set_ydata(X / 2),
    r"the Line2D \(it is gone\)": lambda axes, line: line.remove(),
    "the Legend": lambda axes, line: axes.legend(["again"]),
    "the Spine": lambda axes, line: axes.spines.left.set_visible(False),
    "the Rectangle": lambda axes, line: axes.set_facecolor("red"),
    "the Text": lambda axes, line: axes.texts[0].set_color("red"),
}


@pytest.mark.parametrize("change", CHANGES, ids=CHANGES)
def test_changing_the_background_is_an_error_that_names_it(axes, change):
    (line,) = axes.plot(X, X, label="identity")
    axes.legend()
    axes.text(5, 5, "before")
    axes.figure.suptitle("before")
    stage = Stage(axes, "wave")
    before = axes.axis(), axes.get_yscale(), axes.get_position().bounds
    layer = stage.shoot(lambda: axes.plot(X, X))[1:]
    with pytest.raises(ExplorerError, match=f"wave changes the background.*{change}.*before the"):
        stage.shoot(lambda: CHANGES[change](axes, line))
    assert (axes.axis(), axes.get_yscale(), axes.get_position().bounds) == before
    assert stage.shoot(lambda: axes.plot(X, X))[1:] == layer


def _clear(axes):
    axes.clear()


def _clear_figure(axes):
    axes.figure.clear()


def _colorbar(axes):
    axes.figure.colorbar(axes.imshow(Z))


def _pyplot(axes):
    plt.plot(X)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (_clear, "taken away by itself"),
        (_clear_figure, "the Axes .it is gone"),
        (_colorbar, "the position"),
        (_pyplot, "ax.plot, not plt.plot"),
        (lambda axes: axes.pie([1, 2]), "the frame"),
        (lambda axes: axes.bar(["a", "b"], [1, 2]), "the x ticks"),
    ],
)
def test_stage_recovers_from_a_wrong_function(axes, wrong, why):
    stage = Stage(axes, "f")
    layer = stage.shoot(lambda: axes.plot(X, X))[1:]
    with pytest.raises(ExplorerError, match=why):
        stage.shoot(lambda: wrong(axes))
    assert stage.shoot(lambda: axes.plot(X, X))[1:] == layer
    assert plt.get_fignums() == []


def test_reading_the_background_is_none(axes):
    stage = Stage(axes, "f")

    def act():
        axes.get_xticklabels(), axes.get_yticks(), axes.get_tightbbox(), axes.axis()
        axes.figure.draw_without_rendering()
        return "read"

    assert stage.perform(act) == "read"


def test_failing_function_leaves_a_clear_stage(axes):
    stage = Stage(axes, "f")

    def act():
        axes.plot(X, X)
        axes.set_xlim(0, 1)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        stage.shoot(act)
    assert not axes.lines
    assert axes.get_xlim() == (0, 10)
    assert stage.shoot(lambda: None)[1:] == ({}, "")


def test_layout_is_that_of_a_saved_svg(axes):
    axes.figure.set_layout_engine("constrained")
    axes.set(ylabel="ylabel", yticks=[0, 10], yticklabels=["wide label", "ten"])
    axes.figure.savefig(os.devnull, format="svg")
    expected = axes.get_position().bounds
    Stage(axes, "f")
    assert axes.get_position().bounds == pytest.approx(expected, abs=1e-9)


def test_small_image_is_kept_cell_by_cell(axes):
    layer = Stage(axes, "f").shoot(lambda: axes.imshow([[1, 2]], extent=(0, 9, 0, 9)))[2]
    assert 'width="2" height="1"' in layer


def test_figure_is_closed_for_pyplot_and_laid_out_once(axes):
    figure = axes.figure
    stage = Stage(axes, "f")
    assert figure.number not in plt.get_fignums()
    place = axes.get_position().bounds
    stage.perform(lambda: figure.canvas.draw())
    assert axes.get_position().bounds == place
    assert (stage.width, stage.height) == pytest.approx(tuple(72 * figure.get_size_inches()))


def test_empty(axes):
    assert Stage(axes, "f").empty
    axes.axhline(1)
    assert not Stage(axes, "f").empty


@pytest.mark.slow
def test_inline_backend_prints_no_second_figure():
    """A notebook's cell with the inline backend, interactive mode on, as in Jupyter."""
    code = """
import matplotlib; matplotlib.use("module://matplotlib_inline.backend_inline")
import matplotlib.pyplot as plt
plt.ion()
from matplotlib_inline.backend_inline import flush_figures
from backpass.explore.stage import Stage
fig, ax = plt.subplots()
stage = Stage(ax, "f")
assert "<path" in stage.shoot(lambda: ax.plot([0, 1]))[2]
assert plt.get_fignums() == []
flush_figures()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
