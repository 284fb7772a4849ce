"""Delayed recall, learnt with one's own truncated gradient: why go back at all?"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from backpass.checks.attempt import Attempt
from backpass.checks.bptt._inputs import either
from backpass.checks.bptt._recall import Case, Change, bits, delayed, start
from backpass.checks.bptt.credit import kept
from backpass.checks.bptt.terms import Truncation
from backpass.checks.exercise import exercise
from backpass.checks.part import Part
from backpass.gradcheck import slope
from backpass.gradcheck.check import matches

#: Two cases, far from each other in all that is given; where ``credit`` says 0, and where it moves
#: U, W and b.
SIZES = [
    {"steps": 6, "n": 3, "m": 4, "lag": 2, "k": 4, "rate": 0.25},
    {"steps": 5, "n": 4, "m": 3, "lag": 1, "k": 2, "rate": 0.9},
]
STILL, MOVED = ([Case(times, **sizes) for sizes in SIZES] for times in (0.0, 0.2))
HERE = "lag = {0.lag}, rate = {0.rate}"
RIGHT = Change()

#: The task itself: the lag, the batches, the net and the rate, and where the losses should end.
LAG, BATCHES, NET, RATE = 4, bits(500, 10, 16), start(8, 0.3), 0.3
ABOVE, BELOW = 0.2, 0.05

#: What the mistakes in the loss itself change in a case, each in one form or several. What comes
#: after such a loss may be right for it.
IN_THE_LOSS: list[Callable[[Case], list[Change]]] = []

#: One way to do it otherwise, in each case: what is changed there.
Own = Callable[[Case], Change]


@exercise(
    "Learn to remember: why go back at all?",
    section="Section: “Delayed recall”.",
    points=6,
    kind="synthesis",
    mistakes={
        "reach": (
            "The function `credit` is not asked for the credit that is wanted: see what it is given"
            " for K and S.",
            "Every loss is to look K steps back on its own: pass K on, and S = 1.",
        ),
        "calls": (
            "The function `credit` that is passed in is to be asked once for each update.",
            "Call `credit`, the first argument, inside the loop over the batches.",
        ),
        "no-contrast": (
            "The curves do not end as they should: low with K = ℓ + 1 and high with K = 1.",
            "Mend the parts before first; then nothing is missing here.",
        ),
    },
)
def remember(attempt):
    own: list[Own] = [lambda case: RIGHT]  # what is done, as far as it is known
    values: list[object] = []
    done = []
    for case in STILL:
        case.credit.calls.clear()
    with attempt.part("the first loss") as part:
        values += [np.asarray(part.call(*case.given)) for case in STILL]
        if not alike(own, first_loss, firsts(values)):
            own = alike(own_losses(), first_loss, firsts(values)) or own
        for case, value in part.each(list(zip(STILL, values, strict=True)), HERE):
            right, several = case.losses(RIGHT), value.size == len(case.x)
            name = "first" if several else "losses"  # of something else only the shape is told
            given = np.ravel(value)[0] if several else value
            part.expect(given, right[0] if several else right, of=[case, name, given])
        done.append(1)
    with attempt.part("V and c learn, where credit says 0") as part:
        values = values or [part.call(*case.given) for case in STILL]
        learnt = alike(own, all_losses, values)
        own = learnt or alike(pulled(own), all_losses, values) or own
        if learnt and not done:
            part.right_for("your loss")
        elif not learnt:
            if not any(case.credit.calls for case in STILL):  # then it is not clear whose it is
                part.blame("calls", "`credit` was not called.")
            for case, value in part.each(list(zip(STILL, values, strict=True)), HERE):
                right = case.losses(RIGHT)
                part.expect(value, right, of=[case, "losses", value], batch=case.n, lengths=False)
        done.append(2)
    with attempt.part("what credit is asked for", weight=2) as part:
        for case in part.each(MOVED, HERE):
            expect_asked(part, case, own)
        done.append(3)
    with attempt.part("U, W and b move by what credit says") as part:
        for case in part.each(MOVED, HERE):
            expect_moved(part, case, own)
        done.append(4)
    with attempt.part("the whole task, with K = 1 and with K = ℓ + 1") as part:
        part.require(len(done) == 4, "It is tried when all before it is right.")
        curves = [curve(part, k) for k in (1, LAG + 1)]
        ends = [curve[-50:].mean() for curve in curves]
        if not ends[0] > ABOVE > BELOW > ends[1]:
            part.blame("no-contrast", f"They end at {ends[0]:.2g} and {ends[1]:.2g}.")
        compare(attempt, ends)


def first_loss(one: Own, case: Case) -> float:
    """The first loss, if it is done in this way."""
    return case.losses(one(case), 1)[0]


def all_losses(one: Own, case: Case) -> np.ndarray:
    """All losses, if it is done in this way, (updates,)."""
    return case.losses(one(case))


def curve(part: Part, k: int) -> np.ndarray:
    """The losses of the whole task with credit over k steps, if ``credit`` was asked for it."""
    truncation, calls = Truncation(kept), []

    def credit(X, H, G, W, K, S):  # the names of the sheet
        calls.append((K, S))
        return truncation(X, H, G, W, K, S)

    losses = np.ravel(part.call(credit, BATCHES, NET, LAG, k, RATE, repeat=False))
    if len(calls) != len(BATCHES):
        part.blame("calls", f"In {len(BATCHES)} updates it was called {len(calls)} times.")
    if set(calls) != {(k, 1)}:
        part.blame("reach", f"Called with K = {k}, it asks for other K or S now and then.")
    return losses


def firsts(values: Sequence[np.ndarray]) -> list[object]:
    """The first loss of each of the runs."""
    return [np.ravel(value)[0] if value.size else value for value in values]


def alike(owns: Sequence[Own], gives: Callable, values: Sequence) -> list[Own]:
    """Those of the ways that give these values in all cases where ``credit`` says 0."""
    return [
        one
        for one in owns
        if all(matches(value, gives(one, case)) for case, value in zip(STILL, values, strict=True))
    ]


def own_losses() -> list[Own]:
    """The ways to make the loss: the right one, then those of the mistakes; and whether or not its
    gradient follows a factor in it.
    """
    forms = [(changes, i) for changes in IN_THE_LOSS for i in range(len(changes(STILL[0])))]
    wrong = [lambda case, changes=changes, i=i: changes(case)[i] for changes, i in forms]
    unpulled = [lambda case, one=one: replace(one(case), pull=1) for one in wrong]
    return [lambda case: RIGHT, *wrong, *unpulled]


def pulled(owns: Sequence[Own]) -> list[Own]:
    """These ways with a gradient of the loss that is off by a factor."""
    return [
        lambda case, one=one, i=i: replace(one(case), pull=factors(case)[i])
        for one in owns
        for i in range(len(factors(STILL[0])))
    ]


def factors(case: Case) -> list[float]:
    """By which factors the gradient may be off: what it is divided by, forgotten or twice."""
    n, counted, steps = case.n, case.counted, case.steps
    return [n * counted, counted, n, counted / steps, n * counted / steps, 2, 0.5, 1 / n]


def called(part: Part, case: Case) -> list:
    """What ``credit`` was called with in the updates, one after the other."""
    case.credit.calls.clear()
    part.call(*case.given, repeat=False)
    calls = list(case.credit.calls)
    if len(calls) != len(case.x):
        part.blame("calls", f"In {len(case.x)} updates it was called {len(calls)} times.")
    return calls


def expect_asked(part: Part, case: Case, own: Sequence[Own]) -> None:
    """End the part unless ``credit`` was asked for the right thing in the first update, or what is
    right for the learner's own loss.
    """
    *arrays, k, s = called(part, case)[0]
    right, others = case.asked(RIGHT), [case.asked(one(case)) for one in own]
    here = list(part.here)
    for name, value in zip(right, arrays, strict=True):
        if not matches(value, right[name]) and any(matches(value, one[name]) for one in others):
            part.right_for("your loss")
            continue
        part.here = [*here, name]
        part.expect(value, right[name], of=[case, name, value], batch=case.n, lengths=False)
    part.here = here
    if (k, s) != (case.k, 1):
        part.blame("reach", f"Called with K = {case.k}, it asks for K = {k} and S = {s}.")


def expect_moved(part: Part, case: Case, own: Sequence[Own]) -> None:
    """End the part unless the second update has met the U, W and b that the first one made.

    They show in W and in the state at the end, whatever V and c have learnt meanwhile.
    """
    _, h, _, w, *_ = called(part, case)[1]
    right, others = case.second(RIGHT), [case.second(one(case)) for one in own]
    here = list(part.here)
    for name, value in (("W", w), ("the last state", h[-1] if h.ndim else h)):
        if not any(matches(value, one[name]) for one in others):
            part.here = [*here, f"in the second update, {name}"]
            part.expect(value, right[name], of=[case, f"second {name}", value], lengths=False)
    part.here = here


def compare(attempt: Attempt, ends: list[float]) -> None:
    """Tell how far the predictions were off, of the losses at the end."""
    guesses = attempt.prediction
    guesses = guesses if isinstance(guesses, tuple | list) else ()
    for k, end, guess in zip((1, LAG + 1), ends, guesses, strict=False):
        attempt.compare(f"The loss at the end of the check's run with K = {k}", float(end), guess)


def changed(sentence: str, fix: str, *, in_the_loss: bool = False) -> Callable:
    """Enter a mistake that trains otherwise, as ``changes(case)`` says, in one form or several."""

    def enter(changes: Callable[[Case], list[Change]]) -> Callable:
        changes = cache(changes)  # so that what comes of a change is known when it is asked again

        @cache
        def losses(case):
            return [case.losses(change) for change in changes(case)]

        def values(case, name, given):
            if name in ("first", "losses"):
                forms = [one[0] if name == "first" else one for one in losses(case)]
            elif name in ("H", "G") and in_the_loss:
                others = [one for one in changes(case) if replace(one, times=1) != RIGHT]
                forms = [case.asked(change)[name] for change in others]
            elif name.startswith("second"):
                what = name.removeprefix("second ")
                forms = [case.second(change)[what] for change in changes(case)]
            else:
                forms = []
            return either(given, *forms) if forms else None

        values.__name__ = changes.__name__
        IN_THE_LOSS.extend([changes] * in_the_loss)
        return remember.mistake(sentence, fix)(values)

    return enter


def at_lag(other: Callable) -> Callable:
    """:func:`delayed` with the target of another lag, in the same steps."""
    return lambda x, lag: (np.roll(x, other(lag), axis=0), delayed(x, lag)[1])


def in_steps(which: Callable, target: Callable = lambda x, lag: delayed(x, lag)[0]) -> Callable:
    """A loss at those steps that ``which(t, T, lag)`` chooses, with these targets, (T, n, 1)."""

    def wanted(x, lag):
        t = np.arange(len(x))
        return target(x, lag), which(t, len(x), lag)[:, None, None] * np.ones((len(x), 1, 1))

    return wanted


@changed(
    "The output of a step is compared with the input of another step than the one ℓ before it.",
    "o_t is compared with x_{t−ℓ}: O[lag:] with X[:-lag].",
    in_the_loss=True,
)
def other_lag(case):
    shifts = (lambda lag: lag + 1, lambda lag: lag - 1, lambda lag: 0, lambda lag: -lag)
    earlier = in_steps(lambda t, T, lag: t < T - lag, lambda x, lag: np.roll(x, -lag, axis=0))
    fewer = in_steps(lambda t, T, lag: t > lag, lambda x, lag: np.roll(x, lag + 1, axis=0))
    more = in_steps(lambda t, T, lag: t >= lag - 1, lambda x, lag: np.roll(x, lag - 1, axis=0))
    forms = [Change(target=at_lag(shift)) for shift in shifts] + [Change(target=earlier)]
    forms += [Change(target=fewer), Change(target=fewer, times=1 - 1 / case.counted)]
    return [*forms, Change(target=more), Change(target=more, times=1 + 1 / case.counted)]


@changed(
    "The first ℓ steps have a loss, too, though there is nothing to recall yet.",
    "Leave them out: their error is 0, and they are not counted.",
    in_the_loss=True,
)
def early_counted(case):
    def nothing(x, lag):
        return delayed(x, lag)[0] * delayed(x, lag)[1]

    every = [in_steps(lambda t, T, lag: t >= 0, target) for target in (
        nothing, lambda x, lag: delayed(x, lag)[0], lambda x, lag: x)]  # fmt: skip
    longer = case.steps / case.counted
    forms = [Change(target=target) for target in every]
    return forms + [replace(form, times=longer) for form in forms]


@changed(
    "The loss is off by a factor: it is half of a mean, over the sequences and the steps that have"
    " a loss.",
    "Divide the sum of the squares by 2 n (T − ℓ), and their derivative by n (T − ℓ).",
    in_the_loss=True,
)
def other_scale(case):
    n, counted, steps = case.n, case.counted, case.steps
    times = 2, n, counted, n * counted, counted / steps, 2 * n, 2 * counted, 2 * n * counted
    return [Change(times=factor) for factor in times]


@changed(
    "Only the last step has a loss. What the bits of the other steps ask for is lost.",
    "Every step from the (ℓ + 1)th on says the bit of ℓ steps ago.",
    in_the_loss=True,
)
def last_loss(case):
    last = Change(target=in_steps(lambda t, T, lag: t == T - 1))
    return [last, replace(last, times=1 / case.counted)]


@changed(
    "The net is another than that of the heading: b or c is missing, or a tanh is at the output, or"
    " the output is made of the state before the step.",
    "z_t = x_t U + h_{t−1} W + b, h_t = tanh z_t, and o_t = h_t V + c, without a tanh.",
    in_the_loss=True,
)
def other_net(case):
    return [
        Change(without="b"),
        Change(without="c"),
        Change(without="bc"),
        Change(out=np.tanh),
        Change(before=True),
    ]


@changed(
    "A batch begins from the state with which the one before it ended.",
    "The sequences of a batch are new ones: begin each from h_0 = 0.",
)
def state_carried(case):
    return [Change(carried=True)]


@changed(
    "The gradient of the loss is off by a factor: V and c take steps of another length.",
    "E = ∂L/∂O has the whole divisor of the loss: (o_t − x_{t−ℓ}) / (n (T − ℓ)), without the ½.",
)
def other_pull(case):
    return [Change(pull=factor) for factor in factors(case)]


@changed(
    "V and c do not both learn.",
    "Their gradients are Σ H[t + 1]ᵀ E[t] and Σ E[t]: take a step against both.",
)
def readout_fixed(case):
    return [Change(moves=moves) for moves in ("UWbc", "UWbV", "UWb")]


@changed(
    "V or c moves along something else than its gradient: is it added up over all steps and all"
    " sequences, and divided by nothing more?",
    "Their gradients are Σ H[t + 1]ᵀ E[t] and Σ E[t], with E = ∂L/∂O.",
)
def readout_part(case):
    def last(gradient, error, h):
        return {"V": seen(error()[-1:], h[-1:], gradient["V"]), "c": gradient["c"]}

    def last_of_both(gradient, error, h):
        return last(gradient, error, h) | {"c": error()[-1].sum(axis=0)}

    def divided(name, by):
        return lambda gradient, error, h: gradient | {name: gradient[name] / by}

    by = case.n * case.steps, case.n, case.steps, case.counted, case.n * case.counted
    forms = [divided(name, number) for name in "cV" for number in by]
    return [Change(taught=taught) for taught in (last, last_of_both, *forms)]


def seen(error: np.ndarray, h: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The gradient of ``v`` if at these errors it had met these states."""
    return slope(lambda v: np.sum(error * (h @ v)), v)


@changed(
    "V is taught with other states than those that it met.",
    "The output of a step is made of the state after it: H[t + 1]ᵀ E[t], if H[0] is h_0.",
)
def state_before(case):
    def taught(gradient, error, h):
        return gradient | {"V": seen(error(), h[:-1], gradient["V"])}

    return [Change(taught=taught)]


@changed(
    "One of U, W and b does not move by what credit says of it.",
    "credit returns dU, dW and db: take a step against each.",
)
def weights_fixed(case):
    if not case.credit.times:
        return []
    return [Change(moves=moves) for moves in ("WbVc", "UbVc", "UWVc", "bVc", "UVc", "WVc", "Vc")]


@remember.mistake(
    "What credit says is divided, or multiplied, before U, W and b take their step.",
    "It has all its factors: subtract rate times dU, dW and db as they are.",
)
def other_step(case, name, given):
    if name != "second W" or not case.credit.times:
        return None
    step = case.second(RIGHT)["W"] - case.p["W"]
    return either(given, *(case.p["W"] + step * factor for factor in factors(case)))


@changed(
    "Nothing moves, or the steps go up, or they are not as long as the rate says.",
    "Of each parameter subtract rate times its gradient, with the rate as it is given.",
)
def ascent(case):
    typed = [rate / case.rate for rate in (0.3, 0.25, 0.1) if rate != case.rate]
    forms = [Change(rate=rate) for rate in (-1, 0, 2, 0.5, *typed)]
    return forms + [Change(up=names) for names in ("UWb", "Vc", *"UWbVc")]


@changed(
    "The losses are those after each update.",
    "Note the loss of a batch before its update, with the parameters that it met.",
    in_the_loss=True,
)
def late(case):
    return [Change(late=True)]


@remember.mistake(
    "G is not ∂L_t/∂h_t. What lies between the output and the state?",
    "G[t] = E[t] Vᵀ, with E = ∂L/∂O and the V of the forward pass: before V takes its step.",
)
def other_g(case, name, given):
    if name != "G":
        return None
    right, v = case.asked(RIGHT)["G"], case.p["V"]
    moved = case.run(RIGHT, 2)[1][1][1]["V"]  # after the first update
    error = right[..., :1] / v[0]
    return either(given, error @ moved.T, error * np.ones(len(v)), right[::-1], error)


@remember.mistake(
    "G is off by a factor: it is not made of ∂L/∂O.",
    "G[t] = E[t] Vᵀ, with E = (o_t − x_{t−ℓ}) / (n (T − ℓ)).",
)
def other_g_scale(case, name, given):
    right = case.asked(RIGHT)["G"]
    return either(given, *(factor * right for factor in factors(case))) if name == "G" else None


@remember.mistake(
    "There is a slope of tanh in G. How far back does ∂L_t/∂h_t go?",
    "To h_t, behind the tanh of step t: leave the slope out, `credit` multiplies it in.",
)
def slope_in_g(case, name, given):
    asked = case.asked(RIGHT)
    return asked["G"] * (1 - asked["H"][1:] ** 2) if name == "G" else None


@remember.mistake(
    "The states are not those of this batch from h_0 = 0 on.",
    "H has T + 1 states: first zeros, then what each step makes, H[t + 1].",
)
def other_h(case, name, given):
    if name != "H":
        return None
    right = case.asked(RIGHT)["H"]
    return either(given, np.roll(right, -1, axis=0), np.roll(right, 1, axis=0), right[::-1])
