"""Central differences."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import CHECKING
from backpass.checks.closest import closest
from backpass.gradcheck import numerical_gradient, slope

ENTRIES = np.array([0.3, -1.2, 0.8, 1.7, -0.4, 0.9])


def f(x: np.ndarray) -> float:
    """A number that depends on every entry of x, whatever its shape."""
    return np.exp(x).sum() + np.prod(x)


@exercise(
    "Central differences",
    section=CHECKING,
    points=3,
    kind="implement",
    mistakes={
        "sign": "f(x − h) − f(x + h) is the wrong way round.",
        "mutated": "It changes x, and whoever gave you x still needs it. (Adding h and taking it"
        " away again need not give back exactly what was there.) Work on a copy.",
        "shape": "One slope for each entry of x, in the shape of x.",
        "zeros": "Are the two arrays one and the same, as after a = b = x.copy()? Or is a copy"
        " moved that is thrown away, as x.flatten() gives one?",
    },
)
def central_differences(attempt):
    for label, x, h, weight in [
        ("x a vector, h = 0.1", ENTRIES, 0.1, 2),
        ("x a matrix, h = 0.2", ENTRIES.reshape(2, 3), 0.2, 1),
    ]:
        with attempt.part(label, weight=weight) as part:
            given = part.call(f, x, h)
            part.expect(given, numerical_gradient(f, x, "central", h), of=[x, h, given])


@central_differences.mistake("Divided by h, but from x − h to x + h it is 2h.")
def not_halved(x, h, given):
    return 2 * numerical_gradient(f, x, "central", h)


@central_differences.mistake("These are forward differences, (f(x + h) − f(x)) / h.")
def forward(x, h, given):
    return numerical_gradient(f, x, "forward", h)


@central_differences.mistake("These are backward differences, (f(x) − f(x − h)) / h.")
def backward(x, h, given):
    return 2 * numerical_gradient(f, x, "central", h) - numerical_gradient(f, x, "forward", h)


@central_differences.mistake("… / 2 * h divides by 2 and then multiplies by h: write … / (2 * h).")
def parentheses(x, h, given):
    return h**2 * numerical_gradient(f, x, "central", h)


@central_differences.mistake("The step h is not used; these are the slopes for a far smaller one.")
def h_ignored(x, h, given):
    return slope(f, x)


@central_differences.mistake("An entry that was moved is not put back before the next is moved.")
def not_restored(x, h, given):
    found, x = np.zeros_like(x), x.copy()
    for i in np.ndindex(x.shape):
        found[i] = numerical_gradient(f, x, "central", h)[i]
        x[i] -= h
    return found


@central_differences.mistake(
    "All entries are moved together, which gives one slope along the diagonal. Move one entry at a"
    " time."
)
def all_at_once(x, h, given):
    along = numerical_gradient(lambda s: f(x + s), np.array(0.0), "central", h)
    return closest(given, np.full_like(x, along), along)


@central_differences.mistake(
    "The copies are made once, before the loop: entries that were moved earlier are still moved, up"
    " in the one and down in the other. Make them anew for each entry."
)
def copied_once(x, h, given):
    found, ahead, behind = np.zeros_like(x), x.copy(), x.copy()
    for i in np.ndindex(x.shape):
        ahead[i] += h
        behind[i] -= h
        found[i] = (f(ahead) - f(behind)) / (2 * h)
    return found


@central_differences.mistake(
    "Only f(x − h) is divided: the difference needs parentheses, (f(x + h) − f(x − h)) / (2 * h)."
)
def difference_without_parentheses(x, h, given):
    def at(i, step):
        moved = x.copy()
        moved[i] += step
        return f(moved)

    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        found[i] = at(i, h) - at(i, -h) / (2 * h)
    return found


@central_differences.mistake(
    "f(x + h) − f(x), from x to x + h, is divided by 2h: the other step, to x − h, is missing."
)
def one_side_halved(x, h, given):
    return numerical_gradient(f, x, "forward", h) / 2


@central_differences.mistake(
    "The steps are h/2 to each side. The exercise has h to each side, and 2h between."
)
def half_steps(x, h, given):
    half = numerical_gradient(f, x, "central", h / 2)
    return closest(given, half, half / 2, half * 2)


@central_differences.mistake(
    "The step is in proportion to the entry, h |x|. Here it is h for every entry."
)
def relative_steps(x, h, given):
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        found[i] = numerical_gradient(f, x, "central", h * abs(x[i]))[i]
    return found


@central_differences.mistake("The entry is set to h and to −h. It is moved by h: +=, −=.")
def set_to_step(x, h, given):
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[i], behind[i] = h, -h
        found[i] = (f(ahead) - f(behind)) / (2 * h)
    return found


@central_differences.mistake(
    "A whole row of the matrix is moved at a time: len(x) and x[i] are its rows. Visit the entries,"
    " as np.ndindex(x.shape) does."
)
def rows_moved(x, h, given):
    if x.ndim == 1:
        return None
    found = np.zeros_like(x)
    for i in range(len(x)):
        row = np.zeros_like(x)
        row[i] = 1

        def along(s, row=row):
            return f(x + s * row)

        found[i] = numerical_gradient(along, np.array(0.0), "central", h)
    return found


@central_differences.mistake("The two values are added; their difference is the slope.")
def added(x, h, given):
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[i], behind[i] = x[i] + h, x[i] - h
        found[i] = (f(ahead) + f(behind)) / (2 * h)
    return found


@central_differences.mistake(
    "These are second derivatives, (f(x + h) − 2 f(x) + f(x − h)) / h²; the first are asked for."
)
def second_derivative(x, h, given):
    ahead = numerical_gradient(f, x, "forward", h)
    behind = 2 * numerical_gradient(f, x, "central", h) - ahead
    return (ahead - behind) / h


@central_differences.mistake(
    "This takes two steps to each side, which is more exact. The exercise takes one: f(x + h) and"
    " f(x − h)."
)
def higher_order(x, h, given):
    one, two = (numerical_gradient(f, x, "central", c * h) for c in (1, 2))
    return (4 * one - two) / 3


@central_differences.mistake(
    "These are complex steps, f(x + ih).imag / h; real ones are asked for, to both sides."
)
def complex_steps(x, h, given):
    found = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[i] += 1j * h
        found[i] = f(moved).imag / h
    return found


@central_differences.mistake(
    "This is the slope of one entry. Each has its own: does the loop write over what it found, or"
    " does `return` stand inside it?"
)
def one_entry(x, h, given):
    right = numerical_gradient(f, x, "central", h)
    first = np.zeros_like(x)
    first.flat[0] = right.flat[0]
    return closest(given, right.flat[-1], right.flat[0], first)
