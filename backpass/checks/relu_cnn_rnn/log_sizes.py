"""The size of a vector behind a product of matrices, each of which acts several times in a row."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.relu_cnn_rnn._inputs import PRODUCTS, draw


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


def nets(seed: int, count: int, k: int, m: int) -> Nets:
    """Five nets of ``count`` matrices of three rows."""
    return Nets(2 * draw(seed, (5, count, 3, 3))[0], k, m)


CASES = {
    "different matrices, k = 6, m = 1": nets(21, 7, 6, 1),
    "one matrix, k = 6, m = 6": nets(22, 7, 6, 6),
    "each three times in a row, k = 8, m = 3": nets(23, 8, 8, 3),
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
    for label, case in CASES.items():
        with attempt.part(label) as part:
            part.expect(part.call(*case.args), case.right, of=[case], batch=None)


@log_sizes.mistake(
    "A new matrix acts in every factor, whatever m is.",
    "Of the factors 0, 1, 2, … number i is matrix i // m.",
)
def always_new(case):
    return np.log(case.sizes(list(range(case.k))))


@log_sizes.mistake(
    "The first matrix acts in every factor, whatever m is.",
    "Of the factors 0, 1, 2, … number i is matrix i // m.",
)
def always_one(case):
    return np.log(case.sizes([0] * case.k))


@log_sizes.mistake(
    "The first m matrices take turns. Each is to act m times in a row before the next one comes.",
    "Number i of the factors is matrix i // m, not i % m.",
)
def taking_turns(case):
    return np.log(case.sizes([i % case.m for i in range(case.k)]))


@log_sizes.mistake(
    "Each of k matrices acts m times, which makes k m factors.",
    "There are k factors in all: let the loop run over them, and choose matrix i // m.",
)
def too_many(case):
    count = min(case.k, case.ws.shape[1])
    return np.log(case.sizes(np.repeat(np.arange(count), case.m).tolist()))


@log_sizes.mistake(
    "The last matrix is cut off where m does not divide k.",
    "There are k factors in all: let the loop run over them, and choose matrix i // m.",
)
def cut_short(case):
    return np.log(case.sizes(case.turns[: case.k // case.m * case.m]))


@log_sizes.mistake(
    "There is one factor too many, or one is missing.",
    "Print how often your loop runs: k factors act on x.",
)
def one_off(case):
    return np.log(case.sizes(case.turns[:-1]))


@log_sizes.mistake(
    "The matrices act in the opposite order: the last one first.",
    "x meets the first matrix first: x = x @ W.",
)
def reversed_(case):
    return np.log(case.sizes(case.turns[::-1]))


@log_sizes.mistake(
    "The matrices act from the left, W x. Here a vector is a row, x W.",
    "Write x @ W; with a batch of nets x has the shape (nets, 1, n).",
)
def from_the_left(case):
    return np.log(case.sizes(ws=np.swapaxes(case.ws, 2, 3)))


@log_sizes.mistake(
    "This is the norm itself, without the logarithm.", "Take np.log of it at the end."
)
def no_logarithm(case):
    return case.sizes()


@log_sizes.mistake("This is the logarithm to the base 10.", "Take the natural one, np.log.")
def base_10(case):
    return np.log10(case.sizes())


@log_sizes.mistake(
    "This is the logarithm of the squared norm.", "Take the root first, or half of it."
)
def squared(case):
    return 2 * case.right


@log_sizes.mistake(
    "x does not begin with the norm 1.", "Its n entries are 1/√n: divide by np.sqrt(n)."
)
def start_of_ones(case):
    return np.log(case.sizes(start=1.0))


@log_sizes.mistake(
    "This is the norm of the product of the matrices, without x.",
    "Let the matrices act on x, one by one, and take the norm of what comes out.",
)
def norm_of_product(case):
    products = [case.product(case.turns, net) for net in case.ws]
    return np.log([np.linalg.norm(product, 2) for product in products])
