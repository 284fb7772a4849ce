"""What the exercises on backpropagation share: nets, training loops, sections, sentences."""

from collections.abc import Callable, Iterable

import numpy as np

from backpass.checks import Part
from backpass.checks.errors import Wrong
from backpass.checks.remembered import by_value
from backpass.checks.watched import Rule
from backpass.gradcheck import slope, vjp
from backpass.gradcheck.plain import described

WHICH = "Section: “Why add, which value, what zeroing means”."
LAYERS = "Section: “Two layers, in matrices”."
CHECKING = "Section: “Checking a gradient”."
EQUAL = "Section: “All weights equal”."

# --- nets ---------------------------------------------------------------------------------------

PHI_FORGOTTEN = (
    "φ′ is forgotten: this is the error at the activations h, and not yet at the pre-activations.",
    "Multiply what arrives at h by the slope φ′(z), entry by entry.",
)
SLOPE_TWICE = (
    "φ′ of the hidden units stands twice.",
    "The error comes through h = φ(z) once: one factor φ′(z).",
)
NOT_TRANSPOSED = (
    "What comes back goes through the weights in the wrong direction: rows and columns of W are"
    " exchanged.",
    "What unit j sends out through w_jk comes back through the same w_jk: δ₂ W₂ᵀ.",
)
WEIGHTS_FORGOTTEN = (
    "The outputs' errors come back without the weights they went through.",
    "Each of them is multiplied by the weight between: δ₂ W₂ᵀ.",
)
SIGN = (
    "All signs are reversed, as with t − o; a step against it would climb.",
    "Begin with output minus target, o − t.",
)
FACTOR = (
    "There is a factor of 2 too much, or a half.",
    "The loss has a factor ½, which cancels the 2 of the square.",
)


def softplus(z: np.ndarray) -> np.ndarray:
    """log(1 + eᶻ) of every entry, complex ones too."""
    return np.log1p(np.exp(z))


def random_net(n: int, d: int, h: int, k: int, seed: int | None = 4) -> tuple[np.ndarray, ...]:
    """X (n, d), T (n, k), W₁ (d, h), b₁ (h,), W₂ (h, k), b₂ (k,), V (d, k): always the same, but
    for the ``seed`` None.
    """
    draw = np.random.default_rng(seed).uniform
    shapes = [(n, d), (n, k), (d, h), h, (h, k), k, (d, k)]
    x, t, w1, b1, w2, b2, v = (draw(-1, 1, shape) for shape in shapes)
    return x, t, 1.5 * w1, b1, 1.5 * w2, b2, v


def mean_error(o: np.ndarray, t: np.ndarray) -> float:
    """Half the squared error of the outputs (n, k), the mean over the examples."""
    return np.sum((o - t) ** 2) / 2 / len(o)


@by_value
def weights_gradient(delta: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """∂E/∂W, shape (d, k), of a layer X W + b with this δ (n, k) and these inputs X (n, d)."""
    return vjp(delta, lambda w: inputs @ w, np.zeros((inputs.shape[1], delta.shape[1])))


@by_value
def bias_gradient(delta: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """∂E/∂b, shape (k,), of a layer X W + b with this δ (n, k); X does not matter."""
    return vjp(delta, lambda b: b + 0 * delta, np.zeros(delta.shape[1]))


# --- the tape ---------------------------------------------------------------------------------

NO_TUPLE = (
    "The backward rule returns a tuple with one gradient for each input.",
    "With one input it is of one entry: `(ga,)`, with the comma.",
)
RULE_SHAPE = (
    "The gradient has not the shape of what it is the gradient of. The tape stretches a smaller one"
    " without a word, and every entry gets the same.",
    "Begin with np.zeros_like(a), and add to its rows.",
)


def judge_rules(part: Part, rules: Iterable[Rule]) -> None:
    """End the part unless every backward rule that was asked gives a gradient for each input."""
    told = part.exercise.mistakes
    for parts, inputs in rules:
        n = len(inputs)
        if parts is None:
            text = "Yours returns None: is a `return` missing, or is it what np.add.at gives back?"
            raise Wrong(f"{told['no-tuple']} {text}", "no-tuple", fix=told["no-tuple"].fix)
        if not isinstance(parts, tuple | list):
            text = f"Yours returns {described(parts)}"
            raise Wrong(f"{told['no-tuple']} {text}", "no-tuple", fix=told["no-tuple"].fix)
        if len(parts) != n:
            text = f"Yours returns {len(parts)} for {n} input{'s' * (n > 1)}."
            raise Wrong(f"{told['no-tuple']} {text}", "no-tuple", fix=told["no-tuple"].fix)
        for given, value in zip(parts, inputs, strict=True):
            if given is None:
                text = "One is None here: np.add.at changes its first argument and gives nothing"
                raise Wrong(
                    f"{told['no-tuple']} {text} back.", "no-tuple", fix=told["no-tuple"].fix
                )
            if _is_smaller(np.shape(given), value.data.shape):
                text = f"The rule returns one of shape {np.shape(given)} for an input of shape"
                text = f"{told['rule-shape']} {text} {value.data.shape}."
                raise Wrong(text, "rule-shape", fix=told["rule-shape"].fix)


def _is_smaller(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, wanted) != shape
    except ValueError:
        return False  # it is told by what NumPy says


# --- training loops ---------------------------------------------------------------------------

Arrays = dict[str, np.ndarray]  # parameters, or their gradients, by name
Loss = Callable[[Arrays], float]
Gradient = Callable[[Loss, Arrays], Arrays]

X, T = random_net(5, 3, 1, 1)[:2]


def descend(
    loss: Loss,
    start: Arrays,
    gradient: Gradient = slope,
    rate: float = 0.1,
    steps: int = 4,
) -> Arrays:
    """The parameters after gradient descent, and ``losses`` (steps,), each before its step."""
    p, losses = dict(start), []
    for _ in range(steps):
        losses.append(loss(p))
        g = gradient(loss, p)
        p = {name: p[name] - rate * g[name] for name in p}
    return p | {"losses": np.array(losses)}
