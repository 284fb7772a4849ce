"""The error of two hidden units, one of which feeds the other."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps

import numpy as np

from backpass.checks import exercise, judging
from backpass.checks.backpropagation._inputs import (
    FACTOR,
    LAYERS,
    NOT_TRANSPOSED,
    PHI_FORGOTTEN,
    SIGN,
    WEIGHTS_FORGOTTEN,
)
from backpass.checks.closest import closest
from backpass.checks.errors import Wrong
from backpass.checks.remembered import by_value
from backpass.gradcheck import slope, vjp

OWN = "Section: “Is it an error of its own?”."
NAMES = ("z1", "z2")


@dataclass(frozen=True)
class Example:
    """h₁ = tanh z₁, z₂ = c + u h₁, h₂ = tanh z₂, y = h W, o = tanh y, E = ½ Σ (o − t)²."""

    z1: float
    c: float
    u: float
    w: np.ndarray
    t: np.ndarray

    @cached_property
    def z(self) -> np.ndarray:
        return np.array([self.z1, self.c + self.u * np.tanh(self.z1)])

    @cached_property
    def h(self) -> np.ndarray:
        return np.tanh(self.z)

    @cached_property
    def y(self) -> np.ndarray:
        return self.h @ self.w

    @cached_property
    def o(self) -> np.ndarray:
        return np.tanh(self.y)

    @cached_property
    def output_delta(self) -> np.ndarray:
        """∂E/∂y."""
        return vjp(self.o - self.t, np.tanh, self.y)

    @cached_property
    def right(self) -> np.ndarray:
        """∂E/∂z₁, the way through z₂ included, and ∂E/∂z₂."""

        def error(z):
            return np.sum((np.tanh(np.tanh(z) @ self.w) - self.t) ** 2) / 2

        first = slope(
            lambda z1: error(np.stack([z1, self.c + self.u * np.tanh(z1)])), np.array(self.z1)
        )
        return np.array([first, slope(error, self.z)[1]])

    @cached_property
    def hidden_slope(self) -> np.ndarray:
        """φ′ of the two hidden units."""
        return vjp(np.ones(2), np.tanh, self.z)

    def through_weights(self, delta: np.ndarray) -> np.ndarray:
        """What arrives at h from the outputs, when ``delta`` arrives at y."""
        return sent_back(delta, self.h, self.w)

    def back(self, at_h: np.ndarray, slope: np.ndarray) -> np.ndarray:
        """Both errors, when ``at_h`` comes from the outputs, with this φ′; the second's goes on."""
        second = slope[1] * at_h[1]
        return np.array([slope[0] * (at_h[0] + self.u * second), second])

    @property
    def symbols(self) -> dict[str, float]:
        """The values of the exercise's symbols: o1, o2, t1, …, w22, h1, h2, u."""
        vectors = {"o": self.o, "t": self.t, "w1": self.w[0], "w2": self.w[1], "h": self.h}
        found = {f"{name}{i}": float(v[i - 1]) for name, v in vectors.items() for i in (1, 2)}
        return found | {"u": self.u}


@by_value
def sent_back(delta: np.ndarray, h: np.ndarray, w: np.ndarray) -> np.ndarray:
    """What comes back to h, of ``delta`` at h w."""
    return vjp(delta, lambda h: h @ w, h)


EXAMPLES = [
    Example(z1, c, u, np.array(w), np.array(t))
    for z1, c, u, w, t in [
        (0.2, -0.6, 0.7, [[0.9, -0.4], [0.3, 1.2]], [0.5, -0.8]),
        (-1.1, 0.3, -1.3, [[-0.7, 0.2], [1.5, 0.6]], [0.1, 0.9]),
        (0.8, 1.4, 1.6, [[0.4, 1.1], [-0.3, 0.5]], [-0.6, 0.2]),
    ]
]


@exercise(
    "The error of two hidden units",
    section=LAYERS,
    points=3,
    kind="derive",
    mistakes={
        "sign": SIGN,
        "zeros": (
            "To SymPy h1, o1 and the others are symbols that know nothing of z1 and z2, so that"
            " their derivatives are 0.",
            "Work it out on paper, from the outputs down, and type in what you get.",
        ),
        "shape": ("Two expressions are wanted, one for each hidden unit.", "Return [d1, d2]."),
        "symbols": (
            "The answer is to be written in what the forward pass has put out: o, t, w, h and u.",
            "Write the slope of tanh in its output: at z it is 1 − h², at y it is 1 − o².",
        ),
    },
)
def hidden_delta(attempt):
    at = [one.symbols for one in EXAMPLES]
    for name, weight in (("z2", 1), ("z1", 2)):
        with attempt.part(f"∂E/∂{name} at three points", weight) as part:
            try:
                part.outputs(
                    None,
                    RIGHT,
                    name,
                    at=at,
                    of=lambda name, given: [name, given],
                    follows=from_own_second if name == "z1" else None,
                )
            except Wrong as wrong:
                if wrong.mistake != "symbols":
                    raise
                text = f"{wrong.message} {attempt.exercise.mistakes['symbols']}"
                part.refuse(text, "symbols", where=wrong.message)


#: What each result should be, one value for each example.
RIGHT = {name: np.array([one.right[i] for one in EXAMPLES]) for i, name in enumerate(NAMES)}


#: Slips in what comes down from the outputs, or in all slopes, which spoil both errors alike.
ABOVE = (
    "twice",
    "one-sign",
    "output-phi-forgotten",
    "both-phi-forgotten",
    "phi-forgotten",
    "phi-at-activation",
    "sigmoid-slope",
    "one-minus-h",
    "one-plus",
    "not-transposed",
    "one-path",
)


def from_own_second(found: dict) -> dict[str, np.ndarray]:
    """∂E/∂z₁ that follows from a ∂E/∂z₂ of the learner's own, or from the slip that this shows."""
    first, second = found["z1"], found["z2"]
    times = np.sum(second * RIGHT["z2"]) / np.sum(RIGHT["z2"] ** 2)
    scaled = {name: times * right for name, right in RIGHT.items()}
    if times and all(judging.is_right(found[name], scaled[name], {}) for name in NAMES):
        return scaled
    of_first, of_second = (hidden_delta.foreseen([name, found[name]]) for name in ("z1", "z2"))
    shown = set() if judging.is_right(second, RIGHT["z2"], {}) else set(ABOVE)
    for slug in judging.slips(second, of_second) & shown:
        if judging.is_right(first, of_first[slug][0], {}):
            return {"z1": of_first[slug][0]}
    firsts = []
    for one, delta in zip(EXAMPLES, second, strict=True):
        at_h = one.through_weights(one.output_delta)[0] + one.u * delta
        firsts.append(one.hidden_slope[0] * at_h)
    return {"z1": np.array(firsts)}


Errors = np.ndarray  # of the two hidden units, (2,)


def slip(kind: str, fix: str) -> Callable[[Callable[[Example], list[Errors]]], Callable]:
    """Enter a mistake by the errors that it may give in one example, in one form or several."""

    def enter(function: Callable[[Example], list[Errors]]) -> Callable:
        @hidden_delta.mistake(kind, fix)
        @wraps(function)
        def mistake(name: str, given: object) -> np.ndarray | None:
            forms = zip(*map(function, EXAMPLES), strict=True)
            return closest(given, *(np.array(form)[:, NAMES.index(name)] for form in forms))

        return function

    return enter


def slopes(one: Example, hidden: np.ndarray, output: np.ndarray) -> list[Errors]:
    """Both errors with a wrong φ′ (2,) in the hidden units, at the outputs, or in both."""
    right, wrong = one.output_delta, (one.o - one.t) * output
    return [
        one.back(one.through_weights(right), hidden),
        one.back(one.through_weights(wrong), one.hidden_slope),
        one.back(one.through_weights(wrong), hidden),
    ]


@slip(
    "Unit 1 also feeds unit 2, and that way back is missing: this is the chapter's formula, where"
    " hidden units feed outputs only.",
    "Add u times ∂E/∂z2 to what comes back from the two outputs, then multiply by 1 − h1².",
)
def lateral_forgotten(one):
    return [(one.hidden_slope * one.through_weights(one.output_delta))]


@slip(
    "What comes back from unit 2 has not gone through its tanh.",
    "Its error at z2 goes on, ∂E/∂z2, and not what arrives at h2.",
)
def lateral_slope_forgotten(one):
    at_h = one.through_weights(one.output_delta)
    first = one.hidden_slope[0] * (at_h[0] + one.u * at_h[1])
    return [np.array([first, one.right[1]])]


@slip(
    "What comes back from unit 2 is added past the slope of unit 1.",
    "Put it into the bracket: (1 − h1²) multiplies all that arrives at h1.",
)
def lateral_outside(one):
    at_h = one.through_weights(one.output_delta)
    return [np.array([one.hidden_slope[0] * at_h[0] + one.u * one.right[1], one.right[1]])]


@slip(
    "The error runs from unit 1 to unit 2, the way that the value went.",
    "Unit 1 feeds unit 2, so that the error comes from unit 2 to unit 1.",
)
def lateral_forwards(one):
    at_h, slope = one.through_weights(one.output_delta), one.hidden_slope
    second = slope[1] * (at_h[1] + one.u * slope[0] * at_h[0])
    return [np.array([one.right[0], second])]  # at z1 it is a way forgotten


@slip("What comes back from unit 2 lacks the weight between the two.", "Multiply ∂E/∂z2 by u.")
def lateral_weight_forgotten(one):
    at_h = one.through_weights(one.output_delta)
    return [np.array([one.hidden_slope[0] * (at_h[0] + one.right[1]), one.right[1]])]


@slip(
    "What comes back from unit 2 has a factor too much, or another sign.",
    "Through z2 = c + u h1 comes back u times ∂E/∂z2, and nothing else.",
)
def lateral_otherwise(one):
    factors = (one.u**2, -one.u, one.u * one.h[1], one.u * one.h[0], one.u * one.hidden_slope[1])
    arrives = one.through_weights(one.output_delta)[0]
    return [
        np.array([one.hidden_slope[0] * (arrives + factor * one.right[1]), one.right[1]])
        for factor in factors
    ]


@slip(*PHI_FORGOTTEN)
def phi_forgotten(one):
    slopes = (np.ones(2), np.array([1, one.hidden_slope[1]]))
    return [one.back(one.through_weights(one.output_delta), slope) for slope in slopes]


@slip(
    "φ′ is taken at the activation, 1 − tanh²(h).",
    "It belongs at the pre-activation, 1 − tanh²(z), which is 1 − h²; at the outputs 1 − o².",
)
def phi_at_activation(one):
    at = (vjp(np.ones(2), np.tanh, v) for v in (one.h, one.o))
    return slopes(one, *at)


@slip(
    "h (1 − h) is the slope of the logistic function, and not that of tanh.",
    "The derivative of tanh is 1 − h².",
)
def sigmoid_slope(one):
    return slopes(one, one.h * (1 - one.h), one.o * (1 - one.o))


@slip("The slope of tanh lacks its square.", "Write 1 − h² for 1 − h, and 1 − o² for 1 − o.")
def one_minus_h(one):
    return slopes(one, 1 - one.h, 1 - one.o)


@slip("A slope of tanh is larger than 1 here.", "It has a minus, 1 − h², and is at most 1.")
def one_plus(one):
    return slopes(one, 1 + one.h**2, 1 + one.o**2)


@slip(*NOT_TRANSPOSED)
def not_transposed(one):
    at_h = vjp(one.output_delta, lambda h: h @ one.w.T, one.h)
    return [one.back(at_h, one.hidden_slope)]


@slip(*WEIGHTS_FORGOTTEN)
def weights_forgotten(one):
    arrivals = (one.output_delta.sum() * np.ones(2), one.output_delta)
    return [one.back(at_h, one.hidden_slope) for at_h in arrivals]


@slip(
    "Both φ′ are forgotten, that of the outputs and that of the hidden units: the errors o − t"
    " have only gone through the weights.",
    "Multiply o − t by 1 − o² first, and what arrives at h by 1 − h².",
)
def both_phi_forgotten(one):
    return [one.back(one.through_weights(one.o - one.t), np.ones(2))]


@slip(
    "The φ′ of an output is forgotten: ∂E/∂y is not o − t alone, because o = tanh y.",
    "Multiply each o − t by its 1 − o².",
)
def output_phi_forgotten(one):
    error, delta = one.o - one.t, one.output_delta
    forms = (error, np.array([error[0], delta[1]]), np.array([delta[0], error[1]]))
    return [one.back(one.through_weights(form), one.hidden_slope) for form in forms]


@slip(
    "The error of one output only comes back to a unit that feeds both.",
    "Add what comes back from output 1 and from output 2, each through its own weight.",
)
def one_path(one):
    paths = [np.diag(one.w) * one.output_delta]
    paths += [one.w[:, k] * one.output_delta[k] for k in (0, 1)]
    return [one.back(at_h, one.hidden_slope) for at_h in paths]


@slip(
    "These are the errors of the outputs, ∂E/∂y. The question is about the layer below, ∂E/∂z.",
    "Take them on, through the weights and the slope of the hidden unit.",
)
def wrong_delta(one):
    return [one.output_delta, one.o - one.t]


@slip(*FACTOR)
def twice(one):
    return [2 * one.right, one.right / 2]


@slip(
    "One of the two outputs' errors has the other sign, t − o beside o − t.",
    "Write both as o − t.",
)
def one_sign(one):
    signs = [np.array([-1, 1]), np.array([1, -1])]
    arrivals = (one.through_weights(s * one.output_delta) for s in signs)
    return [one.back(at_h, one.hidden_slope) for at_h in arrivals]


@slip(
    "Errors and weights are added up by themselves and then multiplied.",
    "Each error is multiplied by its own weight first: Σ_k w_jk δ_k.",
)
def sums_multiplied(one):
    return [one.back(one.output_delta.sum() * one.w.sum(axis=1), one.hidden_slope)]


@slip(
    "What comes back from the two outputs is multiplied.",
    "Multiply the factors along one path; add what different paths bring.",
)
def multiplied(one):
    return [one.back(np.prod(one.w * one.output_delta, axis=1), one.hidden_slope)]


@slip(
    "h stands in it as a factor, as in the gradient of a weight, δ h.",
    "The question is about δ: leave the factor h out.",
)
def weight_gradient(one):
    return [one.h * one.output_delta, one.h * one.right]


@slip("The two φ′ of the hidden units are exchanged.", "Each unit has its own, 1 − h_j².")
def slopes_exchanged(one):
    return [one.back(one.through_weights(one.output_delta), one.hidden_slope[::-1])]


@slip(
    f"The hidden units are given the targets t as their own. {OWN}",
    "Nobody says what h should be: its error comes back from the outputs.",
)
def own_target(one):
    return [one.back(one.h - one.t, one.hidden_slope)]
