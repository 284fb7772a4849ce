"""A backward pass over K steps, every S steps: both of the chapter's cuts, and all between."""

from collections.abc import Callable
from functools import cache

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
            (4, 3, Net(8, 2, 4, 4)),
            (5, 2, Net(8, 3, 2, 4)),
            (3, 2, Net(7, 4, 2, 3)),
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


#: Slips in a pass, or in how far it goes, which have nothing to do with S: they cost the points of
#: the first part alone.
ONCE = {
    "h-current", "not-transposed", "phi-previous", "phi-forgotten", "phi-not-carried",
    "phi-at-activation", "phi-other", "weights-forgotten", "divided", "one-too-many",
    "one-too-few", "carry-kept", "beyond-the-start", "newest-lost", "first-lost",
}  # fmt: skip


@exercise(
    "Credit over K steps, every S steps",
    section=DROPS,
    points=5,
    kind="implement",
    exact=True,
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
        after = ONCE.intersection(attempt.mistakes)
        after |= {"averaged-twice"} if "divided" in after else set()  # its name where n is 2
        with attempt.part(label, weight=weight) as part:
            for k, s, net in part.each(cases, "K = {}, S = {}, T = {.steps}"):
                times = kept(net.steps, k, s)
                right = {f"d{name}": summed(net, name, times) for name in "UWb"}
                args = [net.x, net.h, net.own, net.parameters["W"], k, s]

                def of(output, given, net=net, k=k, s=s):
                    return net, k, s, output.removeprefix("d"), given

                counts = {"steps": net.steps, "units": len(net.parameters["W"])}
                over = {"batch": len(net.h0), "counts": counts, "lengths": False, "after": after}
                part.outputs(args, right, of=of, **over)


def counted(sentence: str, fix: str) -> Callable:
    """Enter a mistake that counts each term so many times: ``times(t, i, steps, k, s)``, or a list
    of them if it has several forms.
    """

    def enter(times: Callable) -> Callable:
        @cache
        def forms(net, k, s, name):
            t, i = np.indices((net.steps, net.steps))
            wrong = times(t, i, net.steps, k, s)
            if wrong is None:
                return []
            several = wrong if isinstance(wrong, list) else [wrong]
            return [summed(net, name, form * (i <= t)) for form in several]

        def values(net, k, s, name, given):
            found = forms(net, k, s, name)
            return either(given, *found) if found else None

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
    "The last pass, where S does not divide T, goes back over another number of steps than K: over"
    " those that are left, or over K from another step than the newest.",
    "The last pass begins at step T, and goes back over K steps from there, as the others do.",
)
def last_pass_reach(t, i, steps, k, s):
    if not steps % s:
        return None
    left, right, begin = t >= steps // s * s, kept(steps, k, s), steps // s * s
    ends = (
        begin,
        begin + s - k,
        begin - k,
        steps - k + 1,
        0,
    )  # where it may end, if not as it should
    return [np.where(left, i >= end, right) for end in ends]


@counted(
    "The last pass carries other losses than those of the steps that are left.",
    "It carries those since the pass before: the others had theirs.",
)
def last_pass_losses(t, i, steps, k, s):
    if not steps % s:
        return None
    begin, in_it = steps // s * s, steps - 1 - i < k
    before = 1 * (kept(steps, k, s) & (t < begin))
    return [before + (in_it & (t >= other)) for other in (steps - s, steps - k, steps - 1)]


@counted(
    "Where S divides T there is one pass too many at the end, so that its losses count twice.",
    "Begin a last pass at step T only if steps are left since the pass before.",
)
def extra_pass(t, i, steps, k, s):
    if steps % s:
        return None
    right, in_it = 1 * kept(steps, k, s), steps - 1 - i < k
    return [right + (in_it & (t >= other)) for other in (steps - s, steps - 1, 0)]


@counted(
    "These are windows: a loss sees the steps of its own S only.",
    "A pass goes back over K steps, beyond the S whose losses it collects.",
)
def windows(t, i, steps, k, s):
    return None if k == s else t // s == i // s  # there the last pass alone is wrong


@counted(
    "These are windows of K steps, as in the chapter's `windows`, whatever S is.",
    "Begin a pass after every S steps, not after every K.",
)
def windows_of_k(t, i, steps, k, s):
    return None if k == s else t // k == i // k


@counted("K and S are exchanged.", "Passes begin every S steps, and go back over K.")
def exchanged(t, i, steps, k, s):
    return end_of_pass(t, k, steps) - i < s


@counted(
    "The last pass is missing: the losses of the last steps send nothing.",
    "Begin one more pass at step T, for the losses that are left.",
)
def last_pass_lost(t, i, steps, k, s):
    right = kept(steps, k, s)
    return [right & (t < end) for end in (steps // s * s, (steps - 1) // s * s)]


@counted(
    "A pass carries the loss of its newest step alone.",
    "It collects the losses of its S newest steps: each joins where the pass comes by.",
)
def newest_loss(t, i, steps, k, s):
    return (end_of_pass(t, s, steps) == t) & (t - i < k)


@counted(
    "A pass carries one loss too many, or one too few, at the far end of its S.",
    "Those of a pass that begins at step t are the losses of the steps t − S + 1, …, t.",
)
def other_losses(t, i, steps, k, s):
    right, first = kept(steps, k, s), t % s == 0
    next_pass = np.minimum(t // s * s + 2 * s, steps) - 1
    again = (t % s == s - 1) & (t < steps - 1) & (next_pass - i < k)
    return [right & ~first, right * 1 + again] if s > 1 else right * 1 + again  # one of 1 is all


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
    "K is counted from the oldest loss that a pass carries, and not from the newest.",
    "A pass that begins at step t goes through t, t − 1, …, t − K + 1.",
)
def from_the_oldest(t, i, steps, k, s):
    return [t // s * s - i < k, t // s * s - i <= k] if s > 1 else None


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
    ends = (t + s - 1) // s * s
    return [np.minimum(ends, steps - 1) - i < k, (ends < steps) & (ends - i < k)]


@credit.mistake(
    "A step before the first is visited: at −1, Python counts from the end.",
    "Stop at the first step if that is nearer than K.",
)
def beyond_the_start(net, k, s, name, given):
    forms = (walked(net, k, s, name, start=-net.steps, ahead=ahead) for ahead in (True, False))
    return either(given, *forms)


@credit.mistake(
    "What one pass would have sent further back goes into the next pass.",
    "Each pass begins with a carry of zero.",
)
def carry_kept(net, k, s, name, _):
    return walked(net, k, s, name, empty=False)


def walked(
    net: Net,
    k: int,
    s: int,
    name: str,
    start: int = 0,
    empty: bool = True,
    ahead: bool = True,
) -> np.ndarray:
    """The gradient of a parameter by going through the passes, down to the index ``start``.

    Unless ``empty`` the carry of one pass goes into the next. With ``ahead`` the slope of step i
    is found at H[i + 1], else at i of the T slopes: at −1 that is another.
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
            at_state = i < 0 and ahead
            slope = slope_of_tanh(np.arctanh(net.h[i + 1])) if at_state else slopes[i]
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


@credit.mistake(
    "The slope multiplies the step's own ∂L_t/∂h_t only.",
    "First add what comes back from step t + 1, then multiply the sum by the slope.",
)
def phi_not_carried(net, k, s, name, _):
    return changed(net, k, s, name, mix=lambda own, carry, z: own * slope_of_tanh(z) + carry)


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
