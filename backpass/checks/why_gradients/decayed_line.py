"""The best weight of a linear unit with a decay, its curvature, and the limit of the rate."""

from dataclasses import dataclass, replace

from backpass.checks import exercise
from backpass.checks.why_gradients._inputs import CLOSED, vertex

VALUES = [(0.7, -0.4, 0.3), (2.5, 1.1, 0.6), (1.3, 2.2, 0.05)]  # the means of x² and xt, the decay
NAMES = ("the best weight", "the curvature", "the limit of the rate")
#: Slips in the loss itself, which are paid for once.
IN_ALL = {"decay-forgotten", "half-decay", "decay-subtracted"}


@dataclass(frozen=True)
class Line:
    """A unit w·x: the mean of x², that of x·t, and the decay of w."""

    s: float
    r: float
    rho: float

    def loss(self, w: float) -> float:
        """The mean of (w x − t)² + ρ w², but for the mean of t²."""
        return self.s * w * w - 2 * self.r * w + self.rho * w * w

    def wanted(self) -> dict[str, float]:
        """Where it is least, its second derivative, and the rate that is too large."""
        weight, curvature = vertex(self.loss)
        return dict(zip(NAMES, (weight, curvature, 2 / curvature), strict=True))


@exercise(
    "A weight that decays",
    section=CLOSED,
    points=3,
    kind="derive",
    mistakes={
        "shape": (
            "Three expressions are wanted: a weight, a curvature and a rate.",
            "Return a list of three, in this order.",
        )
    },
)
def decayed_line(attempt):
    for name in NAMES:
        after = IN_ALL.intersection(attempt.mistakes)
        with attempt.part(name) as part:
            for s, r, rho in VALUES:
                line, at = Line(s, r, rho), {"s": s, "r": r, "rho": rho}
                part.outputs(None, line.wanted(), name, at=at, of=[line], after=after, rtol=1e-9)


@decayed_line.mistake(
    "The decay has no part in it: this is for ρ = 0.",
    "The derivative of ρw² is 2ρw: s + ρ stands where s stood.",
)
def decay_forgotten(line, name):
    return replace(line, rho=0.0).wanted()[name]


@decayed_line.mistake(
    "The decay counts half, as if the loss had ½ρw². What is the derivative of ρw²?",
    "It is 2ρw, and the error brings a 2 as well: s + ρ.",
)
def half_decay(line, name):
    return replace(line, rho=line.rho / 2).wanted()[name]


@decayed_line.mistake(
    "The decay makes the valley wider here. Does ρw² bend upwards or downwards?",
    "Upwards: + ρ.",
)
def decay_subtracted(line, name):
    return replace(line, rho=-line.rho).wanted()[name]


@decayed_line.mistake(
    "The fraction stands upside down.",
    "(s + ρ) w = r: divide by s + ρ.",
)
def upside_down(line, name):
    wanted = line.wanted()[name]
    return 1 / wanted if name != "the curvature" else None


@decayed_line.mistake(
    "This is half the second derivative: the factor in front of w².",
    "Differentiate twice: 2(s + ρ).",
)
def not_doubled(line, name):
    return line.wanted()[name] / 2 if name == "the curvature" else None


@decayed_line.mistake(
    "At this rate one step leads to the minimum. How far may a step go before the loss rises?",
    "Twice as far: 2 divided by the curvature.",
)
def newton_step(line, name):
    return line.wanted()[name] / 2 if name == "the limit of the rate" else None


@decayed_line.mistake(
    "The weight points the wrong way.",
    "Set 2(s + ρ)w − 2r to zero: w has the sign of r.",
)
def wrong_sign(line, name):
    return -line.wanted()[name] if name == "the best weight" else None
