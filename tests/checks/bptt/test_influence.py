"""A gradient that points the wrong way: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import sympy as sp

from backpass.checks.bptt import influence


def chain(pick=lambda terms, K: terms[:K].sum(), full=None, first=None, transpose=False,
          units=lambda s: s[0], off=0):  # fmt: skip
    """Influence balancing with one thing changed."""

    def answer(n, p, K):
        A = (np.eye(n) + np.eye(n, k=-1 if transpose else 1)) / 2
        v = np.where(np.arange(n) < p + off, 1.0, -1.0)
        found = []
        for _ in range(500):
            found.append(units(v))
            v = A @ v
        found = np.array(found)
        sums = found.cumsum()
        whole = sums[-1] if full is None else full(sums, K)
        sign = 1 + np.argmax(sums < 0)
        return pick(found, K), whole, sign if first is None else first(sums)

    return answer


def by_formula(n, p, K):
    """Binomials, and the sum that is left when each unit passes on half."""
    sums = np.cumsum([
        sum(sp.binomial(k, j) * (1 if j < p else -1) for j in range(min(k, n - 1) + 1)) / 2.0**k
        for k in range(max(K, 90))
    ])  # fmt: skip
    return float(sums[K - 1]), 2 * (2 * p - n), int(np.argmax(sums < 0)) + 1


def until_nothing_changes(n, p, K):
    """The sum ends at a term that is exactly 0."""
    A, s = (np.eye(n) + np.eye(n, k=1)) / 2, np.where(np.arange(n) < p, 1.0, -1.0)
    sums = [s[0]]
    while (s := A @ s)[0]:
        sums.append(sums[-1] + s[0])
    below = [i + 1 for i, one in enumerate(sums) if one < 0]
    return sums[min(K, len(sums)) - 1], sums[-1], below[0] if below else len(sums)


def solved(system):
    """The full derivative as the solution of a linear system."""

    def answer(n, p, K):
        A, v = (np.eye(n) + np.eye(n, k=1)) / 2, np.where(np.arange(n) < p, 1.0, -1.0)
        truncated, _, first = chain()(n, p, K)
        return truncated, np.linalg.solve(system(A, np.eye(n)), v)[0], first

    return answer


WRONG = {
    "stopped-at-zero": until_nothing_changes,
    "cut-short": lambda n, p, K: (*chain()(n, p, K)[:1], chain()(n, p, 50)[0], chain()(n, p, K)[2]),
    "last-unit": chain(units=lambda s: s[-1]),
    "another-p": chain(off=1),
    "other-system": solved(lambda A, I: A),
    "first-term": lambda n, p, K: (*chain()(n, p, K)[:2], 2 * p + 1),
    "other-sign": chain(first=lambda sums: 1),
    "one-too-many": chain(lambda terms, K: terms[: K + 1].sum()),
    "one-too-few": chain(lambda terms, K: terms[: K - 1].sum()),
    "newest-lost": chain(lambda terms, K: terms[1:K].sum()),
    "last-term": chain(lambda terms, K: terms[K - 1]),
    "full": chain(lambda terms, K: terms.sum()),
    "transposed": chain(transpose=True),
    "all-units": chain(units=np.sum),
    "elementwise": lambda n, p, K: (
        sum(
            (((np.eye(n) + np.eye(n, k=1)) / 2) ** k @ np.where(np.arange(n) < p, 1, -1))[0]
            for k in range(K)
        ),
        *chain()(n, p, K)[1:],
    ),
    "truncated": chain(full=lambda sums, K: sums[K - 1]),
    "counted-from-zero": chain(first=lambda sums: np.argmax(sums < 0)),
    "peak": chain(first=lambda sums: 1 + np.argmax(sums)),
    "all-for-sign": chain(first=lambda sums: 1 + np.argmax(abs(sums / sums[-1] - 1) < 0.01)),
}

RIGHT = [
    chain(),
    by_formula,
    solved(lambda A, I: I - A),
    lambda *args: dict(zip(("truncated", "full", "first_K"), chain()(*args), strict=True)),
]

#: Answers that are right on most inputs.
NEARLY = [
    lambda n, p, K: (16.476058959960938, -6, 41),
    lambda n, p, K: (*chain()(n, p, K)[:2], 41),
    lambda n, p, K: chain()(n, p, min(K, 40)),
]


class TestInfluence(contract.Exercise):
    check = influence
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_part_of_the_work():
    assert influence(WRONG["peak"]) == 3


def test_blames_no_slip_that_was_not_made():
    assert influence(chain(full=lambda sums, K: -2.5)).mistakes == ()


def test_the_sum_has_a_term_that_is_zero_before_it_has_come_to_rest():
    """What the exercise's text says: with j = 2p − 1."""
    assert until_nothing_changes(23, 10, 20)[1] == chain()(23, 10, 19)[0] > 0
    score = influence(until_nothing_changes)
    assert score.mistakes == ("stopped-at-zero", "peak")  # the smallest K is not found either


def test_names_results_in_another_order():
    assert influence(lambda *args: chain()(*args)[::-1]).mistakes == ("order",)


def test_results_in_float32_are_told_so():
    score = influence(lambda *args: tuple(np.float32(one) for one in chain()(*args)))
    assert score.mistakes == ("precision",)
