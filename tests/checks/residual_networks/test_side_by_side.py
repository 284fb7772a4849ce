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


SLIPS = [
    ("in-a-row", {"whole": (lam + j1) * (lam + j2) * (lam + j3)}),
    ("in-a-row", {"one": lam**2 * (j1 + j2 + j3)}),
    ("two-shortcuts", {"whole": (lam + j1) * (2 * lam + j2 + j3)}),
    ("two-shortcuts", {"one": 2 * lam * j1 + lam * (j2 + j3)}),
    ("pair-multiplied", {"whole": (lam + j1) * (lam + j2 * j3)}),
    ("unscaled", {"whole": (1 + j1) * (1 + j2 + j3)}),
    ("unscaled", {"one": j1 + j2 + j3}),
    ("added", {"whole": 2 * lam + j1 + j2 + j3}),
    ("skip-forgotten", {"whole": j1 * (j2 + j3)}),
    ("block-forgotten", {"whole": lam**2}),
    ("other-power", {"one": lam**3 * (j1 + j2 + j3)}),
    ("paths-missing", {"one": lam * j1}),
    ("other-lengths", {"one": (lam + j1) * (lam + j2 + j3) - lam**2}),
    ("undropped", {"mean": (1 + j) ** L}),
    ("undropped", {"square": (1 + j) ** (2 * L)}),
    ("shortcut-dropped", {"mean": (p * (1 + j)) ** L}),
    ("shortcut-dropped", {"square": (p * (1 + j) ** 2) ** L}),
    ("shortcut-dropped", {"mean": (p * j) ** L}),
    ("one-coin", {"mean": p * (1 + j) ** L + 1 - p}),
    ("mean-number", {"mean": (1 + j) ** (p * L)}),
    ("first-order", {"mean": 1 + L * p * j}),
    ("other-probability", {"mean": (1 + (1 - p) * j) ** L}),
    ("square-of-mean", {"square": (1 + p * j) ** (2 * L)}),
    ("terms-of-the-square", {"square": (1 + p * j**2) ** L}),
    ("terms-of-the-square", {"square": (1 + p**2 * j**2) ** L}),
    ("variance", {"square": RIGHT["square"] - RIGHT["mean"] ** 2}),
    ("mean-again", {"square": RIGHT["mean"]}),
]


class TestSideBySide(contract.Exercise):
    check = side_by_side
    wrong = {name: instead(**change) for name, change in SLIPS[::-1]} | {"shape": instead()[:3]}
    right = (
        instead(),
        sp.Matrix(instead(square=(1 + 2 * p * j + p * j**2) ** L)),
        lambda: tuple(map(sp.expand, instead()[:2])) + tuple(instead()[2:]),
    )
    nearly = (
        instead(one=lam * (j1 + j2 + j3) + 1e-5),
        instead(mean=(1 + p * j) ** 4),
    )


@pytest.mark.parametrize(("name", "change"), SLIPS)
def test_each_slip_costs_one_expression_and_is_named(name, change):
    score = side_by_side(instead(**change))
    assert (score, score.mistakes) == (3, (name,))
