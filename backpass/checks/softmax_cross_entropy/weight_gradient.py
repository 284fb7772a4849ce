"""The gradients of the mean cross-entropy along W, s and X of a layer Z = s XW."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest, with_multiple
from backpass.checks.remembered import by_value
from backpass.checks.softmax_cross_entropy import _slips
from backpass.checks.softmax_cross_entropy._inputs import (
    AVERAGED_TWICE,
    BATCH,
    INPUTS,
    NEAR,
    SIGN,
    SUMMED,
    TARGETS,
    Case,
    one_row,
    outputs,
)
from backpass.gradcheck import vjp

WEIGHTS = np.array([[0.5, -0.2, 0.1], [0.8, 0.3, -0.4], [-0.7, 0.6, 0.2]])
#: A fourth input of the five examples.
ONE_MORE = [[0.4], [-0.9], [0.7], [0.0], [1.3]]
#: X, W and s: as many inputs as classes, so that a transposed W is told by its values; then one
#: input more.
LAYERS = [
    (INPUTS, WEIGHTS, 1.7),
    (np.hstack([INPUTS, ONE_MORE]), np.vstack([WEIGHTS, [0.9, -0.3, 0.5]]), 0.6),
]


@dataclass(frozen=True, eq=False)
class Layer:
    """The layer x (n, d), w (d, k), a number s, and the name of the gradient that is looked at."""

    x: np.ndarray
    w: np.ndarray
    s: float
    name: str

    @cached_property
    def case(self) -> Case:
        """Its logits and the targets."""
        return Case(self.s * (self.x @ self.w), TARGETS)

    @cached_property
    def right(self) -> np.ndarray:
        """The gradient of this name."""
        return self.back(self.case.gradient)

    def back(self, delta: np.ndarray) -> np.ndarray:
        """The gradient of this name if ``delta`` (n, k) arrives at the logits."""
        return sent_back(delta, self.name, self.x, self.w, self.s)


@by_value
def sent_back(delta: np.ndarray, name: str, x: np.ndarray, w: np.ndarray, s: float) -> np.ndarray:
    """The gradient of this name of the layer s · x w, if ``delta`` (n, k) arrives at its logits."""
    along = {
        "dW": (lambda w: s * (x @ w), w),
        "ds": (lambda s: s * (x @ w), np.array(s)),
        "dX": (lambda x: s * (x @ w), x),
    }
    return vjp(delta, *along[name])


#: The points for each gradient, and for each of the layers what is looked at.
POINTS = {"dW": 1, "ds": 2, "dX": 1}
NAMED = [{name: Layer(*layer, name) for name in POINTS} for layer in LAYERS]

#: The slips in what arrives at the logits, which spoil all three gradients.
AT_THE_LOGITS = {
    "outputs-unscaled",
    "summed",
    "sign",
    *(name.replace("_", "-") for name in _slips.SLIPS),
}


@exercise(
    "A scale that is learnt",
    points=4,
    kind="implement",
    exact=True,
    mistakes={
        "sign": SIGN,
        "transposed": (
            f"Transposed: a gradient has the shape of what it belongs to. {BATCH}",
            "Write the shapes under the factors: (d, n) times (n, k) is (d, k).",
        ),
        "summed": SUMMED,
        "loop": (
            "The numbers are right, but there is a loop over the examples.",
            "Matrix products, and np.sum of a product, do it for all of them at once.",
        ),
        "averaged-twice": AVERAGED_TWICE,
    },
)
def weight_gradient(attempt):
    for name, weight in POINTS.items():
        # What is wrong at the logits is paid for once.
        after = [told for told in attempt.mistakes if AT_THE_LOGITS.issuperset(told.split("+"))]
        with attempt.part(name, weight) as part:
            for (x, w, s), layers in zip(LAYERS, NAMED, strict=True):
                right = {name: one.right for name, one in layers.items()}

                def of(name, given, layers=layers):
                    return [layers[name], given]

                args = [x, w, s, TARGETS]
                part.outputs(args, right, name, of=of, after=after, batch=len(x), **NEAR)
            few, many = (part.watch(*unforeseen(n)) for n in (2, 5))
            if many.operations > few.operations:
                part.blame("loop", "The numbers are right; how they come about is not yet.")


def unforeseen(n: int) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
    """X (n, 3), W (3, 3), s and T (n, 3), new each time: nobody has worked out before what belongs
    to them.
    """
    rng = np.random.default_rng()
    x, w = rng.uniform(-1, 1, (n, 3)), rng.uniform(-1, 1, (3, 3))
    return x, w, rng.uniform(0.5, 2), rng.dirichlet([1.0, 1.0, 1.0], n)


@weight_gradient.mistake(
    "The scale is missing on the way back: this is right for s = 1 only. Forward s multiplies XW."
    f" {BATCH}",
    "What multiplies going forward multiplies what comes back, too: one more factor s.",
)
def scale_forgotten(layer, _):
    return None if layer.name == "ds" else layer.right / layer.s


@weight_gradient.mistake(
    f"The scale stands twice in it. {BATCH}",
    "One factor s: from Z = s XW. δ has none of its own.",
)
def scale_twice(layer, _):
    return None if layer.name == "ds" else layer.right * layer.s


@weight_gradient.mistake(
    "The outputs are those of XW, without the scale, so δ is wrong.",
    "Take the softmax of s XW.",
)
def outputs_unscaled(layer, given):
    return layer.back(layer.case.gradient_with(outputs(layer.x @ layer.w)))


@weight_gradient.mistake(
    "The scale has no part in it, forward or back: this is the chapter's layer, XW.",
    "Take the softmax of s XW; and what multiplies going forward multiplies what comes back.",
)
def scale_unused(layer, _):
    if layer.name == "ds":
        return None
    return layer.back(layer.case.gradient_with(outputs(layer.x @ layer.w))) / layer.s


@weight_gradient.mistake(
    "What multiplies s going forward is XW; here it is Z, which has s in it already.",
    "Multiply δ by XW, entry by entry, and sum.",
)
def by_z(layer, _):
    return layer.right * layer.s if layer.name == "ds" else None


@weight_gradient.mistake(
    "This is the sum of δ, as a bias would get it. It is 0: o and t both sum to 1. But s"
    " multiplies, and is not added.",
    "By the chain rule δ is multiplied by ∂Z/∂s = XW, entry by entry, before the sum.",
)
def as_a_bias(layer, given):
    if layer.name != "ds":
        return None
    delta = layer.case.gradient
    return closest(given, delta.sum(), delta.sum(axis=0), delta.sum(axis=1))


@weight_gradient.mistake(
    "There is one scale for all logits of all examples, and so ds is one number.",
    "Sum over rows and columns: np.sum without an axis.",
)
def not_summed(layer, given):
    if layer.name != "ds":
        return None
    shares = layer.case.gradient * (layer.x @ layer.w)
    return closest(given, shares, shares.sum(axis=0), shares.sum(axis=1))


@weight_gradient.mistake(
    "The shares of the entries are averaged. They are summed: δ has the 1/n of the mean already.",
    "Use np.sum of δ times XW.",
)
def averaged_shares(layer, given):
    n, k = layer.case.z.shape
    values = (layer.right / n, layer.right / k, layer.right / n / k)
    return closest(given, *values) if layer.name == "ds" else None


_slips.enter(
    weight_gradient,
    lambda delta, layer: layer.back(delta),
    lambda layer: layer.case,
    leave=("no_max_shift", "global_max", "nan_hidden", "in_steps"),  # nothing overflows here
)


@weight_gradient.mistake(
    f"The weights stand there as they do going forward: δW. {BATCH}",
    "Each logit sends its error back along the weights it came by: δWᵀ, with the factor s.",
)
def weights_not_transposed(layer, given):
    if layer.name == "dX" and layer.w.shape == layer.w.T.shape:  # else δW raises
        wrong = layer.case.gradient @ layer.w
        return closest(given, wrong * layer.s, wrong)
    return None


@weight_gradient.mistake(
    f"This is δ, or a multiple: what comes back to X goes through the weights. {BATCH}",
    "Multiply by Wᵀ from the right.",
)
def weights_forgotten(layer, given):
    delta = layer.case.gradient
    return closest(given, delta, delta * layer.s) if layer.name == "dX" else None


@weight_gradient.mistake(
    "δ comes back through weights that have made their step already.",
    "Take all three gradients at one point, before anything moves.",
)
def stepped_first(layer, given):
    if layer.name != "dX":
        return None
    moved = Layer(layer.x, layer.w, layer.s, "dW").right
    return with_multiple(given, layer.right, layer.case.gradient @ moved.T)


@weight_gradient.mistake(
    "The inputs are averaged, and δ is, before they are multiplied. The mean of the products is"
    f" another number. {BATCH}",
    "Multiply first: Xᵀδ, with the factor s, sums over the examples.",
)
def means_multiplied(layer, given):
    if layer.name != "dW":
        return None
    n, delta = layer.case.n, layer.s * layer.case.gradient.sum(axis=0)
    product = np.outer(layer.x.mean(axis=0), delta)
    return closest(given, *(product * c for c in (1, 1 / n, n, 1 / layer.s)))


@weight_gradient.mistake(
    "A multiple of W itself is added, as a weight decay adds it. The loss here has none.",
    "Leave the term with W out of dW.",
)
def decay(layer, given):
    return with_multiple(given, layer.right, layer.w) if layer.name == "dW" else None


@weight_gradient.mistake(
    f"Only one example is in it. Is what the loop before gave written over? {BATCH}",
    "A sum over the examples adds up, +=; or take the product of the whole matrices.",
)
def one_example(layer, given):
    if layer.name == "dX":
        return one_row(given, layer.right)
    alone = np.eye(layer.case.n)[[0, -1], :, None] * layer.case.gradient
    return closest(given, *(c * layer.back(d) for d in alone for c in (1, layer.case.n)))
