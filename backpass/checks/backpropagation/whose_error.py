"""Measure: whose error is it?"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import random_net, softplus
from backpass.checks.backpropagation._nets import Net
from backpass.checks.closest import closest
from backpass.checks.remembered import by_value

OWN = "Section: “Is it an error of its own?”."
OUTPUTS = ("H", "delta", "H_turned", "delta_turned")


@dataclass(frozen=True)
class Case:
    """A net, before and after the sign of W₂ is turned, and the backward pass that is handed on.

    Its hidden units may hear W₂: then their biases are less by ``heard`` times its rows' sums.
    """

    name: str
    values: tuple[np.ndarray, ...]
    activation: Callable
    heard: float = 0

    def made(self, *values: np.ndarray) -> Net:
        """The net of these values."""
        x, t, w1, b1, w2, *others = values
        hearing = b1 - self.heard * w2.sum(axis=1)
        return Net(x, t, w1, hearing, w2, *others, activation=self.activation)

    @cached_property
    def net(self) -> Net:
        return self.made(*self.values)

    @cached_property
    def turned(self) -> Net:
        x, t, w1, b1, w2, *others = self.values
        return self.made(x, t, w1, b1, -w2, *others)

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        one, other = self.net, self.turned
        return dict(zip(OUTPUTS, (one.h, one.delta_1, other.h, other.delta_1), strict=True))

    def which(self, output: str) -> Net:
        """The net that the output is about."""
        return self.turned if output.endswith("turned") else self.net

    @cached_property
    def backward(self) -> Callable:
        """A backward pass of such a net, by differences."""

        @by_value
        def backward(X, T, W1, b1, W2, b2, V):
            if np.ndim(X) != 2 or np.ndim(T) != 2:
                shapes = f"X and T of shapes {np.shape(X)} and {np.shape(T)}"
                text = f"backward takes a batch, X (n, d) and T (n, k), and was given {shapes}:"
                raise ValueError(f"{text} a batch of one is X[i : i + 1], T[i : i + 1]")
            return tuple(self.made(X, T, W1, b1, W2, b2, V).right.values())

        return backward


#: The net of the sheet; and others, so that it is seen who computes H by a formula, and who takes
#: for granted that H stays.
CASES = [
    Case("your net", random_net(4, 3, 5, 2), softplus),
    Case("a net with another activation", random_net(4, 2, 3, 3), np.arctan),
    Case("a backward pass in which H depends on W2", random_net(3, 2, 4, 2), softplus, heard=0.5),
]

#: Slips in what is made of the gradients of one example: they show again when W2 is turned.
OF_BOTH_NETS = {
    "alone-in-its-batch",
    "not-divided",
    "other-gradient",
    "other-multiple",
    "pre-activation",
}


@exercise(
    "Measure: whose error is it?",
    section=OWN,
    points=4,
    kind="predict",
    axes=dict.fromkeys(OUTPUTS, ("example", "hidden unit")),
)
def whose_error(attempt):
    labels = {
        "H": "H as it was",
        "delta": "δ₁ as it was",
        "H_turned": "H with the sign of W2 turned",
        "delta_turned": "δ₁ with the sign of W2 turned",
    }
    for output, label in labels.items():
        told = OF_BOTH_NETS.intersection(attempt.mistakes)  # of the net as it was
        with attempt.part(label) as part:
            for case in part.each(CASES, "{0.name}"):
                args = [case.backward, *case.values]

                def of(name, given, case=case):
                    return [case, name, given]

                batch = len(case.values[0])
                part.outputs(args, case.right, output, of=of, after=told, batch=batch)
    if attempt.right == attempt.total:
        compare(attempt)


def compare(attempt) -> None:
    """Tell how many entries had been expected to change."""
    case = CASES[0]
    with suppress(TypeError, ValueError):
        predicted = tuple(attempt.prediction)
        for what, expected, (one, other) in zip(
            ("H", "δ₁"), predicted, (("H", "H_turned"), ("delta", "delta_turned")), strict=True
        ):
            changed = np.sum(np.abs(case.right[one] - case.right[other]) > 1e-9)
            share = 100 * changed / case.right[one].size
            attempt.compare(f"Entries of {what} that change, in per cent", share, expected)


@whose_error.mistake(
    "This holds for the net of the sheet. Here `backward` is that of a net with another activation,"
    " and what it says is not asked.",
    "Take H and δ₁ from what `backward` returns alone, whatever net it belongs to.",
)
def own_formula(case, output, given):
    if case.activation is softplus:
        return None
    net = case.which(output)
    own = replace(net, activation=softplus)
    if output.startswith("H"):
        return own.h
    return closest(given, own.delta_1, replace(own, given_delta=net.delta_2).delta_1)


@whose_error.mistake(
    "This is H as it was. Here `backward` belongs to a net in which H depends on W2: what you give"
    " for −W2 has not been measured with −W2.",
    "Call `backward` with −W2 for each example, and take H from what that returns.",
)
def not_measured(case, output, given):
    return case.net.h if output == "H_turned" and case.heard else None


@whose_error.mistake(
    "This is not divided by the number of examples: alone in its batch, an example has no 1/n.",
    "Divide what a batch of one gives by n, the number of examples in the whole batch.",
)
def alone_in_its_batch(case, output, given):
    net = case.which(output)
    return len(net.x) * net.delta_1 if output.startswith("delta") else None


@whose_error.mistake(
    "All examples have the same row, the sum over the batch: that is what db1 of the whole batch"
    " is.",
    "Call `backward` once for each example, with X[i : i + 1] and T[i : i + 1].",
)
def whole_batch(case, output, given):
    net = case.which(output)
    if not output.startswith("delta"):
        return None
    total = net.delta_1.sum(axis=0)
    rows = (total, total / len(net.x))
    return closest(given, *(np.tile(row, (len(net.x), 1)) for row in rows), *rows)


@whose_error.mistake(
    "The net is not the one that is asked about: the sign of W2 has been turned too often, or not"
    " at all.",
    "Give `backward` W2 for the first two results, and −W2 for the others, all else as it was.",
)
def other_net(case, output, given):
    other = case.net if output.endswith("turned") else case.turned
    return other.delta_1 if output.startswith("delta") else None


@whose_error.mistake(
    "Only the sign of δ₁ is turned, but the outputs, and with them their errors, have changed too.",
    "Call `backward` again with −W2, in place of turning the first result.",
)
def sign_turned(case, output, given):
    return -case.net.delta_1 if output == "delta_turned" else None


@whose_error.mistake(
    "The sign of another parameter is turned.", "Turn that of W2 alone; W1, the biases and V stay."
)
def other_turned(case, output, given):
    if not output.endswith("turned"):
        return None
    net, pick = case.net, "h" if output.startswith("H") else "delta_1"
    names = (("w1",), ("v",), ("w2", "v"), ("w2", "b2"), ("w1", "w2"), ("b1",))
    nets = (replace(net, **{n: -getattr(net, n) for n in some}) for some in names)
    return closest(given, *(getattr(one, pick) for one in nets))


@whose_error.mistake(
    "This is ∂E/∂H or another product, and not δ₁.",
    "δ₁ of one example is its db1: the bias is added to z₁ with the factor 1.",
)
def other_gradient(case, output, given):
    net = case.which(output)
    if not output.startswith("delta"):
        return None
    n, rows = len(net.x), [net.x[:, k : k + 1] * net.delta_1 for k in range(net.x.shape[1])]
    rows += [sum(rows)]
    return closest(
        given, net.at_h, net.at_h * n, net.h * net.delta_1, *rows, *(n * r for r in rows)
    )


@whose_error.mistake(
    "This is dW2 of one example, one of its columns, still with the output's error in it.",
    "That column is H times the error of its output, and db2 is that error: divide by it.",
)
def not_divided(case, output, given):
    net = case.which(output)
    if not output.startswith("H"):
        return None
    delta = net.delta_2 * len(net.x)
    columns = [net.h * delta[:, k : k + 1] for k in range(delta.shape[1])]
    columns += [net.h * delta.sum(axis=1, keepdims=True)]
    return closest(given, *columns, *(column / len(net.x) for column in columns))


@whose_error.mistake(
    "This is Z₁, what entered the hidden units, or X.",
    "H is what came out of them, and what W2 multiplied: it stands in dW2.",
)
def pre_activation(case, output, given):
    net = case.which(output)
    return closest(given, net.z, net.x @ net.w1, net.x) if output.startswith("H") else None


@whose_error.mistake(
    "H and δ₁ are multiplied by n, or divided by it, where they should not be.",
    "H is no gradient: in dW2 divided by db2 the 1/n cancels. δ₁ is divided by n once.",
)
def other_multiple(case, output, given):
    net, n = case.which(output), len(case.values[0])
    if output.startswith("H"):
        return closest(given, net.h / n, net.h * n)
    return closest(given, net.delta_1 / n, net.delta_1 * n**2)


@whose_error.mistake(
    "Tanh units are taken for granted here.",
    "Take it from what `backward` returns; then it is right for every activation.",
)
def tanh_units(case, output, given):
    net = case.which(output)
    tanh = replace(net, activation=np.tanh)
    if output.startswith("H"):
        return tanh.h
    chapters = replace(tanh, v=0 * net.v)
    return closest(given, tanh.delta_1, chapters.delta_1)
