"""A name beside its line, at the place where it is free: so no state of an explorer collides.

A curve that moves with a slider takes its name with it::

    (line,) = ax.plot(x, y)
    write_beside(line, "truncation")

A name avoids the lines (but not ghosts), the patches and the texts that are on the axes when it is
placed, so name the lines when all are drawn.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text

from backpass.style import GHOST

__all__ = ["write_beside"]

#: How far a name stands from its line, in points, and from anything else if it can.
GAP, ROOM = 3.0, 16.0
#: How many places along the line are tried.
PLACES = 40
#: A name may stand above or below its place on the line, centred or to one side.
_SIDES = [(across, up) for up in (1, -1) for across in (0, -1, 1)] + [(-1, 0), (1, 0)]


def write_beside(line: Line2D, text: str, *, at: float = 0.8) -> Text | None:
    """Write ``text`` beside ``line``, in its colour, and return it.

    Of all free places it takes the one with most room, and of those the one nearest to the
    fraction ``at`` of the line. A line of which nothing is in sight gets no name: None.
    """
    ax = line.axes
    way = _points(line, line.get_xydata())
    frame = ax.get_window_extent().get_points()
    seen = way[((way >= frame[0] - 1) & (way <= frame[1] + 1)).all(axis=1)]
    if not len(seen):
        return None
    seen = seen[np.linspace(0, len(seen) - 1, PLACES).astype(int)]
    name = ax.text(0, 0, text, color=line.get_color(), ha="center", va="center")
    unit = ax.figure.dpi / 72
    half = np.array(name.get_window_extent().size) / 2
    reach = half + (GAP + _thick(line)) * unit
    middles = (seen[:, None] + np.array(_SIDES) * reach).reshape(-1, 2)
    apart = np.abs(np.repeat(np.arange(len(seen)) / len(seen), len(_SIDES)) - at)
    room = np.full(len(middles), ROOM * unit)
    for points, thick in _obstacles(ax, line, name):
        room = np.minimum(room, _distance(middles, half, points) - thick * unit)
    own = _distance(middles, half, way) - _thick(line) * unit
    low, high = middles - half - unit, middles + half + unit
    inside = ((low >= frame[0]) & (high <= frame[1])).all(axis=1)
    touches = ~inside | (np.minimum(room, own) < unit / 2)
    best = np.lexsort((apart, -np.round(room / (4 * unit)), touches))[0]
    name.set_position(ax.transData.inverted().transform(middles[best]))
    return name


def _obstacles(ax: Axes, line, name):
    """What stands on the axes: points in pixels that lie close together, and how thick they are."""
    for other in ax.lines:
        if other is not line and (other.get_alpha() or 1) > GHOST["alpha"]:
            yield _points(other, other.get_xydata()), _thick(other)
    for patch in ax.patches:
        if (patch.get_alpha() or 1) > GHOST["alpha"]:
            path = patch.get_transform().transform_path(patch.get_path())
            for outline in path.to_polygons(closed_only=False):
                yield _close(outline), patch.get_linewidth() / 2
    for words in ax.texts:
        if words is not name and words.get_text():
            yield _close(words.get_window_extent().corners()[[0, 1, 3, 2, 0]]), 0


def _thick(line):
    """Half the width of a line or of its markers, in points."""
    has_markers = line.get_marker() not in ("None", "none", None, "", " ")
    return max(line.get_linewidth(), line.get_markersize() if has_markers else 0) / 2


def _points(line, data):
    with np.errstate(all="ignore"):
        pixels = line.get_transform().transform(np.ma.filled(np.ma.asarray(data, float), np.nan))
    pixels = pixels[np.isfinite(pixels).all(axis=1)]
    return _close(pixels) if line.get_linestyle() != "None" else pixels


def _close(points, step=3.0, most=4000):
    """Points at most about ``step`` pixels apart along a way."""
    if len(points) < 2:
        return points
    along = np.append(0, np.cumsum(np.hypot(*np.diff(points, axis=0).T)))
    fine = np.linspace(0, along[-1], min(int(along[-1] / step) + 2, most))
    return np.column_stack([np.interp(fine, along, points[:, axis]) for axis in (0, 1)])


def _distance(middles, half, points):
    """How far each box (its middle, half its size) is from the nearest of the points."""
    if not len(points):
        return np.full(len(middles), np.inf)
    gaps = (np.abs(middles[:, None, axis] - points[:, axis]) - half[axis] for axis in (0, 1))
    across, up = (np.maximum(gap, 0) for gap in gaps)
    return np.sqrt((across**2 + up**2).min(axis=1))
