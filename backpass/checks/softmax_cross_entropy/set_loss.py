"""The loss of each row when any class of a set will do, (n,), and its gradient, (n, k)."""

from collections.abc import Iterator

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.remembered import by_value
from backpass.checks.softmax_cross_entropy import _library as library
from backpass.checks.softmax_cross_entropy._inputs import (
    LARGEST_CAP,
    NEAR,
    STABLE,
    TOGETHER,
    Z,
    hardmax,
    near,
    one_row,
    outputs,
)
from backpass.gradcheck import slope

SUMS = "Section: “When the targets do not sum to one”."

#: The classes that will do; in one row all of them.
SOME = np.array([[1, 0, 1], [0, 1, 1], [1, 1, 1], [0, 1, 0]], dtype=bool)
#: Logits that overflow, and sets whose outputs underflow.
LARGE = np.array([[2200.0, 100.0, 0.0], [-900.0, -902.0, -901.0], [0.0, -1300.0, -1301.0]])
FAR_OFF = np.array([[0, 1, 1], [1, 1, 0], [0, 1, 1]], dtype=bool)


def within(z: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """The logits, −∞ outside the set, (n, k)."""
    return np.where(allowed, z, -np.inf)


def losses(z: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Minus the log of what the set has together, (n,)."""
    inside = [library.logsumexp(row[one]) for row, one in zip(z, allowed, strict=True)]
    return library.logsumexp(z, axis=1) - np.array(inside)


@by_value
def gradients(z: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """The gradient of each row's loss, (n, k)."""
    return slope(lambda z: np.sum(losses(z, allowed)), z)


def right(z: np.ndarray, allowed: np.ndarray) -> dict[str, np.ndarray]:
    """Both results, by name."""
    return {"losses": losses(z, allowed), "gradient": gradients(z, allowed)}


@exercise(
    "Any of these classes will do",
    points=5,
    kind="implement",
    exact=True,
    mistakes={
        "sign": (
            "The sign is reversed. A probability is at most 1: what has the log of it, with a"
            " minus, is never negative.",
            "The loss is −log; its gradient is positive where an output should fall.",
        ),
    },
)
def set_loss(attempt):
    for label, weight, z, allowed, name in [
        ("the losses", 1, Z, SOME, "losses"),
        ("the losses, of large logits", 1, LARGE, FAR_OFF, "losses"),
        ("the gradient", 2, Z, SOME, "gradient"),
        ("the gradient, of large logits", 1, LARGE, FAR_OFF, "gradient"),
    ]:
        with attempt.part(label, weight) as part:

            def of(name, given, z=z, allowed=allowed):
                return [z, allowed, name, given]

            if z is LARGE and name == "losses":
                wanted = {"outputs": ("losses", "gradient"), "asked": ("losses",)}
                (found, _), (small, _) = (
                    part.call(z, allowed, **wanted),
                    part.call(Z, SOME, **wanted),
                )
                capped = isinstance(found, np.ndarray) and found.shape == (len(z),)
                capped = capped and near(small, losses(Z, SOME), 1e-2)  # else it is another slip
                if capped and np.all(np.isfinite(found)) and 0 < found.max() < LARGEST_CAP:
                    where = f"No loss is above {found.max():.4g}; right is up to {2100:g}."
                    part.blame("epsilon", where)
            # A row is told once, and so is a mean, of the losses or of both.
            after = {"averaged"}.intersection(attempt.mistakes) if name == "gradient" else ()
            options = {"rows": z is LARGE, "after": after, "reduction": None, **NEAR}
            part.outputs([z, allowed], right(z, allowed), name, of=of, **options)


# Each mistake gives the result of the name asked for, at logits and sets.


@set_loss.mistake(
    "The losses of the classes are added up, as if all of them had to be right. Any one will do:"
    " their probabilities add up.",
    "Add up o over the set first, then take −log, once.",
)
def each_of_them(z, allowed, name, given):
    if name == "losses":
        return -np.sum(library.log_softmax(z, axis=1) * allowed, axis=1)
    return allowed.sum(axis=1, keepdims=True) * outputs(z) - allowed


@set_loss.mistake(
    "The classes of the set share a target evenly, as smoothed labels do. That asks for equal"
    " outputs within the set; here it does not matter who has how much.",
    "Add up o over the set first, then take −log: within the set, the pull goes by what each has.",
)
def even_shares(z, allowed, name, given):
    t = allowed / allowed.sum(axis=1, keepdims=True)
    return (
        -np.sum(library.log_softmax(z, axis=1) * t, axis=1)
        if name == "losses"
        else (outputs(z) - t)
    )


@set_loss.mistake(
    "Only the likeliest class of the set is in it. The others count as well: what they have"
    " together.",
    "Add up o over all classes of the set, then take −log.",
)
def best_only(z, allowed, name, given):
    t = hardmax(within(z, allowed))
    return (
        -np.sum(library.log_softmax(z, axis=1) * t, axis=1)
        if name == "losses"
        else (outputs(z) - t)
    )


@set_loss.mistake(
    f"The gradient of an ordinary loss, with the set as targets: they do not sum to 1. {SUMS}",
    "E is a difference of two log-sum-exps, over all classes and over the set. The gradient of each"
    " is a softmax: over all, and over the set.",
)
def set_as_targets(z, allowed, name, given):
    return outputs(z) - allowed if name == "gradient" else None


@set_loss.mistake(
    f"Only one of the two softmaxes is there. {TOGETHER}",
    "Outputs over all classes, minus outputs over the set alone.",
)
def one_of_two(z, allowed, name, given):
    if name == "losses":
        inside = [library.logsumexp(row[one]) for row, one in zip(z, allowed, strict=True)]
        return closest(given, library.logsumexp(z, axis=1), inside, np.negative(inside))
    q = outputs(within(z, allowed))
    return closest(given, outputs(z), q, -q)


@set_loss.mistake(
    "Outside the set there is no gradient here. These outputs should fall, and their logits get"
    f" something back. {TOGETHER}",
    "Leave the outputs of all classes in; only the part that is subtracted is 0 outside the set.",
)
def inside_only(z, allowed, name, given):
    return gradients(z, allowed) * allowed if name == "gradient" else None


@set_loss.mistake(
    "The set is read the other way round: what is False here counts.",
    "True marks the classes that will do.",
)
@np.errstate(all="ignore")
def other_set(z, allowed, name, given):
    o, other = outputs(z), np.where(allowed, 0, outputs(z))
    if name == "losses":
        return -np.log(other.sum(axis=1))
    return o - other / other.sum(axis=1, keepdims=True)


@set_loss.mistake(
    f"exp overflows: the largest logit is not taken out of the sum first. {STABLE}",
    "lse(z) = m + log Σ exp(z − m), with the largest logit m of the row; for the set with that of"
    " the set.",
)
@np.errstate(all="ignore")
def no_max_shift(z, allowed, name, given):
    powers = np.exp(z)
    total, inside = powers.sum(axis=1, keepdims=True), (powers * allowed).sum(axis=1, keepdims=True)
    if name == "gradient":
        return powers / total - powers * allowed / inside
    total, inside = total[:, 0], inside[:, 0]
    return closest(given, np.log(total) - np.log(inside), -np.log(inside / total))


@set_loss.mistake(
    "What the set has together underflows to 0, and log 0 is −∞ (and 0/0 is nan). The loss itself"
    f" is an ordinary number. {STABLE}",
    "Form no o: the loss is lse over all minus lse over the set, each with its own largest logit"
    " taken out; the second softmax is that of np.where(S, Z, -np.inf).",
)
@np.errstate(all="ignore")
def log_of_zero(z, allowed, name, given):
    o = outputs(z)
    inside = np.sum(o * allowed, axis=1, keepdims=True)
    if np.all(inside > 0):
        return None
    values = -np.log(inside)[:, 0] if name == "losses" else o - o * allowed / inside
    return closest(given, values, np.nan_to_num(values))


def in_steps(z: np.ndarray, allowed: np.ndarray) -> Iterator[np.ndarray]:
    """The losses with a constant inside the logarithm, (n,) each."""
    inside = np.sum(outputs(z) * allowed, axis=1)
    for constant in (*np.logspace(-16, -3, 14), 1e-300):
        yield -np.log(inside + constant)


@set_loss.mistake(
    "A small constant is added inside the logarithm, or to a sum, or o is clipped: no loss can then"
    f" exceed −log of it, and small ones are a little wrong. {STABLE}",
    "Leave it out: the loss is lse over all minus lse over the set, and neither needs help.",
)
def epsilon(z, allowed, name, given):
    if name == "losses":
        return closest(given, *in_steps(z, allowed))
    o = outputs(z)
    q = o * allowed
    sums = q.sum(axis=1, keepdims=True)
    return closest(given, *(o - q / (sums + c) for c in (*np.logspace(-16, -3, 14), 1e-300)))


@set_loss.mistake(
    f"One largest logit is taken out of the whole batch. {STABLE}",
    "Each row needs its own, and the set of each row, too.",
)
@np.errstate(all="ignore")
def global_max(z, allowed, name, given):
    low, inside = np.exp(z - z.max()), np.exp(within(z, allowed) - z[allowed].max())
    total, own = low.sum(axis=1, keepdims=True), inside.sum(axis=1, keepdims=True)
    if name == "gradient":
        return low / total - inside / own
    shift = z.max() - z[allowed].max()
    return (np.log(total) - np.log(own))[:, 0] + shift


@set_loss.mistake(
    f"In one of the two log-sum-exps the largest logit is not added back. {STABLE}",
    "lse(z) = m + log Σ exp(z − m): each of the two has its own m outside.",
)
def shift_once(z, allowed, name, given):
    if name == "gradient":
        return None
    found, top, inside = losses(z, allowed), z.max(axis=1), within(z, allowed).max(axis=1)
    return closest(given, found - top, found + inside, found - top + inside)


@set_loss.mistake(
    f"The largest logits stand for the log-sum-exps; what the others add is missing. {STABLE}",
    "Add log Σ exp(z − m) to each of them.",
)
def max_for_lse(z, allowed, name, given):
    if name == "gradient":
        return hardmax(z) - hardmax(within(z, allowed)) * 1.0
    return z.max(axis=1) - within(z, allowed).max(axis=1)


@set_loss.mistake(
    "This is the mean over the rows. Here each row stands for itself.",
    "Return one loss, and one row of the gradient, for each example, and divide by nothing.",
)
def averaged(z, allowed, name, given):
    found = right(z, allowed)[name]
    if name == "losses":
        return closest(given, found.mean(), found.sum())
    return closest(given, found / len(z), found.sum(axis=0), found.mean(axis=0))


@set_loss.mistake(
    "The sum within the logarithm is a mean over the set, or over the classes.",
    "The probabilities of the set add up: use sum.",
)
def mean_of_the_set(z, allowed, name, given):
    if name == "gradient":
        return None
    found = losses(z, allowed)
    return closest(given, found + np.log(allowed.sum(axis=1)), found + np.log(z.shape[1]))


@set_loss.mistake(
    "This is one row of the batch: each row has its own result.",
    "Work on the whole array with axis=1, or collect what a loop finds.",
)
def last_row(z, allowed, name, given):
    return one_row(given, right(z, allowed)[name])


@set_loss.mistake(
    "The sums run down the columns, over the examples.",
    "Sum over the classes: axis=1.",
)
@np.errstate(all="ignore")
def axis(z, allowed, name, given):
    q = library.softmax(z, axis=0)
    inside = [(q * allowed).sum(axis=axis, keepdims=True) for axis in (0, 1)]
    if name == "losses":
        return closest(given, *(-np.log(one).ravel() for one in inside))
    return closest(given, *(q - q * allowed / one for one in inside))
