"""What the answers to several exercises on softmax and cross-entropy are made of.

All of it is written independently of the checks: by SciPy and by formulas, not by slopes.
"""

import numpy as np
import sympy as sp
from scipy.special import expit, logsumexp
from scipy.special import softmax as sm

# ------------------------------------------------------------------------------------ symbols

t = sp.symbols("t1:4", positive=True)
o = sp.symbols("o1:4", positive=True)
tau, lam = sp.symbols("tau lam", positive=True)

# ------------------------------------------------------------------------------------- softmax


def rows(Z):
    return sm(Z, axis=1)


def by_log(Z):
    return np.exp(Z - logsumexp(Z, axis=1, keepdims=True))


def columns(Z):
    return sm(Z, axis=0)


def naive(Z):
    return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)


def once(Z):
    return naive(Z - Z.max())


def hard(T):
    return np.eye(T.shape[1])[np.argmax(T, axis=1)]


# ----------------------------------------------------------------------------------- gradients


def mean(Z, T):
    return (rows(Z) - T) / len(Z)


def by_jacobians(Z, T):
    gradient = np.zeros_like(Z)
    for r, (o, t) in enumerate(zip(rows(Z), T, strict=True)):
        J = np.diag(o) - np.outer(o, o)
        with np.errstate(all="ignore"):
            to_outputs = np.where(t > 0, -t / o, 0)
        gradient[r] = J @ to_outputs if np.all(np.isfinite(to_outputs)) else o * t.sum() - t
    return gradient / len(Z)


def squared_error(Z, T):
    """What the squared error Σ(o − t)², the mean over the rows, sends back to the logits."""
    o = rows(Z)
    d = 2 * (o - T) / len(Z)
    return o * (d - np.sum(o * d, axis=1, keepdims=True))


def with_zeros_left_out(Z, T):
    """By Jacobians, where −t/o is left out if o is 0."""
    with np.errstate(all="ignore"):
        back = np.where(rows(Z) > 0, -T / rows(Z), 0)
    pairs = zip(rows(Z), back, strict=True)
    return np.array([(np.diag(o) - np.outer(o, o)) @ b for o, b in pairs]) / len(Z)


def guarded(Z, constant=5e-8):
    powers = np.exp(Z - Z.max(axis=1, keepdims=True))
    return powers / (powers.sum(axis=1, keepdims=True) + constant)


def pulled(o, T):
    """The gradient for whatever outputs o, and targets of any sum."""
    return (T.sum(axis=1, keepdims=True) * o - T) / len(T)


#: What goes wrong on the way to the gradient at the logits, for targets of any sum.
SLIPS = {
    "chain-stopped": lambda Z, T: -T / rows(Z) / len(Z),
    "diagonal-only": lambda Z, T: -T * (1 - rows(Z)) / len(Z),
    "off-target": lambda Z, T: rows(Z) * (1 - T) / len(Z),
    "smoothed-again": lambda Z, T: pulled(
        rows(Z), 0.9 * T + 0.1 * T.sum(axis=1, keepdims=True) / T.shape[1]
    ),
    "softmax-twice": lambda Z, T: pulled(rows(rows(Z)), T),
    "o-alone": lambda Z, T: T.sum(axis=1, keepdims=True) * rows(Z) / len(Z),
    "targets-added": lambda Z, T: (T.sum(axis=1, keepdims=True) * rows(Z) + T) / len(Z),
    "one-hot-assumed": lambda Z, T: mean(Z, hard(T)),
    "targets-only": lambda Z, T: np.where(T > 0, pulled(rows(Z), T), 0),
    "twice": lambda Z, T: 2 * pulled(rows(Z), T),
    "per-class": lambda Z, T: pulled(rows(Z), T) * len(Z) / Z.shape[1],
    "all-entries": lambda Z, T: pulled(rows(Z), T) / Z.shape[1],
    "parentheses": lambda Z, T: T.sum(axis=1, keepdims=True) * rows(Z) - T / len(Z),
    "sigmoid-error": lambda Z, T: (rows(Z) - T) * rows(Z) * (1 - rows(Z)) / len(Z),
    "squared-error": squared_error,
    "sigmoid": lambda Z, T: pulled(expit(Z), T),
    "no-softmax": pulled,
    "hard-outputs": lambda Z, T: pulled(hard(Z), T),
    "axis": lambda Z, T: pulled(columns(Z), T),
    "whole-batch": lambda Z, T: pulled(sm(Z), T),
    "no-max-shift": lambda Z, T: pulled(naive(Z), T),
    "global-max": lambda Z, T: pulled(once(Z), T),
    "nan-hidden": lambda Z, T: np.nan_to_num(pulled(naive(Z), T)),
    "in-steps": with_zeros_left_out,
    "epsilon": lambda Z, T: pulled(guarded(Z), T),
}
