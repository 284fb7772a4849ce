"""A recorded picture read back from its SVG: what is written in it, and what is drawn.

The grammar is the one of ``backpass/explore/svg.py``: paths, markers (``<g><use/></g>``), texts
(``<g transform><use/></g>``, a glyph each) and images, none inside another.
"""

import html
import itertools
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

from backpass import style
from backpass.explore import svg

_ITEM = re.compile(
    r'(?:<g( clip-path="[^"]*")>(?=<g))?<g([^>]*)>(.*?)</g>|<(path|image)\b([^>]*)/>'
)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_USE = re.compile(r"<(?:use|path)\b([^>]*)/>")
_DEFINITION = re.compile(r"<path\b([^>]*)/>|<clipPath([^>]*)><rect([^>]*)/></clipPath>")
_STEP = re.compile(r"([MlqczLQC])([^MlqczLQC]*)")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")
_CALL = re.compile(r"(\w+)\(([^)]*)\)")
_LETTERS = {*range(32, 0x180), *range(0x370, 0x400), *range(0x1D00, 0x1D80), *range(0x2010, 0x2270)}
_FIGURE = re.compile(
    r"""data-states="([^"]+)" data-controls='([^']*)'.*? id="([^"]+)"""
    r""".*?viewBox="0 0 (\S+) ([^"]+)".*?<g class="background">(.*?)</g><g class="layer">""",
    re.S,
)
_CURVE = np.linspace(0, 1, 7)[1:, None]


#: Behind an operator: brackets around a number that has no sign, or a sign without brackets.
BRACKETS = re.compile(r"[+−·×]\s?(?:\(\d[\d.,]*\)(?![\w(⁰¹²³⁴-⁹])|[+−]\d)")


@dataclass(frozen=True, eq=False)
class Text:
    """A line of text: its ink's rectangle in its own direction, ``turn`` radians to the page."""

    glyphs: tuple
    color: str
    size: float
    corners: np.ndarray  # (4, 2), in points, from the upper left corner of the picture
    turn: float
    clip: tuple | None

    def __post_init__(self):
        box = (*self.corners.min(axis=0).tolist(), *self.corners.max(axis=0).tolist())
        object.__setattr__(self, "box", box)

    @property
    def words(self):
        """What it says, for a message."""
        return "".join(_known_glyphs().get(glyph, "?") for glyph in self.glyphs)


@dataclass(frozen=True, eq=False)
class Shape:
    """A path or a marker: pieces of outline, each (n, 2), and how they are drawn."""

    outlines: tuple
    stroke: str | None
    fill: str | None
    width: float
    is_faint: bool
    is_opaque: bool
    is_marker: bool
    clip: tuple | None

    def __post_init__(self):
        ends = [np.hstack([line[:-1], line[1:]]) for line in self.outlines]
        segments = np.concatenate(ends) if ends else np.empty((0, 4))
        if self.clip:
            segments = within(segments, self.clip)
        object.__setattr__(self, "segments", segments)
        x, y = segments[:, ::2], segments[:, 1::2]
        box = (x.min(), y.min(), x.max(), y.max()) if len(segments) else (0, 0, -1, -1)
        object.__setattr__(self, "box", box)


class Reader:
    """Reads the layers of one recording; ``defs`` are the shapes that they share."""

    def __init__(self, defs: str):
        self._paths, self._clips = {}, {}
        for path, clip, rect in _DEFINITION.findall(defs):
            if path:
                given = dict(_ATTRIBUTE.findall(path))
                self._paths[given["id"]] = _lines(
                    given.get("d", ""), _scale(given.get("transform", ""))
                )
            else:
                x, y, w, h = (float(dict(_ATTRIBUTE.findall(rect))[k]) for k in _RECT)
                self._clips[dict(_ATTRIBUTE.findall(clip))["id"]] = (x, y, x + w, y + h)
        self._item = lru_cache(None)(self._item)

    def items(self, markup: str) -> list[Text | Shape]:
        """What a layer holds, in the order of drawing."""
        found = [self._item(match[0]) for match in _ITEM.finditer(markup)]
        return [item for item in found if item is not None]

    def _item(self, markup):
        clip, group, inside, kind, alone = _ITEM.fullmatch(markup).groups()
        if kind == "image":
            return None
        given = dict(_ATTRIBUTE.findall(f"{clip or ''}{group}" if kind is None else alone))
        if kind == "path":
            return self._shape(_lines(given["d"]), given, is_marker=False)
        if "transform" in given:
            return self._text(inside, given)
        outlines, look = [], given
        for use in _USE.findall(inside):
            look = given | dict(_ATTRIBUTE.findall(use))
            shift = float(look.get("x", 0)), float(look.get("y", 0))
            outlines += [line + shift for line in self._paths[look["href"][1:]]]
        return self._shape(outlines, look, is_marker=True) if outlines else None

    def _shape(self, outlines, given, is_marker):
        look = _look(given.get("style", ""))
        fill, stroke = (None if look[k] == "none" else _name(look[k]) for k in ("fill", "stroke"))
        if not fill and not stroke:
            return None
        seen = float(look.get("opacity", 1))
        strength = seen * float(look.get("stroke-opacity" if stroke else "fill-opacity", 1))
        return Shape(
            outlines=tuple(outlines),
            stroke=stroke,
            fill=fill,
            width=float(look.get("stroke-width", 1)) if stroke else 0.0,
            is_faint=strength < 0.5
            or (stroke or fill) == "grid"
            or (not stroke and fill == "paper"),
            is_opaque=bool(fill) and seen * float(look.get("fill-opacity", 1)) == 1,
            is_marker=is_marker,
            clip=self._clip(given),
        )

    def _text(self, inside, given):
        points, glyphs = [], []
        for use in _USE.findall(inside):
            glyph = dict(_ATTRIBUTE.findall(use))
            at = np.array([float(glyph.get("x", 0)), float(glyph.get("y", 0))])
            shift, scale = _moves(glyph.get("transform", ""))
            if "d" in glyph:
                lines = _lines(glyph["d"])
            else:
                lines = self._paths[glyph["href"][1:]]
                glyphs.append(glyph["href"].rpartition("-")[2])
            points += [line * scale + shift + at for line in lines]
        if not points:
            return None
        points = np.concatenate(points)
        (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
        corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        calls = {name: [*map(float, _NUMBER.findall(args))]
                 for name, args in _CALL.findall(given["transform"])}  # fmt: skip
        turn = math.radians(calls.get("rotate", [0])[0])
        across, down = calls["scale"]
        c, s = math.cos(turn), math.sin(turn)
        corners = corners * (across, down) @ np.array([(c, s), (-s, c)]) + calls["translate"]
        look = _look(given.get("style", ""))
        return Text(
            tuple(glyphs), _name(look["fill"]), 100 * across, corners, turn, self._clip(given)
        )

    def _clip(self, given):
        found = re.search(r"url\(#([^)]+)\)", given.get("clip-path", ""))
        return self._clips[found[1]] if found else None


def pictures(page: Path) -> Iterator[tuple[dict, list, Iterator[tuple[str, list]]]]:
    """The explorers of a built page: recording, background, and (values, layer) state by state."""
    shared = "".join(re.findall("<defs>.*?</defs>", page.read_text("utf-8")))
    for recording in recordings(page):
        reader = Reader(shared + recording["defs"])
        grid = itertools.product(*(one["texts"] for one in recording["controls"]))
        states = (
            (", ".join(values), reader.items(layer))
            for values, layer in zip(grid, recording["states"], strict=True)
        )
        yield recording, reader.items(recording["background"]), states


def recordings(page: Path) -> Iterator[dict]:
    """What the explorers of a built page show: each state whole, and what the page itself says."""
    for figure in re.findall(
        r"<figure [^>]*data-states=.*?</figure>", page.read_text("utf-8"), re.S
    ):
        states, told, id, width, height, background = _FIGURE.search(figure).groups()
        script = (page.parent / states).read_text(encoding="utf-8")
        packed = json.loads(script[script.index("{") : script.rindex(")")])
        parts = packed.pop("parts")
        layers = ["".join(parts[place] for place in state) for state in packed["states"]]
        own = {"id": id, "width": float(width), "height": float(height)}
        own |= {"background": background, "states": layers}
        yield json.loads(html.unescape(told)) | packed | own


_RECT = ("x", "y", "width", "height")


def within(segments, box):
    """The parts of ``segments``, (n, 4), inside a box (x0, y0, x1, y1), as Liang and Barsky."""
    start, way = segments[:, :2], segments[:, 2:] - segments[:, :2]
    low, high = np.zeros(len(segments)), np.ones(len(segments))
    for axis in (0, 1):
        for sign, edge in ((1, box[axis]), (-1, box[axis + 2])):
            gap, speed = sign * (edge - start[:, axis]), sign * way[:, axis]
            with np.errstate(divide="ignore", invalid="ignore"):
                at = gap / speed
            low = np.where(speed > 0, np.maximum(low, at), low)
            high = np.where(speed < 0, np.minimum(high, at), high)
            high = np.where((speed == 0) & (gap > 0), -1.0, high)
    left = low <= high
    start, way = start[left], way[left]
    return np.hstack([start + low[left, None] * way, start + high[left, None] * way])


@lru_cache(4096)
def _lines(d, scale=1.0):
    """The pieces of a path, curves as short lines."""
    pieces, here = [], np.zeros(2)
    for command, arguments in _STEP.findall(d):
        numbers = np.array([float(n) for n in _NUMBER.findall(arguments)]).reshape(-1, 2) * scale
        if command == "M":
            pieces.append([numbers[-1]])
        elif command == "z":
            pieces[-1].append(pieces[-1][0])
        elif command == "l":
            pieces[-1].extend(here + numbers)
        elif command == "q":
            a, b = here + numbers
            pieces[-1].extend((1 - _CURVE) ** 2 * here + 2 * _CURVE * (1 - _CURVE) * a
                              + _CURVE**2 * b)  # fmt: skip
        else:
            a, b, e = here + numbers
            pieces[-1].extend((1 - _CURVE) ** 3 * here + 3 * _CURVE * (1 - _CURVE) ** 2 * a
                              + 3 * _CURVE**2 * (1 - _CURVE) * b + _CURVE**3 * e)  # fmt: skip
        here = np.asarray(pieces[-1][-1])
    return [np.array(piece) for piece in pieces if len(piece) > 1]


def _scale(transform):
    found = re.fullmatch(r"scale\(([^)]+)\)", transform)
    return float(found[1]) if found else 1.0


def _moves(transform):
    calls = {name: [*map(float, _NUMBER.findall(args))] for name, args in _CALL.findall(transform)}
    return calls.get("translate", [0.0, 0.0]), calls.get("scale", [1.0])[0]


def _look(text):
    """A style as a dict; SVG fills with black what says nothing, and strokes nothing."""
    given = dict(part.split(": ", 1) for part in text.split("; ") if part)
    return {"fill": "#000000", "stroke": "none"} | given


def _name(colour):
    found = re.match(r"var\(--bp-(\w+)", colour)
    return found[1] if found else colour


@cache
def _known_glyphs():
    """The characters by the ids of their shapes, for messages."""
    known = {}
    with mpl.rc_context(style.RC):
        figure = Figure(figsize=(1, 1), dpi=72)
        for weight in ("bold", "normal"):
            font = get_font(findfont(FontProperties(weight=weight)))
            lines = ["fi", "fl", *(chr(code) for code in font.get_charmap() if code in _LETTERS)]
            text = figure.text(0, 0, "\n".join(lines), parse_math=False, weight=weight)
            drawn = re.findall("<g .*?</g>", svg.Canvas(figure).render(text.draw)[1])
            for letter, line in zip(lines, drawn, strict=True):
                glyphs = re.findall(r'href="#([^"]+)"', line)
                if len(glyphs) == 1:
                    known.setdefault(glyphs[0].rpartition("-")[2], letter)
    return known
