"""Every loss looks K steps back: the double sum, truncated."""

from collections.abc import Callable

import numpy as np

from backpass.checks.bptt._inputs import (
    AVERAGED,
    BIAS_FORGOTTEN,
    DROPS,
    FIRST_LOST,
    H0_IGNORED,
    H_CURRENT,
    LAST_LOST,
    NEWEST,
    NOT_TRANSPOSED,
    OTHER_SLOPES,
    OVER_STEPS,
    PHI_AT_ACTIVATION,
    PHI_FORGOTTEN,
    PHI_OTHER,
    PHI_PREVIOUS,
    SHIFTED,
    WEIGHTS_FORGOTTEN,
    Net,
    either,
)
from backpass.checks.exercise import exercise
from backpass.gradcheck import slope

PARTS = [  # label, weight, and each K with its net (T, n, d, m)
    ("K = 1", 1, [(1, Net(5, 3, 2, 4))]),
    ("K between 1 and T", 2, [(4, Net(7, 4, 2, 3)), (3, Net(8, 2, 2, 5)), (3, Net(5, 1, 4, 4))]),
    ("K = T and above", 1, [(4, Net(4, 5, 2, 3)), (9, Net(3, 4, 2, 5))]),
]


def summed(
    net: Net,
    keep: Callable,
    terms: np.ndarray | None = None,
    inputs: np.ndarray | None = None,
) -> np.ndarray:
    """The gradient of W, (m, m), from the terms for which ``keep(t, i)`` is true.

    t and i number the loss and the step from 0. ``terms`` (T, T, n, m) and ``inputs`` (T, n, m)
    are instead of the net's own.
    """
    kept = keep(*np.indices((net.steps, net.steps)))[..., None, None]
    terms = net.terms if terms is None else terms
    return net.gradient("W", np.sum(terms * kept, axis=0), inputs)


def truncated(net: Net, k: int, **instead: np.ndarray) -> np.ndarray:
    """The gradient of W that is asked for; or with other ``terms`` or ``inputs``."""
    return summed(net, lambda t, i: t - i < k, **instead)


def restarted(net: Net, spans: list[tuple[int, int]], first: np.ndarray) -> np.ndarray:
    """The gradient of W if for each of the ``spans``, from a step to a loss, the net is run anew.

    It begins from ``first`` at the first step and from a state of zero elsewhere.
    """

    def loss(w: np.ndarray) -> float:
        total = 0.0
        for start, t in spans:
            h = 0 * net.h0 if start else first
            for x in net.x[start : t + 1]:
                h = np.tanh(x @ net.parameters["U"] + h @ w + net.parameters["b"])
            total = total + np.sum((h - net.y[t]) ** 2) / 2 / len(h)
        return total

    return slope(loss, net.parameters["W"])


@exercise(
    "Every loss looks K steps back",
    section=DROPS,
    points=4,
    kind="implement",
    mistakes={
        "zeros": "K counts the step t itself, so that K = 1 keeps the term with k = t.",
        "summed": "Each L_t is the mean over the n sequences: divide by n.",
    },
)
def sliding(attempt):
    for label, weight, cases in PARTS:
        with attempt.part(label, weight=weight) as part:
            for k, net in part.each(cases, "K = {}, T = {.steps}"):
                value = part.call(*net.given, k)
                counts = {"steps": net.steps, "units": len(net.parameters["W"])}
                options = {"counts": counts, "lengths": False, "batch": len(net.h0)}
                part.expect(value, truncated(net, k), of=[net, k, value], **options)


@sliding.mistake("Only the loss of the last step is in it. Every step has a loss.")
def last_loss(net, k, _):
    return summed(net, lambda t, i: (t - i < k) & (t == net.steps - 1))


@sliding.mistake(
    "One step too many: K counts the step t itself, so the losses reach k = t, t − 1, …, t − K + 1."
)
def one_too_many(net, k, _):
    return truncated(net, k + 1)


@sliding.mistake("One step too few: K counts the step t itself, and K = 1 keeps k = t.")
def one_too_few(net, k, _):
    return truncated(net, k - 1) if k > 1 else None


@sliding.mistake("Nothing is cut: this is the whole gradient.")
def full(net, k, _):
    return summed(net, lambda t, i: t >= i)


@sliding.mistake("These are the terms that truncation drops; the ones with t − k < K are kept.")
def dropped(net, k, _):
    return summed(net, lambda t, i: t - i >= k) if k < net.steps else None


@sliding.mistake(
    f"The term with k = t is lost. Its product of ∂h/∂h is empty, which is 1. {NEWEST}"
)
def newest_lost(net, k, given):
    if k == 1:
        return None
    # Or each loss is sent to the step before it.
    early = net.walks(np.concatenate([net.own[1:], 0 * net.own[:1]]))
    early = np.concatenate([0 * early[:1], early[:-1]])
    forms = (summed(net, lambda t, i: (t > i) & (t - i < k), terms) for terms in (None, early))
    return either(given, *forms)


@sliding.mistake("Only the terms with t − k = K − 1 are in it, the furthest that are kept.")
def furthest_only(net, k, _):
    return summed(net, lambda t, i: t - i == k - 1) if k < net.steps else None


@sliding.mistake(
    "The first K − 1 losses are left out. They have fewer than K steps behind them; keep what there"
    " is."
)
def start_lost(net, k, _):
    if k >= net.steps:
        return None
    return summed(net, lambda t, i: (t - i < k) & (t >= k - 1))


@sliding.mistake(
    "The gradient is cut once, K steps before the end. Here every loss, also that of an early step,"
    " looks back K steps of its own."
)
def end_only(net, k, _):
    return summed(net, lambda t, i: i >= net.steps - k)


@sliding.mistake(
    "At every step all of the last K losses are sent back again, so that a loss comes back up to K"
    " times. Step t sends its own loss only; those before it had their turn."
)
def sent_again(net, k, _):
    return summed(net, lambda t, i: np.clip(np.minimum(i + k, net.steps) - t, 0, None))


@sliding.mistake(
    "These are windows: a loss sees only its own window, and so fewer than K steps unless it is the"
    " window's last."
)
def windows(net, k, _):
    return summed(net, lambda t, i: t // k == i // k)


@sliding.mistake(H_CURRENT)
def h_current(net, k, _):
    return truncated(net, k, inputs=net.h[1:])


@sliding.mistake(NOT_TRANSPOSED)
def not_transposed(net, k, _):
    return truncated(net, k, terms=net.walks(back=net.parameters["W"].T))


@sliding.mistake(AVERAGED)
def averaged(net, k, _):
    return truncated(net, k) / net.steps


@sliding.mistake(FIRST_LOST)
def first_lost(net, k, _):
    return summed(net, lambda t, i: (t - i < k) & (i > 0))


@sliding.mistake("The loss of the first step is missing: t runs from the first step to the last.")
def first_loss_lost(net, k, _):
    return summed(net, lambda t, i: (t - i < k) & (t > 0))


@sliding.mistake(LAST_LOST)
def last_lost(net, k, _):
    return summed(net, lambda t, i: (t - i < k) & (t < net.steps - 1))


@sliding.mistake(
    "The way back goes on before the first step: at −1, Python counts from the end. Stop at the"
    " first step if that is nearer than K."
)
def beyond_the_start(net, k, _):
    return net.by_steps(lambda t: range(t, t - k, -1)) if k <= net.steps else None


@sliding.mistake(PHI_PREVIOUS)
def phi_previous(net, k, _):
    return truncated(net, k, terms=net.walks(z=net.z[:-1]))


@sliding.mistake(PHI_FORGOTTEN)
def phi_forgotten(net, k, _):
    return truncated(net, k, terms=net.walks(mix=lambda own, carry, z: own + carry))


@sliding.mistake(PHI_AT_ACTIVATION)
def phi_at_activation(net, k, _):
    return truncated(net, k, terms=net.walks(z=net.h[1:]))


@sliding.mistake(PHI_OTHER)
def phi_other(net, k, given):
    return either(given, *(truncated(net, k, terms=net.walks(mix=mix)) for mix in OTHER_SLOPES))


@sliding.mistake(WEIGHTS_FORGOTTEN)
def weights_forgotten(net, k, _):
    return truncated(net, k, terms=net.walks(back=np.eye(len(net.parameters["W"]))))


@sliding.mistake(SHIFTED)
def shifted(net, k, given):
    return either(given, *(truncated(net, k, terms=net.walks(own)) for own in net.shifted))


@sliding.mistake(H0_IGNORED)
def h0_ignored(net, k, _):
    return truncated(net.zeroed["h0"], k)


@sliding.mistake(BIAS_FORGOTTEN)
def bias_forgotten(net, k, _):
    return truncated(net.zeroed["b"], k)


@sliding.mistake(OVER_STEPS)
def over_steps(net, k, _):
    n = len(net.h0)
    return truncated(net, k) * n / net.steps if n > 1 else None


@sliding.mistake(
    "Divided by all n·m entries, as np.mean does: the mean of L_t runs over the n sequences only."
)
def all_entries(net, k, _):
    return truncated(net, k) / len(net.parameters["W"])


@sliding.mistake("Divided by K. The terms are added, however many there are.")
def over_horizon(net, k, _):
    return truncated(net, k) / k if 1 < k < net.steps else None


@sliding.mistake(
    "The net is run anew from a state of zero for every K steps. Truncation cuts the gradient, not"
    " the state: h_{t−K} stays what the whole past has made of it."
)
def run_anew(net, k, given):
    if k >= net.steps:
        return None
    each = [(max(t - k + 1, 0), t) for t in range(net.steps)]
    blocks = [(start, t) for start in range(0, net.steps, k)
              for t in range(start, min(start + k, net.steps))]  # fmt: skip
    runs = ((spans, first) for spans in (each, blocks) for first in (net.h0, 0 * net.h0))
    forms = [restarted(net, spans, first) for spans, first in runs]
    return either(given, *(form for form in forms if form.any()))  # zeros are told as zeros


@sliding.mistake(
    "Only the terms with k = t are in it, whatever K is: what comes back to h_{t−1} has to go on to"
    " step t − 1, and so K steps back."
)
def newest_only(net, k, _):
    return truncated(net, 1) if k > 1 else None


@sliding.mistake(
    "The inner loop goes forwards, from the earliest of the K steps. What L_t sends begins at step"
    " t and goes back."
)
def forwards(net, k, _):
    return net.by_steps(lambda t: range(max(t - k + 1, 0), t + 1))
