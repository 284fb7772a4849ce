"""The backward pass of a two-layer net."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from backpass.checks import Part, exercise
from backpass.checks.backpropagation._inputs import (
    FACTOR,
    LAYERS,
    NOT_SQUARED,
    NOT_TRANSPOSED,
    ONE_MINUS_H,
    PHI_AT_ACTIVATION,
    PHI_FORGOTTEN,
    PHI_OF_Z,
    SIGMOID_SLOPE,
    SIGN,
    SLOPE_TWICE,
    WEIGHTS_FORGOTTEN,
    bias_gradient,
    mean_error,
    random_net,
    weights_gradient,
)
from backpass.checks.closest import closest, with_multiple
from backpass.gradcheck import slope, vjp

#: For each output the layer, and how its gradient follows from δ and what came into the layer.
OUTPUTS = {
    "dW1": (1, weights_gradient),
    "db1": (1, bias_gradient),
    "dW2": (2, weights_gradient),
    "db2": (2, bias_gradient),
}


@dataclass(frozen=True)
class Net:
    """The net tanh(X W₁ + b₁) W₂ + b₂ with one batch: layer by layer forward, and back."""

    x: np.ndarray
    t: np.ndarray
    w1: np.ndarray
    b1: np.ndarray
    w2: np.ndarray
    b2: np.ndarray
    given_delta: np.ndarray | None = None

    @cached_property
    def z(self) -> np.ndarray:
        """Pre-activations of the hidden layer, (n, h)."""
        return self.x @ self.w1 + self.b1

    @cached_property
    def h(self) -> np.ndarray:
        return np.tanh(self.z)

    @cached_property
    def y(self) -> np.ndarray:
        """The outputs, (n, k)."""
        return self.h @ self.w2 + self.b2

    @cached_property
    def delta_2(self) -> np.ndarray:
        """∂E/∂Y, (n, k), or what is given for it."""
        if self.given_delta is not None:
            return self.given_delta
        return slope(lambda y: mean_error(y, self.t), self.y)

    @cached_property
    def at_h(self) -> np.ndarray:
        """∂E/∂H, (n, h)."""
        return vjp(self.delta_2, lambda h: h @ self.w2, self.h)

    @cached_property
    def delta_1(self) -> np.ndarray:
        """∂E/∂Z₁, (n, h)."""
        return vjp(self.at_h, np.tanh, self.z)

    @property
    def layers(self) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        """Each layer's δ, and what came into the layer."""
        return {1: (self.delta_1, self.x), 2: (self.delta_2, self.h)}

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """What each of the outputs should be."""
        return {name: gradient(*self.layers[layer]) for name, (layer, gradient) in OUTPUTS.items()}

    @property
    def equally_wide(self) -> bool:
        """Are all layers equally wide? Elsewhere NumPy refuses some wrong products."""
        return self.x.shape == self.h.shape == self.t.shape


@exercise(
    "The backward pass of a two-layer net",
    section=LAYERS,
    points=5,
    kind="implement",
    mistakes={
        "sign": SIGN,
        "unreduced": "The bias is added to every example, so its gradient is the sum over the"
        " examples: δ.sum(axis=0).",
        "averaged-twice": "δ has the 1/n of the mean in it already: sum it over the examples,"
        " do not take its mean, and do not divide again.",
        "summed": "The loss is the mean over the n examples: divide δ₂ by n.",
        "shape": "A gradient has the shape of what it is the gradient of: a bias's is (units,).",
        "transposed": "For a batch of rows ∂E/∂W is (what came in)ᵀ δ, of the shape of W.",
        "loop": "The numbers are right, but there is a loop over the examples: matrix products do"
        " it for all of them at once.",
        "differences": "The numbers are right, but they do not come back from the outputs: the"
        " weights are gone through one by one, as for finite differences. Those are good to check"
        " a backward pass with, and cost a forward pass for each weight.",
        "tape": "The numbers are right, but a tape has worked them out. Here you are to write what"
        " it does: δ₂, δ₁, and what follows from them.",
    },
)
def backward_pass(attempt):
    for name, weight in {"dW1": 2, "db1": 1, "dW2": 1, "db2": 1}.items():
        with attempt.part(name, weight=weight) as part:
            for values, net in nets_in_telling_order(part):

                def of(output, given, net=net):
                    return net, *OUTPUTS[output], given

                part.outputs(values, net.right, name, of=of, batch=len(net.x))
            refuse_other_means(part)


#: Two nets, each after the values that it is made of.
NETS = [(values, Net(*values)) for values in (random_net(7, 4, 5, 3), random_net(5, 3, 3, 3))]


def nets_in_telling_order(part: Part) -> list[tuple[tuple[np.ndarray, ...], Net]]:
    """The nets, the equally wide one first if at the other NumPy refuses a product."""
    return NETS[::-1] if part.raises(*NETS[0][0]) else NETS


def refuse_other_means(part: Part) -> None:
    """End the part if the answer is right, and not by a backward pass in matrices."""
    one, more, wider = (part.watch(*random_net(*size)) for size in OTHER_SIZES)
    if one.automatic:
        part.blame("tape")
    if wider.operations - one.operations > FORWARD * OTHER_PARAMETERS:
        part.blame("differences")
    if more.steps > one.steps or more.operations > one.operations:
        part.blame("loop")


#: n, d, h, k: a net, with more examples, and with wider layers.
OTHER_SIZES = [(3, 2, 2, 2), (8, 2, 2, 2), (3, 5, 6, 4)]
#: How many more weights and biases the wider one has than the first.
OTHER_PARAMETERS = 64 - 12
#: A forward pass takes more operations than this; a loop over units or weights, fewer for each.
FORWARD = 3


# A mistake makes ``gradient``, that of the layer's W or b, from a wrong δ or with wrong inputs.


@backward_pass.mistake(PHI_FORGOTTEN)
def phi_forgotten(net, layer, gradient, given):
    return gradient(net.at_h, net.x) if layer == 1 else None


@backward_pass.mistake(PHI_AT_ACTIVATION)
def phi_at_activation(net, layer, gradient, given):
    return gradient(vjp(net.at_h, np.tanh, net.h), net.x) if layer == 1 else None


@backward_pass.mistake(PHI_OF_Z)
def phi_of_z(net, layer, gradient, given):
    return gradient(net.at_h * (1 - net.z**2), net.x) if layer == 1 else None


@backward_pass.mistake(SIGMOID_SLOPE)
def sigmoid_slope(net, layer, gradient, given):
    return gradient(net.at_h * net.h * (1 - net.h), net.x) if layer == 1 else None


@backward_pass.mistake(NOT_TRANSPOSED)
def not_transposed(net, layer, gradient, given):
    if layer == 2 or not net.equally_wide:
        return None
    at_h = vjp(net.delta_2, lambda h: h @ net.w2.T, net.h)
    return gradient(vjp(at_h, np.tanh, net.z), net.x)


@backward_pass.mistake(WEIGHTS_FORGOTTEN)
def weights_forgotten(net, layer, gradient, given):
    if layer == 2 or not net.equally_wide:
        return None
    return gradient(vjp(net.delta_2, np.tanh, net.z), net.x)


@backward_pass.mistake(
    "Made with the δ of the other layer: W₁ and b₁ need ∂E/∂Z₁, W₂ and b₂ need ∂E/∂Y."
)
def wrong_delta(net, layer, gradient, given):
    other = {1: net.delta_2, 2: net.delta_1}[layer]
    return gradient(other, net.layers[layer][1])


@backward_pass.mistake("X stands where H belongs: ∂E/∂W is (what came into *this* layer)ᵀ δ.")
def wrong_input(net, layer, gradient, given):
    return gradient(net.delta_2, net.x) if layer == 2 else None


@backward_pass.mistake("Z₁ stands where H = tanh(Z₁) belongs: the second layer saw H.")
def pre_activations(net, layer, gradient, given):
    return gradient(net.delta_2, net.z) if layer == 2 else None


@backward_pass.mistake(
    "Divided by all n·k entries, as np.mean does: the mean runs over the n examples only."
)
def all_entries(net, layer, gradient, given):
    delta, inputs = net.layers[layer]
    return gradient(delta / net.t.shape[1], inputs)


@backward_pass.mistake(ONE_MINUS_H)
def one_minus_h(net, layer, gradient, given):
    return gradient(net.at_h * (1 - net.h), net.x) if layer == 1 else None


@backward_pass.mistake(SLOPE_TWICE)
def slope_twice(net, layer, gradient, given):
    return gradient(vjp(net.delta_1, np.tanh, net.z), net.x) if layer == 1 else None


@backward_pass.mistake(
    "H itself, or its square, is taken for the slope: that of tanh is 1 − h², what is left of 1."
)
def value_for_slope(net, layer, gradient, given):
    if layer == 2:
        return None
    return closest(given, *(gradient(net.at_h * slope, net.x) for slope in (net.h, net.h**2)))


@backward_pass.mistake(NOT_SQUARED)
def not_squared(net, layer, gradient, given):
    return gradient(net.at_h / np.cosh(net.z), net.x) if layer == 1 else None


@backward_pass.mistake("1 where z > 0, else 0, is the derivative of ReLU; that of tanh is 1 − h².")
def relu_slope(net, layer, gradient, given):
    return gradient(net.at_h * (net.z > 0), net.x) if layer == 1 else None


def from_outputs(net: Net, layer: int, gradient: Callable, delta: np.ndarray) -> np.ndarray:
    """The gradient that follows from another δ₂ (n, k)."""
    return gradient(*replace(net, given_delta=delta).layers[layer])


@backward_pass.mistake(FACTOR)
def twice(net, layer, gradient, given):
    return 2 * gradient(*net.layers[layer])


@backward_pass.mistake(
    "This is 2 (Y − T): the 2 of the square without the ½ of the loss, and the sum over the n"
    " examples in place of their mean. The ½ cancels the 2, and δ₂ is (Y − T) / n."
)
def square_summed(net, layer, gradient, given):
    return 2 * len(net.x) * gradient(*net.layers[layer])


@backward_pass.mistake(
    "This is 2 (Y − T) / (n k), the gradient of np.mean((Y − T)²), as MSELoss takes it. Here the"
    " loss is half the squares, summed over the outputs, averaged over the n examples: δ₂ is"
    " (Y − T) / n."
)
def square_averaged(net, layer, gradient, given):
    return 2 / net.t.shape[1] * gradient(*net.layers[layer])


@backward_pass.mistake(
    "Divided by the number of inputs, of hidden units or of outputs; the mean runs over the n"
    " examples, len(X)."
)
def other_count(net, layer, gradient, given):
    counts = (net.x.shape[1], net.h.shape[1], net.t.shape[1])
    right = gradient(*net.layers[layer])
    return closest(given, *(len(net.x) / count * right for count in counts))


@backward_pass.mistake(
    "A φ′ stands at the output. But Y is linear, Y = H W₂ + b₂, and its derivative is 1: δ₂ is"
    " (Y − T) / n."
)
def output_slope(net, layer, gradient, given):
    tanh_slope = 1 - np.tanh(net.y) ** 2
    values = [1 - net.y**2, tanh_slope, net.y * (1 - net.y)]
    deltas = (net.delta_2 * slope for slope in values)
    return closest(given, *(from_outputs(net, layer, gradient, delta) for delta in deltas))


@backward_pass.mistake(
    "The outputs have gone through tanh too. Here they are linear: Y = H W₂ + b₂."
)
def output_tanh(net, layer, gradient, given):
    error = (np.tanh(net.y) - net.t) / len(net.x)
    deltas = [error, vjp(error, np.tanh, net.y)]
    return closest(given, *(from_outputs(net, layer, gradient, delta) for delta in deltas))


@backward_pass.mistake(
    "δ₁ came back through a W₂ that has made its step already. All gradients are taken at one"
    " point, and then the weights move."
)
def stepped_first(net, layer, gradient, given):
    if layer == 2:
        return None
    step = weights_gradient(net.delta_2, net.h)
    moved = vjp(vjp(net.delta_2, lambda h: h @ step, net.h), np.tanh, net.z)
    return with_multiple(given, gradient(net.delta_1, net.x), gradient(moved, net.x))


@backward_pass.mistake("A bias is left out of the forward pass: Z₁ = X W₁ + b₁, Y = H W₂ + b₂.")
def bias_forgotten(net, layer, gradient, given):
    nets = [replace(net, **{name: 0 * getattr(net, name) for name in names})
            for names in (("b1",), ("b2",), ("b1", "b2"))]  # fmt: skip
    return closest(given, *(gradient(*one.layers[layer]) for one in nets))


@backward_pass.mistake(
    "The hidden units are logistic functions here; the net has H = tanh(X W₁ + b₁)."
)
def logistic_units(net, layer, gradient, given):
    h = 1 / (1 + np.exp(-net.z))
    delta_2 = (h @ net.w2 + net.b2 - net.t) / len(net.x)
    if layer == 2:
        return gradient(delta_2, h)
    at_h = delta_2 @ net.w2.T
    return closest(given, *(gradient(at_h * s, net.x) for s in (h * (1 - h), 1 - h**2)))


@backward_pass.mistake(
    "Summed over the units where it should be over the examples: the bias of a unit is added to"
    " each example, axis=0."
)
def over_units(net, layer, gradient, given):
    if gradient is weights_gradient:
        return None
    delta, _ = net.layers[layer]
    return closest(given, delta.sum(axis=1), delta.sum())
