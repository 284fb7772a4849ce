"""Three steps by hand: one weight that acts three times."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks.bptt._inputs import NEWEST
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


@exercise(
    "Three steps by hand",
    section="Section: “Three steps, unrolled”.",
    points=3,
    kind="derive",
    mistakes={
        "zeros": "To SymPy h1, h2, h3 are symbols that know nothing of w: to let it differentiate,"
        " write L out in w, u, x and h0.",
    },
)
def unrolled(attempt):
    with attempt.part("its values at three points") as part:
        for run in [
            Run((0.3, -0.8, 0.5), u=0.9, w=0.7, h0=0.4, y=-0.6),
            Run((-1.0, 0.2, 0.6), u=0.5, w=-1.3, h0=-0.7, y=0.3),
            Run((0.7, 0.9, -0.4), u=-0.8, w=1.6, h0=0.2, y=0.9),
        ]:
            at = {"u": run.u, "w": run.w, "y": run.y}
            at |= {f"x{t}": run.x[t - 1] for t in (1, 2, 3)}
            at |= {f"h{t}": float(run.h[t]) for t in range(4)}
            part.expect(part.numbers(attempt.value, at), run.parts.sum(), of=[run])


@unrolled.mistake(
    "This is the part of the last step alone. The same w acts in steps 1 and 2 too, and the three"
    " parts are added."
)
def last_step(run):
    return run.parts[2]


@unrolled.mistake("The part of step 1 is missing: h0 is not zero here, and w multiplies it.")
def first_lost(run):
    return run.parts[1] + run.parts[2]


@unrolled.mistake(
    "The part of step 3 itself is missing, where w stands right before h2: its product of ∂h/∂h is"
    f" empty, which is 1 and not 0. {NEWEST}"
)
def newest_lost(run):
    return run.parts[0] + run.parts[1]


@unrolled.mistake(
    "This is only the longest path, back to step 1. Along a path factors are multiplied; the paths"
    " of the three steps are added."
)
def longest_path(run):
    return run.parts[0]


@unrolled.mistake(
    "h_t stands where h_{t−1} belongs: in step t the weight w multiplies the state that came in."
)
def h_current(run):
    return np.sum(run.parts * run.h[1:] / run.h[:3])


@unrolled.mistake("This is the gradient of u: the inputs x stand where w needs h_{t−1}.")
def inputs(run):
    return np.sum(run.parts * np.array(run.x) / run.h[:3])


@unrolled.mistake(
    "From one step to the one before it the chain rule goes through w h_{t−1}: each such step costs"
    " a factor w."
)
def w_forgotten(run):
    return np.sum(run.parts / run.w ** np.array([2, 1, 0]))


@unrolled.mistake("φ′ is forgotten: h = tanh z, so each step contributes 1 − h².")
def phi_forgotten(run):
    return np.sum(run.without_slopes)


@unrolled.mistake("Only the last step has its 1 − h². Every step that is passed has its own.")
def phi_once(run):
    return np.sum(run.without_slopes * run.slopes[2])


@unrolled.mistake("All steps have the φ′ of step 3; each has its own state, 1 − h_t².")
def same_phi(run):
    return np.sum(run.without_slopes * run.slopes[2] ** np.array([3, 2, 1]))


@unrolled.mistake("The three parts are averaged. They are added: w moves in all steps at once.")
def averaged(run):
    return run.parts.mean()
