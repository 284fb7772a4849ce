import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from some import some

from backpass import style
from backpass.explore.stage import Stage
from backpass.labels import write_beside
from backpass.style import GHOST, C

X = np.linspace(0, 10, 101)


@pytest.fixture(autouse=True)
def _style():
    with mpl.rc_context():
        style.use()
        yield
    plt.close("all")


def axes():
    _, ax = plt.subplots()
    ax.set(xlim=(0, 10), ylim=(0, 10))
    ax.figure.draw_without_rendering()
    return ax


def box(text):
    return text.get_window_extent()


def touches(text, line):
    """Whether a line or one of its markers comes into a text's box."""
    with np.errstate(divide="ignore"):
        points = line.get_transform().transform(line.get_xydata())
    points = points[np.isfinite(points).all(axis=1)]
    along, fine = np.linspace(0, 1, len(points)), np.linspace(0, 1, 2000)
    x, y = (np.interp(fine, along, axis) for axis in points.T)
    area = box(text)
    if line.get_marker() != "None":
        area = area.padded(line.get_markersize() / 2 * line.figure.dpi / 72)
    return ((area.x0 < x) & (x < area.x1) & (area.y0 < y) & (y < area.y1)).any()


def test_a_name_has_the_colour_of_its_line_and_stands_near_it():
    ax = axes()
    (line,) = ax.plot(X, X, color=C.green)
    name = write_beside(line, "rising", at=0.5)
    assert (name.get_text(), name.get_color()) == ("rising", C.green)
    assert not touches(name, line)
    wide = box(name).padded(12)
    assert any(wide.contains(*p) for p in line.get_transform().transform(line.get_xydata()))


@pytest.mark.parametrize("at", [0.1, 0.9])
def test_on_a_free_line_a_name_stands_where_it_is_asked_to(at):
    (line,) = axes().plot(X, 0 * X + 5)
    left, _ = write_beside(line, "level", at=at).get_position()
    assert left == pytest.approx(10 * at, abs=1)


@pytest.mark.parametrize("slope", [-1, -0.3, 0, 0.2, 1])
@pytest.mark.parametrize("heights", some([(5,), (3, 6), (2, 5, 8), (1, 3.4, 6.6, 9)], [(2, 5, 8)]))
def test_names_lie_neither_on_lines_nor_on_each_other(heights, slope):
    ax = axes()
    lines = [ax.plot(X, height + slope * (X - 5))[0] for height in heights]
    lines.append(ax.plot([5], [5], "o", ms=12)[0])
    names = [name for i, line in enumerate(lines) if (name := write_beside(line, f"name {i}"))]
    frame = ax.get_window_extent()
    for i, name in enumerate(names):
        assert frame.contains(box(name).x0, box(name).y0)
        assert frame.contains(box(name).x1, box(name).y1)
        assert not any(touches(name, line) for line in lines)
        assert not any(box(name).overlaps(box(other)) for other in names[:i])


def test_a_name_keeps_off_areas_and_texts_but_not_off_ghosts():
    ax = axes()
    (line,) = ax.plot(X, 0 * X + 5, color=C.blue)
    ax.add_patch(plt.Rectangle((6, 5.2), 3, 1.5, color=C.red))
    ax.text(7, 4.2, "below")
    first = write_beside(line, "name", at=0.75)
    assert first.get_position()[0] < 6
    place = first.get_position()
    first.remove()
    for height in np.linspace(0, 10, 60):
        ax.plot(X, 0 * X + height, **GHOST)
    assert write_beside(line, "name", at=0.75).get_position() == place


def test_a_line_out_of_sight_has_no_name():
    ax = axes()
    (line,) = ax.plot(X, X + 20)
    assert write_beside(line, "far") is None
    (empty,) = ax.plot([], [])
    assert write_beside(empty, "nothing") is None
    assert not ax.texts


def test_on_logarithmic_axes_and_on_a_stage():
    _, ax = plt.subplots()
    ax.set(xscale="log", yscale="log", xlim=(1, 1e6), ylim=(1, 1e6))
    stage = Stage(ax, "f")
    shown = []

    def act():
        (line,) = ax.plot([0, 1, 1e6], [0, 1, 1e6])
        shown.append(write_beside(line, "n"))
        assert not touches(shown[0], line)

    first = stage.shoot(act)[1:]
    shown.clear()
    assert stage.shoot(act)[1:] == first
    assert not ax.texts
