"""Repair: what to keep and what to reset, from window to window of a stream."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from backpass.checks.attempt import Attempt
from backpass.checks.bptt._inputs import (
    PHI_FORGOTTEN,
    PHI_PREVIOUS,
    SHIFTED,
    either,
)
from backpass.checks.errors import NotAttempted, Wrong
from backpass.checks.exercise import exercise
from backpass.gradcheck import diagnose, slope, vjp


@dataclass(frozen=True, eq=False)
class Stream:
    """Inputs ``x`` and targets ``y``, (T,), and a unit h_t = tanh(u x_t + w h_{t−1}) that is
    trained on them, from u and w on, at this rate.
    """

    x: np.ndarray
    y: np.ndarray
    u: float
    w: float
    rate: float

    @property
    def args(self) -> list:
        """What the learner's function is called with, but for K."""
        return [self.x, self.y, self.u, self.w, self.rate]

    def run(self, parameters: dict, h: np.ndarray, start: int, end: int) -> tuple[list, list]:
        """From the state ``h`` at ``start`` to ``end``: the states, ``h`` first, and the losses."""
        hs = [h]
        for x in self.x[start:end]:
            hs.append(np.tanh(parameters["u"] * x + parameters["w"] * hs[-1]))
        return hs, [(s - y) ** 2 / 2 for s, y in zip(hs[1:], self.y[start:end], strict=True)]


@cache
def trained(
    stream: Stream,
    k: int,
    *,
    state: str = "carried",
    keep: int = 0,
    carrying: int = 0,
    cut: bool = True,
    average: bool = False,
    every: bool = True,
    times: float = 1,
    to: int | None = None,
) -> dict[str, np.ndarray]:
    """Train on windows of k steps: u and w after it, and the losses, (T,), by name.

    At the start of a window the state is ``"carried"`` over, ``"reset"`` to zero or
    ``"recomputed"`` from the start; the gradients start from ``keep`` times those so far, and
    the carry from ``carrying`` times what came back to the start of the window before. The
    gradient is ``cut`` there or goes back to step 1. It is the ``average`` over the window or
    the sum; the parameters move after ``every`` window or at the end, by so many ``times`` the
    rate. The stream ends with the step ``to``.
    """
    to = len(stream.x) if to is None else to
    parameters = {"u": np.array(stream.u), "w": np.array(stream.w)}
    so_far, losses, carry, h = {"u": 0, "w": 0}, [], 0.0, np.array(0.0)
    for start in range(0, to, k):
        end = min(start + k, to)
        if state == "recomputed":
            h = stream.run(parameters, np.array(0.0), 0, start)[0][-1]
        h = 0 * h if state == "reset" else h

        def loss(p, start=start, end=end, carry=carry):
            begin = (p["h"], start) if cut else (0 * p["h"], 0)
            hs, found = stream.run(p, *begin, end)
            return sum(found[start - end :]) + carry * hs[-1]

        gradient = slope(loss, parameters | {"h": h})
        carry = carrying * float(gradient["h"])
        so_far = {name: keep * so_far[name] + gradient[name] for name in parameters}
        hs, found = stream.run(parameters, h, start, end)
        h, losses = hs[-1], losses + found
        if every or end == to:
            rate = times * stream.rate / (end - start if average else 1)
            parameters = {name: parameters[name] - rate * so_far[name] for name in parameters}
    return parameters | {"losses": np.array(losses)}


def walked(
    stream: Stream,
    k: int,
    *,
    handed: int = -1,
    pre: Callable = lambda z, before, after: z,
    inputs: Callable = lambda before, after: before,
    back: Callable = lambda delta, w: delta * w,
    add: bool = True,
    error: Callable = lambda before, after, y: after - y,
    move: bool = False,
    anew: bool = True,
) -> dict[str, np.ndarray]:
    """:func:`trained` by walking back through each window, with something changed on the way.

    The state ``handed`` on, of those of a window with the one that came in; of each step, from
    the state ``before`` to that ``after`` it, ``pre`` is where the slope of tanh is taken, None
    for a slope of 1, ``inputs`` what w multiplied, ``error`` what the step's loss sends;
    ``back`` what goes on to the step before. Unless the steps ``add`` up each replaces the others.
    With ``move`` the parameters move at every step of the way. Unless ``anew`` the states of a
    window are sought at the beginning of the stream.
    """
    u, w, h, losses, so_far = stream.u, stream.w, np.array(0.0), [], [np.array(0.0)]
    for start in range(0, len(stream.x), k):
        end = min(start + k, len(stream.x))
        hs, found = stream.run({"u": u, "w": w}, h, start, end)
        zs = [u * x + w * before for x, before in zip(stream.x[start:end], hs, strict=False)]
        h, carry, du, dw = hs[handed], 0.0, 0.0, 0.0
        if not anew:
            so_far += hs[1:]
            hs, zs = so_far, [np.arctanh(state) for state in so_far[1:]]
            found = [(a - y) ** 2 / 2 for a, y in zip(hs[1:], stream.y[start:end], strict=False)]
        losses += found
        for i in reversed(range(end - start)):
            before, after = hs[i], hs[i + 1]
            v, at = error(before, after, stream.y[start + i]) + carry, pre(zs[i], before, after)
            delta = v if at is None else vjp(v, np.tanh, at)
            du, dw = add * du, add * dw
            du, dw = du + delta * stream.x[start + i], dw + delta * inputs(before, after)
            if move:
                u, w, du, dw = u - stream.rate * du, w - stream.rate * dw, 0.0, 0.0
            carry = back(delta, w)
        u, w = u - stream.rate * du, w - stream.rate * dw
    return {"u": np.array(u), "w": np.array(w), "losses": np.array(losses)}


FIRST = Stream(
    np.array([0.9, -0.4, 0.7, 0.3, -0.8, 0.5, -0.6]),
    np.array([0.2, 0.6, -0.5, 0.4, 0.1, -0.7, 0.3]),
    u=0.8,
    w=0.6,
    rate=0.3,
)
#: Another, at a rate and from weights far from those.
OTHER = Stream(
    np.array([-0.7, 0.8, 0.5, -0.9, 0.6]),
    np.array([0.4, -0.6, 0.8, 0.3, -0.2]),
    u=-0.5,
    w=1.4,
    rate=0.06,
)


@exercise(
    "Repair: what to keep and what to reset",
    section="Section: “Updating online”.",
    points=3,
    kind="repair",
    exact=True,
)
def repair_windows(attempt):
    slips, where = slips_left(attempt)
    if slips:
        attempt.repair(slips, 2, where=where)
        return
    for label, cases, weight in [
        ("windows of one", [(1, FIRST), (1, OTHER)], 1),
        ("longer windows", [(3, FIRST), (2, OTHER), (2, FIRST), (8, FIRST)], 2),
    ]:
        with attempt.part(label, weight=weight) as part:
            for k, stream in part.each(cases, "K = {0}, T = {1.x.size}, rate = {1.rate}"):
                right = trained(stream, k)
                of = {"of": lambda *of, k=k, stream=stream: (stream, k, *of)}
                part.outputs([*stream.args, k], right, **of)


def slips_left(attempt: Attempt) -> tuple[tuple[str, ...], str]:
    """Which of the two slips are in the loop still, if it has no others, those to be told first
    first; and where they show.
    """
    sets = {("reset", "not-zeroed"): {"state": "reset", "keep": 1},
            ("reset",): {"state": "reset"}, ("not-zeroed",): {"keep": 1}}  # fmt: skip
    given = {}
    try:
        for stream, k in ((FIRST, 1), (FIRST, 3), (FIRST, 2), (OTHER, 2)):
            args, outputs = [*stream.args, k], trained(stream, k)
            given[stream, k] = attempt.call(*args, outputs=outputs)
    except NotAttempted:
        raise
    except Wrong:  # it is told in the parts
        return (), ""
    for slips, changes in sets.items():
        wrong = {case: trained(*case, **changes).values() for case in given}
        if all(all(map(diagnose, values, wrong[case])) for case, values in given.items()):
            return slips, shown_at(given[FIRST, 3][2])
    return (), ""


def shown_at(losses: np.ndarray) -> str:
    """Where the losses of a run with windows of three steps leave those that are right."""
    off = np.flatnonzero(~np.isclose(losses, trained(FIRST, 3)["losses"], rtol=1e-9))
    window = int(off[0]) // 3 + 1
    return (
        f"With K = 3 and T = 7 all is right up to step {off[0]}; from step {off[0] + 1} on, in the"
        f" {('first', 'second', 'last')[window - 1]} window, the losses are off, and u and w after"
        " it."
    )


@repair_windows.mistake(
    "Something that goes on from window to window begins anew in each: the net forgets"
    " what it has read. Section: “What truncation drops”.",
    "Truncation cuts the gradient, not the state: begin a window from the last state of"
    " the one before.",
)
def reset(stream, k, name, _):
    return trained(stream, k, state="reset")[name]


@repair_windows.mistake(
    "Something that belongs to one window's step is still there in the next: those steps"
    " have been taken.",
    "Set du and dw to zero at the start of each window.",
)
def not_zeroed(stream, k, name, _):
    return trained(stream, k, keep=1)[name]


@repair_windows.mistake(
    "What comes back at the start of a window goes on in another window, which is not"
    " before it. Section: “What truncation drops”.",
    "The gradient is cut there: let each backward pass begin with carry = 0.",
)
def carry_kept(stream, k, name, _):
    return trained(stream, k, carrying=1)[name]


@repair_windows.mistake(
    "The state that comes in is computed again, with the new weights.",
    "Online it stays as it was computed, with the weights of the time: hand the number on.",
)
def recomputed(stream, k, name, _):
    return trained(stream, k, state="recomputed")[name]


@repair_windows.mistake(
    "The gradient goes back beyond the window, to the start. Section: “What truncation drops”.",
    "It ends at the window's first step; take the state that came in as a number.",
)
def not_cut(stream, k, name, _):
    return trained(stream, k, state="recomputed", cut=False)[name]


@repair_windows.mistake(
    "The gradient is divided by the length of the window; the loss is a sum.",
    "Divide by nothing.",
)
def averaged(stream, k, name, _):
    return trained(stream, k, average=True)[name]


@repair_windows.mistake(
    "The parameters move once, at the end.",
    "They move after each window.",
)
def one_step(stream, k, name, _):
    return trained(stream, k, keep=1, every=False)[name]


@repair_windows.mistake(
    "The steps go *up* the gradient.",
    "u and w move against it, minus the rate times du and dw.",
)
def ascent(stream, k, name, _):
    return trained(stream, k, times=-1)[name]


@repair_windows.mistake(
    "The steps are of another length than they should be: twice or half as long, or of a rate that"
    " was typed in.",
    "Take the rate as it is given, and h_t − y_t for the error, without a 2.",
)
def other_rate(stream, k, name, given):
    typed = [rate / stream.rate for rate in (0.2, 0.3, 0.1) if rate != stream.rate]
    return either(given, *(trained(stream, k, times=times)[name] for times in (2, 0.5, *typed)))


@repair_windows.mistake(
    "u and w never move.",
    "After each window take rate · du from u, and rate · dw from w.",
)
def unmoved(stream, k, name, _):
    return trained(stream, k, times=0)[name]


@repair_windows.mistake(
    "The parameters move after every single step.",
    "They move once a window, when its gradient is whole.",
)
def every_step(stream, k, name, given):
    return (
        either(given, trained(stream, 1)[name], walked(stream, k, move=True)[name])
        if k > 1
        else None
    )


@repair_windows.mistake(
    "The last window is missing where it is shorter than K.",
    "range(0, len(x), K) has its start too.",
)
def last_window_lost(stream, k, name, _):
    return (
        trained(stream, k, to=len(stream.x) // k * k)[name]
        if len(stream.x) % k and k < len(stream.x)
        else None
    )


@repair_windows.mistake(
    "Another state is handed on than the one that the window ends with.",
    "Hand on the window's last one, hs[−1].",
)
def other_state(stream, k, name, given):
    if k == 1:
        return None
    return either(given, *(walked(stream, k, handed=place)[name] for place in (1, -2)))


@repair_windows.mistake(
    "The list of states grows through the whole stream, but hs[t] is looked up as if it began with"
    " the window: from the second on these are states of the first.",
    "Begin each window with a list of its own, whose first state is the last one of the window"
    " before.",
)
def never_cut(stream, k, name, _):
    if k >= len(stream.x) or (k == 1 and name == "w"):  # there w stays, as after a reset
        return None
    return walked(stream, k, anew=False)[name]


@repair_windows.mistake(
    "dw is made with the state that step t made.",
    "What w multiplied in step t was h_{t−1}.",
)
def h_current(stream, k, name, _):
    return walked(stream, k, inputs=lambda before, after: after)[name]


@repair_windows.mistake(*PHI_PREVIOUS)
def phi_previous(stream, k, name, _):
    return walked(stream, k, pre=lambda z, before, after: np.arctanh(before))[name]


@repair_windows.mistake(*PHI_FORGOTTEN)
def phi_forgotten(stream, k, name, _):
    return walked(stream, k, pre=lambda z, before, after: None)[name]


@repair_windows.mistake(*SHIFTED)
def shifted(stream, k, name, _):
    return walked(stream, k, error=lambda before, after, y: before - y)[name]


@repair_windows.mistake(
    "Within a window what comes back from step t + 1 is lost, or has not come through all"
    " that lies between.",
    "From step to step the carry is δ w.",
)
def carry_wrong(stream, k, name, given):
    if k == 1:
        return None
    return either(
        given,
        walked(stream, k, back=lambda delta, w: 0.0)[name],
        walked(stream, k, back=lambda delta, w: delta)[name],
    )


@repair_windows.mistake(
    "Within a window each step replaces what the others gave, or du and dw begin anew at each.",
    "Set them to zero once a window, before the loop back, and add in it, with +=.",
)
def overwritten(stream, k, name, _):
    return walked(stream, k, add=False)[name] if k > 1 else None


@repair_windows.mistake(
    "The losses are not those of the single steps, as they were on the way forward.",
    "One for each step: ½ (h_t − y_t)².",
)
def other_losses(stream, k, name, given):
    if name != "losses":
        return None
    right = trained(stream, k)[name]
    sums = np.array([right[i : i + k].sum() for i in range(0, len(stream.x), k)])
    return either(given, 2 * right, sums, sums.sum(), right[-1], right.mean(), right[::-1])
