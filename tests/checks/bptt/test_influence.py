"""A gradient that points the wrong way: see :mod:`contract` for what is asked."""

import contract
import numpy as np
import pytest

from backpass.checks.bptt import influence


def chain(
    reach=lambda K, S: range(K - S + 1, K + 1),
    add=lambda terms, k: terms[:k].sum(),
    over=lambda K, S: 1,
    sliding=lambda sums: 1 + np.argmax(sums < 0),
    windows=lambda sums: 1 + np.argmax(sums.cumsum() < 0),
    transpose=False,
    units=lambda s: s[0],
    off=0,
    power=None,
    matrix=lambda A: A,
):
    """Influence balancing in passes, with one thing changed."""

    def answer(n, p, K, S):
        A = (np.eye(n) + np.eye(n, k=-1 if transpose else 1)) / 2
        A = matrix(A)
        v = np.where(np.arange(n) < p + off, 1.0, -1.0)
        found, s = [], v
        for j in range(400):
            s = power(A, j) @ v if power else s
            found.append(units(s))
            s = A @ s
        terms = np.array(found)
        sums = terms.cumsum()
        whole = sum(add(terms, k) for k in reach(K, S)) / over(K, S)
        return whole, sliding(sums), windows(sums)

    return answer


def walked(n, p, K, S):
    """One K after the other, with powers of the matrix."""
    A = np.diag(np.full(n, 0.5)) + np.diag(np.full(n - 1, 0.5), 1)
    v = np.r_[np.ones(p), -np.ones(n - p)]

    terms = [(np.linalg.matrix_power(A, j) @ v)[0] for j in range(130)]
    sums = [sum(terms[:k]) for k in range(1, 131)]
    first = next(k for k in range(1, 131) if sums[k - 1] < 0)
    window = next(k for k in range(1, 131) if sum(sums[:k]) < 0)
    return sum(sums[K - S : K]), first, window


def begun_with_a_step(n, p, K, S):
    """The sums of A v, A² v, …, as of who multiplies before adding."""
    A, v, first = (np.eye(n) + np.eye(n, k=1)) / 2, np.r_[np.ones(p), -np.ones(n - p)], []
    for _ in range(300):
        v = A @ v
        first.append(v[0])
    sums = np.cumsum(first)
    return sums[K - S : K].sum(), 1 + np.argmax(sums < 0), 1 + np.argmax(sums.cumsum() < 0)


WRONG = {
    "all-alike": chain(reach=lambda K, S: [K] * S),
    "newest-loss": chain(reach=lambda K, S: [K]),
    "all-losses": chain(reach=lambda K, S: range(1, K + 1)),
    "averaged": chain(over=lambda K, S: S),
    "one-too-many": chain(add=lambda terms, k: terms[: k + 1].sum()),
    "one-too-few": chain(add=lambda terms, k: terms[: k - 1].sum()),
    "other-count": chain(reach=lambda K, S: range(max(K - S, 0), K + 1)),
    "newest-lost": chain(add=lambda terms, k: terms[1:k].sum()),
    "full": lambda n, p, K, S: (2 * S * (2 * p - n), *chain()(n, p, K, S)[1:]),
    "last-terms": chain(add=lambda terms, k: terms[k - 1]),
    "transposed": chain(transpose=True),
    "all-units": chain(units=np.sum),
    "last-unit": chain(units=lambda s: s[-1]),
    "another-p": chain(off=1),
    "elementwise": chain(power=lambda A, j: A**j),
    "counted-from-zero": chain(sliding=lambda sums: np.argmax(sums < 0)),
    "peak": chain(sliding=lambda sums: 1 + np.argmax(sums)),
    "first-term": lambda n, p, K, S: (chain()(n, p, K, S)[0], 2 * p + 1, chain()(n, p, K, S)[2]),
    "other-matrix": chain(matrix=lambda A: 2 * A),
    "chapters-sizes": lambda n, p, K, S: (*chain()(n, p, K, S)[:2], 110),
    "first-ones": chain(reach=lambda K, S: range(1, S + 1)),
    "other-sign": chain(sliding=lambda sums: 1),
    "end-of-window": chain(windows=lambda sums: 1 + np.argmax(sums < 0)),
    "mean-reach": chain(windows=lambda sums: 1 + 2 * np.argmax(sums < 0)),
}

RIGHT = [
    chain(),
    walked,
    lambda *args: dict(zip(("one_pass", "sliding_K", "windows_K"), chain()(*args), strict=True)),
]

#: Answers that are right on most inputs.
NEARLY = [
    lambda *args: (*chain()(*args)[:2], 110),
    lambda n, p, K, S: chain()(n, p, K, min(S, 6)),
    lambda n, p, K, S: (chain()(n, p, K, S)[0], 41, chain()(n, p, K, S)[2]),
]


class TestInfluence(contract.Exercise):
    check = influence
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_part_of_the_work():
    assert influence(WRONG["peak"]) == 3
    assert influence(WRONG["all-alike"]) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (chain(over=lambda K, S: K), "averaged"),
        (begun_with_a_step, "newest-lost"),
        (chain(windows=lambda sums: np.argmax(sums.cumsum() < 0)), "counted-from-zero"),
        (chain(windows=lambda sums: 1 + np.argmax(sums.cumsum())), "peak"),
        (
            lambda n, p, K, S: (*chain()(n, p, K, S)[:1], 41, chain()(n, p, K, S)[2]),
            "chapters-sizes",
        ),
    ],
)
def test_names_other_forms_of_a_slip(answer, mistake):
    assert influence(answer).mistakes == (mistake,)


def test_names_results_in_another_order():
    assert influence(lambda *args: chain()(*args)[::-1]).mistakes == ("order",)


def test_the_prediction_is_compared_with_what_is_right():
    told = influence(chain(), prediction=15).feedback[-1]
    assert "n = 9, p = 4: you predicted 15" in told
