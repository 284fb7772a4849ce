"""The Hessian of the loss at each row of logits times the same row of v, both (n, k)."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.softmax_cross_entropy._inputs import (
    LARGE,
    NO_SHIFT,
    SQUARE,
    Z,
    naive,
    outputs,
    own_slope,
)

CURVATURE = "Section: “Curvature: convex, with one flat direction”."

V = np.array([[1.0, -0.5, 0.3], [0.2, 0.7, -1.5], [0, 1, 0], [1, 1, 1]])


def product(z: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The slope of the gradient o − t along ``v``, in each row, (n, k)."""
    return outputs(z + 1e-30j * v).imag / 1e-30


def second_term(z: np.ndarray, v: np.ndarray) -> np.ndarray:
    """−o (oᵀv) of each row, (n, k): the product without its first term, o·v."""
    return product(z, v) - outputs(z) * v


@exercise(
    "Curvature without the matrix",
    points=3,
    kind="implement",
    mistakes={
        "sign": "The sign is reversed: the Hessian is positive semidefinite, so vᵀHv is never"
        f" negative. {CURVATURE}",
    },
)
def hessian_product(attempt):
    for label, weight, inputs in [
        ("ordinary logits", 2, [(SQUARE, V[:3]), (Z, V)]),
        ("logits of very different size", 1, [(LARGE, V)]),
    ]:
        with attempt.part(label, weight) as part:
            for z, v in inputs:
                part.expect(part.call(z, v), product(z, v), of=[z, v])


@hessian_product.mistake(
    "Only the diagonal of the Hessian, o(1 − o), is used. The off-diagonal entries are −o_i o_j."
    f" {CURVATURE}"
)
def diagonal_only(z, v):
    return own_slope(z) * v


@hessian_product.mistake(
    f"This is o·v alone: −o (oᵀv), from the ooᵀ of the Hessian, is missing. {CURVATURE}"
)
def no_second_term(z, v):
    return outputs(z) * v


@hessian_product.mistake(
    f"This is −o (oᵀv) alone: the diag(o) of the Hessian is missing. {CURVATURE}"
)
def no_first_term(z, v):
    return second_term(z, v)


@hessian_product.mistake(
    f"This is v − oᵀv. Each entry is still to be multiplied by its own o. {CURVATURE}"
)
@np.errstate(invalid="ignore")  # where an output is 0
def unscaled(z, v):
    return product(z, v) / outputs(z)


@hessian_product.mistake(f"The two terms are added: the Hessian is diag(o) minus ooᵀ. {CURVATURE}")
def second_sign(z, v):
    return outputs(z) * v - second_term(z, v)


@hessian_product.mistake(
    f"oᵀv is summed over the whole batch; each row has its own: axis=1. {CURVATURE}"
)
def whole_batch(z, v):
    return outputs(z) * (v + np.sum(second_term(z, v)))


@hessian_product.mistake("oᵀv of row i is subtracted in column i: sum with keepdims=True.")
def keepdims(z, v):
    if z is SQUARE:  # elsewhere a sum without keepdims raises
        return outputs(z) * (v + second_term(z, v).sum(axis=1))
    return None


@hessian_product.mistake("Divided by the number of rows; here each row stands for itself.")
def averaged(z, v):
    return product(z, v) / len(z)


@hessian_product.mistake(NO_SHIFT)
def no_max_shift(z, v):
    return product(z, v) + 0 * naive(z).sum(axis=1, keepdims=True)  # nan where exp overflows
