"""The gradients of the mean cross-entropy along W, b and X of a layer Z = XW + b."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest, with_multiple
from backpass.checks.softmax_cross_entropy import _slips
from backpass.checks.softmax_cross_entropy._inputs import (
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
BIAS = np.array([0.4, -1.0, 0.3])
#: A fourth input of the five examples.
ONE_MORE = [[0.4], [-0.9], [0.7], [0.0], [1.3]]
#: X, W and b: as many inputs as classes, so that a transposed W is told by its values; then one
#: input more.
LAYERS = [
    (INPUTS, WEIGHTS, BIAS),
    (np.hstack([INPUTS, ONE_MORE]), np.vstack([WEIGHTS, [0.9, -0.3, 0.5]]), BIAS),
]


@dataclass(frozen=True, eq=False)
class Layer:
    """The layer x (n, d), w (d, k), b (k,), and the name of the gradient that is looked at."""

    x: np.ndarray
    w: np.ndarray
    b: np.ndarray
    name: str

    @cached_property
    def case(self) -> Case:
        """Its logits and the targets."""
        return Case(self.x @ self.w + self.b, TARGETS)

    @cached_property
    def right(self) -> np.ndarray:
        """The gradient of this name."""
        return self.back(self.case.gradient)

    def back(self, delta: np.ndarray) -> np.ndarray:
        """The gradient of this name if ``delta`` (n, k) arrives at the logits."""
        along = {
            "dW": (lambda w: self.x @ w + self.b, self.w),
            "db": (lambda b: self.x @ self.w + b, self.b),
            "dX": (lambda x: x @ self.w + self.b, self.x),
        }
        return vjp(delta, *along[self.name])


#: The points for each gradient, and for each of the layers what is looked at.
POINTS = {"dW": 2, "db": 1, "dX": 1}
NAMED = [{name: Layer(*layer, name) for name in POINTS} for layer in LAYERS]


@exercise(
    "To the weights, the bias and the input",
    points=4,
    kind="implement",
    mistakes={
        "sign": SIGN,
        "transposed": f"Transposed: a gradient has the shape of what it belongs to. {BATCH}",
        "summed": SUMMED,
        "loop": "The numbers are right, but there is a loop over the examples: matrix products do"
        " it for all of them at once.",
        "averaged-twice": "Divided by n twice: δ has the 1/n of the mean in it already, so the sum"
        f" over examples must not be a mean again. {BATCH}",
    },
)
def weight_gradient(attempt):
    for name, weight in POINTS.items():
        with attempt.part(name, weight) as part:
            for (x, w, b), layers in zip(LAYERS, NAMED, strict=True):
                right = {name: one.right for name, one in layers.items()}

                def of(name, given, layers=layers):
                    return [layers[name], given]

                part.outputs([x, w, b, TARGETS], right, name, of=of, batch=len(x), **NEAR)
            few, many = (part.watch(INPUTS[:n], WEIGHTS, BIAS, TARGETS[:n]) for n in (2, 5))
            if many.operations > few.operations:
                part.blame("loop")


_slips.enter(
    weight_gradient,
    lambda delta, layer: layer.back(delta),
    lambda layer: layer.case,
    leave=("no_max_shift", "global_max", "nan_hidden", "in_steps"),  # nothing overflows here
)


@weight_gradient.mistake("The bias is left out of Z = XW + b, so the outputs are wrong.")
def bias_forgotten(layer, _):
    return layer.back(layer.case.gradient_with(outputs(layer.x @ layer.w)))


@weight_gradient.mistake(
    "δW stands where δWᵀ belongs: each logit sends its error back along the weights it came by."
    f" {BATCH}"
)
def weights_not_transposed(layer, _):
    if layer.name == "dX" and layer.w.shape == layer.w.T.shape:  # else δW raises
        return Layer(layer.x, layer.w.T, layer.b, "dX").back(layer.case.gradient)
    return None


@weight_gradient.mistake(
    "The bias gradient is summed over the classes, which gives 0 because o and t both sum to 1."
    f" Sum over the examples, axis=0. {BATCH}"
)
def over_classes(layer, _):
    return layer.case.gradient.sum(axis=1) if layer.name == "db" else None


@weight_gradient.mistake(
    "This is δ itself, the gradient at the logits. What comes back to X goes through the weights:"
    f" δWᵀ. {BATCH}"
)
def weights_forgotten(layer, _):
    return layer.case.gradient if layer.name == "dX" else None


@weight_gradient.mistake(
    "δ comes back through weights that have made their step already. All three gradients are taken"
    " at one point, and then W moves."
)
def stepped_first(layer, given):
    if layer.name != "dX":
        return None
    moved = Layer(layer.x, layer.w, layer.b, "dW").back(layer.case.gradient)
    along = layer.case.gradient @ moved.T
    return with_multiple(given, layer.back(layer.case.gradient), along)


@weight_gradient.mistake(
    "The inputs are averaged, and δ is, before they are multiplied. The mean of the products is"
    f" asked for, which is another number: Xᵀδ. {BATCH}"
)
def means_multiplied(layer, given):
    if layer.name != "dW":
        return None
    n, delta = layer.case.n, layer.case.gradient.sum(axis=0)
    product = np.outer(layer.x.mean(axis=0), delta)
    return closest(given, product, product / n, n * product)


@weight_gradient.mistake(
    "A multiple of W itself is added, as a weight decay adds it. The loss here has none."
)
def decay(layer, given):
    own = {"dW": layer.w, "db": layer.b}.get(layer.name)
    return None if own is None else with_multiple(given, layer.back(layer.case.gradient), own)


@weight_gradient.mistake(
    "Only one example is in it: a sum over the examples adds up, +=. (Is what the loop before gave"
    f" written over?) {BATCH}"
)
def one_example(layer, given):
    if layer.name == "dX":
        return one_row(given, layer.back(layer.case.gradient))
    alone = np.eye(layer.case.n)[[0, -1], :, None] * layer.case.gradient
    return closest(given, *(c * layer.back(d) for d in alone for c in (1, layer.case.n)))
