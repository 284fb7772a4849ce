"""The gradients of a convolutional layer along its filters and its images, with gaps in them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import (
    AXES,
    BACK,
    CHANNELS_LAST,
    DILATION_IGNORED,
    IMAGES_INTERLEAVED,
    KNOWN_ORDERS,
    POSITIONS_BY_COLUMN,
    Layer,
    as_rows,
    convolved,
    draw,
    either,
    is_empty,
    sent_back,
    spread,
)
from backpass.checks.remembered import by_value
from backpass.gradcheck import vjp


@by_value
def at_filters(
    g: np.ndarray,
    x: np.ndarray,
    w: np.ndarray,
    stride: int,
    pad: int,
    d: int,
    positions: tuple[int, int],
) -> np.ndarray:
    """∂L/∂W of a layer with these images, filters, stride, padding and dilation, if g arrives."""
    rows, across = positions

    def outputs(w):
        return convolved(x, spread(w, d), stride, pad)[:, :, :rows, :across]

    return vjp(g, outputs, w)


@dataclass(eq=False)
class Filtered(Layer):
    """A layer of k filters: images x, filters w (k, c, fh, fw), and g (n, k, …), which arrives."""

    k: int

    def __post_init__(self) -> None:
        self.x, self.w = draw(3, self.shape, (self.k, self.c, self.fh, self.fw))
        (self.g,) = draw(4, (self.n, self.k, *self.positions))

    @property
    def args(self) -> list:
        """What the learner's function is called with."""
        return [self.x, self.w, self.g, self.s, self.p, self.d]

    def gradient(
        self,
        name: str,
        *,
        g: np.ndarray | None = None,
        w: np.ndarray | None = None,
        stride: int | None = None,
        d: int | None = None,
    ) -> np.ndarray:
        """∂L/∂W, like w, or ∂L/∂X, like x, as ``name`` says; of another g, w, stride or dilation
        if given.
        """
        g, w = self.g if g is None else g, self.w if w is None else w
        if name == "X":
            return sent_back(g, self.effects(w, stride=stride, d=d))
        return at_filters(g, self.x, w, stride or self.s, self.p, d or self.d, self.positions)

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """Both gradients by name."""
        return {name: self.gradient(name) for name in "WX"}

    @property
    def mixed(self) -> np.ndarray:
        """g as it is read if a reshape brings its filters to the end."""
        return np.moveaxis(self.g.reshape(self.n, *self.positions, self.k), -1, 1)

    def not_transposed(self, name: str, g: np.ndarray | None = None) -> np.ndarray:
        """A gradient if a reshape makes the filters' matrix (k, c·fh·fw), or w of it."""
        if name == "W":
            return self.gradient("W", g=g).reshape(self.k, -1).T.reshape(self.w.shape)
        return self.gradient("X", g=g, w=self.w.reshape(-1, self.k).T.reshape(self.w.shape))

    def alone(self, axis: int) -> list[np.ndarray]:
        """g with all but the first, and all but the last, image (axis 0) or filter (1) at zero."""
        places = np.indices(self.g.shape)[axis]
        return [self.g * (places == i) for i in (0, self.g.shape[axis] - 1)]

    @cached_property
    def uncut(self) -> np.ndarray:
        """∂L/∂X along the padding too, (n, c, height + 2p, width + 2p)."""
        return sent_back(self.g, self.effects(self.w, cut=False))


LAYERS = [Filtered(3, 4, 6, 7, 2, 3, 1, 0, 2, k=5), Filtered(2, 2, 8, 7, 3, 2, 2, 2, 3, k=4)]


@exercise(
    "The gradients of a layer with gaps",
    section=BACK,
    points=4,
    kind="implement",
    exact=True,
    mistakes={
        "empty-crop": (
            "There is nothing left: a slice P:−P is empty when P is 0.",
            "Write P : P + H.",
        ),
        "averaged": (
            "Averaged over the images.",
            "The mean, if there is one, is in G already: add.",
        ),
        "shape": (
            "A gradient has the shape of what it is the gradient of.",
            "End with a reshape to W.shape, and with a slice that leaves X.shape.",
        ),
    },
)
def conv_gradients(attempt):
    for place, name in enumerate("WX"):
        told = {"averaged", "axes-not-moved", "positions-by-column"}.intersection(attempt.mistakes)
        with attempt.part(f"∂L/∂{name}") as part:
            here = "with filters {0.fh}×{0.fw}, S = {0.s}, P = {0.p}, D = {0.d}"
            for layer in part.each(LAYERS, here):
                right = {f"d{name}": layer.right[name] for name in "WX"}
                if is_empty(part.call(*layer.args, outputs=right)[place]):
                    part.blame("empty-crop", "The result has no entries.")

                def of(output, given, layer=layer):
                    return layer, output.removeprefix("d"), given

                over = {"after": told, "reduction": "sum", "batch": layer.n, "lengths": False}
                counts = {"channels": layer.c, "filters": layer.k}
                part.outputs(layer.args, right, f"d{name}", of=of, counts=counts, **over)


@conv_gradients.mistake(*DILATION_IGNORED)
def dilation_ignored(layer, name, _):
    return layer.gradient(name, d=1)


@conv_gradients.mistake(
    "Overlapping patches are overwritten. A pixel that is in several patches gets something back"
    " from each of them.",
    "Add, +=, in place of =. (On an index with repeated entries += adds once only: np.add.at.)",
)
def overwritten(layer, name, given):
    if name == "W":
        return None
    columns = as_rows(layer.g) @ layer.w.reshape(layer.k, -1)
    return either(given, *(layer.put_back(columns, first=first) for first in (False, True)))


@conv_gradients.mistake(
    "What came back to the padding is still there.", "Cut the borders off: rows P : P + H."
)
def padding_kept(layer, name, _):
    return layer.uncut if name == "X" else None


@conv_gradients.mistake(
    "The borders are cut off at the wrong end.",
    "What belongs to the image begins at row P and column P of the padded one.",
)
def wrong_corner(layer, name, _):
    return layer.uncut[:, :, : layer.height, : layer.width] if name == "X" else None


@conv_gradients.mistake(
    "The filter is turned by 180°.",
    "With patches as rows nothing is turned at all: take the product with the filters' matrix, then"
    " add each number to the pixel that it was copied from.",
)
def flipped(layer, name, _):
    if name == "W":
        return layer.right["W"][:, :, ::-1, ::-1]
    return layer.gradient("X", w=layer.w[:, :, ::-1, ::-1])


@conv_gradients.mistake(
    "A reshape stands where a transpose belongs: it keeps the numbers in their order.",
    "K is (C F_h F_w, k), and it takes K.T to make it (k, C F_h F_w) again.",
)
def not_transposed(layer, name, _):
    return layer.not_transposed(name)


@conv_gradients.mistake(
    "G.reshape(−1, k) mixes filters and positions, since the filters are axis 1 of G.",
    "Bring that axis to the end first, then reshape.",
)
def axes_not_moved(layer, name, _):
    return layer.gradient(name, g=layer.mixed)


@conv_gradients.mistake(
    "Two reshapes stand where a transpose belongs: of G, and of the filters' matrix K.",
    "In G bring the filters, axis 1, to the end first; and K is (C F_h F_w, k), so that it takes"
    " K.T to make it (k, C F_h F_w) again.",
)
def both_reshaped(layer, name, _):
    return layer.not_transposed(name, g=layer.mixed)


@conv_gradients.mistake(*POSITIONS_BY_COLUMN)
def positions_by_column(layer, name, _):
    mixed = np.swapaxes(layer.g, 2, 3).reshape(layer.g.shape)
    return layer.gradient(name, g=mixed)


@conv_gradients.mistake(*CHANNELS_LAST)
def channels_last(layer, name, _):
    if name == "W":
        return np.moveaxis(layer.right["W"], 1, -1).reshape(layer.w.shape)
    return layer.gradient("X", w=np.moveaxis(layer.w, 1, -1).reshape(layer.w.shape))


@conv_gradients.mistake(
    "What comes back to R is taken apart in another order than that of R.",
    "Reshape to n, row, column, channel, filter row, filter column, and transpose after that.",
)
def taken_apart(layer, name, given):
    if name == "W":
        return None
    columns = as_rows(layer.g) @ layer.w.reshape(layer.k, -1)
    forms = []
    for order in KNOWN_ORDERS[1:]:
        read = columns.reshape([layer.axes[axis] for axis in order])
        read = read.transpose([order.index(axis) for axis in AXES])
        forms.append(layer.added_back(read.reshape(columns.shape)))
    return either(given, *forms)


@conv_gradients.mistake("G is turned by 180°.", "It is a matrix of the outputs as they are.")
def turned(layer, name, _):
    return layer.gradient(name, g=layer.g[:, :, ::-1, ::-1])


@conv_gradients.mistake(*IMAGES_INTERLEAVED)
def images_interleaved(layer, name, _):
    mixed = layer.g.transpose(2, 3, 0, 1).reshape(layer.n, *layer.positions, layer.k)
    return layer.gradient(name, g=np.moveaxis(mixed, -1, 1))


@conv_gradients.mistake(
    "The stride is ignored on the way back.", "The outputs stand S pixels apart: slices with S."
)
def stride_ignored(layer, name, _):
    return layer.gradient(name, stride=1) if layer.s > 1 else None


@conv_gradients.mistake(
    "Averaged over the positions.",
    "The filter is the same at each of them, so what comes back from them is added.",
)
def positions_averaged(layer, name, given):
    if name == "X":
        return None
    count = np.prod(layer.positions)  # of one image; or of all
    return either(given, layer.right["W"] / count, layer.right["W"] / (layer.n * count))


@conv_gradients.mistake(
    "Only one image gives to ∂L/∂W.", "The filters see all of them: add over the images too."
)
def one_image(layer, name, given):
    if name == "X":
        return None
    return either(given, *(layer.gradient("W", g=g) for g in layer.alone(0)))


@conv_gradients.mistake(
    "Only one filter sends something back to the images.", "Each pixel feeds all k of them: add."
)
def one_filter(layer, name, given):
    if name == "W":
        return None
    return either(given, *(layer.gradient("X", g=g) for g in layer.alone(1)))
