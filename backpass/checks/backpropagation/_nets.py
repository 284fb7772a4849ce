"""The net of the sheet on backpropagation: φ(X W₁ + b₁) W₂ + X V + b₂, with a way past."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from backpass.checks.backpropagation._inputs import (
    bias_gradient,
    mean_error,
    softplus,
    weights_gradient,
)
from backpass.checks.remembered import by_value
from backpass.gradcheck import slope, vjp

#: For each gradient the layer, and how it follows from δ and what came into the layer. The third,
#: "past", leads from the inputs to the outputs.
OUTPUTS = {
    "dW1": (1, weights_gradient),
    "db1": (1, bias_gradient),
    "dW2": (2, weights_gradient),
    "db2": (2, bias_gradient),
    "dV": ("past", weights_gradient),
}


@by_value
def at_outputs(y: np.ndarray, t: np.ndarray) -> np.ndarray:
    """∂E/∂Y."""
    return slope(lambda y: mean_error(y, t), y)


@by_value
def through_weights(delta: np.ndarray, h: np.ndarray, w: np.ndarray) -> np.ndarray:
    """What comes back to h, of ``delta`` at h w."""
    return vjp(delta, lambda h: h @ w, h)


@cache
def through(activation: Callable) -> Callable:
    """What comes back to z of a gradient at φ(z), as a function of both."""
    return by_value(lambda g, z: vjp(g, activation, z))


@dataclass(frozen=True)
class Net:
    """The net with one batch: layer by layer forward, and back."""

    x: np.ndarray
    t: np.ndarray
    w1: np.ndarray
    b1: np.ndarray
    w2: np.ndarray
    b2: np.ndarray
    v: np.ndarray
    given_delta: np.ndarray | None = None
    activation: Callable = softplus

    @cached_property
    def z(self) -> np.ndarray:
        """Pre-activations of the hidden layer, (n, h)."""
        return self.x @ self.w1 + self.b1

    @cached_property
    def h(self) -> np.ndarray:
        return self.activation(self.z)

    @cached_property
    def y(self) -> np.ndarray:
        """The outputs, (n, k)."""
        return self.h @ self.w2 + self.x @ self.v + self.b2

    @cached_property
    def delta_2(self) -> np.ndarray:
        """∂E/∂Y, (n, k), or what is given for it."""
        if self.given_delta is not None:
            return self.given_delta
        return at_outputs(self.y, self.t)

    @cached_property
    def at_h(self) -> np.ndarray:
        """∂E/∂H, (n, h)."""
        return through_weights(self.delta_2, self.h, self.w2)

    @cached_property
    def delta_1(self) -> np.ndarray:
        """∂E/∂Z₁, (n, h)."""
        return through(self.activation)(self.at_h, self.z)

    @property
    def layers(self) -> dict[object, tuple[np.ndarray, np.ndarray]]:
        """The δ that each layer's gradients are made with, and what came into the layer."""
        return {
            1: (self.delta_1, self.x),
            2: (self.delta_2, self.h),
            "past": (self.delta_2, self.x),
        }

    @cached_property
    def right(self) -> dict[str, np.ndarray]:
        """The gradient of each parameter, by name."""
        return {name: gradient(*self.layers[layer]) for name, (layer, gradient) in OUTPUTS.items()}

    @property
    def equally_wide(self) -> bool:
        """Are all layers equally wide? Elsewhere NumPy refuses some wrong products."""
        return self.x.shape == self.h.shape == self.t.shape
