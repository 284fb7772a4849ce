"""The gradients of an IndRNN, whose units see only themselves from step to step."""

from dataclasses import replace

import numpy as np

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import draw
from backpass.checks.relu_cnn_rnn._through_time import RECURRENT, TIME, Net, Slip, enter
from backpass.gradcheck import slope

SLIPS = TIME | {
    "u-forgotten": Slip(
        "What comes back from step to step lacks the factor u.",
        back=lambda parameters: {"u": np.ones(5)},
    ),
    "u-twice": Slip(
        "u is in it twice from each step to the next. One factor u belongs there.",
        back=lambda parameters: {"u": parameters["u"] ** 2},
        alone=True,
    ),
    "u-divided": Slip(
        "What comes back is divided by u. h_{t−1} was multiplied by u, and so is what comes back.",
        back=lambda parameters: {"u": 1 / parameters["u"]},
        alone=True,
    ),
}


def pre_activation(h, x, parameters):
    """h u + x V + b, (n, m)."""
    return h * parameters["u"] + x @ parameters["V"] + parameters["b"]


def independent(steps: int, n: int, seed: int) -> Net:
    """An IndRNN of five units for n examples, some units active and some silent."""
    x, h0, v, u, b, g = draw(seed, (steps, n, 2), (n, 5), (2, 5), 5, 5, (n, 5))
    parameters = {"u": 1.2 * u, "V": v, "b": b + 0.5}
    return Net(pre_activation, parameters, x, h0 + 1, g, ("u",), SLIPS)


#: In each some units carry h₀ to the end and some fall silent on the way.
NETS = {"4 steps, 3 examples": independent(4, 3, 39), "6 steps, 1 example": independent(6, 1, 46)}


@exercise(
    "The gradients of an IndRNN",
    section=RECURRENT,
    points=3,
    kind="implement",
    mistakes={
        "shape": "∂L/∂u has an entry for each unit; ∂L/∂h₀ one for each unit of each example."
    },
)
def indrnn_gradients(attempt):
    for label, name, weight in [("∂L/∂u", "u", 2), ("∂L/∂h₀", "h0", 1)]:
        with attempt.part(label, weight=weight) as part:
            for size in part.each(NETS, "{}"):
                NETS[size].expect(part, name, ("u", "h0"))


enter(indrnn_gradients, SLIPS)


@indrnn_gradients.mistake(
    "This is the derivative of u^T: as if all units were active at all steps, and nothing came in"
    " but h_0."
)
def power_alone(net, name):
    u, steps = net.parameters["u"], len(net.x)
    if name == "h0":
        return None
    return np.sum(net.g * net.h0, axis=0) * slope(lambda u: np.sum(u**steps), u)


@indrnn_gradients.mistake("u is the same for all examples: sum over them.")
def unreduced(net, name):
    one_each = net.parameters | {"u": np.tile(net.parameters["u"], (len(net.h0), 1))}
    return replace(net, parameters=one_each).gradients()["u"] if name == "u" else None


@indrnn_gradients.mistake(
    "The last factor u is missing. From h_T to h_0 there are T steps, and each has its factors u"
    " and ReLU′."
)
def factor_lost(net, name):
    return net.right["h0"] / net.parameters["u"] if name == "h0" else None
