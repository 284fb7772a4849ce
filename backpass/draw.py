"""Drawings of networks and computational graphs, in inches.

A drawing is a canvas, boxes or discs on it, and arrows between them::

    fig, ax = canvas(4.4, 2.0)
    h = box(ax, (1.0, 1.0), "h = tanh a", width=1.1)
    y = box(ax, (3.4, 1.0), "y = v h", width=1.1)
    arrow(ax, h, y, "v = 0.5")

All of it can be background or, inside an explorer's function, layer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from backpass.numerals import printed
from backpass.style import SIZE, C

__all__ = ["Shape", "arrow", "box", "canvas", "disc", "layers", "write"]

#: A place, in inches.
Point = tuple[float, float]
#: What an arrow leaves free before an outline, in inches.
GAP = 0.02


@dataclass(frozen=True)
class Shape:
    """Where a box or a disc stands: its centre and half its width and height, in inches."""

    x: float
    y: float
    half_width: float
    half_height: float
    is_round: bool = False

    def towards(self, other: "Shape") -> Point:
        """The point, just outside the outline, where a line to the centre of ``other`` leaves."""
        dx, dy = other.x - self.x, other.y - self.y
        length = hypot(dx, dy)
        if not length:
            raise ValueError("an arrow needs two places, and both are the same")
        if self.is_round:
            out = self.half_width
        else:
            sides = ((self.half_width, abs(dx)), (self.half_height, abs(dy)))
            out = min(half * length / d for half, d in sides if d)
        return self.x + (out + GAP) * dx / length, self.y + (out + GAP) * dy / length


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure of ``width`` × ``height`` inches and its axes: no frame, one unit is one inch."""
    fig, ax = plt.subplots(figsize=(width, height), layout="none")
    ax.set(position=(0, 0, 1, 1), xlim=(0, width), ylim=(0, height))
    ax.set_axis_off()
    return fig, ax


def box(
    ax: Axes,
    at: Point,
    text: str = "",
    *,
    width: float = 0.9,
    height: float = 0.4,
    color: str = C.muted,
    lw: float = 1.2,
) -> Shape:
    """A box with rounded corners and its centre ``at`` (x, y); returns its Shape."""
    shape = Shape(*at, width / 2, height / 2)
    corner = min(0.08, height / 4)
    patch = FancyBboxPatch(
        (shape.x - width / 2 + corner, shape.y - height / 2 + corner),
        width - 2 * corner,
        height - 2 * corner,
        boxstyle=f"round,pad={corner},rounding_size={corner}",
    )
    return _outlined(ax, patch, shape, text, color, lw)


def disc(
    ax: Axes,
    at: Point,
    text: str = "",
    *,
    radius: float = 0.22,
    color: str = C.muted,
    lw: float = 1.2,
) -> Shape:
    """A unit of a network, a circle with its centre ``at`` (x, y); returns its Shape."""
    return _outlined(ax, Circle(at, radius), Shape(*at, radius, radius, True), text, color, lw)


def arrow(
    ax: Axes,
    start: Shape,
    end: Shape,
    text: str = "",
    *,
    at: float = 0.5,
    aside: float = 0.0,
    shift: Point = (0.0, 0.0),
    color: str = C.muted,
    lw: float = 1.2,
    head: bool = True,
) -> None:
    """An arrow from one Shape to another, from outline to outline.

    ``text`` stands ``at`` this fraction of the way, on a patch of paper that interrupts the line,
    or, if ``aside`` is not 0, so many inches to the left of it as the arrow flies. With ``lw=0``
    there is the text alone. ``shift`` moves all of it so many inches to the right and up: an arrow
    back then runs beside the one that leads there.
    """
    start, end = (replace(one, x=one.x + shift[0], y=one.y + shift[1]) for one in (start, end))
    (x0, y0), (x1, y1) = first, last = start.towards(end), end.towards(start)
    if lw:
        style = "-|>,head_length=4,head_width=2" if head else "-"
        line = FancyArrowPatch(first, last, arrowstyle=style, shrinkA=0, shrinkB=0)
        line.set(color=color, linewidth=lw, zorder=1, clip_on=False)
        ax.add_patch(line)
    dx, dy, length = x1 - x0, y1 - y0, hypot(x1 - x0, y1 - y0)
    place = x0 + at * dx - aside * dy / length, y0 + at * dy + aside * dx / length
    write(ax, place, text, color=color, paper=not aside)


def write(
    ax: Axes,
    at: Point,
    text: str,
    *,
    color: str = C.ink,
    size: float = SIZE,
    paper: bool = False,
    ha: str = "center",
    weight: str = "normal",
) -> None:
    """Text around the point ``at``, on a patch of paper if what lies behind is to be hidden.

    Its numbers are set as in print, narrowly, see :func:`.printed`.
    """
    if text:
        patch = {"facecolor": C.paper, "edgecolor": "none", "pad": 1.0} if paper else None
        style = {"ha": ha, "va": "center", "size": size, "color": color, "weight": weight}
        ax.text(*at, printed(f"{text}", gap=""), bbox=patch, zorder=3, **style)


def layers(
    sizes: Sequence[int], width: float, height: float, *, margin: float = 0.45
) -> list[list[Point]]:
    """Places (x, y) for the units of a layered net, one list a layer, layers from left to right."""
    across = (width - 2 * margin) / (len(sizes) - 1)
    down = (height - 2 * margin) / max(max(sizes) - 1, 1)
    return [
        [(margin + i * across, height / 2 + down * ((n - 1) / 2 - j)) for j in range(n)]
        for i, n in enumerate(sizes)
    ]


def _outlined(ax, patch, shape, text, color, lw):
    patch.set(facecolor=C.paper, edgecolor=color, linewidth=lw, zorder=2, clip_on=False)
    ax.add_patch(patch)
    write(ax, (shape.x, shape.y), text)
    return shape
