"""Three steps by hand: one weight that acts three times, and a shortcut."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps

import numpy as np

from backpass.checks.bptt._inputs import NEWEST, either
from backpass.checks.exercise import exercise
from backpass.gradcheck import slope, vjp


def logistic(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


@dataclass(frozen=True, eq=False)
class Run:
    """One unit over three steps, from inputs ``x`` to the loss ½ (h_3 − y)².

    The third step hears h_1, too, through ``v``.
    """

    x: tuple[float, float, float]
    u: float
    w: float
    v: float
    h0: float
    y: float

    def states(self, weights: np.ndarray) -> tuple[list, list]:
        """h_0, …, h_3 and z_1, z_2, z_3, where each use of w has a weight of its own, shape (4,).

        The last is w in the first step, as the shortcut hears it.
        """
        first, second, third, short = weights
        z1 = self.u * self.x[0] + first * self.h0
        h1, h1_short = logistic(z1), logistic(self.u * self.x[0] + short * self.h0)
        z2 = self.u * self.x[1] + second * h1
        h2 = logistic(z2)
        z3 = self.u * self.x[2] + third * h2 + self.v * h1_short
        return [self.h0, h1, h2, logistic(z3)], [z1, z2, z3]

    @property
    def point(self) -> dict[str, float]:
        """The numbers by the names of their symbols."""
        return {"w": self.w, "v": self.v, "y": self.y} | {f"h{t}": self.h[t] for t in range(4)}

    def parts_at(self, t: int) -> np.ndarray:
        """What each use of w does to ½ (h_t − y)², shape (4,)."""
        return slope(lambda ws: (self.states(ws)[0][t] - self.y) ** 2 / 2, np.full(4, self.w))

    @cached_property
    def h(self) -> list[float]:
        """h_0, …, h_3."""
        return [float(h) for h in self.states(np.full(4, self.w))[0]]

    @cached_property
    def parts(self) -> np.ndarray:
        """What each use of w does to the loss: in the steps 1, 2, 3, then in step 1 by the
        shortcut; added up they are ∂L/∂w.
        """
        return self.parts_at(3)

    @cached_property
    def slopes(self) -> np.ndarray:
        """φ′ of each step, shape (3,)."""
        return vjp(np.ones(3), logistic, np.array(self.states(np.full(4, self.w))[1], float))

    def passed(self, slopes: np.ndarray) -> np.ndarray:
        """The product of these slopes of the three steps, for the steps that each part passes."""
        s1, s2, s3 = slopes
        return np.array([s3 * s2 * s1, s3 * s2, s3, s3 * s1])

    def with_slopes(self, slopes: np.ndarray) -> np.ndarray:
        """The parts if these were the slopes."""
        return self.parts / self.passed(self.slopes) * self.passed(slopes)


RUNS = [
    Run((0.3, -0.8, 0.5), u=0.9, w=0.7, v=-1.1, h0=0.4, y=-0.6),
    Run((-1.0, 0.2, 0.6), u=0.5, w=-1.3, v=0.8, h0=-0.7, y=0.3),
    Run((0.7, 0.9, -0.4), u=-0.8, w=1.6, v=2.3, h0=0.2, y=0.9),
]


@exercise(
    "Three steps and a shortcut, by hand",
    section="Section: “Three steps, unrolled”.",
    points=3,
    kind="derive",
    mistakes={
        "zeros": (
            "To SymPy h1, h2, h3 are symbols that know nothing of w.",
            "Go back from h3 by hand: each step's δ, times the state that w met there.",
        ),
        "shape": (
            "One expression is wanted, not several.",
            "Add the parts of the three steps.",
        ),
    },
)
def unrolled(attempt):
    with attempt.part("its values at three points") as part:
        right = {"dL/dw": np.array([run.parts.sum() for run in RUNS])}

        def of(_, given):
            return (given,)

        part.outputs(None, right, at=[run.point for run in RUNS], of=of)


def slip(sentence: str, fix: str) -> Callable:
    """Enter a mistake that gives for a run its value, or the values of its several forms."""

    def enter(function):
        @wraps(function)
        def values(given):
            forms = np.transpose([np.ravel(function(run)) for run in RUNS])
            return either(given, *forms)

        return unrolled.mistake(sentence, fix)(values)

    return enter


@slip(
    "This is right for a chain, in which step 3 hears h2 alone. Here there is another way back.",
    "From z3 go back to h1 directly, too, with v; then on through step 1 to w.",
)
def shortcut_forgotten(run):
    return run.parts[:3].sum()


@slip(
    "The way past step 2 goes through another weight than this.",
    "From z3 to h1 it is v: in step 1 arrives what comes from z2, times w, plus what comes from"
    " z3, times v.",
)
def shortcut_weight(run):
    *chain, short = run.parts
    factors = run.w / run.v, 1 / run.v, run.w, run.v, run.w**2 / run.v
    return [sum(chain) + short * factor for factor in factors]


@slip(
    "The shortcut's own weight is v: a step of w does nothing to what stands right behind it.",
    "w acts in steps 1, 2, 3, where it met h0, h1, h2; the shortcut adds a way back to step 1.",
)
def shortcut_as_w(run):
    by_v = run.parts[2] * run.h[1] / run.h[2]
    return [run.parts.sum() + by_v, by_v]


@slip(
    "Of the two ways back to step 1 only the shortcut is there.",
    "In step 1 arrives what comes from z2, times w, plus what comes from z3, times v.",
)
def long_way_forgotten(run):
    return run.parts[1:].sum()


@slip(
    "In step 1 something is not multiplied: what did w meet there?",
    "w met h0: multiply all that comes back to z1 by it.",
)
def h0_left_out(run):
    return np.sum(run.parts * [1 / run.h0, 1, 1, 1 / run.h0])


@slip(
    "That is half of the slope of σ: h alone, or 1 − h alone.",
    "Of h = σ(z) the slope is the product of both, h (1 − h).",
)
def half_slope(run):
    h = np.array(run.h[1:])
    return [np.sum(run.with_slopes(h)), np.sum(run.with_slopes(1 - h))]


@slip(
    "The shortcut's way passes step 2, or it does not pass step 1.",
    "What comes by v to h1 has one slope between itself and w: that of step 1.",
)
def shortcut_slope(run):
    *chain, short = run.parts
    s1, s2, _ = run.slopes
    return [sum(chain) + short * factor for factor in (s2, s2 / s1, 1 / s1)]


@slip(
    "This is the part of the last step alone. The same w acts in steps 1 and 2 too.",
    "Add the parts of all three steps.",
)
def last_step(run):
    return run.parts[2]


@slip(
    "The part of step 1 is missing: h0 is not zero here.",
    "In step 1 w multiplies h0: add (all that comes back to z1) · h0.",
)
def first_lost(run):
    return run.parts[1] + run.parts[2]


@slip(
    "The part of step 3 itself is missing, where w stands right before h2: its product of ∂h/∂h is"
    f" empty. {NEWEST}",
    "An empty product is 1 and not 0: add ∂L/∂z3 · h2.",
)
def newest_lost(run):
    return run.parts.sum() - run.parts[2]


@slip(
    "These are only the ways back to step 1.",
    "Along a way factors are multiplied; the ways back to steps 1, 2 and 3 are added.",
)
def longest_path(run):
    return [run.parts[0], run.parts[0] + run.parts[3], run.parts[3]]


@slip(
    "Every step has a loss here, as in the chapter's sum of six terms. In this part there is one"
    " loss, at the end.",
    "Begin with ∂L/∂h3 alone: what h1 and h2 do reaches the loss through h3.",
)
def every_loss(run):
    losses = [run.parts_at(t).sum() for t in (3, 2, 1)]
    return [sum(losses), sum(losses[:2])]


@slip(
    f"There is a factor too many: the product of ∂h/∂h from a step to itself is empty. {NEWEST}",
    "The derivative of z_t by w, with everything before held fast, is h_{t−1} and nothing more.",
)
def factor_too_many(run):
    own, w = run.slopes, run.w  # of the step itself
    each = [own[0], own[1], own[2], own[0]]
    forms = [run.parts * f for f in (w, each, np.multiply(w, each), *own)]
    forms += [run.parts * [1, 1, f, 1] for f in (w, w * own[2], w * own[1], own[2])]
    return [np.sum(form) for form in forms]


@slip(
    "∂L/∂h3, which is in every part, is missing or not as it should be.",
    "L = ½ (h3 − y)², so that ∂L/∂h3 is h3 − y.",
)
def error_wrong(run):
    error, without = run.h[3] - run.y, run.parts.sum() / (run.h[3] - run.y)
    return [without, without * error**2, without * error**2 / 2, without * run.h[3]]


@slip(
    "The state that a step made stands where the state belongs that w met there.",
    "In step t the weight w multiplies h_{t−1}.",
)
def h_current(run):
    h0, h1, h2, h3 = run.h
    return np.sum(run.parts * [h1 / h0, h2 / h1, h3 / h2, h1 / h0])


@slip(
    "From one step to the one before it the chain rule goes through w h_{t−1}.",
    "Each step back from z_t to h_{t−1} costs one factor w.",
)
def w_forgotten(run):
    powers = [(2, 1, 0, 0), (1, 0, 0, 0), (1, 1, 0, 0), (2, 0, 0, 0), (-1, -1, 0, 0), (-1, 0, 0, 0),
              (0, -1, 0, 0)]  # fmt: skip
    return [np.sum(run.parts / run.w ** np.array(power, float)) for power in powers]


@slip(
    "These are the slopes of the chapter's tanh, which is 1 − h². Here h = σ(z).",
    "Of h = σ(z) the slope is h (1 − h).",
)
def slope_of_tanh(run):
    tanh, (s1, s2, s3) = 1 - np.array(run.h[1:]) ** 2, run.slopes
    some = tanh, [s1, s2, tanh[2]], [tanh[0], tanh[1], s3]
    return [np.sum(run.with_slopes(slopes)) for slopes in some]


@slip(
    "This is the chapter's net, with tanh and without a shortcut.",
    "Of h = σ(z) the slope is h (1 − h); and from z3 one way goes to h1 directly, with v.",
)
def chapters_net(run):
    return np.sum(run.with_slopes(1 - np.array(run.h[1:]) ** 2)[:3])


@slip(
    "z and h are taken for the same: no step's slope is in it.",
    "h = σ(z), so that each step that is passed contributes h (1 − h).",
)
def phi_forgotten(run):
    return np.sum(run.with_slopes(np.ones(3)))


@slip(
    "One of the three slopes is missing.",
    "Every step that is passed has its own h (1 − h), the one at the end of the way too.",
)
def one_phi_missing(run):
    s1, s2, s3 = run.slopes
    return [np.sum(run.with_slopes(s)) for s in ([s1, s2, 1], [s1, 1, s3], [1, s2, s3])]


@slip(
    "Only the last step has its slope.",
    "Every step that is passed has its own h (1 − h).",
)
def phi_once(run):
    return np.sum(run.with_slopes([1, 1, run.slopes[2]]))


@slip(
    "All steps have the same slope, but each has its own state.",
    "Step t has h_t (1 − h_t).",
)
def same_phi(run):
    return [np.sum(run.with_slopes([s, s, s])) for s in run.slopes[::-1]]


@slip(
    "The slope is taken at the state that came in.",
    "Step t has the slope at its own output, h_t (1 − h_t).",
)
def phi_previous(run):
    h = np.array(run.h[:3])
    return np.sum(run.with_slopes(h * (1 - h)))


@slip(
    "The parts of the three steps are averaged.",
    "They are added: w moves in all steps at once.",
)
def averaged(run):
    return run.parts.sum() / 3


@slip(
    "The parts of the three steps are multiplied.",
    "Along one way factors are multiplied; ways are added.",
)
def multiplied(run):
    return np.prod([run.parts[0] + run.parts[3], run.parts[1], run.parts[2]])
