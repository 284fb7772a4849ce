"""A net that nobody has labelled: its loss, and a gradient of it that is not right everywhere.

``loss(p)`` and ``gradient(p)`` are functions of a dict of arrays such as ``start``. The gradient is
the slope of the loss, with ``faults`` in it.
"""

from collections.abc import Mapping

import numpy as np

from backpass.checks.backpropagation._faults import Case, Fault

__all__ = ["gradient", "loss", "n", "start"]

draw = np.random.default_rng(11).uniform

#: The number of its examples.
n = 6
_X, _T = draw(-1, 1, (n, 4)), draw(-1, 1, (n, 3))

start = {
    "A": draw(-1, 1, (4, 4)),
    "b": draw(-1, 1, 4),
    "C": draw(-1, 1, (4, 3)),
    "d": draw(-1, 1, 3),
}


def loss(p: Mapping[str, np.ndarray]) -> float:
    """The loss of the net, a number."""
    hidden = np.tanh(_X @ p["A"] + p["b"])
    return np.sum((np.tanh(hidden @ p["C"] + p["d"]) - _T) ** 2) / 2 / n


_one_output = np.zeros((4, 3), bool)
_one_output[:, 1] = True

_case = Case(
    "the suspect",
    loss,
    start,
    n,
    {"A": Fault("transposed"), "C": Fault("sign", _one_output), "d": Fault("summed")},
)


def gradient(p: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """A gradient of the loss, by parameter."""
    return _case.gradient(p)
