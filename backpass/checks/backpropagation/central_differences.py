"""Central differences whose steps fit their entries."""

from collections.abc import Callable

import numpy as np

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import CHECKING
from backpass.checks.closest import closest
from backpass.gradcheck import numerical_gradient, slope

ENTRIES = np.array([0.3, -2.2, 0.8, 1.7, -0.4, 3.1])


def f(x: np.ndarray) -> float:
    """A number that depends on every entry of x, whatever its shape."""
    return np.exp(x).sum() + np.prod(x)


def steps(x: np.ndarray, h: float) -> np.ndarray:
    """The step of every entry."""
    return h * np.maximum(1, np.abs(x))


#: What a formula makes of an entry: of f with the entry moved by so much, and of its step.
Formula = Callable[[Callable[[float], float], float], float]


def each(x: np.ndarray, formula: Formula, by: np.ndarray) -> np.ndarray:
    """The ``formula`` for every entry of x, each with its own step of ``by``."""
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):

        def at(step, i=i):
            moved = x.astype(type(step) if isinstance(step, complex) else float)
            moved[i] += step
            return f(moved)

        found[i] = formula(at, by[i])
    return found


def right(x: np.ndarray, h: float) -> np.ndarray:
    """What is asked for."""
    return central(x, steps(x, h))


def central(x: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Central differences with these steps."""
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        found[i] = numerical_gradient(f, x, "central", by[i])[i]
    return found


#: Slips that show with a vector and with a matrix, and cost the first; that of the chapter, which
#: has one step for all, costs both.
OF_BOTH_SHAPES = {
    "abs-forgotten",
    "forward",
    "backward",
    "largest-step",
    "minimum",
    "not-halved",
    "other-divisor",
    "parentheses",
    "relative-steps",
    "sign",
    "sum-for-maximum",
}


@exercise(
    "Central differences",
    section=CHECKING,
    points=3,
    kind="implement",
    mistakes={
        "sign": ("The difference is the wrong way round.", "f ahead minus f behind."),
        "mutated": (
            "It changes x, and whoever gave you x still needs it. (Adding and taking away again"
            " need not give back exactly what was there.)",
            "Work on a copy, x.copy().",
        ),
        "shape": ("One slope for each entry of x is wanted.", "Give them back in the shape of x."),
        "zeros": (
            "Are the two arrays one and the same, as after a = b = x.copy()? Or is a copy moved"
            " that is thrown away, as x.flatten() gives one?",
            "Make two copies for each entry, and move one of them up and the other down.",
        ),
    },
)
def central_differences(attempt):
    for label, x, h, weight in [
        ("x a vector, h = 0.1", ENTRIES, 0.1, 2),
        ("x a matrix, h = 0.2", ENTRIES.reshape(2, 3), 0.2, 1),
    ]:
        told = OF_BOTH_SHAPES.intersection(attempt.mistakes)  # of the vector
        with attempt.part(label, weight=weight) as part:
            given = part.call(f, x, h)
            part.expect(given, right(x, h), of=[x, h, given], after=told, rows=False)


@central_differences.mistake(
    "All entries are moved by the same h. That is the chapter's formula; here a large entry takes a"
    " larger step.",
    "Take the step s = h * max(1, abs(x[i])) for entry i, and divide by 2s.",
)
def not_scaled(x, h, given):
    return central(x, np.full_like(x, h))


@central_differences.mistake(
    "The step is in proportion to the entry however small that is: at 0 nothing would move.",
    "Take h * max(1, abs(x[i])), at least h.",
)
def relative_steps(x, h, given):
    return central(x, h * np.abs(x))


@central_differences.mistake(
    "A large negative entry takes the small step.", "Take its size, max(1, abs(x[i]))."
)
def abs_forgotten(x, h, given):
    return central(x, h * np.maximum(1, x))


@central_differences.mistake(
    "The steps are all as large as that of the largest entry.",
    "Work out the step in the loop, of the entry that moves: h * max(1, abs(x[i])).",
)
def largest_step(x, h, given):
    return central(x, np.full_like(x, h * max(1, np.max(np.abs(x)))))


@central_differences.mistake(
    "The smaller of the two is taken, so that large entries get no larger step.",
    "Take the larger one, h * max(1, abs(x[i])).",
)
def minimum(x, h, given):
    return central(x, h * np.minimum(1, np.abs(x)))


@central_differences.mistake(
    "h stands in the maximum, so that an entry moves by its own size.",
    "It multiplies the maximum: h * max(1, abs(x[i])).",
)
def h_inside(x, h, given):
    return central(x, np.maximum(h, np.abs(x)))


@central_differences.mistake(
    "The steps are 1 + |x| times h.", "Take the larger of the two, h * max(1, abs(x[i]))."
)
def sum_for_maximum(x, h, given):
    return central(x, h * (1 + np.abs(x)))


@central_differences.mistake(
    "An entry is moved by one step, and its difference divided by another.",
    "Where it moves by s to each side, divide by 2s.",
)
def other_divisor(x, h, given):
    by, fixed = steps(x, h), np.full_like(x, h)
    return closest(given, right(x, h) * by / h, central(x, fixed) * h / by)


@central_differences.mistake(
    "Divided by one step, but from behind to ahead there are two.", "Divide by 2s."
)
def not_halved(x, h, given):
    return 2 * right(x, h)


@central_differences.mistake(
    "These are forward differences: only one of the two points is moved.",
    "Take f with the entry moved up, less f with it moved down by as much.",
)
def forward(x, h, given):
    return each(x, lambda at, s: (at(s) - at(0.0)) / s, steps(x, h))


@central_differences.mistake(
    "These are backward differences: only one of the two points is moved.",
    "Take f with the entry moved up, less f with it moved down by as much.",
)
def backward(x, h, given):
    return each(x, lambda at, s: (at(0.0) - at(-s)) / s, steps(x, h))


@central_differences.mistake(
    "… / 2 * s divides by 2 and then multiplies by s.", "Write … / (2 * s)."
)
def parentheses(x, h, given):
    return steps(x, h) ** 2 * right(x, h)


@central_differences.mistake(
    "The step h is not used; these are the slopes for a far smaller one.",
    "Move by h * max(1, abs(x[i])), with the h that is given.",
)
def h_ignored(x, h, given):
    return slope(f, x)


@central_differences.mistake(
    "An entry that was moved is not put back before the next is moved.",
    "Begin with a fresh copy for each entry.",
)
def not_restored(x, h, given):
    found, x = np.zeros_like(x), x.copy()
    for i in np.ndindex(x.shape):
        found[i] = right(x, h)[i]
        x[i] -= steps(x, h)[i]
    return found


@central_differences.mistake(
    "All entries are moved together, which gives one slope along one direction.",
    "Move one entry at a time: x[i] with i from np.ndindex(x.shape).",
)
def all_at_once(x, h, given):
    ways = []
    for by in (steps(x, h), np.full_like(x, h)):
        difference = f(x + by) - f(x - by)
        ways += [difference / (2 * by), np.full_like(x, difference / (2 * h))]
    ways.append([(f(x + s) - f(x - s)) / (2 * s) for s in steps(x, h).flat])
    return closest(given, *(np.reshape(way, x.shape) for way in ways), ways[1].flat[0])


@central_differences.mistake(
    "The copies are made once, before the loop: entries that were moved earlier are still moved, up"
    " in the one and down in the other.",
    "Make both copies anew for each entry.",
)
def copied_once(x, h, given):
    found, ahead, behind = np.zeros_like(x), x.copy(), x.copy()
    for i in np.ndindex(x.shape):
        s = steps(x, h)[i]
        ahead[i] += s
        behind[i] -= s
        found[i] = (f(ahead) - f(behind)) / (2 * s)
    return found


@central_differences.mistake(
    "Only the second value is divided.",
    "The difference needs parentheses, (f(ahead) - f(behind)) / (2 * s).",
)
def difference_without_parentheses(x, h, given):
    return each(x, lambda at, s: at(s) - at(-s) / (2 * s), steps(x, h))


@central_differences.mistake(
    "From x to one side is one step, and it is divided by two.",
    "Move the entry to the other side too: f(ahead) − f(behind).",
)
def one_side_halved(x, h, given):
    return each(x, lambda at, s: (at(s) - at(0.0)) / (2 * s), steps(x, h))


@central_differences.mistake(
    "The steps are half as long as they should be.",
    "Go the whole s to each side, which makes 2s between.",
)
def half_steps(x, h, given):
    half = right(x, h / 2)
    return closest(given, half, half / 2, half * 2)


@central_differences.mistake(
    "The entry is set to the step and to minus it.", "It is moved by that: +=, and −=."
)
def set_to_step(x, h, given):
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        s = steps(x, h)[i]
        ahead, behind = x.copy(), x.copy()
        ahead[i], behind[i] = s, -s
        found[i] = (f(ahead) - f(behind)) / (2 * s)
    return found


@central_differences.mistake(
    "A whole row of the matrix is moved at a time: len(x) and x[i] are its rows.",
    "Visit the entries, as np.ndindex(x.shape) does.",
)
def rows_moved(x, h, given):
    if x.ndim == 1:
        return None
    forms = []
    for by in (steps(x, h), np.full_like(x, h)):
        found = np.zeros_like(x)
        for i in range(len(x)):
            ahead, behind = x.copy(), x.copy()
            ahead[i] += by[i]
            behind[i] -= by[i]
            found[i] = (f(ahead) - f(behind)) / (2 * by[i])
        forms.append(found)
    return closest(given, *forms)


@central_differences.mistake(
    "The two values are added.", "Their difference is the slope: f(ahead) − f(behind)."
)
def added(x, h, given):
    return each(x, lambda at, s: (at(s) + at(-s)) / (2 * s), steps(x, h))


@central_differences.mistake(
    "These are second derivatives, with f(x) taken twice away.",
    "The first are asked for, (f(ahead) − f(behind)) / (2s).",
)
def second_derivative(x, h, given):
    return each(x, lambda at, s: (at(s) - 2 * at(0.0) + at(-s)) / s**2, steps(x, h))


@central_differences.mistake(
    "This takes two steps to each side, which is more exact, and not what is asked for.",
    "Take one step to each side.",
)
def higher_order(x, h, given):
    return (4 * right(x, h) - right(x, 2 * h)) / 3


@central_differences.mistake(
    "These are complex steps, f(x + ih).imag / h.",
    "Take real ones, to both sides.",
)
def complex_steps(x, h, given):
    return each(x, lambda at, s: at(1j * s).imag / s, steps(x, h))


@central_differences.mistake(
    "This is the slope of one entry, and each has its own.",
    "Store into gradient[i] in the loop, and let `return` stand after it.",
)
def one_entry(x, h, given):
    values = right(x, h)
    first = np.zeros_like(x)
    first.flat[0] = values.flat[0]
    return closest(given, values.flat[-1], values.flat[0], first)
