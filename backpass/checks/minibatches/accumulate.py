"""A batch's gradient from parts of unequal size, of which some hold nothing."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.minibatches._inputs import LAST, normal


@dataclass(frozen=True, eq=False)
class Parts:
    """The examples' gradients, a list of (n, d) arrays, of which some may be empty."""

    each: tuple[np.ndarray, ...]

    @cached_property
    def counts(self) -> np.ndarray:
        """How many examples each holds, (parts,)."""
        return np.array([len(part) for part in self.each])

    @cached_property
    def means(self) -> np.ndarray:
        """The mean of each, (parts, d), NaN for none."""
        nothing = np.full(self.each[0].shape[1], np.nan)
        return np.array([part.mean(axis=0) if len(part) else nothing for part in self.each])

    @property
    def right(self) -> np.ndarray:
        """The mean over all examples, (d,)."""
        return np.concatenate(self.each).mean(axis=0)

    def weighed(self, weights: np.ndarray) -> np.ndarray:
        """The parts' means, times these weights, added up; what is empty adds nothing."""
        return np.nan_to_num(self.means).T @ weights


def parts(seed: int, d: int, *counts: int) -> Parts:
    """Parts with these counts, whose means lie apart."""
    each = normal(seed, *((n, d) for n in counts))
    return Parts(tuple(part + i for i, part in enumerate(each)))


#: As many parts as weights, where an axis may be mistaken; and others.
FULL = [parts(1, 3, 4, 4, 2), parts(2, 4, 7, 1, 3), parts(3, 2, 3, 5, 8, 1)]
GAPS = [parts(4, 3, 4, 0, 3, 2), parts(5, 2, 0, 3, 6, 0, 2)]

#: Slips in the weights that both parts of the exercise show, and that are paid for once.
IN_BOTH = {"last-part", "most-counted", "over-parts", "upside-down"}


@exercise("Add up, then divide", section=LAST, points=3, kind="implement")
def accumulate(attempt):
    for label, cases, weight in [
        ("parts of unequal size", FULL, 2),
        ("parts with nothing in them", GAPS, 1),
    ]:
        after = IN_BOTH.intersection(attempt.mistakes)
        with attempt.part(label, weight=weight) as part:
            for case in part.each(cases, "counts {0.counts}"):
                value = part.call(case.means, case.counts)
                part.expect(value, case.right, of=[case, value], after=after, rtol=1e-10)


@accumulate.mistake(
    "The parts' means are averaged, so each part counts the same, and an example of a small part"
    " more than one of a large part.",
    "Weigh each part by its count: multiply its mean by the count, add up, divide by all.",
)
def mean_of_means(case, given):
    full = case.counts > 0
    ways = [full / full.sum(), np.full(len(full), 1 / len(full))]
    return closest(given, *map(case.weighed, ways)) if len(set(case.counts)) > 1 else None


@accumulate.mistake(
    "The parts' means are added up, as if each were a sum. They are averages already.",
    "Multiply each by its count first, and divide the sum by all of them.",
)
def means_added(case, given):
    return case.weighed(np.ones(len(case.counts)))


@accumulate.mistake(
    "This is the sum over all examples.",
    "Divide it by their number, counts.sum().",
)
def not_divided(case, given):
    return case.weighed(case.counts)


@accumulate.mistake(
    "It is divided twice: by the counts in the means, or by the number of parts, and once more.",
    "Multiply each mean by its count, add up, and divide by counts.sum() only.",
)
def divided_twice(case, given):
    total = case.counts.sum()
    shares = case.counts / total
    ones = np.ones(len(shares))
    full = max((case.counts > 0).sum(), 1)
    ways = shares / total, shares / len(shares), shares / full, ones / total
    return closest(given, *map(case.weighed, ways))


@accumulate.mistake(
    "The sum over all examples is divided by the number of parts.",
    "Divide by the number of examples.",
)
def over_parts(case, given):
    full = max((case.counts > 0).sum(), 1)
    return closest(given, *(case.weighed(case.counts / n) for n in (len(case.counts), full)))


@accumulate.mistake(
    "A part that holds more counts less here.",
    "Multiply by the counts, do not divide by them.",
)
def upside_down(case, given):
    inverse = np.divide(1.0, case.counts, where=case.counts > 0, out=np.zeros(len(case.counts)))
    return closest(given, case.weighed(inverse), case.weighed(inverse / inverse.sum()))


@accumulate.mistake(
    "One part's mean is returned. Does a loop overwrite what it should add to?",
    "total = total + count * mean in the loop.",
)
def last_part(case, given):
    return closest(given, *(mean for mean in case.means if np.isfinite(mean).all()))


@accumulate.mistake(
    "The counts are divided by the largest of them, as if all other parts were full too.",
    "Divide by counts.sum().",
)
def most_counted(case, given):
    most = case.counts.max()
    ways = case.counts / most, case.counts / (most * len(case.counts))
    return closest(given, *map(case.weighed, ways))


@accumulate.mistake(
    "A part without examples has no mean: its row is NaN, and 0 times NaN is NaN.",
    "Leave out the rows whose count is 0: means[counts > 0].",
)
def empty_left(case, given):
    return np.full(case.means.shape[1], np.nan) if (case.counts == 0).any() else None
