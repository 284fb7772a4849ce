"""The gradient of the cross-entropy at the label logits u, where t = softmax(u), by SymPy."""

import numpy as np
import scipy.special as library

from backpass.checks import exercise
from backpass.checks.softmax_cross_entropy._inputs import LABELS, POINTS, named, own_slope
from backpass.gradcheck import slope


def softmax(u: np.ndarray) -> np.ndarray:
    """Of a vector, (k,)."""
    return library.softmax(u)


def cost(z: np.ndarray) -> np.ndarray:
    """−log o of a vector of logits, (k,)."""
    return -library.log_softmax(z)


def at_label_logits(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The gradient of −Σ t log o along u, (k,)."""
    return slope(lambda u: softmax(u) @ cost(z), u)


def at_logits(u: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The gradient of −Σ t log o along z, (k,)."""
    return slope(lambda z: softmax(u) @ cost(z), z)


@exercise(
    "Into the labels",
    points=3,
    kind="derive",
    axes=[("u1", "u2", "u3")],
    mistakes={
        "sign": f"All signs are reversed. {LABELS}",
        "zeros": "To SymPy t1, t2, t3 are symbols that know nothing of u1, u2, u3: to let it"
        " differentiate, write the labels with exp of the label logits.",
    },
)
def label_gradient(attempt):
    with attempt.part("its values at three points") as part:
        for u, z in zip(0.7 * POINTS[::-1], POINTS, strict=True):
            at = named(z=z, u=u, o=softmax(z), t=softmax(u))
            part.expect(part.numbers(attempt.value, at), at_label_logits(u, z), of=[u, z])


@label_gradient.mistake(
    "This is −log o, the gradient at the labels t. The chain rule goes on through t = softmax(u)"
    f" to the label logits u. {LABELS}"
)
def chain_stopped(u, z):
    return cost(z)


@label_gradient.mistake(
    "Only ∂t_j/∂u_j is used. Raising u_j lowers the other labels as well, and they have their"
    f" share of the loss. {LABELS}"
)
def diagonal_only(u, z):
    return own_slope(u[None])[0] * cost(z)


@label_gradient.mistake(
    f"This is −t_j log o_j. The second term, from −t_i t_j of the Jacobian, is missing. {LABELS}"
)
def no_second_term(u, z):
    return softmax(u) * cost(z)


@label_gradient.mistake(
    "This is o − t, the gradient at the classifier's logits z. The question is about the labels'"
    f" logits u. {LABELS}"
)
def logits_gradient(u, z):
    return at_logits(u, z)


@label_gradient.mistake(
    "This is t − o: it would be the gradient if the cross-entropy were the same with t and o"
    f" exchanged, which it is not. {LABELS}"
)
def swapped(u, z):
    return -at_logits(u, z)


@label_gradient.mistake(
    "−log o goes back through the Jacobian of o; the labels are softmax of u, so it is the"
    f" Jacobian of t. {LABELS}"
)
def wrong_jacobian(u, z):
    return slope(lambda x: softmax(x) @ cost(z), z)


@label_gradient.mistake(
    f"The term with E has the wrong sign: ∂t_i/∂u_j = t_i(δ_ij − t_j). {LABELS}"
)
def second_sign(u, z):
    return 2 * softmax(u) * cost(z) - at_label_logits(u, z)
