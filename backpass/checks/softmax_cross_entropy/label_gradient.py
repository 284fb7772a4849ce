"""The gradient at the label logits u, where t = softmax(u) and variety is rewarded, by SymPy."""

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.softmax_cross_entropy import _library as library
from backpass.checks.softmax_cross_entropy._inputs import LABELS, named, own_slope
from backpass.gradcheck import slope

#: Vectors u and z, and the weight λ of the reward.
POINTS = [
    ((0.6, 1.0, -0.4), (0.2, -0.5, 0.7), 0.8),
    ((-0.8, 0.2, 0.3), (-1.1, 0.3, 0.4), 1.7),
    ((0.1, -0.4, 0.5), (0.9, 1.4, -0.6), 0.3),
]


def softmax(u: np.ndarray) -> np.ndarray:
    """Of a vector, (k,)."""
    return library.softmax(u)


def cost(z: np.ndarray) -> np.ndarray:
    """−log o of a vector of logits, (k,)."""
    return -library.log_softmax(z)


def entropy(u: np.ndarray) -> float:
    """Of the labels."""
    return -softmax(u) @ library.log_softmax(u)


def at_label_logits(u: np.ndarray, z: np.ndarray, lam: float) -> np.ndarray:
    """The gradient of −Σ t log o − λ H(t) along u, (k,)."""
    return slope(lambda u: softmax(u) @ cost(z) - lam * entropy(u), u)


@exercise(
    "Labels that are rewarded for variety",
    points=3,
    kind="derive",
    axes=[("u1", "u2", "u3")],
    mistakes={
        "sign": (
            f"All signs are reversed. {LABELS}",
            "Raising u_j raises t_j, and with it the cost of class j: that term is positive.",
        ),
        "zeros": (
            "To SymPy t1, t2, t3 are symbols that know nothing of u1, u2, u3.",
            "Differentiate on paper, with ∂t_i/∂u_j = t_i(δ_ij − t_j), and write the result in t, o"
            " and lam.",
        ),
    },
)
def label_gradient(attempt):
    with attempt.part("its values at three points") as part:
        for u, z, lam in POINTS:
            u, z = np.array(u), np.array(z)
            at = named(o=softmax(z), t=softmax(u)) | {"lam": lam}
            given = part.numbers(attempt.value, at)
            part.expect(given, at_label_logits(u, z, lam), of=[u, z, lam, given])


def both(u: np.ndarray, z: np.ndarray, lam: float) -> np.ndarray:
    """What class j costs, less what its own term of the entropy is rewarded with, (k,)."""
    return cost(z) + lam * library.log_softmax(u)


@label_gradient.mistake(
    "This is the chapter's t_j (c_j − E), without the reward. The entropy changes with u, too."
    f" {LABELS}",
    "F has two terms. Written as one sum, Σ_i t_i (c_i + λ log t_i), it can be done as the chapter"
    " does E.",
)
def no_reward(u, z, lam, _):
    return at_label_logits(u, z, 0.0)


@label_gradient.mistake(
    "The entropy comes in with the wrong sign: −λ H(t) is + λ Σ t log t.",
    "Change the sign of the terms with lam.",
)
def reward_sign(u, z, lam, _):
    return at_label_logits(u, z, -lam)


@label_gradient.mistake(
    "The weight λ is not there: the entropy counts once.",
    "Multiply all that comes of the entropy by lam.",
)
def weight_forgotten(u, z, lam, _):
    return at_label_logits(u, z, 1.0)


@label_gradient.mistake(
    "The mean that is subtracted is E alone. What is averaged under t is the whole of c_j + λ log"
    f" t_j. {LABELS}",
    "Subtract F, which has the entropy in it: t_j (c_j + λ log t_j − F).",
)
def mean_of_costs(u, z, lam, _):
    t = softmax(u)
    return t * (both(u, z, lam) - t @ cost(z))


@label_gradient.mistake(
    "This is the gradient at the labels t. The chain rule goes on from there to the label logits u."
    f" {LABELS}",
    "Multiply by the Jacobian of t = softmax(u): t_j times (what class j gets, less the mean of it"
    " under t).",
)
def chain_stopped(u, z, lam, given):
    at_labels = both(u, z, lam)
    return closest(given, at_labels, at_labels + lam)


@label_gradient.mistake(
    "Only ∂t_j/∂u_j is used. Raising u_j lowers the other labels as well, and they have their"
    f" share of F. {LABELS}",
    "Sum over all labels: Σ_i (∂F/∂t_i) ∂t_i/∂u_j.",
)
def diagonal_only(u, z, lam, given):
    own = own_slope(u[None])[0]
    return closest(given, own * both(u, z, lam), own * (both(u, z, lam) + lam))


@label_gradient.mistake(
    f"The second term, from −t_i t_j of the Jacobian, is missing. {LABELS}",
    "Subtract t_j times the mean of the whole under t, which is F.",
)
def no_second_term(u, z, lam, given):
    t = softmax(u)
    return closest(given, t * both(u, z, lam), t * (both(u, z, lam) + lam))


@label_gradient.mistake(
    "A term λ t_j is left over: it comes from the slope of log t_i, and cancels when all labels are"
    f" counted. {LABELS}",
    "The slope of Σ t_i log t_i along t_i is log t_i + 1; under the mean that is subtracted the 1"
    " stands, too, and they cancel.",
)
def one_left_over(u, z, lam, _):
    return at_label_logits(u, z, lam) + lam * softmax(u)


@label_gradient.mistake(
    f"This is o − t, the gradient at the classifier's logits z. {LABELS}",
    "Here o is fixed, and t moves with u: differentiate Σ_i t_i (…) along u_j.",
)
def logits_gradient(u, z, lam, _):
    return slope(lambda z: softmax(u) @ cost(z), z)


@label_gradient.mistake(
    f"The mean is added where the Jacobian subtracts it. {LABELS}",
    "∂t_i/∂u_j = t_i(δ_ij − t_j): the second term has a minus.",
)
def second_sign(u, z, lam, _):
    return 2 * softmax(u) * both(u, z, lam) - at_label_logits(u, z, lam)


@label_gradient.mistake(
    f"t_j multiplies the first term only, and the mean is subtracted as a whole. {LABELS}",
    "Put both in parentheses: t_j (… − F).",
)
def parentheses(u, z, lam, _):
    t = softmax(u)
    return t * both(u, z, lam) - t @ both(u, z, lam)


@label_gradient.mistake(
    f"Each entry is still to be multiplied by its own label. {LABELS}", "Multiply entry j by t_j."
)
def labels_forgotten(u, z, lam, _):
    return both(u, z, lam) - softmax(u) @ both(u, z, lam)


@label_gradient.mistake(
    f"o_j stands where t_j multiplies: it is the label that moves with u_j. {LABELS}",
    "Multiply entry j by t_j.",
)
def output_for_label(u, z, lam, _):
    return softmax(z) * (both(u, z, lam) - softmax(u) @ both(u, z, lam))


@label_gradient.mistake(
    f"In the second term the labels do not weigh what is summed. {LABELS}",
    "It is a mean under t: Σ_i t_i (…), not the plain sum.",
)
def not_weighed(u, z, lam, _):
    t, c = softmax(u), both(u, z, lam)
    return t * (c - c.sum())


@label_gradient.mistake(
    "The costs have come back through t = softmax(u), and the reward has not: what stands with λ is"
    f" its slope along the labels. {LABELS}",
    "Multiply by the Jacobian of the softmax there, too: λ t_j (log t_j − Σ_i t_i log t_i).",
)
def reward_at_the_labels(u, z, lam, given):
    slopes = lam * library.log_softmax(u)
    costs = at_label_logits(u, z, 0.0)
    return closest(given, costs + slopes, costs + slopes + lam)
