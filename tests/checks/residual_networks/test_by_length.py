"""The gradient, sorted by path length: see :mod:`contract` for what is asked."""

from math import comb

import contract
import numpy as np
import pytest

from backpass.checks.residual_networks import by_length


def through_lists(J, lam, g):
    parts = [g]
    for b, s in zip(J[::-1], lam[::-1], strict=True):
        parts = [
            (s * parts[k] if k < len(parts) else 0) + (parts[k - 1] @ b if k else 0)
            for k in range(len(parts) + 1)
        ]
    return np.array(parts)


def by_subsets(J, lam, g):
    """Every path by itself."""
    parts = np.zeros((len(J) + 1, len(g)))
    for path in range(2 ** len(J)):
        v, k = g, 0
        for i in range(len(J))[::-1]:
            v = v @ J[i] if path >> i & 1 else lam[i] * v
            k += path >> i & 1
        parts[k] += v
    return parts


def walked(step):
    """Down the blocks, with ``step(parts, factor, block)`` at each, in place."""

    def answer(J, lam, g):
        parts = np.zeros((len(J) + 1, len(g)))
        parts[0] = g
        for b, s in zip(J[::-1], lam[::-1], strict=True):
            step(parts, s, b)
        return parts

    return answer


@walked
def twice(parts, s, b):
    parts *= s
    for k in range(1, len(parts)):
        parts[k] += parts[k - 1] @ b


@walked
def twice_in_place(parts, s, b):
    parts[0] *= s
    for k in range(1, len(parts)):
        parts[k] = s * parts[k] + parts[k - 1] @ b


@walked
def twice_row_0_last(parts, s, b):
    for k in range(1, len(parts)):
        parts[k] = s * parts[k] + parts[k - 1] @ b
    parts[0] *= s


@walked
def backwards(parts, s, b):
    for k in range(len(parts) - 1, 0, -1):
        parts[k] = s * parts[k] + parts[k - 1] @ b
    parts[0] *= s


@walked
def overwritten(parts, s, b):
    parts[1:] = parts[:-1] @ b
    parts[0] *= s


@walked
def overwritten_unscaled(parts, s, b):
    parts[1:] = parts[:-1] @ b


@walked
def block_scaled(parts, s, b):
    parts[1:] += parts[:-1] @ b
    parts *= s


@walked
def first_row_unscaled(parts, s, b):
    parts[1:] = s * parts[1:] + parts[:-1] @ b


@walked
def only_the_first_row_scaled(parts, s, b):
    parts[1:] += parts[:-1] @ b
    parts[0] *= s


@walked
def as_in_the_chapter(parts, s, b):
    parts[1:] += parts[:-1] @ b


def rows(change):
    """The right rows, changed by ``change(rows, their numbers)``."""
    return lambda J, lam, g: change(through_lists(J, lam, g), np.arange(len(J) + 1)[:, None])


def one_path_each(J, lam, g):
    """Through the k blocks at the top, and along the shortcuts of the others."""
    found = []
    for k in range(len(J) + 1):
        found.append(g)
        for i in range(len(J))[::-1]:
            found[-1] = found[-1] @ J[i] if i >= len(J) - k else lam[i] * found[-1]
    return np.array(found)


def one_path_each_unscaled(J, lam, g):
    return one_path_each(J, np.ones_like(lam), g)


WRONG = {
    "unscaled": as_in_the_chapter,
    "block-scaled": block_scaled,
    "first-order": rows(lambda v, k: v * (k < 2)),
    "skip-forgotten": rows(lambda v, k: v * (k == len(v) - 1)),
    "block-forgotten": rows(lambda v, k: v * (k == 0)),
    "same-block-twice": twice,
    "other-order": lambda J, lam, g: through_lists(J[::-1], lam[::-1], g),
    "wrong-side": lambda J, lam, g: through_lists(J.transpose(0, 2, 1), lam, g),
    "cumulative": rows(lambda v, k: np.cumsum(v, axis=0)),
    "one-factor": lambda J, lam, g: through_lists(J, 0 * lam + lam[0], g),
    "other-factor": lambda J, lam, g: through_lists(J, lam**2, g),
    "upside-down": rows(lambda v, k: v[::-1]),
    "averaged": rows(lambda v, k: v / [[comb(len(v) - 1, i)] for i in range(len(v))]),
    "shape": lambda *args: through_lists(*args).sum(axis=0),
    "overwritten": overwritten,
    "one-path-each": one_path_each,
    "first-row-lost": rows(lambda v, k: v * (k > 0)),
}


class TestByLength(contract.Exercise):
    check = by_length
    wrong = WRONG
    right = (through_lists, by_subsets, backwards, lambda *args: through_lists(*args).tolist())
    nearly = (
        lambda J, lam, g: through_lists(J, lam, g) if len(J) < 3 else twice(J, lam, g),
        rows(lambda v, k: v * (k < 3)),
        lambda J, lam, g: through_lists(J, 0 * lam + lam[0], g),
    )


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (first_row_unscaled, "unscaled"),
        (only_the_first_row_scaled, "unscaled"),
        (overwritten_unscaled, "overwritten"),
        (twice_in_place, "same-block-twice"),
        (twice_row_0_last, "same-block-twice"),
        (one_path_each_unscaled, "one-path-each"),
        (lambda J, lam, g: through_lists(J, lam[::-1], g), "other-order"),
        (rows(lambda v, k: v[:, ::-1]), "upside-down"),
        (lambda J, lam, g: through_lists(J, 1 + lam, g), "other-factor"),
        (lambda J, lam, g: through_lists(J, 0 * lam + lam.mean(), g), "one-factor"),
    ],
)
def test_names_other_forms_of_a_slip(answer, mistake):
    assert mistake in by_length(answer).mistakes


def test_the_chapters_own_rule_is_told_one_thing():
    told = by_length(as_in_the_chapter).feedback
    assert by_length(as_in_the_chapter).mistakes == ("unscaled",)
    assert "with the same numbers" not in " ".join(told)


@pytest.mark.parametrize("slug", ["wrong-side", "block-scaled", "cumulative", "upside-down"])
def test_a_slip_in_each_block_costs_the_single_block(slug):
    score = by_length(WRONG[slug])
    assert (score, score.mistakes) == (3, (slug,))


def test_the_chapters_own_rule_has_no_points():
    assert by_length(as_in_the_chapter) == 0
