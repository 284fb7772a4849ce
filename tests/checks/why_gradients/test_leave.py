"""How long on the ridge? See :mod:`contract` for what is asked."""

import contract
import numpy as np

from backpass.checks.why_gradients import leave


def steps(below=lambda lam, eta: np.log(1 - eta * lam), above=np.log, other=-1.0):
    """The numbers of steps, with one thing changed."""

    def answer(e, lam, eta):
        with np.errstate(all="ignore"):
            k = above(1 / e) / below(lam, eta)
        return k if other is None else np.where(lam < 0, k, other)

    return answer


def by_loop(e, lam, eta):
    return np.array(
        [-1 if a >= 0 else np.log(d) / -np.log1p(-eta * a) for d, a in zip(e, lam, strict=True)]
    )


WRONG = {
    "shrinking": steps(lambda lam, eta: np.log(1 + eta * lam), other=None),
    "continuous": steps(lambda lam, eta: eta * np.abs(lam)),
    "rate-forgotten": steps(lambda lam, eta: np.log(1 - lam)),
    "rounded": lambda *given: np.ceil(steps()(*given)),
    "minimum-left": steps(other=None),
}
RIGHT = [steps(), by_loop]
NEARLY = [
    steps(other=np.inf),
    steps(other=0.0),
    steps(above=lambda q: np.log(q / 2)),
    lambda *a: steps()(*a)[::-1],
]


class TestLeave(contract.Exercise):
    check = leave
    wrong, right, nearly = WRONG, RIGHT, NEARLY


def test_gives_part_of_the_points_for_saddles():
    assert leave(steps(other=None)) == 2
