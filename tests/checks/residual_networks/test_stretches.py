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


def by_differences(x, P, W1, W2, beta):
    def block(x):
        return x @ P + beta * np.maximum(np.maximum(x, 0) @ W1, 0) @ W2

    J = np.array([(block(x + e) - block(x - e)) / 2e-5 for e in 1e-5 * np.eye(len(x))]).T
    s = np.linalg.svd(J, compute_uv=False)
    return s.min(), s.max(), np.sqrt(np.mean(s**2))


def by_formula(*args):
    return *measured()(*args)[:2], np.sqrt(1 + args[-1] ** 2)


WRONG = {
    "finite-differences": by_differences,
    "of-random-nets": by_formula,
    "block-alone": measured(shortcut=0.0),
    "unit-vectors": measured(lambda J: np.linalg.norm(J, axis=1)),
    "eigenvalues": measured(lambda J: np.abs(np.linalg.eigvals(J))),
    "squared": measured(lambda J: np.linalg.svd(J)[1] ** 2),
    "entries-of-it": measured(lambda J: np.abs(J).ravel()),
    "not-averaged": measured(mean=lambda s: np.sqrt(np.sum(s**2))),
    "other-mean": measured(mean=np.mean),
    "sampled": sampled,
    "other-block": lambda x, P, W1, W2, beta: measured()(x, np.eye(len(x)), W1, W2, beta),
    "one-direction": measured(lambda J: np.linalg.norm(J.sum(axis=0), keepdims=True)),
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


def without_masks(first, second):
    """The three factors of a block without one of its masks on the way back."""

    def answer(x, P, W1, W2, beta):
        on = (x > 0) | first
        hidden = ((np.maximum(x, 0) @ W1) > 0) | second
        sizes = np.linalg.svd(P.T + beta * ((W1 * on[:, None] * hidden) @ W2).T, compute_uv=False)
        return sizes.min(), sizes.max(), np.sqrt(np.mean(sizes**2))

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        without_masks(True, False),
        without_masks(False, True),
        lambda *args: measured()(*args[:4], 0.5),
        lambda *args: measured()(*args[:4], 1.0),
    ],
)
def test_what_is_of_another_block_is_told_so_and_not_that_too_few_were_tried(answer):
    score = stretches(answer)
    assert (score, score.mistakes) == (0, ("other-block",))


@pytest.mark.parametrize("other", [
    lambda s: 1 / s.max(), lambda s: np.sort(s)[1], lambda s: abs(np.prod(s)) ** (1 / len(s)),
])  # fmt: skip
def test_who_has_tried_all_directions_is_not_told_to_try_more(other):
    def answer(*args):
        s = np.linalg.svd(jacobian(*args), compute_uv=False)
        return other(s), s.max(), np.sqrt(np.mean(s**2))

    assert "sampled" not in stretches(answer).mistakes


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (measured(lambda J: np.linalg.norm(J, axis=0)), "unit-vectors"),
        (measured(mean=np.median), "other-mean"),
        (measured(lambda J: np.linalg.norm(J.sum(axis=0)) * len(J) ** np.array([0.5, 0.0])),
         "one-direction"),
        (measured(lambda J: np.linalg.norm(J, axis=1), mean=np.mean), "other-mean"),
        (lambda *args: measured()(*args)[::-1], "order"),
    ],
)  # fmt: skip
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


def test_the_jacobian_is_that_of_a_backward_pass_not_of_differences():
    score = stretches(by_differences)
    assert (score, score.mistakes) == (0, ("finite-differences",))
    assert "block_backward" in score.feedback[0]
