"""Backpropagation through time, for a batch of sequences."""

import numpy as np

from backpass.checks.bptt._inputs import (
    AVERAGED,
    CARRY_DROPPED,
    DOUBLE,
    H_CURRENT,
    NOT_TRANSPOSED,
    VECTORS,
    Net,
)
from backpass.checks.exercise import exercise
from backpass.gradcheck import slope, vjp

#: T, n, d, m: a square U, one that is not, and a single sequence of single numbers.
NETS = [Net(5, 4, 3, 3), Net(4, 3, 4, 3), Net(2, 1, 1, 2)]


@exercise(
    "Backpropagation through time",
    section=VECTORS,
    points=5,
    kind="implement",
    mistakes={
        "summed": "Each L_t is the mean over the n sequences: divide by n.",
        "unreduced": "b is added at every step to every sequence: sum over time and the batch.",
    },
)
def bptt(attempt):
    for name, weight in {"dU": 2, "dW": 2, "db": 1}.items():
        with attempt.part(name, weight=weight) as part:
            for net in NETS:
                right = {f"d{name}": gradient for name, gradient in net.right.items()}

                def of(output, _, net=net):
                    return net, output.removeprefix("d")

                part.outputs(net.given, right, name, of=of, batch=len(net.h0))


@bptt.mistake(NOT_TRANSPOSED)
def not_transposed(net, name):
    return net.gradient(name, net.walk(back=net.parameters["W"].T))


@bptt.mistake(H_CURRENT)
def h_current(net, name):
    return net.gradient(name, net.deltas, inputs=net.h[1:]) if name == "W" else None


@bptt.mistake(AVERAGED)
def averaged(net, name):
    return net.right[name] / net.steps


@bptt.mistake(CARRY_DROPPED)
def carry_dropped(net, name):
    return net.gradient(name, np.einsum("tt...->t...", net.terms))


@bptt.mistake(
    "Only the last step's part is in it. The parameters act in all T steps: add the parts, +=."
)
def last_step(net, name):
    return net.gradient(name, net.deltas, steps=slice(-1, None))


@bptt.mistake(
    "Only the first step's part is left: each step replaces what the later ones gave. Add, +=."
)
def overwritten(net, name):
    return net.gradient(name, net.deltas, steps=slice(1))


@bptt.mistake(
    "The first step's part is missing. The parameters act there too, on the given h_0: the loop"
    " goes back to t = 1."
)
def first_lost(net, name):
    return net.gradient(name, net.deltas, steps=slice(1, None))


@bptt.mistake("The first state is taken to be zero; h0 is given.")
def h0_ignored(net, name):
    return slope(lambda parameters: net.loss(parameters, h0=0 * net.h0), net.parameters)[name]


@bptt.mistake(
    "Only the loss of the last step comes back. Every step has a loss, whose ∂L_t/∂h_t is added to"
    f" what arrives from step t + 1. {DOUBLE}"
)
def local_dropped(net, name):
    return net.gradient(name, net.terms[-1])


@bptt.mistake("U's and W's rules are mixed up: U multiplied x_t, W multiplied h_{t−1}.")
def other_rule(net, name):
    if name == "b" or net.parameters["U"].shape != net.parameters["W"].shape:
        return None
    return net.gradient(name, net.deltas, inputs={"U": net.h[:-1], "W": net.x}[name])


@bptt.mistake("φ′ is forgotten: δ_t = (∂L/∂h_t) (1 − h_t²), entry by entry.")
def phi_forgotten(net, name):
    return net.gradient(name, net.walk(mix=lambda own, carry, z: own + carry))


@bptt.mistake(
    "φ′ is applied to the step's own ∂L_t/∂h_t only. First add what comes back from step t + 1,"
    " then multiply the sum by 1 − h_t²."
)
def phi_not_carried(net, name):
    return net.gradient(name, net.walk(mix=lambda own, carry, z: vjp(own, np.tanh, z) + carry))


@bptt.mistake(
    "φ′ is taken at the activation, 1 − tanh²(h_t). It belongs at z_t, where it is 1 − h_t²."
)
def phi_at_activation(net, name):
    return net.gradient(name, net.walk(z=net.h[1:]))


@bptt.mistake("1 − h² is taken at h_{t−1}. Step t has the slope at its own output h_t.")
def phi_previous(net, name):
    return net.gradient(name, net.walk(z=net.z[:-1]))


@bptt.mistake("δ goes from step to step without the weights W it went through.")
def weights_forgotten(net, name):
    return net.gradient(name, net.walk(back=np.eye(len(net.parameters["W"]))))


@bptt.mistake(
    "Divided by all n·m entries, as np.mean does: the mean of L_t runs over the n sequences only."
)
def all_entries(net, name):
    return net.right[name] / len(net.parameters["W"])
