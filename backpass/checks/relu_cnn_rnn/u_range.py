"""Between which values may u lie if a gradient is to survive T steps and not to explode?"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import either

#: The smallest and the largest gradient allowed after T steps, and T.
CASES = [(0.01, 10.0, 5), (1e-6, 2.0, 784), (0.2, 30.0, 40)]


#: What becomes of the exponent if a logarithm to one base is undone with another: e, 10 or 2.
BASES = [np.log(a) / np.log(b) for a in (np.e, 10, 2) for b in (np.e, 10, 2) if a != b]


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
    wrong = np.power(bound.m, float(bound.steps))
    return wrong if wrong > 1e-9 else None  # zeros are told as zeros


@u_range.mistake(
    "The bound is divided by T. Over T steps u is multiplied, not added: the power 1/T."
)
def divided(bound, _):
    return bound.m / bound.steps


@u_range.mistake("The exponent has the wrong sign.")
def inverted(bound, _):
    return 1 / bound.u


@u_range.mistake(
    "This is a first-order value, 1 + (M − 1)/T or 1 + log(M)/T. The exact one is a root."
)
def linear(bound, given):
    return either(given, 1 + (bound.m - 1) / bound.steps, 1 + np.log(bound.u))


@u_range.mistake("This is log(M)/T, the logarithm of u: take the exponential.")
def logarithm(bound, given):
    return either(given, np.log(bound.u), np.log10(bound.u), np.log2(bound.u))


@u_range.mistake(
    "Logarithm and exponential do not belong together: exp undoes log, the natural one; 10 to a"
    " power undoes log10."
)
def other_base(bound, given):
    return either(given, *(bound.u**power for power in BASES))


@u_range.mistake("From h_T back to h_0 there are T factors, neither more nor fewer.")
def one_step_off(bound, given):
    wrong = bound.steps + 1, bound.steps - 1, 2 * bound.steps, bound.steps / 2
    return either(given, *(root(bound.m, steps) for steps in wrong))


@u_range.mistake("A square root is for two steps.")
def square_root(bound, _):
    return np.sqrt(bound.m)


@u_range.mistake("The two bounds are exchanged.")
def swapped(bound, _):
    return root(bound.other, bound.steps)


@u_range.mistake(
    "u need not be 1: a little growth is allowed as long as u^T stays below the largest gradient,"
    " and a little shrinking as long as it stays above the smallest."
)
def capped(bound, _):
    return 1.0


@u_range.mistake(
    "This allows too much: with u = 0 nothing of the gradient arrives, and above a certain u it is"
    " larger than the largest."
)
def unbounded(bound, _):
    return np.inf if bound.largest else 0.0
