"""The backward pass of a net with a way past its hidden layer."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from backpass.checks import Part, exercise, judging
from backpass.checks.backpropagation._inputs import (
    FACTOR,
    LAYERS,
    NOT_TRANSPOSED,
    PHI_FORGOTTEN,
    SIGN,
    SLOPE_TWICE,
    WEIGHTS_FORGOTTEN,
    bias_gradient,
    random_net,
    softplus,
    weights_gradient,
)
from backpass.checks.backpropagation._nets import OUTPUTS, Net, through, through_weights
from backpass.checks.closest import closest, with_multiple


@exercise(
    "A backward pass with a way past",
    section=LAYERS,
    points=5,
    kind="implement",
    exact=True,
    axes={
        "dW1": ("input", "hidden unit"),
        "db1": ("hidden unit",),
        "dW2": ("hidden unit", "output"),
        "db2": ("output",),
        "dV": ("input", "output"),
    },
    mistakes={
        "sign": SIGN,
        "unreduced": (
            "The gradient of a bias has a row for each example: the bias is added to all of them.",
            "Sum it over the examples: δ.sum(axis=0).",
        ),
        "averaged-twice": (
            "δ has the 1/n of the mean in it already.",
            "Sum it over the examples; do not take its mean, and do not divide again.",
        ),
        "summed": ("The loss is the mean over the n examples.", "Divide δ₂ by n, once."),
        "shape": (
            "A gradient has the shape of what it is the gradient of.",
            "That of a bias is (units,), as δ.sum(axis=0) gives it.",
        ),
        "transposed": (
            "For a batch of rows the two factors of a weight's gradient are the other way round.",
            "∂E/∂W is (what came in)ᵀ δ, of the shape of W.",
        ),
        "loop": (
            "The numbers are right, but there is a loop over the examples.",
            "Write matrix products, which do it for all of them at once.",
        ),
        "differences": (
            "The numbers are right, but they do not come back from the outputs: the weights are"
            " gone through one by one, as for finite differences.",
            "Those are good to check a backward pass with. Here write one: δ₂, δ₁, and what"
            " follows from them.",
        ),
        "tape": (
            "The numbers are right, but a tape has worked them out.",
            "Here you are to write what it does: δ₂, δ₁, and what follows from them.",
        ),
    },
)
def backward_pass(attempt):
    parts = {"dW1": (["dW1"], 2), "dW2": (["dW2"], 1), "dV": (["dV"], 1)}
    parts["db1 and db2"] = (["db1", "db2"], 1)
    for label, (names, weight) in parts.items():
        with attempt.part(label, weight=weight) as part:
            for values, net in nets_in_telling_order(part):

                def of(output, given, net=net):
                    return net, *OUTPUTS[output], given

                asked = names[0] if len(names) == 1 else names
                follows = for_own_delta_1(part, net) if "db1" in names else for_own_delta_2(net)
                part.outputs(
                    values,
                    net.right,
                    asked,
                    of=of,
                    batch=len(net.x),
                    rows=False,
                    follows=follows,
                )
            refuse_other_means(part)


def for_own_delta_2(net: Net) -> Callable[[dict], dict[str, np.ndarray]]:
    """The gradients that follow from a δ₂ of the learner's own, of which db2 tells, or from hidden
    units without their bias.
    """

    def follows(found: dict) -> dict[str, np.ndarray]:
        right, given = net.right["db2"], found["db2"]
        unbiased = replace(net, b1=0 * net.b1)
        if judging.is_right(given, unbiased.right["db2"], {}):
            return unbiased.right
        times = np.sum(given * right) / np.sum(right * right)
        for delta in (times * net.delta_2, *other_deltas(net)) if times else ():
            if judging.is_right(given, bias_gradient(delta, net.h), {}):
                return replace(net, given_delta=delta).right
        raise ValueError("no δ₂ that is known")

    return follows


def for_own_delta_1(part: Part, net: Net) -> Callable[[dict], dict[str, np.ndarray]]:
    """The biases' gradients that follow from a δ₁ of the learner's own, of which dW1 tells."""

    def follows(found: dict) -> dict[str, np.ndarray]:
        of_w, of_b = (
            part.exercise.foreseen([net, *OUTPUTS[name], found[name]]) for name in ("dW1", "db1")
        )
        right, given = net.right["dW1"], found["dW1"]
        if judging.is_right(given, right, {}):
            raise ValueError("it is right")
        times = np.sum(given * right) / np.sum(right * right)
        if times and judging.is_right(given, times * right, {}):
            return net.right | {"db1": times * net.right["db1"]}
        for slug in judging.slips(found["dW1"], of_w):
            if judging.is_right(found["db1"], of_b[slug][0], {}):
                return net.right | {"db1": of_b[slug][0]}
        raise ValueError("no δ₁ that is known")

    return follows


def other_deltas(net: Net) -> list[np.ndarray]:
    """What δ₂ may be if Y is worked out otherwise."""
    others = [net.y - net.x @ net.v, net.y - net.b2, net.y - net.x @ net.v - net.b2]
    return [(y - net.t) / len(net.x) for y in others] + [*with_slopes(net), *activated(net)]


def with_slopes(net: Net) -> list[np.ndarray]:
    """What δ₂ may be if a φ′ stands at the linear outputs."""
    slopes = [1 - net.y**2, net.y * (1 - net.y)]
    slopes += [through(f)(np.ones_like(net.y), net.y) for f in (np.tanh, softplus)]
    return [net.delta_2 * slope for slope in slopes]


def activated(net: Net) -> list[np.ndarray]:
    """What δ₂ may be if the outputs go through an activation."""
    deltas = []
    for f in (softplus, np.tanh):
        error = (f(net.y) - net.t) / len(net.x)
        deltas += [error, through(f)(error, net.y)]
    return deltas


#: Two nets, each after the values that it is made of.
NETS = [(values, Net(*values)) for values in (random_net(7, 4, 5, 3), random_net(5, 3, 3, 3))]


def nets_in_telling_order(part: Part) -> list[tuple[tuple[np.ndarray, ...], Net]]:
    """The nets, the equally wide one first if at the other NumPy refuses a product."""
    return NETS[::-1] if part.raises(*NETS[0][0]) else NETS


def refuse_other_means(part: Part) -> None:
    """End the part if the answer is right, and not by a backward pass in matrices.

    The nets are new each time: nobody has worked out before what belongs to them.
    """
    one, more, wider = (part.watch(*random_net(*size, seed=None)) for size in OTHER_SIZES)
    where = "This is right, but not by the way that is asked for."
    if one.automatic:
        part.blame("tape", where)
    if wider.operations - one.operations > FORWARD * OTHER_PARAMETERS:
        part.blame("differences", where)
    if more.steps > one.steps or more.operations > one.operations:
        part.blame("loop", where)


#: n, d, h, k: a net, with more examples, and with wider layers.
OTHER_SIZES = [(3, 2, 2, 2), (8, 2, 2, 2), (3, 5, 6, 4)]
#: How many more weights and biases the wider one has than the first.
OTHER_PARAMETERS = 84 - 16
#: A forward pass takes more operations than this; a loop over units or weights, fewer for each.
FORWARD = 4


# A mistake makes ``gradient``, that of W1, b1, W2, b2 or V, from a wrong δ or with wrong inputs.
# The layer is 1 or 2, or "past" for what leads from the inputs to the outputs.


@backward_pass.mistake(
    "This is the chapter's net, with tanh units and no way past. Here both are otherwise.",
    "H = log(1 + exp(X W₁ + b₁)) and Y = H W₂ + X V + b₂; V has a gradient too.",
)
def chapters_net(net, layer, gradient, given):
    other = replace(net, activation=np.tanh, v=0 * net.v)
    return gradient(*other.layers[layer])


@backward_pass.mistake(
    "The hidden units are tanh here, as in the chapter; this net has another activation.",
    "H = log(1 + exp(X W₁ + b₁)), whose slope is 1/(1 + exp(−Z₁)).",
)
def tanh_units(net, layer, gradient, given):
    other = replace(net, activation=np.tanh)
    if layer != 1:
        return gradient(*other.layers[layer])
    deltas = (
        other.delta_1,
        other.at_h * (1 - np.exp(-other.h)),
        through(softplus)(other.at_h, net.z),
    )
    return closest(given, *(gradient(delta, net.x) for delta in deltas))


@backward_pass.mistake(
    "1 − h² is the slope of tanh, and the hidden units are no tanh.",
    "The slope of log(1 + eᶻ) is eᶻ/(1 + eᶻ).",
)
def tanh_slope(net, layer, gradient, given):
    if layer != 1:
        return None
    slopes = (1 - net.h**2, through(np.tanh)(np.ones_like(net.z), net.z))
    return closest(given, *(gradient(net.at_h * slope, net.x) for slope in slopes))


@backward_pass.mistake(*PHI_FORGOTTEN)
def phi_forgotten(net, layer, gradient, given):
    return gradient(net.at_h, net.x) if layer == 1 else None


@backward_pass.mistake(
    "The slope is taken at the activation H, and not at the pre-activation Z₁.",
    "Write it in what went in, 1/(1 + exp(−Z₁)), or in what came out, 1 − exp(−H).",
)
def phi_at_activation(net, layer, gradient, given):
    return gradient(through(softplus)(net.at_h, net.h), net.x) if layer == 1 else None


@backward_pass.mistake(
    "This is the slope of the logistic function, σ (1 − σ); that function is itself a slope.",
    "The slope of log(1 + eᶻ) is σ(z) = 1/(1 + e⁻ᶻ), without a second factor.",
)
def logistic_slope(net, layer, gradient, given):
    if layer != 1:
        return None
    s = through(softplus)(np.ones_like(net.z), net.z)
    return closest(given, *(gradient(net.at_h * v * (1 - v), net.x) for v in (s, net.h)))


@backward_pass.mistake(
    "The logarithm is differentiated, and what stands in it is not: a factor of the chain rule is"
    " missing, or the other one.",
    "log(1 + eᶻ) has the slope 1/(1 + eᶻ) times eᶻ.",
)
def inner_forgotten(net, layer, gradient, given):
    if layer != 1:
        return None
    slopes = [1 / (1 + np.exp(net.z)), np.exp(net.z), np.exp(-net.h), 1 / (1 + np.exp(net.h))]
    return closest(given, *(gradient(net.at_h * slope, net.x) for slope in slopes))


@backward_pass.mistake(
    "Written in H, the slope has a sign that is another one.",
    "Since e^H = 1 + e^Z₁, the slope e^Z₁/(1 + e^Z₁) is 1 − e^−H, with both minuses.",
)
def slope_sign(net, layer, gradient, given):
    if layer != 1:
        return None
    slopes = [1 + np.exp(-net.h), 1 - np.exp(net.h), np.exp(net.h) - 1]
    return closest(given, *(gradient(net.at_h * slope, net.x) for slope in slopes))


@backward_pass.mistake(
    "The activation H itself is taken for its slope.",
    "Multiply by the slope 1/(1 + exp(−Z₁)) in its place.",
)
def value_for_slope(net, layer, gradient, given):
    return gradient(net.at_h * net.h, net.x) if layer == 1 else None


@backward_pass.mistake(
    "1 where z > 0, else 0, is the slope of ReLU; this activation is its smooth relative.",
    "The slope of log(1 + eᶻ) is eᶻ/(1 + eᶻ).",
)
def relu_slope(net, layer, gradient, given):
    return gradient(net.at_h * (net.z > 0), net.x) if layer == 1 else None


@backward_pass.mistake(*SLOPE_TWICE)
def slope_twice(net, layer, gradient, given):
    return gradient(through(softplus)(net.delta_1, net.z), net.x) if layer == 1 else None


@backward_pass.mistake(*NOT_TRANSPOSED)
def not_transposed(net, layer, gradient, given):
    if layer != 1 or not net.equally_wide:
        return None
    at_h = through_weights(net.delta_2, net.h, net.w2.T)
    return gradient(through(softplus)(at_h, net.z), net.x)


@backward_pass.mistake(*WEIGHTS_FORGOTTEN)
def weights_forgotten(net, layer, gradient, given):
    if layer != 1 or not net.equally_wide:
        return None
    return gradient(through(softplus)(net.delta_2, net.z), net.x)


@backward_pass.mistake(
    "What V carried is led back into the hidden layer, but V leads past it.",
    "To H comes back δ₂ W₂ᵀ alone; δ₂ Vᵀ would go to X.",
)
def past_into_hidden(net, layer, gradient, given):
    if layer != 1 or not net.equally_wide:
        return None
    through_v = through_weights(net.delta_2, net.x, net.v)
    sums = (net.at_h + through_v, through_v)
    return closest(given, *(gradient(through(softplus)(s, net.z), net.x) for s in sums))


@backward_pass.mistake(
    "Made with the δ of the other layer.",
    "W₁ and b₁ need δ₁ = ∂E/∂Z₁; W₂, b₂ and V, which lead into Y, need δ₂ = ∂E/∂Y.",
)
def wrong_delta(net, layer, gradient, given):
    other = {1: net.delta_2, 2: net.delta_1, "past": net.delta_1}[layer]
    return gradient(other, net.layers[layer][1])


@backward_pass.mistake(
    "Made with what came into another layer.",
    "∂E/∂W is (what this W multiplied)ᵀ δ: X for W₁ and V, H for W₂.",
)
def wrong_input(net, layer, gradient, given):
    other = {1: (net.delta_1, net.h), 2: (net.delta_2, net.x), "past": (net.delta_2, net.h)}
    return gradient(*other[layer])


@backward_pass.mistake(
    "The second layer did not see Z₁.", "Take H, what the activation made of Z₁."
)
def pre_activations(net, layer, gradient, given):
    return gradient(net.delta_2, net.z) if layer == 2 else None


@backward_pass.mistake(
    "Divided by all n·k entries, as np.mean does.", "The mean runs over the n examples: / len(X)."
)
def all_entries(net, layer, gradient, given):
    delta, inputs = net.layers[layer]
    return gradient(delta / net.t.shape[1], inputs)


def from_outputs(net: Net, layer: object, gradient: Callable, delta: np.ndarray) -> np.ndarray:
    """The gradient that follows from another δ₂ (n, k)."""
    return gradient(*replace(net, given_delta=delta).layers[layer])


@backward_pass.mistake(
    "The way past is left out of the forward pass, so that Y and its errors are those of the"
    " chapter's net.",
    "Y = H W₂ + X V + b₂.",
)
def past_forgotten(net, layer, gradient, given):
    delta = (net.y - net.x @ net.v - net.t) / len(net.x)
    return from_outputs(net, layer, gradient, delta)


@backward_pass.mistake(*FACTOR)
def twice(net, layer, gradient, given):
    return 2 * gradient(*net.layers[layer])


@backward_pass.mistake(
    "This is 2 (Y − T): the 2 of the square without the ½ of the loss, and the sum over the n"
    " examples in place of their mean.",
    "The ½ cancels the 2, and δ₂ is (Y − T) / n.",
)
def square_summed(net, layer, gradient, given):
    return 2 * len(net.x) * gradient(*net.layers[layer])


@backward_pass.mistake(
    "This is 2 (Y − T) / (n k), the gradient of np.mean((Y − T)²), as MSELoss takes it. Here the"
    " loss is half the squares, summed over the outputs, averaged over the n examples.",
    "So δ₂ is (Y − T) / n.",
)
def square_averaged(net, layer, gradient, given):
    return 2 / net.t.shape[1] * gradient(*net.layers[layer])


@backward_pass.mistake(
    "Divided by the number of inputs, of hidden units or of outputs.",
    "The mean runs over the n examples, len(X).",
)
def other_count(net, layer, gradient, given):
    counts = (net.x.shape[1], net.h.shape[1], net.t.shape[1])
    right = gradient(*net.layers[layer])
    return closest(given, *(len(net.x) / count * right for count in counts))


@backward_pass.mistake(
    "A φ′ stands at the output, but Y is linear there: its derivative is 1.",
    "δ₂ is (Y − T) / n.",
)
def output_slope(net, layer, gradient, given):
    deltas = with_slopes(net)
    return closest(given, *(from_outputs(net, layer, gradient, delta) for delta in deltas))


@backward_pass.mistake(
    "The outputs have gone through an activation too. Here they are linear.",
    "Y = H W₂ + X V + b₂, and nothing after it.",
)
def output_activated(net, layer, gradient, given):
    deltas = activated(net)
    return closest(given, *(from_outputs(net, layer, gradient, delta) for delta in deltas))


@backward_pass.mistake(
    "δ₁ came back through a W₂ that has made its step already.",
    "Take all gradients at one point; then the weights may move.",
)
def stepped_first(net, layer, gradient, given):
    if layer != 1:
        return None
    step = weights_gradient(net.delta_2, net.h)
    moved = through(softplus)(through_weights(net.delta_2, net.h, step), net.z)
    return with_multiple(given, gradient(net.delta_1, net.x), gradient(moved, net.x))


@backward_pass.mistake(
    "A bias is left out of the forward pass.", "Z₁ = X W₁ + b₁, and Y = H W₂ + X V + b₂."
)
def bias_forgotten(net, layer, gradient, given):
    nets = [replace(net, **{name: 0 * getattr(net, name) for name in names})
            for names in (("b1",), ("b2",), ("b1", "b2"))]  # fmt: skip
    return closest(given, *(gradient(*one.layers[layer]) for one in nets))


@backward_pass.mistake(
    "Summed over the units where it should be over the examples.",
    "The bias of a unit is added to each example: axis=0.",
)
def over_units(net, layer, gradient, given):
    if gradient is not bias_gradient:
        return None
    delta, _ = net.layers[layer]
    return closest(given, delta.sum(axis=1), delta.sum())
