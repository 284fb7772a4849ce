"""The gradient at the logits (n, k) of a weighted mean: integer labels, some of them ignored."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.softmax_cross_entropy import _slips
from backpass.checks.softmax_cross_entropy._inputs import (
    BATCH,
    LARGE,
    NEAR,
    SIGN,
    TOGETHER,
    Case,
    Z,
)

SUMS = "Section: “When the targets do not sum to one”."

ORDINARY = np.vstack([Z, [[-0.4, 0.6, 1.4], [0.3, -0.9, 0.2]]])
FAR = np.vstack([LARGE, [[0.4, -1.1, 0.9], [700.0, -3.0, 1.0]]])
CLASSES = np.array([2.0, 0.5, 1.2])
ALL, SOME = np.array([1, 0, 2, 2, 0, 0]), np.array([1, -1, 2, 0, -1, 0])


@dataclass(frozen=True, eq=False)
class Weighted:
    """Logits (n, k), labels (n,) with −1 for what is ignored, and weights of the classes (k,)."""

    z: np.ndarray
    y: np.ndarray
    weights: np.ndarray

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.y)

    @cached_property
    def kept(self) -> np.ndarray:
        """Which rows count, a column of 0 and 1, (n, 1)."""
        return (self.y >= 0)[:, None] * 1.0

    @cached_property
    def own(self) -> np.ndarray:
        """The weight of each row, 0 where it is ignored, as a column, (n, 1)."""
        return self.weights[self.y][:, None] * self.kept

    @cached_property
    def hot(self) -> np.ndarray:
        """1 at the label of each row that counts, (n, k)."""
        return np.eye(self.z.shape[1])[self.y] * self.kept

    @cached_property
    def case(self) -> Case:
        """The same loss as a plain mean over all rows: targets that sum to something else."""
        return Case(self.z, self.n * self.own * self.hot / self.own.sum())


#: Slips in what is divided by, and in the sign, which every batch shows: they are paid for once.
IN_ALL = {"over-classes", "over-count", "sign", "undivided"}


@exercise(
    "Weighted classes, ignored examples",
    points=4,
    kind="implement",
    exact=True,
    mistakes={"sign": SIGN},
)
def logit_gradient(attempt):
    for label, weight, z, y in [
        ("every example counts", 1, ORDINARY, ALL),
        ("some are ignored", 2, ORDINARY, SOME),
        ("logits of very different size", 1, FAR, SOME),
    ]:
        after = IN_ALL.intersection(attempt.mistakes)
        with attempt.part(label, weight) as part:
            batch = Weighted(z, y, CLASSES)
            given = part.call(z, y, CLASSES)
            options = {"of": [batch, given], "after": after, "reduction": None, **NEAR}
            part.expect(given, batch.case.gradient, **options)


# What a learner does with the ignored rows, with the weights, and with the mean, comes first.


@logit_gradient.mistake(
    "The ignored examples are counted as examples of the last class: in NumPy the index −1 is the"
    " last place.",
    "Ask for y >= 0 first, and give the other rows the weight 0.",
)
def last_class(batch, given):
    if np.all(batch.kept):
        return None
    k = batch.z.shape[1]
    return Weighted(batch.z, np.where(batch.y < 0, k - 1, batch.y), batch.weights).case.gradient


@logit_gradient.mistake(
    "An ignored example still pushes its outputs down: only its target has gone. A loss that is"
    f" left out has the gradient 0, in the whole row. {SUMS}",
    "Multiply whole rows, outputs minus targets, by the weight, which is 0 there.",
)
def ignored_push(batch, given):
    if np.all(batch.kept):
        return None
    o, hot, total = batch.case.o, batch.hot, batch.own.sum()
    by_last = np.where(batch.kept, batch.own, batch.weights[-1])
    ones = np.where(batch.kept, batch.own, 1.0)
    totals = (total, total, by_last.sum(), ones.sum())
    parts = zip((by_last, ones, by_last, ones), totals, strict=True)
    return closest(given, *(one * (o - hot) / divisor for one, divisor in parts))


@logit_gradient.mistake(
    "The ignored examples are left out of the gradient, and their weights are still in the sum that"
    " divides it.",
    "Sum the weights of the examples that count: 0 for the others.",
)
def in_the_sum(batch, given):
    gradient, total = batch.case.gradient, batch.own.sum()
    if np.all(batch.kept):
        return None
    return gradient * total / batch.weights[batch.y].sum()


@logit_gradient.mistake(
    "Divided by the number of rows, as in the chapter, or of those that count. Here the mean is"
    f" weighted. {BATCH}",
    "Divide by the sum of the weights of the examples that count, Σ_r w_y.",
)
def over_count(batch, given):
    total = batch.case.gradient * batch.own.sum()
    return closest(given, total / batch.n, total / batch.kept.sum())


@logit_gradient.mistake(
    f"Not divided by anything: this is the gradient of the weighted sum. {BATCH}",
    "Divide by the sum of the weights of the examples that count.",
)
def undivided(batch, _):
    return batch.case.gradient * batch.own.sum()


@logit_gradient.mistake(
    "Divided by the sum of the weights of the classes, once each. The mean is over examples.",
    "Take the weight of each example's own class first, weights[y], and sum these.",
)
def over_classes(batch, _):
    times = batch.own.sum() / batch.weights.sum()
    return None if np.isclose(times, 2) else times * batch.case.gradient  # it is also doubled


@logit_gradient.mistake(
    "The classes' weights are missing: this is the plain mean over the examples that count, as in"
    " the chapter.",
    "Multiply the row of an example by the weight of its class, weights[y], and divide by the sum"
    " of these.",
)
def weights_forgotten(batch, given):
    plain = batch.kept * (batch.case.o - batch.hot)
    return closest(given, plain / batch.kept.sum(), plain / batch.n, plain / batch.own.sum())


@logit_gradient.mistake(
    "The weights multiply the columns, one for each logit. An example's loss is weighted by the"
    " class of its label, all its logits alike.",
    "weights[y] has one number for each row: make it a column, [:, None].",
)
def by_column(batch, given):
    wrong = batch.kept * (batch.case.o - batch.hot) * batch.weights
    totals = (batch.own.sum(), batch.kept.sum(), batch.n)
    return closest(given, *(wrong / total for total in totals))


@logit_gradient.mistake(
    "The weight multiplies the target and not the output. The targets of a row then sum to w_y, and"
    f" not to 1. {SUMS}",
    "The whole row is weighted: w_y times outputs minus targets.",
)
def target_only(batch, given):
    wrong = batch.kept * batch.case.o - batch.own * batch.hot
    return closest(given, *(wrong / total for total in (batch.own.sum(), batch.kept.sum())))


@logit_gradient.mistake(
    "The weights are in it twice.",
    "w_y stands once in the numerator and once in the sum that divides it.",
)
def weights_twice(batch, given):
    return batch.own * batch.case.gradient


@logit_gradient.mistake(
    "This is the loss, or the loss of each row. Its gradient at the logits is asked for."
    f" {TOGETHER}",
    "There is an entry for each logit: w_y times outputs minus targets, divided.",
)
def loss(batch, given):
    pairs = zip(batch.z[:, None], batch.hot[:, None], strict=True)
    rows = np.array([Case(z, t).loss for z, t in pairs])
    own = batch.own[:, 0] * rows
    return closest(given, rows, own, own / batch.own.sum(), own.sum() / batch.own.sum())


@logit_gradient.mistake(
    "Summed over the examples. Each example has logits of its own, and its own gradient there."
    f" {BATCH}",
    "Keep one row for each example.",
)
def over_examples(batch, _):
    return batch.case.gradient.sum(axis=0)


_slips.enter(
    logit_gradient,
    lambda delta, batch: delta,
    lambda batch: batch.case,
    leave=(
        "off_target", "one_hot_assumed", "per_class", "all_entries", "parentheses",
        "smoothed_again", "targets_only", "squared_error", "sigmoid_error",
    ),
)  # fmt: skip
