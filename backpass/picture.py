"""A picture of what a learner's own function gives, which stays an empty frame until it does."""

import textwrap
import traceback
import warnings
from collections.abc import Callable

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from backpass.style import RC, SIZE, WIDTH, C

__all__ = ["picture"]

BLANK = "Your result\nwill be drawn here."


def picture(
    *, size: tuple[float, float] = (WIDTH, 2.9), columns: int = 1, **axes: object
) -> Callable[[Callable], Callable]:
    """Draw at once what the decorated function draws, or an empty frame that says why not::

        @picture(xlabel="K", ylabel="terms kept", xlim=(1, 20), ylim=(0, 400))
        def kept(ax):
            ax.plot(range(1, 21), [terms(20, K) for K in range(1, 21)])

    ``size`` is in inches, ``axes`` are what :meth:`matplotlib.axes.Axes.set` takes. With several
    ``columns`` the function is given an array of axes. Whatever it raises is told in the frame, so
    that an untouched sheet runs from top to bottom.
    """

    def draw(function: Callable) -> Callable:
        with mpl.rc_context(RC | {"figure.facecolor": C.paper, "savefig.facecolor": C.paper}):
            fig, panels = plt.subplots(1, columns, figsize=size, squeeze=False)
            for ax in panels[0]:
                ax.set(**axes)
            try:
                with warnings.catch_warnings(), np.errstate(all="ignore"):
                    warnings.simplefilter("ignore")
                    function(panels[0] if columns > 1 else panels[0, 0])
                    fig.canvas.draw()
            except Exception as error:
                for ax in panels[0]:
                    blank(ax, axes, in_width(reason(error), columns))
                fig.canvas.draw()  # here: what is put off until it is shown forgets the style
            interactive = mpl.is_interactive()
        # Jupyter's backend, loaded with the first figure, sets this; the context has taken it back.
        mpl.interactive(interactive)
        return function

    return draw


def blank(ax: Axes, axes: dict, text: str) -> None:
    """Leave nothing on ``ax`` but its frame and the text."""
    ax.clear()
    # What was drawn before it stopped may have made the frame narrow.
    ax.set(**{"aspect": "auto"} | axes)
    ax.grid(visible=False)
    ax.text(
        0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=C.muted,
        size=SIZE, in_layout=False,
    )  # fmt: skip


def in_width(text: str, columns: int) -> str:
    """The text in lines that fit into one of so many columns."""
    return text if columns == 1 else textwrap.fill(" ".join(text.split()), 36 // columns)


def reason(error: Exception) -> str:
    """Why nothing is drawn: no answer yet, or what the answer stopped with."""
    text = " ".join(str(error).split())
    if isinstance(error, NotImplementedError) or _met_placeholder(error):
        return BLANK
    return textwrap.fill(f"{type(error).__name__}: {text}"[:160], 30)


def _met_placeholder(error: Exception) -> bool:
    """Did it arise where somebody handled ``...``, which an untouched answer returns?"""
    if "ellipsis" in str(error).lower() or "dtype object" in str(error):
        return True
    frames = [step[0] for step in traceback.walk_tb(error.__traceback__)]
    values = [value for frame in frames for value in frame.f_locals.values()]
    inside = [one for value in values if isinstance(value, tuple | list) for one in value]
    return any(map(_is_placeholder, values + inside))


def _is_placeholder(value: object) -> bool:
    """Is this ``...``, or an array made of it?"""
    made_of = value.flat if isinstance(value, np.ndarray) and value.dtype == object else (value,)
    return any(one is ... for one in made_of)
