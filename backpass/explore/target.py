"""What an author draws on: one Axes, or several of one figure."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backpass.explore.errors import ExplorerError

#: One Axes, or a list, array or dict of them.
Target = Axes | Sequence[Axes] | np.ndarray | dict[str, Axes]


def figure_of(target: Target) -> Figure:
    """The one figure of all the axes in ``target``."""
    axes = list(target.values()) if isinstance(target, dict) else target
    axes = list(np.ravel(np.asarray(axes, dtype=object)))
    if not axes or not all(isinstance(one, Axes) for one in axes):
        raise ExplorerError(
            "explore(ax, ...) wants matplotlib Axes: one, or a list, array or dict of them, "
            f"as plt.subplots gives; got {type(target).__name__}."
        )
    if any(one.name == "3d" for one in axes):
        raise ExplorerError(
            "An explorer cannot draw on 3D axes: show the surface as contours or as an image."
        )
    figures = {id(one.get_figure(root=True)): one.get_figure(root=True) for one in axes}
    if len(figures) > 1:
        raise ExplorerError("The axes of an explorer must all be in one figure.")
    return figures.popitem()[1]
