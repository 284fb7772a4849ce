"""Unchanged? Predict, then measure."""

from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.attempt import Attempt
from backpass.checks.errors import Wrong
from backpass.checks.residual_networks._inputs import MEET, either, relu
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
    exact=True,
    mistakes={
        "finite-differences": (
            "The rows of the Jacobian are to come from your `block_backward`.",
            "Give it np.eye(d) for G, and the same x in each row of X.",
        ),
    },
)
def stretches(attempt):
    tried = tried_directions(attempt)
    for name in ("smallest", "largest", "typical"):
        with attempt.part(f"the {name} factor") as part:
            for case in CASES:
                right = {key: np.array(value) for key, value in case.right.items()}
                of = {"of": lambda *of, case=case: (case, *of, tried)}
                part.outputs(case.args, right, name, **of)
    if attempt.right == attempt.total and attempt.prediction is not ...:
        with attempt.part("the block above, for your prediction", 0) as part:
            case = of_the_sheet()
            smallest, *_ = part.call(*case.args, outputs=dict.fromkeys(case.right, np.zeros(())))
            attempt.compare("the smallest factor of the block above", round(float(smallest), 3))


def tried_directions(attempt: Attempt) -> bool:
    """May the answer have tried some directions? Then, in all cases, its smallest and its largest
    factor lie between those that are right, and the typical one is right, or nearly.
    """
    alone = dict.fromkeys(("smallest", "largest", "typical"), np.zeros(()))
    try:
        for case in CASES:
            low, high, typical = attempt.call(*case.args, outputs=alone, repeat=False)
            right = case.right
            between = right["smallest"] < low < right["largest"] > high > right["smallest"]
            if not between or not low < high or not 0.9 < typical / right["typical"] < 1.1:
                return False
    except (Wrong, TypeError, ValueError):  # it is told in the parts
        return False
    return True


@stretches.mistake(
    "This is of another block. Is your `block_backward` right, and does it get the P and the beta"
    " that are given?",
    "Run check.block_backward first; then hand x, P, W1, W2 and beta on to it as they are.",
)
def other_block(case, name, given, _):
    p, d = case.p, len(case.x)
    on = 1.0 * (case.x > 0)

    def forward(shortcut=p["P"], beta=p["beta"], before=relu, act=relu):
        return lambda q: q["X"] @ shortcut + beta * inside(q | {"beta": beta}, before, act)

    others = [
        forward(shortcut=np.eye(d)),
        forward(beta=1.0),
        *(forward(beta=beta) for beta in (0.5, p["beta"] ** 2) if beta != p["beta"]),
        forward(act=lambda z: z),
        forward(before=lambda x: x),
        forward(shortcut=p["P"].T),
    ]
    js = [case.jacobian(other) for other in others]
    js += [case.j * on, p["P"].T + unmasked(case)]
    values = (factors(j)[name] for j in js)
    # What is 0 tells nothing, and what another form has right is another case's to tell.
    return either(given, *(v for v in values if v > 1e-9 and not np.isclose(v, case.right[name])))


def unmasked(case: Local) -> np.ndarray:
    """The Jacobian of the block's part without the mask of the ReLU before W₁, (d, d)."""
    inner = relu(case.x)

    def part(a):
        q = case.p | {"X": a[None]}
        return case.p["beta"] * inside(q, before=lambda x: x)[0]

    return np.array([slope(lambda a, i=i: part(a)[i], inner) for i in range(len(inner))])


@stretches.mistake(
    "One gradient has been asked, not all: the three factors are of one direction.",
    "G is the identity, np.eye(d): each of its rows asks for another row of J.",
)
def one_direction(case, name, given, _):
    sums = np.ones(len(case.x)) @ case.j
    size, root = np.linalg.norm(sums), np.sqrt(len(sums))
    return either(given, size, size / root, size * root)  # the last as of d rows that are alike


@stretches.mistake(
    f"This is of what goes through the block alone, without the shortcut. {MEET}",
    "Take the Jacobian of all of y: your dX has both parts.",
)
def block_alone(case, name, *_):
    factor = factors(case.alone)[name]
    return factor if factor > 1e-9 else None  # what a ReLU cuts off is lost, and 0 tells nothing


@stretches.mistake(
    "These are factors for the unit vectors, the length of each row of the Jacobian. Does a"
    " gradient have to point along an axis?",
    "Look at all directions: the singular values of the Jacobian are the extreme factors.",
)
def unit_vectors(case, name, given, _):
    forms = [np.linalg.norm(case.j, axis=axis) for axis in (1, 0)]
    pick = {"smallest": np.min, "largest": np.max}.get(name)
    return either(given, *(pick(form) for form in forms)) if pick else None


@stretches.mistake(
    "These are sizes of eigenvalues. They tell of vectors that come out as they went in, but for a"
    " factor; is that so of most?",
    "Take the singular values, np.linalg.svd(J, compute_uv=False).",
)
def eigenvalues(case, name, given, _):
    sizes = np.abs(np.linalg.eigvals(case.j))
    typical = np.sqrt(np.mean(sizes**2))
    return {"smallest": sizes.min(), "largest": sizes.max(), "typical": typical}[name]


@stretches.mistake(
    "These are squares of factors: J Jᵀ has been asked, or a root is missing.",
    "Take the root at the end.",
)
def squared(case, name, given, _):
    fourth = np.sqrt(np.mean(np.linalg.svd(case.j, compute_uv=False) ** 4))
    return either(given, *[case.right[name] ** 2, fourth][: 1 + (name == "typical")])


@stretches.mistake(
    "This is an entry of the Jacobian, or a mean of them. What is to be compared is lengths.",
    "Take its singular values, not its entries.",
)
def entries_of_it(case, name, given, _):
    sizes = np.abs(case.j)
    forms = {"smallest": [sizes.min(), case.j.min()], "largest": [sizes.max(), case.j.max()]}
    return either(given, *forms.get(name, [np.sqrt(np.mean(sizes**2)), sizes.mean()]))


@stretches.mistake(
    "This is the root of the sum of all squares. How many directions are there?",
    "Take their mean: divide the sum by d before you take the root.",
)
def not_averaged(case, name, *_):
    return np.linalg.norm(case.j) if name != "smallest" else None


@stretches.mistake(
    "This is the root of 1 + β², which the chapter has for the mean over random weights. Here is"
    " one block, with weights of its own.",
    "Take the Jacobian of this block: the root of the mean of its squared singular values.",
)
def of_random_nets(case, name, *_):
    return np.sqrt(1 + case.p["beta"] ** 2) if name == "typical" else None


@stretches.mistake(
    "This is another mean of the factors than that of their squares.",
    "Square the singular values, take the mean, then the root.",
)
def other_mean(case, name, given, _):
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
def sampled(case, name, given, tried):
    low, high = case.right["smallest"], case.right["largest"]
    if not tried or name == "typical" or np.shape(given) or not low < given < high:
        return None
    # What has a name of its own: half or twice the right one, few digits, and the slips above.
    others = [times * case.right[name] for times in (0.5, 1, 2)]
    slips = (block_alone, unit_vectors, eigenvalues, squared, entries_of_it, not_averaged)
    others += [value for slip in slips if (value := slip(case, name, given, tried)) is not None]
    return None if np.isclose(given, others, 1e-3).any() else given
