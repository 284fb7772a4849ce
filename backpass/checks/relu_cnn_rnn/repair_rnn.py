"""Repair back through time in a recurrent ReLU net."""

from dataclasses import replace

import numpy as np

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import draw
from backpass.checks.relu_cnn_rnn._through_time import RECURRENT, TIME, Net, Slip, enter

X, H0, W, V, B, G = draw(8, (4, 5, 2), (5, 3), (3, 3), (2, 3), 3, (5, 3))
W *= 1.5

SLIPS = TIME | {
    "not-transposed": Slip(
        "W is not transposed on the way back: with h W forward it is δ Wᵀ.",
        back=lambda parameters: {"W": parameters["W"].T},
    ),
    "weights-forgotten": Slip(
        "From step to step what comes back lacks W: it went into the next sum through W, and comes"
        " back as δ Wᵀ.",
        back=lambda parameters: {"W": np.eye(len(W))},
        alone=True,
    ),
}


def pre_activation(h, x, parameters):
    """h W + x V + b, (n, m)."""
    return h @ parameters["W"] + x @ parameters["V"] + parameters["b"]


#: How many slips the loop has as it was given.
COUNT = 3

NET = Net(pre_activation, {"W": W, "V": V, "b": B}, X, H0, G, ("W", "V", "b"), SLIPS)


@exercise("Repair: back through time", section=RECURRENT, points=4, kind="repair")
def repair_rnn(attempt):
    if slips := NET.slips_left(attempt, COUNT):
        attempt.repair(slips, COUNT)
        return
    for name, weight in {"W": 2, "V": 1, "b": 1}.items():
        with attempt.part(f"∂L/∂{name}", weight=weight) as part:
            NET.expect(part, name, NET.along)


enter(repair_rnn, SLIPS)


@repair_rnn.mistake("The bias is the same for all examples: sum δ over them.")
def unreduced(net, name):
    one_each = net.parameters | {"b": np.tile(B, (len(H0), 1))}
    return replace(net, parameters=one_each).gradients()["b"] if name == "b" else None
