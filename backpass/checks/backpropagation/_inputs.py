"""What the exercises on backpropagation share: nets, training loops, sections, sentences."""

from collections.abc import Callable, Iterable
from functools import cache, wraps

import numpy as np

from backpass.checks import Attempt, Exercise, Part
from backpass.checks.closest import closest
from backpass.checks.errors import NotAttempted, Wrong
from backpass.checks.watched import Rule
from backpass.gradcheck import slope, vjp
from backpass.gradcheck.plain import described

WHICH = "Section: “Why add, which value, what zeroing means”."
LAYERS = "Section: “Two layers, in matrices”."
CHECKING = "Section: “Checking a gradient”."
EQUAL = "Section: “All weights equal”."

# --- the two-layer net ------------------------------------------------------------------------

PHI_FORGOTTEN = (
    "φ′ is forgotten: this is the error at the activations h. The chain rule goes on through"
    " h = tanh z to the pre-activations z."
)
ONE_MINUS_H = "The derivative is written 1 − h. That of tanh is 1 − h², with the square."
SLOPE_TWICE = "φ′ of the hidden units stands twice: the error comes through h = tanh z once."
NOT_SQUARED = "1/cosh z stands where its square belongs: tanh′ is 1/cosh² z = 1 − h²."
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


# --- the tape ---------------------------------------------------------------------------------

NO_TUPLE = (
    "The backward rule returns a tuple with one gradient for each input. With one input it is of"
    " one entry: `(ga,)`, with the comma."
)
RULE_SHAPE = (
    "A gradient has the shape of what it is the gradient of. The tape stretches a smaller one"
    " without a word, and every entry gets the same."
)


def judge_rules(part: Part, rules: Iterable[Rule]) -> None:
    """End the part unless every backward rule that was asked gives a gradient for each input."""
    told = part.exercise.mistakes
    for parts, inputs in rules:
        n = len(inputs)
        if parts is None:
            text = "Yours returns None: is a `return` missing, or is it what np.add.at gives back?"
            raise Wrong(f"{told['no-tuple']} {text}", "no-tuple")
        if not isinstance(parts, tuple | list):
            raise Wrong(f"{told['no-tuple']} Yours returns {described(parts)}", "no-tuple")
        if len(parts) != n:
            text = f"Yours returns {len(parts)} for {n} input{'s' * (n > 1)}."
            raise Wrong(f"{told['no-tuple']} {text}", "no-tuple")
        for given, value in zip(parts, inputs, strict=True):
            if given is None:
                text = "One is None here: np.add.at changes its first argument and gives nothing"
                raise Wrong(f"{told['no-tuple']} {text} back.", "no-tuple")
            if _is_smaller(np.shape(given), value.data.shape):
                text = f"The rule returns one of shape {np.shape(given)} for an input of shape"
                raise Wrong(f"{told['rule-shape']} {text} {value.data.shape}.", "rule-shape")


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


OTHER_LOOP = (
    "That loop does something else. Keep its loss, its start, its rate and its steps, and change"
    " only what is wrong in it."
)


def judge_loop(attempt: Attempt, args: list[np.ndarray], right: Arrays) -> None:
    """The one part of a loop to repair: given ``args``, RATE and STEPS, it returns ``right``.

    Its mistakes are functions of the name of an output, a key of ``right``, and of what was given
    under it.
    """
    with attempt.part(f"{', '.join(right)} after {STEPS} steps") as part:
        if "no-tuple" in attempt.exercise.mistakes:
            judge_rules(part, part.watch(*args, RATE, 1).rules)
        try:
            part.outputs([*args, RATE, STEPS], right, of=lambda output, given: [output, given])
        except Wrong as wrong:
            if wrong.mistake is not None or isinstance(wrong, NotAttempted):
                raise
            raise Wrong(f"{OTHER_LOOP} ({wrong.message})") from None


def descents(function: Callable[[], list[Arrays]]) -> Callable[[str, object], np.ndarray | None]:
    """A mistake of a loop, from the descents that it may lead to; they are worked out once."""
    once = cache(function)

    @wraps(function)
    def mistake(output: str, given: object) -> np.ndarray | None:
        return closest(given, *(found[output] for found in once()))

    return mistake


def enter_usual(exercise: Exercise, loss: Loss, start: Arrays) -> None:
    """The usual mistakes in a descent along the slope of ``loss`` from ``start``."""
    n = len(X)

    @exercise.mistake(
        "The parameters move up the gradient: the step is subtracted, and a gradient has no minus"
        " of its own."
    )
    @descents
    def climbs():
        return [descend(loss, start, rate=-RATE)]

    @exercise.mistake(
        "The rate is another one. It is to stay as it was given: the fault is in the loop."
    )
    @descents
    def other_rate():
        return [descend(loss, start, rate=RATE * c) for c in (0.1, 0.01, 0.25, 0.5, 10)]

    @exercise.mistake(
        "The steps are twice as long as they should be, as if backward ran twice, or the loss had"
        " lost a ½ (or won a 2)."
    )
    @descents
    def twice():
        return [descend(loss, start, rate=2 * RATE)]

    @exercise.mistake("The gradients are those of a sum over the examples; the loss is their mean.")
    @descents
    def summed():
        return [descend(loss, start, rate=n * RATE)]

    @exercise.mistake("Divided by the number of examples once too often.")
    @descents
    def averaged_twice():
        return [descend(loss, start, rate=RATE / n)]

    @exercise.mistake("One step too many, or too few, is made.")
    @descents
    def other_steps():
        return [descend(loss, start, steps=count) for count in (STEPS - 1, STEPS + 1)]

    @exercise.mistake("Each loss is taken after its step; the first is that of the start.")
    def after_step(output, given):
        longer = descend(loss, start, steps=STEPS + 1)
        return longer["losses"][1:] if output == "losses" else None

    @exercise.mistake("The losses are twice what is gone down along: a ½ is lost, or a 2 is won.")
    def doubled_loss(output, given):
        return 2 * descend(loss, start)["losses"] if output == "losses" else None

    @exercise.mistake("The losses are half of what is gone down along: a ½ is won, or a 2 is lost.")
    def halved_loss(output, given):
        return descend(loss, start)["losses"] / 2 if output == "losses" else None

    @exercise.mistake("The losses are sums over the examples in place of their mean.")
    def summed_loss(output, given):
        return n * descend(loss, start)["losses"] if output == "losses" else None

    if "b" not in start:
        return

    def held(*names: str, by: float) -> Gradient:
        def gradient(loss: Loss, p: Arrays) -> Arrays:
            return {name: g * (by if name in names else 1) for name, g in slope(loss, p).items()}

        return gradient

    @exercise.mistake("One of the two does not move, W or b. Both are trained.")
    @descents
    def one_held():
        return [descend(loss, start, held(name, by=0)) for name in start]

    @exercise.mistake("One of the two, W or b, moves up its gradient: the step is subtracted.")
    @descents
    def one_climbs():
        return [descend(loss, start, held(name, by=-1)) for name in start]

    @exercise.mistake("b is left out of the unit's sum, or subtracted: it is X W + b.")
    @descents
    def bias_forgotten():
        losses = [lambda p, c=c: loss(p | {"b": c * p["b"]}) for c in (0, -1)]
        return [descend(other, start) for other in losses]
