"""Between which values may u lie if a gradient is to survive T steps and not to explode?"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import either

#: The smallest and the largest gradient allowed after T steps, and T.
CASES = [(0.01, 10.0, 5), (1e-6, 2.0, 784), (0.2, 30.0, 40)]


def root(m: float, steps: int) -> float:
    """The u for which u^steps = m; its logarithm is searched for."""
    return np.exp(brentq(lambda log: steps * log - np.log(m), -60, 60, xtol=1e-15))


@dataclass(frozen=True)
class Bound:
    """What a gradient may become after T = ``steps`` steps: at most m (``largest``) or at least m.

    ``other`` is its limit at the other end.
    """

    m: float
    other: float
    steps: int
    largest: bool

    @property
    def u(self) -> float:
        """The u with which it becomes just that."""
        return root(self.m, self.steps)


@exercise(
    "How large may u be?",
    section="Section: “How far IndRNN reaches”.",
    points=2,
    kind="implement",
)
def u_range(attempt):
    for name in ("smallest", "largest"):
        with attempt.part(f"the {name} u") as part:
            for case in part.each(CASES, "for ({}, {}, {})"):
                lower, upper, steps = case
                bounds = {
                    "smallest": Bound(lower, upper, steps, largest=False),
                    "largest": Bound(upper, lower, steps, largest=True),
                }
                right = {name: bound.u for name, bound in bounds.items()}

                def of(name, given, bounds=bounds):
                    return bounds[name], given

                part.outputs(case, right, name, of=of, rtol=1e-10)


@u_range.mistake(
    "The bound is raised to the power T. After T steps u has become u^T: undo this with the power"
    " 1/T."
)
def power_T(bound, _):
    return np.power(bound.m, float(bound.steps))


@u_range.mistake(
    "The bound is divided by T. Over T steps u is multiplied, not added: the power 1/T."
)
def divided(bound, _):
    return bound.m / bound.steps


@u_range.mistake("The exponent has the wrong sign.")
def inverted(bound, _):
    return 1 / bound.u


@u_range.mistake("This is the first-order value, 1 + (M − 1)/T. The exact one is a root.")
def linear(bound, _):
    return 1 + (bound.m - 1) / bound.steps


@u_range.mistake("This is log(M)/T, the logarithm of u: take the exponential.")
def logarithm(bound, _):
    return np.log(bound.u)


@u_range.mistake("From h_T back to h_0 there are T factors, neither one more nor one less.")
def one_step_off(bound, given):
    return either(given, *(root(bound.m, bound.steps + i) for i in (1, -1)))


@u_range.mistake("A square root is for two steps.")
def square_root(bound, _):
    return np.sqrt(bound.m)


@u_range.mistake("The two bounds are exchanged.")
def swapped(bound, _):
    return root(bound.other, bound.steps)


@u_range.mistake(
    "u may be above 1: a little growth is allowed as long as u^T stays below the largest gradient."
)
def capped(bound, _):
    return 1.0 if bound.largest else None
