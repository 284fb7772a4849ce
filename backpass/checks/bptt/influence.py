"""A gradient that points the wrong way: influence balancing."""

from functools import cached_property

import numpy as np

from backpass.checks.bptt._inputs import NEWEST, WRONG_WAY
from backpass.checks.exercise import exercise


class Chain:
    """The chain of n linear units, p of which θ pushes up, and what θ of k steps ago does to it."""

    def __init__(self, n: int, p: int, k: int) -> None:
        self.n, self.p, self.k = n, p, k
        self.a = (np.eye(n) + np.eye(n, k=1)) / 2
        self.v = np.where(np.arange(n) < p, 1.0, -1.0)

    def influences(self, a: np.ndarray, steps: int = 400) -> np.ndarray:
        """How much θ of j steps ago moves each unit through the matrix ``a``, [j, unit].

        θ is 1 at one step and 0 after it. The units are linear in θ, so that this is a slope.
        After 400 steps nothing is left of it.
        """
        s = [self.v]
        for _ in range(steps):
            s.append(a @ s[-1])
        return np.array(s)

    @cached_property
    def units(self) -> np.ndarray:
        """The influence on each unit, [j, unit]."""
        return self.influences(self.a)

    @property
    def first(self) -> np.ndarray:
        """The influence on the first unit, which the loss looks at, [j]."""
        return self.units[:, 0]

    @cached_property
    def sums(self) -> np.ndarray:
        """The derivative of the first unit truncated at K, at [K − 1]."""
        return self.first.cumsum()

    @property
    def right(self) -> dict[str, float]:
        """The three results by name."""
        truncated, full = self.sums[self.k - 1], self.sums[-1]
        return {"truncated": truncated, "full": full, "first_K": 1 + int(np.argmax(self.sums < 0))}


CHAINS = [Chain(23, 10, 20), Chain(9, 4, 1), Chain(8, 3, 6), Chain(23, 10, 45), Chain(40, 17, 5)]


@exercise("A gradient that points the wrong way", section=WRONG_WAY, points=4, kind="implement")
def influence(attempt):
    for name, label, weight in [
        ("truncated", "truncated at K", 2),
        ("full", "in full", 1),
        ("first_K", "the smallest K", 1),
    ]:
        with attempt.part(label, weight=weight) as part:
            for chain in part.each(CHAINS, "n = {0.n}, p = {0.p}, K = {0.k}"):
                part.outputs([chain.n, chain.p, chain.k], chain.right, name, of=[chain])


@influence.mistake("One term too many: j runs from 0 to K − 1.")
def one_too_many(chain, name):
    return chain.sums[chain.k] if name == "truncated" else None


@influence.mistake("One term too few: j runs from 0 to K − 1, so K = 1 keeps one, v itself.")
def one_too_few(chain, name):
    return chain.first[: chain.k - 1].sum() if name == "truncated" else None


@influence.mistake(f"The term with j = 0, A⁰v = v, is lost. {NEWEST}")
def newest_lost(chain, name):
    return chain.first[1 : chain.k].sum() if name == "truncated" else None


@influence.mistake("This is one term of the sum, the one furthest back. Add them up.")
def last_term(chain, name):
    return chain.first[chain.k - 1] if name == "truncated" else None


@influence.mistake("Nothing is cut: this is the whole derivative.")
def full(chain, name):
    return chain.sums[-1] if name == "truncated" else None


@influence.mistake(
    "The superdiagonal has become a subdiagonal: A[i, i + 1] = ½, so unit i hears from unit i + 1."
)
def transposed(chain, name):
    if name != "truncated":
        return None
    return chain.influences(chain.a.T)[: chain.k, 0].sum()


@influence.mistake("This is summed over all units. The loss sees only the first, s[0].")
def all_units(chain, name):
    sums = {"truncated": chain.units[: chain.k].sum(), "full": chain.units.sum()}
    return sums.get(name)


@influence.mistake(
    "`A**j` takes the power of each entry. The influence goes through the matrix j times:"
    " A @ (A @ …), or np.linalg.matrix_power."
)
def elementwise(chain, name):
    if name != "truncated":
        return None
    return sum(((chain.a**j) @ chain.v)[0] for j in range(chain.k))


@influence.mistake("This is the truncated derivative; the full one does not depend on K.")
def truncated(chain, name):
    return chain.right["truncated"] if name == "full" else None


@influence.mistake(
    "One too small: entry number j of the running sums, counted from 0, belongs to K = j + 1."
)
def counted_from_zero(chain, name):
    return chain.right["first_K"] - 1 if name == "first_K" else None


@influence.mistake("There the truncated derivative is largest, and it is still positive.")
def peak(chain, name):
    return 1 + int(np.argmax(chain.sums)) if name == "first_K" else None


@influence.mistake(
    "There the truncated derivative has nearly its full value. The sign comes right earlier."
)
def all_for_sign(chain, name):
    near = np.abs(chain.sums / chain.sums[-1] - 1) < 0.01
    return 1 + int(np.argmax(near)) if name == "first_K" else None
