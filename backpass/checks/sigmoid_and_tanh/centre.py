"""Centring the training set, and the test set by the same amount, where values are missing."""

from dataclasses import dataclass

import numpy as np

from backpass.checks import exercise
from backpass.checks.closest import closest
from backpass.checks.sigmoid_and_tanh._inputs import (
    GRAND_MEAN,
    REMEDIES,
    ROW_MEANS,
    SCALED,
    WRONG_AXIS,
    uniform,
)

SIZES = [(4, 4, 4), (6, 1, 3), (5, 6, 2)]  # n training examples, k test examples, d inputs


@dataclass(frozen=True, eq=False)
class Data:
    """A training set and a test set, NaN where a value is missing, and which of the two is wanted
    centred.
    """

    train: np.ndarray  # (n, d)
    test: np.ndarray  # (k, d)
    wanted: str  # "train" or "test"

    @property
    def x(self) -> np.ndarray:
        """The set that is wanted, as it was, (n, d) or (k, d)."""
        return self.train if self.wanted == "train" else self.test

    @property
    def mean(self) -> np.ndarray:
        """Of each input over the training set, (d,)."""
        return np.nanmean(self.train, axis=0)

    def shifted(self, by: np.ndarray | float, x: np.ndarray | None = None) -> np.ndarray:
        """What is wanted if ``by`` is subtracted and a missing value becomes 0, or of another x."""
        return self.filled((self.x if x is None else x) - by)

    def filled(self, values: np.ndarray, by: np.ndarray | float = 0) -> np.ndarray:
        """The values, of the shape of x, with ``by`` in the place of those that are missing."""
        return np.where(np.isnan(self.x), by, values)


def with_gaps(seed: int, n: int, k: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """A training set (n, d) and a test set (k, d), with values missing in each."""
    train, test = uniform(seed, (n, d), (k, d))
    train, test = train + np.linspace(1, 3, d), test + np.linspace(2, 1, d)
    train[0, -1] = train[-1, 0] = train[1, 0] = test[0, 0] = np.nan
    return train, test


#: Slips in the means and gaps of both sets, which are paid for once. Gaps that are left, as in the
#: chapter, and means that the test set has a part in are none of them.
IN_BOTH = {"gaps-as-zeros", "gaps-at-the-mean", "grand-mean", "median", "scaled", "whole-rows"}


@exercise("Centre, then test", section=REMEDIES, points=3, kind="implement")
def centre(attempt):
    for wanted, weight in [("train", 1), ("test", 2)]:
        label = {"train": "the training set", "test": "the test set"}[wanted]
        after = IN_BOTH.intersection(attempt.mistakes)
        with attempt.part(label, weight=weight) as part:
            for n, k, d in SIZES:
                train, test = with_gaps(15, n, k, d)
                sets = {name: Data(train, test, name) for name in ("train", "test")}
                right = {name: data.shifted(data.mean) for name, data in sets.items()}

                def of(name, given, sets=sets):
                    return [sets[name], given]

                part.outputs([train, test], right, wanted, of=of, after=after, rtol=1e-9)


@centre.mistake(
    "A value that is missing is missing still, as it is in the chapter's way to centre, or a mean"
    " over it is missing, and with it all that it was taken from.",
    "np.nanmean is the mean of those that are there. Then put 0 where np.isnan says so.",
)
def gaps_left(data, given):
    with np.errstate(all="ignore"):
        values = [data.x - data.mean, data.x - data.train.mean(axis=0)]
    return closest(given, *values, data.filled(values[1]), np.nan_to_num(values[1]))


@centre.mistake(
    "What is missing is counted as a 0 in the mean.",
    "Take the sum of those that are there, and divide by how many they are: np.nanmean.",
)
def gaps_as_zeros(data, given):
    zeros = np.nan_to_num(data.train)
    mean = zeros.mean(axis=0)
    return closest(given, data.shifted(mean), np.nan_to_num(data.x) - mean)


@centre.mistake(
    "In place of a missing value stands another number than 0. What is the middle of an input when"
    " it is centred?",
    "Centre first, then put 0, which is the mean there.",
)
def gaps_at_the_mean(data, given):
    x, mean = data.x - data.mean, data.mean
    return closest(given, data.filled(x, by=mean), data.filled(x, by=-mean))


@centre.mistake(
    "An example in which one value is missing has no part in the means, and its others are there.",
    "Take the mean of each input by itself: np.nanmean(axis=0).",
)
def whole_rows(data, given):
    return data.shifted(data.train[~np.isnan(data.train).any(axis=1)].mean(axis=0))


@centre.mistake(*WRONG_AXIS)
def wrong_axis(data, given):
    return data.shifted(np.nanmean(data.x, axis=1, keepdims=True))


@centre.mistake(*ROW_MEANS)
def row_means(data, given):
    n, d = data.train.shape
    return data.shifted(np.nanmean(data.train, axis=1)) if n == d else None


@centre.mistake(*GRAND_MEAN)
def grand_mean(data, given):
    return closest(given, *(data.shifted(np.nanmean(x)) for x in (data.train, data.x)))


@centre.mistake(*SCALED)
def scaled(data, given):
    spreads = [np.nanstd(data.train, axis=0, ddof=n) for n in (0, 1)]
    spreads.append(np.nanstd(data.train))
    c = data.shifted(data.mean)
    values = [c / s for s in spreads] + [c / (spreads[0] + e) for e in (1e-8, 1e-7, 1e-5)]
    if data.wanted == "test" and len(data.x) > 1:
        values.append(data.shifted(own(data)) / np.nanstd(data.x, axis=0))
    return closest(given, *values)


def own(data: Data) -> np.ndarray:
    """The mean of each input over the test set, 0 where no value is there, (d,)."""
    seen = ~np.isnan(data.test)
    return np.where(seen, data.test, 0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)


@centre.mistake(
    "The test set is as it was. What does the net expect that was trained on the other?",
    "Inputs shifted by the same amount: subtract the training set's mean.",
)
def test_forgotten(data, given):
    return closest(given, data.test, data.shifted(0)) if data.wanted == "test" else None


@centre.mistake(
    "The training set is as it was.",
    "Subtract the mean of each of its inputs.",
)
def train_forgotten(data, given):
    return closest(given, data.train, data.shifted(0)) if data.wanted == "train" else None


@centre.mistake(
    "The test set is centred with its own mean. What becomes of a single new example?",
    "It would always be 0, and each answer would depend on its neighbours: use the training"
    " set's mean.",
)
def own_mean(data, given):
    return data.shifted(own(data)) if data.wanted == "test" else None


@centre.mistake(
    "The mean is taken over training and test set together.",
    "The test set must have no part in training: take the training set's mean.",
)
def pooled_mean(data, given):
    means = [np.nanmean(np.vstack([data.train, data.test]), axis=0), (data.mean + own(data)) / 2]
    return closest(given, *(data.shifted(mean) for mean in means))


@centre.mistake(
    "The inputs have moved the wrong way.",
    "The mean is taken away: subtract.",
)
def added(data, given):
    return data.shifted(-data.mean)


@centre.mistake(
    "This takes another middle away than the mean.",
    "np.nanmean instead of the median.",
)
def median(data, given):
    return data.shifted(np.nanmedian(data.train, axis=0))


@centre.mistake(
    "The training set has lost the test set's mean.",
    "Subtract its own.",
)
def mean_of_test(data, given):
    return data.shifted(own(data)) if data.wanted == "train" else None


@centre.mistake(
    "Another number stands for the mean.",
    "np.nanmean over the examples: not the largest, the smallest, the middle between them or ½.",
)
def not_the_mean(data, given):
    low, high = np.nanmin(data.train, axis=0), np.nanmax(data.train, axis=0)
    return closest(given, *(data.shifted(one) for one in (low, high, (low + high) / 2, 0.5)))


@centre.mistake(
    "The inputs are brought between 0 and 1.",
    "Subtract the mean of each, and leave the scale as it is.",
)
def between_0_and_1(data, given):
    low, high = np.nanmin(data.train, axis=0), np.nanmax(data.train, axis=0)
    return data.filled((data.x - low) / (high - low))


@centre.mistake(
    "The sum is divided by another number than that of the values that are there.",
    "Divide by as many as are there; n − 1 is for a variance.",
)
def bessel(data, given):
    n = np.sum(~np.isnan(data.train), axis=0)
    return data.shifted(data.mean * n / (n - 1))


@centre.mistake(
    "The inputs are divided by their mean.",
    "Subtract it, so that what is left has the mean 0.",
)
def divided(data, given):
    return data.filled(data.x / data.mean)


@centre.mistake(
    "Each example is brought to the length 1 besides.",
    "Only the means are to go.",
)
def rows_scaled(data, given):
    c = data.shifted(data.mean)
    return c / np.linalg.norm(c, axis=1, keepdims=True)


@centre.mistake(
    "This is the mean itself.",
    "Subtract it from each example.",
)
def mean_alone(data, given):
    return data.mean
