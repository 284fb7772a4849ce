"""The error of a hidden unit."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import (
    FACTOR,
    LAYERS,
    NOT_SQUARED,
    NOT_TRANSPOSED,
    ONE_MINUS_H,
    PHI_AT_ACTIVATION,
    PHI_FORGOTTEN,
    PHI_OF_Z,
    SIGMOID_SLOPE,
    SIGN,
    WEIGHTS_FORGOTTEN,
)
from backpass.checks.closest import closest
from backpass.gradcheck import vjp

OWN = "Section: “Is it an error of its own?”."


@dataclass(frozen=True)
class Example:
    """h = tanh z, y = h W, o = tanh y, E = ½ Σ (o − t)²: vectors of two units, W (2, 2)."""

    z: np.ndarray
    w: np.ndarray
    t: np.ndarray

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

    def through_weights(self, delta: np.ndarray) -> np.ndarray:
        """What arrives at h, when ``delta`` arrives at y."""
        return vjp(delta, lambda h: h @ self.w, self.h)

    def through_tanh(self, at_h: np.ndarray) -> np.ndarray:
        """What arrives at z, when ``at_h`` arrives at h."""
        return vjp(at_h, np.tanh, self.z)

    @cached_property
    def at_h(self) -> np.ndarray:
        """∂E/∂h."""
        return self.through_weights(self.output_delta)

    @property
    def symbols(self) -> dict[str, float]:
        """The values of the exercise's symbols: z1, z2, …, w11, w12, w21, w22."""
        vectors = {"z": self.z, "h": self.h, "y": self.y, "o": self.o, "t": self.t}
        vectors |= {"w1": self.w[0], "w2": self.w[1]}
        return {f"{name}{i}": float(v[i - 1]) for name, v in vectors.items() for i in (1, 2)}


EXAMPLES = [
    Example(np.array(z), np.array(w), np.array(t))
    for z, w, t in [
        ([0.2, -0.6], [[0.9, -0.4], [0.3, 1.2]], [0.5, -0.8]),
        ([-1.1, 0.3], [[-0.7, 0.2], [1.5, 0.6]], [0.1, 0.9]),
        ([0.8, 1.4], [[0.4, 1.1], [-0.3, 0.5]], [-0.6, 0.2]),
    ]
]


@exercise(
    "The error of a hidden unit",
    section=LAYERS,
    points=3,
    kind="derive",
    axes=[("∂E/∂z1", "∂E/∂z2")],
    mistakes={
        "sign": SIGN,
        "zeros": "To SymPy h1, o1 and the others are symbols that know nothing of z1 and z2: to"
        " let it differentiate, write E out in z and w.",
        "shape": "Two expressions are wanted, one for each hidden unit.",
    },
)
def hidden_delta(attempt):
    with attempt.part("its values at three points") as part:
        for one in EXAMPLES:
            given = part.numbers(attempt.value, one.symbols, outputs=("z1", "z2"))
            part.expect(given, one.through_tanh(one.at_h), of=[one, given])


def slopes(one: Example, hidden: np.ndarray, output: np.ndarray) -> list[np.ndarray]:
    """∂E/∂z with a wrong φ′ (2,) in the hidden layer, at the outputs, or in both."""
    right = one.output_delta
    wrong = (one.o - one.t) * output
    return [
        one.through_weights(right) * hidden,
        one.through_tanh(one.through_weights(wrong)),
        one.through_weights(wrong) * hidden,
    ]


@hidden_delta.mistake(PHI_FORGOTTEN)
def phi_forgotten(one, _):
    return one.at_h


@hidden_delta.mistake(PHI_AT_ACTIVATION + " At the outputs likewise, with y and o.")
def phi_at_activation(one, given):
    return closest(given, *slopes(one, *(vjp(np.ones(2), np.tanh, v) for v in (one.h, one.o))))


@hidden_delta.mistake(PHI_OF_Z + " At the outputs likewise, with y and o.")
def phi_of_z(one, given):
    return closest(given, *slopes(one, 1 - one.z**2, 1 - one.y**2))


@hidden_delta.mistake(SIGMOID_SLOPE)
def sigmoid_slope(one, given):
    return closest(given, *slopes(one, one.h * (1 - one.h), one.o * (1 - one.o)))


@hidden_delta.mistake(ONE_MINUS_H)
def one_minus_h(one, given):
    return closest(given, *slopes(one, 1 - one.h, 1 - one.o))


@hidden_delta.mistake(NOT_SQUARED)
def not_squared(one, given):
    return closest(given, *slopes(one, 1 / np.cosh(one.z), 1 / np.cosh(one.y)))


@hidden_delta.mistake("The derivative of tanh is 1 − h², with a minus: it is at most 1.")
def one_plus(one, given):
    return closest(given, *slopes(one, 1 + one.h**2, 1 + one.o**2))


@hidden_delta.mistake(NOT_TRANSPOSED)
def not_transposed(one, given):
    return one.through_tanh(vjp(one.output_delta, lambda h: h @ one.w.T, one.h))


@hidden_delta.mistake(WEIGHTS_FORGOTTEN)
def weights_forgotten(one, given):
    all_of_them, own = one.output_delta.sum() * np.ones(2), one.output_delta
    return closest(given, one.through_tanh(all_of_them), one.through_tanh(own))


@hidden_delta.mistake(
    "Both φ′ are forgotten, that of the outputs and that of the hidden units: the errors o − t"
    " have only gone through the weights."
)
def both_phi_forgotten(one, given):
    return one.through_weights(one.o - one.t)


@hidden_delta.mistake(
    "The φ′ of the outputs is forgotten: ∂E/∂y is not o − t alone, because o = tanh y."
)
def output_phi_forgotten(one, given):
    return one.through_tanh(one.through_weights(one.o - one.t))


@hidden_delta.mistake(
    "Each hidden unit gets back the error of one output only. It feeds both, so both come back,"
    " and are added."
)
def one_path(one, given):
    paths = [np.diag(one.w) * one.output_delta]
    paths += [one.w[:, k] * one.output_delta[k] for k in (0, 1)]
    return closest(given, *map(one.through_tanh, paths))


@hidden_delta.mistake(
    "These are the errors of the outputs, ∂E/∂y. The question is about the layer below, ∂E/∂z."
)
def wrong_delta(one, given):
    return closest(given, one.output_delta, one.o - one.t)


@hidden_delta.mistake(FACTOR)
def twice(one, given):
    right = one.through_tanh(one.at_h)
    return closest(given, 2 * right, right / 2)


@hidden_delta.mistake(
    "One of the two errors has the other sign, t − o beside o − t. Both are o − t."
)
def one_sign(one, given):
    signs = [np.array([-1, 1]), np.array([1, -1])]
    values = [one.through_tanh(one.through_weights(s * one.output_delta)) for s in signs]
    return closest(given, *values)


@hidden_delta.mistake(
    "Errors and weights are added up by themselves and then multiplied. Each error is multiplied"
    " by its own weight first: Σ_k w_jk δ_k."
)
def sums_multiplied(one, given):
    return one.through_tanh(one.output_delta.sum() * one.w.sum(axis=1))


@hidden_delta.mistake(
    "What comes back from the two outputs is multiplied. Along one path the factors are multiplied;"
    " different paths are added."
)
def multiplied(one, given):
    return one.through_tanh(np.prod(one.w * one.output_delta, axis=1))


@hidden_delta.mistake(
    "h stands in it as a factor, as in the gradient of a weight, δ h. The question is about δ."
)
def weight_gradient(one, given):
    own = one.through_tanh(one.at_h)
    return closest(given, one.h * one.output_delta, one.h * own)


@hidden_delta.mistake("The two φ′ are exchanged: each unit has its own, 1 − h_j².")
def slopes_exchanged(one, given):
    return one.at_h * vjp(np.ones(2), np.tanh, one.z)[::-1]


@hidden_delta.mistake(
    "The hidden units are given the targets t as their own. Nobody says what h should be: its"
    f" error comes back from the outputs. {OWN}"
)
def own_target(one, given):
    return one.through_tanh(one.h - one.t)
