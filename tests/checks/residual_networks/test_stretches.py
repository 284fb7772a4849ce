"""Unchanged? See :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.residual_networks import stretches
from backpass.checks.residual_networks.stretches import of_the_sheet


def jacobian(x, P, W1, W2, beta, shortcut=1.0):
    on = x > 0
    hidden = (np.maximum(x, 0) @ W1) > 0
    return shortcut * P.T + beta * ((W1 * on[:, None] * hidden) @ W2).T


def measured(sizes=lambda J: np.linalg.svd(J, compute_uv=False), shortcut=1.0, mean=None):
    """The three factors, with one thing changed."""
    mean = mean or (lambda s: np.sqrt(np.mean(s**2)))

    def answer(*args):
        s = sizes(jacobian(*args, shortcut=shortcut))
        return s.min(), s.max(), mean(s)

    return answer


def by_eigenvalues(*args):
    J = jacobian(*args)
    values = np.sqrt(np.linalg.eigvalsh(J @ J.T))
    return values[0], values[-1], np.linalg.norm(J) / len(J) ** 0.5


def sampled(*args):
    J = jacobian(*args)
    g = np.random.default_rng(0).normal(size=(20, len(J)))
    factors = np.linalg.norm(g @ J, axis=1) / np.linalg.norm(g, axis=1)
    return factors.min(), factors.max(), measured()(*args)[2]


WRONG = {
    "block-alone": measured(shortcut=0.0),
    "unit-vectors": measured(lambda J: np.linalg.norm(J, axis=1)),
    "eigenvalues": measured(lambda J: np.abs(np.linalg.eigvals(J))),
    "squared": measured(lambda J: np.linalg.svd(J)[1] ** 2),
    "entries-of-it": measured(lambda J: np.abs(J).ravel()),
    "not-averaged": measured(mean=lambda s: np.sqrt(np.sum(s**2))),
    "other-mean": measured(mean=np.mean),
    "sampled": sampled,
}


class TestStretches(contract.Exercise):
    check = stretches
    wrong = WRONG
    right = (measured(), by_eigenvalues)
    nearly = (
        lambda *args: measured()(*args[:4], abs(args[4])),
        lambda x, P, *rest: measured()(x, np.eye(len(P)), *rest),
    )


def test_gives_part_of_the_points_for_part_of_the_work():
    assert stretches(measured(mean=np.mean)) == 2


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (measured(lambda J: np.linalg.norm(J, axis=0)), "unit-vectors"),
        (measured(mean=np.median), "other-mean"),
        (measured(lambda J: np.linalg.norm(J, axis=1), mean=np.mean), "other-mean"),
        (lambda *args: measured()(*args)[::-1], "order"),
    ],
)
def test_names_other_forms_of_a_slip(answer, mistake):
    assert mistake in stretches(answer).mistakes


def test_a_prediction_is_laid_beside_the_sheets_own_block():
    smallest = measured()(*of_the_sheet().args)[0]
    assert 0.05 < smallest < 0.9
    told = stretches(measured(), prediction=1.0).feedback
    assert any("you predicted 1, it is" in text for text in told)


def test_the_sheets_block_is_the_one_that_is_measured():
    names = contract.sheet("residual_networks").names()
    for mine, its in zip(of_the_sheet().args, names["BLOCK"], strict=True):
        assert np.array_equal(mine, its)


def test_a_slip_with_a_name_is_told_that_name_alone():
    for name in ("unit-vectors", "eigenvalues", "entries-of-it"):
        assert "sampled" not in " ".join(stretches(WRONG[name]).feedback), name
