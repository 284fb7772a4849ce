"""The gradient of the cross-entropy at the label logits u, where t = softmax(u), by SymPy."""

import numpy as np
import scipy.special as library

from backpass.checks import exercise
from backpass.checks.closest import closest
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
            given = part.numbers(attempt.value, at)
            part.expect(given, at_label_logits(u, z), of=[u, z, given])


@label_gradient.mistake(
    "This is −log o, the gradient at the labels t. The chain rule goes on through t = softmax(u)"
    f" to the label logits u. {LABELS}"
)
def chain_stopped(u, z, given):
    return closest(given, cost(z), cost(z) - 1)


@label_gradient.mistake(
    "Only ∂t_j/∂u_j is used. Raising u_j lowers the other labels as well, and they have their"
    f" share of the loss. {LABELS}"
)
def diagonal_only(u, z, given):
    return own_slope(u[None])[0] * cost(z)


@label_gradient.mistake(
    f"This is −t_j log o_j. The second term, from −t_i t_j of the Jacobian, is missing. {LABELS}"
)
def no_second_term(u, z, given):
    return softmax(u) * cost(z)


@label_gradient.mistake(
    "This is o − t, the gradient at the classifier's logits z. The question is about the labels'"
    f" logits u. {LABELS}"
)
def logits_gradient(u, z, given):
    return at_logits(u, z)


@label_gradient.mistake(
    "This is t − o: it would be the gradient if the cross-entropy were the same with t and o"
    f" exchanged, which it is not. {LABELS}"
)
def swapped(u, z, given):
    return -at_logits(u, z)


@label_gradient.mistake(
    "−log o goes back through the Jacobian of o; the labels are softmax of u, so it is the"
    f" Jacobian of t. {LABELS}"
)
def wrong_jacobian(u, z, given):
    return slope(lambda x: softmax(x) @ cost(z), z)


@label_gradient.mistake(
    f"The term with E has the wrong sign: ∂t_i/∂u_j = t_i(δ_ij − t_j). {LABELS}"
)
def second_sign(u, z, given):
    return 2 * softmax(u) * cost(z) - at_label_logits(u, z)


@label_gradient.mistake(
    "t_j stands at −log o_j only, and E is subtracted as a whole. It multiplies both: t_j (−log o_j"
    f" − E). {LABELS}"
)
def parentheses(u, z, given):
    t, c = softmax(u), cost(z)
    return t * c - t @ c


@label_gradient.mistake(
    f"This is −log o_j − E. Each is still to be multiplied by its own label t_j. {LABELS}"
)
def labels_forgotten(u, z, given):
    return cost(z) - softmax(u) @ cost(z)


@label_gradient.mistake(
    f"o_j stands where t_j multiplies: it is the label that moves with u_j. {LABELS}"
)
def output_for_label(u, z, given):
    return softmax(z) * (cost(z) - softmax(u) @ cost(z))


@label_gradient.mistake(
    "In the second term the labels do not weigh the logarithms: it is Σ t_i log o_i, not their sum."
)
def not_weighed(u, z, given):
    t, c = softmax(u), cost(z)
    return t * (c - c.sum())


@label_gradient.mistake(
    "This is ∂t_j/∂u_j = t_j(1 − t_j) alone, without the loss that comes back to the labels,"
    f" −log o. {LABELS}"
)
def loss_forgotten(u, z, given):
    return own_slope(u[None])[0]


@label_gradient.mistake(
    "Besides the cross-entropy this has the entropy of the labels, as in KL(t‖o). E is −Σ t log o"
    f" alone. {LABELS}"
)
def divergence(u, z, given):
    def entropy(u):
        return -softmax(u) @ library.log_softmax(u)

    own = slope(entropy, u)
    return closest(given, at_label_logits(u, z) - own, own, at_label_logits(u, z) + own)


@label_gradient.mistake("A label stands twice in it: t_j multiplies once.")
def label_twice(u, z, given):
    return softmax(u) * at_label_logits(u, z)


@label_gradient.mistake(
    "This is −t/o, what comes back to the outputs. They are held fixed here; what comes back to the"
    f" labels is −log o. {LABELS}"
)
def at_outputs(u, z, given):
    return -softmax(u) / softmax(z)
