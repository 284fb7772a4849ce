"""A backward pass over K steps, every S steps: both of the chapter's cuts, and all between."""

from collections.abc import Callable

import numpy as np

from backpass.checks.bptt._inputs import (
    DROPS,
    H_CURRENT,
    NEWEST,
    NOT_TRANSPOSED,
    OTHER_SLOPES,
    PHI_AT_ACTIVATION,
    PHI_FORGOTTEN,
    PHI_OTHER,
    PHI_PREVIOUS,
    WEIGHTS_FORGOTTEN,
    Net,
    either,
    sent_back,
    slope_of_tanh,
)
from backpass.checks.exercise import exercise

PARTS = [  # label, weight, and each K and S with its net (T, n, d, m)
    (
        "S = 1: every loss looks K steps back",
        1,
        [(3, 1, Net(6, 3, 2, 4)), (1, 1, Net(5, 4, 2, 3))],
    ),
    ("S = K: windows, up to the last pass", 1, [(3, 3, Net(7, 2, 4, 3))]),
    (
        "any S, and any K from S on",
        3,
        [
            (5, 2, Net(8, 3, 2, 4)),
            (3, 2, Net(7, 4, 2, 3)),
            (5, 3, Net(8, 2, 4, 4)),
            (4, 3, Net(4, 4, 2, 3)),
            (9, 1, Net(3, 3, 2, 4)),
        ],
    ),
]


def end_of_pass(t: np.ndarray, s: int, steps: int) -> np.ndarray:
    """The step at which the pass begins that the loss of step t is in; steps count from 0."""
    return np.minimum(t // s * s + s, steps) - 1


def kept(steps: int, k: int, s: int) -> np.ndarray:
    """Which terms are kept: True at [t, i] if the loss of step t reaches step i, (T, T)."""
    t, i = np.indices((steps, steps))
    return (i <= t) & (end_of_pass(t, s, steps) - i < k)


def summed(net: Net, name: str, times: np.ndarray, terms=None, inputs=None) -> np.ndarray:
    """The gradient of a parameter if each term, [t, i], is counted so many ``times``, (T, T).

    ``terms`` (T, T, n, m) and ``inputs`` (T, n, ·) are instead of the net's own.
    """
    terms = net.terms if terms is None else terms
    return net.gradient(name, np.sum(terms * times[..., None, None], axis=0), inputs)


@exercise(
    "Credit over K steps, every S steps",
    section=DROPS,
    points=5,
    kind="implement",
    mistakes={
        "zeros": (
            "Nothing is left. K counts the step itself at which a pass begins.",
            "The steps of a pass that begins at step t are t, t − 1, …, t − K + 1.",
        ),
        "unreduced": (
            "b has one number for each unit, whatever the number of sequences.",
            "Sum δ over the batch too: delta.sum(axis=0).",
        ),
    },
)
def credit(attempt):
    for label, weight, cases in PARTS:
        with attempt.part(label, weight=weight) as part:
            for k, s, net in part.each(cases, "K = {}, S = {}, T = {.steps}"):
                times = kept(net.steps, k, s)
                right = {f"d{name}": summed(net, name, times) for name in "UWb"}
                args = [net.x, net.h, net.own, net.parameters["W"], k, s]

                def of(output, given, net=net, k=k, s=s):
                    return net, k, s, output.removeprefix("d"), given

                counts = {"steps": net.steps, "units": len(net.parameters["W"])}
                part.outputs(args, right, of=of, batch=len(net.h0), counts=counts, lengths=False)


def counted(sentence: str, fix: str) -> Callable:
    """Enter a mistake that counts each term so many times: ``times(t, i, steps, k, s)``."""

    def enter(times: Callable) -> Callable:
        def values(net, k, s, name, given):
            t, i = np.indices((net.steps, net.steps))
            wrong = times(t, i, net.steps, k, s)
            return None if wrong is None else summed(net, name, wrong * (i <= t))

        values.__name__ = times.__name__
        return credit.mistake(sentence, fix)(values)

    return enter


@counted(
    "S makes no difference: each loss looks K steps back on its own, as in the chapter's"
    " `truncated`.",
    "One pass serves S losses: it begins at the newest of them, and its K steps are counted from"
    " there, for all of them.",
)
def s_ignored(t, i, steps, k, s):
    return t - i < k


@counted(
    "These are windows: a loss sees the steps of its own S only.",
    "A pass goes back over K steps, beyond the S whose losses it collects.",
)
def windows(t, i, steps, k, s):
    return t // s == i // s


@counted(
    "These are windows of K steps, as in the chapter's `windows`, whatever S is.",
    "Begin a pass after every S steps, not after every K.",
)
def windows_of_k(t, i, steps, k, s):
    return t // k == i // k


@counted("K and S are exchanged.", "Passes begin every S steps, and go back over K.")
def exchanged(t, i, steps, k, s):
    return end_of_pass(t, k, steps) - i < s


@counted(
    "The last pass is missing where S does not divide T: the last losses send nothing.",
    "Begin one more pass at step T, for the losses that are left.",
)
def last_pass_lost(t, i, steps, k, s):
    return (end_of_pass(t, s, steps) - i < k) & (t < steps // s * s)


@counted(
    "The losses that are left at the end, where S does not divide T, come back with the pass"
    " before, or their pass is counted from where it would have begun.",
    "The last pass begins at step T, and goes back over K steps from there.",
)
def last_pass_late(t, i, steps, k, s):
    return t // s * s + s - 1 - i < k


@counted(
    "A pass carries the loss of its newest step alone.",
    "It collects the losses of its S newest steps: each joins where the pass comes by.",
)
def newest_loss(t, i, steps, k, s):
    return (end_of_pass(t, s, steps) == t) & (t - i < k)


@counted(
    "A pass collects the losses of all steps that it comes by, so that a loss comes back several"
    " times.",
    "Only those of its S newest steps: the losses before them had their pass.",
)
def sent_again(t, i, steps, k, s):
    ends = [*range(s - 1, steps, s), *[steps - 1] * bool(steps % s)]
    return sum(((t <= end) & (end - i < k) & (end - t < k)).astype(int) for end in ends)


@counted(
    "There is one pass only, from the end.",
    "Begin a pass at step S, 2 S, 3 S and so on, and at T.",
)
def one_pass(t, i, steps, k, s):
    return (steps - 1 - i < k) * 1


@counted("Only the loss of the last step is in it.", "Every step has a loss: G[t].")
def last_loss(t, i, steps, k, s):
    return (t == steps - 1) & (end_of_pass(t, s, steps) - i < k)


@counted(
    "The passes go one step too far: K counts the step at which a pass begins.",
    "A pass that begins at step t goes through t, t − 1, …, t − K + 1.",
)
def one_too_many(t, i, steps, k, s):
    return end_of_pass(t, s, steps) - i <= k


@counted(
    "The passes end one step too early: K counts the step at which a pass begins.",
    "A pass that begins at step t goes through t, t − 1, …, t − K + 1, and K = 1 keeps t.",
)
def one_too_few(t, i, steps, k, s):
    return end_of_pass(t, s, steps) - i < k - 1


@counted("Nothing is cut: this is the whole gradient.", "End each pass after K steps.")
def full(t, i, steps, k, s):
    return t >= i


@counted(
    "These are the terms that truncation drops.",
    "Keep the steps that a pass comes to within K, its own first.",
)
def dropped(t, i, steps, k, s):
    return end_of_pass(t, s, steps) - i >= k


@counted(
    f"The term with k = t is lost: its product of ∂h/∂h is empty. {NEWEST}",
    "An empty product is 1: each loss gives credit to its own step too, without a W.",
)
def newest_lost(t, i, steps, k, s):
    return (t > i) & (end_of_pass(t, s, steps) - i < k)


@counted(
    "The first step never gets credit.",
    "Let a pass go down to the first step, index 0, if that is within K.",
)
def first_lost(t, i, steps, k, s):
    return (i > 0) & (end_of_pass(t, s, steps) - i < k)


@counted(
    "The passes that reach the start in fewer than K steps are left out.",
    "Such a pass ends at the first step; keep what there is.",
)
def start_lost(t, i, steps, k, s):
    ends = end_of_pass(t, s, steps)
    return (ends - i < k) & (ends >= k - 1) if k < steps else None


@counted(
    "The passes begin at another step of each S than the last.",
    "Counted from 0, the first pass begins at index S − 1: after S steps.",
)
def begun_early(t, i, steps, k, s):
    if s == 1:
        return None
    ends = np.minimum((t + s - 1) // s * s, steps - 1)
    return ends - i < k


@credit.mistake(
    "A step before the first is visited: at −1, Python counts from the end.",
    "Stop at the first step if that is nearer than K.",
)
def beyond_the_start(net, k, s, name, _):
    return walked(net, k, s, name, start=-net.steps)


@credit.mistake(
    "What one pass would have sent further back goes into the next pass.",
    "Each pass begins with a carry of zero.",
)
def carry_kept(net, k, s, name, _):
    return walked(net, k, s, name, empty=False)


def walked(net: Net, k: int, s: int, name: str, start: int = 0, empty: bool = True) -> np.ndarray:
    """The gradient of a parameter by going through the passes, down to the index ``start``.

    Unless ``empty`` the carry of one pass goes into the next.
    """
    deltas, inputs, carry = [], [], 0 * net.h0
    given = {"U": net.x, "W": net.h[:-1], "b": np.ones((*net.x.shape[:2], 1))}[name]
    slopes = slope_of_tanh(net.z[1:])
    for begin in range(0, net.steps, s):
        end = min(begin + s, net.steps) - 1
        carry = 0 * net.h0 if empty else carry
        for i in range(end, max(end - k, start - 1), -1):
            own = net.own[i] if i >= begin else 0
            # As in Python: after index 0 comes the last.
            slope = slopes[i] if i >= 0 else slope_of_tanh(np.arctanh(net.h[i + 1]))
            deltas.append((own + carry) * slope)
            inputs.append(given[i] if name != "W" or i >= 0 else net.h[i])
            carry = sent_back(deltas[-1], net.parameters["W"])
    return net.gradient(name, np.array(deltas), np.array(inputs))


def changed(net: Net, k: int, s: int, name: str, **changes) -> np.ndarray:
    """The gradient asked for, if something is changed on the way back: see :meth:`.Net.walk`."""
    return summed(net, name, kept(net.steps, k, s), terms=net.walks(**changes))


@credit.mistake(*H_CURRENT)
def h_current(net, k, s, name, _):
    if name != "W":
        return None
    return summed(net, name, kept(net.steps, k, s), inputs=net.h[1:])


@credit.mistake(*NOT_TRANSPOSED)
def not_transposed(net, k, s, name, _):
    return changed(net, k, s, name, back=net.parameters["W"].T)


@credit.mistake(*PHI_PREVIOUS)
def phi_previous(net, k, s, name, _):
    return changed(net, k, s, name, z=net.z[:-1])


@credit.mistake(*PHI_FORGOTTEN)
def phi_forgotten(net, k, s, name, _):
    return changed(net, k, s, name, mix=lambda own, carry, z: own + carry)


@credit.mistake(*PHI_AT_ACTIVATION)
def phi_at_activation(net, k, s, name, _):
    return changed(net, k, s, name, z=net.h[1:])


@credit.mistake(*PHI_OTHER)
def phi_other(net, k, s, name, given):
    return either(given, *(changed(net, k, s, name, mix=mix) for mix in OTHER_SLOPES))


@credit.mistake(*WEIGHTS_FORGOTTEN)
def weights_forgotten(net, k, s, name, _):
    return changed(net, k, s, name, back=np.eye(len(net.parameters["W"])))


@credit.mistake(
    "It is divided by the number of sequences, or of steps. G is ∂L_t/∂h_t, and has the 1/n.",
    "Divide by nothing: add what the steps and the sequences give.",
)
def divided(net, k, s, name, given):
    right = summed(net, name, kept(net.steps, k, s))
    return either(given, *(right / by for by in (len(net.h0), net.steps, k, s) if by > 2))


@credit.mistake(
    "Within a pass each step replaces what the others gave, or each pass what the passes before.",
    "Add, with += in place of =.",
)
def overwritten(net, k, s, name, given):
    begin = (net.steps - 1) // s * s
    t, i = np.indices((net.steps, net.steps))
    last = kept(net.steps, k, s) * (t >= begin)
    return either(given, summed(net, name, last), summed(net, name, last * (i == net.steps - 1)))
