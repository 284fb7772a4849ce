"""What goes wrong on the way to δ, the gradient at the logits: once for all exercises that need it.

A slip gives the δ that it leads to, or several where it has several forms. An exercise enters all
of them, each with what follows from δ there.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import scipy.special as library

from backpass.checks import Exercise
from backpass.checks.closest import closest, with_multiple
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
SLIPS: dict[str, tuple[str, Slip]] = {}


def slip(sentence: str) -> Callable[[Slip], Slip]:
    """Enter the decorated function: it gives the δ, (n, k) each, that a slip leads to."""

    def enter(function: Slip) -> Slip:
        SLIPS[function.__name__] = sentence, function
        return function

    return enter


def enter(
    exercise: Exercise,
    back: Callable[[np.ndarray, object], np.ndarray],
    case: Callable[[object], Case],
    leave: tuple[str, ...] = (),
    told: Mapping[str, str] = MappingProxyType({}),
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
        for along in guards(one.z):
            near = with_multiple(given, right, back(one.sums * along / one.n, thing))
            values += [] if near is None else [near]
        return closest(given, *values)

    def smoothed(thing, given):
        one = case(thing)
        evenly = one.sums / one.z.shape[1]
        right, along = back(one.gradient, thing), back((one.t - evenly) / one.n, thing)
        near = with_multiple(given, right, along)
        if near is None or not 0 < np.vdot(near - right, along) < np.vdot(along, along):
            return None  # a part of each target goes to all classes, and not the other way
        return near

    found = {"epsilon": constant, "smoothed_again": smoothed}.get(name, mistake)
    found.__name__ = name
    return found


@slip(
    "This is −t/o, the gradient at the outputs o. The chain rule goes on through the softmax to"
    f" the logits. {TOGETHER}"
)
def chain_stopped(case):
    return [case.at_outputs]


@slip(
    "This is −t(1 − o): each output is followed back to its own logit only. But every logit moves"
    " every output, so all of them send something back to it, and that is added up: Σ_i ∂E/∂o_i"
    f" ∂o_i/∂z_j = o_j − t_j. {TOGETHER}"
)
@np.errstate(invalid="ignore")  # where an output is 0
def diagonal_only(case):
    return [-case.t * log_slope(case.z) / case.n, case.at_outputs * own_slope(case.z)]


@slip(
    "This is o(1 − t), one of the two parts of o − t = o(1 − t) − t(1 − o): what a class's own"
    f" target sends back is missing. {TOGETHER}"
)
def off_target(case):
    return [case.o * (1 - case.t) / case.n]


@slip(f"o stands where o − t belongs: the targets are missing. {TOGETHER}")
def o_alone(case):
    return [case.sums * case.o / case.n]


@slip(f"The targets are added; they are subtracted, o − t. {TOGETHER}")
def targets_added(case):
    return [case.gradient + 2 * case.t / case.n]


@slip(ONE_HOT_ASSUMED)
def one_hot_assumed(case):
    return [Case(case.z, hardmax(case.t)).gradient]


@slip(
    "Only classes with a target get an error. The others have one too, o − 0: their outputs should"
    f" fall. {TOGETHER}"
)
def targets_only(case):
    return [np.where(case.t > 0, case.gradient, 0)]


@slip(
    "Each entry is twice what it should be. The 2 of a square belongs to the squared error; the"
    f" cross-entropy has none. {TOGETHER}"
)
def twice(case):
    return [2 * case.gradient]


@slip(
    "Divided by the number of classes, k, where the number of examples, n, belongs: the mean runs"
    f" over the examples. {BATCH}"
)
def per_class(case):
    n, k = case.z.shape
    return [case.gradient * n / k]


@slip(
    f"Divided by all n·k entries, as np.mean does: the mean runs over the n examples only. {BATCH}"
)
def all_entries(case):
    return [case.gradient / case.z.shape[1]]


@slip("Only t is divided by n. The whole error is: (o − t) / n, in parentheses.")
def parentheses(case):
    return [case.gradient + (case.n - 1) * case.sums * case.o / case.n]


@slip(
    "This is (o − t) o (1 − o), as for a squared error behind one sigmoid. Behind the cross-entropy"
    f" of a softmax the slopes cancel, and o − t is left. {TOGETHER}"
)
def sigmoid_error(case):
    delta = (case.o - case.t) * own_slope(case.z)
    return [delta / case.n, 2 * delta / case.n]


@slip(
    "This is the gradient of the squared error Σ(o − t)², or of half of it. Section: “Why not"
    " squared error?”."
)
def squared_error(case):
    half = slope(lambda z: np.sum((outputs(z) - case.t) ** 2) / 2 / case.n, case.z)
    return [half, 2 * half]


@slip("The softmax is taken twice: o has gone through it once more. Once gives the outputs.")
def softmax_twice(case):
    return [case.gradient_with(outputs(case.o))]


@slip(
    "Each output is the logistic function of its own logit. A softmax divides by the sum over the"
    " row."
)
def sigmoid(case):
    return [case.gradient_with(library.expit(case.z))]


@slip(f"The logits stand where the outputs belong: o is their softmax. {TOGETHER}")
def no_softmax(case):
    return [case.gradient_with(case.z)]


@slip("The outputs are rounded to 0 and 1 (as by argmax). The error is made of o as it is.")
def hard_outputs(case):
    return [case.gradient_with(hardmax(case.o))]


@slip(AXIS)
def axis(case):
    return [case.gradient_with(down_columns(case.z))]


@slip(WHOLE_BATCH)
def whole_batch(case):
    return [case.gradient_with(library.softmax(case.z))]


@slip(NO_SHIFT)
def no_max_shift(case):
    return [case.gradient_with(naive(case.z))]


@slip(GLOBAL_MAX)
def global_max(case):
    return [case.gradient_with(shifted_once(case.z))]


@slip(
    "The nan is hidden, but its cause is not mended: what came from ∞/∞ is lost. Subtract the"
    " largest logit of each row."
)
def nan_hidden(case):
    wrong = naive(case.z)
    if np.all(np.isfinite(wrong)):
        return []
    return [case.gradient_with(np.nan_to_num(wrong)), np.nan_to_num(case.gradient_with(wrong))]


@slip(
    "−t/o and the Jacobian of o are multiplied as numbers. Where o underflows to 0, that is ∞ times"
    f" 0, nan, or lost if it is left out. Cancel o on paper first. {TOGETHER}"
)
def in_steps(case):
    lost = (case.o == 0) & (case.t > 0)
    if not lost.any():
        return []
    left_out = Case(case.z, np.where(lost, 0, case.t)).gradient
    return [np.where(lost.any(axis=1, keepdims=True), np.nan, case.gradient), left_out]


@slip(CONSTANT)
def epsilon(case):
    return [case.gradient_with(wrong) for wrong in guarded(case.z)]


@slip(SMOOTHED_AGAIN)
def smoothed_again(case):
    return []  # how much is spread shows only in what was given
