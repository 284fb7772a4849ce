"""The backward pass of a two-layer net."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.backpropagation._inputs import (
    FACTOR,
    LAYERS,
    NOT_TRANSPOSED,
    PHI_AT_ACTIVATION,
    PHI_FORGOTTEN,
    PHI_OF_Z,
    SIGMOID_SLOPE,
    SIGN,
    WEIGHTS_FORGOTTEN,
    bias_gradient,
    mean_error,
    random_net,
    weights_gradient,
)
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

    @cached_property
    def z(self) -> np.ndarray:
        """Pre-activations of the hidden layer, (n, h)."""
        return self.x @ self.w1 + self.b1

    @cached_property
    def h(self) -> np.ndarray:
        return np.tanh(self.z)

    @cached_property
    def delta_2(self) -> np.ndarray:
        """∂E/∂Y, (n, k)."""
        return slope(lambda y: mean_error(y, self.t), self.h @ self.w2 + self.b2)

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

    @property
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
        "factor": FACTOR,
        "unreduced": "The bias is added to every example, so its gradient is the sum over the"
        " examples: δ.sum(axis=0).",
        "averaged-twice": "δ has the 1/n of the mean in it already: sum it over the examples,"
        " do not take its mean, and do not divide again.",
        "summed": "The loss is the mean over the n examples: divide δ₂ by n.",
        "shape": "A gradient has the shape of what it is the gradient of: a bias's is (units,).",
    },
)
def backward_pass(attempt):
    for name, weight in {"dW1": 2, "db1": 1, "dW2": 1, "db2": 1}.items():
        with attempt.part(name, weight=weight) as part:
            for values in (random_net(5, 3, 3, 3), random_net(5, 3, 4, 2)):
                net = Net(*values)

                def of(output, _, net=net):
                    return net, *OUTPUTS[output]

                part.outputs(values, net.right, name, of=of, batch=5)


# A mistake makes ``gradient``, that of the layer's W or b, from a wrong δ or with wrong inputs.


@backward_pass.mistake(PHI_FORGOTTEN)
def phi_forgotten(net, layer, gradient):
    return gradient(net.at_h, net.x) if layer == 1 else None


@backward_pass.mistake(PHI_AT_ACTIVATION)
def phi_at_activation(net, layer, gradient):
    return gradient(vjp(net.at_h, np.tanh, net.h), net.x) if layer == 1 else None


@backward_pass.mistake(PHI_OF_Z)
def phi_of_z(net, layer, gradient):
    return gradient(net.at_h * (1 - net.z**2), net.x) if layer == 1 else None


@backward_pass.mistake(SIGMOID_SLOPE)
def sigmoid_slope(net, layer, gradient):
    return gradient(net.at_h * net.h * (1 - net.h), net.x) if layer == 1 else None


@backward_pass.mistake(NOT_TRANSPOSED)
def not_transposed(net, layer, gradient):
    if layer == 2 or not net.equally_wide:
        return None
    at_h = vjp(net.delta_2, lambda h: h @ net.w2.T, net.h)
    return gradient(vjp(at_h, np.tanh, net.z), net.x)


@backward_pass.mistake(WEIGHTS_FORGOTTEN)
def weights_forgotten(net, layer, gradient):
    if layer == 2 or not net.equally_wide:
        return None
    return gradient(vjp(net.delta_2, np.tanh, net.z), net.x)


@backward_pass.mistake(
    "Made with the δ of the other layer: W₁ and b₁ need ∂E/∂Z₁, W₂ and b₂ need ∂E/∂Y."
)
def wrong_delta(net, layer, gradient):
    if not net.equally_wide:
        return None
    other = {1: net.delta_2, 2: net.delta_1}[layer]
    return gradient(other, net.layers[layer][1])


@backward_pass.mistake("X stands where H belongs: ∂E/∂W is (what came into *this* layer)ᵀ δ.")
def wrong_input(net, layer, gradient):
    return gradient(net.delta_2, net.x) if layer == 2 and net.equally_wide else None


@backward_pass.mistake("Z₁ stands where H = tanh(Z₁) belongs: the second layer saw H.")
def pre_activations(net, layer, gradient):
    return gradient(net.delta_2, net.z) if layer == 2 else None


@backward_pass.mistake(
    "Divided by all n·k entries, as np.mean does: the mean runs over the n examples only."
)
def all_entries(net, layer, gradient):
    delta, inputs = net.layers[layer]
    return gradient(delta / net.t.shape[1], inputs)
