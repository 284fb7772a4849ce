"""Checks for the exercises on softmax and cross-entropy.

Expected values are slopes of a forward function, taken by complex steps, or the values of SciPy's
own forward functions. What a known wrong derivation gives is built from the same slopes. The inputs
are chosen to tell mistakes apart: rows unlike columns, targets that are not one-hot, squares where
a mistake would otherwise only raise an error, logits on which exp overflows.
"""

from functools import cache

import numpy as np
import scipy.special as library

from backpass.checks.exercise import Exercise, exercise
from backpass.gradcheck import slope, vjp

Z = np.array([[2.0, -1.0, 0.5], [0.3, 1.2, -0.7], [-1.5, 0.4, 2.2], [0.1, -0.2, 0.9]])
SQUARE = np.array([[2.0, -1.0, 0.5], [0.3, 1.2, -0.7], [-1.5, 0.4, 2.2]])
# A shift by the mean (first row) or median (last) still leaves an exponent above 709.78.
LARGE = np.array([[2200.0, 2199.0, 0.0], [-900.0, -902.0, -901.0], [3.0, 1.0, 2.0], [0, 1, 801.5]])
SMOOTH = np.array([[0.1, 0.8, 0.1], [0.7, 0.2, 0.1], [0.3, 0.3, 0.4], [0.0, 0.0, 1.0]])
N, K = Z.shape


def _softmax(z):
    return library.softmax(z, axis=1)


def _loss(z, t):
    """Mean cross-entropy in nats."""
    return -np.sum(t * library.log_softmax(z, axis=1)) / len(z)


def _naive(z):
    """Softmax as its definition says it: overflows."""
    with np.errstate(all="ignore"):
        return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


def _wrong_outputs(z):
    """What comes out of a softmax with a mistake in it."""
    return {
        "axis": library.softmax(z, axis=0),
        "no-max-shift": _naive(z),
        "global-max": _naive(z - z.max()),
    }


def _near(a, b, rtol=1e-6):
    """Is ``a`` an array of numbers about equal to ``b``?"""
    a = np.asarray(a)
    same = a.dtype.kind in "biuf" and a.shape == b.shape
    return same and np.allclose(a, b, rtol, rtol * np.max(np.abs(b), initial=0))


def _one_hot(t):
    return np.eye(t.shape[1])[t.argmax(axis=1)]


def _ownslope(z):
    """The slope of each output along its own logit."""
    step = 1e-30
    columns = [_softmax(z + 1j * step * unit)[:, j] for j, unit in enumerate(np.eye(z.shape[1]))]
    return np.stack(columns, axis=1).imag / step


STABLE = "Section: “Log-sum-exp, and why the naive form overflows”."
JACOBIAN = "Section: “The Jacobian of softmax”."
TOGETHER = "Section: “The two together: o − t”."
SUMS = "Section: “When the targets do not sum to one”."
BATCH = "Section: “To the weights, and a batch”."
CURVATURE = "Section: “Curvature: convex, with one flat direction”."
LABELS = "Section: “What it means to backpropagate into the labels”."

NO_SHIFT = f"exp overflows: subtract the largest logit of each row first. {STABLE}"
GLOBAL_MAX = (
    "The largest logit of the whole batch is subtracted. A row far below it underflows as a whole,"
    f" to 0/0: each row needs its own largest logit. {STABLE}"
)
AXIS = "The softmax runs down the columns, over the examples: use axis=1, over the classes."
SIGN = f"This is t − o where o − t is meant: descent with it would climb. {TOGETHER}"
ASSUMED = (
    "The targets are treated as one-hot (as by argmax), but these rows share their weight among"
    f" several classes. {TOGETHER}"
)


@exercise(
    "Softmax that survives large logits",
    points=3,
    kind="implement",
    mistakes={
        "no-max-shift": NO_SHIFT,
        "global-max": GLOBAL_MAX,
        "axis": AXIS,
        "whole-batch": "The batch as a whole sums to 1; each row should: sum over axis=1.",
        "keepdims": "The sum of row i divides column i: sum with keepdims=True, so that it stays a"
        " column and broadcasts along its own row.",
        "keepdims-max": "The maximum of row i is subtracted from column i: take the maximum with"
        " keepdims=True.",
        "clipped": "The logits are clipped. Beyond the limit they all become alike, and the outputs"
        f" are wrong: subtract the largest logit of each row. {STABLE}",
        "not-normalised": "These are exp(z − max z), between 0 and 1; divide each row by its sum.",
        "exponentials": "These are the exponentials; divide each row by its sum.",
        "log": "This is log softmax: the numerator should be exp(z), not z.",
        "no-exp": "The logits themselves are divided by their sum; take their exponentials first.",
        "one-hot": "This is the hard maximum: 1 for the largest logit. Softmax shares.",
    },
)
def stable_softmax(attempt):
    def compare(part, z):
        mistakes = _wrong_outputs(z) | {
            "clipped": _naive(np.clip(z, -700, 700)),
            "whole-batch": library.softmax(z),
            "not-normalised": np.exp(z - z.max(axis=1, keepdims=True)),
            "log": library.log_softmax(z, axis=1),
            "no-exp": z / z.sum(axis=1, keepdims=True),
            "one-hot": _one_hot(z),
        }
        if z is SQUARE:  # elsewhere a sum without keepdims raises
            powers = np.exp(z - z.max(axis=1))
            mistakes |= {
                "keepdims": np.exp(z) / np.exp(z).sum(axis=1),
                "keepdims-max": powers / powers.sum(axis=1, keepdims=True),
                "exponentials": np.exp(z),
            }
        # So close to 0 that outputs kept from vanishing, by clipping or an ε, show.
        part.expect(part.call(z), _softmax(z), mistakes=mistakes, atol=1e-15)

    with attempt.part("ordinary logits", weight=2) as part:
        compare(part, SQUARE)
        compare(part, Z)
    with attempt.part("logits of very different size") as part:
        compare(part, LARGE)


POINTS = [(0.2, -0.5, 0.7), (-1.1, 0.3, 0.4), (0.9, 1.4, -0.6)]


def _named(**vectors):
    """A number for each of the names ``z1, z2, z3`` of a vector ``z``."""
    return {f"{name}{i}": float(x) for name, v in vectors.items() for i, x in enumerate(v, 1)}


@exercise(
    "The Jacobian of softmax",
    points=3,
    kind="derive",
    mistakes={
        "diagonal-only": "Only i = j is there. Every output depends on every logit, because each"
        f" logit is in the denominator. {JACOBIAN}",
        "no-diagonal-term": "This is −o_i o_j everywhere. On the diagonal the numerator has a slope"
        f" too, which adds o_i. {JACOBIAN}",
        "denominator-constant": "The denominator is treated as a constant: this is diag(o). It"
        f" holds all the logits, so the quotient rule has a second term. {JACOBIAN}",
        "off-diagonal-sign": "Off the diagonal the sign is wrong: one output can only grow at the"
        f" cost of the others. {JACOBIAN}",
        "unscaled": "This is the slope of log o_i, δ_ij − o_j. Multiply row i by o_i for the slope"
        f" of o_i itself. {JACOBIAN}",
        "same-everywhere": "This is o_i(1 − o_j) everywhere. The 1 is the Kronecker δ_ij: it is"
        f" there on the diagonal only. {JACOBIAN}",
        "sign": f"All signs are reversed: raising z_i raises o_i. {JACOBIAN}",
        "zeros": "To SymPy o1, o2, o3 are symbols that know nothing of z1, z2, z3: to let it"
        " differentiate, write the outputs with exp of the logits.",
        "shape": "Row i is for output o_i, column j for logit z_j.",
    },
)
def jacobian(attempt):
    with attempt.part("its values at three points") as part:
        for z in np.array(POINTS):
            o, eye = library.softmax(z), np.eye(3)
            right = np.array([slope(lambda z, i=i: library.softmax(z)[i], z) for i in range(3)])
            part.expect(
                part.numbers(attempt.value, _named(z=z, o=o)),
                right,
                mistakes={
                    "diagonal-only": right * eye,
                    "no-diagonal-term": right - np.diag(o),
                    "denominator-constant": np.diag(o),
                    "off-diagonal-sign": np.abs(right),
                    "unscaled": right / o[:, None],
                    "same-everywhere": right + o[:, None] * (1 - eye),
                },
            )


@exercise(
    "The gradient at the logits, for a batch",
    points=3,
    kind="implement",
    mistakes={
        "chain-stopped": "This is −t/o, the gradient at the outputs o. The chain rule goes on"
        f" through the softmax to the logits. {TOGETHER}",
        "o-alone": f"These are the outputs o; the targets are missing. {TOGETHER}",
        "sign": SIGN,
        "diagonal-only": "Only the diagonal of the softmax's Jacobian is used, which gives"
        f" −t(1 − o). Each logit moves every output. {JACOBIAN}",
        "one-hot-assumed": ASSUMED,
        "summed": f"The gradient of a summed loss: the mean over n examples divides by n. {BATCH}",
        "averaged-twice": f"Divided by n twice. {BATCH}",
        "all-entries": "Divided by all n·k entries, as np.mean does: the mean runs over the n"
        f" examples only. {BATCH}",
        "squared-error": "This is the gradient of the squared error ½Σ(o − t)². Section: “Why not"
        " squared error?”.",
        "axis": AXIS,
        "no-max-shift": NO_SHIFT,
        "global-max": GLOBAL_MAX,
    },
)
def logit_gradient(attempt):
    for label, z, weight in [
        ("ordinary logits", Z, 2),
        ("logits of very different size", LARGE, 1),
    ]:
        o, right = _softmax(z), slope(lambda z: _loss(z, SMOOTH), z)
        with np.errstate(all="ignore"):
            at_outputs = -SMOOTH / o / N
        attempt.case(
            label,
            [z, SMOOTH],
            right,
            weight=weight,
            batch=N,
            mistakes={slug: right + (wrong - o) / N for slug, wrong in _wrong_outputs(z).items()}
            | {
                "chain-stopped": at_outputs,
                "o-alone": o / N,
                "diagonal-only": at_outputs * _ownslope(z),
                "one-hot-assumed": slope(lambda z: _loss(z, _one_hot(SMOOTH)), z),
                "all-entries": right / K,
                "squared-error": slope(lambda z: np.sum((_softmax(z) - SMOOTH) ** 2) / 2 / N, z),
            },
        )


INPUTS = np.array(
    [[1.0, 0.5, -2.0], [0.3, -1.0, 0.4], [-0.6, 1.5, 0.8], [1.2, 0.1, 0.9], [0.2, -0.7, 1.1]]
)
WEIGHTS = np.array([[0.5, -0.2, 0.1], [0.8, 0.3, -0.4], [-0.7, 0.6, 0.2]])
BIAS = np.array([0.4, -1.0, 0.3])
TARGETS = np.array([[0.1, 0.8, 0.1], [0.7, 0.2, 0.1], [0, 0, 1], [1, 0, 0], [0.2, 0.3, 0.5]])
#: As many inputs as classes, so that a transposed W is told by its values; then one input more.
LAYERS = [
    [INPUTS, WEIGHTS, BIAS],
    [
        np.hstack([INPUTS, [[0.4], [-0.9], [0.7], [0.0], [1.3]]]),
        np.vstack([WEIGHTS, [0.9, -0.3, 0.5]]),
        BIAS,
    ],
]


def _along(delta, place, layer):
    """The gradient of ⟨delta, XW + b⟩ along one of ``layer`` = [X, W, b], which is ``place``."""

    def linear(value):
        x, w, b = [*layer[:place], value, *layer[place + 1 :]]
        return x @ w + b

    return vjp(delta, linear, layer[place])


@exercise(
    "To the weights, the bias and the input",
    points=4,
    kind="implement",
    mistakes={
        "chain-stopped": "−t/o stands where o − t belongs: the chain stops at the outputs."
        f" {TOGETHER}",
        "o-alone": f"o stands where o − t belongs: the targets are missing. {TOGETHER}",
        "sign": SIGN,
        "one-hot-assumed": ASSUMED,
        "bias-forgotten": "The bias is left out of Z = XW + b, so the outputs are wrong.",
        "transposed": f"Transposed: a gradient has the shape of what it belongs to. {BATCH}",
        "weights-not-transposed": "δW stands where δWᵀ belongs: each logit sends its error back"
        f" along the weights it came by. {BATCH}",
        "over-classes": "The bias gradient is summed over the classes, which gives 0 because o and"
        f" t both sum to 1. Sum over the examples, axis=0. {BATCH}",
        "summed": f"The gradient of a summed loss: the mean over n examples divides by n. {BATCH}",
        "averaged-twice": "Divided by n twice: δ has the 1/n of the mean in it"
        f" already, so the sum over examples must not be a mean again. {BATCH}",
        "axis": AXIS,
    },
)
def weight_gradient(attempt):
    names = ("dW", "db", "dX")
    for name, place, weight in [("dW", 1, 2), ("db", 2, 1), ("dX", 0, 1)]:
        with attempt.part(name, weight=weight) as part:
            for layer in LAYERS:
                x, w, b = layer
                z, n = x @ w + b, len(x)
                o = _softmax(z)
                delta = slope(lambda z: _loss(z, TARGETS), z)
                right = _along(delta, place, layer)
                deltas = {
                    "chain-stopped": slope(lambda o, n=n: -np.sum(TARGETS * np.log(o)) / n, o),
                    "o-alone": o / n,
                    "one-hot-assumed": slope(lambda z: _loss(z, _one_hot(TARGETS)), z),
                    "bias-forgotten": delta + (_softmax(x @ w) - o) / n,
                    "axis": delta + (_wrong_outputs(z)["axis"] - o) / n,
                }
                mistakes = {slug: _along(wrong, place, layer) for slug, wrong in deltas.items()}
                if name == "db":
                    mistakes["over-classes"] = delta.sum(axis=1)
                if name == "dX" and w.shape == w.T.shape:
                    mistakes["weights-not-transposed"] = _along(delta, 0, [x, w.T, b])
                given = part.call(x, w, b, TARGETS, outputs=names)
                part.expect(given[names.index(name)], right, batch=n, mistakes=mistakes)


@exercise(
    "Log-sum-exp",
    points=2,
    kind="implement",
    mistakes={
        "no-max-shift": "exp overflows, or a whole row of it underflows to log 0: take the largest"
        f" logit of each row out of the sum first. {STABLE}",
        "global-max": "The largest logit of the whole batch is taken out. A row far below it"
        f" underflows to log 0: each row needs its own. {STABLE}",
        "max-not-restored": "The largest logit was subtracted and not added back: log Σ exp(z − m)"
        f" is lse(z) − m. {STABLE}",
        "axis": AXIS.replace("softmax", "sum"),
        "max-only": f"This is the maximum alone; the others add up to log k more. {STABLE}",
        "upper-bound": f"This is max z + log k, the value only when all are equal. {STABLE}",
        "mean": "This is the log of the mean of the exponentials, lse(z) − log k; it is a sum."
        f" {STABLE}",
        "no-log": f"This is the sum of the exponentials; take its logarithm. {STABLE}",
        "base": "The logarithm has another base: the book's log is the natural one, np.log.",
        "keepdims": "The maximum of row i is subtracted from column i: take it with keepdims=True,"
        " and add it back without.",
        "shape": "One number for each row, shape (n,).",
    },
)
def logsumexp(attempt):
    def compare(part, z):
        right, largest = library.logsumexp(z, axis=1), z.max(axis=1)
        with np.errstate(all="ignore"):
            mistakes = {
                "no-max-shift": np.log(np.exp(z).sum(axis=1)),
                "global-max": np.log(np.exp(z - z.max()).sum(axis=1)) + z.max(),
                "max-not-restored": right - largest,
                "axis": library.logsumexp(z, axis=0),
                "max-only": largest,
                "upper-bound": largest + np.log(K),
                "mean": right - np.log(K),
                "base": right / np.log(10),
                "no-log": np.exp(right),
            }
        if z is SQUARE:  # elsewhere a maximum without keepdims raises
            mistakes["keepdims"] = largest + library.logsumexp(z - largest, axis=1)
        part.expect(part.call(z), right, mistakes=mistakes)

    with attempt.part("ordinary logits") as part:
        compare(part, SQUARE)
        compare(part, Z)
    with attempt.part("logits of very different size") as part:
        compare(part, LARGE)


HARD = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])


@exercise(
    "Cross-entropy straight from the logits",
    points=2,
    kind="implement",
    mistakes={
        "log-of-zero": "An output underflows to 0, and the log of 0 is −∞ (times a target of 0 it"
        f" is nan). Take log o = z − lse(z) without forming o. {STABLE}",
        "no-max-shift": NO_SHIFT,
        "epsilon": "A small number is added inside the logarithm, or o is clipped: no loss can then"
        f" exceed −log of that number. log o = z − lse(z) needs none. {STABLE}",
        "one-hot-assumed": ASSUMED,
        "sign": "The sign is reversed: log o is never positive, so a cross-entropy never is"
        " negative.",
        "mean": "This is the mean; here each row keeps its own loss, shape (n,).",
        "over-classes": "Divided by the number of classes: the sum over j is a sum, not a mean.",
        "targets-forgotten": "This is lse(z) alone; the logit of the target is missing.",
        "shape": "One number for each row, shape (n,): sum over the classes, and take no mean.",
        "axis": AXIS,
    },
)
def cross_entropy(attempt):
    for label, z, t in [("smoothed targets", Z, SMOOTH), ("very large logits", LARGE, HARD)]:
        rows = list(zip(z[:, None], t[:, None], _one_hot(t)[:, None], strict=True))
        each = np.array([_loss(row, target) for row, target, _ in rows])
        with np.errstate(all="ignore"):
            mistakes = {
                "no-max-shift": -np.sum(t * np.log(_naive(z)), axis=1),
                "log-of-zero": -np.sum(t * np.log(_softmax(z)), axis=1),
                "axis": -np.sum(t * library.log_softmax(z, axis=0), axis=1),
                "one-hot-assumed": np.array([_loss(row, hard) for row, _, hard in rows]),
                "mean": each.mean(),
                "over-classes": each / K,
                "targets-forgotten": library.logsumexp(z, axis=1),
            }
        with attempt.part(label) as part:
            given = part.call(z, t)
            # With any ε that float64 can hold, −log ε is below 746.
            capped = each > 746
            if given.shape == each.shape and _near(given[~capped], each[~capped], 1e-3):
                too_low = np.any(given[capped] < 746)
                part.require(not too_low, attempt.exercise.mistakes["epsilon"], "epsilon")
            part.expect(given, each, mistakes=mistakes)


#: A masked row, a row that counts twice, a weight shared unequally, and an ordinary row.
UNEVEN = np.array([[0.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.5, 0.0, 0.25], [0.2, 0.3, 0.5]])


@exercise(
    "Targets that do not sum to one",
    points=2,
    kind="implement",
    mistakes={
        "sum-assumed": "This is o − t, which is right only where Σt = 1. In general every target"
        f" pulls with its own o, and together they pull with (Σt) o. {SUMS}",
        "targets-normalised": "The targets of each row are scaled to sum to 1 first. That is the"
        f" gradient of another loss, in which every row counts the same. {SUMS}",
        "total": "The targets of the whole batch are added up; each row needs its own sum, axis=1."
        f" {SUMS}",
        "other-axis": "The targets are added up over the examples: add over the classes, axis=1."
        f" {SUMS}",
        "keepdims": "The sum of row i multiplies column i: sum with keepdims=True.",
        "not-weighted": "Masked rows are left out, and the others are treated as if they summed to"
        f" 1. {SUMS}",
        "axis": AXIS,
        "no-max-shift": NO_SHIFT,
        "global-max": GLOBAL_MAX,
        "weighted-mean": "Divided by the sum of all targets. The mean here runs over all n rows,"
        f" the masked ones included. {SUMS}",
        "unmasked-mean": "Divided by the number of rows that are not masked. The mean here runs"
        f" over all n rows. {SUMS}",
        "one-hot-assumed": f"The targets are taken as one-hot (as by argmax). {SUMS}",
        "sign": SIGN.replace("t − o where o − t", "t − (Σt) o where (Σt) o − t"),
        "summed": f"The gradient of a summed loss: the mean over n examples divides by n. {BATCH}",
        "averaged-twice": f"Divided by n twice. {BATCH}",
    },
)
def any_targets(attempt):
    def compare(part, z, t):
        n, o, rows = len(z), _softmax(z), t.sum(axis=1, keepdims=True)
        right = slope(lambda z: _loss(z, t), z) + 0.0  # no −0.0
        weights = {"sum-assumed": 1.0, "total": t.sum()}
        if z is SQUARE:  # elsewhere sums along the other axis, or without keepdims, raise or differ
            weights |= {"other-axis": t.sum(axis=0), "keepdims": t.sum(axis=1)}
        mistakes = {slug: right + (weight - rows) * o / n for slug, weight in weights.items()}
        for slug, wrong in _wrong_outputs(z).items():
            mistakes[slug] = right + rows * (wrong - o) / n
        mistakes |= {
            "targets-normalised": right / np.where(rows, rows, 1.0),
            "not-weighted": right + (np.sign(rows) - rows) * o / n,
            "weighted-mean": right * n / t.sum(),
            "unmasked-mean": right * n / np.count_nonzero(rows),
            "one-hot-assumed": slope(lambda z: _loss(z, _one_hot(t)), z),
        }
        part.expect(part.call(z, t), right, batch=n, mistakes=mistakes)

    with attempt.part("ordinary logits") as part:
        compare(part, SQUARE, UNEVEN[:3])
        compare(part, Z, UNEVEN)
    with attempt.part("logits of very different size") as part:
        compare(part, LARGE, UNEVEN)


#: Features nobody rescaled. The last row is small: its logits lie far from those of the others.
RAW = np.array(
    [[200.0, 120, 30], [180, 150, 20], [190, 170, 60], [210, 140, 90], [160, 160, 40], [-90, 2, 1]]
)
RAW_TARGETS = np.eye(3)[[0, 0, 1, 2, 1, 2]]


@cache
def _trained(raw, rate, steps, clip=np.inf):
    """Weights and losses of the right descent, or of one that clips its logits at ±``clip``."""
    x, t = (RAW, RAW_TARGETS) if raw else (INPUTS, TARGETS)
    w, losses = np.zeros((3, 3)), []
    for _ in range(steps):
        seen = np.clip(x @ w, -clip, clip)
        losses.append(_loss(seen, t))
        w = w - rate * slope(lambda v, w=w, seen=seen: _loss(seen + x @ (v - w), t), w)
    return w, np.array(losses)


@exercise(
    "A training loop that says nan",
    points=4,
    kind="repair",
    mistakes={
        "no-max-shift": f"One large example alone makes W nan: exp overflows. {STABLE}",
        "global-max": f"One large example alone is right, several give nan in W. {GLOBAL_MAX}",
        "log-of-zero": "W is right now; the losses are not. An output underflows to 0, and the log"
        f" of 0 is −∞ (times a target of 0 it is nan). Take log o = z − lse(z). {STABLE}",
        "nan-hidden": "The nan is gone, but its cause is not: a number near 1e308 in the losses"
        f" is what nan_to_num makes of an infinity. {STABLE}",
        "epsilon": "W is right, the losses are capped: a small number is added inside the logarithm"
        f" or o is clipped, so no loss can exceed −log of it. log o = z − lse(z) needs none."
        f" {STABLE}",
        "clipped-logits": "The logits are clipped. Beyond the limit the outputs are wrong, and the"
        f" loop trains towards something else. Subtract the row's largest logit. {STABLE}",
        "changed": "Right for small features, and different, without nan, for large ones. A repair"
        " keeps what is computed: no clipping, no rescaled features, no nan_to_num, no other rate."
        f" {STABLE}",
        "rate-ignored": "`rate` is not used: 0.1 seems to be written into the loop.",
        "summed": f"The gradient is summed over the examples; the mean divides by n. {BATCH}",
        "averaged-twice": f"The gradient is divided by n twice. {BATCH}",
        "climbs": "W moves up the gradient: the step is subtracted.",
        "after-step": "Each loss is taken after its step; the first should be that of W = 0.",
        "summed-loss": f"The losses are summed over the examples; the mean divides by n. {BATCH}",
    },
)
def repair_training(attempt):
    small, large = [INPUTS, TARGETS, 0.3, 5], [RAW, RAW_TARGETS, 0.1, 6]
    n, names = len(INPUTS), ("W", "losses")
    right, losses = _trained(False, 0.3, 5)
    right_large, losses_large = _trained(True, 0.1, 6)
    clips = (10, 20, 30, 50, 88, 100, 200, 300, 400, 500, 600, 700, 709)

    def refuse(part, slug, bad):
        part.require(not bad, attempt.exercise.mistakes[slug], slug)

    with attempt.part("W, for small and for large features") as part:
        w, _ = part.call(*small, outputs=names)
        part.expect(
            w,
            right,
            mistakes={
                "rate-ignored": _trained(False, 0.1, 5)[0],
                "summed": _trained(False, 0.3 * n, 5)[0],
                "averaged-twice": _trained(False, 0.3 / n, 5)[0],
                "climbs": _trained(False, -0.3, 5)[0],
            },
        )
        one, _ = part.call(RAW[:1], RAW_TARGETS[:1], 0.1, 3, outputs=names)
        refuse(part, "no-max-shift", np.any(np.isnan(one)))
        w, _ = part.call(*large, outputs=names)
        refuse(part, "global-max", np.any(np.isnan(w)))
        clipped = any(_near(w, _trained(True, 0.1, 6, clip)[0]) for clip in clips)
        refuse(part, "clipped-logits", clipped)
        refuse(part, "changed", not _near(w, right_large))
        part.expect(w, right_large)
    with attempt.part("the losses, for small and for large features") as part:
        _, given = part.call(*small, outputs=names)
        after = _trained(False, 0.3, 6)[1][1:]
        part.expect(given, losses, mistakes={"after-step": after, "summed-loss": n * losses})
        w, given = part.call(*large, outputs=names)
        part.require(_near(w, right_large), "They can only be right once W is.")
        if given.shape == losses_large.shape:
            top = np.max(np.abs(given))
            refuse(part, "log-of-zero", not np.isfinite(top))
            refuse(part, "nan-hidden", top > 1e300)
            refuse(part, "epsilon", top < 746)
        part.expect(given, losses_large)


@exercise(
    "Curvature without the matrix",
    points=3,
    kind="implement",
    mistakes={
        "diagonal-only": "Only the diagonal of the Hessian, o(1 − o), is used. The off-diagonal"
        f" entries are −o_i o_j. {CURVATURE}",
        "no-second-term": f"This is o·v alone: −o (oᵀv), from the ooᵀ of the Hessian, is missing."
        f" {CURVATURE}",
        "no-first-term": f"This is −o (oᵀv) alone: the diag(o) of the Hessian is missing."
        f" {CURVATURE}",
        "unscaled": "This is v − oᵀv. Each entry is still to be multiplied by its own o."
        f" {CURVATURE}",
        "sign": "The sign is reversed: the Hessian is positive semidefinite, so vᵀHv is never"
        f" negative. {CURVATURE}",
        "second-sign": f"The two terms are added: the Hessian is diag(o) minus ooᵀ. {CURVATURE}",
        "whole-batch": "oᵀv is summed over the whole batch; each row has its own: axis=1."
        f" {CURVATURE}",
        "keepdims": "oᵀv of row i is subtracted in column i: sum with keepdims=True.",
        "averaged": "Divided by the number of rows; here each row stands for itself.",
        "no-max-shift": NO_SHIFT,
    },
)
def hessian_product(attempt):
    def product(z, v):
        return _softmax(z + 1e-30j * v).imag / 1e-30

    def compare(part, z, v):
        o, right = _softmax(z), product(z, v)
        second = right - o * v
        mistakes = {
            "diagonal-only": _ownslope(z) * v,
            "no-second-term": o * v,
            "no-first-term": second,
            "second-sign": o * v - second,
            "averaged": right / len(z),
            "whole-batch": o * v + o * np.sum(second),
        }
        with np.errstate(all="ignore"):
            mistakes["unscaled"] = right / o
            mistakes["no-max-shift"] = right + 0 * _naive(z).sum(axis=1, keepdims=True)
        if z is SQUARE:  # elsewhere a sum without keepdims raises
            mistakes["keepdims"] = o * v + o * second.sum(axis=1)
        part.expect(part.call(z, v), right, mistakes=mistakes)

    v = np.array([[1.0, -0.5, 0.3], [0.2, 0.7, -1.5], [0, 1, 0], [1, 1, 1]])
    with attempt.part("ordinary logits", weight=2) as part:
        compare(part, SQUARE, v[:3])
        compare(part, Z, v)
    with attempt.part("logits of very different size") as part:
        compare(part, LARGE, v)


@exercise(
    "Into the labels",
    points=3,
    kind="derive",
    mistakes={
        "chain-stopped": "This is −log o, the gradient at the labels t. The chain rule goes on"
        f" through t = softmax(u) to the label logits u. {LABELS}",
        "diagonal-only": "Only ∂t_j/∂u_j is used. Raising u_j lowers the other labels as well,"
        f" and they have their share of the loss. {LABELS}",
        "no-second-term": "This is −t_j log o_j. The second term, from −t_i t_j of the Jacobian, is"
        f" missing. {LABELS}",
        "sign": f"All signs are reversed. {LABELS}",
        "logits-gradient": "This is o − t, the gradient at the classifier's logits z. The question"
        f" is about the labels' logits u. {LABELS}",
        "swapped": "This is t − o: it would be the gradient if the cross-entropy were the same with"
        f" t and o exchanged, which it is not. {LABELS}",
        "wrong-jacobian": "−log o goes back through the Jacobian of o; the labels are softmax of u,"
        f" so it is the Jacobian of t. {LABELS}",
        "zeros": "To SymPy t1, t2, t3 are symbols that know nothing of u1, u2, u3: to let it"
        " differentiate, write the labels with exp of the label logits.",
        "second-sign": f"The term with E has the wrong sign: ∂t_i/∂u_j = t_i(δ_ij − t_j). {LABELS}",
    },
)
def label_gradient(attempt):
    with attempt.part("its values at three points") as part:
        for z, u in zip(np.array(POINTS), 0.7 * np.array(POINTS[::-1]), strict=True):
            t, o = library.softmax(u), library.softmax(z)
            cost = -library.log_softmax(z)
            right = slope(lambda u, cost=cost: library.softmax(u) @ cost, u)
            at_logits = slope(lambda z, t=t: -t @ library.log_softmax(z), z)
            part.expect(
                part.numbers(attempt.value, _named(z=z, u=u, o=o, t=t)),
                right,
                mistakes={
                    "chain-stopped": cost,
                    "diagonal-only": _ownslope(u[None])[0] * cost,
                    "no-second-term": t * cost,
                    "logits-gradient": at_logits,
                    "swapped": -at_logits,
                    "wrong-jacobian": slope(lambda z, c=cost: library.softmax(z) @ c, z),
                    "second-sign": 2 * t * cost - right,
                },
            )


@exercise(
    "Predict: labels that can move",
    points=1,
    kind="predict",
    mistakes={
        "a": "So it was with the first version, and so it is with a stop-gradient. Here u has a"
        f" gradient of its own, and it is not 0. {LABELS}",
        "c": "Look at what lowers E = −Σ t log o when o is fixed: it is linear in t, so t moves its"
        " weight to the class with the smallest −log o. Uniform labels rest only if o is uniform."
        f" {LABELS}",
        "d": "That would be climbing. −log o is largest for the least probable class, and descent"
        f" moves the labels away from it. {LABELS}",
    },
)
def predict_labels(attempt):
    with attempt.part("your prediction") as part:
        part.choose(attempt.value, "b")
        part.label += ": the labels go where −log o is small, and o follows them"


LABEL_LOGITS = np.array([[1.0, 0.0, 0.2], [0.0, 0.5, -0.4], [0.3, -0.6, 0.1], [0.0, 0.9, 0.4]])


def _joint(u, z):
    """Mean cross-entropy between the labels softmax(u) and the outputs softmax(z)."""
    return _loss(z, _softmax(u))


SLIPS = (
    "outputs-stopped",
    "labels-climb",
    "chain-stopped",
    "swapped",
    "no-second-term",
    "one-after-the-other",
)


@cache
def _descent(stop, rate=1.5, steps=6, slip=None):
    """Labels, outputs and losses of the right descent, or of one with a named slip."""
    u, z, losses = LABEL_LOGITS, Z, []
    for _ in range(steps):
        losses.append(_joint(u, z))
        du, dz = slope(lambda u, z=z: _joint(u, z), u), slope(lambda z, u=u: _joint(u, z), z)
        if slip == "chain-stopped":
            du = slope(lambda t, z=z: _loss(z, t), _softmax(u))
        elif slip == "no-second-term":
            costs = -library.log_softmax(z, axis=1)
            du = _softmax(u) * costs / N
        elif slip == "swapped":
            du = -dz
        elif slip == "labels-climb":
            du = -du
        if slip == "outputs-stopped":
            dz = dz * (not stop)
        elif stop:
            du = 0 * du
        u = u - rate * du
        if slip == "one-after-the-other":
            dz = slope(lambda z, u=u: _joint(u, z), z)
        z = z - rate * dz
    return _softmax(u), _softmax(z), np.array(losses)


@exercise(
    "Then measure",
    points=4,
    kind="predict",
    mistakes={
        "stop-ignored": "With stop=True the labels move all the same: their step is to be left out."
        f" {LABELS}",
        "stop-always": "With stop=False the labels do not move: they have a gradient too."
        f" {LABELS}",
        "outputs-stopped": "stop=True holds the classifier and lets the labels move; it is the"
        f" labels that are to be held. {LABELS}",
        "labels-climb": "The labels climb: their gradient has the wrong sign, or their step is"
        f" added. {LABELS}",
        "chain-stopped": "u moves along −log o, the gradient at t. Go on through t = softmax(u)."
        f" {LABELS}",
        "swapped": "u moves by t − o, as if the loss were the same with labels and outputs"
        f" exchanged. {LABELS}",
        "no-second-term": "u moves along −t log o; the second term of its gradient, + t Σ t log o,"
        f" is missing. {LABELS}",
        "one-after-the-other": "Z takes its step from labels that have moved already. Take both"
        " gradients at one point, then make both steps.",
        "summed": f"The gradients are those of a summed loss; the mean divides by n. {BATCH}",
        "after-step": "Each loss is taken after its step; the first is that of the start.",
        "logits": "These are the logits; the labels and outputs are their softmax.",
        "too-early": "Labels and outputs are those before the last step; take them after it.",
        "steps": "One step too many is made.",
    },
)
def measure_labels(attempt):
    names, rate, steps = ("labels", "outputs", "losses"), 1.5, 6
    for stop, label in [(True, "the labels stopped"), (False, "the labels free")]:
        right = _descent(stop, rate, steps)
        longer = _descent(stop, rate, steps + 1)
        wrong = {slip: _descent(stop, rate, steps, slip) for slip in SLIPS} | {
            "stop-ignored" if stop else "stop-always": _descent(not stop, rate, steps),
            "summed": _descent(stop, rate * N, steps),
            "after-step": (*right[:2], longer[2][1:]),
            "too-early": (*_descent(stop, rate, steps - 1)[:2], right[2]),
            "steps": longer,
            "logits": (LABEL_LOGITS, Z, right[2]),
        }
        with attempt.part(label) as part:
            given = part.call(LABEL_LOGITS, Z, rate, steps, stop, outputs=names)
            for i, expected in enumerate(right):
                mistakes = {slug: wrongs[i] for slug, wrongs in wrong.items()}
                part.expect(given[i], expected, mistakes=mistakes)


@exercise(
    "Where does the stop-gradient belong?",
    points=2,
    kind="choose",
    mistakes={
        "a": "Nothing is stopped: the student's loss also reaches the teacher, which learns to give"
        f" labels that the student finds easy. {LABELS}",
        "b": "This stops the student. Its loss now reaches the teacher alone, so the wrong network"
        f" learns. {LABELS}",
        "d": "This stops everything: nobody gets a gradient from it, and the student does not"
        f" learn. {LABELS}",
    },
)
def stop_gradient(attempt):
    with attempt.part("your choice") as part:
        part.choose(attempt.value, "c")
        part.label += ": to this loss the labels are constants; the student's logits get o − t"


EXERCISES = {one.slug: one for one in list(globals().values()) if isinstance(one, Exercise)}
