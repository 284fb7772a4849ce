"""Checks for the exercises on ReLU in convolutional and recurrent nets.

Right values are SciPy's convolution, slopes of a forward function by complex steps, quadrature and
NumPy's eigenvalues. A column of im2col is what a filter with a single 1 finds; col2im is the
vector–Jacobian product of that. Images are not square, and batch, channels and widths differ, so
that a slip shows.
"""

from functools import cache
from itertools import product

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.signal import convolve

from backpass.checks.exercise import Exercise, exercise
from backpass.gradcheck import diagnose, slope, vjp

MATRIX = "Section: “A convolution is a matrix product”."
BACK = "Section: “The way back: col2im”."
CHAIN = "Section: “A chain of layers”."
ACTIVE = "Section: “ReLU on active units”."
BOUNDS = "Section: “Bounds told right”."
RECURRENT = "Section: “Three recurrent nets”."
REACH = "Section: “How far IndRNN reaches”."


def _relu(z):
    return np.where(z.real > 0, z, 0)


def _passed(v, at):
    """What of v a ReLU with these inputs lets back; at 0, where it has a kink, nothing."""
    return vjp(v, _relu, np.where(at == 0, -1.0, at))


def _draw(seed, *shapes):
    """Arrays of these shapes with entries between −1 and 1, the same at every run."""
    draw = np.random.default_rng(seed).uniform
    return [draw(-1, 1, shape) for shape in shapes]


def _is(given, value):
    """Are these, of all arrays, the given numbers?"""
    same = isinstance(given, np.ndarray) and given.shape == value.shape
    return same and np.allclose(given, value, rtol=1e-7, atol=1e-12)


def _either(given, *forms):
    """The form of one mistake that was given, if any was."""
    return next((form for form in forms if _is(given, form)), forms[0])


def _expect_form(attempt, part, given, forms, **options):
    """``part.expect`` for a value that slips may have made, one or several at once.

    ``forms`` maps tuples of slugs to values; the right one is that of the empty tuple.
    """
    fits = [slugs for slugs, value in forms.items() if _is(given, value)]
    slugs = min(fits, key=len, default=())
    told = " ".join(attempt.exercise.mistakes[slug].removesuffix(RECURRENT) for slug in slugs)
    told = f"{len(slugs)} things at once. {' '.join(told.split())} {RECURRENT}"
    part.require(len(slugs) < 2, told, "+".join(slugs))
    slips = {slugs[0]: value for slugs, value in forms.items() if len(slugs) == 1}
    part.expect(given, forms[()], mistakes=slips, reduction="sum", **options)


def _refuse_empty(attempt, part, given):
    empty = isinstance(given, np.ndarray) and not given.size
    part.require(not empty, attempt.exercise.mistakes["empty-crop"], "empty-crop")


# --- convolutions -----------------------------------------------------------------------------


def _layer(x, w, stride, pad):
    """The outputs (n, k, rows, columns) for images (n, c, …) and filters (k, c, F, F)."""
    pad = pad if isinstance(pad, tuple) else (pad, pad)
    x = np.pad(x, [(0, 0), (0, 0), pad, pad])
    turned = w[:, ::-1, ::-1, ::-1]  # a convolution turns its filter round, a layer does not
    found = [convolve(x, one[None], "valid", "direct") for one in turned]
    return np.concatenate(found, axis=1)[:, :, ::stride, ::stride]


def _rows(y):
    """Images as a matrix: a row for each position, a column for each channel."""
    return np.moveaxis(y, 1, -1).reshape(-1, y.shape[1])


def _columns(x, size, stride, pad):
    entries = x.shape[1] * size**2
    return _rows(_layer(x, np.eye(entries).reshape(-1, x.shape[1], size, size), stride, pad))


def _reordered(columns, channels, size, *axes):
    """The columns, sorted by these axes of (channel, filter row, filter column)."""
    order = np.arange(channels * size**2).reshape(channels, size, size).transpose(axes)
    return columns[:, order.ravel()]


def _written(x, columns, size, stride, pad, first=False):
    """Patches put back so that the last one to reach a pixel stays (or the first one)."""
    places = np.arange(1.0, x.size + 1).reshape(x.shape)
    places = _columns(places, size, stride, pad).astype(int)
    flat = np.zeros(x.size + 1)
    for place, row in list(zip(places, columns, strict=True))[:: -1 if first else 1]:
        flat[place] = row
    flat[0] = 0  # where the padding is
    return flat[1:].reshape(x.shape)


def _count(length, size, stride, pad):
    """How many positions a filter has along one side, by counting them."""
    pad = pad if isinstance(pad, tuple) else (pad, pad)
    return len(convolve(np.pad(np.zeros(length), pad), np.zeros(size), "valid")[::stride])


@exercise(
    "How large is the output?",
    section=MATRIX,
    points=2,
    kind="predict",
    mistakes={
        "padding-once": "The padding is counted once. It is added on both sides: 2P.",
        "padding-forgotten": "The padding is not counted: the image grows by 2P.",
        "stride-ignored": "The stride is ignored: only every S-th position is used.",
        "one-short": "One short: steps have a position at each end, so add 1 after the division.",
        "not-floored": "This is not a whole number. A filter that would stick out at the far end"
        " has no place there: round down.",
        "rounded-up": "Rounded up, but a filter that sticks out at the far end has no place there.",
        "one-image": "These are the rows for one image. Each of the n images has its own.",
        "channels-forgotten": "A row holds the patch in every channel: C·F² numbers.",
        "swapped": "Rows and columns are exchanged: a position is a row.",
    },
)
def sizes(attempt):
    names = ("out_rows", "out_columns", "matrix_rows", "matrix_columns")
    cases = [(3, 2, 10, 7, 3, 1, 3), (2, 3, 11, 8, 2, 3, 1), (4, 5, 9, 12, 5, 2, 0)]
    with attempt.part("rows and columns of the output") as part:
        for case in cases:
            given = part.call(*case, outputs=names)
            f, s, p = case[4:]
            for side, answer in zip(case[2:4], given, strict=False):
                dense = _count(side, f, 1, p)
                slips = {
                    "padding-once": _count(side, f, s, (p, 0)),
                    "padding-forgotten": _count(side, f, s, 0),
                    "stride-ignored": dense,
                    "one-short": _count(side, f, s, p) - 1,
                    "not-floored": (dense - 1) / s + 1,
                    "rounded-up": np.ceil((dense - 1) / s + 1),
                }
                slips = {slug: slip for slug, slip in slips.items() if p or "padding" not in slug}
                part.label = f"rows and columns of the output, here for {case}"
                part.expect(answer, _count(side, f, s, p), mistakes=slips, rtol=1e-9)
        part.label = "rows and columns of the output"
    with attempt.part("rows and columns of the matrix") as part:
        for case in cases:
            rows, columns = _columns(np.zeros(case[:4]), *case[4:]).shape
            slips = {
                "one-image": (rows / case[0], columns),
                "channels-forgotten": (rows, case[4] ** 2),
                "swapped": (columns, rows),
            }
            given = part.call(*case, outputs=names)
            sides = np.array([_count(side, *case[4:]) for side in case[2:4]])
            part.require(diagnose(given[:2], sides), "It can only be right once the output is.")
            slips = {slug: np.array(slip) for slug, slip in slips.items()}
            part.expect(given[2:], np.array([rows, columns]), mistakes=slips, rtol=1e-9)


ORDER = {
    "channels-last": "The channel is the slowest of a row's three indices, not the fastest:"
    " channel, filter row, filter column.",
    "channels-first": "The channel still stands before the positions, so a reshape mixes them."
    " Transpose to n, row, column, channel, filter row, filter column first.",
    "filter-columns": "Within a channel the patch is read column by column; it should be row by"
    " row.",
    "flipped": "The patches are turned by 180°, as in mathematics' convolution. A layer does not"
    " turn its filter.",
    "positions-by-column": "The positions run down the columns of the output first; they should"
    " run along its rows.",
    "images-interleaved": "The rows of different images are mixed: all positions of the first"
    " image come first.",
    "stride-ignored": "The stride is ignored: neighbouring positions are S pixels apart.",
}


@exercise(
    "im2col",
    section=MATRIX,
    points=3,
    kind="implement",
    mistakes=ORDER
    | {
        "padding-once": "The image is padded on one side only, or with P in all: P zeros belong on"
        " each of the four sides.",
        "padding-forgotten": "The padding is forgotten.",
        "last-position": "The last position along a side is missing: positions begin at 0, S, 2S, …"
        " up to H + 2P − F, that one included.",
        "edge-padded": "The padding repeats the image's border; it should be zeros.",
        "transposed": "Rows and columns are exchanged: each position is a row.",
        "shape": "There is a row for each position of each image and a column for each number in a"
        " patch, C·F².",
    },
)
def im2col(attempt):
    for label, case in [
        ("one 4×4 image", (1, 1, 4, 4, 3, 1, 2)),
        ("a stride of 2", (1, 1, 8, 5, 3, 2, 2)),
        ("two images of three channels", (2, 3, 6, 5, 2, 2, 3)),
    ]:
        with attempt.part(label) as part:
            x, right, wrong, once = _unrolled(*case)
            given = part.call(x, *case[4:])
            slips = wrong | {"padding-once": _either(given, *once)}
            part.expect(given, right, mistakes=slips)


@cache
def _unrolled(n, c, height, width, f, s, p):
    """An image, its columns, and the columns that come of slips."""
    (x,) = _draw(1, (n, c, height, width))
    right = _columns(x, f, s, p)
    y = _layer(x, np.eye(c * f * f).reshape(-1, c, f, f), s, p)
    edges = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)], mode="edge")
    wrong = {
        "padding-forgotten": _columns(x, f, s, 0),
        "stride-ignored": _columns(x, f, 1, p),
        "edge-padded": _columns(edges, f, s, 0),
        "last-position": _columns(x, f, s, (p, p - 1)),
        "flipped": right.reshape(-1, c, f * f)[:, :, ::-1].reshape(right.shape),
        "filter-columns": _reordered(right, c, f, 0, 2, 1),
        "positions-by-column": _rows(y.swapaxes(2, 3)),
    }
    if c > 1:
        wrong["channels-last"] = _reordered(right, c, f, 1, 2, 0)
        by_channel = np.moveaxis(right.reshape(n, -1, c, f * f), 2, 1)
        wrong["channels-first"] = by_channel.reshape(right.shape)
    if n > 1:
        wrong["images-interleaved"] = y.transpose(2, 3, 0, 1).reshape(right.shape)
    once = [_columns(x, f, s, pad) for pad in [(p, 0), (0, p), (p // 2, p - p // 2)]]
    return x, right, wrong, once


FOLDED = {
    "overwritten": "Overlapping patches are overwritten. A pixel that is in several patches gets"
    " something back from each of them: +=. (NumPy's x[index] += y adds once per pixel, too.)",
    "padding-kept": "The zeros that were padded are still there: cut the borders off.",
    "empty-crop": "There is nothing left: a slice P:−P is empty when P is 0. Write P : P + H.",
    "wrong-corner": "Cut off at the wrong end: what belongs to the image begins at row P and"
    " column P of the padded one.",
}


@exercise(
    "col2im",
    section=BACK,
    points=4,
    kind="implement",
    mistakes=ORDER
    | FOLDED
    | {
        "averaged": "Each pixel has the mean of what comes back to it; it should have the sum. This"
        " undoes im2col, but it is not its adjoint.",
        "shape": "What comes back has the shape of the images.",
    },
)
def col2im(attempt):
    for label, case, weight in [
        ("no overlap", (1, 1, 4, 6, 2, 2, 0), 1),
        ("one 4×4 image, with overlap", (1, 1, 4, 4, 2, 1, 1), 1),
        ("two images of two channels, stride 2", (2, 2, 6, 7, 3, 2, 2), 2),
    ]:
        with attempt.part(label, weight=weight) as part:
            columns, right, wrong, written = _folded(*case)
            given = part.call(columns, case[:4], *case[4:])
            _refuse_empty(attempt, part, given)
            slips = wrong | {"overwritten": _either(given, *written)}
            part.expect(given, right, mistakes=slips)


@cache
def _folded(n, c, height, width, f, s, p):
    """Columns, what comes back from them, and what comes back by slips."""
    x = np.zeros((n, c, height, width))
    y = _layer(x, np.zeros((c * f * f, c, f, f)), s, p)
    columns = _draw(2, _rows(y).shape)[0]
    _, k, rows, across = y.shape
    filters = np.eye(k).reshape(k, c, f, f)

    def back(columns, stride=s, pad=p, x=x):
        v = np.moveaxis(columns.reshape(n, rows, across, k), -1, 1)
        return vjp(v, lambda x: _layer(x, filters, stride, pad)[:, :, :rows, :across], x)

    right, padded = back(columns), np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
    turned = columns.reshape(n, across, rows, k).swapaxes(1, 2).reshape(columns.shape)
    mixed = columns.reshape(rows, across, n, k).transpose(2, 0, 1, 3).reshape(columns.shape)
    wrong = {
        "averaged": right / np.maximum(back(np.ones_like(columns)), 1),
        "flipped": back(columns.reshape(-1, c, f * f)[:, :, ::-1].reshape(columns.shape)),
        "filter-columns": back(_reordered(columns, c, f, 0, 2, 1)),
        "positions-by-column": back(turned),
    }
    if s > 1:
        wrong["stride-ignored"] = back(columns, stride=1)
    if p:
        kept = back(columns, pad=0, x=padded)
        wrong |= {"padding-kept": kept, "wrong-corner": kept[:, :, :height, :width]}
    if c > 1:
        wrong["channels-last"] = back(columns.reshape(-1, f * f, c).swapaxes(1, 2).reshape(-1, k))
        by_position = np.moveaxis(columns.reshape(n, c, -1, f * f), 1, 2)
        wrong["channels-first"] = back(by_position.reshape(columns.shape))
    if n > 1:
        wrong["images-interleaved"] = back(mixed)
    written = [_written(x, columns, f, s, p, first) for first in (False, True)]
    return columns, right, wrong, written


@exercise(
    "The gradients of a convolutional layer",
    section=BACK,
    points=4,
    kind="implement",
    mistakes=FOLDED
    | {
        "flipped": "The filter is turned by 180°. If you work with columns nothing is turned at"
        " all: the product with the filters' matrix, then col2im.",
        "not-transposed": "A reshape where a transpose belongs: K is (CF², k), and it takes K.T to"
        " make it (k, CF²) again. reshape keeps the numbers in their order.",
        "axes-not-moved": "G.reshape(−1, k) mixes filters and positions, since the filters are axis"
        " 1 of G. Bring that axis to the end first, then reshape.",
        "images-interleaved": ORDER["images-interleaved"],
        "stride-ignored": "The stride is ignored on the way back: the outputs stand S pixels"
        " apart.",
        "averaged": "Averaged over the images. The mean, if there is one, is in G already.",
        "positions-averaged": "Averaged over the positions. The filter is the same at each of"
        " them, so what comes back from them is added.",
        "one-image": "Only one image gives to ∂L/∂W. The filters see all of them: add.",
        "one-filter": "Only one filter sends something back to the images. Each pixel feeds all"
        " k of them: add.",
        "shape": "A gradient has the shape of what it is the gradient of.",
    },
)
def conv_gradients(attempt):
    cases = [(3, 3, 5, 4, 2, 1, 0, 4), (2, 2, 6, 7, 3, 2, 2, 5)]
    for place, label in enumerate(("∂L/∂W", "∂L/∂X")):
        with attempt.part(label) as part:
            for case in cases:
                n, f, s, p = case[0], *case[4:7]
                part.label = f"{label}, here with filters {f}×{f}, stride {s}, padding {p}"
                x, w, g, right, wrong = _layer_gradients(*case)
                given = part.call(x, w, g, s, p, outputs=("dW", "dX"))[place]
                _refuse_empty(attempt, part, given)
                slips = {slug: _either(given, *forms) for slug, forms in wrong[place].items()}
                part.expect(given, right[place], mistakes=slips, reduction="sum", batch=n)
            part.label = label


@cache
def _layer_gradients(n, c, height, width, f, s, p, k):
    """Images, filters, what arrives; the two gradients, and what comes of slips."""
    x, w = _draw(3, (n, c, height, width), (k, c, f, f))
    _, _, rows, across = shape = _layer(x, w, s, p).shape
    (g,) = _draw(4, shape)

    def both(g=g, w=w, s=s):
        def layer(x, w):
            return _layer(x, w, s, p)[:, :, :rows, :across]

        return vjp(g, lambda w: layer(x, w), w), vjp(g, lambda x: layer(x, w), x)

    def alone(axis, count):
        """With what arrives at the first or last image (axis 0) or filter (axis 1) alone."""
        return [both(g=g * (np.indices(g.shape)[axis] == i)) for i in (0, count - 1)]

    right, columns = both(), _rows(g) @ w.reshape(k, -1)
    mixed = both(g=np.moveaxis(g.reshape(n, rows, across, k), -1, 1))
    woven = g.transpose(2, 3, 0, 1).reshape(n, rows, across, k)
    woven = both(g=np.moveaxis(woven, -1, 1))
    padded = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
    kept = vjp(g, lambda x: _layer(x, w, s, 0), padded)
    wrong = (
        {
            "flipped": [right[0][:, :, ::-1, ::-1]],
            "not-transposed": [right[0].reshape(k, -1).T.reshape(w.shape)],
            "axes-not-moved": [mixed[0]],
            "images-interleaved": [woven[0]],
            "positions-averaged": [right[0] / (m * rows * across) for m in (1, n)],
            "one-image": [dw for dw, _ in alone(0, n)],
        },
        {
            "flipped": [both(w=w[:, :, ::-1, ::-1])[1]],
            "not-transposed": [both(w=w.reshape(-1, k).T.reshape(w.shape))[1]],
            "axes-not-moved": [mixed[1]],
            "images-interleaved": [woven[1]],
            "one-filter": [dx for _, dx in alone(1, k)],
            "padding-kept": [kept],
            "wrong-corner": [kept[:, :, :height, :width]],
            "overwritten": [_written(x, columns, f, s, p, first) for first in (False, True)],
        },
    )
    if s > 1:
        for slips, value in zip(wrong, both(s=1), strict=True):
            slips["stride-ignored"] = [value]
    return x, w, g, right, wrong


# --- a chain of layers ------------------------------------------------------------------------


@exercise(
    "Predict: how long a chain?",
    section=CHAIN,
    points=2,
    kind="predict",
    mistakes={
        "one-short": "That many layers leave something just not small enough: one more.",
        "one-too-many": "One layer fewer is enough.",
        "weight-forgotten": "That is for a factor ¼ a layer. Each layer has a slope, at most ¼,"
        " and a weight, ½.",
        "slope-forgotten": "That is for a factor ½ a layer. The largest slope of the logistic"
        " function is ¼; ½ is its value there.",
        "normal-numbers": "There float numbers begin to lose digits, but they are not 0 yet: the"
        " smallest positive ones are far below the smallest *normal* ones.",
    },
)
def chain_length(attempt):
    cases = [
        ("below 1e-6", 7, (10, 20), ()),
        ("0 in float32", 50, (75, 150), (42, 43)),
        ("0 in float64", 359, (538, 1075), (340, 341)),
    ]
    for place, (label, right, forgotten, normal) in enumerate(cases):
        wrong = {right - 1: "one-short", right + 1: "one-too-many"}
        wrong |= dict(zip(forgotten, ("weight-forgotten", "slope-forgotten"), strict=True))
        wrong |= dict.fromkeys(normal, "normal-numbers")
        with attempt.part(label) as part:
            given = attempt.value
            three = isinstance(given, np.ndarray) and given.shape == (3,)
            part.require(three, "Give three numbers of layers.", "shape")
            slug = wrong.get(given[place])
            part.require(slug is None, attempt.exercise.mistakes.get(slug), slug)
            part.require(given[place] == right, "No. Count in a loop, with numbers of that type.")


@exercise(
    "Repair: the mask of another layer",
    section=ACTIVE,
    points=3,
    kind="repair",
    mistakes={
        "layer-below": "The mask is that of the layer below. An error that comes back to H₂ passes"
        " where H₂ itself was positive, and so for H₁.",
        "layer-above": "The mask is that of the layer above. An error that comes back to H₂ passes"
        " where H₂ itself was positive, and so for H₁.",
        "mask-forgotten": "ReLU′ is taken to be 1 everywhere. It is 1 on active units and 0"
        " elsewhere. (A mask H ≥ 0 lets everything through.)",
        "sign-of-error": "The mask asks for the sign of the error that comes back; it should ask"
        " for the sign of what went in.",
        "inverted": "The mask is the wrong way round: it lets through where the unit was silent.",
        "value-for-slope": "The error is multiplied by H itself. The slope is 1 where H > 0, not"
        " H.",
        "not-transposed": "W is not transposed on the way back: δ Wᵀ.",
        "summed": "The loss is the mean over the examples, and its 1/n is lost.",
    },
)
def repair_relu(attempt):
    for label, wanted, weight in [("W₂ and W₃", (1, 2), 1), ("W₁", (0,), 2)]:
        with attempt.part(label, weight=weight) as part:
            for widths in [(5, 3, 3, 3, 3), (4, 3, 5, 6, 2)]:
                args, right, wrong = _relu_net(*widths)
                given = part.call(*args, outputs=("dW1", "dW2", "dW3"))
                for place in wanted:
                    slips = {
                        slug: _either(given[place], *(form[place] for form in forms))
                        for slug, forms in wrong.items()
                    }
                    part.expect(given[place], right[place], mistakes=slips, batch=widths[0])


@cache
def _relu_net(*widths):
    """What goes in, the three gradients of a ReLU net, and those that come of slips."""
    n, d, h1, h2, k = widths
    x, t, *ws = _draw(11, (n, d), (n, k), (d, h1), (h1, h2), (h2, k))
    zs, hs = [], [x]
    for w in ws:
        zs.append(hs[-1] @ w)
        hs.append(_relu(zs[-1]))

    def gradients(through, turned=False, layers=(0, 1)):
        """``through(v, i)`` takes what arrives at the outputs of layer i to its inputs."""
        delta, found = slope(lambda y: np.sum((y - t) ** 2) / 2 / n, zs[2]), []
        for i in (2, 1, 0):
            found.insert(0, vjp(delta, lambda w, i=i: hs[i] @ w, ws[i]))
            w = ws[i].T if turned else ws[i]
            delta = vjp(delta, lambda h, w=w: h @ w, hs[i])
            if i:
                delta = through(delta, i - 1) if i - 1 in layers else _passed(delta, zs[i - 1])
        return found

    slips = {
        "mask-forgotten": lambda v, i: v,
        "sign-of-error": lambda v, i: _passed(v, v),
        "inverted": lambda v, i: _passed(v, -zs[i]),
        "value-for-slope": lambda v, i: v * hs[i + 1],
    }
    right, wrong = gradients(None, layers=()), {}
    if d == h1 == h2 == k:  # elsewhere NumPy would refuse
        slips["layer-below"] = lambda v, i: _passed(v, (x, zs[0])[i])
        slips["layer-above"] = lambda v, i: _passed(v, zs[i + 1])
        wrong["not-transposed"] = [gradients(None, turned=True, layers=())]
    for slug, slip in slips.items():  # in both layers, or in one
        wrong[slug] = [gradients(slip, layers=layers) for layers in [(0, 1), (0,), (1,)]]
    return (x, t, *ws), right, wrong


@exercise(
    "He scaling, with a leak",
    section=ACTIVE,
    points=2,
    kind="derive",
    mistakes={
        "half-forgotten": "This is for a linear layer. The negative half is scaled by a, so that"
        " only a part of the mean square is left.",
        "leak-forgotten": "This is for a = 0. The negative half gives a part to the mean square"
        " too.",
        "not-squared": "A value scaled by a has its square scaled by a².",
        "variance-of-h": "The variance of h is used. The sum over inputs that are not centred has"
        " the mean square E h² in it, and ReLU's outputs are not centred.",
        "standard-deviation": "This is the standard deviation; the variance is its square.",
        "range": "A number that is uniform on [−r, r] has the variance r²/3, not r².",
        "whole-width": "This is the width of the interval, 2r.",
        "shape": "Two expressions are wanted: the variance and r.",
    },
)
def he_scaling(attempt):
    points = [{"n": 4.0, "a": 0.0}, {"n": 100.0, "a": 0.2}, {"n": 7.0, "a": 0.5}]

    def normal(z):
        return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)

    def moment(power, a):
        """E f(z)^power for a standard normal z and the leaky ReLU f."""
        above = quad(lambda z: z**power * normal(z), 0, np.inf)[0]
        return above + (-a) ** power * above

    def each(formula):
        return np.array([formula(point["n"], point["a"]) for point in points])

    right = each(lambda n, a: 1 / n / moment(2, a))
    wrong = {
        "half-forgotten": each(lambda n, a: 1 / n),
        "leak-forgotten": each(lambda n, a: 1 / n / moment(2, 0)),
        "not-squared": each(lambda n, a: 1 / n / (moment(2, 0) * (1 + a))),
        "variance-of-h": each(lambda n, a: 1 / n / (moment(2, a) - moment(1, a) ** 2)),
    }
    for place, label in enumerate(("the variance", "r")):
        with attempt.part(label) as part:
            given = part.numbers(attempt.value, points)
            pair = given.shape == (len(points), 2)
            part.require(pair, attempt.exercise.mistakes["shape"], "shape")
            if place:
                slips = {slug: np.sqrt(3 * slip) for slug, slip in wrong.items()}
                slips |= {"range": np.sqrt(right), "whole-width": np.sqrt(12 * right)}
                part.expect(given[:, 1], np.sqrt(3 * right), mistakes=slips)
            else:
                slips = wrong | {"standard-deviation": np.sqrt(right)}
                part.expect(given[:, 0], right, mistakes=slips)


# --- one matrix many times --------------------------------------------------------------------


def _radius(matrix):
    return np.max(np.abs(np.linalg.eigvals(matrix)))


@exercise(
    "Find two counterexamples",
    section=BOUNDS,
    points=3,
    kind="choose",
    mistakes={
        "eigenvalue-for-norm": "Its norm is that small too: for a matrix with A Aᵀ = Aᵀ A"
        " (diagonal, symmetric, a rotation) the norm is the spectral radius. Leave these.",
        "norm-too-small": "The norm, the largest singular value, is below 10.",
        "radius-too-large": "The spectral radius of A is above 0.9.",
        "radius-of-W": "The spectral radius of W itself is above 0.1.",
        "norm-of-W": "The norm of W is above 4. Scale W down; then the slopes must differ more.",
        "impossible-slope": "tanh′ is above 0 and at most 1: no unit can have such a slope.",
        "equal-slopes": "With equal slopes, W diag(d) is a multiple of W, and so is its spectral"
        " radius. Let the units differ.",
        "triangular": "W is triangular, and W diag(d) is so too: its eigenvalues stand on the"
        " diagonal and have only become smaller.",
        "too-tame": "The spectral radius of W diag(d) is below 1.5.",
        "shape": "A and W are square matrices of 2, 3 or 4 rows; d has an entry for each row of W.",
        "too-large": "Entries are at most 100 in size, so that rounding does no harm.",
    },
)
def counterexamples(attempt):
    told = attempt.exercise.mistakes

    def refuse(part, condition, slug, found=""):
        part.require(not condition, f"{told[slug]} {found}".strip(), slug)

    def real(part, value, ndim):
        numbers = isinstance(value, np.ndarray) and value.dtype.kind in "biuf"
        part.require(numbers, "Give arrays of real numbers.", "type")
        value = value.astype(float)
        good = value.ndim == ndim and value.shape[0] in (2, 3, 4) and len(set(value.shape)) == 1
        refuse(part, not good, "shape")
        part.require(np.isfinite(value).all(), "There is a NaN or an infinity in it.", "nan")
        refuse(part, np.abs(value).max() > 100, "too-large")
        return value

    names = ("A", "W", "d")
    with attempt.part("a large norm, and powers that die out") as part:
        matrix = real(part, part.call(outputs=names)[0], 2)
        norm, radius = np.linalg.norm(matrix, 2), _radius(matrix)
        found = f"The norm is {norm:.4g}, the spectral radius {radius:.4g}."
        normal = np.allclose(matrix @ matrix.T, matrix.T @ matrix, rtol=1e-9, atol=1e-9 * norm**2)
        refuse(part, normal and norm < 10, "eigenvalue-for-norm", found)
        refuse(part, norm < 10 * (1 - 1e-9), "norm-too-small", found)
        refuse(part, radius > 0.9 + 1e-6, "radius-too-large", found)
    with attempt.part("a small radius, and gradients that grow", weight=2) as part:
        _, matrix, slopes = part.call(outputs=names)
        matrix, slopes = real(part, matrix, 2), real(part, slopes, 1)
        refuse(part, len(matrix) != len(slopes), "shape")
        impossible = slopes.min() <= 0 or slopes.max() > 1
        refuse(part, impossible, "impossible-slope")
        norm, radius, found = np.linalg.norm(matrix, 2), _radius(matrix), _radius(matrix * slopes)
        refuse(part, norm > 4 * (1 + 1e-9), "norm-of-W", f"It is {norm:.4g}.")
        refuse(part, radius > 0.1, "radius-of-W", f"It is {radius:.4g}.")
        if found < 1.5 * (1 - 1e-9):
            refuse(part, np.ptp(slopes) <= 1e-9, "equal-slopes")
            upper, lower = np.triu(matrix), np.tril(matrix)
            triangular = np.array_equal(matrix, upper) or np.array_equal(matrix, lower)
            refuse(part, triangular, "triangular")
            refuse(part, True, "too-tame", f"It is {found:.4g}.")


@exercise(
    "What does a spectral radius promise?",
    section=BOUNDS,
    points=2,
    kind="choose",
    mistakes={
        "a": "That is the bound for the *norm*: ‖W‖₂ ≤ 0.9 would give it. A spectral radius of 0.9"
        " allows any norm, and the first factor alone may be larger than 1.",
        "b": "With one and the same matrix it would go to 0, after a rise perhaps. But the factors"
        " are W diag(φ′) with slopes that differ from unit to unit, and these may have a larger"
        " spectral radius than W.",
        "d": "A norm above 1 forces nothing: [[0, 2], [0, 0]] has norm 2, and its square is 0.",
        "e": "Slopes of at most 1 cannot raise the norm bound, ‖W diag(φ′)‖₂ ≤ ‖W‖₂. They can raise"
        " a spectral radius, since they change some columns of W more than others.",
    },
)
def radius_and_norm(attempt):
    with attempt.part("your choice") as part:
        part.choose(attempt.value, "c")
        part.label += ": a norm below 1 would settle it; a spectral radius below 1 does not"


# --- recurrent nets ---------------------------------------------------------------------------


#: What the parts of the time steps, the first step first, may become.
COMBINED = {
    "": sum,
    "overwritten": lambda found: found[0],
    "last-step-only": lambda found: found[-1],
    "first-step-missing": lambda found: sum(found[1:]),
    "steps-averaged": lambda found: sum(found) / len(found),
}


def _through_time(pre, p, x, h0, g, slips=(), instead=None):
    """What each step gives to the gradients of p, the first step first; and what reaches each h.

    ``pre(h, x, p)`` is the pre-activation of a step; ``instead`` has the parameters that the way
    back takes in place of those in p.
    """
    zs, hs, found, reached = [], [h0], [], [g]
    for one in x:
        zs.append(pre(hs[-1], one, p))
        hs.append(_relu(zs[-1]))
    for i in reversed(range(len(x))):
        at = hs[i] if "wrong-step-mask" in slips else zs[i]
        state = hs[i + 1] if "wrong-state" in slips else hs[i]
        delta = reached[0] if "mask-forgotten" in slips else _passed(reached[0], at)

        def of(name, i=i, delta=delta, state=state):
            return vjp(delta, lambda v: pre(state, x[i], p | {name: v}), p[name])

        found.insert(0, {name: of(name) for name in p})
        back = p | (instead or {})
        reached.insert(0, vjp(delta, lambda h, i=i, back=back: pre(h, x[i], back), hs[i]))
    return found, reached


def _forms(pre, p, x, h0, g, name, instead):
    """The gradients of p and h0 by each combination of slips; ``instead`` makes the named one."""
    forms, masks = {}, ("", "mask-forgotten", "wrong-step-mask")
    for slips in product(masks, ("", name), ("", "wrong-state")):
        found, reached = _through_time(pre, p, x, h0, g, slips, instead if slips[1] else None)
        for slug, combine in COMBINED.items():
            form = {key: combine([one[key] for one in found]) for key in p}
            form["h0"] = reached[slug == "first-step-missing"]
            forms[tuple(filter(None, (slug, *slips)))] = form
    return forms


def _of(name, forms):
    return {slugs: form[name] for slugs, form in forms.items() if name in form}


TIME = {
    "mask-forgotten": "ReLU′ is taken to be 1 everywhere. It is 1 where this step's unit was"
    " active and 0 elsewhere.",
    "wrong-step-mask": "The mask is that of the step before. What comes back to h_t passes where"
    " h_t itself is positive.",
    "overwritten": "Each step overwrites the gradient of the step after it, so only that of the"
    " first step is left. The parameters are the same at all steps: +=.",
    "last-step-only": "Only the last step's gradient is there. The parameters are the same at all"
    " steps: what each of them gives is added.",
    "first-step-missing": "The first step is missing: the way back ends one step too early.",
    "steps-averaged": "Averaged over the time steps; what they give is added.",
    "wrong-state": "h_t stands where h_{t−1} belongs: that is the state which came into step t.",
}


@exercise(
    "Repair: back through time",
    section=RECURRENT,
    points=4,
    kind="repair",
    mistakes=TIME
    | {
        "not-transposed": "W is not transposed on the way back: with h W forward it is δ Wᵀ.",
        "unreduced": "The bias is the same for all examples: sum δ over them.",
    },
)
def repair_rnn(attempt):
    args, names, forms = _recurrent()
    for place, (name, weight) in enumerate(zip(names, (2, 1, 1), strict=True)):
        with attempt.part(f"∂L/∂{name}", weight=weight) as part:
            given = part.call(*args, outputs=("dW", "dV", "db"))[place]
            _expect_form(attempt, part, given, _of(name, forms), batch=5)


@cache
def _recurrent():
    """What goes in, and the gradients by each combination of slips."""
    x, h0, w, v, b, g = _draw(8, (4, 5, 2), (5, 3), (3, 3), (2, 3), 3, (5, 3))
    p = {"W": 1.5 * w, "V": v, "b": b}

    def pre(h, x, p):
        return h @ p["W"] + x @ p["V"] + p["b"]

    forms = _forms(pre, p, x, h0, g, "not-transposed", {"W": p["W"].T})
    found, _ = _through_time(pre, p | {"b": np.tile(b, (5, 1))}, x, h0, g)
    forms["unreduced",] = {"b": sum(one["b"] for one in found)}
    return (x, h0, *p.values(), g), tuple(p), forms


@exercise(
    "The gradients of an IndRNN",
    section=RECURRENT,
    points=3,
    kind="implement",
    mistakes=TIME
    | {
        "u-forgotten": "What comes back from step to step lacks the factor u.",
        "unreduced": "u is the same for all examples: sum over them.",
        "factor-lost": "The last factor u is missing. From h_T to h_0 there are T steps, and each"
        " has its factors u and ReLU′.",
        "shape": "∂L/∂u has an entry for each unit; ∂L/∂h₀ one for each unit of each example.",
    },
)
def indrnn_gradients(attempt):
    for place, (label, name, weight) in enumerate([("∂L/∂u", "u", 2), ("∂L/∂h₀", "h0", 1)]):
        with attempt.part(label, weight=weight) as part:
            for steps, n in [(4, 3), (6, 1)]:
                args, forms = _independent(steps, n)
                part.label = f"{label}, here {steps} steps, {n} example{'s' * (n > 1)}"
                given = part.call(*args, outputs=("du", "dh0"))[place]
                _expect_form(attempt, part, given, _of(name, forms), batch=n)
            part.label = label


@cache
def _independent(steps, n):
    """What goes into an IndRNN, and the gradients by each combination of slips."""
    x, h0, v, u, b, g = _draw(39, (steps, n, 2), (n, 5), (2, 5), 5, 5, (n, 5))
    h0, b, p = h0 + 1, b + 0.5, {"u": 1.2 * u}  # some units active, some silent

    def pre(h, x, p):
        return h * p["u"] + x @ v + b

    forms = _forms(pre, p, x, h0, g, "u-forgotten", {"u": np.ones(5)})
    found, _ = _through_time(pre, {"u": np.tile(p["u"], (n, 1))}, x, h0, g)
    forms["unreduced",] = {"u": sum(one["u"] for one in found)}
    forms["factor-lost",] = {"h0": forms[()]["h0"] / p["u"]}
    return (x, h0, p["u"], v, b, g), forms


@exercise(
    "How large may u be?",
    section=REACH,
    points=2,
    kind="implement",
    mistakes={
        "power-T": "The bound is raised to the power T. After T steps u has become u^T: undo this"
        " with the power 1/T.",
        "divided": "The bound is divided by T. Over T steps u is multiplied, not added: the power"
        " 1/T.",
        "inverted": "The exponent has the wrong sign.",
        "linear": "This is the first-order value, 1 + (M − 1)/T. The exact one is a root.",
        "logarithm": "This is log(M)/T, the logarithm of u: take the exponential.",
        "one-step-off": "From h_T back to h_0 there are T factors, neither one more nor one less.",
        "square-root": "A square root is for two steps.",
        "swapped": "The two bounds are exchanged.",
        "capped": "u may be above 1: a little growth is allowed as long as u^T stays below the"
        " largest gradient.",
    },
)
def u_range(attempt):
    cases = [(0.01, 10.0, 5), (1e-6, 2.0, 784), (0.2, 30.0, 40)]
    for place, label in enumerate(("the smallest u", "the largest u")):
        with attempt.part(label) as part:
            for case in cases:
                m, steps = case[place], case[2]

                def root(steps, m=m):
                    log = brentq(lambda s: steps * s - np.log(m), -60, 60, xtol=1e-15)
                    return np.exp(log)

                slips = {
                    "power-T": np.power(m, float(steps)),
                    "divided": m / steps,
                    "inverted": 1 / root(steps),
                    "linear": 1 + (m - 1) / steps,
                    "logarithm": np.log(root(steps)),
                    "square-root": np.sqrt(m),
                    "swapped": root(steps, case[1 - place]),
                }
                slips |= {"capped": 1.0} if place else {}
                part.label = f"{label}, here for {case}"
                given = part.call(*case, outputs=("smallest", "largest"))[place]
                off = _either(given, *(np.array(root(steps + i)) for i in (1, -1)))
                part.expect(given, root(steps), mistakes=slips | {"one-step-off": off}, rtol=1e-10)
            part.label = label


EXERCISES = {one.slug: one for one in list(globals().values()) if isinstance(one, Exercise)}
