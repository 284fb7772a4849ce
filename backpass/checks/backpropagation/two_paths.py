"""Where two paths meet."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.gradcheck import slope


@dataclass(frozen=True)
class Walk:
    """E = p² q, where q = p + a² and p = a b: its values, and what comes back."""

    a: float
    b: float

    @property
    def p(self) -> float:
        return self.a * self.b

    @property
    def q(self) -> float:
        return self.p + self.a**2

    @cached_property
    def dp_through_e(self) -> float:
        """What reaches p straight from E, q held."""
        return float(slope(lambda p: p**2 * self.q, np.array(self.p)))

    @cached_property
    def dq(self) -> float:
        """∂E/∂q."""
        return float(slope(lambda q: self.p**2 * q, np.array(self.q)))

    @property
    def dp(self) -> float:
        """∂E/∂p, along both paths."""
        return self.dp_through_e + self.dq

    @cached_property
    def gradient(self) -> np.ndarray:
        """∂E/∂a and ∂E/∂b, shape (2,)."""
        return slope(
            lambda x: (x[0] * x[1]) ** 2 * (x[0] * x[1] + x[0] ** 2), np.array([self.a, self.b])
        )

    @property
    def right(self) -> dict[str, float]:
        """What each of the outputs should be."""
        return {"dp": self.dp, "da": self.gradient[0], "db": self.gradient[1]}

    @property
    def other_dqs(self) -> tuple[float, ...]:
        """What may be taken for ∂E/∂q."""
        return (self.p, 2 * self.p, self.q, self.dp_through_e)

    def from_own_dp(self, found: dict[str, float]) -> dict[str, float]:
        """∂E/∂a and ∂E/∂b that follow from a ∂E/∂p of the learner's own, and from the ∂E/∂q of
        which that tells.
        """
        dp = found["dp"]
        own = [dq for dq in self.other_dqs if np.isclose(dp, self.dp_through_e + dq, rtol=1e-9)]
        through_q = 2 * self.a * own[0] if own else self.da_through_q
        return {"da": self.b * dp + through_q, "db": self.a * dp}

    @property
    def da_through_p(self) -> float:
        return self.b * self.dp

    @property
    def da_through_q(self) -> float:
        """What reaches a through the square in q."""
        return self.gradient[0] - self.da_through_p


WALKS = [Walk(1.3, -2.1), Walk(0.7, 1.9), Walk(-1.7, 0.4)]


@exercise(
    "Where two paths meet",
    section="Section: “One formula at a time, with numbers”.",
    points=2,
    kind="implement",
    exact=True,
)
def two_paths(attempt):
    here = "at a = {0.a:g}, b = {0.b:g}"
    with attempt.part("∂E/∂p") as part:
        for walk in part.each(WALKS, here):
            part.outputs([walk.a, walk.b], walk.right, "dp", of=of(walk))
    with attempt.part("∂E/∂a and ∂E/∂b") as part:
        for walk in part.each(WALKS, here):
            asked = ["da", "db"]
            part.outputs([walk.a, walk.b], walk.right, asked, of=of(walk), follows=walk.from_own_dp)


def of(walk: Walk) -> Callable:
    """What the mistakes are functions of: the walk, the name of a result, and what was given."""
    return lambda output, given: [walk, output, given]


@two_paths.mistake(
    "This has only what came through q, but p also stands in E itself.",
    "Add what comes straight from E = p² q, +=.",
)
def p_overwritten(walk, output, given):
    return {"dp": walk.dq}.get(output)


@two_paths.mistake(
    "This has only what came straight from E, but p also went into q.",
    "Add what comes back from q, +=.",
)
def q_path_forgotten(walk, output, given):
    return {"dp": walk.dp_through_e}.get(output)


@two_paths.mistake(
    "What comes along two paths is multiplied.",
    "Multiply the local derivatives along one path; add what different paths bring.",
)
def multiplied(walk, output, given):
    values = {"dp": walk.dp_through_e * walk.dq, "da": walk.da_through_p * walk.da_through_q}
    return values.get(output)


@two_paths.mistake(
    "This has only what came through p, but a is also used in q.",
    "Add what comes back through the square, +=.",
)
def a_overwritten(walk, output, given):
    return {"da": walk.da_through_p}.get(output)


@two_paths.mistake(
    "This has only what came through q, but a is also a factor of p.",
    "Add what comes back through p = a b, +=.",
)
def p_path_forgotten(walk, output, given):
    return {"da": walk.da_through_q}.get(output)


@two_paths.mistake(
    "p passed its gradient on before the second part had arrived.",
    "First add up what comes from all that use p (E and q); then go on from p itself.",
)
def too_early(walk, output, given):
    arrived = walk.dp_through_e  # at p, from E alone
    return {"da": walk.b * arrived + walk.da_through_q, "db": walk.a * arrived}.get(output)


@two_paths.mistake("This is the local derivative of p alone.", "Multiply it by what arrives at p.")
def local_only(walk, output, given):
    return {"da": walk.b, "db": walk.a}.get(output)


@two_paths.mistake(
    "What comes back through q lacks the local derivative of a².",
    "Multiply what arrives at q by 2a.",
)
def local_forgotten(walk, output, given):
    return {"da": walk.da_through_p + walk.dq}.get(output)


@two_paths.mistake(
    "The local derivative of a² is another one.",
    "It is 2a: what comes back from q has this factor.",
)
def square_derived_wrongly(walk, output, given):
    if output != "da":
        return None
    through_p, arrived = walk.da_through_p, walk.dq
    return closest(given, through_p + walk.a * arrived, through_p + walk.a**2 * arrived)


@two_paths.mistake(
    "A local derivative of q is added as it stands, without what arrives at q.",
    "Multiply it by ∂E/∂q first: 1 · ∂E/∂q goes to p, 2a · ∂E/∂q to a.",
)
def arrived_forgotten(walk, output, given):
    return {"dp": walk.dp_through_e + 1, "da": walk.da_through_p + 2 * walk.a}.get(output)


@two_paths.mistake(
    "The slope of p² in E is another one.", "That of p² q with respect to p is 2 p q."
)
def power_derived_wrongly(walk, output, given):
    if output != "dp":
        return None
    return closest(given, walk.dp_through_e / 2 + walk.dq, 2 * walk.p + walk.dq)


@two_paths.mistake(
    "What arrives at q is another value.",
    "E = p² q sends to q what q is multiplied by, p².",
)
def arrives_elsewhere(walk, output, given):
    arrives = walk.other_dqs
    if output == "dp":
        return closest(given, *(walk.dp_through_e + value for value in arrives))
    if output != "da":
        return None
    values = [walk.da_through_p + 2 * walk.a * value for value in (*arrives, walk.dp)]
    values += [walk.b * (walk.dp_through_e + v) + 2 * walk.a * v for v in arrives]
    return closest(given, *values)


@two_paths.mistake(
    "p = a b gives each of its factors the slope with respect to the other one.",
    "It sends b to a, and a to b: each gets the *other* factor times what arrives at p.",
)
def factor_of_its_own(walk, output, given):
    return {"da": walk.a * walk.dp + walk.da_through_q, "db": walk.b * walk.dp}.get(output)
