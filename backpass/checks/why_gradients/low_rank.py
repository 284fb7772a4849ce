"""The best linear net with few hidden units, in closed form."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.why_gradients._inputs import CLOSED, normal


def truncated(a: np.ndarray, keep: slice) -> np.ndarray:
    """A matrix with some of its singular values only."""
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    return (u[:, keep] * s[keep]) @ vt[keep]


@dataclass(frozen=True, eq=False)
class Data:
    """Inputs X (n, d), targets Y (n, k), and h hidden units."""

    x: np.ndarray
    y: np.ndarray
    h: int

    @cached_property
    def full(self) -> np.ndarray:
        """The best matrix of any rank, (d, k)."""
        return np.linalg.lstsq(self.x, self.y)[0]

    @cached_property
    def best(self) -> np.ndarray:
        """The best product W₁W₂, by solving for one factor and then the other in turn, (d, k)."""
        second = normal(1, (self.h, self.y.shape[1]))[0]
        for _ in range(400):
            first = np.linalg.lstsq(self.x, self.y @ np.linalg.pinv(second))[0]
            second = np.linalg.lstsq(self.x @ first, self.y)[0]
        return first @ second


def drawn(seed: int, n: int, d: int, k: int, h: int) -> Data:
    """Inputs of different spreads, and targets whose parts differ clearly in size."""
    x, left, right, noise = normal(seed, (n, d), (d, d), (k, k), (n, k))
    parts = np.zeros((d, k))
    np.fill_diagonal(parts, 3.0 ** -np.arange(min(d, k)))
    x = 1 + x * np.linspace(0.5, 3, d)
    return Data(x, x @ left @ parts @ right + 0.1 * noise, h)


CASES = [drawn(0, 12, 4, 3, 1), drawn(1, 15, 4, 4, 2), drawn(2, 20, 5, 4, 2)]


@exercise("The best linear net", section=CLOSED, points=4, kind="implement")
def low_rank(attempt):
    with attempt.part("the product W₁W₂") as part:
        for data in part.each(CASES, "h = {0.h}"):
            value = part.call(data.x, data.y, data.h)
            part.expect(value, data.best, of=[data], reduction=None, rtol=1e-6)


@low_rank.mistake(
    "This is the best matrix of any rank: it needs more hidden units than there are.",
    "Keep the h largest singular values of its predictions.",
)
def full_rank(data):
    return data.full


@low_rank.mistake(
    "The matrix itself is cut to rank h, and what counts is what it predicts: some inputs vary"
    " more than others.",
    "Take the SVD of X W, and project W on its first h right singular vectors: W V Vᵀ.",
)
def weights_cut(data):
    return truncated(data.full, slice(data.h))


@low_rank.mistake(
    "The smallest singular values are kept. That is a stationary point too, but a saddle.",
    "Keep the first h: NumPy sorts them from large to small.",
)
def smallest_kept(data):
    _, _, vt = np.linalg.svd(data.x @ data.full, full_matrices=False)
    v = vt[-data.h :].T
    return data.full @ v @ v.T


@low_rank.mistake(
    "One singular value too many is kept.",
    "Keep h of them: vt[:h].",
)
def one_too_many(data):
    return Data(data.x, data.y, data.h + 1).best


@low_rank.mistake(
    "The targets are cut, not the predictions: their noise has a part in the directions.",
    "Take the SVD of X W, where W is the best matrix of any rank.",
)
def targets_cut(data):
    return np.linalg.lstsq(data.x, truncated(data.y, slice(data.h)))[0]


@low_rank.mistake(
    "The inputs are cut to their h largest directions. Do those predict the targets best?",
    "Solve for the whole W first, and cut what it predicts.",
)
def inputs_cut(data):
    return np.linalg.lstsq(truncated(data.x, slice(data.h)), data.y, rcond=1e-10)[0]
