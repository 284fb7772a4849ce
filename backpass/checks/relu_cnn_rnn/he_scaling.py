"""He scaling for a leaky ReLU: the variance of the weights, and the interval for uniform ones."""

import numpy as np
from scipy.integrate import quad

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import ACTIVE

#: Where the answer's two expressions are judged: numbers of inputs n, slopes a of the leak.
N, A = np.array([4.0, 100.0, 7.0]), np.array([0.0, 0.2, 0.5])
POINTS = [{"n": n, "a": a} for n, a in zip(N, A, strict=True)]


def moment(power: int, a: np.ndarray | float) -> np.ndarray | float:
    """E f(z)^power for a standard normal z and the leaky ReLU f, one for each a."""

    def term(z):
        return z**power * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)

    above = quad(term, 0, np.inf)[0]
    return above + (-a) ** power * above


#: The variance that is right.
RIGHT = 1 / N / moment(2, A)


def itself(variance: np.ndarray) -> np.ndarray:
    """The first thing asked for: the variance."""
    return variance


def half_width(variance: np.ndarray) -> np.ndarray:
    """The second thing asked for: r, if a number that is uniform on [−r, r] has this variance."""
    return np.sqrt(3 * variance)


@exercise(
    "He scaling, with a leak",
    section=ACTIVE,
    points=2,
    kind="derive",
    mistakes={"shape": "Two expressions are wanted: the variance and r."},
)
def he_scaling(attempt):
    forms = {"the variance": itself, "r": half_width}
    right = {label: of_variance(RIGHT) for label, of_variance in forms.items()}
    for label in forms:
        with attempt.part(label) as part:
            part.outputs(None, right, label, at=POINTS, of=lambda label, _: [forms[label]])


@he_scaling.mistake(
    "This is for a linear layer. The negative half is scaled by a, so that only a part of the mean"
    " square is left."
)
def half_forgotten(of_variance):
    return of_variance(1 / N)


@he_scaling.mistake("This is for a = 0. The negative half gives a part to the mean square too.")
def leak_forgotten(of_variance):
    return of_variance(1 / N / moment(2, 0))


@he_scaling.mistake("A value scaled by a has its square scaled by a².")
def not_squared(of_variance):
    return of_variance(1 / N / (moment(2, 0) * (1 + A)))


@he_scaling.mistake(
    "The variance of h is used. The sum over inputs that are not centred has the mean square E h²"
    " in it, and ReLU's outputs are not centred."
)
def variance_of_h(of_variance):
    return of_variance(1 / N / (moment(2, A) - moment(1, A) ** 2))


@he_scaling.mistake("This is the standard deviation; the variance is its square.")
def standard_deviation(of_variance):
    return np.sqrt(RIGHT) if of_variance is itself else None


@he_scaling.mistake("A number that is uniform on [−r, r] has the variance r²/3, not r².")
def range_(of_variance):
    return np.sqrt(RIGHT) if of_variance is half_width else None


@he_scaling.mistake("This is the width of the interval, 2r.")
def whole_width(of_variance):
    return 2 * half_width(RIGHT) if of_variance is half_width else None
