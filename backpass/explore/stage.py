"""A figure as a stage: a background drawn once, and a layer that changes with every state.

The axes, limits, ticks and labels that stand when the stage is set are the background. Each state
adds artists, has them drawn alone and taken away again, as blitting does. So a state costs what it
adds, not what the whole figure costs.
"""

import contextlib
import copy
from collections.abc import Callable, Iterable

import matplotlib.pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import FigureBase
from matplotlib.text import Text
from matplotlib.ticker import ScalarFormatter

from backpass.explore import svg
from backpass.explore.errors import ExplorerError
from backpass.explore.target import Target, figure_of
from backpass.numerals import printed


class Printed(ScalarFormatter):
    """Writes the numbers of an axis as sentences do, where nobody said how."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return printed(super().__call__(x, pos), gap="")


class Stage:
    """The figure of ``target`` (an Axes, or a list, array or dict of Axes of one figure)."""

    def __init__(self, target: Target, name: str) -> None:
        self.target, self.name = target, name
        self.figure = figure = figure_of(target)
        plt.close(figure)  # or the notebook would print the figure a second time
        self._canvas = svg.Canvas(figure)
        figure.set_dpi(72)  # an SVG's units are points
        self.width, self.height = map(float, figure.bbox.size)
        for artist in figure.findobj():
            svg.sharpen(artist)
        for axes in figure.axes:
            for axis in (axes.xaxis, axes.yaxis):
                if axis.isDefault_majfmt and type(axis.get_major_formatter()) is ScalarFormatter:
                    axis.set_major_formatter(Printed())
        self.background = self.draw([figure])  # settles limits and layout too
        figure.set_layout_engine("none")
        self.empty = not any(_drawn(axes) for axes in figure.axes) and not figure.texts
        owners = [*figure.axes, *figure.findobj(FigureBase)]
        self._actors = {owner: owner.get_children() for owner in owners}
        self._axes = [(axes, _settings(axes), _counters(axes)) for axes in figure.axes]
        for axes in figure.axes:
            axes.set_autoscale_on(False)
            for name in _WIDENING:
                setattr(axes, name, lambda artist: None)
        self._titles = self._suptitles()
        self._settle()

    def draw(self, artists: Iterable[Artist]) -> tuple[dict[str, str], str]:
        """The artists as ``(definitions, body)``, see :meth:`.Canvas.render`."""

        def paint(renderer):
            for artist in artists:
                artist.draw(renderer)

        return self._canvas.render(paint)

    def perform(self, act: Callable[[], str]) -> str:
        """Run ``act()``, which draws on the stage, and clear the stage.

        Returns what ``act`` returned. Raises ExplorerError if it changed the background.
        """
        return self._play(act, lambda: None)[0]

    def shoot(self, act: Callable[[], str]) -> tuple[str, dict[str, str], str]:
        """As :meth:`perform`, and returns also the layer, ``(definitions, body)``."""
        result, layer = self._play(act, lambda: self.draw(self._layer()))
        return result, *layer

    def _play(self, act, then):
        others = set(plt.get_fignums())
        try:
            result = act()
            self._refuse(set(plt.get_fignums()) - others)
            return result, then()
        finally:
            self._clear()

    def _refuse(self, others):
        """Raise ExplorerError if the state drew elsewhere or changed the background."""
        if others:
            for number in others:
                plt.close(number)
            raise ExplorerError(
                f"{self.name} draws on a figure of its own. Draw on the axes that it is given: "
                "ax.plot, not plt.plot."
            )
        if changed := self._changes():
            raise ExplorerError(
                f"{self.name} changes the background, which is drawn once: "
                f"{', '.join(changed)}. Set this before the decorator; inside, only add what "
                "differs from state to state. It is taken away by itself."
            )

    def _new(self, owner):
        known = set(map(id, self._actors[owner]))
        return [artist for artist in owner.get_children() if id(artist) not in known]

    def _layer(self):
        """The artists that the state added, in matplotlib's order of drawing."""
        layer = []
        for owner in sorted(self._actors, key=_depth):
            new = self._new(owner)
            for artist in new:
                svg.sharpen(artist)
            layer += sorted(new, key=lambda artist: artist.get_zorder())
        return layer

    def _changes(self):
        """In words, what of the background is not as it was."""
        words = []
        for axes, settings, _ in self._axes:
            axes.set_aspect(settings["aspect"])  # imshow sets one; the background wins
            now = _settings(axes)
            words += [f"the {key}" for key, value in settings.items() if now[key] != value]
        for owner, actors in self._actors.items():
            present = set(map(id, owner.get_children()))
            for artist in actors:
                name = type(artist).__name__
                if id(artist) not in present:
                    words.append(f"the {name} (it is gone)")
                elif artist.stale and not _is_setting(owner, artist):
                    words.append(f"the {name}")
        if self._suptitles() != self._titles:
            words.append("the figure's title")
        return list(dict.fromkeys(words))

    def _clear(self):
        """Take away what the state added, and put back where things are drawn.

        Other changes of the background stay, unseen, for it is drawn already.
        """
        for owner in reversed(self._actors):  # a colour bar goes before its image
            for artist in self._new(owner):
                if artist.get_figure() is None:  # gone with another, as a contour's labels
                    continue
                with contextlib.suppress(NotImplementedError):  # a title made by ax.clear()
                    artist.remove()
            self._actors[owner] = owner.get_children()
        for axes, settings, counters in self._axes:
            axes.set_aspect(settings["aspect"])
            if (now := _settings(axes)) != settings:
                for key, restore in _RESTORE.items():
                    if now[key] != settings[key]:
                        restore(axes, settings[key])
                settings.update(_settings(axes))
            del axes.containers[counters["containers"] :]
            for name in _CYCLES:
                setattr(axes, name, copy.deepcopy(counters[name]))
            axes.set_autoscale_on(False)
        self._titles = self._suptitles()
        self._settle()

    def _settle(self):
        for actors in self._actors.values():
            for artist in actors:
                artist.stale = False

    def _suptitles(self):
        figure = self.figure
        return figure.get_suptitle(), figure.get_supxlabel(), figure.get_supylabel()


#: Where matplotlib keeps which colour of the cycle is next; each state starts from the same.
_CYCLES = ("_get_lines", "_get_patches_for_fill")
#: With which matplotlib widens the limits of the data for each artist that it is given. The limits
#: of the axes stand when the stage is set, so nobody asks, and it takes longer than to draw some.
_WIDENING = ("_update_line_limits", "_update_patch_limits", "_update_collection_limits")
_RESTORE = {
    "x scale": Axes.set_xscale,
    "y scale": Axes.set_yscale,
    "x limits": Axes.set_xlim,
    "y limits": Axes.set_ylim,
    "position": Axes.set_position,
}


def _settings(axes):
    """What makes up the background and has no artist of its own, by the name a reader knows."""
    settings = {
        "aspect": axes.get_aspect(),
        "position": axes.get_position(original=True).bounds,
        "title": tuple(axes.get_title(loc) for loc in ("left", "center", "right")),
        "frame": (axes.axison, axes.get_frame_on(), axes.get_visible()),
    }
    for letter, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        settings[f"{letter} limits"] = tuple(axis.get_view_interval())
        settings[f"{letter} scale"] = axis.get_scale()
        settings[f"{letter} label"] = axis.get_label_text()
        settings[f"{letter} ticks"] = (
            id(axis.get_major_locator()),
            id(axis.get_minor_locator()),
            id(axis.get_major_formatter()),
            id(axis.get_minor_formatter()),
            axis.get_tick_params("major"),
            axis.get_visible(),
        )
    return settings


def _counters(axes):
    state = {name: copy.deepcopy(getattr(axes, name)) for name in _CYCLES}
    return state | {"containers": len(axes.containers)}


def _depth(owner):
    """Figures draw their own artists after their axes."""
    return isinstance(owner, FigureBase), owner.get_zorder()


def _is_setting(owner, artist):
    """Whether ``_settings`` watches it; for an axis or a title is stale as soon as it is read."""
    return isinstance(artist, (Axes, Axis, FigureBase)) or (
        isinstance(artist, Text) and artist not in owner.texts
    )


def _drawn(axes):
    return any(
        (axes.lines, axes.patches, axes.collections, axes.images, axes.texts, axes.tables)
    ) or bool(axes.artists or axes.child_axes)
