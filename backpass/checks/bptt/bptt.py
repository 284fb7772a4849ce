"""Backpropagation through time, for a batch of sequences and units that leak."""

from collections.abc import Callable
from copy import copy
from functools import cache, wraps

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
    sent_back,
    slope_of_tanh,
    through_tanh,
)
from backpass.checks.exercise import exercise
from backpass.gradcheck import slope
from backpass.gradcheck.check import matches

#: T, n, d, m: a square U, one that is not, and a single sequence of single numbers.
NETS = [Net(5, 4, 3, 3, leak=0.6), Net(4, 3, 4, 3, leak=0.3), Net(3, 1, 1, 4, leak=0.8)]


@exercise(
    "Backpropagation through time, with a leak",
    section=VECTORS,
    points=5,
    kind="implement",
    exact=True,
    mistakes={
        "summed": (
            "The sequences are added up; each L_t is their mean.",
            "Divide ∂L_t/∂h_t by n, the number of sequences, and nothing else.",
        ),
        "unreduced": (
            "b has one number for each unit, whatever the number of sequences.",
            "b is added at every step to every sequence: sum δ_t over the batch, and over time.",
        ),
    },
)
def bptt(attempt):
    for name, weight in {"U": 2, "W": 2, "b": 1}.items():
        with attempt.part(f"d{name}", weight=weight) as part:
            for net in NETS:
                right = {f"d{name}": gradient for name, gradient in net.right.items()}

                def of(output, given, net=net):
                    return net, output.removeprefix("d"), given

                def follows(found, net=net):
                    return follows_from(found, net)

                counts = {"steps": net.steps, "units": len(net.parameters["W"])}
                part.outputs(
                    [*net.given, net.leak],
                    right,
                    f"d{name}",
                    of=of,
                    follows=None if name == "U" else follows,
                    batch=len(net.h0),
                    counts=counts,
                    lengths=False,
                )


#: The mistakes before δ, or in it, which all three gradients have: their values.
IN_DELTA: list[Callable] = []


def in_delta(forms: Callable) -> Callable:
    """Enter a mistake's values as those of a slip in δ: one, or several in a list. They hang on the
    net and the parameter's name alone.
    """
    once = cache(forms)

    @wraps(forms)
    def values(net, name, given):
        found = once(net, name)
        return either(given, *found) if isinstance(found, list) else found

    IN_DELTA.append(values)
    return values


def follows_from(found: dict, net: Net) -> dict[str, np.ndarray]:
    """The gradients of W and b that follow from the slip in δ that a gradient of U shows."""
    right = {f"d{name}": net.right[name] for name in "UWb"}
    du = np.asarray(found["dU"], float)
    if du.shape != right["dU"].shape or not du.any():
        return right
    times = np.sum(du * right["dU"]) / np.sum(right["dU"] ** 2)
    if matches(du, times * right["dU"]):  # δ is off by a factor
        return {name: times * gradient for name, gradient in right.items()}
    for values in IN_DELTA:
        if matches(du, values(net, "U", du)):
            return {f"d{name}": values(net, name, found.get(f"d{name}")) for name in "UWb"}
    return right


@bptt.mistake(
    "This is the gradient of the chapter's net, in which nothing of the old state stays.",
    "Bring the leak a into both directions: (1 − a) h_{t−1} + a tanh(z_t) on the way forward.",
)
def leak_ignored(net, name, given):
    plain = net.others["plain"]
    return either(given, plain.right[name], plain.others["h0"].right[name])


@bptt.mistake(
    "What stays of a state and what is new are exchanged.",
    "a goes with tanh(z_t), and 1 − a with h_{t−1}.",
)
@in_delta
def leak_exchanged(net, name):
    return net.others["exchanged"].right[name]


@bptt.mistake(
    "There are two ways from h_t back to h_{t−1}; only that through tanh is taken.",
    "Besides δ_t Wᵀ send (1 − a) times all that arrived at h_t back, past tanh.",
)
@in_delta
def leak_not_carried(net, name):
    return net.gradient(name, net.walk(kept=lambda own, carry, delta: 0.0))


@bptt.mistake(
    "On the way back past tanh goes what has been through tanh.",
    "(1 − a) times what arrived at h_t, before the slope is multiplied in.",
)
@in_delta
def delta_kept(net, name):
    return net.gradient(name, net.walk(kept=lambda own, carry, delta: (1 - net.leak) * delta))


@bptt.mistake(
    "δ_t = ∂L/∂z_t lacks a factor that the forward pass has between z_t and h_t.",
    "h_t holds a tanh(z_t): multiply δ_t by a.",
)
@in_delta
def leak_forgotten(net, name):
    return net.gradient(name, net.walk(mix=lambda *of: through_tanh(*of) / net.leak))


@bptt.mistake(
    "1 − h_t² is the slope where h_t is what comes out of tanh. Here h_t is a mixture.",
    "Keep tanh(z_t) itself on the way forward, and take 1 − tanh(z_t)².",
)
@in_delta
def slope_of_state(net, name):
    return net.gradient(name, net.walk(z=np.arctanh(net.h[1:])))


@bptt.mistake(
    "On the way back this is the chapter's net, or partly so. More than one thing is different"
    " there when something of the old state stays.",
    "There are three: δ_t has the factor a; the slope is 1 − tanh(z_t)², and not 1 − h_t²; and"
    " 1 − a of all that arrived at h_t goes back past tanh, besides δ_t Wᵀ.",
)
def chapters_way_back(net, name, given):
    plain = {"mix": lambda *of: through_tanh(*of) / net.leak}
    state, past = {"z": np.arctanh(net.h[1:])}, {"kept": lambda own, carry, delta: 0.0}
    delta = {"kept": lambda own, carry, delta: (1 - net.leak) * delta}
    forms = [state | past, plain | state | past, plain | past, plain | state, state | delta]
    return either(given, *(net.gradient(name, net.walk(**form)) for form in forms))


@bptt.mistake(
    "On the way back past tanh goes a part only of what arrived at h_t.",
    "What arrived is its own ∂L_t/∂h_t and the carry together: (1 − a) times the sum goes back.",
)
@in_delta
def part_kept(net, name):
    forms = (
        lambda own, carry, delta: (1 - net.leak) * carry,
        lambda own, carry, delta: (1 - net.leak) * own,
    )
    return [net.gradient(name, net.walk(kept=form)) for form in forms]


@bptt.mistake(
    "a, or 1 − a, is there once more than on the way forward.",
    "δ_t has the factor a once; what goes back through W is δ_t Wᵀ, and what goes past tanh 1 − a"
    " times what arrived.",
)
@in_delta
def leak_twice(net, name):
    w = net.parameters["W"]
    walks = [net.walk(mix=lambda *of: net.leak * through_tanh(*of))]
    walks += [net.walk(back=factor * w) for factor in (net.leak, 1 - net.leak)]
    return [net.gradient(name, walk) for walk in walks]


@bptt.mistake(
    "The leak is another one on the way back than on the way forward.",
    "In both directions a goes with tanh, and 1 − a past it.",
)
@in_delta
def two_leaks(net, name):
    forms = []
    for other in (net.others["plain"], net.others["exchanged"], net):
        forward = other.h, other.z, other.own  # worked out with its own leak
        mixed = copy(other)
        mixed.leak = 1 - net.leak if other is net else net.leak
        forms.append(mixed.gradient(name, mixed.walk(forward[2], forward[1][1:])))
    return forms


@bptt.mistake(
    "What came out of tanh is compared with the targets. What is it that the loss looks at?",
    "The loss looks at the state h_t, the mixture: h_t − y_t.",
)
@in_delta
def error_of_tanh(net, name):
    new = np.tanh(net.z[1:])
    own = slope(lambda h: sum(net.losses(h, net.parameters)), new)
    return net.gradient(name, net.walk(own))


@bptt.mistake(
    "What goes back through W has not been through the slope of tanh.",
    "It is δ_t Wᵀ, and δ_t has the slope in it.",
)
@in_delta
def carry_unbent(net, name):
    def kept(own, carry, delta):
        arrived, w = own + carry, net.parameters["W"]
        return (1 - net.leak) * arrived + sent_back(net.leak * arrived - delta, w)

    return net.gradient(name, net.walk(kept=kept))


@bptt.mistake(
    "dW is made with what came out of tanh before, and not with the state.",
    "What W multiplied in step t was h_{t−1}, the mixture.",
)
def tanh_for_state(net, name, _):
    if name != "W":
        return None
    before = np.concatenate([net.h[:1], np.tanh(net.z[1:-1])])
    return net.gradient(name, net.deltas, inputs=before)


@bptt.mistake(*NOT_TRANSPOSED)
@in_delta
def not_transposed(net, name):
    return net.gradient(name, net.walk(back=net.parameters["W"].T))


@bptt.mistake(*H_CURRENT)
def h_current(net, name, _):
    return net.gradient(name, net.deltas, inputs=net.h[1:]) if name == "W" else None


@bptt.mistake(*AVERAGED)
def averaged(net, name, _):
    return net.right[name] / net.steps


@bptt.mistake(*CARRY_DROPPED)
@in_delta
def carry_dropped(net, name):
    return net.gradient(name, np.einsum("tt...->t...", net.terms))


@bptt.mistake(
    "Two things at once: what comes back from step t + 1 is not added to ∂L_t/∂h_t, and the slope"
    f" is not that of tanh at z_t. {DOUBLE}",
    "First add the two, then multiply the sum by a (1 − tanh(z_t)²).",
)
@in_delta
def carry_and_slope(net, name):
    mixes = [lambda own, carry, z: own, *(alone(mix) for mix in OTHER_SLOPES)]
    walks = [net.walk(mix=mix) for mix in mixes]
    others = (np.tanh(net.z[1:]), net.z[:-1], np.arctanh(net.h[1:]), np.arctanh(net.h[:-1]))
    walks += [net.walk(mix=alone(through_tanh), z=z) for z in others]
    return [net.gradient(name, walk) for walk in walks]


def alone(mix: Callable) -> Callable:
    """``mix`` without what comes back from later steps."""
    return lambda own, carry, z: mix(own, 0 * own, z)


@bptt.mistake(
    "Only the last step's part is in it. The parameters act in all T steps.",
    "Add the parts of the steps: +=.",
)
def last_step(net, name, _):
    return net.gradient(name, net.deltas, steps=slice(-1, None))


@bptt.mistake(
    "Only the first step's part is left: each step replaces what the later ones gave.",
    "Add, with += in place of =.",
)
def overwritten(net, name, _):
    return net.gradient(name, net.deltas, steps=slice(1))


@bptt.mistake(*FIRST_LOST)
def first_lost(net, name, _):
    return net.gradient(name, net.deltas, steps=slice(1, None))


@bptt.mistake(*LAST_LOST)
@in_delta
def last_lost(net, name):
    return net.gradient(name, net.terms[:-1].sum(axis=0))


@bptt.mistake(*H0_IGNORED)
@in_delta
def h0_ignored(net, name):
    return net.others["h0"].right[name]


@bptt.mistake(*BIAS_FORGOTTEN)
@in_delta
def bias_forgotten(net, name):
    return net.others["b"].right[name]


@bptt.mistake(*SHIFTED)
@in_delta
def shifted(net, name):
    return [net.gradient(name, net.walk(own)) for own in net.shifted]


@bptt.mistake(
    f"Only the loss of the last step comes back. Every step has a loss. {DOUBLE}",
    "At each step add its own ∂L_t/∂h_t to what arrives from step t + 1.",
)
@in_delta
def local_dropped(net, name):
    return net.gradient(name, net.terms[-1])


@bptt.mistake(
    "U's and W's rules are mixed up, or the two results.",
    "U multiplied x_t, W multiplied h_{t−1}.",
)
def other_rule(net, name, _):
    if name == "b" or net.parameters["U"].shape != net.parameters["W"].shape:
        return None
    return net.gradient(name, net.deltas, inputs={"U": net.h[:-1], "W": net.x}[name])


@bptt.mistake(
    "The input is that of another step: at −1, Python counts from the end.",
    "Step t, counted from 0, read X[t], and H[t] came into it if H[0] is h0.",
)
def other_step(net, name, _):
    last_first = np.concatenate([net.h[-1:], net.h[:-2]])
    inputs = {"U": np.roll(net.x, 1, axis=0), "W": last_first}.get(name)
    return None if inputs is None else net.gradient(name, net.deltas, inputs)


@bptt.mistake(*PHI_FORGOTTEN)
@in_delta
def phi_forgotten(net, name):
    return net.gradient(name, net.walk(mix=lambda own, carry, z: own + carry))


@bptt.mistake(
    "The slope multiplies the step's own ∂L_t/∂h_t only.",
    "First add what comes back from step t + 1, then multiply the sum by the slope.",
)
@in_delta
def phi_not_carried(net, name):
    return net.gradient(name, net.walk(mix=lambda own, carry, z: own * slope_of_tanh(z) + carry))


@bptt.mistake(
    "The slope multiplies what comes back from step t + 1 only.",
    "First add the step's own ∂L_t/∂h_t, then multiply the sum by the slope.",
)
@in_delta
def phi_carried_only(net, name):
    return net.gradient(name, net.walk(mix=lambda own, carry, z: own + carry * slope_of_tanh(z)))


@bptt.mistake(*PHI_AT_ACTIVATION)
@in_delta
def phi_at_activation(net, name):
    places = np.tanh(net.z[1:]), net.h[1:]
    return [net.gradient(name, net.walk(z=place)) for place in places]


@bptt.mistake(*PHI_PREVIOUS)
@in_delta
def phi_previous(net, name):
    places = net.z[:-1], np.arctanh(net.h[:-1]), np.roll(net.z[1:], 1, axis=0)
    return [net.gradient(name, net.walk(z=place)) for place in places]


@bptt.mistake(*PHI_OTHER)
@in_delta
def phi_other(net, name):
    walks = [net.walk(mix=mix) for mix in OTHER_SLOPES]
    walks += [net.walk(z=np.arctanh(net.leak * np.tanh(net.z[1:])))]
    return [net.gradient(name, walk) for walk in walks]


@bptt.mistake(*WEIGHTS_FORGOTTEN)
@in_delta
def weights_forgotten(net, name):
    return net.gradient(name, net.walk(back=np.eye(len(net.parameters["W"]))))


@bptt.mistake(
    "It is divided by more than the number of sequences, as np.mean does.",
    "Divide by n alone: the mean of L_t does not run over the units.",
)
def all_entries(net, name, _):
    return net.right[name] / len(net.parameters["W"])


@bptt.mistake(*OVER_STEPS)
def over_steps(net, name, _):
    n = len(net.h0)
    return net.right[name] * n / net.steps if n > 1 else None


@bptt.mistake(
    "The 1/n is taken at every step anew: what comes back from step t + 1 has it already.",
    "Divide the step's own ∂L_t/∂h_t by n, and nothing else.",
)
@in_delta
def n_each_step(net, name):
    n = len(net.h0)
    return net.gradient(name, net.walk(mix=lambda own, carry, z: through_tanh(own, carry / n, z)))


@bptt.mistake(
    "All that came to step t + 1 goes on to step t, besides what went through its tanh.",
    "Of what arrived, 1 − a goes back past tanh; the carry is made anew in each step.",
)
@in_delta
def carry_kept(net, name):
    forms = (
        lambda own, carry, delta: own + carry,
        lambda own, carry, delta: (1 - net.leak) * (own + carry) + carry,
    )
    return [net.gradient(name, net.walk(kept=form)) for form in forms]


@bptt.mistake(
    "The loop goes forwards. What comes back begins at the last step.",
    "Go through reversed(range(T)).",
)
@in_delta
def forwards(net, name):
    return net.gradient(name, net.walk(order=1))
