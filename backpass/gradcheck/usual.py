"""The usual mistakes in layers of one's own, for ``check_gradient(..., mistakes=...)``.

What a wrong derivation gives depends on the network: on its activations, on its other weights, on
the rows that were looked up. Say what the network is, and these functions work out what the usual
mistakes give there, all by differences of the functions that they are told::

    >>> import numpy as np
    >>> from backpass.gradcheck import check_gradient, layers
    >>> rng = np.random.default_rng(0)
    >>> X, T = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    >>> params = {"W1": rng.normal(size=(3, 4)), "b1": np.zeros(4),
    ...           "W2": rng.normal(size=(4, 2)), "b2": np.zeros(2)}
    >>> def error(output):
    ...     return np.mean((output - T) ** 2)
    >>> def loss(p):
    ...     return error(np.tanh(X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"])
    >>> def gradient(p):
    ...     H = np.tanh(X @ p["W1"] + p["b1"])
    ...     D2 = 2 * (H @ p["W2"] + p["b2"] - T) / T.size
    ...     D1 = D2 @ p["W2"].T                                  # something is missing
    ...     return {"W1": X.T @ D1, "b1": D1.sum(0), "W2": H.T @ D2, "b2": D2.sum(0)}
    >>> known = layers(params, X, error, activation=np.tanh)
    >>> check_gradient(loss, gradient, params, mistakes=known).mistake
    'activation-forgotten'
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backpass.gradcheck.measure import numerical_gradient, weighed
from backpass.gradcheck.question import Multiple

SENTENCES = {
    "activation-forgotten": "The derivative of the activation is forgotten: what comes back to the"
    " activations h goes on to the pre-activations z through φ′(z).",
    "at-activation": "φ′ is taken at the activation, φ′(φ(z)); it belongs at the pre-activation,"
    " φ′(z).",
    "short-form-of-z": "The short form of φ′ (1 − h² for tanh, h(1 − h) for the logistic function)"
    " is written with the pre-activation z; it holds for the activation h = φ(z).",
    "not-transposed": "The next layer's weights are not transposed on the way back: δWᵀ, not δW.",
    "updated-weights": "What comes back went through weights of the next layer that were updated"
    " already (a step of {c} times their gradient): compute all gradients first, then update.",
    "wrong-input": "Made with the network's inputs; a layer's ∂L/∂W is (what came into *this*"
    " layer)ᵀδ.",
    "repeated": "A row that was looked up several times keeps only one of its gradients:"
    " dE[ix] += V adds once for each place. np.add.at(dE, ix, V) adds them all.",
    "not-flipped": "The kernel must be turned by 180° on the way back to the image: what went from"
    " a pixel up and left comes back down and right.",
}


def layers(
    params: dict[str, NDArray],
    X: ArrayLike,
    loss: Callable[[NDArray], float],
    activation: Callable | list[Callable | None] = np.tanh,
) -> dict[str, dict]:
    """The usual mistakes in a network of dense layers, Z = H W + b, for ``check_gradient``.

    Parameters
    ----------
    params : dict of arrays
        In the order of the layers: weights of shape (d_in, d_out), each followed by its bias of
        shape (d_out,), if it has one.
    X : array_like, shape (n, d_in)
        The batch, a row for each example.
    loss : callable
        From the output of the last layer, shape (n, d_out), to a number.
    activation : callable, or a list with one for each layer
        What follows a layer, entry by entry; None for nothing. One alone follows all but the last.

    Returns
    -------
    dict
        For ``mistakes=``: from each name to its known mistakes.

    Raises
    ------
    ValueError
        If the arrays do not fit together.
    """
    net = _Net(params, np.asarray(X, float), activation)
    output = net.forward()
    found = {name: {} for name in params}

    def enter(layer: int, slug: str, delta: NDArray | None, inputs: NDArray, multiple=False):
        weights, bias = net.names[layer]
        for name, values in ((weights, inputs.T @ delta), (bias, delta.sum(axis=0))):
            if name is not None and values.shape == params[name].shape:
                values = Multiple(values) if multiple else values
                found[name].setdefault(slug, (values, SENTENCES[slug]))

    delta = numerical_gradient(loss, output)
    last = len(net.names) - 1
    if net.activations[last] is not None:
        enter(last, "activation-forgotten", delta, net.inputs[last])
        enter(last, "at-activation", delta * net.slope(last, output), net.inputs[last])
        delta = delta * net.slope(last)
    for layer in range(last, -1, -1):
        inputs = net.inputs[layer]
        if layer and inputs.shape == net.inputs[0].shape:
            enter(layer, "wrong-input", delta, net.inputs[0])
        if not layer:
            break
        W, own = net.params[net.names[layer][0]], inputs.T @ delta
        below, slope = layer - 1, net.slope(layer - 1)
        arrives = delta @ W.T
        for slug, wrong in {
            "activation-forgotten": arrives,
            "at-activation": arrives * net.slope(below, inputs),
            "short-form-of-z": net.short_form(below, arrives),
            "not-transposed": delta @ W * slope if W.shape[0] == W.shape[1] else None,
        }.items():
            if wrong is not None and net.activations[below] is not None:
                enter(below, slug, wrong, net.inputs[below])
        enter(below, "updated-weights", delta @ own.T * slope, net.inputs[below], multiple=True)
        delta = arrives * slope
    return found


class _Net:
    """The layers of a dict of parameters, with what came into and out of each."""

    def __init__(self, params, X, activation):
        self.params, self.names = params, []
        for name, value in params.items():
            if np.ndim(value) == 2:
                self.names.append([name, None])
            elif np.ndim(value) == 1 and self.names and self.names[-1][1] is None:
                self.names[-1][1] = name
            else:
                raise ValueError(
                    f"{name!r} has shape {np.shape(value)}: layers() wants weights (d_in, d_out), "
                    "each followed by its bias (d_out,), in the order of the layers."
                )
        count = len(self.names)
        if isinstance(activation, list):
            self.activations = activation
        else:
            self.activations = [activation] * (count - 1) + [None]
        if not count or len(self.activations) != count:
            raise ValueError(f"{count} layers and {len(self.activations)} activations.")
        self.inputs, self.sums = [X], []

    def forward(self):
        """The output; keeps what came into each layer, and its sums Z."""
        for (weights, bias), activation in zip(self.names, self.activations, strict=True):
            H, W = self.inputs[-1], np.asarray(self.params[weights], float)
            if H.shape[-1] != W.shape[0]:
                raise ValueError(f"{weights!r} has shape {W.shape}, but {H.shape} comes into it.")
            if bias is not None and np.shape(self.params[bias]) != W.shape[1:]:
                shape = np.shape(self.params[bias])
                raise ValueError(f"{bias!r} has shape {shape}, where {weights!r} has {W.shape}.")
            Z = H @ W + (0 if bias is None else self.params[bias])
            self.sums.append(Z)
            self.inputs.append(Z if activation is None else activation(Z))
        return self.inputs[-1]

    def slope(self, layer, at=None):
        """φ′ entry by entry at the layer's sums, or ``at`` other values; 1 without activation."""
        activation, at = self.activations[layer], self.sums[layer] if at is None else at
        if activation is None:
            return np.ones_like(at)
        return numerical_gradient(lambda z: np.sum(activation(z)), at)

    def short_form(self, layer, arrives):
        """What arrives times the short form of φ′ with z in it, for tanh and the logistic."""
        z, activation = self.sums[layer], self.activations[layer]
        h = self.inputs[layer + 1]
        if activation is not None and np.allclose(h, np.tanh(z)):
            return arrives * (1 - z**2)
        if activation is not None and np.allclose(h, (1 + np.tanh(z / 2)) / 2):
            return arrives * z * (1 - z)
        return None


def lookup(indices: ArrayLike, arriving: ArrayLike, shape: tuple[int, ...]) -> dict:
    """The usual mistake in the gradient of rows that are looked up, E[indices].

    ``indices`` has shape (n,), ``arriving``, what comes back to the rows, (n, d); ``shape`` is that
    of the table E. Returns a dict for ``mistakes=``; ValueError if the shapes do not fit.
    """
    once, indices, arriving = np.zeros(shape), np.asarray(indices), np.asarray(arriving)
    if arriving.shape != (wanted := once[indices].shape):
        raise ValueError(
            f"arriving has shape {arriving.shape}: lookup() wants a row for each index, {wanted}."
        )
    once[indices] = arriving
    return {"repeated": (once, SENTENCES["repeated"])}


def kernel(forward: Callable, X: ArrayLike, K: ArrayLike, arriving: ArrayLike) -> dict:
    """The usual mistake in the gradient of an image X that is convolved, ``forward(X, K)``.

    ``K`` is turned along its last two axes; ``arriving`` has the shape of ``forward(X, K)``, else
    ValueError. Returns a dict for ``mistakes=`` of the gradient at X.
    """
    turned, names = np.asarray(K, float)[..., ::-1, ::-1], ("arriving", "forward(X, K)")
    wrong = numerical_gradient(
        lambda X: weighed(arriving, forward(X, turned), names), np.array(X, float)
    )
    return {"not-flipped": (wrong, SENTENCES["not-flipped"])}
