"""The size of a vector behind a product of matrices, each of which acts several times in a row."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps

import numpy as np

from backpass.checks import Attempt, exercise
from backpass.checks.errors import Wrong
from backpass.checks.relu_cnn_rnn._inputs import PRODUCTS, draw, either, same


@dataclass(eq=False)
class Nets:
    """Matrices ws (nets, count, n, n); k factors, each matrix m times in a row."""

    ws: np.ndarray
    k: int
    m: int

    @property
    def args(self) -> list:
        """What the learner's function is called with."""
        return [self.ws, self.k, self.m]

    @property
    def turns(self) -> list[int]:
        """Which matrix acts in each factor."""
        count = self.ws.shape[1]
        return np.repeat(np.arange(count), self.m)[: self.k].tolist()

    def taking(self, turns: Callable[[int, int], list[int]]) -> np.ndarray:
        """The logarithms if the matrices take these turns, the last in place of missing ones."""
        most = self.ws.shape[1] - 1
        return np.log(self.sizes([min(turn, most) for turn in turns(self.k, self.m)]))

    def product(self, turns: list[int], net: np.ndarray) -> np.ndarray:
        """The product of a net's matrices, in these turns."""
        found = np.eye(net.shape[-1])
        for turn in turns:
            found = found @ net[turn]
        return found

    def sizes(
        self,
        turns: list[int] | None = None,
        *,
        ws: np.ndarray | None = None,
        start: float | None = None,
    ) -> np.ndarray:
        """‖x W … W‖ for each net; x has equal entries, of size 1 together unless ``start``."""
        ws, n = self.ws if ws is None else ws, self.ws.shape[-1]
        x = np.full(n, start or n**-0.5)
        turns = self.turns if turns is None else turns
        return np.array([np.linalg.norm(x @ self.product(turns, net)) for net in ws])

    @cached_property
    def right(self) -> np.ndarray:
        """The logarithms, one for each net."""
        return np.log(self.sizes())


def nets(seed: int, many: int, count: int, n: int, k: int, m: int) -> Nets:
    """``many`` nets of ``count`` matrices of n rows."""
    return Nets(2 * draw(seed, (many, count, n, n))[0], k, m)


CASES = {
    "different matrices, k = 6, m = 1": nets(21, 5, 7, 3, 6, 1),
    "one matrix, k = 6, m = 6": nets(22, 4, 7, 2, 6, 6),
    "each four times in a row, k = 10, m = 4": nets(23, 6, 10, 5, 10, 4),
}


@exercise(
    "A product of different matrices, or of one",
    section=PRODUCTS,
    points=3,
    kind="implement",
    mistakes={
        "shape": (
            "One number is wanted for each net.",
            "The norm is taken along the last axis only: np.linalg.norm(x, axis=-1).",
        ),
    },
)
def log_sizes(attempt):
    taken = turns_taken(attempt)
    for label, case in CASES.items():
        told = OF_SIZES.intersection(attempt.mistakes)  # in a part before
        with attempt.part(label) as part:
            given = part.call(*case.args)
            part.expect(given, case.right, of=[case, given, taken], after=told, batch=None)


#: Slips that leave the order of the matrices as it is: they show in every part, and cost the first.
OF_SIZES = {"no-logarithm", "base-10", "squared", "start-of-ones", "from-the-left", "shape"}

#: Which matrix acts in each factor, by the slip: a list of turns, from k and m.
TURNS: dict[str, Callable[[int, int], list[int]]] = {}


def turns_taken(attempt: Attempt) -> str | None:
    """The slip that explains which matrices the answer takes, in all cases; None if none does."""
    try:
        found = [attempt.call(*case.args, repeat=False) for case in CASES.values()]
    except Wrong:
        return None  # the parts say what
    pairs = list(zip(CASES.values(), found, strict=True))
    wrong = [(case, given) for case, given in pairs if not same(given, case.right)]
    for slug, turns in TURNS.items():
        if wrong and all(same(given, case.taking(turns)) for case, given in wrong):
            return slug
    return None


def turns(kind: str, fix: str) -> Callable:
    """Enter a mistake in the turns that the matrices take: ``turns(k, m)``, at once or in forms."""

    def enter(function: Callable[[int, int], list[int]]) -> Callable:
        slug = function.__name__.replace("_", "-")
        TURNS[slug] = function

        @log_sizes.mistake(kind, fix)
        @wraps(function)
        def mistake(case: Nets, given: object, taken: str | None) -> np.ndarray | None:
            return case.taking(function) if taken in (None, slug) else None

        return function

    return enter


@turns(
    "A new matrix acts in every factor, whatever m is.",
    "Of the factors 0, 1, 2, … number i is matrix i // m.",
)
def always_new(k, m):
    return list(range(k))


@turns(
    "The first matrix acts in every factor, whatever m is.",
    "Of the factors 0, 1, 2, … number i is matrix i // m.",
)
def always_one(k, m):
    return [0] * k


@turns(
    "The first m matrices take turns. Each is to act m times in a row before the next one comes.",
    "Number i of the factors is matrix i // m, not i % m.",
)
def taking_turns(k, m):
    return [i % m for i in range(k)]


@turns(
    "There are m matrices here, each of which acts k/m times. Each is to act m times.",
    "Number i of the factors is matrix i // m, not i // (k // m).",
)
def m_matrices(k, m):
    return [i // (k // m) for i in range(k)]


@turns(
    "The next matrix comes one factor too early.",
    "Count the factors from 0: number i is matrix i // m, and the first m of them are matrix 0.",
)
def too_early(k, m):
    return [(i + 1) // m for i in range(k)]


@turns(
    "The first matrix acts once only, and each of the others m times.",
    "Count the factors from 0: number i is matrix i // m, and the first m of them are matrix 0.",
)
def first_once(k, m):
    return [-(-i // m) for i in range(k)]


@turns(
    "Each matrix acts once only, so that there are k/m factors.",
    "Let each act m times before the next one comes: there are k factors in all.",
)
def once_each(k, m):
    return list(range(k // m))


@turns(
    "Each of k matrices acts m times, which makes k m factors.",
    "There are k factors in all: let the loop run over them, and choose matrix i // m.",
)
def too_many(k, m):
    return [i // m for i in range(k * m)]


@turns(
    "The last matrix is cut off where m does not divide k.",
    "There are k factors in all: let the loop run over them, and choose matrix i // m.",
)
def cut_short(k, m):
    return [i // m for i in range(k // m * m)]


@turns(
    "The last matrix acts m times, also where m does not divide k.",
    "There are k factors in all: let the loop run over them, and choose matrix i // m.",
)
def not_cut(k, m):
    return [i // m for i in range(-(-k // m) * m)]


@turns(
    "There is one factor too few.",
    "Print how often your loop runs: k factors act on x.",
)
def one_missing(k, m):
    return [i // m for i in range(k - 1)]


@turns(
    "There is one factor too many.",
    "Print how often your loop runs: k factors act on x.",
)
def one_more(k, m):
    return [i // m for i in range(k + 1)]


@log_sizes.mistake(
    "The matrices act in the opposite order: the last one first.",
    "x meets the first matrix first: x = x @ W.",
)
def reversed_(case, *_):
    return np.log(case.sizes(case.turns[::-1]))


@log_sizes.mistake(
    "The matrices act from the left, W x. Here a vector is a row, x W.",
    "Write x @ W; with a batch of nets x has the shape (nets, 1, n).",
)
def from_the_left(case, *_):
    return np.log(case.sizes(ws=np.swapaxes(case.ws, 2, 3)))


@log_sizes.mistake(
    "This is the norm itself, without the logarithm.", "Take np.log of it at the end."
)
def no_logarithm(case, *_):
    return case.sizes()


@log_sizes.mistake("This is the logarithm to the base 10.", "Take the natural one, np.log.")
def base_10(case, *_):
    return np.log10(case.sizes())


@log_sizes.mistake(
    "This is the logarithm of the squared norm.", "Take the root first, or half of it."
)
def squared(case, *_):
    return 2 * case.right


@log_sizes.mistake(
    "x does not begin with the norm 1.", "Its n entries are 1/√n: divide by np.sqrt(n)."
)
def start_of_ones(case, *_):
    return np.log(case.sizes(start=1.0))


@log_sizes.mistake(
    "This is the norm of the product of the matrices, without x.",
    "Let the matrices act on x, one by one, and take the norm of what comes out.",
)
def norm_of_product(case, given, _):
    products = [case.product(case.turns, net) for net in case.ws]
    return either(given, *(np.log([np.linalg.norm(p, way) for p in products]) for way in (2, None)))


@log_sizes.mistake(
    "The norms of the single matrices are multiplied. That bounds the size of what comes out; what"
    " it is depends on how the matrices follow one another.",
    "Let the matrices act on x, one by one, and take the norm of what comes out.",
)
def product_of_norms(case, given, _):
    def norms(way):
        return [[np.linalg.norm(net[i], way) for i in case.turns] for net in case.ws]

    return either(given, *(np.log(norms(way)).sum(axis=1) for way in (2, None)))


@log_sizes.mistake(
    "All nets have the size of one of them.",
    "Each net has matrices of its own: Ws[:, i] are those of all nets.",
)
def one_net(case, given, _):
    return either(given, *(np.full(len(case.ws), case.right[i]) for i in (0, -1)))
