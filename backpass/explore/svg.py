"""Matplotlib artists as small pieces of SVG that can be swapped inside one picture.

Matplotlib's own SVG renderer draws; this module leaves out what a piece does not need (prologue,
metadata, groups, comments), rounds, names colours, and takes every shared shape (a glyph, a
marker, a clip path) out into a dictionary of definitions. An id is PREFIX and a hash of what it
stands for, so equal shapes of many states become one; whoever puts the markup into a page replaces
PREFIX by an id of that page, so no two pictures share an id.
"""

import contextlib
import functools
import hashlib
import re
from collections.abc import Callable
from io import StringIO

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from backpass.style import PALETTE

#: What every id begins with, until the picture is put somewhere.
PREFIX = "bp-id"
#: Coordinates are rounded to 1/100 of a point (1/72 inch): less than a screen shows.
SCALE = 100
#: A path of fewer characters may be that of a letter.
LETTER = 2_000
#: An image that matplotlib must resample gets this many pixels per inch of the figure.
IMAGE_DPI = 144

_SETTINGS = {"svg.fonttype": "path", "svg.hashsalt": "backpass", "svg.image_inline": True}
_NAMES = {light: name for name, (light, _) in PALETTE.items()}

_SPACE = re.compile(r"\s*\n\s*")
_NUMBER = re.compile(r"-?\d+\.\d+")
_LENGTHS = re.compile(r' (?:x|y|width|height)="[^"]*"|translate\([^)]*\)')
_PATH = re.compile(r'(?<= d=")[^"]*')
_SEGMENT = re.compile(r"([MLQCz])([^MLQCz]*)")
_SHIFT = re.compile(r'(<use [^>]*) transform="translate\(([^ )]+) ([^ )]+)\)"/>')
_MARKERS = re.compile(r"<g((?: clip-path=\"[^\"]*\")?)>((?:<use [^>]*/>)+)</g>")
_STYLE = re.compile(r' style="([^"]*)"')
_OPACITY = re.compile(r"(?<!-)\bopacity:")
_COLOUR = re.compile(r"(?<=: )#[0-9a-f]{6}")
_COLOUR_ATTRIBUTE = re.compile(r' (fill|stroke)="(#[0-9a-f]{6})"')
_DEFS = re.compile(r"<defs>(.*?)</defs>")
_DEFINITION = re.compile(r'<(\w+)\b[^>]*? id="([^"]+)"[^>]*?(?:/>|>.*?</\1>)')
_ID = re.compile(r' id="[^"]*"')
_REFERENCE = re.compile(r'(?<=href="#)[^"]+|(?<=url\(#)[^)]+')
_TAG = re.compile(r"<(/?)[^>]*?(/?)>")


class _Renderer(RendererSVG):
    """Matplotlib's SVG renderer without anything that only a complete file needs.

    It draws one piece after another, each from :meth:`begin` to :meth:`markup`.
    """

    def __init__(self):
        self.begin(1, 1)  # what measures texts has a size, which does not matter

    def begin(self, width, height):
        """Start from nothing; but matplotlib remembers of a renderer how wide a text is."""
        self._out = StringIO()
        super().__init__(width, height, self._out, image_dpi=IMAGE_DPI)
        self._start = self._out.tell()
        self.writer.comment = lambda text: None

    def _write_metadata(self, metadata): ...

    def _write_default_style(self): ...

    def open_group(self, s, gid=None): ...

    def close_group(self, s): ...

    def draw_gouraud_triangles(self, *args, **kwargs):
        raise ValueError(
            "shading='gouraud' has no SVG that browsers draw; use imshow(..., "
            "interpolation='bilinear') or shading='nearest'."
        )

    def markup(self):
        """What was drawn, as one line without the enclosing ``<svg>``."""
        self.finalize()
        text = _SPACE.sub("", self._out.getvalue()[self._start :])
        return "" if text == "/>" else text.removeprefix(">").removesuffix("</svg>")


class Canvas(FigureCanvasSVG):
    """A figure's texts have the widths here that they will have, and each is measured once."""

    def __init__(self, figure: Figure) -> None:
        super().__init__(figure)
        self._renderer = _Renderer()

    def get_renderer(self) -> RendererSVG:
        return self._renderer

    def render(self, draw: Callable[[RendererSVG], None]) -> tuple[dict[str, str], str]:
        """Run ``draw(renderer)`` and return what it drew as ``(definitions, body)``.

        ``definitions`` maps each id to its element; ``body`` refers to them and holds nothing else
        with an id. The figure's size is in points where it has 72 dots per inch.
        """
        with _settings():
            self._renderer.begin(*self.figure.bbox.size)
            draw(self._renderer)
            text = self._renderer.markup()
        return _share(_tidy(text))


@contextlib.contextmanager
def _settings():
    """Matplotlib's rc_context keeps all its settings, which takes longer than some pieces."""
    before = {key: mpl.rcParams[key] for key in _SETTINGS}
    mpl.rcParams.update(_SETTINGS)
    try:
        yield
    finally:
        mpl.rcParams.update(before)


def elements(markup: str) -> list[str]:
    """The outermost elements of which the markup consists."""
    found, start, depth = [], 0, 0
    for tag in _TAG.finditer(markup):
        depth += 1 if not tag[1] else -1
        depth -= bool(tag[2])
        if not depth:
            found.append(markup[start : tag.end()])
            start = tag.end()
    return found


def sharpen(artist: Artist) -> None:
    """Store an enlarged image cell by cell, to be enlarged by the reader's screen.

    Matplotlib would draw each cell as many equal pixels: the same picture, larger and less sharp.
    """
    if not isinstance(artist, AxesImage) or artist.get_interpolation() == "none":
        return
    rows, columns = artist.get_array().shape[:2]
    box = artist.get_window_extent()
    if artist.get_interpolation() in ("auto", "antialiased", "nearest") and (
        3 * columns <= box.width and 3 * rows <= box.height
    ):
        artist.set_interpolation("none")


def _tidy(text):
    text = text.replace("xlink:href", "href")
    text = _LENGTHS.sub(lambda match: _NUMBER.sub(_rounded, match[0]), text)
    text = _PATH.sub(_relative, text)
    text = _SHIFT.sub(r'\1 x="\2" y="\3"/>', text).replace(' y="0"/>', "/>")
    text = _COLOUR_ATTRIBUTE.sub(r' style="\1: \2"', text)
    text = _COLOUR.sub(_named, text)
    return _MARKERS.sub(_alike, text)


def _alike(match):
    """Markers that look alike say so once. An opacity of all is not the one of each."""
    clip, markers = match.groups()
    looks = _STYLE.findall(markers)
    if len(set(looks)) != 1 or len(looks) < markers.count("<use") or _OPACITY.search(looks[0]):
        return match[0]
    return f'<g{clip} style="{looks[0]}">{_STYLE.sub("", markers)}</g>'


def _rounded(match):
    return _short(round(float(match[0]) * SCALE))


def _relative(match):
    """Letters come again and again; longer paths would fill the memory."""
    return (_known if len(match[0]) < LETTER else _in_steps)(match[0])


def _in_steps(path):
    """A path in steps from point to point: half the size. What is rounded are the points."""
    parts, x, y = [], 0, 0
    for command, arguments in _SEGMENT.findall(path):
        numbers = [round(float(number) * SCALE) for number in arguments.split()]
        steps = numbers
        if command in "LQC":
            command = command.lower()
            steps = [n - (y if i % 2 else x) for i, n in enumerate(numbers)]
        parts.append(command + " ".join(map(_short, steps)).replace(" -", "-"))
        if numbers:
            x, y = numbers[-2:]
    return "".join(parts)


_known = functools.lru_cache(2_000)(_in_steps)


@functools.lru_cache(100_000)
def _short(hundredths):
    """The shortest way to write a number of 1/SCALE, such as ``-.5``."""
    text = f"{hundredths / SCALE:.2f}".rstrip("0").rstrip(".")
    return re.sub("^(-?)0(?=[.])", r"\1", text)


def _named(match):
    name = _NAMES.get(match[0])
    return f"var(--bp-{name}, {match[0]})" if name else match[0]


def _share(text):
    """Take the definitions out of ``text`` and let everything refer to them by their new ids."""
    definitions, ids = {}, {}
    for defs in _DEFS.findall(text):
        for element in _DEFINITION.finditer(defs):
            content = _ID.sub("", element[0], count=1)
            ids[element[2]] = f"{PREFIX}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"
            tag = len(element[1]) + 1
            definitions[ids[element[2]]] = f'{content[:tag]} id="{ids[element[2]]}"{content[tag:]}'
    body = _ID.sub("", _DEFS.sub("", text))
    return definitions, _REFERENCE.sub(lambda match: ids.get(match[0], match[0]), body)
