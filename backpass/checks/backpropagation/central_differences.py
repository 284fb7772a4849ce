"""Central differences."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import CHECKING
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
    },
)
def central_differences(attempt):
    for label, x, h, weight in [
        ("x a vector, h = 0.1", ENTRIES, 0.1, 2),
        ("x a matrix, h = 0.02", ENTRIES.reshape(2, 3), 0.02, 1),
    ]:
        with attempt.part(label, weight=weight) as part:
            part.expect(part.call(f, x, h), numerical_gradient(f, x, "central", h), of=[x, h])


@central_differences.mistake("Divided by h, but from x − h to x + h it is 2h.")
def not_halved(x, h):
    return 2 * numerical_gradient(f, x, "central", h)


@central_differences.mistake("These are forward differences, (f(x + h) − f(x)) / h.")
def forward(x, h):
    return numerical_gradient(f, x, "forward", h)


@central_differences.mistake("These are backward differences, (f(x) − f(x − h)) / h.")
def backward(x, h):
    return 2 * numerical_gradient(f, x, "central", h) - forward(x, h)


@central_differences.mistake("… / 2 * h divides by 2 and then multiplies by h: write … / (2 * h).")
def parentheses(x, h):
    return h**2 * numerical_gradient(f, x, "central", h)


@central_differences.mistake("The step h is not used; these are the slopes for a far smaller one.")
def h_ignored(x, h):
    return slope(f, x)


@central_differences.mistake("An entry that was moved is not put back before the next is moved.")
def not_restored(x, h):
    found, x = np.zeros_like(x), x.copy()
    for i in np.ndindex(x.shape):
        found[i] = numerical_gradient(f, x, "central", h)[i]
        x[i] -= h
    return found


@central_differences.mistake(
    "All entries are moved together, which gives one slope along the diagonal. Move one entry at a"
    " time."
)
def all_at_once(x, h):
    along = numerical_gradient(lambda s: f(x + s), np.array(0.0), "central", h)
    return np.full_like(x, along)
