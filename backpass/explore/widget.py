"""An explorer: one Python function that draws a state and says a sentence about it, living twice.

In Jupyter NumPy runs it at every move of a control. In the built book the same controls replay
its recorded states, without a kernel or a network::

    fig, ax = plt.subplots()
    ax.set(xlim=(0, 10), ylim=(-1, 1), xlabel="t")       # the background

    @explore(ax, frequency=(0.5, 2.0, 0.5))
    def wave(ax, frequency):
        \"\"\"A wave\"\"\"                                    # the accessible name
        ax.plot(t, np.sin(frequency * t))                # the layer
        return f"It swings {frequency} times a second."  # its text alternative

    wave
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import anywidget
import traitlets

from backpass.explore import recording
from backpass.explore.controls import same
from backpass.explore.errors import ExplorerError
from backpass.explore.piece import Piece, read
from backpass.explore.target import Target

__all__ = ["Explorer", "ExplorerError", "explore"]

#: The recording's MIME type, in a notebook run with BACKPASS_RECORD=1.
MIME = "application/vnd.backpass.explorer+json"


def explore(
    ax: Target, *, recorded: Mapping[str, Iterable] | None = None, **controls: object
) -> Callable[[Callable[..., str]], "Explorer"]:
    """Turn a function ``f(ax, **controls)`` into an explorer on the axes ``ax``.

    ``ax`` is an Axes, or a list, array or dict of Axes of one figure; the function gets the same.
    The controls follow ``ipywidgets.interact`` (see ``backpass.explore.controls``); with none,
    the explorer is a picture with its sentence. ``recorded`` maps a control's name to the values
    that the book keeps, when it cannot keep all. What is on the axes already is the background; it
    stays. Raises ExplorerError when the pieces do not fit together.

    Colours of ``backpass.style`` change with a dark page, others do not: on an image, whose
    colours stay too, write in one that is not the palette's. For a heat map take ``imshow``, which
    is one small image; ``pcolormesh`` is a path for every cell.
    """

    def decorate(function):
        piece = read(function, ax, recorded, controls)
        traits = {one.name: _trait(one) for one in piece.controls}
        return type("Explorer", (Explorer,), traits | {"__module__": __name__})(piece)

    return decorate


class Explorer(anywidget.AnyWidget):
    """A figure with controls. Each control is a trait: it can be set, observed and linked.

    Called with values of controls (those left out are where the explorer starts) it runs the
    plain function on the axes, takes away what was drawn, and returns the sentence. Its numbers are
    set as in print: −0.5 for -0.5, 10⁻⁵ for 1e-05, and no sign before a zero.
    """

    _esm = Path(__file__).with_name("explorer.js")
    _css = Path(__file__).with_name("explorer.css")
    _spec = traitlets.Dict().tag(sync=True)
    _state = traitlets.Dict().tag(sync=True)

    def __init__(self, piece: Piece) -> None:
        self._piece = piece
        self._redraw()
        figure = recording.figure(piece)
        self._spec = recording.describe(piece, piece.controls) | {"figure": figure}
        super().__init__()
        self.observe(self._redraw, [one.name for one in piece.controls])

    def __call__(self, **values: object) -> str:
        """Run the function with these values, and return its sentence."""
        return self._piece.perform(values)

    def grid(self) -> Iterator[dict]:
        """Yield every recorded state, a dict of the controls' values, the last control fastest."""
        return self._piece.grid()

    def recording(self) -> dict:
        """Run every recorded state and return what a page needs to replay them, a dict.

        See ``backpass.explore.recording.record``, which raises ExplorerError if a state cannot
        be kept.
        """
        return recording.record(self._piece)

    def __repr__(self):
        state = self._piece.say(self._values())
        told = self._state.get("sentence") or ": ".join(self._state["error"])
        return f"{self._piece.title}{f' ({state})' if state else ''}: {told}"

    def _repr_mimebundle_(self, **kwargs):
        if _recording():
            return {"text/plain": repr(self), MIME: self.recording()}
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return data | {"text/html": self._still()}, metadata

    def open(self) -> None:
        """Open the connection to the notebook's page; a recording needs none."""
        if not _recording():
            super().open()

    def _still(self):
        """What it shows now, as HTML: for a page that cannot show a widget."""
        layer, sentence = self._state.get("layer", ""), self._state.get("sentence")
        sentence = sentence or ": ".join(self._state["error"])
        figure = recording.figure(self._piece, layer=layer, sentence=sentence)
        style = f"<style>{self._css}</style>"
        return style + recording.named(figure)

    def _values(self):
        return {one.name: getattr(self, one.name) for one in self._piece.controls}

    def _redraw(self, change=None):
        """Draw the state that the traits say, and hand it to the page."""
        values = self._values()
        if change and all(same(values[name], drawn) for name, drawn in self._drawn.items()):
            return  # one message can change several controls, and each of them calls
        self._drawn = values
        state = {
            "serial": self._state.get("serial", 0) + 1,
            "index": [one.index(values[one.name]) for one in self._piece.controls],
            "texts": [one.text(values[one.name]) for one in self._piece.controls],
        }
        try:
            sentence, definitions, layer = self._piece.shoot(values)
            known = self._piece.stage.background[0]
            new = {key: each for key, each in definitions.items() if key not in known}
            state |= {"sentence": sentence, "layer": recording.defs(new) + layer}
        except Exception as error:
            state["error"] = self._piece.explain(error)
        self._state = state


class _Choice(traitlets.TraitType):
    """One of some values: of any type, and the page knows it by its place; or of numbers."""

    def __init__(self, control):
        self._control = control
        super().__init__(control.values[control.initial])
        self.tag(sync=True)
        if control.kind == "choice":
            self.tag(
                to_json=lambda value, widget: control.index(value),
                from_json=lambda place, widget: control.values[place],
            )

    def validate(self, obj, value):
        for known in self._control.values:
            if same(known, value):
                return known
        raise traitlets.TraitError(
            f"{self._control.name} cannot be {value!r}: choose from {self._control.summary}."
        )


def _trait(control):
    """The trait that holds the value of a control."""
    name, start = control.name, control.values[control.initial]
    if hasattr(Explorer, name) or name.startswith("_"):
        raise ExplorerError(
            f"A control cannot be called {name!r}: every widget has something of that name. "
            "Give the argument another name; its label can say what you like."
        )
    if control.kind == "checkbox":
        return traitlets.Bool(start).tag(sync=True)
    if control.step is None:
        return _Choice(control)
    number = traitlets.CInt if isinstance(start, int) else traitlets.CFloat
    return number(start, min=control.values[0], max=control.values[-1]).tag(sync=True)


def _recording():
    return os.environ.get("BACKPASS_RECORD") == "1"
