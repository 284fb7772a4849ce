"""Between which values may u lie if a gradient is to survive T steps and not to explode?"""

from dataclasses import dataclass

import numpy as np

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import either

#: The smallest and the largest gradient allowed after T steps, T, in how many of them the unit is
#: silent, and the leak.
CASES = [(0.01, 10.0, 7, 3, 0.3), (1e-6, 2.0, 784, 50, 0.9), (0.2, 30.0, 40, 7, 0.5)]


#: What becomes of the exponent if a logarithm to one base is undone with another: e, 10 or 2.
BASES = [np.log(a) / np.log(b) for a in (np.e, 10, 2) for b in (np.e, 10, 2) if a != b]


def root(m: float, steps: int) -> float:
    """The u for which u^steps = m; its logarithm is searched for."""
    low, high = -60.0, 60.0
    while low < (half := (low + high) / 2) < high:
        low, high = (half, high) if steps * half < np.log(m) else (low, half)
    return np.exp(half)


@dataclass(frozen=True)
class Bound:
    """What a gradient may become after T = ``steps`` steps: at most m (``largest``) or at least m.

    In ``silent`` of the steps the slope is ``a``. ``other`` is the limit at the other end.
    """

    m: float
    other: float
    steps: int
    silent: int
    a: float
    largest: bool

    def with_leak(self, power: float, *, steps: float | None = None) -> float:
        """The u for which u^steps a^power = m."""
        return root(self.m / self.a**power, steps or self.steps)

    @property
    def u(self) -> float:
        """The u with which it becomes just that."""
        return self.with_leak(self.silent)


#: Slips that show in both bounds, and cost one.
OF_BOTH_BOUNDS = {
    "active-only",
    "leak-added",
    "leak-everywhere",
    "leak-inverted",
    "leak-outside",
    "one-step-off",
    "other-base",
    "swapped",
}


@exercise(
    "How large may u be, with silent steps?",
    section="Section: “How far IndRNN reaches”.",
    points=2,
    kind="implement",
)
def u_range(attempt):
    for name in ("smallest", "largest"):
        told = OF_BOTH_BOUNDS.intersection(attempt.mistakes)  # of the smallest
        with attempt.part(f"the {name} u") as part:
            for case in part.each(CASES, "for ({}, {}, {}, {}, {})"):
                lower, upper, *rest = case
                bounds = {
                    "smallest": Bound(lower, upper, *rest, largest=False),
                    "largest": Bound(upper, lower, *rest, largest=True),
                }
                right = {name: bound.u for name, bound in bounds.items()}

                def of(name, given, bounds=bounds):
                    return bounds[name], given

                part.outputs(case, right, name, of=of, after=told, rtol=1e-10)


@u_range.mistake(
    "This is the chapter's u, for a unit that is active in every step. Here some steps have a slope"
    " of a.",
    "The gradient is u^T a^silent: divide the bound by a^silent before you take the root.",
)
def silent_forgotten(bound, _):
    return bound.with_leak(0)


@u_range.mistake(
    "The leak is divided out on the wrong side.",
    "u^T a^silent = M gives u^T = M / a^silent: divide the bound by a^silent.",
)
def leak_inverted(bound, _):
    return bound.with_leak(-bound.silent)


@u_range.mistake(
    "The leak is counted once only.", "Each of the silent steps has a factor a: a^silent."
)
def leak_once(bound, _):
    return bound.with_leak(1)


@u_range.mistake(
    "The leak is counted in all steps, or in the active ones.",
    "It acts in the silent steps only: a^silent.",
)
def leak_everywhere(bound, given):
    return either(given, *(bound.with_leak(p) for p in (bound.steps, bound.steps - bound.silent)))


@u_range.mistake(
    "The leak has not gone through the root.",
    "Divide the bound by a^silent first, then take all of it to the power 1/T.",
)
def leak_outside(bound, _):
    return bound.with_leak(0) / bound.a**bound.silent


@u_range.mistake(
    "The leak is put in as a · silent, or as the mean of all slopes.",
    "Slopes of many steps multiply: silent factors of a are a^silent.",
)
def leak_added(bound, given):
    mean = (bound.silent * bound.a + bound.steps - bound.silent) / bound.steps
    times = root(bound.m / (bound.a * bound.silent), bound.steps)
    return either(given, times, root(bound.m, bound.steps) / mean)


@u_range.mistake(
    "Only the silent steps have a factor u here.", "All T steps have one: the power is 1/T."
)
def silent_only(bound, given):
    return either(given, *(bound.with_leak(p, steps=bound.silent) for p in (bound.silent, 0)))


@u_range.mistake(
    "The silent steps lack their factor u. A leaky unit passes a u there.",
    "All T steps have a factor u: the power is 1/T.",
)
def active_only(bound, given):
    left = bound.steps - bound.silent
    return either(given, *(bound.with_leak(p, steps=left) for p in (bound.silent, 0)))


@u_range.mistake(
    "The bound is raised to the power T.",
    "After T steps u has become u^T: undo this with the power 1/T.",
)
def power_T(bound, given):
    logs = [bound.steps * np.log(bound.m / bound.a**p) for p in (bound.silent, 0)]
    if max(map(abs, logs)) > 600:
        return None
    wrong = either(given, *np.exp(logs))
    return wrong if wrong > 1e-9 else None  # zeros are told as zeros


@u_range.mistake(
    "The bound is divided by T.", "Over T steps u is multiplied, not added: take the power 1/T."
)
def divided(bound, given):
    forms = [bound.m / bound.a**p / bound.steps for p in (bound.silent, 0)]
    return either(given, *forms)


@u_range.mistake(
    "That is u^T, what u makes of T steps together: the root is missing.",
    "Take it to the power 1/T.",
)
def root_forgotten(bound, given):
    return either(given, *(bound.m / bound.a**p for p in (bound.silent, 0)))


@u_range.mistake("The exponent has the wrong sign.", "It is 1/T, not −1/T.")
def inverted(bound, given):
    return either(given, 1 / bound.u, 1 / bound.with_leak(0))


@u_range.mistake(
    "This is a first-order value, 1 + (M − 1)/T or 1 + log(M)/T.",
    "The exact one is a root: M ** (1 / T), with what stands for M here.",
)
def linear(bound, given):
    m = bound.m / bound.a**bound.silent
    return either(given, 1 + (m - 1) / bound.steps, 1 + np.log(bound.u))


@u_range.mistake("This is the logarithm of u.", "Take the exponential.")
def logarithm(bound, given):
    return either(given, np.log(bound.u), np.log10(bound.u), np.log2(bound.u))


@u_range.mistake(
    "Logarithm and exponential do not belong together.",
    "exp undoes log, the natural one; 10 to a power undoes log10.",
)
def other_base(bound, given):
    return either(given, *(bound.u**power for power in BASES))


@u_range.mistake(
    "The number of steps is off.", "From h_T back to h_0 there are T factors u: the power is 1/T."
)
def one_step_off(bound, given):
    wrong = bound.steps + 1, bound.steps - 1, 2 * bound.steps, bound.steps / 2
    wrong += (bound.steps + bound.silent,)
    return either(given, *(bound.with_leak(bound.silent, steps=steps) for steps in wrong))


@u_range.mistake("A square root is for two steps.", "For T steps take the power 1/T.")
def square_root(bound, given):
    return either(given, *(np.sqrt(bound.m / bound.a**p) for p in (bound.silent, 0)))


@u_range.mistake("The two bounds are exchanged.", "Return the smaller u first.")
def swapped(bound, _):
    return root(bound.other / bound.a**bound.silent, bound.steps)


@u_range.mistake(
    "u need not be 1: a little growth is allowed, and a little shrinking.",
    "Let u^T a^silent come to the bounds themselves, the smallest and the largest gradient.",
)
def capped(bound, _):
    return 1.0


@u_range.mistake(
    "This allows too much: with u = 0 nothing of the gradient arrives, and above a certain u it is"
    " larger than the largest.",
    "Both bounds give a u: solve u^T a^silent = smallest, and = largest.",
)
def unbounded(bound, _):
    return np.inf if bound.largest else 0.0
