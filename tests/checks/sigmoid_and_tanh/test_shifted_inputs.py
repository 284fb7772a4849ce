"""The gradients of a shift for each input: see :mod:`contract` for what is asked."""

import contract
import sympy as sp

from backpass.checks.sigmoid_and_tanh import shifted_inputs

x1, x2, b1, b2, w1, w2, f, t = sp.symbols("x1 x2 b1 b2 w1 w2 f t", real=True)
F = w1 * (x1 + b1) + w2 * (x2 + b2)
INPUTS, SHIFTS = [(f - t) * (x1 + b1), (f - t) * (x2 + b2)], [(f - t) * w1, (f - t) * w2]


def of_loss(loss):
    return [sp.diff(loss, s) for s in (w1, w2, b1, b2)]


WRONG = {
    "shift-forgotten": [(f - t) * x1, (f - t) * x2, *SHIFTS],
    "weight-for-input": [*SHIFTS, *SHIFTS],
    "ordinary-bias": [*INPUTS, f - t, f - t],
    "input-for-weight": [*INPUTS, (f - t) * x1, (f - t) * x2],
    "whole-input": INPUTS * 2,
    "all-weights": [*INPUTS, *[(f - t) * (w1 + w2)] * 2],
    "error-forgotten": of_loss(F),
    "sign": [-e for e in INPUTS + SHIFTS],
    "other-scale": of_loss((F - t) ** 2),
    "not-the-error": [e * f / (f - t) for e in INPUTS + SHIFTS],
    "input-forgotten": [(f - t) * b1, (f - t) * b2, *SHIFTS],
    "product-of-input": [(f - t) * x1 * b1, (f - t) * x2 * b2, *SHIFTS],
    "weight-kept": [w1 * INPUTS[0], w2 * INPUTS[1], *SHIFTS],
    "all-inputs": [sum(INPUTS), sum(INPUTS), *SHIFTS],
    "shift-subtracted": [(f - t) * (x1 - b1), (f - t) * (x2 - b2), *SHIFTS],
    "one": [*INPUTS, 1, 1],
    "zeros": of_loss((f - t) ** 2 / 2),
    "shape": INPUTS,
}
RIGHT = [
    INPUTS + SHIFTS,
    tuple(INPUTS + SHIFTS),
    sp.Matrix(INPUTS + SHIFTS),
    of_loss((F - t) ** 2 / 2),
    lambda: of_loss((F - t) ** 2 / 2),
    [sp.expand(e) for e in INPUTS + SHIFTS],
    sp.Matrix([INPUTS + SHIFTS]),
    dict(zip(("w1", "w2", "b1", "b2"), INPUTS + SHIFTS, strict=True)),
]
NEARLY = [
    [*INPUTS, SHIFTS[0], SHIFTS[1] + sp.Rational(1, 10**6)],
    [*SHIFTS, *INPUTS],
    [INPUTS, SHIFTS],
]


class TestShiftedInputs(contract.Exercise):
    check = shifted_inputs
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_the_weights():
    assert shifted_inputs(of_loss((F - t) ** 2 / 2)[:2] + [f - t] * 2) == 1


def test_a_complex_entry_spoils_no_other():
    assert shifted_inputs([sp.I * e for e in INPUTS] + SHIFTS) == 1


def test_says_that_the_derivatives_are_exchanged():
    assert shifted_inputs([*SHIFTS, *INPUTS]).mistakes == ("order",)
