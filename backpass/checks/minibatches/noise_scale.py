"""The gradient noise scale from batches of two sizes.

Right values solve the two equations that say what squared norms are on average: |G|² plus the trace
of the covariance over the batch size.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.minibatches._inputs import BUYS, KNOWS, OWN, normal

SIZES = [(6, 5, 3, 4, 9), (4, 4, 4, 3, 7), (7, 3, 5, 10, 35)]  # k, m, d, b, B
LABELS = {"G2": "|G|²", "trace": "the trace", "scale": "the noise scale"}


@dataclass(frozen=True, eq=False)
class Measured:
    """Mean gradients of batches of ``b`` and of ``B`` examples."""

    small: np.ndarray  # (k, d)
    big: np.ndarray  # (m, d)
    b: int
    B: int

    @cached_property
    def squares(self) -> np.ndarray:
        """The mean squared norms, (2,)."""
        return np.array([(g**2).sum(axis=1).mean() for g in (self.small, self.big)])

    def solved(self, squares=None, sizes=None) -> dict[str, float]:
        """|G|², the trace and the scale that these mean squares at these sizes say."""
        squares = self.squares if squares is None else np.asarray(squares)
        sizes = (self.b, self.B) if sizes is None else sizes
        table = [[1, 1 / size] for size in sizes]
        return together(*np.linalg.solve(table, squares))


def together(G2: float, trace: float) -> dict[str, float]:
    """The two, and their ratio."""
    return {"G2": float(G2), "trace": float(trace), "scale": float(trace / G2)}


def measured(seed: int, k: int, m: int, d: int, b: int, B: int) -> Measured:
    """Gradients about 1, 2, …, with noise that falls with the batch size."""
    small, big = normal(seed, (k, d), (m, d))
    mean = np.arange(1, d + 1) / 2
    return Measured(mean + 2 * small / np.sqrt(b), mean + 2 * big / np.sqrt(B), b, B)


@exercise("A noise scale from two batch sizes", section=BUYS, points=4, kind="implement")
def noise_scale(attempt):
    for name, weight in {"G2": 1, "trace": 2, "scale": 1}.items():
        after = tuple(attempt.mistakes)
        with attempt.part(LABELS[name], weight=weight) as part:
            for seed, sizes in enumerate(SIZES):
                case = measured(seed, *sizes)
                args = [case.small, case.big, case.b, case.B]

                def of(name, given, case=case):
                    return [case, name, given]

                options = {"of": of, "after": after, "rtol": 1e-9}
                if name == "scale":
                    options["follows"] = follows
                part.outputs(args, case.solved(), name, **options)


def follows(found: dict) -> dict:
    """The scale that is right for the two others."""
    return found | {"scale": np.asarray(found["trace"], float) / np.asarray(found["G2"], float)}


@noise_scale.mistake(
    "The gradients of a size are averaged before they are squared, and so most of the noise is gone"
    " that is to be measured.",
    "Square the norm of each batch's gradient first, then average.",
)
def averaged_first(case, name, given):
    squares = [(g.mean(axis=0) ** 2).sum() for g in (case.small, case.big)]
    return case.solved(squares)[name]


@noise_scale.mistake(
    "The norms are averaged, and then squared; or they are not squared at all.",
    "Square each norm, then average: the mean of |g|² is |G|² + tr Σ/B.",
)
def norms_averaged(case, name, given):
    norms = np.array([np.linalg.norm(g, axis=1).mean() for g in (case.small, case.big)])
    return closest(given, case.solved(norms**2)[name], case.solved(norms)[name])


@noise_scale.mistake(
    f"The big batches are taken for noiseless: their squared norm is on average too large. {OWN}",
    "Both sizes have the noise tr Σ/size in their squared norm: solve for the two unknowns.",
)
def big_is_exact(case, name, given):
    small, big = case.squares
    return together(big, (small - big) * case.b)[name]


@noise_scale.mistake(
    "The sizes are exchanged: which of the two has more noise?",
    "The small one: its mean square is |G|² + tr Σ/b.",
)
def exchanged(case, name, given):
    return case.solved(sizes=(case.B, case.b))[name]


@noise_scale.mistake(
    f"The noise is taken to grow with the batch size. {KNOWS}",
    "A mean of B has the variance σ²/B: write tr Σ/B.",
)
def noise_grows(case, name, given):
    table = [[1, case.b], [1, case.B]]
    return together(*np.linalg.solve(table, case.squares))[name]


@noise_scale.mistake(
    "The squares are averaged over the weights. A norm adds them up.",
    "Sum over axis 1, then average over the batches.",
)
def over_weights(case, name, given):
    return None if name == "scale" else case.solved()[name] / case.small.shape[1]


@noise_scale.mistake(
    "The squares are added up over the batches too.",
    "Average over the batches: there may be more of one size than of the other.",
)
def over_batches(case, name, given):
    return case.solved(case.squares * [len(case.small), len(case.big)])[name]


@noise_scale.mistake(
    "The noise scale is upside down.",
    "The trace goes above: tr Σ/|G|².",
)
def upside_down(case, name, given):
    return 1 / case.solved()[name] if name == "scale" else None


@noise_scale.mistake(
    "This is the noise of a batch, not that of a single example.",
    "The difference of the mean squares is tr Σ (1/b − 1/B): divide by that.",
)
def of_a_batch(case, name, given):
    small, big = case.squares
    if name == "G2":
        return None
    G2, trace = case.solved()["G2"], case.solved()["trace"]
    traces = (small - big, trace / case.b, trace / case.B)
    return closest(given, *(together(G2, one)[name] for one in traces))


@noise_scale.mistake(
    "|G|² is taken to be the squared norm of the small batches, with all their noise.",
    "Take the noise away: |G|² = (B |g_B|² − b |g_b|²)/(B − b).",
)
def small_is_exact(case, name, given):
    return case.squares[0] if name == "G2" else None


@noise_scale.mistake(
    "The spread about the gradients' mean is taken with 1/n, or with each size by itself.",
    "No variance is needed: two mean squared norms and two sizes are enough.",
)
def by_variances(case, name, given):
    if name == "G2":
        return None
    G2 = case.solved()["G2"]
    traces = [case.b * case.small.var(axis=0, ddof=k).sum() for k in (0, 1)]
    traces += [case.B * case.big.var(axis=0, ddof=k).sum() for k in (0, 1)]
    return closest(given, *(together(G2, one)[name] for one in traces))
