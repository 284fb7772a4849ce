"""What cannot be read in a picture: text on something else, or outside."""

import numpy as np
from matplotlib.path import Path
from picture import Shape, Text, within

#: How far, in points, ink may reach into a text's rectangle: its corners are mostly empty.
SLACK = 0.5


def collisions(items: list, width: float, height: float, known: int = 0) -> list[str]:
    """In words, what each text of a picture lies on; ``items`` in the order of drawing.

    Of pairs among the first ``known`` items nothing is said: they were looked at before.
    """
    found = []
    for place, item in enumerate(items):
        if not isinstance(item, Text):
            continue
        if place >= known:
            box = item.clip or (0, 0, width, height)
            low, high = item.corners.min(axis=0) + SLACK, item.corners.max(axis=0) - SLACK
            if (low < box[:2]).any() or (high > box[2:]).any():
                found.append(f"“{item.words}” reaches out of the picture")
        for other in range(known if place < known else 0, len(items)):
            one = items[other]
            if isinstance(one, Text):
                if other > place and _overlap(item, one):
                    found.append(f"“{item.words}” and “{one.words}” overlap")
            elif why := _clash(item, one, other > place, items[other + 1 : place]):
                found.append(f"“{item.words}” ({item.color}) {why}")
    return found


def _clash(text, shape, is_above, between):
    """How a shape spoils a text, in words; None if it does not. ``between`` lies between them."""
    if _apart(text, shape):
        return None
    color = shape.stroke or shape.fill
    is_same = text.color == color and not shape.is_marker
    if shape.is_opaque and (is_above or shape.fill == text.color) and _covers(shape, text):
        words = f"is hidden by a {shape.fill} area"
    elif shape.is_faint or is_same or not _crosses(shape, text):
        return None
    else:
        kind = "marker" if shape.is_marker else "line" if shape.stroke else "area's edge"
        words = f"lies on a {color} {kind}"
    return None if any(_hides(one, text) for one in between) else words


def _apart(one, other):
    """Whether not even the boxes around two items touch: most do not, and it is soon known."""
    (x0, y0, x1, y1), (left, low, right, high) = one.box, other.box
    return left > x1 or low > y1 or right < x0 or high < y0


def _covers(shape, text):
    middle = text.corners.mean(axis=0)[None]
    return any(_holds(line, middle) for line in shape.outlines)


def _crosses(shape, text):
    """Whether a shape's outline comes into a text's rectangle."""
    c, s = np.cos(text.turn), np.sin(text.turn)
    turned = np.array([(c, -s), (s, c)])
    corners = text.corners @ turned
    reach = shape.width / 2 - SLACK
    low, high = corners.min(axis=0) - reach, corners.max(axis=0) + reach
    if (low >= high).any():
        return False
    segments = np.hstack([shape.segments[:, :2] @ turned, shape.segments[:, 2:] @ turned])
    return len(within(segments, (*low, *high))) > 0


def _hides(shape, text):
    """Whether an opaque shape lies behind the whole text, so that nothing below it is seen."""
    return (
        isinstance(shape, Shape)
        and shape.is_opaque
        and any(_holds(line, _shrunk(text.corners)) for line in shape.outlines)
    )


def _holds(outline, points):
    return len(outline) > 2 and Path(outline).contains_points(points).all()


def _shrunk(corners):
    middle = corners.mean(axis=0)
    return middle + (corners - middle) * 0.9


def _overlap(one, other):
    """Whether two rectangles, each turned its own way, share more than a rim (separating axes)."""
    if _apart(one, other):
        return False
    for turn in {one.turn, other.turn}:
        for axis in ((np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))):
            a, b = one.corners @ axis, other.corners @ axis
            if min(a.max(), b.max()) - max(a.min(), b.min()) <= SLACK:
                return False
    return True
