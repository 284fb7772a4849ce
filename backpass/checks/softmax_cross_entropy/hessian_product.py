"""The Hessian of the loss at each row of logits times the same row of v, both (n, k)."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest, with_multiple
from backpass.checks.softmax_cross_entropy._inputs import (
    AXIS,
    CONSTANT,
    GLOBAL_MAX,
    LARGE,
    NEAR,
    NO_SHIFT,
    ONE_ROW,
    WHOLE_BATCH,
    Z,
    down_columns,
    guarded,
    guards,
    in_telling_order,
    naive,
    one_row,
    outputs,
    own_slope,
    shifted_once,
)

CURVATURE = "Section: “Curvature: convex, with one flat direction”."

#: So many classes that a matrix of them shows in the memory.
WIDE = 400
V = np.array([[1.0, -0.5, 0.3], [0.2, 0.7, -1.5], [0, 1, 0], [1, 1, 1]])


def product(z: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The slope of the gradient o − t along ``v``, in each row, (n, k)."""
    return outputs(z + 1e-30j * v).imag / 1e-30


def dots(o: np.ndarray, v: np.ndarray) -> np.ndarray:
    """oᵀv of each row, as a column, (n, 1)."""
    return np.einsum("nk,nk->n", o, v)[:, None]


def second_term(z: np.ndarray, v: np.ndarray) -> np.ndarray:
    """−o (oᵀv) of each row, (n, k): the product without its first term, o·v."""
    return product(z, v) - outputs(z) * v


def product_of(o: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The product if the outputs had come out as ``o``, (n, k)."""
    return o * v - o * dots(o, v)


@exercise(
    "Curvature without the matrix",
    points=3,
    kind="implement",
    mistakes={
        "sign": "The sign is reversed: the Hessian is positive semidefinite, so vᵀHv is never"
        f" negative. {CURVATURE}",
        "matrix": "The numbers are right, but a k × k matrix is built on the way. For 50,000"
        " classes it would not fit: o·v and oᵀv are all that is needed.",
        "approximate": "If these are differences of gradients: the product has a short form that"
        " is exact.",
    },
)
def hessian_product(attempt):
    with attempt.part("ordinary logits", 2) as part:
        for z, v in in_telling_order(part, [Z, V]):
            expect(part, z, v)
        wide = np.linspace(-1, 1, WIDE)[None]
        if part.watch(wide, wide).bytes > wide.itemsize * WIDE**2:
            part.blame("matrix")
    with attempt.part("logits of very different size", 1) as part:
        expect(part, LARGE, V)


def expect(part, z: np.ndarray, v: np.ndarray) -> None:
    """End the part unless the answer is the product at ``z``."""
    given = part.call(z, v)
    part.expect(given, product(z, v), of=[z, v, given], **NEAR)


@hessian_product.mistake(
    "Only the diagonal of the Hessian, o(1 − o), is used. The off-diagonal entries are −o_i o_j."
    f" {CURVATURE}"
)
def diagonal_only(z, v, _):
    return own_slope(z) * v


@hessian_product.mistake(
    f"This is o·v alone: −o (oᵀv), from the ooᵀ of the Hessian, is missing. {CURVATURE}"
)
def no_second_term(z, v, _):
    return outputs(z) * v


@hessian_product.mistake(
    f"This is −o (oᵀv) alone: the diag(o) of the Hessian is missing. {CURVATURE}"
)
def no_first_term(z, v, _):
    return second_term(z, v)


@hessian_product.mistake(
    f"This is v − oᵀv. Each entry is still to be multiplied by its own o. {CURVATURE}"
)
def unscaled(z, v, _):
    return v - dots(outputs(z), v)


@hessian_product.mistake(
    f"This is o·v − oᵀv. The second term is to be multiplied by o too, −o (oᵀv). {CURVATURE}"
)
def second_unscaled(z, v, _):
    return outputs(z) * v - dots(outputs(z), v)


@hessian_product.mistake(
    f"The second term has o twice: it is −o (oᵀv), and one of its two o is in oᵀv. {CURVATURE}"
)
def squared(z, v, _):
    o = outputs(z)
    return o * v - o**2 * dots(o, v)


@hessian_product.mistake(f"The two terms are added: the Hessian is diag(o) minus ooᵀ. {CURVATURE}")
def second_sign(z, v, _):
    return outputs(z) * v - second_term(z, v)


@hessian_product.mistake(
    f"The sum, or the mean, of v is subtracted. It is the mean that o weighs, oᵀv. {CURVATURE}"
)
def not_weighed(z, v, given):
    o = outputs(z)
    sums = v.sum(axis=1, keepdims=True)
    return closest(given, o * (v - sums), o * (v - sums / v.shape[1]))


@hessian_product.mistake(
    f"oᵀv is summed over the whole batch; each row has its own: axis=1. {CURVATURE}"
)
def whole_batch(z, v, _):
    return outputs(z) * (v + np.sum(second_term(z, v)))


@hessian_product.mistake("oᵀv is summed over the examples: sum over the classes, axis=1.")
def other_axis(z, v, _):
    o = outputs(z)
    return o * (v - np.sum(o * v, axis=0))


@hessian_product.mistake("oᵀv of row i is subtracted in column i: sum with keepdims=True.")
def keepdims(z, v, _):
    if len(z) != z.shape[1]:  # a sum without keepdims raises
        return None
    return outputs(z) * (v + second_term(z, v).sum(axis=1))


@hessian_product.mistake(
    "The rows are mixed: a matrix product of the whole batches, as o @ (o.T @ v), multiplies every"
    f" row with every other. Each row has its own oᵀv, np.sum(o * v, axis=1). {CURVATURE}"
)
def mixed_rows(z, v, given):
    o = outputs(z)
    return o * v - o @ (o.T @ v)


@hessian_product.mistake(
    f"This is vᵀHv, the curvature along v, one number for each row. Hv has one for each logit."
    f" {CURVATURE}"
)
def quadratic(z, v, given):
    values = np.sum(v * product(z, v), axis=1)
    return closest(given, values, values.sum())


@hessian_product.mistake(ONE_ROW)
def last_row(z, v, given):
    return one_row(given, product(z, v))


@hessian_product.mistake("Divided by the number of rows; here each row stands for itself.")
def averaged(z, v, _):
    return product(z, v) / len(z)


@hessian_product.mistake("Divided by the number of classes, or of entries; there is no mean here.")
def divided(z, v, given):
    return closest(given, product(z, v) / z.shape[1], product(z, v) / z.size)


@hessian_product.mistake("Twice what it should be: the loss has no square, and no 2 comes down.")
def twice(z, v, _):
    return 2 * product(z, v)


@hessian_product.mistake(AXIS)
def axis(z, v, _):
    return product_of(down_columns(z), v)


@hessian_product.mistake(WHOLE_BATCH)
def softmax_of_batch(z, v, _):
    powers = np.exp(z - z.max())
    return product_of(powers / powers.sum(), v)


@hessian_product.mistake(NO_SHIFT)
def no_max_shift(z, v, _):
    return product(z, v) + 0 * naive(z).sum(axis=1, keepdims=True)  # nan where exp overflows


@hessian_product.mistake(GLOBAL_MAX)
def global_max(z, v, _):
    return product(z, v) + 0 * shifted_once(z).sum(axis=1, keepdims=True)  # nan at 0/0


@hessian_product.mistake(CONSTANT)
def epsilon(z, v, given):
    values = [product_of(o, v) for o in guarded(z)]
    for along in guards(z):
        moved = product_of(outputs(z) + 1e-30j * along, v).imag / 1e-30
        near = with_multiple(given, product(z, v), moved)
        values += [] if near is None else [near]
    return closest(given, *values)
