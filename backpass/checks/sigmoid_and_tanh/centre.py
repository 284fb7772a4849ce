"""Centring the training set, and the test set by the same amount."""

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

SIZES = [(4, 4, 4), (5, 1, 3), (3, 6, 2)]  # n training examples, k test examples, d inputs


@dataclass(frozen=True, eq=False)
class Data:
    """A training set and a test set, and which of the two is wanted centred."""

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
        return self.train.mean(axis=0)


@exercise("Centre, then test", section=REMEDIES, points=3, kind="implement")
def centre(attempt):
    for wanted, weight in [("train", 1), ("test", 2)]:
        label = {"train": "the training set", "test": "the test set"}[wanted]
        with attempt.part(label, weight=weight) as part:
            for n, k, d in SIZES:
                train, test = uniform(15, (n, d), (k, d))
                train, test = train + np.linspace(1, 3, d), test + np.linspace(2, 1, d)
                sets = {name: Data(train, test, name) for name in ("train", "test")}
                right = {name: data.x - data.mean for name, data in sets.items()}

                def of(name, given, sets=sets):
                    return [sets[name], given]

                part.outputs([train, test], right, wanted, of=of, rtol=1e-9)


@centre.mistake(*WRONG_AXIS)
def wrong_axis(data, given):
    return data.x - data.x.mean(axis=1, keepdims=True)


@centre.mistake(*ROW_MEANS)
def row_means(data, given):
    n, d = data.train.shape
    return data.x - data.train.mean(axis=1) if n == d else None


@centre.mistake(*GRAND_MEAN)
def grand_mean(data, given):
    return closest(given, data.x - data.train.mean(), data.x - data.x.mean())


@centre.mistake(*SCALED)
def scaled(data, given):
    spreads = [data.train.std(axis=0, ddof=n) for n in (0, 1)] + [np.float64(data.train.std())]
    values = [(data.x - data.mean) / s for s in spreads]
    values += [(data.x - data.mean) / (spreads[0] + c) for c in (1e-8, 1e-7, 1e-5)]
    if data.wanted == "test" and len(data.x) > 1:
        values.append((data.x - data.x.mean(axis=0)) / data.x.std(axis=0))
    return closest(given, *values)


@centre.mistake(
    "The test set is as it was. What does the net expect that was trained on the other?",
    "Inputs shifted by the same amount: subtract the training set's mean.",
)
def test_forgotten(data, given):
    return data.test if data.wanted == "test" else None


@centre.mistake(
    "The training set is as it was.",
    "Subtract the mean of each of its inputs.",
)
def train_forgotten(data, given):
    return data.train if data.wanted == "train" else None


@centre.mistake(
    "The test set is centred with its own mean. What becomes of a single new example?",
    "It would always be 0, and each answer would depend on its neighbours: use the training"
    " set's mean.",
)
def own_mean(data, given):
    return data.test - data.test.mean(axis=0) if data.wanted == "test" else None


@centre.mistake(
    "The mean is taken over training and test set together.",
    "The test set must have no part in training: take the training set's mean.",
)
def pooled_mean(data, given):
    means = [np.vstack([data.train, data.test]).mean(axis=0)]
    means.append((data.mean + data.test.mean(axis=0)) / 2)
    return closest(given, *(data.x - mean for mean in means))


@centre.mistake(
    "The inputs have moved the wrong way.",
    "The mean is taken away: subtract.",
)
def added(data, given):
    return data.x + data.mean


@centre.mistake(
    "This takes another middle away than the mean.",
    "np.mean instead of the median.",
)
def median(data, given):
    return data.x - np.median(data.train, axis=0)


@centre.mistake(
    "The training set has lost the test set's mean.",
    "Subtract its own.",
)
def mean_of_test(data, given):
    return data.x - data.test.mean(axis=0) if data.wanted == "train" else None


@centre.mistake(
    "Another number stands for the mean.",
    "np.mean over the examples: not the largest, the smallest, the middle between them, the"
    " first or ½.",
)
def not_the_mean(data, given):
    low, high = data.train.min(axis=0), data.train.max(axis=0)
    centres = [low, high, (low + high) / 2, data.train[0], 0.5]
    return closest(given, *(data.x - one for one in centres))


@centre.mistake(
    "The inputs are brought between 0 and 1.",
    "Subtract the mean of each, and leave the scale as it is.",
)
def between_0_and_1(data, given):
    low, high = data.train.min(axis=0), data.train.max(axis=0)
    return (data.x - low) / (high - low)


@centre.mistake(
    "The sum is divided by another number than that of the examples.",
    "The mean has n; n − 1 is for a variance.",
)
def bessel(data, given):
    n = len(data.train)
    return data.x - data.mean * n / (n - 1)


@centre.mistake(
    "The inputs are divided by their mean.",
    "Subtract it, so that what is left has the mean 0.",
)
def divided(data, given):
    return data.x / data.mean


@centre.mistake(
    "Each example is brought to the length 1 besides.",
    "Only the means are to go.",
)
def rows_scaled(data, given):
    c = data.x - data.mean
    return c / np.linalg.norm(c, axis=1, keepdims=True)


@centre.mistake(
    "This is the mean itself.",
    "Subtract it from each example.",
)
def mean_alone(data, given):
    return data.mean
