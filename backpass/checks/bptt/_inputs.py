"""What the exercises on backpropagation through time share: a net, sections and sentences.

The net's right gradients are slopes of its loss. Those of slips are made from the terms of the
double sum, or by going back through the steps with something changed.
"""

from collections.abc import Callable
from copy import copy
from functools import cached_property

import numpy as np

from backpass.checks.remembered import by_value
from backpass.gradcheck import slope, vjp
from backpass.gradcheck.check import matches

DROPS = "Section: “What truncation drops”."
DOUBLE = "Section: “The double sum and the recursion”."
NEWEST = "Section: “The term with i = t”."
VECTORS = "Section: “Vectors, and a batch”."
WRONG_WAY = "Section: “A truncated gradient can point the wrong way”."

# What several exercises tell: the kind of slip, and the way out.
NOT_TRANSPOSED = (
    "W is passed in the same direction on the way back as on the way forward. What unit i sent to"
    " unit j through W[i, j] comes back from j to i.",
    "On the way back it is δ Wᵀ.",
)
H_CURRENT = (
    "dW is made with the state that step t made, and not with the state that W met there.",
    "What W multiplied in step t was h_{t−1}.",
)
AVERAGED = (
    "The steps are averaged. The loss is the *sum* over time, and the same parameters act in every"
    " step.",
    "Add the parts of the steps, and divide by no number of steps.",
)
FIRST_LOST = (
    "The first step's part is missing. The parameters act there too, on the given h_0.",
    "Let the loop go back to t = 1 (to 0, if it counts from 0).",
)
LAST_LOST = (
    "The last step is missing, and its loss.",
    "Of T steps counted from 0 the last is T − 1: a loop back from it is reversed(range(T)).",
)
H0_IGNORED = ("The first state is taken to be zero.", "Begin from h0, as it is given.")
BIAS_FORGOTTEN = ("Something is missing in the pre-activation on the way forward.", "Add b to z_t.")
SHIFTED = (
    "States and targets are shifted against each other: what step t makes, h_t, is compared with"
    " y_t.",
    "With h_0 in the list of states, step t counted from 0 makes H[t + 1]: compare it with Y[t].",
)
OVER_STEPS = (
    "The loss is divided by a number that is not that of the sequences: time is axis 0.",
    "Divide by n, the length of axis 1 of X; over time the losses are summed.",
)
PHI_FORGOTTEN = (
    "δ_t is ∂L/∂z_t, and z_t comes before the activation: a slope is missing.",
    "Multiply what arrives at h_t by the slope of tanh at z_t, entry by entry.",
)
PHI_PREVIOUS = (
    "The slope of tanh is that of another step, the one before.",
    "Step t has the slope at its own z_t, which what comes out of its own tanh tells.",
)
PHI_AT_ACTIVATION = (
    "φ′ is taken at what came out of tanh, as 1 − tanh²(h_t).",
    "It belongs at z_t, where it is 1 − (what came out)².",
)
PHI_OTHER = (
    "That is not the slope of tanh, or it is taken twice.",
    "If h = tanh z, then φ′(z) is 1 − h², once in each step; h (1 − h) is that of the logistic"
    " function.",
)
WEIGHTS_FORGOTTEN = (
    "δ goes from step to step without something that it went through on the way forward.",
    "Between two steps lies W: what comes back is δ Wᵀ.",
)
CARRY_DROPPED = (
    f"Each loss reaches only its own step. h_t is used twice: by L_t and by step t + 1. {DOUBLE}",
    "Add what comes back from step t + 1 to the step's own ∂L_t/∂h_t, before the slope.",
)


def slope_of_tanh(z: np.ndarray) -> np.ndarray:
    """φ′ of each entry, by one complex step for all of them: a vjp takes one for each."""
    return np.tanh(z + 1e-20j).imag / 1e-20


def through_tanh(own: np.ndarray, carry: np.ndarray, z: np.ndarray) -> np.ndarray:
    """δ of a step, from its own ∂L_t/∂h_t and what comes back from later ones, all (…, n, m)."""
    return (own + carry) * slope_of_tanh(z)


def sent_back(v: np.ndarray, w: np.ndarray) -> np.ndarray:
    """What of v (…, m), at h w, comes back to h: to a unit, what the unit alone does to h w."""
    alone = np.eye(len(w))
    return np.inner(v, alone @ w)


#: What of a step's own part and the carry comes through another slope than that of tanh.
OTHER_SLOPES: list[Callable] = [
    lambda own, carry, z: through_tanh(through_tanh(own, carry, z), 0, z),  # twice
    lambda own, carry, z: (own + carry) * (1 - np.tanh(z)),
    lambda own, carry, z: (own + carry) * np.tanh(z) * (1 - np.tanh(z)),
]


@by_value
def shared_gradient(deltas: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """The gradient (d, m) of what all inputs (…, d) are multiplied by, if these δ (…, m) arrive."""
    return vjp(deltas, lambda p: inputs @ p, np.zeros((inputs.shape[-1], deltas.shape[-1])))


def either(given: object, *forms: np.ndarray) -> np.ndarray:
    """Of the forms that one mistake can take the one that was given, or else the first."""
    return next((form for form in forms if matches(given, form)), forms[0])


class Net:
    """A tanh net that reads T steps, with half the squared error of its state as each step's loss.

    The loss of a step is the mean over the n sequences; that of the run is the sum over the steps.
    ``x`` (T, n, d), ``y`` (T, n, m) and ``h0`` (n, m) are given; ``parameters`` are U (d, m),
    W (m, m) and b (m,), by name. With ``k`` the targets are (T, n, k), for outputs of that size.
    Of the state before a step 1 − ``leak`` stays, besides ``leak`` times what comes out of tanh.
    """

    def __init__(
        self, steps: int, n: int, d: int, m: int, k: int | None = None, leak: float = 1.0
    ) -> None:
        self.steps, self.leak = steps, leak
        draw = np.random.default_rng(8).uniform
        shapes = [(steps, n, d), (steps, n, k or m), (n, m), (d, m), (m, m), m]
        self.x, self.y, h0, u, w, b = (draw(-1, 1, shape) for shape in shapes)
        self.h0, self.parameters = h0 / 2, {"U": u, "W": 1.2 * w, "b": b / 2}

    @property
    def given(self) -> tuple[np.ndarray, ...]:
        """What the learner's function is called with: x, y, h0 and the parameters."""
        return self.x, self.y, self.h0, *self.parameters.values()

    def states(self, parameters: dict[str, np.ndarray], h0: np.ndarray) -> list[np.ndarray]:
        """h_0, …, h_T, each (n, m). b may also be one for each step and sequence, (T, n, m)."""
        hs, bs = [h0], np.broadcast_to(parameters["b"], (self.steps, *h0.shape))
        for x, b in zip(self.x, bs, strict=True):
            new = np.tanh(x @ parameters["U"] + hs[-1] @ parameters["W"] + b)
            hs.append((1 - self.leak) * hs[-1] + self.leak * new)
        return hs

    def losses(self, hs: list, parameters: dict[str, np.ndarray]) -> list:
        """The losses of the steps 1, …, T, for the states h_1, …, h_T."""
        return [np.sum((h - y) ** 2) / 2 / len(y) for h, y in zip(hs, self.y, strict=True)]

    def loss(self, parameters: dict[str, np.ndarray], h0: np.ndarray | None = None) -> float:
        """The loss of the run, from another first state if ``h0`` is given."""
        hs = self.states(parameters, self.h0 if h0 is None else h0)
        return sum(self.losses(hs[1:], parameters))

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """The gradient of the loss of the run, by the parameter's name."""
        return slope(self.loss, self.parameters)

    @cached_property
    def h(self) -> np.ndarray:
        """h_0, …, h_T, shape (T + 1, n, m)."""
        return np.array(self.states(self.parameters, self.h0))

    @cached_property
    def z(self) -> np.ndarray:
        """The pre-activations of h_0, …, h_T (of h_0 too, as if it had any), (T + 1, n, m)."""
        new = (self.h[1:] - (1 - self.leak) * self.h[:-1]) / self.leak
        return np.arctanh(np.concatenate([self.h[:1], new]))

    @cached_property
    def own(self) -> np.ndarray:
        """∂L_t/∂h_t, what each step's state does to the step's own loss, (T, n, m)."""
        return slope(lambda h: sum(self.losses(h, self.parameters)), self.h[1:])

    @cached_property
    def terms(self) -> np.ndarray:
        """∂L_t/∂z_i at [t, i]: one term of the double sum each, (T, T, n, m)."""
        # As `slope`, but of the losses of all steps at once: a complex step in each place of b.
        b, step = np.array(np.broadcast_to(self.parameters["b"], self.own.shape), complex), 1e-20
        found = np.empty((self.steps, *b.shape))
        for place in np.ndindex(b.shape):
            moved = b.copy()
            moved[place] += 1j * step
            parameters = self.parameters | {"b": moved}
            losses = self.losses(self.states(parameters, self.h0)[1:], parameters)
            found[:, *place] = np.imag(losses) / step
        return found

    @cached_property
    def deltas(self) -> np.ndarray:
        """∂L/∂z_i of each step i, (T, n, m)."""
        return self.terms.sum(axis=0)

    def walk(
        self,
        own: np.ndarray | None = None,
        z: np.ndarray | None = None,
        back: np.ndarray | None = None,
        mix: Callable = through_tanh,
        kept: Callable | None = None,
        order: int = -1,
    ) -> np.ndarray:
        """δ_1, …, δ_T by going back from the last step, (T, n, m); an argument changes something.

        ``own`` is instead of ∂L_t/∂h_t, with more axes between the first and the last two if there
        are several, and ``z`` of the pre-activations, (T, n, m); ``back``
        of the W that leads back, (m, m). ``mix`` joins a step's own part with the carry, as
        :func:`through_tanh` does; of that δ is ``leak`` times. ``kept(own, carry, delta)``
        is what goes back past tanh, 1 − ``leak`` times the sum of the first two. With ``order`` 1
        the way leads forwards.
        """
        kept = kept or (lambda own, carry, delta: (1 - self.leak) * (own + carry))
        own = self.own if own is None else own
        z = self.z[1:] if z is None else z
        back = self.parameters["W"] if back is None else back
        carry, deltas = np.zeros_like(self.h0), []
        for own_t, z_t in zip(own[::order], z[::order], strict=True):
            deltas.append(self.leak * mix(own_t, carry, z_t))
            carry = kept(own_t, carry, deltas[-1]) + sent_back(deltas[-1], back)
        return np.array(deltas[::order])

    def walks(self, own: np.ndarray | None = None, **changes) -> np.ndarray:
        """:meth:`walk` for the loss of each step alone: terms like :attr:`terms`, (T, T, n, m)."""
        own = self.own if own is None else own
        alone = np.eye(self.steps)[..., None, None] * own[:, None]  # at [step, loss]
        return np.moveaxis(self.walk(alone, **changes), 0, 1)

    @cached_property
    def shifted(self) -> list[np.ndarray]:
        """∂L_t/∂h_t if a step's state is taken to be that before, or its target; both (T, n, m)."""
        both = []
        for h, y in [(self.h[:-1], self.y), (self.h[1:], np.roll(self.y, 1, axis=0))]:
            other = copy(self)
            other.y = y
            both.append(slope(lambda h, other=other: sum(other.losses(h, self.parameters)), h))
        return both

    @cached_property
    def others(self) -> "dict[str, Net]":
        """The net with something changed: no first state (``"h0"``), no bias (``"b"``), no leak
        (``"plain"``), or the leak taken for what stays (``"exchanged"``).
        """
        found = {}
        for name, instead in {
            "h0": {"h0": 0 * self.h0},
            "b": {"parameters": self.parameters | {"b": 0 * self.parameters["b"]}},
            "plain": {"leak": 1.0},
            "exchanged": {"leak": 1 - self.leak},
        }.items():
            found[name] = copy(self)
            kept = ("steps", "leak", "x", "y", "h0", "parameters")
            # Nothing that was worked out is left.
            found[name].__dict__ = {key: self.__dict__[key] for key in kept} | instead
        return found

    def gradient(
        self,
        name: str,
        deltas: np.ndarray,
        inputs: np.ndarray | None = None,
        steps: slice = slice(None),
    ) -> np.ndarray:
        """The gradient of a parameter that all steps share, if ``deltas`` were their ∂L/∂z.

        ``deltas`` is (T, n, m). ``inputs`` (T, n, ·) is instead of what the parameter multiplied;
        only the ``steps`` are counted.
        """
        if inputs is None:
            ones = np.ones((*deltas.shape[:2], 1))
            inputs = {"U": self.x, "W": self.h[:-1], "b": ones}[name]
        inputs, deltas = inputs[steps], deltas[steps]
        return shared_gradient(deltas, inputs).reshape(self.parameters[name].shape)
