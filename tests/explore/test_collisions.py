"""The eye that looks at every recorded picture sees what cannot be read, and nothing else."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from collisions import collisions
from picture import Reader, Text

from backpass import draw, style
from backpass.explore.stage import Stage
from backpass.style import GHOST, C

X = np.linspace(0, 10, 50)


@pytest.fixture(autouse=True)
def _style():
    with mpl.rc_context():
        style.use()
        yield


@pytest.fixture
def ax():
    _, ax = plt.subplots()
    ax.set(xlim=(0, 10), ylim=(0, 10), xlabel="x")
    return ax


def seen(ax, act):
    """What is found in the picture that ``act(ax)`` adds to, background and layer."""
    stage = Stage(ax, "f")
    _, definitions, layer = stage.shoot(lambda: act(ax))
    shared, background = stage.background
    reader = Reader("".join((shared | definitions).values()))
    back = reader.items(background)
    items = back + reader.items(layer)
    found = collisions(items, stage.width, stage.height)
    two = collisions(back, stage.width, stage.height)
    assert sorted(found) == sorted(
        two + collisions(items, stage.width, stage.height, known=len(back))
    )
    return found


def twice(ax):
    ax.text(5, 5, "first", color=C.blue)
    ax.text(5.5, 5.1, "second", color=C.blue)


def turned(ax):
    ax.text(5, 5, "turned by 45°", rotation=45)
    ax.text(6, 6.5, "level")


def above(ax):
    ax.text(5, 5, "covered")
    ax.add_patch(plt.Rectangle((4, 4), 4, 3, color=C.blue, zorder=9))


def invisible(ax):
    ax.bar([5], [8], color=C.blue)
    ax.text(5, 5, "in", color=C.blue, ha="center", zorder=9)


def annotated(ax):
    ax.text(5, 5, "struck", va="center")
    ax.annotate("", (9, 5), (1, 5), arrowprops={"arrowstyle": "->", "color": C.red})


PLANTED = {
    "“first” and “second” overlap": twice,
    "“turned by 45°” and “level” overlap": turned,
    "“line” (ink) lies on a blue line": lambda ax: (
        ax.plot(X, X, color=C.blue),
        ax.text(5, 5, "line", ha="center", va="center"),
    ),
    "“thin” (blue) lies on a orange line": lambda ax: (
        ax.axhline(5.2, color=C.orange, lw=0.8),
        ax.text(5, 5, "thin", color=C.blue),
    ),
    "“dot” (blue) lies on a blue marker": lambda ax: (
        ax.plot(5, 5, "o", color=C.blue),
        ax.text(5, 5, "dot", color=C.blue),
    ),
    "“points” (ink) lies on a red marker": lambda ax: (
        ax.scatter([5.3], [5.2], color=C.red),
        ax.text(5, 5, "points"),
    ),
    "“edge” (ink) lies on a green area's edge": lambda ax: (
        ax.bar([5], [8], color=C.green, width=1),
        ax.text(5, 5, "edge"),
    ),
    "“struck” (ink) lies on a red line": annotated,
    "“covered” (ink) is hidden by a blue area": above,
    "“in” (blue) is hidden by a blue area": invisible,
    "“far out” reaches out of the picture": lambda ax: ax.text(9.5, 5, "far out"),
    "“cut” reaches out of the picture": lambda ax: ax.text(-0.3, 5, "cut", clip_on=True),
    "“¼ of W” (ink) lies on a orange line": lambda ax: (
        ax.axvline(5.1, color=C.orange),
        ax.text(5, 5, "¼ of W"),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("words", "act"), PLANTED.items(), ids=PLANTED)
def test_what_is_planted_is_found(ax, words, act):
    assert words in seen(ax, act)


def boxed(ax):
    ax.plot(X, X, color=C.orange)
    ax.text(5, 5, "boxed", ha="center", bbox={"facecolor": C.paper, "edgecolor": "none"})


def legend(ax):
    ax.plot(X, 0 * X + 1, label="low")
    ax.plot(X, 0 * X + 2, "o-", label="less low")
    ax.legend(loc="upper right")


def table(ax):
    for i in range(4):
        ax.add_patch(plt.Rectangle((2 * i, 2), 2, 2, facecolor=C.blue, edgecolor=C.muted))
        ax.text(2 * i + 1, 3, "0.12", color=C.paper, ha="center", va="center")


def beyond(ax):
    ax.plot(2 * X - 5, 4 * X - 15, color=C.red)  # where it leaves the axes, tick labels are


FINE = {
    "nothing but ticks and labels": lambda ax: None,
    "beside its own line": lambda ax: (
        ax.plot(X, X, color=C.blue),
        ax.text(5, 5.6, "own", color=C.blue, ha="right"),
    ),
    "on its own line": lambda ax: (
        ax.plot(X, X, color=C.blue),
        ax.text(5, 5, "own", color=C.blue),
    ),
    "in an opaque box above a line": boxed,
    "a legend": legend,
    "numbers in cells": table,
    "a line that is cut off at the axes": beyond,
    "on a ghost": lambda ax: (ax.plot(X, X, **GHOST), ax.text(5, 5, "ghost")),
    "in a circle": lambda ax: (
        ax.plot(5, 5, "o", ms=30, color="none", mec=C.orange),
        ax.text(5, 5, "12", ha="center", va="center"),
    ),
    "turned along a line": lambda ax: (
        ax.plot(X, X, color=C.red),
        ax.text(4, 4.5, "along the line", rotation=34, rotation_mode="anchor"),
    ),
    "on a pale area's edge": lambda ax: (
        ax.axvspan(5, 9, color=C.green, alpha=0.2, lw=0),
        ax.text(4.8, 5, "on the edge"),
    ),
    "text without ink": lambda ax: ax.text(5, 5, " "),
}


@pytest.mark.slow
@pytest.mark.parametrize("act", FINE.values(), ids=FINE)
def test_what_can_be_read_is_left_alone(ax, act):
    assert seen(ax, act) == []


def test_a_drawing_on_a_canvas():
    _, ax = draw.canvas(4.4, 2.0)
    left, right = (draw.box(ax, (x, 1.0), "h = tanh a", width=1.1) for x in (0.8, 3.6))

    def act(ax):
        draw.arrow(ax, left, right, "0.5")
        draw.arrow(ax, right, left, "−0.25", shift=(0, 0.15), aside=-0.15)

    assert seen(ax, act) == []

    def clash(ax):
        draw.arrow(ax, left, right)
        draw.write(ax, (2.2, 1.0), "0.5")

    assert seen(ax, clash) == ["“0.5” (ink) lies on a muted line"]


def test_a_text_knows_its_words_and_its_size(ax):
    ax.set_axis_off()
    stage = Stage(ax, "f")
    _, definitions, layer = stage.shoot(lambda: ax.text(1, 1, "fit ½ λ₂", size=13, color=C.red))
    (text,) = Reader("".join(definitions.values())).items(layer)
    assert isinstance(text, Text)
    assert (text.words.replace("\u00a0", " "), text.color) == ("fit ½ λ₂", "red")
    assert text.size == pytest.approx(13)


@pytest.mark.parametrize("rotation", [0, 30, 90])
def test_the_ink_is_where_matplotlib_says(ax, rotation):
    stage = Stage(ax, "f")
    boxes = []

    def act():
        text = ax.text(5, 5, "Hxk", rotation=rotation)
        boxes.append(text.get_window_extent())

    _, definitions, layer = stage.shoot(act)
    (text,) = Reader("".join(definitions.values())).items(layer)
    low, high = text.corners.min(axis=0), text.corners.max(axis=0)
    assert (low[0], high[0]) == pytest.approx((boxes[0].x0, boxes[0].x1), abs=3)
    bottom, top = stage.height - boxes[0].y0, stage.height - boxes[0].y1
    assert (low[1], high[1]) == pytest.approx((top, bottom), abs=3)
