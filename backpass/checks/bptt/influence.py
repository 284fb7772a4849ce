"""A gradient that points the wrong way: influence balancing, in passes."""

from collections.abc import Callable
from functools import cache, cached_property, wraps

import numpy as np

from backpass.checks.bptt._inputs import NEWEST, WRONG_WAY, either
from backpass.checks.exercise import exercise


class Chain:
    """The chain of n linear units, p of which θ pushes up; passes over k steps, every s steps."""

    def __init__(self, n: int, p: int, k: int, s: int) -> None:
        self.n, self.p, self.k, self.s = n, p, k, s
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

    def passed(self, k: int, s: int) -> float:
        """What a pass over k steps says of θ, the derivatives of its s losses added up."""
        return self.sums[k - s : k].sum()

    def first_negative(self, sums: np.ndarray) -> int:
        """The smallest K, counted from 1, at which one of the ``sums`` is negative."""
        return 1 + int(np.argmax(sums < 0))

    @property
    def right(self) -> dict[str, float]:
        """The three results by name."""
        windows = self.sums[:300].cumsum()  # what `passed(k, k)` is for K = 1, 2, …
        return {
            "one_pass": self.passed(self.k, self.s),
            "sliding_K": self.first_negative(self.sums),
            "windows_K": self.first_negative(windows),
        }


CHAINS = [
    Chain(23, 10, 20, 5),
    Chain(9, 4, 3, 1),
    Chain(8, 3, 6, 6),
    Chain(15, 6, 25, 12),
    Chain(12, 5, 7, 3),
]
HERE = "n = {}, p = {}, K = {}, S = {}"


@exercise("A gradient that points the wrong way", section=WRONG_WAY, points=4, kind="predict")
def influence(attempt):
    cases = [(chain.n, chain.p, chain.k, chain.s) for chain in CHAINS]
    rights = [chain.right for chain in CHAINS]
    right = {name: np.array([one[name] for one in rights]) for name in rights[0]}
    for name, label, weight in [
        ("one_pass", "a pass", 2),
        ("sliding_K", "the smallest K, with S = 1", 1),
        ("windows_K", "the smallest K, with S = K", 1),
    ]:
        with attempt.part(label, weight=weight) as part:
            part.outputs(cases, right, name, of=lambda *of: of, here=HERE)
            if name == "windows_K":
                attempt.compare("The smallest K with S = K, n = 9, p = 4", int(right[name][1]))


def slip(sentence: str, fix: str, *asked: str) -> Callable:
    """Enter a mistake in the results ``asked``: what it gives for a chain and a name, in one form
    or several.
    """

    def enter(function):
        @cache
        def forms(name):
            of_chains = [np.ravel(function(chain, name)) for chain in CHAINS]
            return np.transpose(of_chains).astype(float)

        @wraps(function)
        def values(name, given):
            return either(given, *forms(name)) if name in asked else None

        return influence.mistake(sentence, fix)(values)

    return enter


@slip(
    "All S losses are given credit over K steps. The pass begins at the newest of them, and its K"
    " steps are counted from there.",
    "The newest reaches K steps back, the one before it K − 1, the oldest K − S + 1: add these.",
    "one_pass",
)
def all_alike(chain, _):
    return chain.s * chain.sums[chain.k - 1]


@slip(
    "Only the newest loss of the pass is in it.",
    "Add the derivatives of its S losses, which reach K, K − 1, …, K − S + 1 steps back.",
    "one_pass",
)
def newest_loss(chain, _):
    return chain.sums[chain.k - 1]


@slip(
    "These are K losses. A pass collects those of its S newest steps.",
    "Add S derivatives, truncated at K, K − 1, …, K − S + 1.",
    "one_pass",
)
def all_losses(chain, _):
    return chain.passed(chain.k, chain.k)


@slip(
    "This is a mean. The losses of a pass are added up.",
    "Divide by nothing.",
    "one_pass",
)
def averaged(chain, _):
    return [chain.right["one_pass"] / chain.s, chain.right["one_pass"] / chain.k]


@slip(
    "Each derivative has one term too many.",
    "Truncated at k, j runs from 0 to k − 1: k terms.",
    "one_pass",
)
def one_too_many(chain, _):
    return chain.passed(chain.k + 1, chain.s)


@slip(
    "Each derivative has one term too few.",
    "Truncated at k, j runs from 0 to k − 1, so that k = 1 keeps one term, v itself.",
    "one_pass",
)
def one_too_few(chain, _):
    return chain.sums[max(chain.k - 1 - chain.s, 0) : chain.k - 1].sum()


@slip(
    "There is one loss too many or too few in the pass.",
    "Of its S losses the oldest reaches K − S + 1 steps back.",
    "one_pass",
)
def other_count(chain, _):
    more = chain.sums[max(chain.k - chain.s - 1, 0) : chain.k].sum()
    return [more, chain.sums[chain.k - chain.s + 1 : chain.k].sum()]


@slip(
    f"The terms with j = 0 are lost. {NEWEST}",
    "A⁰ v is v: begin with it.",
    "one_pass",
    "sliding_K",
    "windows_K",
)
def newest_lost(chain, name):
    without = chain.sums - chain.first[0]  # at [K − 1], and one step further with K terms
    if name == "one_pass":
        return [one[chain.k - chain.s : chain.k].sum() for one in (without, without[1:])]
    sums = without if name == "sliding_K" else without.cumsum()
    further = without[1:] if name == "sliding_K" else without[1:].cumsum()
    return [chain.first_negative(one) for one in (sums, further)]


@slip(
    "This is the derivative in full, as often as the pass has losses: nothing is truncated.",
    "The newest loss sees K steps, the one before it K − 1, the oldest K − S + 1: add these.",
    "one_pass",
)
def full(chain, _):
    return [chain.s * chain.sums[-1], chain.sums[-1]]


@slip(
    "These are single terms, the furthest of each loss.",
    "The derivative truncated at k is the sum of all k terms.",
    "one_pass",
)
def last_terms(chain, _):
    return chain.first[chain.k - chain.s : chain.k].sum()


@slip(
    "Unit i hears from the unit on the other side.",
    "A[i, i + 1] = ½ stands above the diagonal: np.eye(n, k=1).",
    "one_pass",
)
def transposed(chain, _):
    sums = chain.influences(chain.a.T)[:, 0].cumsum()
    return sums[chain.k - chain.s : chain.k].sum()


@slip("This is summed over all units. The loss sees only one.", "Take the first, s[0].", "one_pass")
def all_units(chain, _):
    return chain.units.sum(axis=1).cumsum()[chain.k - chain.s : chain.k].sum()


@slip("This is another unit than the loss sees.", "Take the first, s[0].", "one_pass")
def last_unit(chain, _):
    return chain.units[:, -1].cumsum()[chain.k - chain.s : chain.k].sum()


@slip(
    "v has one +1 too many or too few.",
    "Its first p entries are +1, those with the indices 0 to p − 1.",
    "one_pass",
    "sliding_K",
    "windows_K",
)
def another_p(chain, name):
    return [Chain(chain.n, chain.p + off, chain.k, chain.s).right[name] for off in (1, -1)]


@slip(
    "The chain is not that of the heading: A has ½ on the diagonal and ½ above it, and nothing"
    " else.",
    "A = (np.eye(n) + np.eye(n, k=1)) / 2.",
    "one_pass",
)
def other_matrix(chain, name):
    own, above, found = np.eye(chain.n), np.eye(chain.n, k=1), []
    for a in (own + above, above / 2, above, own / 2, own + above / 2, own / 2 + above):
        other = Chain(chain.n, chain.p, chain.k, chain.s)
        other.a = a
        found.append(other.right[name])
    return found


@slip(
    "The chapter's chain is in it, 23 units of which 10 are pushed up, whatever n and p are.",
    "Take n and p as they are given.",
    "one_pass",
    "sliding_K",
    "windows_K",
)
def chapters_sizes(chain, name):
    sizes = (23, 10), (23, chain.p), (chain.n, 10)
    return [Chain(n, min(p, n), chain.k, chain.s).right[name] for n, p in sizes]


@slip(
    "These are derivatives truncated at 1, 2, …, S: K is not in it.",
    "The oldest loss of a pass still reaches K − S + 1 steps back.",
    "one_pass",
)
def first_ones(chain, _):
    return chain.sums[: chain.s].sum()


@slip(
    "`A**j` takes the power of each entry. The influence goes through the matrix j times.",
    "Multiply again and again, v = A @ v, or take np.linalg.matrix_power.",
    "one_pass",
)
def elementwise(chain, _):
    first = np.array([((chain.a**j) @ chain.v)[0] for j in range(chain.k)])
    return first.cumsum()[chain.k - chain.s :].sum()


@slip(
    "One too small: Python's indices begin at 0, and K at 1.",
    "Entry number j of the running sums belongs to K = j + 1.",
    "sliding_K",
    "windows_K",
)
def counted_from_zero(chain, name):
    return chain.right[name] - 1


@slip(
    "There the derivative is largest, and it is still positive.",
    "Go on to the first K at which it is below 0.",
    "sliding_K",
    "windows_K",
)
def peak(chain, name):
    if name == "windows_K":
        return 1 + int(np.argmax(chain.sums.cumsum()))
    return [1 + int(np.argmax(chain.sums)), 2 + int(np.argmax(chain.sums))]


@slip(
    "There a single term is negative. It is their sum that has to be.",
    "Add the terms up, and look for the first negative sum.",
    "sliding_K",
)
def first_term(chain, _):
    return [1 + int(np.argmax(chain.first < -1e-12)), int(np.argmax(chain.first < -1e-12))]


@slip(
    "There it is positive; np.argmax gives 0, too, where nothing is true.",
    "Look further: add terms until a sum is negative.",
    "sliding_K",
    "windows_K",
)
def other_sign(chain, _):
    return 1


@slip(
    "There the loss at the *end* of a window has the right sign. The window's step follows the sum"
    " of all its losses, and most of them see less.",
    "Add the derivatives truncated at 1, 2, …, K, and look for the first K with a negative sum.",
    "windows_K",
)
def end_of_window(chain, _):
    return chain.right["sliding_K"]


@slip(
    "There the *average* reach is long enough, (K + 1)/2 steps. But the sum over a window is not"
    " what the average reach gives.",
    "Add the derivatives truncated at 1, 2, …, K, and look for the first K with a negative sum.",
    "windows_K",
)
def mean_reach(chain, _):
    first = chain.right["sliding_K"]
    return [2 * first - 1, 2 * first, 2 * first + 1]
