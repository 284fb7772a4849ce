"""Three steps by hand: one weight that acts three times."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps

import numpy as np

from backpass.checks.bptt._inputs import NEWEST, either
from backpass.checks.exercise import exercise
from backpass.gradcheck import slope, vjp


@dataclass(frozen=True, eq=False)
class Run:
    """One unit over three steps, from inputs ``x`` to the loss ½ (h_3 − y)²."""

    x: tuple[float, float, float]
    u: float
    w: float
    h0: float
    y: float

    def states(self, weights: np.ndarray) -> tuple[list, np.ndarray]:
        """h_0, …, h_3 and z_1, z_2, z_3, where each step has a weight of its own, shape (3,)."""
        hs, zs = [self.h0], []
        for x, w in zip(self.x, weights, strict=True):
            zs.append(self.u * x + w * hs[-1])
            hs.append(np.tanh(zs[-1]))
        return hs, np.array(zs)

    @property
    def point(self) -> dict[str, float]:
        """The numbers by the names of their symbols."""
        at = {"u": self.u, "w": self.w, "y": self.y}
        at |= {f"x{t}": self.x[t - 1] for t in (1, 2, 3)}
        return at | {f"h{t}": float(self.h[t]) for t in range(4)}

    def loss_at(self, t: int) -> float:
        """∂/∂w of ½ (h_t − y)²."""
        ws = self.weights
        return slope(lambda ws: (self.states(ws)[0][t] - self.y) ** 2 / 2, ws).sum()

    @cached_property
    def weights(self) -> np.ndarray:
        """w, once for each step, shape (3,)."""
        return np.full(3, self.w)

    @cached_property
    def h(self) -> np.ndarray:
        """h_0, …, h_3, shape (4,)."""
        return np.array(self.states(self.weights)[0])

    @cached_property
    def parts(self) -> np.ndarray:
        """What w does to the loss in each step, shape (3,); added up they are ∂L/∂w."""
        return slope(lambda ws: (self.states(ws)[0][3] - self.y) ** 2 / 2, self.weights)

    @cached_property
    def slopes(self) -> np.ndarray:
        """φ′ of each step, shape (3,)."""
        return vjp(np.ones(3), np.tanh, self.states(self.weights)[1])

    @cached_property
    def without_slopes(self) -> np.ndarray:
        """The parts without the φ′ of the steps passed, which are three, two and one; (3,)."""
        return self.parts / np.cumprod(self.slopes[::-1])[::-1]


RUNS = [
    Run((0.3, -0.8, 0.5), u=0.9, w=0.7, h0=0.4, y=-0.6),
    Run((-1.0, 0.2, 0.6), u=0.5, w=-1.3, h0=-0.7, y=0.3),
    Run((0.7, 0.9, -0.4), u=-0.8, w=1.6, h0=0.2, y=0.9),
]


@exercise(
    "Three steps by hand",
    section="Section: “Three steps, unrolled”.",
    points=3,
    kind="derive",
    mistakes={
        "zeros": "To SymPy h1, h2, h3 are symbols that know nothing of w: to let it differentiate,"
        " write L out in w, u, x and h0.",
        "shape": "One expression is wanted: the parts of the three steps are added.",
    },
)
def unrolled(attempt):
    with attempt.part("its values at three points") as part:
        right = {"dL/dw": np.array([run.parts.sum() for run in RUNS])}

        def of(_, given):
            return (given,)

        part.outputs(None, right, at=[run.point for run in RUNS], of=of)


def slip(sentence: str) -> Callable:
    """Enter a mistake that gives for a run its value, or the values of its several forms."""

    def enter(function):
        @wraps(function)
        def values(given):
            forms = np.transpose([np.ravel(function(run)) for run in RUNS])
            return either(given, *forms)

        return unrolled.mistake(sentence)(values)

    return enter


@slip(
    "This is the part of the last step alone. The same w acts in steps 1 and 2 too, and the three"
    " parts are added."
)
def last_step(run):
    return run.parts[2]


@slip("The part of step 1 is missing: h0 is not zero here, and w multiplies it.")
def first_lost(run):
    return run.parts[1] + run.parts[2]


@slip(
    "The part of step 3 itself is missing, where w stands right before h2: its product of ∂h/∂h is"
    f" empty, which is 1 and not 0. {NEWEST}"
)
def newest_lost(run):
    return run.parts[0] + run.parts[1]


@slip(
    "This is only the longest path, back to step 1. Along a path factors are multiplied; the paths"
    " of the three steps are added."
)
def longest_path(run):
    return run.parts[0]


@slip(
    "Every step has a loss here, as in the chapter's sum of six terms. In this part there is one"
    " loss, at the end: what h1 and h2 do reaches it through h3 alone."
)
def every_loss(run):
    losses = [run.loss_at(t) for t in (3, 2, 1)]
    return [sum(losses), sum(losses[:2])]


@slip(
    "There is a factor too many: the derivative of z_t by w, with everything before held fast, is"
    f" h_{{t−1}} and nothing more. The product of ∂h/∂h from a step to itself is empty. {NEWEST}"
)
def factor_too_many(run):
    own, w = run.slopes, run.w  # of the step itself, or the step before
    before = np.array([1 - run.h0**2, *own[:2]])
    forms = [run.parts * f for f in (w, own, w * own, w * before, before, *own)]
    newest = [run.parts * [1, 1, f] for f in (w, w * own[2], w * own[1], own[2])]
    oldest = [run.parts * [f, 1, 1] for f in (w, w * before[0], own[0])]
    extra = run.parts.sum() + run.parts[0] * w * before[0]
    return [*(np.sum(form) for form in forms + newest + oldest), extra]


@slip("The error h3 − y is missing, or not as it should be: ∂L/∂h3 = h3 − y is in every part.")
def error_wrong(run):
    error, without = run.h[3] - run.y, run.parts.sum() / (run.h[3] - run.y)
    return [without, without * error**2, without * error**2 / 2, without * run.h[3]]


@slip("h_t stands where h_{t−1} belongs: in step t the weight w multiplies the state that came in.")
def h_current(run):
    return np.sum(run.parts * run.h[1:] / run.h[:3])


@slip("This is the gradient of u: the inputs x stand where w needs h_{t−1}.")
def inputs(run):
    return np.sum(run.parts * np.array(run.x) / run.h[:3])


@slip(
    "From one step to the one before it the chain rule goes through w h_{t−1}: each such step costs"
    " one factor w."
)
def w_forgotten(run):
    powers = [(2, 1, 0), (1, 0, 0), (1, 1, 0), (2, 0, 0), (-1, -1, 0), (-1, 0, 0), (0, -1, 0)]
    return [np.sum(run.parts / run.w ** np.array(power, float)) for power in powers]


@slip("φ′ is forgotten: h = tanh z, so each step contributes 1 − h².")
def phi_forgotten(run):
    return np.sum(run.without_slopes)


@slip("One of the three 1 − h² is missing: every step that is passed has its own.")
def one_phi_missing(run):
    s1, s2, s3 = run.slopes
    return [run.parts.sum() / s3, np.sum(run.parts / [s2, s2, 1]), np.sum(run.parts / [s1, 1, 1])]


@slip("Only the last step has its 1 − h². Every step that is passed has its own.")
def phi_once(run):
    return np.sum(run.without_slopes * run.slopes[2])


@slip("All steps have the same φ′; each has its own state, 1 − h_t².")
def same_phi(run):
    whole = np.prod(run.slopes)
    same = [np.sum(run.without_slopes * s ** np.array([3, 2, 1])) for s in run.slopes]
    return [same[2], *same[:2], np.sum(run.without_slopes * whole)]


@slip("1 − h² is taken at h_{t−1}. Step t has the slope at its own output h_t.")
def phi_previous(run):
    slopes = np.array([1 - run.h0**2, *run.slopes[:2]])
    return np.sum(run.without_slopes * np.cumprod(slopes[::-1])[::-1])


@slip("The three parts are averaged. They are added: w moves in all steps at once.")
def averaged(run):
    return run.parts.mean()


@slip("The three parts are multiplied. Along one path factors are multiplied; paths are added.")
def multiplied(run):
    return np.prod(run.parts)
