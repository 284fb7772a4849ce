"""Backpropagation through time, for a batch of sequences."""

from collections.abc import Callable

import numpy as np

from backpass.checks.bptt._inputs import (
    AVERAGED,
    BIAS_FORGOTTEN,
    CARRY_DROPPED,
    DOUBLE,
    FIRST_LOST,
    H0_IGNORED,
    H_CURRENT,
    LAST_LOST,
    NOT_TRANSPOSED,
    OTHER_SLOPES,
    OVER_STEPS,
    PHI_AT_ACTIVATION,
    PHI_FORGOTTEN,
    PHI_OTHER,
    PHI_PREVIOUS,
    SHIFTED,
    VECTORS,
    WEIGHTS_FORGOTTEN,
    Net,
    either,
    slope_of_tanh,
    through_tanh,
)
from backpass.checks.exercise import exercise

#: T, n, d, m: a square U, one that is not, and a single sequence of single numbers.
NETS = [Net(5, 4, 3, 3), Net(4, 3, 4, 3), Net(3, 1, 1, 4)]


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
    for name, weight in {"U": 2, "W": 2, "b": 1}.items():
        with attempt.part(f"d{name}", weight=weight) as part:
            for net in NETS:
                right = {f"d{name}": gradient for name, gradient in net.right.items()}

                def of(output, given, net=net):
                    return net, output.removeprefix("d"), given

                counts = {"steps": net.steps, "units": len(net.parameters["W"])}
                part.outputs(
                    net.given,
                    right,
                    f"d{name}",
                    of=of,
                    batch=len(net.h0),
                    counts=counts,
                    lengths=False,
                )


@bptt.mistake(NOT_TRANSPOSED)
def not_transposed(net, name, _):
    return net.gradient(name, net.walk(back=net.parameters["W"].T))


@bptt.mistake(H_CURRENT)
def h_current(net, name, _):
    return net.gradient(name, net.deltas, inputs=net.h[1:]) if name == "W" else None


@bptt.mistake(AVERAGED)
def averaged(net, name, _):
    return net.right[name] / net.steps


@bptt.mistake(CARRY_DROPPED)
def carry_dropped(net, name, _):
    return net.gradient(name, np.einsum("tt...->t...", net.terms))


@bptt.mistake(
    "Two things at once: what comes back from step t + 1 is not added to ∂L_t/∂h_t, and φ′ is not"
    f" 1 − h_t². {DOUBLE}"
)
def carry_and_slope(net, name, given):
    mixes = [lambda own, carry, z: own, *(alone(mix) for mix in OTHER_SLOPES)]
    walks = [net.walk(mix=mix) for mix in mixes]
    walks += [net.walk(mix=alone(through_tanh), z=z) for z in (net.h[1:], net.z[:-1])]
    return either(given, *(net.gradient(name, walk) for walk in walks))


def alone(mix: Callable) -> Callable:
    """``mix`` without what comes back from later steps."""
    return lambda own, carry, z: mix(own, 0 * own, z)


@bptt.mistake(
    "Only the last step's part is in it. The parameters act in all T steps: add the parts, +=."
)
def last_step(net, name, _):
    return net.gradient(name, net.deltas, steps=slice(-1, None))


@bptt.mistake(
    "Only the first step's part is left: each step replaces what the later ones gave. Add, +=."
)
def overwritten(net, name, _):
    return net.gradient(name, net.deltas, steps=slice(1))


@bptt.mistake(FIRST_LOST)
def first_lost(net, name, _):
    return net.gradient(name, net.deltas, steps=slice(1, None))


@bptt.mistake(LAST_LOST)
def last_lost(net, name, _):
    return net.gradient(name, net.terms[:-1].sum(axis=0))


@bptt.mistake(H0_IGNORED)
def h0_ignored(net, name, _):
    return net.zeroed["h0"].right[name]


@bptt.mistake(BIAS_FORGOTTEN)
def bias_forgotten(net, name, _):
    return net.zeroed["b"].right[name]


@bptt.mistake(SHIFTED)
def shifted(net, name, given):
    return either(given, *(net.gradient(name, net.walk(own)) for own in net.shifted))


@bptt.mistake(
    "Only the loss of the last step comes back. Every step has a loss, whose ∂L_t/∂h_t is added to"
    f" what arrives from step t + 1. {DOUBLE}"
)
def local_dropped(net, name, _):
    return net.gradient(name, net.terms[-1])


@bptt.mistake(
    "U's and W's rules are mixed up, or the two results: U multiplied x_t, W multiplied h_{t−1}."
)
def other_rule(net, name, _):
    if name == "b" or net.parameters["U"].shape != net.parameters["W"].shape:
        return None
    return net.gradient(name, net.deltas, inputs={"U": net.h[:-1], "W": net.x}[name])


@bptt.mistake(
    "The input is that of another step: at −1, Python counts from the end. Step t, counted from 0,"
    " read X[t], and H[t] came into it if H[0] is h0."
)
def other_step(net, name, _):
    last_first = np.concatenate([net.h[-1:], net.h[:-2]])
    inputs = {"U": np.roll(net.x, 1, axis=0), "W": last_first}.get(name)
    return None if inputs is None else net.gradient(name, net.deltas, inputs)


@bptt.mistake(PHI_FORGOTTEN)
def phi_forgotten(net, name, _):
    return net.gradient(name, net.walk(mix=lambda own, carry, z: own + carry))


@bptt.mistake(
    "φ′ is applied to the step's own ∂L_t/∂h_t only. First add what comes back from step t + 1,"
    " then multiply the sum by 1 − h_t²."
)
def phi_not_carried(net, name, _):
    return net.gradient(name, net.walk(mix=lambda own, carry, z: own * slope_of_tanh(z) + carry))


@bptt.mistake(
    "φ′ is applied to what comes back from step t + 1 only. First add the step's own ∂L_t/∂h_t,"
    " then multiply the sum by 1 − h_t²."
)
def phi_carried_only(net, name, _):
    return net.gradient(name, net.walk(mix=lambda own, carry, z: own + carry * slope_of_tanh(z)))


@bptt.mistake(PHI_AT_ACTIVATION)
def phi_at_activation(net, name, _):
    return net.gradient(name, net.walk(z=net.h[1:]))


@bptt.mistake(PHI_PREVIOUS)
def phi_previous(net, name, _):
    return net.gradient(name, net.walk(z=net.z[:-1]))


@bptt.mistake(PHI_OTHER)
def phi_other(net, name, given):
    return either(given, *(net.gradient(name, net.walk(mix=mix)) for mix in OTHER_SLOPES))


@bptt.mistake(WEIGHTS_FORGOTTEN)
def weights_forgotten(net, name, _):
    return net.gradient(name, net.walk(back=np.eye(len(net.parameters["W"]))))


@bptt.mistake(
    "Divided by all n·m entries, as np.mean does: the mean of L_t runs over the n sequences only."
)
def all_entries(net, name, _):
    return net.right[name] / len(net.parameters["W"])


@bptt.mistake(OVER_STEPS)
def over_steps(net, name, _):
    n = len(net.h0)
    return net.right[name] * n / net.steps if n > 1 else None


@bptt.mistake(
    "The 1/n is taken at every step anew: what comes back from step t + 1 has it already. Divide"
    " the step's own ∂L_t/∂h_t by n, and nothing else."
)
def n_each_step(net, name, _):
    n = len(net.h0)
    return net.gradient(name, net.walk(mix=lambda own, carry, z: through_tanh(own, carry / n, z)))


@bptt.mistake(
    "The carry is never emptied: what came to step t + 1 is still in it, besides what that step"
    " sends back. carry = δ Wᵀ, without a +."
)
def carry_kept(net, name, _):
    return net.gradient(name, net.walk(keep=1))


@bptt.mistake(
    "The loop goes forwards. What comes back begins at the last step: reversed(range(T))."
)
def forwards(net, name, _):
    return net.gradient(name, net.walk(order=1))
