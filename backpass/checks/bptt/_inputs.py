"""What the exercises on backpropagation through time share: a net, sections and sentences.

The net's right gradients are slopes of its loss. Those of slips are made from the terms of the
double sum, or by going back through the steps with something changed.
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np

from backpass.gradcheck import slope, vjp

DROPS = "Section: “What truncation drops”."
DOUBLE = "Section: “The double sum and the recursion”."
NEWEST = "Section: “The term with i = t”."
VECTORS = "Section: “Vectors, and a batch”."
WRONG_WAY = "Section: “A truncated gradient can point the wrong way”."

NOT_TRANSPOSED = (
    "W is not transposed on the way back. What unit i sent to unit j through W[i, j] comes back"
    " from j to i: δ Wᵀ."
)
H_CURRENT = "dW is made with h_t. What W multiplied in step t was h_{t−1}."
AVERAGED = (
    "The steps are averaged. The loss is the *sum* over time, and the same parameters act in every"
    " step: the parts are added."
)
CARRY_DROPPED = (
    "What comes back from later steps is not added to the step's own ∂L_t/∂h_t, so each loss"
    " reaches only its own step. h_t is used twice: by L_t and by step t + 1."
    f" {DOUBLE}"
)


def through_tanh(own: np.ndarray, carry: np.ndarray, z: np.ndarray) -> np.ndarray:
    """δ of a step, from its own ∂L_t/∂h_t and what comes back from later ones, all (n, m)."""
    return vjp(own + carry, np.tanh, z)


class Net:
    """A tanh net that reads T steps, with half the squared error of its state as each step's loss.

    The loss of a step is the mean over the n sequences; that of the run is the sum over the steps.
    ``x`` (T, n, d), ``y`` (T, n, m) and ``h0`` (n, m) are given; ``parameters`` are U (d, m),
    W (m, m) and b (m,), by name. With ``k`` the targets are (T, n, k), for outputs of that size.
    """

    def __init__(self, steps: int, n: int, d: int, m: int, k: int | None = None) -> None:
        self.steps = steps
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
            hs.append(np.tanh(x @ parameters["U"] + hs[-1] @ parameters["W"] + b))
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
        return np.arctanh(self.h)

    @cached_property
    def own(self) -> np.ndarray:
        """∂L_t/∂h_t, what each step's state does to the step's own loss, (T, n, m)."""
        return slope(lambda h: sum(self.losses(h, self.parameters)), self.h[1:])

    @cached_property
    def terms(self) -> np.ndarray:
        """∂L_t/∂z_i at [t, i]: one term of the double sum each, (T, T, n, m)."""

        def loss(b: np.ndarray, t: int) -> float:
            parameters = self.parameters | {"b": b}
            return self.losses(self.states(parameters, self.h0)[1:], parameters)[t]

        b = np.array(np.broadcast_to(self.parameters["b"], self.own.shape))
        return np.array([slope(lambda b, t=t: loss(b, t), b) for t in range(self.steps)])

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
    ) -> np.ndarray:
        """δ_1, …, δ_T by going back from the last step, (T, n, m); an argument changes something.

        ``own`` is instead of ∂L_t/∂h_t and ``z`` of the pre-activations, both (T, n, m), ``back``
        of the W that leads back, (m, m). ``mix`` joins a step's own part with the carry, as
        :func:`through_tanh` does.
        """
        own = self.own if own is None else own
        z = self.z[1:] if z is None else z
        back = self.parameters["W"] if back is None else back
        carry, deltas = np.zeros_like(self.h0), []
        for own_t, z_t in zip(own[::-1], z[::-1], strict=True):
            deltas.append(mix(own_t, carry, z_t))
            carry = vjp(deltas[-1], lambda h: h @ back, self.h0)
        return np.array(deltas[::-1])

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
        nothing = np.zeros((inputs.shape[-1], deltas.shape[-1]))
        return vjp(deltas, lambda p: inputs @ p, nothing).reshape(self.parameters[name].shape)
