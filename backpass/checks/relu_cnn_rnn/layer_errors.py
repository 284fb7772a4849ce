"""The gradients along all states of a chain of leaky ReLU layers."""

from itertools import pairwise

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.relu_cnn_rnn._chain import Chain
from backpass.checks.relu_cnn_rnn._inputs import ACTIVE, draw


def chain(seed: int, n: int, widths: tuple[int, ...], a: float) -> Chain:
    """A chain for n examples with layers of these widths."""
    x, g, *ws = draw(seed, (n, widths[0]), (n, widths[-1]), *pairwise(widths))
    return Chain(x, ws, g, a)


#: Of unequal widths a wrong mask often does not fit; of equal ones it does. In the first, units are
#: active that are not so with another f on the way forward.
CHAINS = {
    "three layers of widths 3, 4, 2, 5, a = 0.3": (chain(7, 6, (3, 4, 2, 5), 0.3), 2),
    "four layers of 3 units, a = 0": (chain(12, 7, (3, 3, 3, 3, 3), 0.0), 1),
}


#: Slips that show with a leak and without, and cost the first.
OF_BOTH_CHAINS = {
    "averaged",
    "before-activation",
    "g-forgotten",
    "inverted",
    "last-forgotten",
    "linear-forwards",
    "mask-forgotten",
    "sign-of-error",
}


@exercise(
    "Back through layers with a leak",
    section=ACTIVE,
    points=3,
    kind="implement",
    exact=True,
    mistakes={
        "shape": (
            "A gradient has the shape of what it is the gradient of.",
            "Each of the arrays has a row for each example and a column for each unit of its H.",
        ),
        "order": (
            "These are the right arrays, in another order.",
            "Give ∂L/∂X first and G last: insert at the front, or turn the list round.",
        ),
    },
)
def layer_errors(attempt):
    for label, (net, weight) in CHAINS.items():
        told = OF_BOTH_CHAINS.intersection(attempt.mistakes)  # of the first chain
        with attempt.part(label, weight=weight) as part:

            def of(name, given, net=net):
                return net, int(name.removeprefix("dH")), given

            part.outputs(net.args, net.right, of=of, after=told, batch=len(net.x))


@layer_errors.mistake(
    "The slope is 0 where the unit was not active, as in the chapter's ReLU. Here there is a leak.",
    "Let what comes back be multiplied by a there: np.where(Z > 0, 1, a).",
)
def leak_forgotten(net, i, _):
    return net.errors(lambda v, j: np.where(net.z[j] > 0, net.passed(v, net.z[j]), 0))[i]


def slopes_at(net: Chain, others: list[np.ndarray], i: int) -> np.ndarray | None:
    """The gradient along state i with the slopes at other numbers, None if these do not fit."""
    if any(other.shape != z.shape for other, z in zip(others, net.z, strict=True)):
        return None
    return net.errors(lambda v, j: net.passed(v, others[j]))[i]


OWN_SLOPES = (
    "What comes back to H_l passes by the slopes at Z_l = H_{l−1} W_l, of which H_l was made."
)


@layer_errors.mistake(
    "This is the chapter's net of ReLU, forward and back. Here there is a leak.",
    "Where Z ≤ 0 the unit gives a Z on the way forward, and lets a of what comes back through.",
)
def chapters_relu(net, i, _):
    return net.with_leak(0.0).errors()[i]


@layer_errors.mistake(
    "On the way forward the leak is missing: the slopes are those of a net with ReLU.",
    "Where Z ≤ 0 the unit gives a Z to the next layer.",
)
def leak_only_back(net, i, _):
    return slopes_at(net, net.with_leak(0.0).z, i)


@layer_errors.mistake(
    "On the way forward the activation is missing: the slopes are those of a linear net.",
    "Give the next layer Z where Z > 0, and a Z elsewhere.",
)
def linear_forwards(net, i, _):
    return slopes_at(net, net.with_leak(1.0).z, i)


@layer_errors.mistake(
    "Where a unit is active, the leak is added to the 1, on the way forward or on the way back.",
    "There f(z) is z and the slope 1; where it is not, a z and a.",
)
def leak_in_both(net, i, given):
    added = Chain(net.x, net.ws, net.g, net.a, above=1 + net.a)
    back = net.errors(lambda v, j: added.passed(v, net.z[j]))[i]
    return closest(given, added.errors()[i], slopes_at(net, added.z, i), back)


@layer_errors.mistake(
    "The slopes of a layer stand twice, or squared.",
    "What comes back goes through each leaky ReLU once.",
)
def slopes_twice(net, i, _):
    return net.errors(lambda v, j: net.passed(net.passed(v, net.z[j]), net.z[j]))[i]


@layer_errors.mistake(
    "G is not in it: ones arrive at the last state.", "Begin the way back with G as it is."
)
def g_forgotten(net, i, _):
    return Chain(net.x, net.ws, np.ones_like(net.g), net.a).errors()[i]


@layer_errors.mistake(
    "On the way back the layers' matrices, or their slopes, come in the order of the way forward.",
    "What is last on the way forward is first on the way back: turn both lists round.",
)
def not_turned_round(net, i, given):
    if len({w.shape for w in net.ws}) > 1:
        return None
    turned = Chain(net.x, net.ws[::-1], net.g, net.a)
    forms = [slopes_at(net, net.z[::-1], i)]
    forms += [slopes_at(turned, z, i) for z in (net.z, net.z[::-1])]
    return closest(given, *forms)


@layer_errors.mistake("The mask is that of the layer below.", OWN_SLOPES)
def layer_below(net, i, _):
    return slopes_at(net, [net.x, *net.z[:-1]], i)


@layer_errors.mistake("The mask is that of the layer above.", OWN_SLOPES)
def layer_above(net, i, _):
    return slopes_at(net, [*net.z[1:], net.z[-1]], i)


@layer_errors.mistake(
    "The slopes are missing: what comes back goes through all units alike.",
    "Multiply by 1 where Z > 0 and by a elsewhere, before the product with Wᵀ.",
)
def mask_forgotten(net, i, _):
    return net.errors(lambda v, j: v)[i]


@layer_errors.mistake(
    "The last layer's slopes are left out.",
    "G arrives at H_L, behind its leaky ReLU: it goes through that one too.",
)
def last_forgotten(net, i, _):
    last = len(net.ws) - 1
    return net.errors(lambda v, j: v if j == last else net.passed(v, net.z[j]))[i]


@layer_errors.mistake(
    "The slopes depend on the sign of what comes back.",
    "They depend on the unit's own Z, from the way forward.",
)
def sign_of_error(net, i, _):
    return net.errors(lambda v, j: net.passed(v, v))[i]


@layer_errors.mistake(
    "The mask is the wrong way round.",
    "The slope is 1 where Z > 0, and a elsewhere.",
)
def inverted(net, i, _):
    return net.errors(lambda v, j: net.passed(v, -net.z[j]))[i]


@layer_errors.mistake(
    "What comes back is multiplied by the unit's value. It is its slope that counts.",
    "Multiply by 1 where Z > 0 and by a elsewhere, not by H.",
)
def value_for_slope(net, i, _):
    return net.errors(lambda v, j: v * net.h[j + 1])[i]


@layer_errors.mistake(
    "W is not transposed on the way back.",
    "With H W on the way forward it is δ Wᵀ.",
)
def not_transposed(net, i, _):
    return net.errors(turned=False)[i]


@layer_errors.mistake(
    "These are the gradients along Z, before the leaky ReLU. Those along H are asked for.",
    "Put what comes back into the list before it is multiplied by the slopes.",
)
def before_activation(net, i, _):
    if not i:
        return None
    return net.passed(net.errors()[i], net.z[i - 1])


@layer_errors.mistake(
    "Divided by the number of examples.",
    "The mean, if there is one, is in G already: leave it out.",
)
def averaged(net, i, given):
    once, n = net.errors()[i] / len(net.x), len(net.x)
    return closest(given, once, net.errors(lambda v, j: net.passed(v, net.z[j]) / n)[i])
