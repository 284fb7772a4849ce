"""What several exercises on softmax and cross-entropy share: inputs, forward functions, sentences.

The inputs are chosen to tell mistakes apart: rows unlike columns, targets that are not one-hot,
squares where a mistake would otherwise only raise an error, logits on which exp overflows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks.closest import closest, shape_of, with_multiple
from backpass.checks.remembered import by_value
from backpass.checks.softmax_cross_entropy import _library as library
from backpass.gradcheck import slope

# ---------------------------------------------------------------------------------------- inputs

#: Logits of four examples and three classes. No row has the maximum or the sum of a column.
Z = np.array([[0.5, 2.0, -1.0], [1.2, 0.3, -0.7], [1.9, 0.4, -1.5], [0.1, -0.2, 0.9]])
#: Logits on which exp overflows. A shift by the mean (first row) or median (last) still leaves an
#: exponent above 709.78.
LARGE = np.array([[2200.0, 2199.0, 0.0], [-900.0, -902.0, -901.0], [3.0, 1.0, 2.0], [0, 1, 801.5]])

#: Features of five examples, and their targets.
INPUTS = np.array(
    [[1.0, 0.5, -2.0], [0.3, -1.0, 0.4], [-0.6, 1.5, 0.8], [1.2, 0.1, 0.9], [0.2, -0.7, 1.1]]
)
TARGETS = np.array([[0.1, 0.8, 0.1], [0.7, 0.2, 0.1], [0, 0, 1], [1, 0, 0], [0.2, 0.3, 0.5]])


#: How near right answers come: a constant of 1e-12 added on the way shows. An output
#: exp(z − lse) of logits near 2000 is a little less exact.
NEAR = {"rtol": 1e-12, "atol": 1e-15, "rounding": 2e-12}


def named(**vectors: np.ndarray) -> dict[str, float]:
    """A number for each of the names ``z1, z2, z3`` of the entries of a vector ``z``, and so on."""
    return {f"{name}{i}": float(x) for name, v in vectors.items() for i, x in enumerate(v, 1)}


# ------------------------------------------------------------------------------------ nearness

#: With any ε that float64 can hold inside the logarithm, a loss is below this.
LARGEST_CAP = 746


def near(a: object, b: np.ndarray, rtol: float = 1e-6) -> bool:
    """Is ``a`` an array of numbers about equal to ``b``?"""
    a = np.asarray(a)
    same = a.dtype.kind in "biuf" and a.shape == b.shape
    return bool(same and np.allclose(a, b, rtol, rtol * np.max(np.abs(b), initial=0)))


# ----------------------------------------------------------------------------- forward functions


def outputs(z: np.ndarray) -> np.ndarray:
    """Softmax of each row, (n, k)."""
    return library.softmax(z, axis=1)


def loss(z: np.ndarray, t: np.ndarray) -> float:
    """Cross-entropy in nats, the mean over the rows of ``z`` and ``t``, both (n, k)."""
    return -np.sum(t * library.log_softmax(z, axis=1)) / len(z)


@by_value
def loss_gradient(z: np.ndarray, t: np.ndarray) -> np.ndarray:
    """The gradient of the loss at the logits, (n, k)."""
    return slope(lambda z: loss(z, t), z)


def log_slope(z: np.ndarray) -> np.ndarray:
    """The slope of the log of each output along its own logit, (n, k)."""
    step = 1e-30
    units = np.eye(z.shape[1])
    columns = [library.log_softmax(z + 1j * step * e, axis=1)[:, j] for j, e in enumerate(units)]
    return np.stack(columns, axis=1).imag / step


def own_slope(z: np.ndarray) -> np.ndarray:
    """The slope of each output along its own logit, the Jacobian's diagonal in each row, (n, k)."""
    step = 1e-30
    columns = [outputs(z + 1j * step * unit)[:, j] for j, unit in enumerate(np.eye(z.shape[1]))]
    return np.stack(columns, axis=1).imag / step


@dataclass(frozen=True, eq=False)
class Case:
    """Logits ``z`` and targets ``t`` of a batch, both (n, k), and what follows from them."""

    z: np.ndarray
    t: np.ndarray

    @property
    def n(self) -> int:
        """The number of examples."""
        return len(self.z)

    @cached_property
    def o(self) -> np.ndarray:
        """The outputs, (n, k)."""
        return outputs(self.z)

    @cached_property
    def sums(self) -> np.ndarray:
        """Σt of each row, as a column, (n, 1)."""
        return self.t.sum(axis=1, keepdims=True)

    @property
    def loss(self) -> float:
        """The mean cross-entropy."""
        return loss(self.z, self.t)

    @cached_property
    def gradient(self) -> np.ndarray:
        """The gradient of the loss at the logits, (n, k)."""
        return loss_gradient(self.z, self.t)

    @cached_property
    def at_outputs(self) -> np.ndarray:
        """The gradient of the loss at the outputs, −t/o/n, (n, k); not finite where o is 0."""
        with np.errstate(all="ignore"):
            return -self.t / self.o / self.n

    def gradient_with(self, wrong: np.ndarray) -> np.ndarray:
        """The gradient at the logits if the outputs had come out as ``wrong``, (n, k)."""
        return self.gradient + self.sums * (wrong - self.o) / self.n


# --------------------------------------------------------------------------------- gone wrong


@np.errstate(all="ignore")
def naive(z: np.ndarray) -> np.ndarray:
    """Softmax as its definition says it, (n, k): overflows."""
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


def shifted_once(z: np.ndarray) -> np.ndarray:
    """Softmax with one shift for the whole batch, (n, k): a row far below it underflows."""
    return naive(z - z.max())


def down_columns(z: np.ndarray) -> np.ndarray:
    """Softmax over the examples, (n, k)."""
    return library.softmax(z, axis=0)


def guarded(z: np.ndarray) -> Iterator[np.ndarray]:
    """Softmax with a constant added to the sum or to each power, or clipped, (n, k) each.

    For constants so small that a multiple of one of the :func:`guards` is as good, see there.
    """
    o = outputs(z)
    for constant in (1e-6, 1e-5, 1e-4, 1e-3):
        for powers in shifted(z):
            total = powers.sum(axis=1, keepdims=True)
            yield powers / (total + constant)
            yield (powers + constant) / (total + z.shape[1] * constant)
    for constant in (*np.logspace(-16, -3, 14), 5e-8):
        if o.min() < constant:
            yield np.clip(o, constant, 1)
            yield np.clip(o, constant, 1 - constant)


def shifted(z: np.ndarray) -> list[np.ndarray]:
    """The powers of a softmax, (n, k): with the largest logit of each row subtracted, and without
    if they do not overflow.
    """
    powers = [np.exp(z - z.max(axis=1, keepdims=True))]
    return [*powers, np.exp(z)] if z.max() < 700 and z.min() > -700 else powers


def guards(z: np.ndarray) -> list[np.ndarray]:
    """The slopes of softmax along a constant that is added to the sum, or to each power too,
    (n, k) each.
    """
    o, totals = outputs(z), [powers.sum(axis=1, keepdims=True) for powers in shifted(z)]
    return [-o / total for total in totals] + [(1 - z.shape[1] * o) / total for total in totals]


def with_constant(given: object, z: np.ndarray) -> np.ndarray | None:
    """The softmax with a small constant somewhere that lies nearest to ``given``, (n, k)."""
    found = (with_multiple(given, outputs(z), along) for along in guards(z))
    return closest(given, *guarded(z), *(one for one in found if one is not None))


def one_row(given: object, values: np.ndarray) -> np.ndarray | None:
    """The first or the last of the ``values`` (n, …), if ``given`` is as large as one of them."""
    return closest(given, values[0], values[-1]) if shape_of(given) == values[0].shape else None


def hardmax(t: np.ndarray) -> np.ndarray:
    """One-hot rows, (n, k): 1 at the largest entry of each row of ``t``."""
    return np.eye(t.shape[1])[t.argmax(axis=1)]


# --------------------------------------------------------------------------------- sentences

STABLE = "Section: “Log-sum-exp, and why the naive form overflows”."
JACOBIAN = "Section: “The Jacobian of softmax”."
TOGETHER = "Section: “The two together: o − t”."
BATCH = "Section: “To the weights, and a batch”."
LABELS = "Section: “What it means to backpropagate into the labels”."

NO_SHIFT = (
    f"exp overflows: some exponents are far above 0. {STABLE}",
    "Subtract from each row its own largest exponent before exp: what is left is at most 0, and the"
    " shift cancels in the fraction.",
)
GLOBAL_MAX = (
    "What is subtracted is the same for the whole batch. A row that lies far below the others"
    f" underflows as a whole, to 0/0. {STABLE}",
    "Each row needs its own largest logit: max(axis=1, keepdims=True).",
)
ONE_ROW = (
    "This is one row of the batch: each row has its own result. Does a loop keep only the last, or"
    " does `return` stand inside it?",
    "Work on the whole array with axis=1, or collect what the loop finds and return it after the"
    " loop.",
)
CONSTANT = (
    f"Right but for a small constant that is added on the way, or at which o is clipped. {STABLE}",
    "Leave the constant out: once the largest logit of each row is subtracted, a sum of powers is"
    " at least 1, and nothing needs to be kept away from 0.",
)
WHOLE_BATCH = (
    "It is the batch as a whole that sums to 1; each row should.",
    "Sum over axis=1, with keepdims=True.",
)
AXIS = (
    "The softmax runs down the columns, over the examples, and not over the classes.",
    "Use axis=1, both for the largest logit and for the sum.",
)
SIGN = (
    f"All signs are reversed: this is the step of descent, not the gradient. {TOGETHER}",
    "Begin with outputs minus targets.",
)
ONE_HOT_ASSUMED = (
    "The targets are treated as one-hot (as by argmax), but these rows share their weight among"
    f" several classes. {TOGETHER}",
    "Use T as it comes, in o − t.",
)
SMOOTHED_AGAIN = (
    "Some of each target is spread evenly over all classes. They are meant as they come: if they"
    " are to be smooth, they are so already.",
    "Leave the smoothing out.",
)
SUMMED = (
    f"This is the gradient of a summed loss. {BATCH}",
    "The mean over n examples divides by n, once: in δ.",
)
AVERAGED_TWICE = (
    f"Divided by n twice. {BATCH}",
    "The 1/n of the mean is in δ: leave it out after.",
)
