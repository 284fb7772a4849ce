"""A shortcut times λ: see :mod:`contract` for what is asked."""

import contract
import pytest
import sympy as sp

from backpass.checks.residual_networks import scaled_shortcut

lam, L = sp.symbols("lam L", positive=True)
J1, J2, J3 = j = sp.symbols("j1:4", real=True)
ALONE, ONE = lam**L, lam**2 * sum(j)
WHOLE = (lam + J1) * (lam + J2) * (lam + J3)


def scaled(alone=ALONE, whole=WHOLE, one=ONE):
    return [alone, whole, one]


WRONG = {
    "power-low": scaled(alone=lam ** (L - 1)),
    "power-high": scaled(one=lam * ONE),
    "once": scaled(alone=lam),
    "three": scaled(alone=lam**3),
    "unscaled": scaled(whole=WHOLE.subs(lam, 1)),
    "added": scaled(alone=lam * L),
    "skip-forgotten": scaled(whole=J1 * J2 * J3),
    "block-forgotten": scaled(whole=lam**3),
    "first-order": scaled(whole=lam**3 + ONE),
    "block-scaled": scaled(whole=lam**3 * WHOLE.subs(lam, 1)),
    "wrong-path": scaled(whole=(1 + lam * J1) * (1 + lam * J2) * (1 + lam * J3)),
    "one-path": scaled(one=lam**2 * J1),
    "with-shortcut": scaled(one=lam**3 + ONE),
    "two-blocks": scaled(one=lam * (J1 * J2 + J1 * J3 + J2 * J3)),
    "shape": WHOLE,
    "at-least-one": scaled(one=WHOLE - lam**3),
    "one-or-two": scaled(one=WHOLE - lam**3 - J1 * J2 * J3),
    "other-term": scaled(one=sp.diff(WHOLE, lam)),
    "paths-missing": scaled(whole=WHOLE - lam**3),
    "one-slope": scaled(whole=(lam + J1) ** 3),
}


class TestScaledShortcut(contract.Exercise):
    check = scaled_shortcut
    wrong = WRONG
    right = (
        scaled(),
        tuple(scaled()),
        sp.Matrix(scaled()),
        sp.Matrix([scaled()]),
        lambda: scaled(),
        [sp.exp(L * sp.log(lam)), sp.expand(WHOLE), sp.expand(ONE)],
        [sp.Symbol("lam") ** sp.Symbol("L"), WHOLE, ONE],
        scaled(one=sp.diff(WHOLE.subs({s: s * sp.Symbol("e") for s in j}), "e").subs("e", 0)),
    )
    nearly = (scaled(whole=WHOLE + sp.Rational(1, 10**6)), scaled(one=ONE - ALONE * 1e-6))


def test_gives_part_of_the_points_for_part_of_the_work():
    assert scaled_shortcut(scaled(one=lam**3 + ONE)) == 2


def test_a_complex_entry_spoils_no_other():
    score = scaled_shortcut(scaled(whole=sp.I * WHOLE))
    assert (score, score.mistakes) == (2, ("complex",))


@pytest.mark.parametrize(
    ("answer", "mistakes"),
    [
        (scaled(one=lam**3 - WHOLE), ("at-least-one",)),
        (scaled(one=3 * lam**2 * J1), ("one-path",)),
        (scaled(one=ONE / 3), ("one-path",)),
        (scaled(one=sum(j)), ("power-low",)),
        (scaled(whole=lam**3 + J1 * J2 * J3), ("paths-missing",)),
        (scaled()[::-1], ("order",)),
    ],
)
def test_tells_the_paths_by_all_points_together(answer, mistakes):
    assert scaled_shortcut(answer).mistakes == mistakes
