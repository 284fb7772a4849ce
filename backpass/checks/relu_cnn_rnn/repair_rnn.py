"""Repair back through time in a recurrent ReLU net."""

from dataclasses import replace

import numpy as np

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import draw
from backpass.checks.relu_cnn_rnn._through_time import KEPT, RECURRENT, TIME, Net, Slip, enter

X, H0, W, V, B, G = draw(8, (4, 5, 2), (5, 3), (3, 3), (2, 3), 3, (5, 3))
W *= 1.5

SLIPS = TIME | {
    "not-transposed": Slip(
        "What came into the next sum through W does not come back through the same numbers.",
        "W is not transposed: with h W on the way forward it is δ Wᵀ.",
        back=lambda parameters: {"W": parameters["W"].T},
    ),
    "weights-forgotten": Slip(
        "From step to step what comes back lacks W.",
        "It went into the next sum through W, and comes back as δ Wᵀ.",
        back=lambda parameters: {"W": np.eye(len(W))},
        alone=True,
    ),
}


def pre_activation(h, x, parameters):
    """h W + x V + b, (n, m)."""
    return h @ parameters["W"] + x @ parameters["V"] + parameters["b"]


#: How many slips the loop has as it was given.
COUNT = 3

NET = Net(pre_activation, {"W": W, "V": V, "b": B}, X, H0, G, ("W", "V", "b"), SLIPS | KEPT)


@exercise(
    "Repair: back through time",
    section=RECURRENT,
    points=4,
    kind="repair",
    exact=True,
    mistakes={slug: (slip.sentence, slip.fix) for slug, slip in KEPT.items()},
)
def repair_rnn(attempt):
    left, where = NET.slips_left(attempt, COUNT)
    if left:
        attempt.repair(left, COUNT, where)
        return
    for name in NET.names:
        with attempt.part(f"∂L/∂{'h_t' if name == 'H' else name}") as part:
            NET.expect(part, name)


enter(repair_rnn, SLIPS)


@repair_rnn.mistake("The bias is the same for all examples.", "Sum δ over them: δ.sum(axis=0).")
def unreduced(net, name):
    one_each = net.parameters | {"b": np.tile(B, (len(H0), 1))}
    return replace(net, parameters=one_each).gradients()["b"] if name == "b" else None
