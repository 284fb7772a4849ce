"""What the exercises on backpropagation share: nets, training loops, sections, sentences."""

from collections.abc import Callable

import numpy as np

from backpass.checks import Attempt
from backpass.gradcheck import slope, vjp

WHICH = "Section: “Why add, which value, what zeroing means”."
LAYERS = "Section: “Two layers, in matrices”."
CHECKING = "Section: “Checking a gradient”."
EQUAL = "Section: “All weights equal”."

# --- the two-layer net ------------------------------------------------------------------------

PHI_FORGOTTEN = (
    "φ′ is forgotten: this is the error at the activations h. The chain rule goes on through"
    " h = tanh z to the pre-activations z."
)
PHI_AT_ACTIVATION = (
    "φ′ is taken at the activation, 1 − tanh²(h). It belongs at the pre-activation, 1 − tanh²(z),"
    " which is 1 − h²."
)
PHI_OF_Z = (
    "The derivative is written 1 − z². With the pre-activation it is 1 − tanh²(z), with the"
    " activation 1 − h²."
)
SIGMOID_SLOPE = "h (1 − h) is for the logistic function; the derivative of tanh is 1 − h²."
NOT_TRANSPOSED = (
    "W₂ is not transposed. What a hidden unit sends out through w_jk comes back through the same"
    " w_jk: δ₂ W₂ᵀ."
)
WEIGHTS_FORGOTTEN = "The outputs' errors come back without the weights they went through."
SIGN = "All signs are reversed, as with t − o; a step against it would climb."
FACTOR = "The loss has a factor ½, which cancels the 2 of the square."


def random_net(n: int, d: int, h: int, k: int) -> tuple[np.ndarray, ...]:
    """X (n, d), T (n, k), W₁ (d, h), b₁ (h,), W₂ (h, k), b₂ (k,), the same at every run."""
    draw = np.random.default_rng(4).uniform
    x, t, w1, b1, w2, b2 = (draw(-1, 1, s) for s in [(n, d), (n, k), (d, h), h, (h, k), k])
    return x, t, 1.5 * w1, b1, 1.5 * w2, b2


def mean_error(o: np.ndarray, t: np.ndarray) -> float:
    """Half the squared error of the outputs (n, k), the mean over the examples."""
    return np.sum((o - t) ** 2) / 2 / len(o)


def weights_gradient(delta: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """∂E/∂W, shape (d, k), of a layer X W + b with this δ (n, k) and these inputs X (n, d)."""
    return vjp(delta, lambda w: inputs @ w, np.zeros((inputs.shape[1], delta.shape[1])))


def bias_gradient(delta: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """∂E/∂b, shape (k,), of a layer X W + b with this δ (n, k); X does not matter."""
    return vjp(delta, lambda b: b + 0 * delta, np.zeros(delta.shape[1]))


# --- answers that stop ------------------------------------------------------------------------

NO_TUPLE = (
    "The backward rule returns a tuple with one gradient for each input. With one input it is of"
    " one entry: `(ga,)`, with the comma."
)


#: How the tape stops at a rule without its tuple.
NO_TUPLE_STOPS = {"no-tuple": r"zip\(\)|AxisError"}

# --- training loops ---------------------------------------------------------------------------

Arrays = dict[str, np.ndarray]  # parameters, or their gradients, by name
Loss = Callable[[Arrays], float]
Gradient = Callable[[Loss, Arrays], Arrays]

X, T = random_net(5, 3, 1, 1)[:2]
START = {"W": np.array([[0.9], [-0.5], [0.4]]), "b": np.array([0.3])}  # of one unit on X
RATE, STEPS = 0.4, 4


def descend(
    loss: Loss,
    start: Arrays,
    gradient: Gradient = slope,
    rate: float = RATE,
    steps: int = STEPS,
) -> Arrays:
    """The parameters after gradient descent, and ``losses`` (steps,), each before its step."""
    p, losses = dict(start), []
    for _ in range(steps):
        losses.append(loss(p))
        g = gradient(loss, p)
        p = {name: p[name] - rate * g[name] for name in p}
    return p | {"losses": np.array(losses)}


def carrying(*names: str) -> Gradient:
    """A gradient to which, for these parameters, those of earlier steps are still added.

    It remembers them: make a new one for each descent.
    """
    past = []

    def gradient(loss: Loss, p: Arrays) -> Arrays:
        past.append(slope(loss, p))
        return past[-1] | {name: sum(g[name] for g in past) for name in names}

    return gradient


def judge_loop(attempt: Attempt, args: list[np.ndarray], right: Arrays) -> None:
    """The one part of a loop to repair: given ``args``, RATE and STEPS, it returns ``right``.

    Its mistakes are functions of the name of an output, a key of ``right``.
    """
    with attempt.part(f"{', '.join(right)} after {STEPS} steps") as part:
        part.outputs([*args, RATE, STEPS], right, of=[])
