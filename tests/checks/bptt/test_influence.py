"""A gradient that points the wrong way: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import sympy as sp

from backpass.checks.bptt import influence


def chain(pick=lambda terms, K: terms[:K].sum(), full=None, first=None, transpose=False,
          units=lambda s: s[0]):  # fmt: skip
    """Influence balancing with one thing changed."""

    def answer(n, p, K):
        A = (np.eye(n) + np.eye(n, k=-1 if transpose else 1)) / 2
        v = np.where(np.arange(n) < p, 1.0, -1.0)
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


WRONG = {
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

RIGHT = [chain(), by_formula]

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
    found = set(influence(chain(full=lambda sums, K: -2.0)).mistakes)  # (A⁻¹ v)₁, say
    assert found <= {"factor", "sign", "sign+factor"}
