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
    """E = p q, where q = p + a² and p = a b: its values, and what comes back."""

    a: float
    b: float

    @property
    def p(self) -> float:
        return self.a * self.b

    @property
    def q(self) -> float:
        return self.p + self.a**2

    @cached_property
    def dp(self) -> float:
        """∂E/∂p, along both paths."""
        return float(slope(lambda p: p * (p + self.a**2), np.array(self.p)))

    @cached_property
    def gradient(self) -> np.ndarray:
        """∂E/∂a and ∂E/∂b, shape (2,)."""
        return slope(lambda x: x[0] * x[1] * (x[0] * x[1] + x[0] ** 2), np.array([self.a, self.b]))

    @property
    def right(self) -> dict[str, float]:
        """What each of the outputs should be."""
        return {"dp": self.dp, "da": self.gradient[0], "db": self.gradient[1]}

    def from_own_dp(self, found: dict[str, float]) -> dict[str, float]:
        """∂E/∂a and ∂E/∂b that follow from a ∂E/∂p of the learner's own."""
        dp = found["dp"]
        return {"da": self.b * dp + self.da_through_q, "db": self.a * dp}

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
    "This has only what came through q. The value p is used twice, in q and in E: what comes back"
    " along the two paths is added, +=."
)
def p_overwritten(walk, output, given):
    return {"dp": walk.p}.get(output)


@two_paths.mistake(
    "This has only what came straight from E = p q. The value p also went into q, and what comes"
    " back from there is added, +=."
)
def q_path_forgotten(walk, output, given):
    return {"dp": walk.q}.get(output)


@two_paths.mistake(
    "What comes along two paths is multiplied. Along one path the local derivatives are"
    " multiplied; different paths are added."
)
def multiplied(walk, output, given):
    return {"dp": walk.p * walk.q, "da": walk.da_through_p * walk.da_through_q}.get(output)


@two_paths.mistake("This has only what came through p, but a is also used in q: +=.")
def a_overwritten(walk, output, given):
    return {"da": walk.da_through_p}.get(output)


@two_paths.mistake("This has only what came through q, but a is also a factor of p: +=.")
def p_path_forgotten(walk, output, given):
    return {"da": walk.da_through_q}.get(output)


@two_paths.mistake(
    "p passed its gradient on before the second part had arrived. First all that use p (E and q),"
    " then p itself."
)
def too_early(walk, output, given):
    arrived = walk.q  # at p, from E alone
    return {"da": walk.b * arrived + walk.da_through_q, "db": walk.a * arrived}.get(output)


@two_paths.mistake("This is the local derivative of p alone: multiply it by what arrives at p.")
def local_only(walk, output, given):
    return {"da": walk.b, "db": walk.a}.get(output)


@two_paths.mistake("What comes back through q lacks the local derivative of a², 2a.")
def local_forgotten(walk, output, given):
    return {"da": walk.da_through_p + walk.p}.get(output)


@two_paths.mistake("What comes back from q has its factor 2a: a² has the slope 2a.")
def square_derived_wrongly(walk, output, given):
    if output != "da":
        return None
    through_p, arrived = walk.da_through_p, walk.p
    return closest(given, through_p + walk.a * arrived, through_p + walk.a**2 * arrived)


@two_paths.mistake(
    "This adds the local derivative 2a of a², or 1 of p in q, and not that times what arrives at q."
)
def arrived_forgotten(walk, output, given):
    return {"dp": walk.q + 1, "da": walk.da_through_p + 2 * walk.a}.get(output)


@two_paths.mistake("What arrives at q is another value: E = p q sends p to q, and q to p.")
def factors_exchanged(walk, output, given):
    if output == "dp":
        return 2 * walk.p
    if output != "da":
        return None
    values = [walk.q, walk.dp]
    return closest(given, *(walk.da_through_p + 2 * walk.a * value for value in values))


@two_paths.mistake(
    "p = a b sends b to a, and a to b: each gets the *other* factor times what arrives at p."
)
def factor_of_its_own(walk, output, given):
    return {"da": walk.a * walk.dp + walk.da_through_q, "db": walk.b * walk.dp}.get(output)
