"""What goes wrong on the way to δ, the gradient at the logits: once for all exercises that need it.

A slip gives the δ that it leads to, or several where it has several forms. An exercise enters all
of them, each with what follows from δ there.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from backpass.checks import Exercise
from backpass.checks.closest import closest, with_multiple
from backpass.checks.exercise import Sentence
from backpass.checks.softmax_cross_entropy import _library as library
from backpass.checks.softmax_cross_entropy._inputs import (
    AXIS,
    BATCH,
    CONSTANT,
    GLOBAL_MAX,
    NO_SHIFT,
    ONE_HOT_ASSUMED,
    SMOOTHED_AGAIN,
    TOGETHER,
    WHOLE_BATCH,
    Case,
    down_columns,
    guarded,
    guards,
    hardmax,
    log_slope,
    naive,
    outputs,
    own_slope,
    shifted_once,
)
from backpass.gradcheck import slope

Slip = Callable[[Case], list[np.ndarray]]
SLIPS: dict[str, tuple[Sentence, Slip]] = {}


def slip(kind: str, fix: str) -> Callable[[Slip], Slip]:
    """Enter the decorated function: it gives the δ, (n, k) each, that a slip leads to."""

    def enter(function: Slip) -> Slip:
        SLIPS[function.__name__] = (kind, fix), function
        return function

    return enter


def enter(
    exercise: Exercise,
    back: Callable[[np.ndarray, object], np.ndarray],
    case: Callable[[object], Case],
    leave: tuple[str, ...] = (),
    told: Mapping[str, Sentence] = MappingProxyType({}),
) -> None:
    """Make all slips mistakes of an exercise but those to ``leave`` out.

    ``told`` has the exercise's own sentences, by the slip's name, where the usual one is not right.

    The exercise's mistakes are functions of one thing and of what was given. ``case(thing)`` is its
    batch, and ``back(delta, thing)`` what follows from a δ, linear in it.
    """
    for name, (sentence, function) in SLIPS.items():
        if name not in leave:
            exercise.mistake(told.get(name, sentence))(_mistake(name, function, back, case))


def _mistake(name, function, back, case):
    def mistake(thing, given):
        return closest(given, *(back(delta, thing) for delta in function(case(thing))))

    def constant(thing, given):
        one = case(thing)
        values = [back(delta, thing) for delta in function(one)]
        right = back(one.gradient, thing)
        for along in guards(one.z) if np.ndim(right) else ():  # any number is a multiple of one
            near = with_multiple(given, right, back(one.sums * along / one.n, thing))
            values += [] if near is None else [near]
        return closest(given, *values)

    def smoothed(thing, given):
        one = case(thing)
        evenly = one.sums / one.z.shape[1]
        right, along = back(one.gradient, thing), back((one.t - evenly) / one.n, thing)
        if not np.ndim(right):
            return None  # any number is a multiple of one
        near = with_multiple(given, right, along)
        if near is None or not 0 < np.vdot(near - right, along) < np.vdot(along, along):
            return None  # a part of each target goes to all classes, and not the other way
        return near

    found = {"epsilon": constant, "smoothed_again": smoothed}.get(name, mistake)
    found.__name__ = name
    return found


@slip(
    "This is −t/o, the gradient at the outputs o. The chain rule goes on from there to the logits."
    f" {TOGETHER}",
    "Multiply by the Jacobian of the softmax, Σ_i (∂E/∂o_i) ∂o_i/∂z_j, on paper: o cancels.",
)
def chain_stopped(case):
    return [case.at_outputs]


@slip(
    "Each output is followed back to its own logit only: this is −t(1 − o). But every logit moves"
    f" every output. {TOGETHER}",
    "Add up what all outputs send back to a logit, Σ_i (∂E/∂o_i) ∂o_i/∂z_j, those with i ≠ j too.",
)
@np.errstate(invalid="ignore")  # where an output is 0
def diagonal_only(case):
    return [-case.t * log_slope(case.z) / case.n, case.at_outputs * own_slope(case.z)]


@slip(
    "This is o(1 − t), one of two parts: what a class's own target sends back is missing."
    f" {TOGETHER}",
    "The other part is −t(1 − o). Together they are o − t.",
)
def off_target(case):
    return [case.o * (1 - case.t) / case.n]


@slip(f"The targets are missing. {TOGETHER}", "Subtract them from the outputs.")
def o_alone(case):
    return [case.sums * case.o / case.n]


@slip(f"The targets are added. {TOGETHER}", "Subtract them: a target pulls its own output up.")
def targets_added(case):
    return [case.gradient + 2 * case.t / case.n]


@slip(*ONE_HOT_ASSUMED)
def one_hot_assumed(case):
    return [Case(case.z, hardmax(case.t)).gradient]


@slip(
    f"Only classes with a target get an error; the outputs of the others should fall. {TOGETHER}",
    "Where the target is 0 the error is o − 0: leave all entries in.",
)
def targets_only(case):
    return [np.where(case.t > 0, case.gradient, 0)]


@slip(
    "Each entry is twice what it should be. Does a 2 come down from a square? The cross-entropy has"
    f" none. {TOGETHER}",
    "Leave out the 2.",
)
def twice(case):
    return [2 * case.gradient]


@slip(
    f"Divided by the number of classes, k. The mean runs over the examples. {BATCH}",
    "Divide by len(Z), the number of rows.",
)
def per_class(case):
    n, k = case.z.shape
    return [case.gradient * n / k]


@slip(
    f"Divided by all n·k entries, as np.mean does: the mean runs over the n examples only. {BATCH}",
    "Sum over the classes, and take the mean over the rows.",
)
def all_entries(case):
    return [case.gradient / case.z.shape[1]]


@slip(
    "Only the targets are divided by the number of examples.",
    "Put the whole error in parentheses, outputs minus targets, before you divide.",
)
def parentheses(case):
    return [case.gradient + (case.n - 1) * case.sums * case.o / case.n]


@slip(
    "This has a factor o(1 − o), as for a squared error behind one sigmoid. Behind the"
    f" cross-entropy of a softmax the slopes cancel. {TOGETHER}",
    "Leave out the factor o(1 − o).",
)
def sigmoid_error(case):
    delta = (case.o - case.t) * own_slope(case.z)
    return [delta / case.n, 2 * delta / case.n]


@slip(
    "This is the gradient of the squared error Σ(o − t)², or of half of it. Section: “Why not"
    " squared error?”.",
    "The loss is −Σ t log o: start from its slope, −t/o.",
)
def squared_error(case):
    half = slope(lambda z: np.sum((outputs(z) - case.t) ** 2) / 2 / case.n, case.z)
    return [half, 2 * half]


@slip(
    "The softmax is taken twice: o has gone through it once more.",
    "Give it the logits, once.",
)
def softmax_twice(case):
    return [case.gradient_with(outputs(case.o))]


@slip(
    "Each output is the logistic function of its own logit; the rows do not sum to 1.",
    "Take a softmax: divide exp(z) by its sum over the row.",
)
def sigmoid(case):
    return [case.gradient_with(library.expit(case.z))]


@slip(
    f"The logits stand where the outputs belong. {TOGETHER}",
    "Take the softmax of the logits first.",
)
def no_softmax(case):
    return [case.gradient_with(case.z)]


@slip(
    "The outputs are rounded to 0 and 1 (as by argmax). The error is made of o as it is.",
    "Leave the argmax out.",
)
def hard_outputs(case):
    return [case.gradient_with(hardmax(case.o))]


@slip(*AXIS)
def axis(case):
    return [case.gradient_with(down_columns(case.z))]


@slip(*WHOLE_BATCH)
def whole_batch(case):
    return [case.gradient_with(library.softmax(case.z))]


@slip(*NO_SHIFT)
def no_max_shift(case):
    return [case.gradient_with(naive(case.z))]


@slip(*GLOBAL_MAX)
def global_max(case):
    return [case.gradient_with(shifted_once(case.z))]


@slip(
    "The nan is hidden, but its cause is not mended: what came from ∞/∞ is lost.",
    "Subtract the largest logit of each row before exp, and no nan arises.",
)
def nan_hidden(case):
    wrong = naive(case.z)
    if np.all(np.isfinite(wrong)):
        return []
    return [case.gradient_with(np.nan_to_num(wrong)), np.nan_to_num(case.gradient_with(wrong))]


@slip(
    "−t/o and the Jacobian of o are multiplied as numbers. Where o underflows to 0, that is ∞ times"
    f" 0, nan, or lost if it is left out. {TOGETHER}",
    "Cancel o on paper first: what is left has no division by o.",
)
def in_steps(case):
    lost = (case.o == 0) & (case.t > 0)
    if not lost.any():
        return []
    left_out = Case(case.z, np.where(lost, 0, case.t)).gradient
    return [np.where(lost.any(axis=1, keepdims=True), np.nan, case.gradient), left_out]


@slip(*CONSTANT)
def epsilon(case):
    return [case.gradient_with(wrong) for wrong in guarded(case.z)]


@slip(*SMOOTHED_AGAIN)
def smoothed_again(case):
    return []  # how much is spread shows only in what was given
