"""He scaling for a leaky ReLU: the variance of the weights, uniform ones, and what others leave."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import ACTIVE, either

#: Where the answer's expressions are judged: numbers of inputs n, slopes a of the leak, layers L.
N, A, L = np.array([4.0, 100.0, 7.0]), np.array([0.0, 0.2, 0.5]), np.array([3.0, 2.0, 4.0])
POINTS = [{"n": n, "a": a, "L": layers} for n, a, layers in zip(N, A, L, strict=True)]


#: Gauss's nodes and weights for an integral from −1 to 1.
NODES, WEIGHTS = np.polynomial.legendre.leggauss(80)


def moment(power: int, a: np.ndarray | float) -> np.ndarray | float:
    """E f(z)^power for a standard normal z and the leaky ReLU f, one for each a."""

    def term(z):
        return z**power * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)

    above = 6 * WEIGHTS @ term(6 * (NODES + 1))  # from 0 to 12: beyond there is less than 1e-30
    return above + (-a) ** power * above


#: What the positive z give to the mean square, and the variance that is right.
HALF = moment(2, 0)
RIGHT = 1 / N / moment(2, A)


def itself(variance: np.ndarray) -> np.ndarray:
    """The first thing asked for: the variance."""
    return variance


def half_width(variance: np.ndarray) -> np.ndarray:
    """The second thing asked for: r, if a number that is uniform on [−r, r] has this variance."""
    return np.sqrt(3 * variance)


def kept(variance: np.ndarray) -> np.ndarray:
    """The third thing asked for: what weights of the variance 1/(3n) leave after L layers."""
    return (1 / (3 * N) / variance) ** L


@exercise(
    "He scaling, with a leak",
    section=ACTIVE,
    points=3,
    kind="derive",
    mistakes={
        "shape": (
            "Three expressions are wanted.",
            "Return a list: the variance, r, and what is left after L layers.",
        )
    },
)
def he_scaling(attempt):
    forms = {"variance": itself, "r": half_width, "kept": kept}
    right = {name: of_variance(RIGHT) for name, of_variance in forms.items()}
    labels = {"variance": "the variance", "r": "r", "kept": "what is left after L layers"}
    for name, label in labels.items():
        with attempt.part(label) as part:
            part.outputs(
                None,
                right,
                name,
                at=POINTS,
                of=lambda name, got: [forms[name], got],
                follows=None if name == "variance" else from_own_variance,
            )


def from_own_variance(found: dict) -> dict[str, np.ndarray]:
    """r and what is left, as they follow from a variance of the learner's own.

    The chapter's variances, without a, are not taken for that: then nothing is done with the leak.
    """
    variance = found["variance"]
    if np.ptp(variance * N) < 1e-9:
        raise ValueError("no leak")
    return {"r": half_width(variance), "kept": kept(variance)}


@he_scaling.mistake(
    "This is for a linear layer. What becomes of the negative half?",
    "It is scaled by a: ½ (1 + a²) of the mean square is left.",
)
def half_forgotten(of_variance, _):
    return of_variance(1 / N)


@he_scaling.mistake(
    "This is for a = 0, the ReLU of the chapter.",
    "The negative half gives a part to the mean square too: a² of its half.",
)
def leak_forgotten(of_variance, _):
    return of_variance(1 / N / HALF)


@he_scaling.mistake("a is not squared.", "A value scaled by a has its square scaled by a².")
def not_squared(of_variance, _):
    return of_variance(1 / N / (HALF * (1 + A)))


@he_scaling.mistake(
    "1 + a is squared as a whole.",
    "Square z and a z, each on its own side of 0, then take the mean: 1 + a².",
)
def square_of_mean(of_variance, given):
    wrong = [of_variance(1 / N / (half * (1 + A) ** 2)) for half in (HALF**2, HALF)]
    return either(given, *wrong)


@he_scaling.mistake("a² is subtracted.", "A square is positive on both sides of 0: add, 1 + a².")
def subtracted(of_variance, _):
    return of_variance(1 / N / (HALF * (1 - A**2)))


@he_scaling.mistake(
    "Only one of the two sides has its ½.", "Half of the mean square of z lies on each side of 0."
)
def one_half(of_variance, given):
    return either(given, *(of_variance(1 / N / (p + q * A**2)) for p, q in [(1, HALF), (HALF, 1)]))


@he_scaling.mistake("A half is missing.", "Half of the mean square of z lies on each side of 0.")
def no_half(of_variance, _):
    return of_variance(1 / N / (1 + A**2))


@he_scaling.mistake(
    "The mean square that is left of z stands above the line.",
    "The variance makes up for it, so it belongs below. (2/n·(1 + a²) is not 2/(n (1 + a²)).)",
)
def inverted(of_variance, given):
    left = moment(2, A)
    wrong = [of_variance(v) for v in (left / N, left / HALF**2 / N, N * left, left)]
    return either(given, *wrong, 1 / of_variance(RIGHT))


@he_scaling.mistake(
    "n is not in it as it should be. How does the mean square of a sum grow with its terms?",
    "A sum of n independent terms has n times the mean square of one: a variance has a factor 1/n."
    " In what is left of it after the layers no n is left.",
)
def inputs_forgotten(of_variance, given):
    right = of_variance(RIGHT)
    wrong = [of_variance(RIGHT * N**power) for power in (1, 2, 0.5, -1)]
    return either(given, *wrong, right * N, right / N)


@he_scaling.mistake(
    "The variance of h is used. ReLU's outputs are not centred.",
    "The sum over inputs has their mean square E h² in it: use that.",
)
def variance_of_h(of_variance, _):
    return of_variance(1 / N / (moment(2, A) - moment(1, A) ** 2))


@he_scaling.mistake("This is the standard deviation.", "The variance is its square.")
def standard_deviation(of_variance, given):
    if of_variance is not itself:
        return None
    return either(given, np.sqrt(RIGHT), np.sqrt(1 / N / HALF))  # also for a = 0


@he_scaling.mistake(
    "This is r².", "The variance of a number that is uniform on [−r, r] is r²/3: take the root."
)
def square_of_r(of_variance, _):
    return half_width(RIGHT) ** 2 if of_variance is half_width else None


@he_scaling.mistake(
    "A uniform number's variance is taken for something else.",
    "A number that is uniform on [−r, r] has the variance r²/3.",
)
def range_(of_variance, given):
    if of_variance is itself:
        return None
    if of_variance is kept:  # r², r or a twelfth of it is taken for the variance
        return either(given, *((v / RIGHT) ** L for v in (1 / N, N**-0.5, 1 / (12 * N))))
    sd = np.sqrt(RIGHT)  # r² is taken for the variance, r for three times or a third of it
    return either(given, sd, 3 * sd, sd / 3, np.sqrt(RIGHT / 3), np.sqrt(3 * sd), 2 * sd)


@he_scaling.mistake("This is the width of the interval, 2r.", "r is half of it.")
def whole_width(of_variance, _):
    return 2 * half_width(RIGHT) if of_variance is half_width else None


@he_scaling.mistake(
    "This is what one layer leaves, or L times that.",
    "Every layer multiplies by its factor once more: take it to the power L.",
)
def one_layer(of_variance, given):
    if of_variance is not kept:
        return None
    factor = 1 / (3 * N) / RIGHT
    return either(given, factor, L * factor)


@he_scaling.mistake(
    "This is what is left of the size, not of the mean square.",
    "The mean square is the square of it: leave out the root.",
)
def of_the_size(of_variance, given):
    return np.sqrt(kept(RIGHT)) if of_variance is kept else None


@he_scaling.mistake(
    "This is what is lost, and not what is left.", "Leave out the 1 − …: a ratio below 1 is left."
)
def lost(of_variance, _):
    return 1 - kept(RIGHT) if of_variance is kept else None


@he_scaling.mistake(
    "The number of layers is off.", "There are L of them, and each multiplies by its factor once."
)
def layers_off(of_variance, given):
    powers = ((L + 1) / L, (L - 1) / L, 2.0)
    return either(given, *(kept(RIGHT) ** p for p in powers)) if of_variance is kept else None
