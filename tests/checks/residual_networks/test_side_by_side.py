"""Side by side, and dropped at random: see :mod:`contract` for what is asked."""

import contract
import pytest
import sympy as sp

from backpass.checks.residual_networks import side_by_side

lam = sp.Symbol("lam", positive=True)
j1, j2, j3, j = sp.symbols("j1 j2 j3 j", real=True)
p, L = sp.symbols("p L", positive=True)

RIGHT = {
    "whole": (lam + j1) * (lam + j2 + j3),
    "one": lam * (j1 + j2 + j3),
    "mean": (1 + p * j) ** L,
    "square": (1 - p + p * (1 + j) ** 2) ** L,
}


def instead(**changes):
    return list((RIGHT | changes).values())


WRONG = {
    "in-a-row": instead(whole=(lam + j1) * (lam + j2) * (lam + j3)),
    "two-shortcuts": instead(whole=(lam + j1) * (2 * lam + j2 + j3)),
    "pair-multiplied": instead(whole=(lam + j1) * (lam + j2 * j3)),
    "unscaled": instead(whole=(1 + j1) * (1 + j2 + j3)),
    "added": instead(whole=2 * lam + j1 + j2 + j3),
    "skip-forgotten": instead(whole=j1 * (j2 + j3)),
    "block-forgotten": instead(whole=lam**2),
    "other-power": instead(one=lam**3 * (j1 + j2 + j3)),
    "paths-missing": instead(one=lam * j1),
    "other-lengths": instead(one=(lam + j1) * (lam + j2 + j3) - lam**2),
    "undropped": instead(mean=(1 + j) ** L),
    "shortcut-dropped": instead(mean=(p * (1 + j)) ** L),
    "one-coin": instead(mean=p * (1 + j) ** L + 1 - p),
    "mean-number": instead(mean=(1 + j) ** (p * L)),
    "first-order": instead(mean=1 + L * p * j),
    "other-probability": instead(mean=(1 + (1 - p) * j) ** L),
    "square-of-mean": instead(square=(1 + p * j) ** (2 * L)),
    "terms-of-the-square": instead(square=(1 + p * j**2) ** L),
    "block-scaled": instead(whole=lam * (1 + j1) * (1 + j2 + j3)),
    "ways-missing": instead(whole=lam**2 + j1 * (j2 + j3)),
    "other-exponent": instead(mean=(1 + p * j) ** (L - 1)),
    "kept-alone": instead(mean=(1 - p + p * j) ** L),
    "lam-in-it": instead(mean=(lam + p * j) ** L),
    "variance": instead(square=RIGHT["square"] - RIGHT["mean"] ** 2),
    "mean-again": instead(square=RIGHT["mean"]),
    "shape": instead()[:3],
}

#: The same slips in another place, or in another form.
OTHERS = [
    ("in-a-row", instead(one=lam**2 * (j1 + j2 + j3))),
    ("two-shortcuts", instead(one=2 * lam * j1 + lam * (j2 + j3))),
    ("unscaled", instead(one=j1 + j2 + j3)),
    ("undropped", instead(square=(1 + j) ** (2 * L))),
    ("shortcut-dropped", instead(square=(p * (1 + j) ** 2) ** L)),
    ("shortcut-dropped", instead(mean=(p * j) ** L)),
    ("terms-of-the-square", instead(square=(1 + p**2 * j**2) ** L)),
    ("terms-of-the-square", instead(square=(1 - p + p * (1 - j) ** 2) ** L)),
    ("terms-of-the-square", instead(square=((1 + p * j) ** 2 + p * (1 - p)) ** L)),
    ("terms-of-the-square", instead(square=((1 - p) ** 2 + p**2 * (1 + j) ** 2) ** L)),
    ("other-exponent", instead(mean=1 + p * j)),
    ("other-exponent", instead(square=RIGHT["square"] ** 2)),
    ("other-exponent", instead(square=(1 - p + p * (1 + j) ** 2) ** (L + 1))),
    ("first-order", instead(mean=1 + (p * j) ** L)),
    ("ways-missing", instead(whole=lam**2 + lam * (j1 + j2 + j3))),
    ("block-scaled", instead(whole=lam**2 * (1 + j1) * (1 + j2 + j3))),
    ("other-power", instead(one=lam * j1 + j2 + j3)),
    ("other-lengths", instead(one=lam * (j1 + j2 + j3) + j1 * j2)),
]


class TestSideBySide(contract.Exercise):
    check = side_by_side
    wrong = WRONG
    right = (
        instead(),
        sp.Matrix(instead(square=(1 + 2 * p * j + p * j**2) ** L)),
        lambda: tuple(map(sp.expand, instead()[:2])) + tuple(instead()[2:]),
    )
    nearly = (
        instead(one=lam * (j1 + j2 + j3) + 1e-5),
        instead(mean=(1 + p * j) ** 4),
    )


SLIPS = [pair for pair in WRONG.items() if pair[0] != "shape"] + OTHERS


@pytest.mark.slow
@pytest.mark.parametrize(("name", "answer"), SLIPS, ids=[name for name, _ in SLIPS])
def test_each_slip_costs_one_expression_and_is_named(name, answer):
    score = side_by_side(answer)
    assert (score, score.mistakes) == (3, (name,))
