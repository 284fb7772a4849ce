"""A gradient that points the wrong way: influence balancing."""

from collections.abc import Callable
from functools import cached_property, wraps

import numpy as np

from backpass.checks.bptt._inputs import NEWEST, WRONG_WAY, either
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
HERE = "n = {}, p = {}, K = {}"


@exercise("A gradient that points the wrong way", section=WRONG_WAY, points=4, kind="implement")
def influence(attempt):
    cases = [(chain.n, chain.p, chain.k) for chain in CHAINS]
    right = {name: np.array([chain.right[name] for chain in CHAINS]) for name in CHAINS[0].right}
    for name, label, weight in [
        ("truncated", "truncated at K", 2),
        ("full", "in full", 1),
        ("first_K", "the smallest K", 1),
    ]:
        with attempt.part(label, weight=weight) as part:
            part.outputs(cases, right, name, of=lambda *of: of, here=HERE)


def slip(sentence: str, *asked: str) -> Callable:
    """Enter a mistake in the results ``asked``: what it gives for a chain and a name, in one form
    or several.
    """

    def enter(function):
        @wraps(function)
        def values(name, given):
            if name not in asked:
                return None
            forms = np.transpose([np.ravel(function(chain, name)) for chain in CHAINS])
            return either(given, *forms.astype(float))

        return influence.mistake(sentence)(values)

    return enter


@slip("One term too many: j runs from 0 to K − 1.", "truncated")
def one_too_many(chain, _):
    return chain.sums[chain.k]


@slip("One term too few: j runs from 0 to K − 1, so K = 1 keeps one, v itself.", "truncated")
def one_too_few(chain, _):
    return chain.first[: chain.k - 1].sum()


@slip(f"The term with j = 0, A⁰v = v, is lost. {NEWEST}", "truncated")
def newest_lost(chain, _):
    return [chain.first[1 : chain.k].sum(), chain.first[1 : chain.k + 1].sum()]


@slip("This is one term of the sum, the one furthest back. Add them up.", "truncated")
def last_term(chain, _):
    return [chain.first[chain.k - 1], chain.first[chain.k]]


@slip("Nothing is cut: this is the whole derivative.", "truncated")
def full(chain, _):
    return chain.sums[-1]


@slip(
    "It ends too early. One of the terms is exactly 0, that with j = 2p − 1, and the later ones are"
    " not: who adds until nothing changes must not stop there.",
    "truncated",
    "full",
)
def stopped_at_zero(chain, name):
    there = int(np.argmax(np.abs(chain.first) < 1e-12))
    return chain.sums[min(chain.k - 1, there) if name == "truncated" else there]


@slip(
    "There are too few terms for the sum to have come to rest: it takes hundreds. The solution of a"
    " linear system needs none.",
    "full",
)  # fmt: skip
def cut_short(chain, _):
    return [chain.sums[count - 1] for count in (chain.n, 2 * chain.n, 50, 100, 200)]


@slip(
    "The superdiagonal has become a subdiagonal: A[i, i + 1] = ½, so unit i hears from unit i + 1.",
    "truncated", "full",
)  # fmt: skip
def transposed(chain, name):
    sums = chain.influences(chain.a.T)[:, 0].cumsum()
    return sums[chain.k - 1 if name == "truncated" else -1]


@slip("This is summed over all units. The loss sees only the first, s[0].", "truncated", "full")
def all_units(chain, name):
    return chain.units[: chain.k if name == "truncated" else None].sum()


@slip("This is the last unit. The loss sees only the first, s[0].", "truncated", "full")
def last_unit(chain, name):
    return chain.units[: chain.k if name == "truncated" else None, -1].sum()


@slip(
    "v has one +1 too many or too few: its first p entries are +1, those with the indices 0 to"
    " p − 1.",
    "truncated", "full", "first_K",
)  # fmt: skip
def another_p(chain, name):
    return [Chain(chain.n, chain.p + off, chain.k).right[name] for off in (1, -1)]


@slip(
    "`A**j` takes the power of each entry. The influence goes through the matrix j times:"
    " A @ (A @ …), or np.linalg.matrix_power.",
    "truncated",
)  # fmt: skip
def elementwise(chain, _):
    return sum(((chain.a**j) @ chain.v)[0] for j in range(chain.k))


@slip(
    "That is another linear system. S = v + A v + A² v + … has S − A S = v, so that I − A stands on"
    " the left.",
    "full",
)  # fmt: skip
def other_system(chain, _):
    identity = np.eye(chain.n)
    return [np.linalg.solve(m, chain.v)[0] for m in (chain.a, identity + chain.a)]


@slip("This is the truncated derivative; the full one does not depend on K.", "full")
def truncated(chain, _):
    return chain.right["truncated"]


@slip(
    "One too small: entry number j of the running sums, counted from 0, belongs to K = j + 1.",
    "first_K",
)
def counted_from_zero(chain, _):
    return chain.right["first_K"] - 1


@slip("There the truncated derivative is largest, and it is still positive.", "first_K")
def peak(chain, _):
    return [1 + int(np.argmax(chain.sums)), 2 + int(np.argmax(chain.sums))]


@slip(
    "There a single term has the sign of the full derivative. It is their sum that has to have it.",
    "first_K",
)  # fmt: skip
def first_term(chain, _):
    return [1 + int(np.argmax(chain.first < -1e-12)), int(np.argmax(chain.first < -1e-12))]


@slip(
    "There the truncated derivative has nearly its full value. The sign comes right earlier.",
    "first_K",
)
def all_for_sign(chain, _):
    near = [np.abs(chain.sums / chain.sums[-1] - 1) < by for by in (0.01, 1e-3, 1e-6)]
    return [1 + int(np.argmax(one)) for one in near]


@slip(
    "There it is positive, and the full derivative is negative. (np.argmax gives 0, too, where"
    " nothing is true.)",
    "first_K",
)  # fmt: skip
def other_sign(chain, _):
    return 1
