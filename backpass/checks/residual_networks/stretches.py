"""Unchanged? Predict, then measure."""

from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.residual_networks._inputs import MEET, either
from backpass.checks.residual_networks.block_backward import block, inside
from backpass.gradcheck import slope


class Local:
    """A block at one x (d,), with the arguments that the learner's function is called with."""

    def __init__(self, x, p, w1, w2, beta) -> None:
        self.args = [x, p, w1, w2, beta]
        self.x = x
        self.p = {"P": p, "W1": w1, "W2": w2, "beta": beta}

    def jacobian(self, forward) -> np.ndarray:
        """∂y/∂x of ``forward``, a row for each output."""
        d = len(self.x)
        rows = [
            slope(lambda x, i=i: forward(self.p | {"X": x[None]})[0, i], self.x) for i in range(d)
        ]
        return np.array(rows)

    @cached_property
    def j(self) -> np.ndarray:
        """The block's Jacobian, shape (d, d)."""
        return self.jacobian(block)

    @cached_property
    def alone(self) -> np.ndarray:
        """That of what is beside the shortcut, β F."""
        return self.jacobian(lambda p: p["beta"] * inside(p))

    @cached_property
    def right(self) -> dict[str, float]:
        """The three factors."""
        return factors(self.j)


def factors(j: np.ndarray) -> dict[str, float]:
    """By which factors the length of a gradient changes that is sent through a Jacobian."""
    sizes = np.linalg.svd(j, compute_uv=False)
    return {
        "smallest": sizes[-1],
        "largest": sizes[0],
        "typical": np.sqrt(np.mean(sizes**2)),
    }


def drawn(seed: int, d: int, h: int, beta: float) -> Local:
    """A block of width d with h hidden units."""
    normal = np.random.default_rng(seed).normal
    p = np.eye(d) + 0.3 * normal(size=(d, d))
    return Local(normal(size=d), p, normal(size=(d, h)), normal(size=(h, d)), beta)


CASES = [drawn(0, 3, 4, 0.5), drawn(1, 5, 4, 0.8), drawn(2, 2, 5, -0.4)]


def of_the_sheet(d: int = 16) -> Local:
    """The block that the sheet's prediction is about."""
    rng = np.random.default_rng(0)
    w1, w2 = np.sqrt(2 / d) * rng.normal(size=(2, d, d))
    return Local(rng.normal(size=d), np.eye(d), w1, w2, 0.5)


@exercise(
    "Unchanged? Predict, then measure",
    section=MEET,
    points=3,
    kind="predict",
)
def stretches(attempt):
    for name in ("smallest", "largest", "typical"):
        with attempt.part(f"the {name} factor") as part:
            for case in CASES:
                right = {key: np.array(value) for key, value in case.right.items()}
                part.outputs(case.args, right, name, of=lambda *of, case=case: (case, *of))
    if attempt.right == attempt.total and attempt.prediction is not ...:
        with attempt.part("the block above, for your prediction", 0) as part:
            case = of_the_sheet()
            smallest, *_ = part.call(*case.args, outputs=dict.fromkeys(case.right, np.zeros(())))
            attempt.compare("the smallest factor of the block above", round(float(smallest), 3))


@stretches.mistake(
    f"This is of what goes through the block alone, without the shortcut. {MEET}",
    "Take the Jacobian of all of y: your dX has both parts.",
)
def block_alone(case, name, _):
    factor = factors(case.alone)[name]
    return factor if factor > 1e-9 else None  # what a ReLU cuts off is lost, and 0 tells nothing


@stretches.mistake(
    "These are factors for the unit vectors, the length of each row of the Jacobian. Does a"
    " gradient have to point along an axis?",
    "Look at all directions: the singular values of the Jacobian are the extreme factors.",
)
def unit_vectors(case, name, given):
    forms = [np.linalg.norm(case.j, axis=axis) for axis in (1, 0)]
    pick = {"smallest": np.min, "largest": np.max}.get(name)
    return either(given, *(pick(form) for form in forms)) if pick else None


@stretches.mistake(
    "These are sizes of eigenvalues. They tell of vectors that come out as they went in, but for a"
    " factor; is that so of most?",
    "Take the singular values, np.linalg.svd(J, compute_uv=False).",
)
def eigenvalues(case, name, given):
    sizes = np.abs(np.linalg.eigvals(case.j))
    typical = np.sqrt(np.mean(sizes**2))
    return {"smallest": sizes.min(), "largest": sizes.max(), "typical": typical}[name]


@stretches.mistake(
    "These are squares of factors: J Jᵀ has been asked, or a root is missing.",
    "Take the root at the end.",
)
def squared(case, name, _):
    return case.right[name] ** 2


@stretches.mistake(
    "This is an entry of the Jacobian, or a mean of them. What is to be compared is lengths.",
    "Take its singular values, not its entries.",
)
def entries_of_it(case, name, given):
    sizes = np.abs(case.j)
    forms = {"smallest": [sizes.min(), case.j.min()], "largest": [sizes.max(), case.j.max()]}
    return either(given, *forms.get(name, [np.sqrt(np.mean(sizes**2)), sizes.mean()]))


@stretches.mistake(
    "This is the root of the sum of all squares. How many directions are there?",
    "Take their mean: divide the sum by d before you take the root.",
)
def not_averaged(case, name, _):
    return np.linalg.norm(case.j) if name != "smallest" else None


@stretches.mistake(
    "This is another mean of the factors than that of their squares.",
    "Square the singular values, take the mean, then the root.",
)
def other_mean(case, name, given):
    if name != "typical":
        return None
    sizes = np.linalg.svd(case.j, compute_uv=False)
    rows = np.linalg.norm(case.j, axis=1)
    means = sizes.mean(), np.exp(np.mean(np.log(sizes))), np.median(sizes), rows.mean()
    return either(given, *means, (sizes[0] + sizes[-1]) / 2)


@stretches.mistake(
    "This lies between the smallest and the largest factor: some direction has it. Is there one"
    " that was not tried?",
    "Tried directions miss the extreme ones: take np.linalg.svd of the Jacobian.",
)
def sampled(case, name, given):
    low, high = case.right["smallest"], case.right["largest"]
    if name == "typical" or np.shape(given) or not low < given < high:
        return None
    # What has a name of its own: half or twice the right one, few digits, and the slips above.
    others = [times * case.right[name] for times in (0.5, 1, 2)]
    slips = (block_alone, unit_vectors, eigenvalues, squared, entries_of_it, not_averaged)
    others += [value for slip in slips if (value := slip(case, name, given)) is not None]
    return None if np.isclose(given, others, 1e-3).any() else given
