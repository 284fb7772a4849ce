"""How much lies between two lengths? See :mod:`contract` for what is asked."""

from math import comb

import contract
import numpy as np
import pytest

from backpass.checks.residual_networks import path_share


def share(
    weight=lambda L, k, j: comb(L, k) * j**k,
    total=lambda L, j: (1 + j) ** L,
    lengths=lambda low, high: range(low, high + 1),
):
    """The share from low to high, with one thing changed."""
    return lambda L, low, high, j: sum(weight(L, k, j) for k in lengths(low, high)) / total(L, j)


def by_polynomial(L, low, high, j):
    return (np.poly1d([j, 1]) ** L).coef[::-1][low : high + 1].sum() / (1 + j) ** L


WRONG = {
    "high-excluded": share(lengths=range),
    "low-excluded": share(lengths=lambda low, high: range(low + 1, high + 1)),
    "percent": share(total=lambda L, j: (1 + j) ** L / 100),
    "equal-lengths": share(lambda L, k, j: 1, lambda L, j: L + 1),
    "unnormalised": share(total=lambda L, j: 1),
    "j-ignored": share(lambda L, k, j: comb(L, k), lambda L, j: 2**L),
    "j-once": share(lambda L, k, j: comb(L, k) * j),
    "paths-counted-below": share(total=lambda L, j: 2**L),
    "other-blocks": share(lambda L, k, j: comb(L, k) * j ** (L - k)),
    "both-excluded": share(lengths=lambda low, high: range(low + 1, high)),
    "outside": lambda *args: 1 - share()(*args),
    "cumulative": share(lengths=lambda low, high: range(high + 1)),
    "other-whole": share(total=lambda L, j: 1 + j * L),
    "other-count": share(lambda L, k, j: comb(L - 1, k) * j**k),
    "probabilities": share(lambda L, k, j: comb(L, k) * j**k * (1 - j) ** (L - k), lambda L, j: 1),
}


class TestPathShare(contract.Exercise):
    check = path_share
    wrong = WRONG
    right = (share(), lambda *args: np.float64(share()(*args)), by_polynomial)
    nearly = (
        lambda L, low, high, j: share()(L, low, high, 1),
        lambda L, low, high, j: round(share()(L, low, high, j), 6),
    )


def test_gives_part_of_the_points_for_part_of_the_work():
    assert path_share(WRONG["j-ignored"]) == 2


def test_tells_a_length_left_out_at_one_end_from_the_other():
    for name in ("low-excluded", "high-excluded"):
        assert path_share(WRONG[name]).mistakes == (name,)


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (share(lambda L, k, j: comb(L, k) * j**2), "j-once"),
        (share(lambda L, k, j: comb(L, k) * j**L), "j-once"),
        (share(lambda L, k, j: comb(L, k) * j ** (k + 1)), "j-once"),
        (lambda *args: round(share()(*args), 4), "rounded"),
        (lambda *args: round(share()(*args), 6), "rounded"),
        (lambda *args: np.float32(share()(*args)), "precision"),
        (share(lambda L, k, j: j**k), "equal-lengths"),
    ],
)
def test_names_powers_and_roundings_for_what_they_are(answer, mistake):
    score = path_share(answer)
    assert score.mistakes == (mistake,)
    assert "log" not in " ".join(score.feedback)


def test_the_paths_of_54_blocks():
    """Veit et al. 2016: lengths 5 to 17, and 19 to 35."""
    assert 100 * share()(54, 5, 17, 1) == pytest.approx(0.4537, abs=5e-5)
    assert 100 * share()(54, 19, 35, 1) == pytest.approx(98.0, abs=0.05)
